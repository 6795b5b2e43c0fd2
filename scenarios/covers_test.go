package scenarios_test

import (
	"context"
	"slices"
	"sync"

	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/reports"
	"github.com/imsim/imsim/scenarios"
)

// spy is a port that notes which methods succeed and which events fire, case
// by case.
type spy struct {
	port.Port
	mu   sync.Mutex
	at   string                     // ID of the case that runs
	seen map[string]map[string]bool // by case: methods, and names of events
	ran  map[string]bool            // cases that were not skipped
}

func newSpy(p port.Port) *spy {
	return &spy{Port: p, seen: map[string]map[string]bool{}, ran: map[string]bool{}}
}

func (s *spy) begin(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = id
	s.seen[id] = map[string]bool{}
}

func (s *spy) report(r reports.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ran[r.ID] = r.Outcome != reports.Skipped
}

func (s *spy) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[s.at][what] = true
}

func (s *spy) Create(ctx context.Context, o port.Options) (port.Instance, error) {
	i, err := s.Port.Create(ctx, o)
	if err != nil {
		return nil, err
	}
	return &spied{i, s}, nil
}

type spied struct {
	port.Instance
	spy *spy
}

func (i *spied) Call(ctx context.Context, api string, args ...any) (port.Answer, error) {
	a, err := i.Instance.Call(ctx, api, args...)
	if err == nil {
		i.spy.note(api)
	}
	return a, err
}

func (i *spied) Destroy(ctx context.Context) error {
	err := i.Instance.Destroy(ctx)
	i.spy.note("destroy")
	for _, r := range i.Stream().Since(0) {
		if r.Kind == port.RecordEvent {
			i.spy.note(r.Name)
		}
	}
	return err
}

// empty lists the methods and events of the reference API that cases claim to
// cover, though in none of those that ran the method succeeded, or the event
// fired.
func (s *spy) empty(cases []scenarios.Case) []string {
	never := func(name string) bool {
		return slices.ContainsFunc(port.Events, func(e port.Event) bool { return e.Key == name && e.Never })
	}
	var list []string
	for _, row := range scenarios.CoverageOf(cases) {
		what := row.Name
		for _, e := range port.Events {
			if row.Event && e.Key == row.Name {
				what = e.Name
			}
		}
		ran, seen := false, false
		for _, id := range row.Cases {
			ran = ran || s.ran[id]
			seen = seen || s.seen[id][what]
		}
		if ran && !seen && !never(row.Name) {
			list = append(list, row.Name)
		}
	}
	return list
}
