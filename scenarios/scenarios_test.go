package scenarios_test

import (
	"context"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"go.uber.org/goleak"

	"github.com/imsim/imsim/client/clientport"
	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/reports"
	"github.com/imsim/imsim/scenarios"
)

// TestScenarios runs the suite on the Go client, each case on a server of its
// own, and sees that nothing of them is left.
func TestScenarios(t *testing.T) {
	// Ginkgo leaves the goroutine that waits for an interrupt.
	defer goleak.VerifyNone(t, goleak.IgnoreTopFunction("github.com/onsi/ginkgo/v2/internal/interrupt_handler.(*InterruptHandler).registerForInterrupts.func2"))
	gomega.RegisterFailHandler(ginkgo.Fail)
	p := newSpy(clientport.New(clientport.Options{}))
	defer p.Close()
	passed := 0
	scenarios.Register(scenarios.Cases(), scenarios.Env{
		Port:  func(context.Context) (port.Port, error) { return p, nil },
		Begin: p.begin,
		// Neither the client nor the backend may break the wire's rules. (The
		// race detector has enough to do.)
		AllFrames: !raceDetector,
		Report: func(r reports.Result) {
			p.report(r)
			for _, found := range r.Wire {
				t.Errorf("%s: %s", r.ID, found)
			}
			if r.Outcome == reports.Passed {
				passed++
			}
		},
	})
	ginkgo.RunSpecs(t, "imsim scenarios on the Go client")
	if passed == 0 {
		t.Error("no case passed")
	}
	if list := p.empty(scenarios.Cases()); len(list) > 0 {
		t.Errorf("no case that says it covers them made these work, or fire: %q", list)
	}
}

func TestCasesAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range scenarios.Cases() {
		switch {
		case seen[c.ID()]:
			t.Errorf("two cases are called %q", c.ID())
		case c.Name == "" || strings.HasSuffix(c.Name, ".") || c.Area == "":
			t.Errorf("%q: an area, and a name without a full stop", c.ID())
		case len(c.Covers) == 0 || c.Source == "":
			t.Errorf("%q must say what it covers and where its rule stands", c.ID())
		case c.Level != scenarios.Core && c.Level != scenarios.Extended:
			t.Errorf("%q: level %q", c.ID(), c.Level)
		}
		seen[c.ID()] = true
	}
}

func TestCoverageListsTheWholeAPI(t *testing.T) {
	table := scenarios.CoverageOf(scenarios.Cases())
	if got, want := len(table), len(port.Methods)+len(port.Events); got != want {
		t.Fatalf("%d rows, want %d", got, want)
	}
	for _, row := range table {
		if row.Name == "login" && len(row.Cases) < 5 {
			t.Errorf("login is covered by %d cases only", len(row.Cases))
		}
	}
}

// A method or event of the reference API without a case fails the suite.
func TestNothingOfTheAPIIsWithoutACase(t *testing.T) {
	for _, row := range scenarios.CoverageOf(scenarios.Cases()) {
		if len(row.Cases) == 0 {
			t.Errorf("no case covers %s", row.Name)
		}
	}
}
