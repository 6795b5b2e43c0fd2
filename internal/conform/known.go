package conform

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/imsim/imsim/reports"
)

// Known is a list of what a port is known not to do yet, an entry a line:
//
//	# a comment
//	c2c-text/a resend* # the queue of failed messages is missing
//	group-*/* [my-port <0.4] # groups come in 0.4
//	api:createGroup # groups come later
//
// An entry is a pattern over case IDs (* stands for anything), or api: and a
// method that the port lacks, then perhaps a port's name and a range of its
// versions in brackets, and a reason. The list is strict: an entry that fits
// no case of the suite, a listed case that passes, and a listed method with
// which a case passes, are errors.
type Known struct {
	name    string
	entries []*entry
}

type entry struct {
	line     int
	what     string         // as it stands in the list
	pattern  *regexp.Regexp // nil for a method
	api      string
	port     string // "": every port
	versions *semver.Constraints
	reason   string
}

var entryForm = regexp.MustCompile(`^(.*?)(?:\s+\[([^\[\]]*)\])?\s+#\s*(.*)$`)

// ParseKnown reads a list; name is shown in errors.
func ParseKnown(r io.Reader, name string) (*Known, error) {
	k := &Known{name: name}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		e, err := parseEntry(text)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		e.line = n
		if i := slices.IndexFunc(k.entries, func(o *entry) bool { return o.what == e.what }); i >= 0 {
			return nil, fmt.Errorf("%s:%d: %q stands in line %d already", name, n, e.what, k.entries[i].line)
		}
		k.entries = append(k.entries, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return k, nil
}

func parseEntry(text string) (*entry, error) {
	m := entryForm.FindStringSubmatch(text)
	if m == nil || strings.TrimSpace(m[3]) == "" {
		return nil, fmt.Errorf("%q has no reason behind \" # \"", text)
	}
	e := &entry{what: strings.TrimSpace(strings.TrimSuffix(text, "# "+m[3])), reason: strings.TrimSpace(m[3])}
	if api, ok := strings.CutPrefix(m[1], "api:"); ok {
		e.api = api
	} else {
		parts := strings.Split(m[1], "*")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		e.pattern = regexp.MustCompile("^" + strings.Join(parts, ".*") + "$")
	}
	name, versions, _ := strings.Cut(strings.TrimSpace(m[2]), " ")
	if name != "" && strings.ContainsAny(name[:1], "<>=!~^0123456789") { // no name, versions only
		name, versions = "", strings.TrimSpace(m[2])
	}
	e.port = name
	if versions != "" {
		var err error
		if e.versions, err = semver.NewConstraint(versions); err != nil {
			return nil, fmt.Errorf("[%s]: %w", m[2], err)
		}
	}
	return e, nil
}

// of tells whether the entry is about that port.
func (e *entry) of(p reports.Port) bool {
	if e.port != "" && e.port != p.Name {
		return false
	}
	if e.versions == nil {
		return true
	}
	v, err := semver.NewVersion(p.Version)
	return err == nil && e.versions.Check(v)
}

// mark puts the reason to a result that the list names.
func (k *Known) mark(r *reports.Result) {
	for _, e := range k.entries {
		if !e.of(r.Port) {
			continue
		}
		if e.pattern != nil && e.pattern.MatchString(r.ID) || e.api != "" && e.api == r.Lacks {
			r.Known = &e.reason
		}
	}
}

// check finds entries that say nothing true: of the suite, whose case IDs and
// methods are given, and of the results.
func (k *Known) check(ids, methods []string, results []reports.Result) (problems []string) {
	add := func(e *entry, format string, args ...any) {
		problems = append(problems, fmt.Sprintf("%s:%d: %q ", k.name, e.line, e.what)+fmt.Sprintf(format, args...))
	}
	for _, e := range k.entries {
		if e.pattern != nil {
			if !slices.ContainsFunc(ids, e.pattern.MatchString) {
				add(e, "fits no case of the suite")
			}
			continue
		}
		if !slices.Contains(methods, e.api) {
			add(e, "is no method of the reference API")
		}
		for _, r := range results {
			if r.Outcome == reports.Passed && e.of(r.Port) && slices.Contains(r.Covers, e.api) {
				add(e, "is listed as lacking, but with it %s passes on %s", r.ID, r.Port)
				break
			}
		}
	}
	return problems
}
