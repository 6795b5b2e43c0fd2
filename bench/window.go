package bench

import (
	"sync"
	"sync/atomic"
)

// window keeps as many messages of a writer in flight as may be. A message is
// in flight until it was acked and all who should have it do.
type window struct {
	inFlight int
	messages int         // to send in all; 0: until over
	over     atomic.Bool // nothing new is sent
	closed   atomic.Bool // errors are those of the end
	done     chan struct{}

	mu                   sync.Mutex
	writer               session
	sent, acked, through int // through: all have the messages up to it
	err                  error
	buf                  []byte
}

// refill sends as many messages as may be, in one write.
func (w *window) refill() {
	w.mu.Lock()
	defer w.mu.Unlock()
	through := min(w.acked, w.through)
	if w.over.Load() || w.messages > 0 && w.sent >= w.messages {
		if through == w.sent {
			w.finish()
		}
		return
	}
	free := w.inFlight - (w.sent - through)
	if w.messages > 0 {
		free = min(free, w.messages-w.sent)
	}
	if free <= 0 {
		return
	}
	wire := w.writer.wire()
	for range free {
		w.sent++
		w.buf = w.writer.message(w.buf[:0], w.sent)
		wire.gather(w.buf)
	}
	if err := wire.flush(); err != nil {
		w.end(err)
	}
}

func (w *window) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end(err)
}

// end is the end by an error, unless it has come already; mu is held.
func (w *window) end(err error) {
	if w.err == nil && !w.closed.Load() {
		w.err = err
		w.finish()
	}
}

// finish ends the run; mu is held.
func (w *window) finish() {
	select {
	case <-w.done:
	default:
		close(w.done)
	}
}
