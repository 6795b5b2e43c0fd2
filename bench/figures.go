package bench

import (
	"context"
	"fmt"
	"time"
)

// Figure is one line of docs/performance.md's table.
type Figure struct {
	No       int
	Name     string
	Baseline string
	Unit     string
	// Goal and Floor are ratios, ours to the baseline's.
	Goal, Floor float64
	// Less tells that a smaller ratio is better.
	Less bool

	ours, baseline func(context.Context) (sample, error)
	// lessIsBest tells that the smallest measurement of several is the best.
	lessIsBest bool
	// Slow tells that a measurement takes seconds whatever its length.
	Slow bool
	// Alone tells that it is taken once, and only if it is asked for: it takes
	// minutes, and the memory of the machine.
	Alone bool
	// faster makes the ratio of two times: how many times faster ours is.
	faster bool
}

// Result is what a figure came to: the best of each side.
type Result struct {
	Figure
	Ours, Base float64
	Ratio      float64
	// OursCPU and BaseCPU are microseconds of processor time that the server
	// spent on a message, where that was taken: what a busy machine blurs least.
	OursCPU, BaseCPU float64
}

// sample is one measurement.
type sample struct {
	value float64
	cpu   float64 // microseconds of the server for a message; 0: not taken
}

// Below is the Verdict on a ratio that misses even its floor.
const Below = "BELOW"

// Verdict names where the ratio stands: "goal", "floor" or Below.
func (r Result) Verdict() string {
	reaches := func(bar float64) bool {
		if r.Less {
			return r.Ratio <= bar
		}
		return r.Ratio >= bar
	}
	switch {
	case reaches(r.Goal):
		return "goal"
	case reaches(r.Floor):
		return "floor"
	}
	return Below
}

// Measure takes a figure: both sides in turn, so that a slower moment of the
// machine meets both, and the best of each.
func (f Figure) Measure(ctx context.Context, rounds int) (Result, error) {
	r := Result{Figure: f}
	if f.Alone {
		rounds = 1
	}
	for i := range rounds {
		for _, side := range []struct {
			name    string
			measure func(context.Context) (sample, error)
			best    *float64
			cpu     *float64
		}{{"baseline", f.baseline, &r.Base, &r.BaseCPU}, {"ours", f.ours, &r.Ours, &r.OursCPU}} {
			v, err := side.measure(ctx)
			if err != nil {
				return r, fmt.Errorf("figure %d, %s: %w", f.No, side.name, err)
			}
			if i == 0 || (v.value < *side.best) == f.lessIsBest {
				*side.best = v.value
			}
			if i == 0 || v.cpu < *side.cpu {
				*side.cpu = v.cpu
			}
		}
	}
	r.Ratio = r.Ours / r.Base
	if f.faster {
		r.Ratio = r.Base / r.Ours
	}
	return r, nil
}

// Figures are all of them; each measurement of a rate takes d. With the path of
// a k6, 5 and 6 are taken against that, too.
func Figures(d time.Duration, k6Binary string) []Figure {
	figures := []Figure{
		{
			No: 1, Name: "C2C messages acked and delivered, 64 pairs, 16 in flight", Baseline: "raw gorilla relay", Unit: "1/s",
			Goal: 1.0, Floor: 0.7, ours: messages(imsimServer, 16, d), baseline: messages(relayServer, 16, d),
		},
		{
			No: 2, Name: "the same, 1 in flight", Baseline: "raw gorilla relay", Unit: "1/s",
			Goal: 0.70, Floor: 0.55, ours: messages(imsimServer, 1, d), baseline: messages(relayServer, 1, d),
		},
		{
			No: 3, Name: "group fan-out, deliveries to 1,000 members, 8 in flight", Baseline: "raw gorilla write loop", Unit: "1/s",
			Goal: 3.0, Floor: 1.5, ours: spread(imsimServer, 1000, 8, d), baseline: spread(relayServer, 1000, 8, d),
		},
		{
			No: 4, Name: "memory of an idle logged-in user", Baseline: "usual gorilla handler", Unit: "B",
			Goal: 0.6, Floor: 1.0, Less: true, lessIsBest: true, ours: idle(imsimServer), baseline: idle(relayServer),
		},
		{
			No: 5, Name: "memory of a load generator's user", Baseline: "k6's WebSocket user, 170 kB", Unit: "B",
			Goal: 0.08, Floor: 0.15, Less: true, lessIsBest: true, ours: virtualUser, baseline: constant(k6User), Slow: true,
		},
		{
			No: 6, Name: "load generator's processor a message, 2,000/s", Baseline: "bare gorilla loop", Unit: "µs",
			Goal: 1.6, Floor: 2.5, Less: true, lessIsBest: true, ours: generatorCPU(openTalk(d)), baseline: bareCPU(d), Slow: true,
		},
		{
			No: 7, Name: "open model at 10,000/s: started of planned", Baseline: "all of them", Unit: "",
			Goal: 0.999, Floor: 0.99, ours: paceShare(d), baseline: constant(1), Slow: true,
		},
		{
			No: 7, Name: "the same, p99 lateness", Baseline: "absolute-schedule loop", Unit: "µs",
			Goal: 2, Floor: 10, Less: true, lessIsBest: true, ours: paceLateness(d), baseline: pacerLateness(d), Slow: true,
		},
		{
			No: 8, Name: "C2C round in memory", Baseline: "loopback TCP", Unit: "µs",
			Goal: 2.5, Floor: 1.5, lessIsBest: true, faster: true, ours: round(true, d), baseline: round(false, d),
		},
		{
			No: 9, Name: "start, 2 logins, a message, stop", Baseline: "raw sockets", Unit: "µs",
			Goal: 3, Floor: 10, Less: true, lessIsBest: true, ours: embedded(imsimCase, d), baseline: embedded(rawCase, d),
		},
		{
			No: 11, Name: "50,000 users logged in, each got a message: resident memory of all", Baseline: "1.5 GB", Unit: "MB",
			Goal: 1, Floor: 2, Less: true, lessIsBest: true, ours: crowdMemory, baseline: constant(crowdLimit), Alone: true, Slow: true,
		},
	}
	if k6Binary == "" {
		return figures
	}
	return append(figures, Figure{
		No: 5, Name: "memory of a load generator's user", Baseline: "k6's WebSocket user", Unit: "B",
		Goal: 0.08, Floor: 0.15, Less: true, lessIsBest: true, ours: virtualUser, baseline: k6Memory(k6Binary, 100, 1100), Slow: true,
	}, Figure{
		No: 6, Name: "the same, one message after the other", Baseline: "k6's WebSocket users", Unit: "µs",
		Goal: 0.4, Floor: 0.7, Less: true, lessIsBest: true, ours: generatorCPU(closedTalk(d)), baseline: k6CPU(k6Binary, d), Slow: true,
	})
}

// messages takes figures 1 and 2 on a fresh server process.
func messages(server string, inFlight int, d time.Duration) func(context.Context) (sample, error) {
	return func(ctx context.Context) (sample, error) {
		c, err := startChild(server)
		if err != nil {
			return sample{}, err
		}
		tally, err := run(ctx, dialectOf(server), DialTCP(c.addr), Load{Pairs: 64, InFlight: inFlight, Duration: d})
		cpu, stopErr := c.stop()
		if err == nil {
			err = stopErr
		}
		return sample{tally.Rate(), float64(cpu.Microseconds()) / float64(tally.Delivered)}, err
	}
}

func dialectOf(server string) dialect {
	if server == relayServer {
		return relayDialect{}
	}
	return imsimDialect{}
}
