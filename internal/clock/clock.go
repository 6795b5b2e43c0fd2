// Package clock is the one source of time: of the server, of a client, of a
// load. A Clock runs with real time and can be moved ahead; whatever became
// due has happened when Advance returns.
package clock

import (
	"container/heap"
	"sync"
	"time"
)

// Clock tells the time and runs functions at later instants.
type Clock interface {
	Now() time.Time
	// AfterFunc runs f on a goroutine of its own (or within Advance) once d
	// has passed.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is a pending AfterFunc.
type Timer interface {
	// Stop keeps f from running; it reports whether it was in time.
	Stop() bool
}

// Shiftable is real time plus all that it was advanced by.
type Shiftable struct {
	mu      sync.Mutex
	base    func() time.Time
	offset  time.Duration
	timers  timerHeap
	serial  uint64
	wake    *time.Timer // fires when the first timer is due in real time
	advance sync.Mutex  // one Advance at a time; never taken while mu is held
}

// New returns a clock that shows real time.
func New() *Shiftable { return &Shiftable{base: time.Now} }

// NewAt returns a clock that stands still at an instant but for Advance: for
// tests and simulation.
func NewAt(at time.Time) *Shiftable { return &Shiftable{base: func() time.Time { return at }} }

// Now is the present instant.
func (c *Shiftable) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Shiftable) now() time.Time { return c.base().Add(c.offset) }

// Shift is the sum of all advances.
func (c *Shiftable) Shift() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}

type timer struct {
	clock  *Shiftable
	due    time.Time
	serial uint64 // equal dues run in the order they were made
	index  int    // in the heap; -1 when not in it
	f      func()
}

// AfterFunc implements Clock.
func (c *Shiftable) AfterFunc(d time.Duration, f func()) Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.serial++
	t := &timer{clock: c, due: c.now().Add(d), serial: c.serial, f: f}
	heap.Push(&c.timers, t)
	c.arm()
	return t
}

// Stop implements Timer.
func (t *timer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	if t.index < 0 {
		return false
	}
	heap.Remove(&t.clock.timers, t.index)
	t.clock.arm()
	return true
}

// arm sets the real timer for the first pending one; mu is held.
func (c *Shiftable) arm() {
	if c.wake != nil {
		c.wake.Stop()
	}
	if len(c.timers) == 0 {
		return
	}
	d := c.timers[0].due.Sub(c.now())
	if c.wake == nil {
		c.wake = time.AfterFunc(d, c.fireDue)
		return
	}
	c.wake.Reset(d)
}

// fireDue runs on the real timer's goroutine.
func (c *Shiftable) fireDue() {
	for {
		c.mu.Lock()
		if len(c.timers) == 0 || c.timers[0].due.After(c.now()) {
			c.arm()
			c.mu.Unlock()
			return
		}
		t := heap.Pop(&c.timers).(*timer)
		c.mu.Unlock()
		t.f()
	}
}

// Advance moves the clock ahead by d, running in order, on this goroutine,
// what becomes due on the way; between calls it waits for settle, if any (the
// network's chance to answer). Timers set on the way run too if they are due
// by the end. It must not be called from a timer's function.
func (c *Shiftable) Advance(d time.Duration, settle func()) {
	c.advance.Lock()
	defer c.advance.Unlock()
	c.mu.Lock()
	end := c.offset + d
	for len(c.timers) > 0 {
		first := c.timers[0]
		ahead := first.due.Sub(c.base()) // offset at which it is due
		if ahead > end {
			break
		}
		c.offset = max(c.offset, ahead)
		heap.Pop(&c.timers)
		c.mu.Unlock()
		first.f()
		if settle != nil {
			settle()
		}
		c.mu.Lock()
	}
	c.offset = max(c.offset, end)
	c.arm()
	c.mu.Unlock()
}

// Stop ends the clock: nothing pending runs any more.
func (c *Shiftable) Stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.timers {
		t.index = -1
	}
	c.timers = nil
	if c.wake != nil {
		c.wake.Stop()
	}
}

type timerHeap []*timer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if h[i].due.Equal(h[j].due) {
		return h[i].serial < h[j].serial
	}
	return h[i].due.Before(h[j].due)
}
func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *timerHeap) Push(x any) {
	t := x.(*timer)
	t.index = len(*h)
	*h = append(*h, t)
}
func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	t.index = -1
	*h = old[:len(old)-1]
	return t
}
