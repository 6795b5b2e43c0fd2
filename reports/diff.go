package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// What can have become of a case between two runs.
const (
	NewlyFailing = "newly failing" // was as expected, is not
	NewFailing   = "new, failing"  // was not there, and is not as expected
	NotRun       = "no longer run" // passed, is skipped
	Fixed        = "fixed"
	StillFailing = "still failing" // with another outcome or another reason
	New          = "new"
	Gone         = "gone"
	SlowerNow    = "slower"
)

// changes in the order in which they are told.
var changes = []string{NewlyFailing, NewFailing, NotRun, StillFailing, Fixed, Gone, New, SlowerNow}

// Change is what became of a case on a port.
type Change struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Port string `json:"port"` // "name version", or "name old → new"
	// Was and Is are outcomes; empty if the case was not there.
	Was     string  `json:"was,omitempty"`
	Is      string  `json:"is,omitempty"`
	Message string  `json:"message,omitempty"` // why it fails now
	Before  float64 `json:"secondsBefore,omitempty"`
	After   float64 `json:"secondsAfter,omitempty"`
}

// Diff is what changed between two runs.
type Diff struct {
	Changes []Change `json:"changes"`
	// Ports that only one of the runs has: their cases are not compared.
	OnlyBefore []string `json:"onlyBefore,omitempty"`
	OnlyAfter  []string `json:"onlyAfter,omitempty"`
	Same       int      `json:"same"` // results that did not change
}

// Slowness is when a case counts as slower: it takes Factor times as long, and
// Seconds more. The zero value finds none.
type Slowness struct{ Factor, Seconds float64 }

// Slower is the usual Slowness: twice as long, and half a second more.
var Slower = Slowness{2, 0.5}

// Compare tells what changed from one run to another. Ports are matched by
// name and version; if only one version of a name is left on each side, these
// two are compared.
func Compare(before, after *Run, slow Slowness) Diff {
	d := Diff{Changes: []Change{}}
	pairs, onlyBefore, onlyAfter := matchPorts(before.Ports(), after.Ports())
	for _, p := range onlyBefore {
		d.OnlyBefore = append(d.OnlyBefore, p.String())
	}
	for _, p := range onlyAfter {
		d.OnlyAfter = append(d.OnlyAfter, p.String())
	}
	for _, pair := range pairs {
		d.comparePort(pair, before.on(pair[0]), after.on(pair[1]), slow)
	}
	slices.SortStableFunc(d.Changes, func(a, b Change) int {
		return cmp.Or(slices.Index(changes, a.Kind)-slices.Index(changes, b.Kind), cmp.Compare(a.Port, b.Port), cmp.Compare(a.ID, b.ID))
	})
	return d
}

// on is the results of a port, by case.
func (r *Run) on(p Port) map[string]Result {
	list := map[string]Result{}
	for _, res := range r.Results {
		if res.Port == p {
			list[res.ID] = res
		}
	}
	return list
}

func matchPorts(before, after []Port) (pairs [][2]Port, onlyBefore, onlyAfter []Port) {
	pair := func(same func(a, b Port) bool) {
		for _, b := range slices.Clone(before) {
			matches := func(a Port) bool { return same(b, a) }
			if i := slices.IndexFunc(after, matches); i >= 0 {
				pairs = append(pairs, [2]Port{b, after[i]})
				after = slices.Delete(slices.Clone(after), i, i+1)
				before = slices.DeleteFunc(slices.Clone(before), func(p Port) bool { return p == b })
			}
		}
	}
	pair(func(a, b Port) bool { return a.Name == b.Name && a.Version == b.Version })
	versions := func(list []Port, name string) (n int) {
		for _, p := range list {
			if p.Name == name {
				n++
			}
		}
		return n
	}
	pair(func(a, b Port) bool {
		return a.Name == b.Name && versions(before, a.Name) == 1 && versions(after, a.Name) == 1
	})
	return pairs, before, after
}

func (d *Diff) comparePort(ports [2]Port, before, after map[string]Result, slow Slowness) {
	name := ports[1].String()
	if ports[0].Version != ports[1].Version {
		name = fmt.Sprintf("%s %s → %s", ports[1].Name, ports[0].Version, ports[1].Version)
	}
	for id, is := range after {
		c := Change{ID: id, Port: name, Is: is.Outcome, After: is.Seconds}
		if is.Unexpected() {
			c.Message = is.Message
		}
		was, known := before[id]
		if known {
			c.Was, c.Before = was.Outcome, was.Seconds
		}
		if c.Kind = kindOfChange(was, is, known, slow); c.Kind == "" {
			d.Same++
			continue
		}
		d.Changes = append(d.Changes, c)
	}
	for id, was := range before {
		if _, still := after[id]; !still {
			d.Changes = append(d.Changes, Change{Kind: Gone, ID: id, Port: name, Was: was.Outcome, Before: was.Seconds})
		}
	}
}

func kindOfChange(was, is Result, known bool, slow Slowness) string {
	switch {
	case !known && is.Unexpected():
		return NewFailing
	case !known:
		return New
	case is.Unexpected() && !was.Unexpected():
		return NewlyFailing
	case is.Unexpected() && (was.Outcome != is.Outcome || was.Message != is.Message):
		return StillFailing
	case was.Unexpected() && !is.Unexpected() && is.Outcome != Skipped:
		return Fixed
	case was.Outcome == Passed && is.Outcome == Skipped:
		return NotRun
	case slow.Factor > 0 && is.Seconds > was.Seconds*slow.Factor && is.Seconds > was.Seconds+slow.Seconds:
		return SlowerNow
	}
	return ""
}

// Count counts the changes by kind.
func (d Diff) Count() map[string]int {
	n := map[string]int{}
	for _, c := range d.Changes {
		n[c.Kind]++
	}
	return n
}

// Worse tells whether something fails that did not, or is not run any more.
func (d Diff) Worse() bool {
	n := d.Count()
	return n[NewlyFailing]+n[NewFailing]+n[NotRun] > 0
}

// WorseStrictly is Worse, or cases or ports are gone, or slower.
func (d Diff) WorseStrictly() bool {
	n := d.Count()
	return d.Worse() || n[Gone]+n[SlowerNow]+len(d.OnlyBefore) > 0
}

// WriteDiff writes what changed, for a person.
func WriteDiff(w io.Writer, d Diff) error {
	var b strings.Builder
	kind := ""
	for _, c := range d.Changes {
		if c.Kind != kind {
			kind = c.Kind
			fmt.Fprintf(&b, "%s: %d\n", kind, d.Count()[kind])
		}
		fmt.Fprintf(&b, "  %s on %s%s\n", c.ID, c.Port, c.detail())
		if c.Message != "" {
			fmt.Fprintf(&b, "    %s\n", strings.ReplaceAll(c.Message, "\n", "\n    "))
		}
	}
	for _, p := range d.OnlyBefore {
		fmt.Fprintf(&b, "no longer there: %s\n", p)
	}
	for _, p := range d.OnlyAfter {
		fmt.Fprintf(&b, "not there before: %s\n", p)
	}
	fmt.Fprintf(&b, "%d changed, %d the same\n", len(d.Changes), d.Same)
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteDiffMarkdown writes what changed for a job page or a pull request.
func WriteDiffMarkdown(w io.Writer, d Diff) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## imsim: %d changed, %d the same\n", len(d.Changes), d.Same)
	if len(d.Changes) > 0 {
		b.WriteString("\n| | case | port | | reason |\n|---|---|---|---|---|\n")
	}
	for _, c := range d.Changes[:min(len(d.Changes), markdownCases)] {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", c.Kind, cell(c.ID), cell(c.Port), cell(strings.TrimPrefix(c.detail(), ": ")), cell(c.Message))
	}
	if more := len(d.Changes) - markdownCases; more > 0 {
		fmt.Fprintf(&b, "\n… and %d more.\n", more)
	}
	for _, p := range d.OnlyBefore {
		fmt.Fprintf(&b, "\nNo longer there: %s\n", cell(p))
	}
	for _, p := range d.OnlyAfter {
		fmt.Fprintf(&b, "\nNot there before: %s\n", cell(p))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// detail is how it was and is.
func (c Change) detail() string {
	switch {
	case c.Kind == SlowerNow:
		return fmt.Sprintf(": %.2f s, was %.2f s", c.After, c.Before)
	case c.Was == "":
		return ": " + c.Is
	case c.Is == "":
		return ": was " + c.Was
	}
	return fmt.Sprintf(": %s, was %s", c.Is, c.Was)
}
