package loadgen

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/internal/link"
	"github.com/imsim/imsim/internal/usage"
)

// Options are where a load goes, and who watches it.
type Options struct {
	// Target is Memory (default), Loopback, or a ws:// URL.
	Target string
	// OwnTarget confirms that load may be put on a target elsewhere.
	OwnTarget bool
	// Server is an embedded server to use instead of one of its own; Target then
	// says how it is reached, Memory or Loopback.
	Server *fakeserver.Server
	// SDKAppID of the users; default 1400000000.
	SDKAppID uint32
	// Secret signs UserSigs; without it they are just some text.
	Secret  string
	Version string // named in the result
	// Progress is told of the login of the users and of every second, of one
	// after the other.
	Progress func(Progress)
	// Watch gets the run's live numbers once they exist; nil afterwards.
	Watch func(*Live)
}

// Progress is how far a run has come.
type Progress struct {
	Phase   string // login, groups, load, drain
	Done    int    // users logged in, or seconds
	Of      int
	Point   *Point // of the last second, in the load
	Account string // a line about the messages so far
}

// Phases of a run.
const (
	PhaseLogin  = "login"
	PhaseGroups = "groups"
	PhaseLoad   = "load"
	PhaseDrain  = "drain"
)

// Run carries a load out and reports what came of it. An error means that
// there is no result: the Spec is wrong, the target cannot be reached, users
// could not log in. An end of ctx stops the load early, with a result: what is
// under way then is still waited for, as at the end of any load.
func Run(ctx context.Context, spec Spec, o Options) (*Result, error) {
	if spec.Run == "" && spec.Segment.Count == 0 {
		spec.Run = fmt.Sprintf("%08x", rand.Uint32())
	}
	plan, err := NewPlan(spec)
	if err != nil {
		return nil, err
	}
	tell, telling := o.Progress, new(sync.Mutex)
	o.Progress = func(p Progress) { // seconds go by while a phase ends
		if tell != nil {
			telling.Lock()
			defer telling.Unlock()
			tell(p)
		}
	}
	t, err := openTarget(ctx, &o)
	if err != nil {
		return nil, err
	}
	defer t.close()
	f := newFleet(plan, t)
	defer f.disperse()
	if err := f.setUp(ctx, o.Progress); err != nil {
		return nil, err
	}
	return f.run(ctx, &o)
}

// setUp logs the users in and makes their groups, but where logging in is the
// load itself.
func (f *fleet) setUp(ctx context.Context, tell func(Progress)) error {
	if f.plan.Spec.Workload == LoginStorm {
		return nil
	}
	err := f.gather(ctx, func(n int) { tell(Progress{Phase: PhaseLogin, Done: n, Of: len(f.users)}) })
	if err != nil {
		return err
	}
	if len(f.plan.Groups) > 0 {
		tell(Progress{Phase: PhaseGroups, Of: len(f.plan.Groups)})
	}
	if err := f.meet(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, setUpLimit)
	defer cancel()
	return f.gate(ctx, "start")
}

// run is the load itself and its end.
func (f *fleet) run(ctx context.Context, o *Options) (*Result, error) {
	spec := &f.plan.Spec
	r := &Result{
		Format: ResultFormat, Kind: ResultKind, Version: o.Version, Spec: *spec, Target: f.target.name, Users: len(f.users), Processes: 1,
	}
	serverBefore := f.target.stats(ctx)
	start := f.clock.Now()
	r.Started = start
	cpu := usage.CPU()
	live := &Live{fleet: f}
	if o.Watch != nil {
		o.Watch(live)
		defer o.Watch(nil)
	}
	stopTicks := f.ticks(start, o.Progress)
	switch spec.Model {
	case Open:
		r.Planned = f.open(ctx, start, live)
	default:
		r.Planned = f.closed(ctx, start, live)
	}
	loaded := f.clock.Now().Sub(start)
	o.Progress(Progress{Phase: PhaseDrain, Account: live.line()})
	// Who interrupts a load wants to know what became of it, too: what is under
	// way is waited for as always.
	f.drain(context.WithoutCancel(ctx))
	stopTicks()
	elapsed := f.clock.Now().Sub(start)
	r.Seconds = min(elapsed, max(loaded, f.stirred.Sub(start))).Seconds()
	r.Generator = used(usage.CPU()-cpu, elapsed.Seconds())
	r.Generator.Shared = f.target.server != nil
	r.Server = serverCounters(serverBefore, f.target.stats(context.WithoutCancel(ctx)))
	f.report(r, elapsed)
	r.judge()
	if n := f.pending.Load(); n > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d operations had not ended when the run did: their users were not there", n))
	}
	if ctx.Err() != nil {
		r.Warnings = append(r.Warnings, "the run was interrupted")
	}
	return r, r.Judge()
}

// ticks gathers the measures every second.
func (f *fleet) ticks(start time.Time, tell func(Progress)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var ticking sync.WaitGroup
	ticking.Go(func() {
		p := new(pacer)
		seconds := int(time.Duration(f.plan.Spec.Duration) / time.Second)
		for n := 1; ; n++ {
			now, ok := p.until(ctx, start.Add(time.Duration(n)*time.Second))
			if !ok {
				return
			}
			n = int(now.Sub(start) / time.Second) // seconds that were slept through are one point
			point := f.meter.tick(now.Sub(start))
			tell(Progress{Phase: PhaseLoad, Done: n, Of: seconds, Point: &point, Account: f.meter.line()})
		}
	})
	return func() {
		cancel()
		ticking.Wait()
	}
}

// overtime is how long beyond its end an open model that has fallen behind
// goes on; then what is left is not started.
func overtime(d time.Duration) time.Duration { return max(time.Second, d/10) }

// start begins an operation, and notes how late it is.
func (f *fleet) start(u *user, a Action, intended, now time.Time, done func()) {
	late := now.Sub(intended)
	f.meter.started.Add(1)
	f.meter.record(Lateness, u.no, late)
	if late > time.Duration(f.plan.Spec.LateAfter) {
		f.meter.late.Add(1)
	}
	f.carryOut(u, a, intended, done)
}

// open starts the operations of this process's users on their schedule. It
// returns how many were planned.
func (f *fleet) open(ctx context.Context, start time.Time, live *Live) (planned int64) {
	d := time.Duration(f.plan.Spec.Duration)
	end := start.Add(d + overtime(d))
	p := new(pacer)
	now, over := now(), false
	for a := range f.plan.Actions() {
		u := f.local(a.User)
		if u == nil {
			continue
		}
		if over { // count what is not done
			planned++
			continue
		}
		at := start.Add(a.At)
		if now.Before(at) {
			var ok bool
			if now, ok = p.until(ctx, at); !ok {
				return planned
			}
		} else if ctx.Err() != nil {
			return planned // as above: what was not started is no fault of the generator
		} else if now = time.Now(); now.After(end) {
			over = true
		}
		planned++
		live.planned.Store(planned)
		if !over {
			f.start(u, a, at, now, nothing)
		}
	}
	p.until(ctx, start.Add(d))
	return planned
}

// closed lets every user think and act until the time is over.
func (f *fleet) closed(ctx context.Context, start time.Time, live *Live) int64 {
	end := start.Add(time.Duration(f.plan.Spec.Duration))
	stopped := atomic.Bool{}
	for _, u := range f.users {
		habits := f.plan.habits(u.no)
		var next func()
		next = func() {
			think, a := habits()
			at := f.clock.Now().Add(think)
			if stopped.Load() || !at.Before(end) {
				return
			}
			f.after(think, func() {
				if !stopped.Load() {
					live.planned.Add(1)
					f.start(u, a, at, f.clock.Now(), next)
				}
			})
		}
		next()
	}
	if f.plan.Spec.Workload == ReconnectStorm {
		storms := f.plan.storms()
		for a, ok := storms(); ok; a, ok = storms() {
			if u := f.local(a.User); u != nil {
				f.after(start.Add(a.At).Sub(f.clock.Now()), func() {
					if !stopped.Load() {
						live.planned.Add(1)
						f.start(u, a, start.Add(a.At), f.clock.Now(), nothing)
					}
				})
			}
		}
	}
	new(pacer).until(ctx, end)
	stopped.Store(true)
	return live.planned.Load()
}

// drain waits for what is under way: for replies as long as a request may
// take, for deliveries as long as the Spec says.
func (f *fleet) drain(ctx context.Context) {
	f.until(ctx, link.RequestTimeout+time.Second, func() bool { return f.pending.Load() == 0 })
	most := time.Duration(f.plan.Spec.Drain)
	if f.plan.Spec.Segment.Count > 1 && f.plan.Spec.Workload != LoginStorm {
		gate, cancel := context.WithTimeout(ctx, setUpLimit)
		if err := f.gate(gate, "end"); err != nil {
			f.meter.fail("gate timeout")
		}
		cancel()
		// What others sent is under way to us: wait until it is quiet.
		for before := int64(-1); before != f.meter.delivered.Load() && most > 0; most -= quiet {
			before = f.meter.delivered.Load()
			f.until(ctx, quiet, func() bool { return false })
		}
	}
	f.until(ctx, max(most, 0), func() bool { return f.meter.dueHere.Load() >= f.meter.expected.Load() && !f.lacks() })
	f.until(ctx, echo, func() bool { return false })
}

// echo is how long a load is listened to once all of it has come: the last
// messages may be doubled, too.
const echo = 100 * time.Millisecond

// lacks tells whether an acked message is still to come here. The counters
// alone do not show it: they also count what came though its send was not acked.
func (f *fleet) lacks() bool {
	type stream struct {
		to  Conv
		due Numbers
	}
	for _, u := range f.users {
		var streams []stream
		u.mu.Lock()
		for _, o := range u.out {
			streams = append(streams, stream{o.conv, o.acked.minus(o.recalled)})
		}
		u.mu.Unlock()
		for _, s := range streams {
			for _, no := range f.plan.receivers(u.no, s.to, f.plan.Spec.Segment) {
				if len(s.due.minus(f.local(no).got(u.no, s.to))) > 0 {
					return true
				}
			}
		}
	}
	return false
}

// quiet is how long nothing must come before a process of several ends.
const quiet = time.Second

// report fills in what the meter and the ledger know.
func (f *fleet) report(r *Result, elapsed time.Duration) {
	m := f.meter
	m.finish(elapsed)
	r.Began, r.Late, r.Skipped = m.started.Load(), m.late.Load(), m.skipped.Load()
	r.LostConnections = m.lostConnections.Load()
	r.Latency, r.Histograms = map[string]Latency{}, map[string][]byte{}
	m.mu.Lock()
	for i, name := range latencies {
		if h := m.totals[i]; h != nil {
			r.Latency[name] = latencyOf(h)
			r.Histograms[name] = encodeHistogram(h)
		}
	}
	r.Errors = maps.Clone(m.errors) // links that close add to it
	r.Points = m.points
	m.mu.Unlock()
	r.Ledger = f.closeLedger()
	r.Account = *f.plan.account(part{f.plan.Spec.Segment, r.Ledger})
}

// Live are the numbers of a run that is under way.
type Live struct {
	fleet   *fleet
	planned atomic.Int64
}

func (l *Live) line() string { return l.fleet.meter.line() }

// line tells about the messages so far.
func (m *meter) line() string {
	text := fmt.Sprintf("%d sent, %d acked, %d delivered", m.sent.Load(), m.acked.Load(), m.delivered.Load())
	for _, more := range []struct {
		n    int64
		what string
	}{
		{m.duplicated.Load(), "duplicated"}, {m.outOfOrder.Load(), "out of order"}, {m.unexpected.Load(), "unexpected"},
		{m.failed.Load(), "refused"}, {m.late.Load(), "started late"},
	} {
		if more.n > 0 {
			text += fmt.Sprintf(", %d %s", more.n, more.what)
		}
	}
	return text
}

// used is what the process has used; cpu since the start.
func used(cpu time.Duration, seconds float64) Usage {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	u := Usage{
		CPU: cpu.Seconds(), HeapMB: float64(stats.HeapInuse) / (1 << 20), ResidentMB: float64(usage.Resident()) / (1 << 20),
		Goroutines: runtime.NumGoroutine(),
	}
	if seconds > 0 {
		u.Cores = u.CPU / seconds
	}
	return u
}

func serverCounters(before, after *fakeserver.Stats) *ServerCounters {
	if before == nil || after == nil {
		return nil
	}
	return &ServerCounters{
		Connections: after.Connections, Accepted: after.Accepted - before.Accepted, Received: after.Received - before.Received,
		Replies: after.Replies - before.Replies, Pushes: after.Pushes - before.Pushes, Faults: after.Faults - before.Faults,
		CPU: after.CPUSeconds - before.CPUSeconds, ResidentMB: float64(after.Resident) / (1 << 20),
	}
}
