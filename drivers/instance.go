package drivers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/imsim/imsim/port"
)

// instance is one SDK object in the driver; it is a port.Instance.
type instance struct {
	driver *Driver
	name   string
	stream *port.Stream
	seq    int // of the last record; the reader's own

	ended   error         // under Driver.mu; what calls get once the end was ordered
	over    chan struct{} // closed when the end is complete
	outcome error         // of the end; written before over is closed
}

func (d *Driver) newInstance() (*instance, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return nil, d.err
	}
	d.created++
	i := &instance{
		driver: d,
		name:   fmt.Sprintf("i%d", d.created),
		stream: port.NewStream(),
		over:   make(chan struct{}),
	}
	d.instances[i.name] = i
	return i, nil
}

// Name is the instance's in the protocol, never used twice in a driver.
func (i *instance) Name() string { return i.name }

// Stream holds the records. That of a call is in it when the call returns,
// and so is everything that came before it.
func (i *instance) Stream() *port.Stream { return i.stream }

// count takes the next place; a gap or a repetition is a breach.
func (i *instance) count(seq int) error {
	if seq != i.seq+1 {
		return fmt.Errorf("seq %d of %s follows %d", seq, i.name, i.seq)
	}
	i.seq = seq
	return nil
}

// Call asks for a method of the SDK. If it stays unanswered until the limit or
// the deadline of the context, that is a hang: the instance has been destroyed
// when Call returns, and the driver with it if it could not do even that. A
// cancelled context only ends the waiting.
func (i *instance) Call(ctx context.Context, api string, args ...any) (port.Answer, error) {
	if args == nil {
		args = []any{}
	}
	r, err := i.ask(ctx, &question{
		method: "call", api: api, limit: i.driver.limits.Call,
		params: map[string]any{"instance": i.name, "api": api, "args": args},
	})
	if err != nil {
		return port.Answer{}, err
	}
	return port.Answer{Sync: r.sync, Value: r.value, Seq: r.seq}, nil
}

// Read asks for the present fields of a message.
func (i *instance) Read(ctx context.Context, ref string) (json.RawMessage, error) {
	r, err := i.ask(ctx, &question{
		method: "read", limit: i.driver.limits.Call,
		params: map[string]any{"instance": i.name, "ref": ref},
	})
	return r.value, err
}

// longestStep is how far a driver is asked to move its clock at once.
const longestStep = time.Second

// Advance moves the SDK's clock in steps of at most a second; what is below a
// millisecond is not asked for.
func (i *instance) Advance(ctx context.Context, d time.Duration) error {
	if !i.driver.hello.Can(port.CapClock) {
		return &port.NotImplementedError{API: "advance"}
	}
	if d < 0 {
		return errors.New("advance: a clock goes forward only")
	}
	for {
		step := min(d, longestStep)
		_, err := i.ask(ctx, &question{
			method: "advance", limit: i.driver.limits.Advance,
			params: map[string]any{"instance": i.name, "ms": step.Milliseconds()},
		})
		if err != nil {
			return err
		}
		if d -= step; d < time.Millisecond {
			return nil
		}
	}
}

// Destroy ends the instance. A cancelled context does not keep it from being
// destroyed, so that a case that ran out of time still cleans up; the limit
// bounds it. If the driver does not answer, it is killed, and the error is
// the *port.Breakdown that everybody gets.
func (i *instance) Destroy(context.Context) error {
	return i.end(&port.ProtocolError{Code: port.CodeDestroyed, Message: i.name + " was destroyed"})
}

// ask is Driver.ask with the rule about hangs.
func (i *instance) ask(ctx context.Context, q *question) (reply, error) {
	q.instance = i
	r, err := i.driver.ask(ctx, q)
	var hang *unanswered
	if !errors.As(err, &hang) {
		return r, i.because(err)
	}
	b := &port.Breakdown{Cause: port.Hang, Detail: hang.Error() + "; " + i.name + " was destroyed"}
	if end := i.end(b); end != nil {
		return r, &port.Breakdown{Cause: port.Hang, Detail: hang.Error() + "; then: " + end.Error()}
	}
	return r, b
}

// because turns "was destroyed" into the reason of that, when another call's
// hang was the reason.
func (i *instance) because(err error) error {
	var destroyed *port.ProtocolError
	if !errors.As(err, &destroyed) || destroyed.Code != port.CodeDestroyed {
		return err
	}
	i.driver.mu.Lock()
	defer i.driver.mu.Unlock()
	if i.ended != nil {
		return i.ended
	}
	return err
}

// end destroys the instance, once: whoever comes second waits for the first.
// From the order on every call gets the reason, and so do those who wait on
// the stream once it is over.
func (i *instance) end(reason error) error {
	d := i.driver
	d.mu.Lock()
	first := i.ended == nil
	if first {
		i.ended = reason
	}
	d.mu.Unlock()
	if !first {
		<-i.over
		return i.outcome
	}
	defer close(i.over)
	_, err := d.ask(context.Background(), &question{
		method: "destroy", instance: i, limit: d.limits.Destroy,
		params: map[string]any{"instance": i.name},
	})
	var hang *unanswered
	if errors.As(err, &hang) {
		d.breakDown(&port.Breakdown{Cause: port.Hang, Detail: hang.Error() + "; the driver was killed" + d.lastWords()})
		<-d.gone
		err = d.Err()
	}
	i.stream.Close(reason)
	i.outcome = err
	return err
}

// bury makes the instance void: nothing of it may follow. It runs in the
// reader when the driver confirmed the end.
func (d *Driver) bury(i *instance) error {
	var left []*question
	d.mu.Lock()
	delete(d.instances, i.name)
	for _, q := range d.pending {
		if q.instance == i && q.method != "destroy" {
			left = append(left, q)
		}
	}
	d.mu.Unlock()
	for _, q := range left {
		if err := d.remark("%s was destroyed without an answer to %s (id %d)", i.name, q, q.id); err != nil {
			return err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, q := range left {
		delete(d.pending, q.id)
		q.answer(reply{err: &port.ProtocolError{Code: port.CodeDestroyed, Message: i.name + " was destroyed"}})
	}
	return nil
}

// forget voids an instance whose create failed.
func (d *Driver) forget(i *instance, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if i.ended == nil {
		i.ended = err
		delete(d.instances, i.name)
		i.stream.Close(err)
	}
}
