// Package reports renders a finished run. There is one model of a run, Run,
// and several views of it: text, JSON, JUnit XML, Markdown and HTML.
//
//	err := reports.WriteDir("report", run) // report.html, junit.xml, report.json, summary.md
//	before, err := reports.Read("main/report.json")
//	fmt.Println(reports.Compare(before, run, reports.Slower).Worse())
package reports

import (
	"encoding/json"
	"fmt"
	"sort"
	"time"

	"github.com/imsim/imsim/protocol/wirecheck"
)

// Outcomes of a case. What the port did not survive is told apart from a
// failed expectation, and a skip is never a pass.
const (
	Passed         = "passed"
	Failed         = "failed"
	Skipped        = "skipped"
	NotImplemented = "not-implemented"
	TimedOut       = "timed-out"
	Crash          = "crash"
	Hang           = "hang"
	BrokenProtocol = "protocol-error"
)

// Broke tells whether an outcome says that the port broke down.
func Broke(outcome string) bool {
	return outcome == Crash || outcome == Hang || outcome == BrokenProtocol
}

// Conformance is the kind of report that a Run is.
const Conformance = "conformance"

// Run is a conformance run, finished. report.schema.json describes its JSON.
type Run struct {
	Format  int       `json:"imsimReport"` // version of this form
	Kind    string    `json:"kind"`        // Conformance
	Tool    string    `json:"tool"`
	Version string    `json:"version"`
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	// Problems are what is wrong with the run itself: a shard that ended
	// early, a pattern of the known-failing list that matches nothing.
	Problems []string `json:"problems,omitempty"`
	Results  []Result `json:"results"`
}

// Format of a Run that this package writes.
const Format = 1

// Port says which implementation was under test.
type Port struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Language string `json:"language,omitempty"`
}

func (p Port) String() string { return fmt.Sprintf("%s %s", p.Name, p.Version) }

// Result is what became of a case on a port.
type Result struct {
	ID      string   `json:"id"` // area/name, stable
	Area    string   `json:"area"`
	Name    string   `json:"name"`
	Level   string   `json:"level"`
	Labels  []string `json:"labels,omitempty"`
	Covers  []string `json:"covers,omitempty"`
	Source  string   `json:"source,omitempty"` // where the rule stands
	Port    Port     `json:"port"`
	Outcome string   `json:"outcome"`
	// Lacks is the method that a port without it was asked for (NotImplemented).
	Lacks string `json:"lacks,omitempty"`
	// Known is the reason of the known-failing entry that the case fits.
	Known   *string `json:"known,omitempty"`
	Message string  `json:"message,omitempty"`
	Seconds float64 `json:"seconds"`
	// Steps is what the case did and saw; expectations that were met begin
	// with ✓. Frames is what went over the wire, tickets masked: of a case that
	// did not pass, or of every case if the run kept all.
	Steps  []string          `json:"steps,omitempty"`
	Frames []json.RawMessage `json:"frames,omitempty"`
	Stderr string            `json:"stderr,omitempty"`
	// Wire is which rules of the wire the frames break, and which side did.
	Wire []wirecheck.Finding `json:"wire,omitempty"`
}

// Unexpected tells whether the result must fail the run.
func (r Result) Unexpected() bool {
	if r.Outcome == Skipped {
		return false
	}
	return (r.Outcome == Passed) == (r.Known != nil)
}

// Verdict tells which side broke the rules of the wire; it is empty if the
// frames of the case were not kept.
func (r Result) Verdict() wirecheck.Verdict {
	if len(r.Frames) == 0 {
		return ""
	}
	return wirecheck.VerdictOf(r.Wire)
}

// Sort brings the results into their stable order.
func (r *Run) Sort() {
	sort.SliceStable(r.Results, func(i, j int) bool {
		a, b := r.Results[i], r.Results[j]
		if a.Port != b.Port {
			return a.Port.String() < b.Port.String()
		}
		return a.ID < b.ID
	})
}

// Ports lists the ports of the run in order.
func (r *Run) Ports() []Port {
	var list []Port
	seen := map[Port]bool{}
	for _, res := range r.Results {
		if !seen[res.Port] {
			seen[res.Port] = true
			list = append(list, res.Port)
		}
	}
	return list
}

// Count counts the results of a port by outcome.
func (r *Run) Count(p Port) map[string]int {
	n := map[string]int{}
	for _, res := range r.Results {
		if res.Port == p {
			n[res.Outcome]++
		}
	}
	return n
}

// OK tells whether everything went as expected.
func (r *Run) OK() bool {
	for _, res := range r.Results {
		if res.Unexpected() {
			return false
		}
	}
	return len(r.Problems) == 0
}
