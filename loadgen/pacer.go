package loadgen

import (
	"context"
	"time"
)

// now is real time, which the fleet's clock shows too.
func now() time.Time { return time.Now() }

// pacer waits for the instants of an absolute schedule. However late one is
// seen, the next stay where they are.
type pacer struct{ timer *time.Timer }

// until waits for an instant, and returns the present one; ok is false if ctx
// ended.
func (p *pacer) until(ctx context.Context, at time.Time) (now time.Time, ok bool) {
	for {
		now = time.Now()
		wait := at.Sub(now)
		if wait <= 0 || ctx.Err() != nil {
			return now, ctx.Err() == nil
		}
		if p.timer == nil {
			p.timer = time.NewTimer(wait)
		} else {
			p.timer.Reset(wait)
		}
		select {
		case <-p.timer.C:
		case <-ctx.Done():
			p.timer.Stop()
		}
	}
}
