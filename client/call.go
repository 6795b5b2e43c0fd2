package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/imsim/imsim/internal/link"
	"github.com/imsim/imsim/protocol"
)

// run carries out a method: ready check, parameter check, then f with the lock
// held. f goes on when ctx ends, as a promise does when nobody waits any more:
// its effects on the caches come all the same, and at the latest the request
// time-out ends it.
func run[T any](ctx context.Context, c *Client, api string, invalid error, f func() (T, error)) (T, error) {
	var zero T
	c.mu.Lock()
	err := c.guard(api)
	if err == nil {
		err = invalid
	}
	if err != nil {
		done := c.finish()
		c.mu.Unlock()
		<-done
		return zero, err
	}
	if c.destroyed {
		c.mu.Unlock()
		if api == "logout" {
			return zero, fail(CodeNotLoggedIn)
		}
		return zero, fail(CodeInternal) // 2.14 resolves with nothing, 3.6 rejects so
	}
	var value T
	done := make(chan (<-chan struct{}), 1)
	c.tasks.Add(1)
	go func() { // takes the lock over
		defer c.tasks.Done()
		value, err = f()
		done <- c.finish()
		c.mu.Unlock()
	}()
	select {
	case handled := <-done:
		<-handled
		return value, err
	case <-ctx.Done():
		return zero, ctx.Err()
	}
}

// finish returns what a method waits for at its end: nothing, or the handling
// of the events so far (Options.EventsFirst).
func (c *Client) finish() <-chan struct{} {
	done := make(chan struct{})
	if c.opts.EventsFirst {
		c.events.mark(func() { close(done) })
	} else {
		close(done)
	}
	return done
}

// reply is what a request came to.
type reply struct{ link.Reply }

// err is the failure as the application sees it.
func (r reply) err() error {
	switch {
	case r.OK():
		return nil
	case errors.Is(r.Err, link.ErrClosed):
		return ErrDestroyed
	case r.Err != nil:
		return fail(CodeTimeout)
	default:
		return &Error{Code: r.ErrorCode, Message: r.ErrorInfo}
	}
}

// ask sends a request and waits for its reply. The lock is given up meanwhile
// and is held again on return, taken over from the goroutine that read the
// reply.
func (c *Client) ask(cmd string, body []byte) reply {
	return c.askFor(link.Request{Cmd: cmd, Body: body})
}

func (c *Client) askFor(req link.Request) reply { return c.askWhile(req, c.mu.Unlock) }

// doing is for askWhile: f runs on a goroutine of its own, which takes the lock
// over, behind the request; f may wait.
func (c *Client) doing(f func()) func() {
	return func() {
		c.tasks.Add(1)
		go func() {
			defer c.tasks.Done()
			defer c.mu.Unlock()
			f()
		}()
	}
}

// askWhile is askFor with a way of its own to give the lock up.
func (c *Client) askWhile(req link.Request, giveUp func()) reply {
	ch := make(chan reply, 1)
	c.link.Do(req, func(r link.Reply) {
		if errors.Is(r.Err, link.ErrClosed) {
			// Possibly on the asking goroutine: it must take the lock itself.
			ch <- reply{r}
			return
		}
		c.mu.Lock() // and the waiting goroutine goes on with it
		ch <- reply{r}
	})
	giveUp()
	r := <-ch
	if errors.Is(r.Err, link.ErrClosed) {
		c.mu.Lock()
	}
	c.answered(r)
	return r
}

// askThen sends a request; then runs with the lock held when the reply is in.
// It must not wait. After Destroy it does not run.
func (c *Client) askThen(cmd string, body []byte, then func(reply)) {
	c.link.Do(link.Request{Cmd: cmd, Body: body}, func(r link.Reply) {
		if errors.Is(r.Err, link.ErrClosed) {
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.answered(reply{r})
		then(reply{r})
	})
}

// askOn is askThen with a continuation that may wait: it runs on a goroutine of
// its own, which takes over the lock from the one that read the reply.
func (c *Client) askOn(cmd string, body []byte, then func(reply)) {
	c.tasks.Add(1)
	c.link.Do(link.Request{Cmd: cmd, Body: body}, func(r link.Reply) {
		if errors.Is(r.Err, link.ErrClosed) {
			c.tasks.Done()
			return
		}
		c.mu.Lock()
		go func() {
			defer c.tasks.Done()
			defer c.mu.Unlock()
			c.answered(reply{r})
			then(reply{r})
		}()
	})
}

// answered looks at what any reply may tell about the session.
func (c *Client) answered(r reply) {
	if r.Err != nil || r.ErrorCode == 0 {
		return
	}
	switch protocol.Code(r.ErrorCode) {
	case protocol.CodeHelloKicked:
		c.kickedByReply(r.Body)
	case protocol.CodeUserSigExpired, protocol.CodeTicketExpired:
		c.expired()
	}
}

// encode is JSON as the wire has it: without HTML escapes.
func encode(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // only our own request types come here
	}
	return bytes.TrimRight(buf.Bytes(), "\n")
}
