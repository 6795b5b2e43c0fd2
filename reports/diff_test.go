package reports

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestWhatChangedIsTold(t *testing.T) {
	slow := func(r Result, seconds float64) Result { r.Seconds = seconds; return r }
	listed := func(r Result) Result { why := "not yet"; r.Known = &why; return r }
	other := func(r Result) Result { r.Message = "another reason"; return r }
	p := func(name, outcome string) Result { return result(oldPort, "a", name, outcome) }
	for name, c := range map[string]struct {
		before, after *Result
		kind          string
		worse, strict bool
	}{
		"passes, as before":           {ptr(p("x", Passed)), ptr(p("x", Passed)), "", false, false},
		"fails, as before":            {ptr(p("x", Failed)), ptr(p("x", Failed)), "", false, false},
		"fails for another reason":    {ptr(p("x", Failed)), ptr(other(p("x", Failed))), StillFailing, false, false},
		"crashes where it failed":     {ptr(p("x", Failed)), ptr(p("x", Crash)), StillFailing, false, false},
		"fails now":                   {ptr(p("x", Passed)), ptr(p("x", Failed)), NewlyFailing, true, true},
		"was skipped, fails":          {ptr(p("x", Skipped)), ptr(p("x", Hang)), NewlyFailing, true, true},
		"fails, but is listed":        {ptr(p("x", Passed)), ptr(listed(p("x", Failed))), "", false, false},
		"passes, but is still listed": {ptr(listed(p("x", Failed))), ptr(listed(p("x", Passed))), NewlyFailing, true, true},
		"is fixed":                    {ptr(p("x", TimedOut)), ptr(p("x", Passed)), Fixed, false, false},
		"is skipped now":              {ptr(p("x", Passed)), ptr(p("x", Skipped)), NotRun, true, true},
		"is new":                      {nil, ptr(p("x", Passed)), New, false, false},
		"is new and fails":            {nil, ptr(p("x", NotImplemented)), NewFailing, true, true},
		"is gone":                     {ptr(p("x", Passed)), nil, Gone, false, true},
		"is slower":                   {ptr(slow(p("x", Passed), 1)), ptr(slow(p("x", Passed), 2.1)), SlowerNow, false, true},
		"is a little slower":          {ptr(slow(p("x", Passed), 1)), ptr(slow(p("x", Passed), 1.9)), "", false, false},
		"is slower by milliseconds":   {ptr(slow(p("x", Passed), 0.01)), ptr(slow(p("x", Passed), 0.4)), "", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			before, after := runOf(p("same", Passed)), runOf(p("same", Passed))
			if c.before != nil {
				before.Results = append(before.Results, *c.before)
			}
			if c.after != nil {
				after.Results = append(after.Results, *c.after)
			}
			d := Compare(before, after, Slower)
			var kinds []string
			for _, change := range d.Changes {
				kinds = append(kinds, change.Kind)
			}
			var want []string
			if c.kind != "" {
				want = []string{c.kind}
			}
			if !slices.Equal(kinds, want) || d.Worse() != c.worse || d.WorseStrictly() != c.strict {
				t.Errorf("%v, worse %v, strictly %v; want %v, %v, %v", kinds, d.Worse(), d.WorseStrictly(), want, c.worse, c.strict)
			}
		})
	}
	if Compare(runOf(slow(p("x", Passed), 1)), runOf(slow(p("x", Passed), 9)), Slowness{}).WorseStrictly() {
		t.Error("slowness was not to be looked at")
	}
}

func ptr(r Result) *Result { return &r }

func TestPortsAreMatched(t *testing.T) {
	ports := func(list ...string) *Run {
		run := runOf()
		for _, p := range list {
			name, version, _ := strings.Cut(p, " ")
			run.Results = append(run.Results, result(Port{Name: name, Version: version}, "a", "x", Passed))
		}
		return run
	}
	for _, c := range []struct {
		before, after *Run
		same          int
		only          string
	}{
		{ports("p 1", "q 1"), ports("q 1", "p 1"), 2, "[] []"},
		{ports("p 1"), ports("p 2"), 1, "[] []"},
		{ports("p 1", "p 2"), ports("p 2", "p 3"), 2, "[] []"}, // what is left of each is one version
		{ports("p 1", "p 2"), ports("p 3"), 0, "[p 1 p 2] [p 3]"},
		{ports("p 1"), ports("q 1"), 0, "[p 1] [q 1]"},
	} {
		d := Compare(c.before, c.after, Slower)
		if only := fmt.Sprint(d.OnlyBefore, " ", d.OnlyAfter); d.Same != c.same || only != c.only {
			t.Errorf("%v → %v: %d the same, only %s; want %d, %s", c.before.Ports(), c.after.Ports(), d.Same, only, c.same, c.only)
		}
	}
}

func TestDiffAsText(t *testing.T) {
	before := runOf(result(oldPort, "a", "x", Passed), result(oldPort, "a", "gone", Passed), result(sdk, "a", "x", Passed))
	after := runOf(result(newPort, "a", "x", Failed), result(newPort, "a", "new", Passed))
	d := Compare(before, after, Slower)
	var text, markdown bytes.Buffer
	if err := WriteDiff(&text, d); err != nil {
		t.Fatal(err)
	}
	const want = `newly failing: 1
  a/x on port 1.0 → 1.1: failed, was passed
    because of x
gone: 1
  a/gone on port 1.0 → 1.1: was passed
new: 1
  a/new on port 1.0 → 1.1: passed
no longer there: tim-js-sdk 2.14.0
3 changed, 0 the same
`
	if text.String() != want {
		t.Errorf("got\n%s\nwant\n%s", text.String(), want)
	}
	if err := WriteDiffMarkdown(&markdown, d); err != nil {
		t.Fatal(err)
	}
	if line := "| newly failing | a/x | port 1.0 → 1.1 | failed, was passed | because of x |\n"; !strings.Contains(markdown.String(), line) {
		t.Errorf("no %s in\n%s", line, markdown.String())
	}
}
