// Package memnet is a network in memory: a net.Listener whose connections are
// buffered pipes. A write does not wait for the reader as net.Pipe's does, and
// costs no system call.
package memnet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// BufferSize is how many bytes one direction of a connection holds before
// writers wait.
const BufferSize = 64 << 10

// Listener accepts what Dial connects.
type Listener struct {
	accept chan net.Conn
	once   sync.Once
	closed chan struct{}
}

// Listen returns an open listener.
func Listen() *Listener {
	return &Listener{accept: make(chan net.Conn), closed: make(chan struct{})}
}

// Dial connects to the listener.
func (l *Listener) Dial(ctx context.Context) (net.Conn, error) {
	here, there := Pipe()
	select {
	case l.accept <- there:
		return here, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "mem", Addr: addr{}, Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accept:
		return c, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "accept", Net: "mem", Addr: addr{}, Err: net.ErrClosed}
	}
}

// Close implements net.Listener.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements net.Listener.
func (l *Listener) Addr() net.Addr { return addr{} }

type addr struct{}

func (addr) Network() string { return "mem" }
func (addr) String() string  { return "mem" }

// Pipe returns the two ends of a connection.
func Pipe() (*Conn, *Conn) {
	a, b := newFlow(), newFlow()
	return &Conn{in: a, out: b}, &Conn{in: b, out: a}
}

// Conn is one end. It implements net.Conn.
type Conn struct{ in, out *flow }

// Read implements net.Conn.
func (c *Conn) Read(p []byte) (int, error) { return c.in.read(p) }

// WhenReadable has f called once when Read would not wait: who waits this way
// costs no goroutine. It is false, and f is not called, if Read would not wait
// now. One such wait may be under way. f is called by whoever brings the wait
// to its end: it must return at once and leave the connection alone.
func (c *Conn) WhenReadable(f func()) bool { return c.in.whenReadable(f) }

// Write implements net.Conn.
func (c *Conn) Write(p []byte) (int, error) { return c.out.write(p, true) }

// TryWrite writes as much as fits without waiting.
func (c *Conn) TryWrite(p []byte) (int, error) { return c.out.write(p, false) }

// Close implements net.Conn: the peer reads what is left, then io.EOF.
func (c *Conn) Close() error {
	c.out.close(io.EOF, io.ErrClosedPipe)
	c.in.close(io.ErrClosedPipe, io.ErrClosedPipe)
	return nil
}

// LocalAddr implements net.Conn.
func (c *Conn) LocalAddr() net.Addr { return addr{} }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return addr{} }

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error {
	c.in.readBy.set(c.in, t)
	c.out.writeBy.set(c.out, t)
	return nil
}

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error { c.in.readBy.set(c.in, t); return nil }

// SetWriteDeadline implements net.Conn.
func (c *Conn) SetWriteDeadline(t time.Time) error { c.out.writeBy.set(c.out, t); return nil }

// flow is one direction. Its buffer holds up to BufferSize, and is given back
// when all was read.
type flow struct {
	mu       sync.Mutex
	changed  sync.Cond
	readable func()        // called at the next wake that ends a read's wait; nil: nobody waits so
	buf      *bytes.Buffer // nil: there is nothing to read
	readErr  error
	writeErr error
	readBy   deadline
	writeBy  deadline
}

// buffers are lent to the flows that hold something: most do not.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func newFlow() *flow {
	f := &flow{}
	f.changed.L = &f.mu
	return f
}

// wake tells who waits to look again; mu is held.
func (f *flow) wake() {
	f.changed.Broadcast()
	if f.readable != nil && f.ready() {
		f.readable()
		f.readable = nil
	}
}

// ready tells whether read would not wait; mu is held.
func (f *flow) ready() bool { return f.readBy.over || f.readErr != nil || f.buf != nil }

func (f *flow) whenReadable(call func()) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ready() {
		return false
	}
	f.readable = call
	return true
}

func (f *flow) read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		switch {
		case f.readBy.over:
			return 0, os.ErrDeadlineExceeded
		case errors.Is(f.readErr, io.ErrClosedPipe):
			return 0, f.readErr
		case f.buf != nil:
			n, _ := f.buf.Read(p) // it is not empty
			if f.buf.Len() == 0 {
				f.buf.Reset()
				buffers.Put(f.buf)
				f.buf = nil
			}
			f.wake()
			return n, nil
		case f.readErr != nil:
			return 0, f.readErr
		case len(p) == 0:
			return 0, nil
		}
		f.changed.Wait()
	}
}

func (f *flow) write(p []byte, wait bool) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	done := 0
	for {
		switch {
		case f.writeErr != nil:
			return done, f.writeErr
		case f.writeBy.over:
			return done, os.ErrDeadlineExceeded
		}
		if f.buf == nil && len(p) > 0 {
			f.buf = buffers.Get().(*bytes.Buffer)
		}
		if len(p) > 0 && f.buf.Len() < BufferSize {
			n, _ := f.buf.Write(p[:min(len(p), BufferSize-f.buf.Len())])
			p, done = p[n:], done+n
			f.wake()
		}
		if len(p) == 0 || !wait {
			return done, nil
		}
		f.changed.Wait()
	}
}

func (f *flow) close(readErr, writeErr error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readErr == nil || errors.Is(readErr, io.ErrClosedPipe) {
		f.readErr = readErr
	}
	f.writeErr = writeErr
	f.readBy.stop()
	f.writeBy.stop()
	f.wake()
}

// deadline of one side of a flow; the flow's lock guards it.
type deadline struct {
	timer *time.Timer
	over  bool
	no    int // a timer of an earlier set does nothing
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.no++
}

func (d *deadline) set(f *flow, t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d.stop()
	d.over = false
	if t.IsZero() {
		return
	}
	if left := time.Until(t); left > 0 {
		no := d.no
		d.timer = time.AfterFunc(left, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			if d.no == no {
				d.over = true
				f.wake()
			}
		})
		return
	}
	d.over = true
	f.wake()
}
