package report

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/imsim/imsim/loadgen"
)

// Change is a number that is not the same in two runs.
type Change struct {
	Name          string
	Before, After float64
	Unit          string
	// Worse and Better tell which way it went; neither for what is no matter of
	// better or worse.
	Worse, Better bool
}

// tolerance is how much a latency or a rate may move between runs of the same
// load, on the same machine, before it is called a change.
const tolerance = 0.10

// Diff compares two runs: what they did, the account, latencies, rates.
func Diff(before, after *loadgen.Result) []Change {
	var list []Change
	exact := func(name string, a, b int64, more bool) { // more: that more is bad
		if a != b {
			list = append(list, Change{Name: name, Before: float64(a), After: float64(b), Worse: more && b > a, Better: more && b < a})
		}
	}
	near := func(name, unit string, a, b float64, moreIsBad bool) {
		if math.Abs(a-b) <= tolerance*math.Max(a, b) {
			return
		}
		list = append(list, Change{Name: name, Before: a, After: b, Unit: unit, Worse: b > a == moreIsBad, Better: b > a != moreIsBad})
	}
	x, y := before.Account, after.Account
	exact("lost", x.Lost, y.Lost, true)
	exact("duplicated", x.Duplicated, y.Duplicated, true)
	exact("out of order", x.OutOfOrder, y.OutOfOrder, true)
	exact("unexpected", x.Unexpected, y.Unexpected, true)
	exact("refused", x.Failed, y.Failed, true)
	exact("unanswered", x.Unanswered, y.Unanswered, true)
	exact("errors", before.ErrorCount(), after.ErrorCount(), true)
	exact("users", int64(before.Users), int64(after.Users), false)
	exact("planned operations", before.Planned, after.Planned, false)
	exact("started late", before.Late, after.Late, true)
	for _, name := range loadgen.Latencies() {
		a, was := before.Latency[name]
		b, is := after.Latency[name]
		if !was || !is {
			if was != is {
				exact(name+" count", a.Count, b.Count, false)
			}
			continue
		}
		near(name+" p50", "ms", a.P50, b.P50, true)
		near(name+" p99", "ms", a.P99, b.P99, true)
	}
	rate := func(r *loadgen.Result) float64 { return float64(r.Account.Delivered) / math.Max(r.Seconds, 1e-9) }
	near("delivered a second", "", rate(before), rate(after), false)
	near("processors", "", before.Generator.Cores, after.Generator.Cores, true)
	near("resident memory", "MB", before.Generator.ResidentMB, after.Generator.ResidentMB, true)
	return list
}

// WriteDiff writes what changed between two runs.
func WriteDiff(w io.Writer, before, after *loadgen.Result) error {
	var b strings.Builder
	was, is := before.Spec, after.Spec
	was.Run, is.Run = "", "" // by chance
	if fmt.Sprintf("%+v", was) != fmt.Sprintf("%+v", is) {
		b.WriteString("! the loads are not the same: see spec in the reports\n")
	}
	changes := Diff(before, after)
	for _, c := range changes {
		sign := " "
		switch {
		case c.Worse:
			sign = "✗"
		case c.Better:
			sign = "✓"
		}
		fmt.Fprintf(&b, "%s %-22s %12.2f → %12.2f %s\n", sign, c.Name, c.Before, c.After, c.Unit)
	}
	if len(changes) == 0 {
		fmt.Fprintf(&b, "no change (latencies, rates and memory within %.0f %%)\n", tolerance*100)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
