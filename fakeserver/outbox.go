package fakeserver

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

const (
	// writeLimit is how long a client may take to accept a backlog before it
	// is cut.
	writeLimit = 10 * time.Second
	// keptBuffer is the largest buffer that an idle outbox keeps.
	keptBuffer = 2 << 10
)

var errSlowConsumer = errors.New("slow consumer: its backlog is over the limit")

// outbox is the one way out to a connection. Frames are gathered by append
// and go out together in one write by flush: at once and without waiting when
// the connection takes them, else from a goroutine that ends with the
// backlog. A client that does not read is cut and harms nobody.
//
// It stands in for the net.Conn that gorilla writes to, so that control frames
// take the same way.
type outbox struct {
	net.Conn
	try   func([]byte) (int, error)
	limit int // bytes of backlog

	mu       sync.Mutex
	pending  []byte
	draining bool
	err      error          // set once; nothing is written any more
	drains   sync.WaitGroup // the goroutine, if any
}

func newOutbox(conn net.Conn, limit int) *outbox {
	return &outbox{Conn: conn, try: tryWriter(conn), limit: limit}
}

// append gathers a frame; header and body stand one after the other.
func (o *outbox) append(header, body []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return
	}
	if len(o.pending)+len(header)+len(body) > o.limit {
		o.fail(errSlowConsumer)
		return
	}
	o.pending = append(append(o.pending, header...), body...)
}

// flush writes what was gathered. It never waits for the client.
func (o *outbox) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.draining || o.err != nil || len(o.pending) == 0 {
		return
	}
	n, err := o.try(o.pending)
	if err != nil {
		o.fail(err)
		return
	}
	if n == len(o.pending) {
		o.reset()
		return
	}
	rest := append([]byte(nil), o.pending[n:]...)
	o.reset()
	o.draining = true
	o.drains.Go(func() { o.drain(rest) })
}

// reset forgets what was written; a large buffer is not kept.
func (o *outbox) reset() {
	if o.pending = o.pending[:0]; cap(o.pending) > keptBuffer {
		o.pending = nil
	}
}

func (o *outbox) drain(rest []byte) {
	for len(rest) > 0 {
		_ = o.Conn.SetWriteDeadline(time.Now().Add(writeLimit))
		_, err := o.Conn.Write(rest)
		o.mu.Lock()
		if err != nil {
			o.fail(err)
		}
		rest, o.pending = o.pending, nil
		if o.err != nil {
			rest = nil
		}
		if len(rest) == 0 {
			o.draining = false
			_ = o.Conn.SetWriteDeadline(time.Time{})
		}
		o.mu.Unlock()
	}
}

// fail ends the outbox and the connection; mu is held.
func (o *outbox) fail(err error) {
	if o.err == nil {
		o.err = err
		o.pending = nil
		_ = o.Conn.Close()
	}
}

// Write implements net.Conn for gorilla's handshake and control frames.
func (o *outbox) Write(p []byte) (int, error) {
	o.append(p, nil)
	o.flush()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return 0, o.err
	}
	return len(p), nil
}

// SetWriteDeadline does nothing: gorilla sets one for control frames, but the
// outbox alone knows how long a write may take.
func (o *outbox) SetWriteDeadline(time.Time) error { return nil }

// Close closes the connection and waits for the outbox's goroutine.
func (o *outbox) Close() error {
	o.mu.Lock()
	o.fail(net.ErrClosed)
	o.mu.Unlock()
	o.drains.Wait()
	return nil
}

// tryWriter returns a write that takes what the connection accepts at once.
func tryWriter(conn net.Conn) func([]byte) (int, error) {
	if mem, ok := conn.(interface{ TryWrite([]byte) (int, error) }); ok {
		return mem.TryWrite
	}
	if sc, ok := conn.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			return rawTryWriter(raw)
		}
	}
	return func([]byte) (int, error) { return 0, nil } // always by the goroutine
}
