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
)

var errSlowConsumer = errors.New("slow consumer: its backlog is over the limit")

// outbox is the one way out to a connection. Frames are gathered by append
// and go out together in one write by flush: at once and without waiting when
// the connection takes them, else from a goroutine that ends with the
// backlog. A client that does not read is cut and harms nobody.
type outbox struct {
	conn  net.Conn
	try   func([]byte) (int, error)
	limit int // bytes of backlog

	mu       sync.Mutex
	pending  *buffer // nil: nothing
	draining bool
	err      error          // set once; nothing is written any more
	drains   sync.WaitGroup // the goroutine, if any
}

func newOutbox(conn net.Conn, limit int) *outbox {
	return &outbox{conn: conn, try: tryWriter(conn), limit: limit}
}

// append gathers a frame; header and body stand one after the other.
func (o *outbox) append(header, body []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return
	}
	if o.pending == nil {
		o.pending = borrowBuffer()
	}
	if len(o.pending.b)+len(header)+len(body) > o.limit {
		o.fail(errSlowConsumer)
		return
	}
	o.pending.b = append(append(o.pending.b, header...), body...)
}

// flush writes what was gathered. It never waits for the client.
func (o *outbox) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.draining || o.err != nil || o.pending == nil {
		return
	}
	n, err := o.try(o.pending.b)
	if err != nil {
		o.fail(err)
		return
	}
	out := o.pending
	o.pending = nil
	if n == len(out.b) {
		out.giveBack()
		return
	}
	o.draining = true
	o.drains.Go(func() { o.drain(out, n) })
}

// drain writes a backlog, from a place on, and what is gathered meanwhile.
func (o *outbox) drain(out *buffer, from int) {
	for out != nil {
		_ = o.conn.SetWriteDeadline(time.Now().Add(writeLimit))
		_, err := o.conn.Write(out.b[from:])
		out.giveBack()
		o.mu.Lock()
		if err != nil {
			o.fail(err)
		}
		out, from, o.pending = o.pending, 0, nil
		if out == nil {
			o.draining = false
			_ = o.conn.SetWriteDeadline(time.Time{})
		}
		o.mu.Unlock()
	}
}

// fail ends the outbox and the connection; mu is held.
func (o *outbox) fail(err error) {
	if o.err == nil {
		o.err = err
		o.pending = nil
		_ = o.conn.Close()
	}
}

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
