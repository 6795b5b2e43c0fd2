package mutants

import (
	"context"
	"sync"
	"time"

	"github.com/imsim/imsim/port"
)

// Instance passes the records of another on, as its fault has them.
type Instance struct {
	port.Instance
	call   Call
	change func(port.Record) []port.Record
	stream *port.Stream
	done   chan struct{} // closed when follow has ended

	mu    sync.Mutex // guards the rest, change, and the order of the stream
	taken int        // place in the inner stream
}

// follow passes on what comes while nobody calls; it ends with the inner stream.
func (i *Instance) follow() {
	defer close(i.done)
	next := 0
	for {
		_, n, err := i.Instance.Stream().Wait(context.Background(), next, func(port.Record) bool { return true })
		i.pass()
		if err != nil {
			i.stream.Close(err)
			return
		}
		next = n
	}
}

// pass passes on all that is there.
func (i *Instance) pass() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, r := range i.Instance.Stream().Since(i.taken) {
		i.taken++
		for _, changed := range i.change(r) {
			i.stream.Append(changed)
		}
	}
}

// fire adds an event that the instance never had.
func (i *Instance) fire(r port.Record) {
	i.pass()
	i.stream.Append(r)
}

// Call implements port.Instance: what was fired before the answer is in the
// stream when it returns.
func (i *Instance) Call(ctx context.Context, api string, args ...any) (port.Answer, error) {
	defer i.pass()
	return i.call(ctx, api, args...)
}

// Advance implements port.Instance.
func (i *Instance) Advance(ctx context.Context, d time.Duration) error {
	defer i.pass()
	return i.Instance.Advance(ctx, d)
}

// Stream implements port.Instance.
func (i *Instance) Stream() *port.Stream {
	i.pass()
	return i.stream
}

// Destroy implements port.Instance.
func (i *Instance) Destroy(ctx context.Context) error {
	err := i.Instance.Destroy(ctx)
	<-i.done
	return err
}
