package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"

	"github.com/gorilla/websocket"
)

// Dial opens a connection to a server: TCP or in memory.
type Dial func(ctx context.Context) (net.Conn, error)

// DialTCP connects to host:port.
func DialTCP(addr string) Dial {
	return func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", addr)
	}
}

// socket is the generator's end of a WebSocket: frames are gathered and leave
// in one write, and are read without copying. It knows just what these servers
// send: whole data frames.
type socket struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
	skip int // of in, the frame returned last
	key  uint32
}

func open(ctx context.Context, dial Dial, path string) (*socket, error) {
	dialer := websocket.Dialer{
		NetDialContext:  func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
		ReadBufferSize:  256, // of the handshake
		WriteBufferSize: 256,
	}
	ws, resp, err := dialer.DialContext(ctx, "ws://bench.invalid"+path, nil)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", path, err)
	}
	_ = resp.Body.Close()
	return &socket{conn: ws.NetConn(), in: bufio.NewReaderSize(ws.NetConn(), 8<<10), key: 0x9e3779b9}, nil
}

// gather adds a masked text frame to what flush sends.
func (s *socket) gather(payload []byte) {
	const final, text, masked = 0x80, 0x01, 0x80
	s.out = append(s.out, final|text)
	if n := len(payload); n < 126 {
		s.out = append(s.out, masked|byte(n))
	} else {
		s.out = append(s.out, masked|126, byte(n>>8), byte(n)) // no frame here is longer
	}
	s.key = s.key*1664525 + 1013904223
	s.out = binary.LittleEndian.AppendUint32(s.out, s.key)
	start := len(s.out)
	s.out = append(s.out, payload...)
	mask(s.out[start:], s.key)
}

func mask(p []byte, key uint32) {
	wide := uint64(key)<<32 | uint64(key)
	for ; len(p) >= 8; p = p[8:] {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^wide)
	}
	for i := range p {
		p[i] ^= byte(key >> (8 * (i % 4)))
	}
}

func (s *socket) flush() error {
	_, err := s.conn.Write(s.out)
	s.out = s.out[:0]
	return err
}

func (s *socket) send(payload []byte) error {
	s.gather(payload)
	return s.flush()
}

// next waits for a frame; it is valid until the next call.
func (s *socket) next() ([]byte, error) {
	_, _ = s.in.Discard(s.skip)
	s.skip = 0
	head, err := s.in.Peek(2)
	if err != nil {
		return nil, err
	}
	size, n := 2, int(head[1])
	switch {
	case n == 126:
		if head, err = s.in.Peek(4); err != nil {
			return nil, err
		}
		size, n = 4, int(binary.BigEndian.Uint16(head[2:]))
	case n > 126:
		return nil, fmt.Errorf("frame is masked or too long for a benchmark")
	}
	if opcode := head[0] & 0xf; opcode != websocket.TextMessage && opcode != websocket.BinaryMessage {
		return nil, fmt.Errorf("unexpected frame with opcode %d: %q", opcode, head)
	}
	if size+n > s.in.Size() {
		frame := make([]byte, n)
		_, _ = s.in.Discard(size)
		_, err = io.ReadFull(s.in, frame)
		return frame, err
	}
	frame, err := s.in.Peek(size + n)
	if err != nil {
		return nil, err
	}
	s.skip = size + n
	return frame[size:], nil
}

// more tells whether next finds something without a read.
func (s *socket) more() bool { return s.in.Buffered()-s.skip > 2 }

func (s *socket) close() { _ = s.conn.Close() }
