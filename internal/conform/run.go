package conform

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol/wirecheck"
	"github.com/imsim/imsim/reports"
	"github.com/imsim/imsim/scenarios"
)

// Options of a run.
type Options struct {
	Selection
	Drivers []string // command lines, each a port; "" is the Go client; see Attached, Awaited
	URL     string   // of a server that is there already
	Shards  int      // processes a port is tested in
	// Seed decides in which order the areas are run, with Shuffle all cases.
	Seed int64
	// AllFrames keeps the frames of cases that pass, too, and makes a rule of
	// the wire that was broken there a problem of the run.
	AllFrames bool
	Shuffle   bool
	// Limit is how long a case may take; 0: scenarios.CaseLimit.
	Limit time.Duration
	// Patience is how long an event is waited for; 0: 5 s.
	Patience time.Duration
	// FailFast ends the run at the first result that is not as expected.
	FailFast bool
	// Known is what the ports are known not to do yet; may be nil.
	Known *Known
	// Self is the command that runs Shard: this program.
	Self []string
	// Version of the tool, for the report.
	Version string
	// Progress is told how many cases there are, then each result.
	Progress func(total int, r *reports.Result)
}

// Run runs the selected cases on each port and returns the results, sorted.
// An error means that the suite could not be run; a failing case is a result.
func Run(ctx context.Context, o Options) (*reports.Run, error) {
	cases, err := o.Cases()
	if err != nil {
		return nil, err
	}
	run := &reports.Run{Format: reports.Format, Kind: reports.Conformance, Tool: "imsim", Version: o.Version, Started: time.Now()}
	total := len(cases) * len(o.Drivers)
	if o.Progress != nil {
		o.Progress(total, nil)
	}
	whole := ctx
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	known := o.Known
	if known == nil {
		known = &Known{}
	}
	stopped := false
	var mu sync.Mutex
	take := func(r reports.Result) {
		mu.Lock()
		defer mu.Unlock()
		if stopped {
			return // of a case that was running when the run was stopped
		}
		known.mark(&r)
		if o.FailFast && r.Unexpected() {
			stopped = true
			stop()
		}
		run.Results = append(run.Results, r)
		if r.Outcome == reports.Passed && len(r.Wire) > 0 {
			run.Problems = append(run.Problems, fmt.Sprintf("%s passed on %s, but: %s", r.ID, r.Port, wirecheck.Explain(r.Wire)))
		}
		if o.Progress != nil {
			o.Progress(total, &r)
		}
	}
	for _, driver := range o.Drivers {
		if ctx.Err() != nil {
			break
		}
		who, err := o.check(ctx, driver)
		if err != nil {
			return nil, err
		}
		var shards sync.WaitGroup
		for _, part := range split(cases, o.shards(driver)) {
			shards.Go(func() {
				if err := o.runPart(ctx, who, Job{Driver: driver, URL: o.URL, Cases: part, Seed: o.Seed, AllFrames: o.AllFrames, Shuffle: o.Shuffle, Limit: o.Limit, Patience: o.Patience}, take); err != nil {
					mu.Lock()
					run.Problems = append(run.Problems, err.Error())
					mu.Unlock()
				}
			})
		}
		shards.Wait()
	}
	if err := whole.Err(); err != nil {
		return nil, fmt.Errorf("interrupted: %w", err)
	}
	if stopped {
		run.Problems = append(run.Problems, fmt.Sprintf("stopped at the first result that is not as expected: %d of %d results", len(run.Results), total))
	}
	run.Problems = append(run.Problems, known.check(suiteIDs(), port.Methods, run.Results)...)
	run.Seconds = time.Since(run.Started).Seconds()
	run.Sort()
	return run, nil
}

// DriverError says that a driver cannot be started or does not speak the
// protocol.
type DriverError struct {
	Driver string
	Err    error
}

func (e *DriverError) Error() string { return fmt.Sprintf("driver %q: %v", e.Driver, e.Err) }

// Unwrap gives the reason.
func (e *DriverError) Unwrap() error { return e.Err }

// check starts a driver once, so that one that cannot start is an error of
// its own and not of every case.
func (o Options) check(ctx context.Context, driver string) (reports.Port, error) {
	if byHand(driver) { // it may be good for one connection only
		return reports.Port{Name: driver}, nil
	}
	p, err := StartPort(ctx, driver, o.Limit)
	if err != nil {
		return reports.Port{}, &DriverError{driver, err}
	}
	h := p.Hello()
	return reports.Port{Name: h.Name, Version: h.Version, Language: h.Language}, p.Close()
}

// runPart runs a shard's cases. When the shard itself dies, the case that it
// was at is a crash, and another shard goes on with the rest.
func (o Options) runPart(ctx context.Context, who reports.Port, job Job, toAll func(reports.Result)) error {
	take := func(r reports.Result) {
		if r.Port.Name == "" { // the case did not get as far as to meet it
			r.Port = who
		}
		toAll(r)
	}
	for len(job.Cases) > 0 {
		left, at, err := o.shard(ctx, job, take)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // nobody waits for it
		}
		if len(left) == 0 {
			if err != nil {
				err = fmt.Errorf("%s, after its last case: %w", who, err)
			}
			return err
		}
		if !slices.Contains(left, at) {
			return fmt.Errorf("a shard ended before its first case: %w", err)
		}
		area, name, _ := strings.Cut(at, "/")
		take(reports.Result{ID: at, Area: area, Name: name, Port: who, Outcome: reports.Crash,
			Message: fmt.Sprintf("the process that ran the case ended: %v", err)})
		job.Cases = slices.DeleteFunc(left, func(id string) bool { return id == at })
	}
	return nil
}

// shards is how many processes a driver's cases are run in.
func (o Options) shards(driver string) int {
	if o.URL != "" || byHand(driver) {
		return 1 // cases share the server and its clock, or there is one driver only
	}
	return max(o.Shards, 1)
}

func suiteIDs() []string {
	var ids []string
	for _, c := range scenarios.Cases() {
		ids = append(ids, c.ID())
	}
	return ids
}

func split(cases []scenarios.Case, n int) [][]string {
	parts := make([][]string, min(n, len(cases)))
	for i, c := range cases {
		parts[i%len(parts)] = append(parts[i%len(parts)], c.ID())
	}
	return parts
}

// shard runs a job in a process of its own. It returns the cases that have no
// result, the one that was begun last, and why the process ended; when no case
// is left, how the port ended badly after the last.
func (o Options) shard(ctx context.Context, job Job, take func(reports.Result)) (left []string, at string, err error) {
	left = slices.Clone(job.Cases)
	input, err := json.Marshal(job)
	if err != nil {
		return left, "", fmt.Errorf("shard: %w", err)
	}
	cmd := exec.CommandContext(ctx, o.Self[0], o.Self[1:]...)
	cmd.Stdin = bytes.NewReader(input)
	var rest tail
	cmd.Stderr = &rest
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return left, "", fmt.Errorf("shard: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return left, "", fmt.Errorf("shard: %w", err)
	}
	lines := bufio.NewReader(stdout)
	var problem error
	for {
		line, err := lines.ReadString('\n')
		if id, ok := strings.CutPrefix(line, beginMark); ok {
			at = strings.TrimSpace(id)
		} else if text, ok := strings.CutPrefix(line, resultMark); ok {
			var r reports.Result
			if err := json.Unmarshal([]byte(text), &r); err == nil {
				left = slices.DeleteFunc(left, func(id string) bool { return id == r.ID })
				take(r)
			}
		} else if text, ok := strings.CutPrefix(line, problemMark); ok {
			if text, err := strconv.Unquote(strings.TrimSpace(text)); err == nil {
				problem = errors.New(reports.Mask(text))
			}
		} else {
			_, _ = rest.Write([]byte(line))
		}
		if err != nil {
			break // the end of its output; Wait says why
		}
	}
	err = cmd.Wait()
	if len(left) == 0 {
		return nil, at, problem // all has its result, however the process ended
	}
	if err != nil {
		return left, at, fmt.Errorf("%w: %s", err, rest.String())
	}
	return left, at, errors.New("it left cases out: " + rest.String())
}

// tail keeps the end of what a shard wrote.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailLength = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - tailLength; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
