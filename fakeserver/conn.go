package fakeserver

import (
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

// conn is a client's WebSocket. One goroutine reads it; in memory there is none
// while nothing comes.
type conn struct {
	id       backend.Conn
	host     *host
	net      net.Conn
	in       *frameReader
	out      *outbox
	binary   bool
	gzip     bool
	instance string
	baseURL  string // http://host:port as the client reached the server
	delayed  delayLine
	closing  bool // a close frame was queued; the host's lock guards it
	ended    bool // the trace has its end; the same lock
}

// upgrader shakes hands; the frames are ours.
var upgrader = websocket.Upgrader{
	CheckOrigin: func(*http.Request) bool { return true }, // a page of any origin may test here
}

// read is the connection's life, or the part of it until it waits for more.
func (c *conn) read() {
	if !c.exchange() {
		c.close()
	}
}

// readOn has read called on another goroutine.
func (c *conn) readOn() { c.host.server.readers.run(c.read) }

// exchange reads and carries out until the connection is over; or, and then it
// is true, until there is nothing to read and read is called again for more.
func (c *conn) exchange() (left bool) {
	var dirty []*conn
	for gathered := 1; ; gathered++ {
		if c.in.leave(c.readOn) {
			return true
		}
		opcode, payload, err := c.in.next()
		if err != nil {
			flushAll(dirty)
			c.explain(err)
			return false
		}
		switch opcode {
		case websocket.TextMessage, websocket.BinaryMessage:
			dirty = c.host.receive(c, payload, dirty)
		case websocket.PingMessage:
			var header [10]byte
			c.out.append(frameHeader(header[:0], websocket.PongMessage, len(payload)), payload)
			dirty = append(dirty, c)
		case websocket.CloseMessage:
			flushAll(dirty)
			code, err := closeCode(payload)
			if err != nil {
				c.explain(err)
				return false
			}
			c.host.sayClose(c, code, "")
			return false
		}
		if gathered%flushEvery == 0 || !c.in.buffered() {
			dirty = flushAll(dirty)
		}
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

// explain tells a client what was wrong with what it sent, and gives it the
// time to see it.
func (c *conn) explain(err error) {
	var wrong *protocolError
	if errors.As(err, &wrong) {
		c.host.sayClose(c, wrong.code, wrong.reason)
		c.linger()
	}
}

// linger reads on, without looking, until the client has gone.
func (c *conn) linger() {
	_ = c.net.SetReadDeadline(time.Now().Add(lingerTime))
	_, _ = io.CopyN(io.Discard, c.net, lingerBytes)
}

func (c *conn) close() {
	c.host.server.connections.Add(-1)
	c.in.release()
	c.host.forget(c)
	c.delayed.stop()
	_ = c.out.Close()
	c.host.server.running.Done()
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
	c.delayed.stop() // nothing may follow a close frame
	const most = 123 // a control frame holds 125 bytes, 2 are the code
	if len(reason) > most {
		reason = reason[:most]
	}
	body := websocket.FormatCloseMessage(code, reason)
	var header [10]byte
	c.out.append(frameHeader(header[:0], websocket.CloseMessage, len(body)), body)
	// A reader that is waiting for a frame must not wait for ever.
	_ = c.net.SetReadDeadline(time.Now().Add(lingerTime))
}
