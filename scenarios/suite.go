package scenarios

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol/wirecheck"
	"github.com/imsim/imsim/reports"
)

// CaseLimit is how long a case may take in real time.
const CaseLimit = 30 * time.Second

func (e Env) limit() time.Duration {
	if e.Limit == 0 {
		return CaseLimit
	}
	return e.Limit
}

// Register hands cases to Ginkgo: an area is a container, a case a spec.
func Register(cases []Case, env Env) {
	byArea := map[string][]Case{}
	var areas []string
	for _, c := range cases {
		if byArea[c.Area] == nil {
			areas = append(areas, c.Area)
		}
		byArea[c.Area] = append(byArea[c.Area], c)
	}
	for _, name := range areas {
		ginkgo.Describe(name, func() {
			for _, c := range byArea[name] {
				ginkgo.It(c.Name, ginkgo.Label(c.Labels()...), ginkgo.NodeTimeout(env.limit()), func(ctx ginkgo.SpecContext) {
					play(ctx, env, c, ending{func(why string) { ginkgo.Fail(why, 3) }, func(why string) { ginkgo.Skip(why) }})
				})
			}
		})
	}
}

// ending is how a case ends early; neither function returns.
type ending struct{ fail, skip func(why string) }

// Play runs one case without Ginkgo and returns its result; so cases can run
// side by side. ctx bounds it: a case that outlives it has timed out.
func Play(ctx context.Context, env Env, c Case) (result reports.Result) {
	type ended struct{}
	defer func() {
		if e := recover(); e != nil && e != (ended{}) {
			panic(e)
		}
	}()
	report := env.Report
	env.Report = func(r reports.Result) {
		result = r
		if report != nil {
			report(r)
		}
	}
	end := func(string) { panic(ended{}) }
	play(ctx, env, c, ending{end, end})
	return result
}

// play runs one case and reports what became of it.
func play(ctx context.Context, env Env, c Case, end ending) {
	begun := time.Now()
	if env.Begin != nil {
		env.Begin(c.ID())
	}
	s := &Stage{ctx: ctx, fail: end.fail, wait: lastWait}
	if env.Patience > 0 {
		s.wait = env.Patience
	}
	result := reports.Result{
		ID: c.ID(), Area: c.Area, Name: c.Name, Level: c.Level, Labels: c.Labels(), Covers: c.Covers, Source: c.Source,
		Outcome: reports.Failed,
	}
	defer func() {
		switch {
		case s.outcome != "":
			result.Outcome = s.outcome
		case ctx.Err() != nil && result.Outcome == reports.Failed:
			result.Outcome = reports.TimedOut
		}
		result.Lacks = s.lacks
		result.Message, result.Steps, result.Seconds = s.message, s.steps, time.Since(begun).Seconds()
		result.Port = reports.Port{Name: s.hello.Name, Version: s.hello.Version, Language: s.hello.Language}
		if env.Report != nil {
			env.Report(result)
		}
	}()
	skip := func(why string) {
		s.outcome, s.message = reports.Skipped, why
		end.skip(why)
	}
	p, err := env.Port(ctx)
	s.Must(err, "start the port")
	s.port, s.hello = p, p.Hello()
	if why := inapplicable(c, env, s.hello); why != "" {
		skip(why)
	}
	marked, _ := p.(stderrKeeper)
	var mark int64
	if marked != nil {
		mark = marked.StderrMark()
	}
	closeServer, err := s.open(env, c)
	s.Must(err, "start the case's server")
	defer closeServer()
	defer s.closeHTTP()
	keepStderr := func() {
		if marked != nil {
			result.Stderr = reports.Mask(marked.StderrSince(mark))
		}
	}
	defer func() {
		var broken *port.Breakdown
		err := s.destroyUsers(context.WithoutCancel(ctx))
		if !errors.As(err, &broken) || reports.Broke(s.outcome) {
			return // what else a destroy says is for the cases about it
		}
		if s.message != "" {
			s.message += "; "
		}
		s.message += reports.Mask(fmt.Sprintf("at the end of the case: %v", broken))
		s.outcome, s.lacks = broken.Cause, ""
		keepStderr()
	}()
	defer func() {
		passed := result.Outcome == reports.Passed
		if passed && !env.AllFrames {
			return
		}
		result.Frames = s.traced()
		result.Wire = wirecheck.Check(result.Frames)
		if passed {
			return
		}
		keepStderr()
	}()
	c.Run(s)
	s.checkFaults()
	s.checkNeverFired()
	result.Outcome = reports.Passed
}

// stderrKeeper is a port that keeps what its process wrote to stderr.
type stderrKeeper interface {
	StderrMark() int64
	StderrSince(mark int64) string
}

// inapplicable tells why a case cannot run here, or is empty.
func inapplicable(c Case, env Env, h port.Hello) string {
	var lacks []string
	for _, need := range c.Needs {
		if !h.Can(need) {
			lacks = append(lacks, need)
		}
	}
	switch {
	case len(lacks) > 0:
		return "the port lacks: " + strings.Join(lacks, ", ")
	case env.URL != "" && c.Server != nil:
		return "needs a server with options of its own"
	case c.Skip != nil:
		return c.Skip(h)
	}
	return ""
}

// checkFaults fails a case in which the port threw something that nobody
// caught.
func (s *Stage) checkFaults() {
	for _, u := range s.users {
		for _, r := range u.inst.Stream().Since(0) {
			if r.Kind == port.RecordFault && !s.harmless(r.Data) {
				s.Failf("%s: an exception that nobody caught: %s %s", u.label(), r.Name, r.Data)
			}
		}
	}
}

// checkNeverFired fails a case in which an event fired that the reference only
// declares.
func (s *Stage) checkNeverFired() {
	for _, u := range s.users {
		for _, e := range port.Events {
			if e.Never && len(u.Events(e.Key)) > 0 {
				s.Failf("%s: event %s fired; it is declared, but never fires", u.label(), e.Key)
			}
		}
	}
}

// harmless are the unhandled rejections that the genuine SDKs leave when a
// start-up request of their own fails or is abandoned (session.md §5).
func (s *Stage) harmless(data json.RawMessage) bool {
	for _, known := range []string{"UserSig", "expired", "2801", "kicked", "destroy", "not logged in", "injected fault", "6014", "ticket"} {
		if strings.Contains(string(data), known) {
			return true
		}
	}
	// 2.14 stumbles over the notice that its user became a group's owner.
	return genuine(s.hello) == "2.14" && strings.Contains(string(data), "reading 'context'")
}

// traced is the frames of the case, as the server remembers them.
func (s *Stage) traced() []json.RawMessage {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), time.Second)
	defer cancel()
	text, err := s.server.Trace(ctx, "")
	if err != nil {
		s.step("no trace of the frames: %v", err)
		return nil
	}
	var frames []json.RawMessage
	for line := range strings.Lines(string(text)) {
		frames = append(frames, json.RawMessage(strings.TrimSpace(line)))
	}
	return frames
}
