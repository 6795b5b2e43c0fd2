package fakeserver

import (
	"slices"
	"sync"
	"time"

	"github.com/imsim/imsim/fakeserver/backend"
	"github.com/imsim/imsim/internal/clock"
	"github.com/imsim/imsim/protocol"
)

// host runs one world: it feeds it with what connections send and with the
// clock, and hands its effects on. One lock per world; nothing is written to
// a socket while it is held, only gathered.
type host struct {
	server *Server
	faults *faults

	mu    sync.Mutex // above every outbox's lock
	world *backend.World
	conns map[backend.Conn]*conn
	timer clock.Timer
	armed time.Time // when timer fires
	trace trace
}

func newHost(s *Server, appID uint32) *host {
	h := &host{server: s, faults: s.faultsOf(appID), conns: map[backend.Conn]*conn{}}
	h.world = backend.New(appID, s.config(appID))
	return h
}

// do runs one input of the world and delivers its effects.
func (h *host) do(input func(at time.Time, w *backend.World) []backend.Effect) {
	flushAll(h.gather(nil, input))
}

// gather runs one input and returns the connections that have something to
// flush, added to dirty.
func (h *host) gather(dirty []*conn, input func(at time.Time, w *backend.World) []backend.Effect) []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := h.server.clock.Now()
	for _, e := range h.tapped(at, tapped{what: "tick"}, h.world.Tick(at)) {
		dirty = h.deliver(dirty, at, e)
	}
	for _, e := range input(at, h.world) {
		dirty = h.deliver(dirty, at, e)
	}
	h.arm(at)
	return dirty
}

// receive is one frame of a client, who may reuse it.
func (h *host) receive(c *conn, frame []byte, dirty []*conn) []*conn {
	parsed := backend.Parse(frame)
	h.mu.Lock()
	defer h.mu.Unlock()
	if c.closing {
		return dirty
	}
	h.server.received.Add(1)
	at := h.server.clock.Now()
	effects := h.tapped(at, tapped{what: "receive", conn: c.id, data: frame}, h.world.Handle(at, c.id, parsed))
	arrived := traced{at: at, dir: up, user: h.world.Requester(), frame: parsed.Frame}
	if h.world.Lost() {
		arrived.fault = faultLost
	}
	h.trace.add(c, arrived)
	for _, e := range effects {
		dirty = h.deliver(dirty, at, e)
	}
	h.arm(at)
	return dirty
}

// deliver gathers one effect, as the faults allow.
func (h *host) deliver(dirty []*conn, at time.Time, e backend.Effect) []*conn {
	c := h.conns[e.Conn]
	if c == nil || c.closing {
		return dirty
	}
	if e.Close != 0 {
		h.ends(c, at)
		c.queueClose(e.Close, e.Reason)
		return append(dirty, c)
	}
	verdict := h.faults.onEffect(e)
	sent := traced{at: at, dir: down, user: e.User, frame: e.Frame}
	if verdict.copies == 0 {
		sent.fault = faultLost
		h.trace.add(c, sent)
	}
	for n := range verdict.copies {
		h.server.countDown(e.Push)
		if n > 0 {
			sent.fault = faultDoubled
		}
		h.trace.add(c, sent)
		if !c.delayed.hold(c, e.Frame, verdict.latency) {
			c.queue(e.Frame)
		}
	}
	return noteDirty(dirty, c)
}

// noteDirty adds a connection that is not among the last ones already: a few
// take most of what a batch of requests brings.
func noteDirty(dirty []*conn, c *conn) []*conn {
	const lookBack = 4
	if slices.Contains(dirty[max(0, len(dirty)-lookBack):], c) {
		return dirty
	}
	return append(dirty, c)
}

// arm sets the timer for what comes due next; mu is held.
func (h *host) arm(at time.Time) {
	next, any := h.world.NextDue()
	if any == (h.timer != nil) && next.Equal(h.armed) {
		return
	}
	if h.timer != nil {
		h.timer.Stop()
		h.timer = nil
	}
	h.armed = time.Time{}
	if any {
		h.armed = next
		h.timer = h.server.clock.AfterFunc(next.Sub(at), h.tick)
	}
}

func (h *host) tick() {
	h.mu.Lock()
	h.timer, h.armed = nil, time.Time{}
	h.mu.Unlock()
	h.do(func(at time.Time, w *backend.World) []backend.Effect { return w.Tick(at) })
}

// accept makes an upgraded connection the world's.
func (h *host) accept(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conns[c.id] = c
	at := h.server.clock.Now()
	h.trace.add(c, traced{at: at, dir: opened})
	info := backend.ConnInfo{InstanceID: c.instance, BaseURL: c.baseURL}
	h.flushDue(at, h.tapped(at, tapped{what: "connect", conn: c.id, data: []byte(c.instance)}, h.world.Connect(at, c.id, info)))
}

// tapped is an input of a world and what came of it.
type tapped struct {
	at      time.Time
	what    string
	conn    backend.Conn
	data    []byte // a frame, or an instanceid; valid until the tap returns
	effects []backend.Effect
}

// tapped shows an input to the tap, if there is one; mu is held.
func (h *host) tapped(at time.Time, in tapped, effects []backend.Effect) []backend.Effect {
	if tap := h.server.opts.tap; tap != nil {
		in.at, in.effects = at, effects
		tap(in)
	}
	return effects
}

// flushDue delivers what came due by the way; mu is held. Flushing does not
// wait for clients.
func (h *host) flushDue(at time.Time, effects []backend.Effect) {
	var dirty []*conn
	for _, e := range effects {
		dirty = h.deliver(dirty, at, e)
	}
	flushAll(dirty)
	h.arm(at)
}

// ends notes the end of a connection: no frame comes or goes from here on. mu
// is held.
func (h *host) ends(c *conn, at time.Time) {
	if !c.ended {
		c.ended = true
		h.trace.add(c, traced{at: at, dir: closed})
	}
}

func (h *host) forget(c *conn) {
	h.mu.Lock()
	h.ends(c, h.server.clock.Now())
	delete(h.conns, c.id)
	h.mu.Unlock()
	h.do(func(at time.Time, w *backend.World) []backend.Effect {
		return h.tapped(at, tapped{what: "disconnect", conn: c.id}, w.Disconnect(at, c.id))
	})
}

// cut drops a user's connections without a word, as a network does; an empty
// userID means everybody's.
func (h *host) cut(userID string) int {
	h.mu.Lock()
	var hit []*conn
	if userID == "" {
		for _, c := range h.conns {
			hit = append(hit, c)
		}
	} else {
		for _, id := range h.world.ConnsOf(userID) {
			if c := h.conns[id]; c != nil {
				hit = append(hit, c)
			}
		}
	}
	for _, c := range hit {
		c.closing = true // what it still sends is not heard
		at := h.server.clock.Now()
		h.ends(c, at)
		h.flushDue(at, h.tapped(at, tapped{what: "disconnect", conn: c.id}, h.world.Disconnect(at, c.id)))
		delete(h.conns, c.id)
	}
	h.mu.Unlock()
	for _, c := range hit {
		_ = c.net.Close()
	}
	return len(hit)
}

// sayClose sends a close frame, if none was sent before.
func (h *host) sayClose(c *conn, code int, reason string) {
	h.mu.Lock()
	h.ends(c, h.server.clock.Now())
	c.queueClose(code, reason)
	h.mu.Unlock()
	c.out.flush()
}

// replace exchanges the world; all clients are disconnected.
func (h *host) replace(w *backend.World, why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := h.server.clock.Now()
	h.flushDue(at, h.world.CloseAll(at, why))
	h.world = w
	h.trace.forget()
	h.arm(at)
}

// stop ends the timers.
func (h *host) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.timer != nil {
		h.timer.Stop()
	}
	h.timer = nil
}

// kick is backend.World.Kick, delivered.
func (h *host) kick(userID, reason string) (n int, err error) {
	h.do(func(at time.Time, w *backend.World) (effects []backend.Effect) {
		n, effects, err = w.Kick(at, userID, reason)
		return effects
	})
	return n, err
}

var _ backend.RequestFaults = (*faults)(nil)

// OnRequest implements backend.RequestFaults.
func (f *faults) OnRequest(user, servcmd string) (bool, protocol.Code) {
	return f.onRequest(user, servcmd)
}
