package client

import (
	"log/slog"
	"runtime/debug"
	"sync"
)

// Event is what a Handler receives.
type Event struct {
	Name string // one of the Event… constants
	Data any    // see there
}

// Messages is Data of the message events, else nil.
func (e Event) Messages() []*Message { m, _ := e.Data.([]*Message); return m }

// Conversations is Data of EventConversationListUpdated, else nil.
func (e Event) Conversations() []*Conversation { c, _ := e.Data.([]*Conversation); return c }

// Handler is a subscription's function. It has an identity, which Go functions
// lack and Off needs.
type Handler struct{ f func(Event) }

// Handle makes a Handler.
func Handle(f func(Event)) *Handler { return &Handler{f} }

// emitter keeps the subscriptions and the queue of events that were fired but
// not yet handled. The queue has no bound: an event is never lost, and a
// handler that does not return only delays the handlers after it. Its own lock
// is the last in the lock order.
type emitter struct {
	mu       sync.Mutex
	handlers map[string][]*subscription // slices are replaced, never changed
	queue    []delivery
	running  bool // a goroutine is delivering
	logger   *slog.Logger
}

type subscription struct {
	h    *Handler
	once bool
	gone bool
}

type delivery struct {
	event Event
	to    []*subscription
	done  func() // a mark in the queue instead of an event
}

func (e *emitter) on(name string, h *Handler, once bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.handlers == nil {
		e.handlers = make(map[string][]*subscription)
	}
	old := e.handlers[name]
	e.handlers[name] = append(old[:len(old):len(old)], &subscription{h: h, once: once})
}

// off removes every On of the handler. A Once cannot be removed, as in the
// reference.
func (e *emitter) off(name string, h *Handler) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var kept []*subscription
	for _, s := range e.handlers[name] {
		if s.h == h && !s.once {
			s.gone = true
			continue
		}
		kept = append(kept, s)
	}
	e.handlers[name] = kept
}

// emit queues an event for those who are subscribed now.
func (e *emitter) emit(name string, data any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	to := e.handlers[name]
	if len(to) == 0 {
		return
	}
	var kept []*subscription
	for _, s := range to {
		if !s.once {
			kept = append(kept, s)
		}
	}
	if len(kept) != len(to) {
		e.handlers[name] = kept
	}
	e.push(delivery{event: Event{Name: name, Data: data}, to: to})
}

// mark runs done when all events fired before have been handled.
func (e *emitter) mark(done func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.running {
		done()
		return
	}
	e.push(delivery{done: done})
}

func (e *emitter) push(d delivery) {
	e.queue = append(e.queue, d)
	if !e.running {
		e.running = true
		go e.deliver()
	}
}

// deliver is the one goroutine that runs handlers; it ends when the queue is
// empty and is started again by the next event.
func (e *emitter) deliver() {
	for {
		e.mu.Lock()
		if len(e.queue) == 0 {
			e.running = false
			e.queue = nil
			e.mu.Unlock()
			return
		}
		d := e.queue[0]
		e.queue[0] = delivery{}
		e.queue = e.queue[1:]
		e.mu.Unlock()
		if d.done != nil {
			d.done()
			continue
		}
		for _, s := range d.to {
			e.mu.Lock()
			gone := s.gone
			e.mu.Unlock()
			if !gone {
				e.run(s.h, d.event)
			}
		}
	}
}

// run contains a handler's panic: it is logged and the others still run.
func (e *emitter) run(h *Handler, ev Event) {
	defer func() {
		if p := recover(); p != nil && e.logger != nil {
			e.logger.Warn("event handler panicked", "event", ev.Name, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	h.f(ev)
}
