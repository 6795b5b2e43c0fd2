package reports

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func markdown(t *testing.T, run *Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteMarkdown(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheSummaryTellsWhatMatters(t *testing.T) {
	text := markdown(t, everything())
	for _, want := range []string{
		"❌ not as expected", "| port 1.0 | 1 | 3 | 0 | 1 | 0 |", "❌ a shard ended early",
		"### Not as expected: 10", "| a/clean | port 1.0 | failed | because of clean | clean |",
		"the port broke request-form in frame 2", "is listed as known to fail: a reason with &lt;markup> &amp; \"quotes\" \\| pipes",
		"Slowest cases", "`report.html`",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| a/") && strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 6 && strings.Count(line, "|") != 4 {
			t.Errorf("a text breaks its table: %s", line)
		}
	}
	if text := markdown(t, runOf(result(sdk, "a", "x", Passed))); !strings.Contains(text, "✅ as expected") || strings.Contains(text, "Not as expected") {
		t.Errorf("%s", text)
	}
}

// A job page takes a megabyte.
func TestTheSummaryIsBounded(t *testing.T) {
	var many []Result
	for i := range 5000 {
		r := result(sdk, "a", fmt.Sprintf("case %d", i), Failed)
		r.Message = strings.Repeat("long & ", 10000)
		many = append(many, r)
	}
	if text := markdown(t, runOf(many...)); len(text) > 100<<10 || !strings.Contains(text, "… and 4950 more") {
		t.Errorf("%d bytes", len(text))
	}
}
