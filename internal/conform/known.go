package conform

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/imsim/imsim/reports"
)

// Known is a list of cases that are known to fail: a pattern over case IDs a
// line (* stands for anything), a reason behind " # ". It is strict: a pattern
// that matches no case of the run, and a listed case that passes, are errors.
type Known struct{ entries []knownEntry }

type knownEntry struct {
	line    int
	pattern string
	match   *regexp.Regexp
	reason  string
}

// ParseKnown reads a list; name is shown in errors.
func ParseKnown(r io.Reader, name string) (*Known, error) {
	k := &Known{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		pattern, reason, _ := strings.Cut(text, " # ")
		pattern = strings.TrimSpace(pattern)
		parts := strings.Split(pattern, "*")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		for _, e := range k.entries {
			if e.pattern == pattern {
				return nil, fmt.Errorf("%s:%d: %q stands in line %d already", name, n, pattern, e.line)
			}
		}
		k.entries = append(k.entries, knownEntry{n, pattern, regexp.MustCompile("^" + strings.Join(parts, ".*") + "$"), strings.TrimSpace(reason)})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return k, nil
}

// Apply marks the results that the list names, and adds a problem for each
// entry that names none.
func (k *Known) Apply(run *reports.Run) {
	for _, e := range k.entries {
		hit := false
		for i := range run.Results {
			if e.match.MatchString(run.Results[i].ID) {
				hit = true
				reason := e.reason
				run.Results[i].Known = &reason
			}
		}
		if !hit {
			run.Problems = append(run.Problems, fmt.Sprintf("known-failing list, line %d: %q matches no case of this run", e.line, e.pattern))
		}
	}
}
