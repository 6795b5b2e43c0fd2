package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jstemmer/go-junit-report/v2/junit"
)

// WriteDir writes report.html, junit.xml and report.json into a folder, which
// is made if needed.
func WriteDir(dir string, run *Run) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	for name, write := range map[string]func(io.Writer, *Run) error{
		"report.html": WriteHTML, "junit.xml": WriteJUnit, "report.json": WriteJSON,
	} {
		if err := writeFile(filepath.Join(dir, name), run, write); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	return nil
}

func writeFile(path string, run *Run, write func(io.Writer, *Run) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f, run); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// WriteJSON writes the run as it is.
func WriteJSON(w io.Writer, run *Run) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	return enc.Encode(run)
}

// WriteJUnit writes the run for CI systems: a suite for each port and area.
func WriteJUnit(w io.Writer, run *Run) error {
	var suites junit.Testsuites
	for _, p := range run.Ports() {
		byArea := map[string]*junit.Testsuite{}
		var order []string
		for _, r := range run.Results {
			if r.Port != p {
				continue
			}
			suite := byArea[r.Area]
			if suite == nil {
				suite = &junit.Testsuite{Name: p.String() + ": " + r.Area, Timestamp: run.Started.UTC().Format(time.RFC3339)}
				byArea[r.Area] = suite
				order = append(order, r.Area)
			}
			suite.AddTestcase(testcase(p, r))
		}
		for _, name := range order {
			suites.AddSuite(*byArea[name])
		}
	}
	return suites.WriteXML(w)
}

func testcase(p Port, r Result) junit.Testcase {
	tc := junit.Testcase{Classname: p.String() + "." + r.Area, Name: r.Name, Time: fmt.Sprintf("%.3f", r.Seconds)}
	detail := &junit.Result{Message: r.Message, Type: r.Outcome, Data: strings.Join(r.Steps, "\n")}
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

// WriteText writes what a person at a terminal wants to know: the unexpected
// results, whole, and the counts.
func WriteText(w io.Writer, run *Run) error {
	var b strings.Builder
	for _, r := range run.Results {
		if !r.Unexpected() {
			continue
		}
		what := r.Outcome
		if r.Known != nil {
			what = "passes, but is listed as known to fail"
		}
		fmt.Fprintf(&b, "\n✗ %s\n  %s on %s", r.ID, what, r.Port)
		if r.Source != "" {
			fmt.Fprintf(&b, " (rule: %s)", r.Source)
		}
		fmt.Fprintf(&b, "\n  %s\n", strings.ReplaceAll(r.Message, "\n", "\n  "))
		const shown = 12
		steps := r.Steps
		if len(steps) > shown {
			fmt.Fprintf(&b, "    … %d earlier steps\n", len(steps)-shown)
			steps = steps[len(steps)-shown:]
		}
		for _, step := range steps {
			fmt.Fprintf(&b, "    %s\n", step)
		}
		if r.Stderr != "" {
			fmt.Fprintf(&b, "    stderr: %s\n", strings.ReplaceAll(strings.TrimSpace(r.Stderr), "\n", "\n            "))
		}
	}
	for _, p := range run.Problems {
		fmt.Fprintf(&b, "\n✗ %s\n", p)
	}
	b.WriteString("\n")
	for _, p := range run.Ports() {
		fmt.Fprintf(&b, "%s: %s\n", p, Counts(run.Count(p)))
	}
	fmt.Fprintf(&b, "%.1f s\n", run.Seconds)
	_, err := io.WriteString(w, b.String())
	return err
}

// Counts is a sentence like "61 passed, 0 failed, 2 skipped".
func Counts(n map[string]int) string {
	text := fmt.Sprintf("%d passed, %d failed, %d skipped", n[Passed], n[Failed], n[Skipped])
	for _, outcome := range []string{NotImplemented, TimedOut, Crash, Hang, BrokenProtocol} {
		if n[outcome] > 0 {
			text += fmt.Sprintf(", %d %s", n[outcome], outcome)
		}
	}
	return text
}
