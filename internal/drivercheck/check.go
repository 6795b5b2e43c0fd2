// Package drivercheck tries a driver step by step and says exactly what is
// wrong with which line: for who writes one.
//
//	report, err := drivercheck.Run(ctx, drivers.Command{Line: "python3 driver.py"}, drivercheck.Options{})
//	report.WriteText(os.Stdout)
//
// Each step has a driver process and a backend of its own, so one mistake does
// not hide the others.
package drivercheck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/imsim/imsim/drivers"
	"github.com/imsim/imsim/port"
)

// What became of a step.
const (
	OK      = "ok"
	Wrong   = "wrong"
	Skipped = "skipped" // the driver does not declare or implement what is tried
)

// Finding is the outcome of one step.
type Finding struct {
	Step   string `json:"step"`
	Status string `json:"status"`
	Detail string `json:"detail,omitempty"` // what is wrong, or why it was skipped
	// Lines are what is wrong with single lines of the driver, and the last
	// lines before the trouble.
	Lines []string `json:"lines,omitempty"`
}

// Report is a finished check.
type Report struct {
	Driver   port.Hello `json:"driver"`
	Findings []Finding  `json:"findings"`
}

// OK tells whether nothing is wrong.
func (r *Report) OK() bool {
	return !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Status == Wrong })
}

// Options of a check; the zero value is ready for use.
type Options struct {
	Limits drivers.Limits
}

// step is one thing that is tried. It returns nil, a skip, or what is wrong.
type step struct {
	name  string
	needs string // a capability
	try   func(*probe) error
}

var steps = []step{
	{name: "starts and introduces itself", try: (*probe).introduce},
	{name: "refuses what it does not know", try: (*probe).unknown},
	{name: "makes instances", try: (*probe).create},
	{name: "reports an API that it lacks", try: (*probe).lacking},
	{name: "logs in and reports events in order", try: (*probe).login},
	{name: "reports the SDK's own errors", try: (*probe).refusal},
	{name: "takes long lines and every character", try: (*probe).longLines},
	{name: "hands out messages as refs", try: (*probe).refs},
	{name: "sends and receives", try: (*probe).messages},
	{name: "keeps one ref for one message", needs: port.CapIdentity, try: (*probe).identity},
	{name: "calls back", needs: port.CapCallbacks, try: (*probe).callbacks},
	{name: "takes files", needs: port.CapFiles, try: (*probe).files},
	{name: "uploads", needs: port.CapUpload, try: (*probe).upload},
	{name: "moves its clock", needs: port.CapClock, try: (*probe).clock},
	{name: "answers out of order", try: (*probe).outOfOrder},
	{name: "destroys an instance", try: (*probe).destroy},
	{name: "ends when stdin ends", try: (*probe).end},
}

// skip ends a step that cannot be tried.
type skip string

func (s skip) Error() string { return string(s) }

// Run checks a driver. An error means that there is none to check: its program
// cannot be started.
func Run(ctx context.Context, c drivers.Command, o Options) (*Report, error) {
	return run(ctx, c, o, steps)
}

func run(ctx context.Context, c drivers.Command, o Options, steps []step) (*Report, error) {
	r := &Report{}
	for n, s := range steps {
		if s.needs != "" && n > 0 && !r.Driver.Can(s.needs) {
			r.Findings = append(r.Findings, Finding{Step: s.name, Status: Skipped, Detail: fmt.Sprintf("capability %q is not declared", s.needs)})
			continue
		}
		p, err := newProbe(ctx, c, o)
		var broken *port.Breakdown
		var refused *port.ProtocolError
		switch {
		case errors.As(err, &broken), errors.As(err, &refused):
			r.Findings = append(r.Findings, p.finding(s.name, err))
			if n == 0 {
				return r, nil // nothing else can be tried
			}
			continue
		case err != nil:
			return nil, err
		}
		r.Driver = p.driver.Hello()
		err = s.try(p)
		if end := p.close(); end != nil && (err == nil || errors.As(err, new(skip))) {
			err = fmt.Errorf("at its end: %w", end)
		}
		r.Findings = append(r.Findings, p.finding(s.name, err))
		if ctx.Err() != nil {
			return nil, fmt.Errorf("interrupted: %w", context.Cause(ctx))
		}
	}
	return r, nil
}

// WriteText writes the report for a reader at a terminal.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	if h := r.Driver; h.Name != "" {
		fmt.Fprintf(&b, "%s %s (%s), capabilities: %s\n", h.Name, h.Version, h.Language, strings.Join(h.Capabilities, ", "))
	}
	count := map[string]int{}
	for _, f := range r.Findings {
		count[f.Status]++
		mark := map[string]string{OK: "✓", Wrong: "✗", Skipped: "-"}[f.Status]
		fmt.Fprintf(&b, "%s %s", mark, f.Step)
		if f.Status == Skipped {
			fmt.Fprintf(&b, " (%s)", f.Detail)
		}
		b.WriteString("\n")
		if f.Status == Wrong {
			for line := range strings.Lines(f.Detail + "\n" + strings.Join(f.Lines, "\n")) {
				fmt.Fprintf(&b, "    %s\n", strings.TrimRight(line, "\n"))
			}
		}
	}
	fmt.Fprintf(&b, "%d ok, %d wrong, %d skipped\n", count[OK], count[Wrong], count[Skipped])
	_, err := io.WriteString(w, b.String())
	return err
}
