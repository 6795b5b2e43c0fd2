package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/imsim/imsim/protocol/wirecheck"
)

// Bounds of the summary: job pages cut longer ones off.
const (
	markdownCases   = 50
	markdownSlowest = 5
	markdownMessage = 300 // bytes of a reason
)

// WriteMarkdown writes a summary for a job page: totals for each port, the
// cases that were not as expected with their reasons, and the slowest.
func WriteMarkdown(w io.Writer, run *Run) error {
	var b strings.Builder
	verdict := "✅ as expected"
	if !run.OK() {
		verdict = "❌ not as expected"
	}
	fmt.Fprintf(&b, "## imsim conformance: %s\n\n", verdict)
	b.WriteString("| port | passed | failed | not implemented | broke down | skipped |\n|---|--:|--:|--:|--:|--:|\n")
	for _, p := range run.Ports() {
		n := run.Count(p)
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d |\n", cell(p.String()), n[Passed], n[Failed], n[NotImplemented],
			n[TimedOut]+n[Crash]+n[Hang]+n[BrokenProtocol], n[Skipped])
	}
	for _, p := range run.Problems {
		fmt.Fprintf(&b, "\n❌ %s\n", strings.ReplaceAll(p, "\n", " "))
	}
	writeUnexpected(&b, run)
	writeSlowest(&b, run)
	fmt.Fprintf(&b, "\n%d results in %.1f s. Steps and frames of each case are in `%s`, among the job's artefacts.\n", len(run.Results), run.Seconds, HTMLFile)
	_, err := io.WriteString(w, b.String())
	return err
}

func writeUnexpected(b *strings.Builder, run *Run) {
	var bad []Result
	for _, r := range run.Results {
		if r.Unexpected() {
			bad = append(bad, r)
		}
	}
	if len(bad) == 0 {
		return
	}
	fmt.Fprintf(b, "\n### Not as expected: %d\n\n| case | port | outcome | reason | the wire |\n|---|---|---|---|---|\n", len(bad))
	for _, r := range bad[:min(len(bad), markdownCases)] {
		reason := r.Message
		if r.Outcome == Passed {
			reason = "is listed as known to fail: " + *r.Known
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", cell(r.ID), cell(r.Port.String()), r.Outcome, cell(reason), cell(blame(r)))
	}
	if more := len(bad) - markdownCases; more > 0 {
		fmt.Fprintf(b, "\n… and %d more.\n", more)
	}
}

// blame is the verdict in few words.
func blame(r Result) string {
	switch r.Verdict() {
	case wirecheck.Clean:
		return "clean"
	case "":
		return "–"
	}
	return r.Wire[0].String()
}

func writeSlowest(b *strings.Builder, run *Run) {
	slow := slices.DeleteFunc(slices.Clone(run.Results), func(r Result) bool { return r.Outcome == Skipped })
	slices.SortStableFunc(slow, func(a, b Result) int { return cmp.Compare(b.Seconds, a.Seconds) })
	if len(slow) == 0 {
		return
	}
	b.WriteString("\n<details><summary>Slowest cases</summary>\n\n| case | port | seconds |\n|---|---|--:|\n")
	for _, r := range slow[:min(len(slow), markdownSlowest)] {
		fmt.Fprintf(b, "| %s | %s | %.2f |\n", cell(r.ID), cell(r.Port.String()), r.Seconds)
	}
	b.WriteString("\n</details>\n")
}

// markdownText makes a text stand for itself in a table's cell.
var markdownText = strings.NewReplacer("\n", "<br>", "|", `\|`, "<", "&lt;", "&", "&amp;", "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`)

func cell(text string) string {
	text = printable(text)
	if len(text) > markdownMessage {
		text = strings.ToValidUTF8(text[:markdownMessage], "") + "…"
	}
	return markdownText.Replace(text)
}
