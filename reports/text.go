package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/imsim/imsim/protocol/wirecheck"
)

// shownStderr is how many lines of a driver's stderr are for a terminal; the
// written reports have all that was kept.
const shownStderr = 30

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
		if r.Verdict() != "" {
			fmt.Fprintf(&b, "    %s\n", strings.ReplaceAll(wirecheck.Explain(r.Wire), "\n", "\n    "))
		}
		if r.Stderr != "" {
			lines := strings.Split(strings.TrimSpace(r.Stderr), "\n")
			if over := len(lines) - shownStderr; over > 0 {
				lines = append([]string{fmt.Sprintf("… %d earlier lines", over)}, lines[over:]...)
			}
			fmt.Fprintf(&b, "    stderr: %s\n", strings.Join(lines, "\n            "))
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
	_, err := io.WriteString(w, printable(b.String()))
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
