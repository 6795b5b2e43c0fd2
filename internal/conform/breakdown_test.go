package conform

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/imsim/imsim/reports"
)

// lateWriter adds a line that is not of the protocol to the answer of the
// first destroy.
type lateWriter struct {
	io.Writer
	begun, said atomic.Bool
}

func (w *lateWriter) begin() { w.begun.Store(true) }

func (w *lateWriter) Write(p []byte) (int, error) {
	if w.begun.Load() && bytes.Contains(p, []byte(`"result":{}`)) && !w.said.Swap(true) {
		if _, err := w.Writer.Write(append(bytes.Clone(p), "one more thing\n"...)); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	return w.Writer.Write(p)
}

// What a driver does not survive is told though every expectation of the case
// was met: at its end, by the next case, or by the run.
func TestABreakdownAtTheEndIsTold(t *testing.T) {
	for role, want := range map[string]struct {
		outcomes, message, problem string
	}{
		"good":      {outcomes: "passed passed"},
		"babbling":  {outcomes: "protocol-error protocol-error", message: "at the end of the case: port protocol-error: line "},
		"muttering": {outcomes: "passed protocol-error", message: "one more thing"},
		"dying":     {outcomes: "passed passed", problem: "after its last case: port crash: exit status 6"},
	} {
		t.Run(role, func(t *testing.T) {
			run, err := Run(t.Context(), Options{
				Selection: Selection{Focus: "^session/(setLogLevel|registerPlugin) "}, Drivers: []string{driverLine(t, role)}, Shards: 1, Self: shardSelf(t),
			})
			if err != nil {
				t.Fatal(err)
			}
			var outcomes []string
			for _, r := range run.Results {
				outcomes = append(outcomes, r.Outcome)
				if reports.Broke(r.Outcome) && !strings.Contains(r.Message, want.message) {
					t.Errorf("%s: %s, want %q", r.ID, r.Message, want.message)
				}
				if r.Port.Name == "" {
					t.Errorf("%s is of no port", r.ID)
				}
			}
			slices.Sort(outcomes)
			if got := strings.Join(outcomes, " "); got != want.outcomes {
				t.Errorf("the cases: %s, want %s", got, want.outcomes)
			}
			problems := strings.Join(run.Problems, "; ")
			if !strings.Contains(problems, want.problem) || (problems != "") != (want.problem != "") {
				t.Errorf("problems: %q, want %q", problems, want.problem)
			}
		})
	}
}
