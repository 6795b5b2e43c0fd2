package fakeserver

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"github.com/imsim/imsim/fakeserver/backend"
	"github.com/imsim/imsim/protocol"
)

const (
	readBuffer = 2 << 10
	// lingerTime and lingerBytes bound the wait for a client to see why it is
	// closed: closing a socket with unread data would throw the reason away.
	lingerTime  = 2 * time.Second
	lingerBytes = 32 << 20
	// compressFrom is the size from which a frame is compressed for a client
	// that asks for it.
	compressFrom = 4 << 10
	// flushEvery bounds how many requests of one read are gathered before the
	// answers leave.
	flushEvery = 64
)

// conn is a client's WebSocket. One goroutine reads it.
type conn struct {
	id       backend.Conn
	host     *host
	ws       *websocket.Conn
	out      *outbox
	in       *bufio.Reader // what ws reads from
	binary   bool
	gzip     bool
	instance string
	delayed  delayLine
	closing  bool // a close frame was queued; the host's lock guards it
}

// hijacked hands our own reader and outbox to the upgrader.
type hijacked struct {
	http.ResponseWriter
	limit int
	out   *outbox
	in    *bufio.Reader
}

func (h *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	netConn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if rw.Reader.Buffered() > 0 {
		_ = netConn.Close()
		return nil, nil, errors.New("client sent data before the handshake was complete")
	}
	h.out = newOutbox(netConn, h.limit)
	h.in = bufio.NewReaderSize(h.out, readBuffer)
	return h.out, bufio.NewReadWriter(h.in, bufio.NewWriterSize(h.out, 0)), nil
}

var upgrader = websocket.Upgrader{
	WriteBufferSize: 256, // only the handshake and control frames take gorilla's way
	WriteBufferPool: &bufferPool{},
	CheckOrigin:     func(*http.Request) bool { return true }, // a page of any origin may test here
}

// read is the connection's life.
func (c *conn) read() {
	defer c.close()
	c.ws.SetReadLimit(c.host.server.opts.MaxFrame)
	var buf bytes.Buffer
	var dirty []*conn
	gathered := 0
	for {
		_, r, err := c.ws.NextReader()
		if err != nil {
			c.explain(err)
			return
		}
		buf.Reset()
		if _, err := buf.ReadFrom(r); err != nil {
			c.explain(err)
			return
		}
		dirty = c.host.receive(c, buf.Bytes(), dirty)
		if buf.Cap() > 64<<10 {
			buf = bytes.Buffer{}
		}
		if gathered++; gathered < flushEvery && frameBuffered(c.in) {
			continue
		}
		gathered = 0
		dirty = flushAll(dirty)
	}
}

// flushAll sends what was gathered for the connections and empties the list.
func flushAll(dirty []*conn) []*conn {
	for i, d := range dirty {
		d.out.flush()
		dirty[i] = nil
	}
	return dirty[:0]
}

// frameBuffered tells whether a whole WebSocket frame was read already, so
// that reading it will not wait.
func frameBuffered(in *bufio.Reader) bool {
	n := in.Buffered()
	if n < 6 {
		return false
	}
	head, _ := in.Peek(min(n, 14))
	const maskAndHead = 2 + 4
	switch length := int(head[1] & 0x7f); {
	case length < 126:
		return n >= maskAndHead+length
	case length == 126:
		return n >= maskAndHead+2 && n >= maskAndHead+2+int(binary.BigEndian.Uint16(head[2:]))
	}
	return false
}

// explain tells a client what was wrong with what it sent; gorilla has queued
// the close frame.
func (c *conn) explain(err error) {
	if errors.Is(err, websocket.ErrReadLimit) {
		c.linger()
	}
}

// linger reads on, without looking, until the client has gone.
func (c *conn) linger() {
	_ = c.out.Conn.SetReadDeadline(time.Now().Add(lingerTime))
	_, _ = io.CopyN(io.Discard, c.in, lingerBytes)
}

func (c *conn) close() {
	c.host.forget(c)
	c.delayed.stop()
	_ = c.out.Close()
}

// queue gathers a frame for the client in its own encoding.
func (c *conn) queue(frame []byte) {
	opcode := byte(websocket.TextMessage)
	if c.binary {
		opcode = websocket.BinaryMessage
	}
	if c.gzip && len(frame) >= compressFrom {
		frame = protocol.Compress(frame)
	}
	var header [10]byte
	c.out.append(frameHeader(header[:0], opcode, len(frame)), frame)
}

// frameHeader appends the head of an unmasked, final frame (RFC 6455 §5.2).
func frameHeader(dst []byte, opcode byte, length int) []byte {
	const final = 0x80
	dst = append(dst, final|opcode)
	switch {
	case length < 126:
		return append(dst, byte(length))
	case length <= 0xffff:
		return binary.BigEndian.AppendUint16(append(dst, 126), uint16(length))
	}
	return binary.BigEndian.AppendUint64(append(dst, 127), uint64(length))
}

// queueClose gathers a close frame; the reader then waits for the client to
// go. The host's lock is held.
func (c *conn) queueClose(code int, reason string) {
	if c.closing {
		return
	}
	c.closing = true
	const most = 123 // a control frame holds 125 bytes, 2 are the code
	if len(reason) > most {
		reason = reason[:most]
	}
	body := websocket.FormatCloseMessage(code, reason)
	var header [10]byte
	c.out.append(frameHeader(header[:0], websocket.CloseMessage, len(body)), body)
	// A reader that is waiting for a frame must not wait for ever.
	_ = c.out.Conn.SetReadDeadline(time.Now().Add(lingerTime))
}
