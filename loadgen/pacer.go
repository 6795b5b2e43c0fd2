package loadgen

import (
	"context"
	"time"

	"github.com/imsim/imsim/internal/clock"
)

// now is real time: of tickets, and of what a run measures of itself. All
// else looks at the fleet's clock, which shows the same.
func now() time.Time { return time.Now() }

// pacer waits for the instants of an absolute schedule. However late one is
// seen, the next stay where they are.
type pacer struct {
	clock clock.Clock
	wake  chan struct{}
}

func newPacer(c clock.Clock) *pacer { return &pacer{clock: c, wake: make(chan struct{}, 1)} }

// until waits for an instant, and returns the present one; ok is false if ctx
// ended.
func (p *pacer) until(ctx context.Context, at time.Time) (now time.Time, ok bool) {
	for {
		now = p.clock.Now()
		wait := at.Sub(now)
		if wait <= 0 {
			return now, ctx.Err() == nil
		}
		t := p.clock.AfterFunc(wait, func() { p.wake <- struct{}{} })
		select {
		case <-p.wake:
		case <-ctx.Done():
			if !t.Stop() {
				<-p.wake
			}
			return p.clock.Now(), false
		}
	}
}
