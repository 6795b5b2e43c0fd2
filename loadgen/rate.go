package loadgen

import (
	"math"
	"math/rand/v2"
	"time"
)

// schedule gives the instants of the open model: where the sum of the rate
// over time reaches 0, 1, 2 …, or for Poisson a sum of exponential steps.
type schedule struct {
	stages  []Stage
	rate    float64 // at the start of the present stage
	sum     float64 // of the rate, over the stages before
	offset  float64 // seconds, of the stages before
	next    float64 // the sum that the next instant has
	poisson *rand.Rand
}

func newSchedule(s *Spec) *schedule {
	c := &schedule{stages: s.Stages, rate: s.Rate}
	if len(c.stages) == 0 {
		c.stages = []Stage{{Duration: s.Duration, Rate: s.Rate}}
	}
	if s.Arrival == Poisson {
		c.poisson = source(s.Seed, arrivalStream)
		c.next = c.poisson.ExpFloat64()
	}
	return c
}

// take returns the next instant; ok is false when the stages are over.
func (c *schedule) take() (at time.Duration, ok bool) {
	for len(c.stages) > 0 {
		d, end := time.Duration(c.stages[0].Duration).Seconds(), c.stages[0].Rate
		area := (c.rate + end) / 2 * d
		// An instant at the very end of a stage belongs to the next one.
		if rest := c.next - c.sum; rest < area {
			at = time.Duration((c.offset + solve(c.rate, (end-c.rate)/d, rest)) * float64(time.Second))
			if c.poisson != nil {
				c.next += c.poisson.ExpFloat64()
			} else {
				c.next++
			}
			return at, true
		}
		c.sum += area
		c.offset += d
		c.rate = end
		c.stages = c.stages[1:]
	}
	return 0, false
}

// solve finds t with rate·t + slope·t²/2 = sum.
func solve(rate, slope, sum float64) float64 {
	if math.Abs(slope) < 1e-9 {
		return sum / rate
	}
	return (math.Sqrt(max(rate*rate+2*slope*sum, 0)) - rate) / slope
}
