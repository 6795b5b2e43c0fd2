package fakeserver

import (
	"sync"
	"time"
)

// delayLine holds frames back by the injected latency, in real time and in
// their order.
type delayLine struct {
	mu      sync.Mutex
	frames  []delayedFrame
	timer   *time.Timer
	stopped bool
}

type delayedFrame struct {
	frame []byte
	due   time.Time
}

// hold takes a frame if it must wait: for its own latency, or behind others.
func (d *delayLine) hold(c *conn, frame []byte, latency time.Duration) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped || latency <= 0 && len(d.frames) == 0 {
		return false
	}
	due := time.Now().Add(latency)
	if n := len(d.frames); n > 0 && due.Before(d.frames[n-1].due) {
		due = d.frames[n-1].due
	}
	d.frames = append(d.frames, delayedFrame{frame, due})
	if len(d.frames) == 1 {
		d.timer = time.AfterFunc(time.Until(due), func() { d.release(c) })
	}
	return true
}

func (d *delayLine) release(c *conn) {
	d.mu.Lock()
	n := 0
	for n < len(d.frames) && !d.stopped && !d.frames[n].due.After(time.Now()) {
		c.queue(d.frames[n].frame)
		n++
	}
	d.frames = d.frames[n:]
	if len(d.frames) > 0 && !d.stopped {
		d.timer = time.AfterFunc(time.Until(d.frames[0].due), func() { d.release(c) })
	}
	d.mu.Unlock()
	c.out.flush()
}

func (d *delayLine) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
	if d.timer != nil {
		d.timer.Stop()
	}
}
