package drivers

import (
	"context"
	"sync"
	"time"

	"github.com/imsim/imsim/port"
)

// served is one instance on the driver's side. Its pump writes whatever has a
// place in the order; a call hands its answer to the pump, which writes it
// when the stream comes to that place.
//
// An answer is claimed, under mu, by whoever writes it: the pump, the call
// itself when the answer has no place, or destroy with -32012.
type served struct {
	service *service
	name    string

	calling   context.Context // of its calls; ends when destroy is asked
	stopCalls context.CancelFunc
	pumping   context.Context // of its pump; ends when destroy has settled
	stopPump  context.CancelFunc
	settled   chan settledCall
	made      chan struct{} // closed when sdk is set, or create failed
	sdk       port.Instance
	ending    chan struct{} // closed when destroy has answered every call
	pumped    chan struct{} // closed when the pump has ended

	mu      sync.Mutex
	waiting map[string]message // requests without an answer, by id
	over    bool               // destroy was asked
}

func newServed(ctx context.Context, s *service, name string) *served {
	i := &served{
		service: s, name: name,
		settled: make(chan settledCall),
		made:    make(chan struct{}),
		ending:  make(chan struct{}),
		pumped:  make(chan struct{}),
		waiting: map[string]message{},
	}
	i.calling, i.stopCalls = context.WithCancel(ctx)
	i.pumping, i.stopPump = context.WithCancel(ctx)
	return i
}

// create makes the SDK object; what it fires from now on is written.
func (i *served) create(ctx context.Context, m message, o port.Options) {
	defer close(i.made)
	sdk, err := i.service.port.Create(ctx, o)
	if err != nil {
		i.stopCalls()
		i.stopPump()
		i.service.answer(m, err)
		return
	}
	i.sdk = sdk
	i.service.work.Go(i.pump)
	i.service.answer(m, struct{}{})
}

// exists waits for create; it is false when that failed.
func (i *served) exists() bool {
	<-i.made
	return i.sdk != nil
}

// await registers a request, so that destroy can answer it.
func (i *served) await(m message) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.over {
		return false
	}
	i.waiting[string(m.id)] = m
	return true
}

// finish writes an answer unless destroy has given it already.
func (i *served) finish(m message, result any) bool {
	i.mu.Lock()
	_, mine := i.waiting[string(m.id)]
	delete(i.waiting, string(m.id))
	i.mu.Unlock()
	if mine {
		i.service.answer(m, result)
	}
	return mine
}

func (i *served) handle(m message) {
	if !i.exists() {
		i.finish(m, refusal(port.CodeBadParams, "%s was not created", i.name))
		return
	}
	switch m.method {
	case "call":
		i.call(m)
	case "read":
		i.read(m)
	case "advance":
		i.advance(m)
	}
}

func (i *served) call(m message) {
	api, err := m.params.text("api")
	if err != nil {
		i.finish(m, refusal(port.CodeBadParams, "%v", err))
		return
	}
	args, err := arguments(m.params)
	if err != nil {
		i.finish(m, err)
		return
	}
	answer, err := i.sdk.Call(i.calling, api, args...)
	s := settledCall{seq: answer.Seq, call: m, result: answer}
	if err != nil {
		s.seq, s.result = placeOf(err), err
	}
	if s.seq == 0 {
		i.finish(m, s.result)
		return
	}
	select {
	case i.settled <- s:
	case <-i.pumped:
	}
}

func (i *served) read(m message) {
	ref, err := m.params.text("ref")
	if err != nil {
		i.finish(m, refusal(port.CodeBadParams, "%v", err))
		return
	}
	fields, err := i.sdk.Read(i.calling, ref)
	if err != nil {
		i.finish(m, err)
		return
	}
	i.finish(m, fields)
}

func (i *served) advance(m message) {
	ms, err := m.params.integer("ms")
	if err != nil || ms < 0 {
		i.finish(m, refusal(port.CodeBadParams, "ms is no number of milliseconds"))
		return
	}
	if err := i.sdk.Advance(i.calling, time.Duration(ms)*time.Millisecond); err != nil {
		i.finish(m, err)
		return
	}
	i.finish(m, struct{}{})
}

// settleLimit is how long destroy waits for the SDK's own.
const settleLimit = 2 * time.Second

// order is the part of destroy that must come before any later line is read:
// no further request is taken. It is false the second time.
func (i *served) order() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	first := !i.over
	i.over = true
	return first
}

func (i *served) destroy(ctx context.Context, m message) {
	i.mu.Lock()
	left := i.waiting
	i.waiting = map[string]message{}
	i.mu.Unlock()
	for _, q := range left {
		i.service.answer(q, refusal(port.CodeDestroyed, "%s was destroyed", i.name))
	}
	close(i.ending)
	i.stopCalls()
	if !i.exists() {
		i.service.answer(m, refusal(port.CodeBadParams, "%s was not created", i.name))
		return
	}
	limited, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	_ = i.sdk.Destroy(limited) // settled either way
	i.stopPump()
	<-i.pumped
	i.service.instances.Store(i.name, &served{over: true}) // lets go of the SDK object
	i.service.answer(m, struct{}{})
}
