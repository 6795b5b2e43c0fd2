package fakeserver

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// protocolError is what a client did against RFC 6455; it is told so when it
// is closed.
type protocolError struct {
	code   int
	reason string
}

func (e *protocolError) Error() string { return fmt.Sprintf("close %d: %s", e.code, e.reason) }

func violation(reason string) error { return &protocolError{websocket.CloseProtocolError, reason} }

// frameReader reads what a client sends. While it waits with nothing half
// read it holds no buffer, which is most of what an idle connection would
// cost; a large read takes many frames at once.
type frameReader struct {
	conn  net.Conn
	raw   syscall.RawConn    // nil: conn is no socket
	try   func(uintptr) bool // tryRead, bound once
	mem   memoryConn         // nil: conn is not in memory
	limit int64

	buf        *buffer // borrowed
	start, end int     // what is read and not taken yet
	message    []byte  // the parts of a fragmented message so far
	opcode     byte    // of that message; 0: none
	n          int     // result of tryRead
	err        error
}

// memoryConn is a connection in memory; see memnet.Conn.
type memoryConn interface{ WhenReadable(func()) bool }

func newFrameReader(conn net.Conn, limit int64) *frameReader {
	r := &frameReader{conn: conn, limit: limit}
	r.mem, _ = conn.(memoryConn)
	if canReadRaw {
		if sc, ok := conn.(syscall.Conn); ok {
			if raw, err := sc.SyscallConn(); err == nil {
				r.raw, r.try = raw, r.tryRead
			}
		}
	}
	return r
}

// frameHead is the head of a client's frame.
type frameHead struct {
	final  bool
	opcode byte
	size   int   // of the head
	length int64 // of the payload
}

const (
	continuation = 0
	maxControl   = 125
)

func isControl(opcode byte) bool { return opcode >= websocket.CloseMessage }

// head reads the next frame's; ok is false while it is not all there.
func (r *frameReader) head() (h frameHead, ok bool, err error) {
	if r.end-r.start < 2 {
		return h, false, nil
	}
	p := r.buf.b[r.start:r.end]
	h = frameHead{final: p[0]&0x80 != 0, opcode: p[0] & 0xf, size: 2 + 4, length: int64(p[1] & 0x7f)}
	switch {
	case p[0]&0x70 != 0:
		return h, false, violation("reserved bits are set")
	case p[1]&0x80 == 0:
		return h, false, violation("frame is not masked")
	case isControl(h.opcode) && (h.length > maxControl || !h.final):
		return h, false, violation("control frame is too long or fragmented")
	case h.opcode > websocket.PongMessage, h.opcode > websocket.BinaryMessage && !isControl(h.opcode):
		return h, false, violation("unknown opcode")
	case h.opcode == continuation && r.opcode == 0:
		return h, false, violation("continuation of nothing")
	case !isControl(h.opcode) && h.opcode != continuation && r.opcode != 0:
		return h, false, violation("new message within a fragmented one")
	}
	switch h.length {
	case 126:
		if h.size += 2; len(p) < h.size {
			return h, false, nil
		}
		h.length = int64(binary.BigEndian.Uint16(p[2:]))
	case 127:
		if h.size += 8; len(p) < h.size {
			return h, false, nil
		}
		h.length = int64(binary.BigEndian.Uint64(p[2:]))
	}
	if h.length < 0 || !isControl(h.opcode) && h.length > r.limit-int64(len(r.message)) {
		return h, false, &protocolError{websocket.CloseMessageTooBig, fmt.Sprintf("frame is longer than %d bytes", r.limit)}
	}
	return h, len(p) >= h.size, nil
}

// buffered tells whether the next frame was read already, so that next does
// not wait for it. A part of a fragmented message is not enough: the rest may
// be long in coming.
func (r *frameReader) buffered() bool {
	h, ok, err := r.head()
	return err != nil || ok && h.final && int64(r.end-r.start-h.size) >= h.length
}

// leave has more called when there is something to read: who waits this way
// costs no goroutine. It is false, and more is not called, where next is to be
// called now: something is there, or the connection cannot tell. See
// memnet.Conn for what more may do.
func (r *frameReader) leave(more func()) bool {
	if r.mem == nil || r.start < r.end {
		return false
	}
	r.release()
	return r.mem.WhenReadable(more)
}

// next waits for a message or a control frame. The payload is valid until the
// next call.
func (r *frameReader) next() (opcode byte, payload []byte, err error) {
	for {
		h, ok, err := r.head()
		if err != nil {
			return 0, nil, err
		}
		if missing := h.size + int(h.length); !ok || r.end-r.start < missing {
			if err := r.fill(missing); err != nil {
				return 0, nil, err
			}
			continue
		}
		at := r.start + h.size
		payload := r.buf.b[at : at+int(h.length)]
		unmask(payload, [4]byte(r.buf.b[at-4:at]))
		r.start = at + int(h.length)
		switch {
		case isControl(h.opcode), h.final && h.opcode != continuation:
			return h.opcode, payload, nil
		case h.opcode != continuation:
			r.opcode = h.opcode
		}
		r.message = append(r.message, payload...)
		if h.final {
			opcode, payload = r.opcode, r.message
			r.opcode, r.message = 0, nil
			return opcode, payload, nil
		}
	}
}

func unmask(p []byte, key [4]byte) {
	word := binary.LittleEndian.Uint32(key[:])
	wide := uint64(word)<<32 | uint64(word)
	for ; len(p) >= 8; p = p[8:] {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^wide)
	}
	for i := range p {
		p[i] ^= key[i%4]
	}
}

// fill waits for more of a frame that needs so many bytes in all.
func (r *frameReader) fill(need int) error {
	if r.start == r.end {
		r.release()
	}
	if r.buf != nil {
		switch b := r.buf.b; {
		case need > len(b): // a frame longer than buffers are
			r.buf = &buffer{append(make([]byte, 0, need), b[r.start:r.end]...)}
			r.buf.b = r.buf.b[:need]
			r.start, r.end = 0, r.end-r.start
		case r.start+need > len(b):
			r.start, r.end = 0, copy(b, b[r.start:r.end])
		}
	}
	n, err := r.read()
	r.end += n
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.EOF
	}
	return err
}

// read waits for bytes and takes them into the buffer, which it borrows only
// when they are there.
func (r *frameReader) read() (int, error) {
	if r.raw != nil {
		if err := r.raw.Read(r.try); err != nil {
			return 0, err
		}
		return max(r.n, 0), r.err
	}
	r.borrow()
	return r.conn.Read(r.buf.b[r.end:])
}

// tryRead is called when the socket may have something; false waits on.
func (r *frameReader) tryRead(fd uintptr) bool {
	idle := r.buf == nil
	r.borrow()
	r.n, r.err = rawRead(fd, r.buf.b[r.end:])
	if r.n < 0 && (errors.Is(r.err, syscall.EAGAIN) || errors.Is(r.err, syscall.EINTR)) {
		if idle {
			r.release()
		}
		return false
	}
	return true
}

func (r *frameReader) borrow() {
	if r.buf == nil {
		r.buf = borrowBuffer()
		r.buf.b = r.buf.b[:cap(r.buf.b)]
		r.start, r.end = 0, 0
	}
}

func (r *frameReader) release() {
	if r.buf != nil {
		r.buf.giveBack()
		r.buf, r.start, r.end = nil, 0, 0
	}
}

// closeCode is the code of a client's close frame, to be repeated to it.
func closeCode(payload []byte) (int, error) {
	if len(payload) == 0 {
		return websocket.CloseNoStatusReceived, nil
	}
	if len(payload) == 1 || !utf8.Valid(payload[2:]) {
		return 0, violation("close frame is malformed")
	}
	code := int(binary.BigEndian.Uint16(payload))
	switch {
	case code >= 1000 && code <= 1014 && (code < 1004 || code > 1006), code >= 3000 && code <= 4999:
		return code, nil
	}
	return 0, violation("no such close code")
}
