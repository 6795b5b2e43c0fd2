package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/imsim/imsim/protocol/wirecheck"
)

// junitTime is how the common schema wants it: UTC without saying so.
const junitTime = "2006-01-02T15:04:05"

func junitSeconds(s float64) string { return fmt.Sprintf("%.3f", s) }

// WriteJUnit writes the run for CI systems: a suite for each port and area.
func WriteJUnit(w io.Writer, run *Run) error {
	suites := junit.Testsuites{Name: "imsim conformance", Time: junitSeconds(run.Seconds)}
	for _, p := range run.Ports() {
		byArea := map[string]*junit.Testsuite{}
		var order []string
		seconds := map[string]float64{}
		for _, r := range run.Results {
			if r.Port != p {
				continue
			}
			suite := byArea[r.Area]
			if suite == nil {
				suite = &junit.Testsuite{Name: p.String() + ": " + r.Area, Timestamp: run.Started.UTC().Format(junitTime)}
				byArea[r.Area] = suite
				order = append(order, r.Area)
			}
			suite.AddTestcase(testcase(p, r))
			seconds[r.Area] += r.Seconds
		}
		for _, name := range order {
			byArea[name].Time = junitSeconds(seconds[name])
			suites.AddSuite(*byArea[name])
		}
	}
	suites.Skipped = 0 // the schema that Jenkins holds files against has it for a suite only
	return suites.WriteXML(w)
}

func testcase(p Port, r Result) junit.Testcase {
	tc := junit.Testcase{Classname: p.String() + "." + r.Area, Name: r.Name, Time: junitSeconds(r.Seconds)}
	detail := &junit.Result{Message: r.Message, Type: r.Outcome, Data: r.evidence()}
	switch {
	case r.Outcome == Skipped:
		tc.Skipped = &junit.Result{Message: r.Message}
	case r.Outcome == Passed && r.Known != nil:
		tc.Failure = &junit.Result{Type: "unexpected-pass", Message: "passes, but is listed as known to fail: " + *r.Known}
	case r.Known != nil:
		tc.Skipped = &junit.Result{Message: "known to fail: " + *r.Known}
	case r.Outcome == Failed:
		tc.Failure = detail
	case r.Outcome != Passed:
		tc.Error = detail
	}
	return tc
}

// evidence is what the case did, the verdict of the wire, and what the port
// wrote to stderr.
func (r Result) evidence() string {
	lines := r.Steps
	if r.Verdict() != "" {
		lines = append(lines[:len(lines):len(lines)], "", wirecheck.Explain(r.Wire))
	}
	if r.Stderr != "" {
		lines = append(lines[:len(lines):len(lines)], "", "stderr:", r.Stderr)
	}
	return printable(strings.Join(lines, "\n"))
}
