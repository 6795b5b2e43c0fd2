package drivers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// question is one request and the place for its answer.
type question struct {
	method   string
	api      string // of a call
	instance *instance
	params   map[string]any
	limit    time.Duration

	id      int
	answers chan reply // one place, filled once
	settled bool       // answered, or nobody waits; under Driver.mu
	givenUp bool       // nobody waits; the asker's own
}

// reply is an answer, understood.
type reply struct {
	value json.RawMessage // the result; for a call its value
	sync  bool
	seq   int
	err   error
}

// answer settles the question, unless it is settled; under Driver.mu.
func (q *question) answer(r reply) (late bool) {
	if q.settled {
		return true
	}
	q.settled = true
	q.answers <- r
	return false
}

func (q *question) String() string {
	s := q.method
	if q.api != "" {
		s += " " + q.api
	}
	if q.instance != nil {
		s += " of " + q.instance.name
	}
	return s
}

// unanswered is a hang; the caller decides what becomes of the instance.
type unanswered struct {
	question *question
	when     string
}

func (e *unanswered) Error() string { return e.question.String() + " unanswered " + e.when }

// ask sends a question and waits for its answer, for its limit, or for the
// end of the context: *unanswered when time was up, the context's error when
// the caller lost interest.
func (d *Driver) ask(ctx context.Context, q *question) (reply, error) {
	if err := ctx.Err(); err != nil {
		return reply{}, fmt.Errorf("%s was not asked: %w", q, context.Cause(ctx))
	}
	if err := d.register(q); err != nil {
		return reply{}, err
	}
	line, err := encode(map[string]any{"jsonrpc": "2.0", "id": q.id, "method": q.method, "params": q.params})
	if err != nil {
		d.drop(q)
		return reply{}, fmt.Errorf("%s: encode its arguments: %w", q, err)
	}
	limited, cancel := context.WithTimeout(ctx, q.limit)
	defer cancel()
	select {
	case d.requests <- line:
	case r := <-q.answers: // the driver fell
		return r, r.err
	case <-limited.Done():
		d.drop(q)
		return reply{}, q.expired(ctx)
	}
	select {
	case r := <-q.answers:
		return r, r.err
	case <-limited.Done():
	}
	if !d.giveUp(q) {
		r := <-q.answers
		return r, r.err
	}
	return reply{}, q.expired(ctx)
}

func (q *question) expired(ctx context.Context) error {
	switch err := ctx.Err(); {
	case err == nil:
		return &unanswered{q, "after " + q.limit.String()}
	case errors.Is(err, context.DeadlineExceeded):
		return &unanswered{q, "when the caller's time was up"}
	}
	return fmt.Errorf("%s was given up: %w", q, context.Cause(ctx))
}

// register gives the question its id and its place, before anything is sent.
func (d *Driver) register(q *question) error {
	q.answers = make(chan reply, 1)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return d.err
	}
	if i := q.instance; i != nil && i.ended != nil && q.method != "destroy" {
		return i.ended
	}
	d.lastID++
	q.id = d.lastID
	d.pending[q.id] = q
	return nil
}

// drop forgets a question that was never sent.
func (d *Driver) drop(q *question) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.pending, q.id)
}

// giveUp says that nobody waits any more, unless the answer is there already.
// The question stays registered: the seq of a late answer still counts.
func (d *Driver) giveUp(q *question) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if q.settled {
		return false
	}
	q.settled, q.givenUp = true, true
	return true
}

// Ask sends a request as it is and returns the result: for tools that test
// drivers, which also ask what no harness would. A refusal is a
// *port.ProtocolError or *port.NotImplementedError; a driver that does not
// answer within Limits.Call is left alone.
func (d *Driver) Ask(ctx context.Context, method string, params map[string]any) (json.RawMessage, error) {
	r, err := d.ask(ctx, &question{method: method, params: params, limit: d.limits.Call})
	return r.value, err
}
