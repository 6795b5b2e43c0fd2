package mutants

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/reports"
	"github.com/imsim/imsim/scenarios"
)

// sideBySide bounds how many cases run at a time. Most of them wait for an
// event that never comes, those of mutants no longer than patience.
const (
	sideBySide = 32
	patience   = 2 * time.Second
	caseLimit  = 2 * time.Minute // the machine may be busy
)

// TestTheSuiteCatchesEveryMutant runs each mutant's cases twice: on the mutant,
// where one at least must fail and say why, and on the same wrapping without
// the fault, where all must pass.
func TestTheSuiteCatchesEveryMutant(t *testing.T) {
	defer goleak.VerifyNone(t)
	cases := map[string]scenarios.Case{}
	for _, c := range scenarios.Cases() {
		cases[c.ID()] = c
	}
	list := List()
	broken := make([][]reports.Result, len(list))
	sound := map[string]reports.Result{} // by case; shared by mutants
	var mu sync.Mutex
	var running sync.WaitGroup
	turn := make(chan struct{}, sideBySide)
	start := func(b Break, c scenarios.Case, patience time.Duration, done func(reports.Result)) {
		turn <- struct{}{}
		running.Go(func() {
			defer func() { <-turn }()
			r := run(t, b, c, patience)
			mu.Lock()
			defer mu.Unlock()
			done(r)
		})
	}
	for n, m := range list {
		if len(m.Cases) == 0 {
			t.Errorf("%s: no cases", m.Name)
		}
		for _, id := range m.Cases {
			c, ok := cases[id]
			if !ok {
				t.Errorf("%s: there is no case %q", m.Name, id)
				continue
			}
			start(m.Break, c, patience, func(r reports.Result) { broken[n] = append(broken[n], r) })
		}
	}
	for id := range used(list) {
		if c, ok := cases[id]; ok {
			start(passThrough, c, 0, func(r reports.Result) { sound[id] = r })
		}
	}
	running.Wait()
	for id, r := range sound {
		if r.Outcome != reports.Passed {
			t.Errorf("without a fault: %s: %s: %s", r.Outcome, id, r.Message)
		}
	}
	for n, m := range list {
		t.Run(m.Name, func(t *testing.T) {
			caught := false
			for _, r := range broken[n] {
				caught = caught || r.Outcome == reports.Failed && strings.Contains(r.Message, m.Says)
			}
			if caught {
				return
			}
			t.Errorf("no case caught it, saying %q", m.Says)
			for _, r := range broken[n] {
				t.Logf("%s: %s: %s", r.Outcome, r.ID, r.Message)
			}
		})
	}
}

// passThrough is every kind of wrapping, and no fault.
var passThrough = Break{
	Call: func(_ *Instance, next Call) Call { return next },
	Stream: func() func(port.Record) []port.Record {
		return func(r port.Record) []port.Record { return []port.Record{r} }
	},
	Down: func() func(Frame) []Frame { return func(f Frame) []Frame { return []Frame{f} } },
	Up:   func() func(Frame) []Frame { return func(f Frame) []Frame { return []Frame{f} } },
}

func used(list []Mutant) map[string]bool {
	ids := map[string]bool{}
	for _, m := range list {
		for _, id := range m.Cases {
			ids[id] = true
		}
	}
	return ids
}

func run(t *testing.T, b Break, c scenarios.Case, patience time.Duration) reports.Result {
	p := New(b)
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), caseLimit)
	defer cancel()
	return scenarios.Play(ctx, scenarios.Env{
		Port: func(context.Context) (port.Port, error) { return p, nil }, Patience: patience,
	}, c)
}

func TestThereAreEnoughMutants(t *testing.T) {
	names := map[string]bool{}
	for _, m := range List() {
		if names[m.Name] || m.Says == "" {
			t.Errorf("%q: its name must be its own, and it must say how it is caught", m.Name)
		}
		names[m.Name] = true
	}
	if len(names) < 25 {
		t.Errorf("%d mutants, want 25 at least", len(names))
	}
}
