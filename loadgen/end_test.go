package loadgen

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/internal/link"
	"github.com/imsim/imsim/protocol"
)

// idle is a fleet without connections.
func idle(t *testing.T, spec Spec) *fleet {
	t.Helper()
	plan, err := NewPlan(spec)
	if err != nil {
		t.Fatal(err)
	}
	f := newFleet(plan, &target{})
	t.Cleanup(f.clock.Stop)
	return f
}

// What comes though its send was not acked must not stand in for what was
// acked and is still on its way.
func TestADrainWaitsForWhatWasAcked(t *testing.T) {
	f := idle(t, Spec{Users: 2, Drain: Duration(50 * time.Millisecond)})
	sender, receiver := f.users[0], f.users[1]
	m := mark{from: 0, to: WithUser(1), n: 1, at: f.clock.Now()}
	o := sender.outboxOf(m.to)
	o.sent = 2
	sender.acked(o, sentMessage{n: 1}, m.at, link.Reply{Downlink: protocol.Downlink{ErrorCode: 20003}})
	sender.acked(o, sentMessage{n: 2}, m.at, link.Reply{})
	receiver.receive(m, true) // the one that was refused
	start := f.clock.Now()
	f.drain(t.Context())
	if took := f.clock.Now().Sub(start); took < time.Duration(f.plan.Spec.Drain) {
		t.Errorf("the load ended after %s without its second message", took)
	}
	m.n = 2
	receiver.receive(m, true)
	if f.lacks() {
		t.Error("all is there, and something is waited for")
	}
	start = f.clock.Now()
	f.drain(t.Context())
	if took := f.clock.Now().Sub(start); took < echo {
		t.Errorf("the load ended after %s, when its last message could still be doubled", took)
	}
}

func TestASenderWhoIsNobodyIsUnexpected(t *testing.T) {
	f := idle(t, Spec{Users: 2})
	f.users[1].receive(mark{from: 77, to: WithUser(1), n: 1, at: f.clock.Now()}, true)
	a := f.plan.account(part{ledger: f.closeLedger()})
	if a.Unexpected != 1 || a.Elsewhere != 0 || len(a.Messages) != 1 || a.Messages[0].ID != "u77>u1#1" {
		t.Errorf("%+v", a)
	}
}

// Links that close fail what they have left; the report is written by then.
func TestAReportStaysAsItIs(t *testing.T) {
	f := idle(t, Spec{Users: 2})
	r := &Result{}
	f.report(r, time.Second)
	f.meter.fail("message closed")
	if r.ErrorCount() != 0 {
		t.Errorf("%v", r.Errors)
	}
}

func TestAnInterruptedLoadIsAccountedFor(t *testing.T) {
	t.Parallel()
	srv := fakeserver.Run(t, fakeserver.Options{NoListener: true})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	told := ""
	r, err := Run(ctx, Spec{Users: 10, Rate: 100, Duration: Duration(time.Minute)}, Options{Server: srv, Target: Memory, Progress: func(p Progress) {
		told = p.Phase // of one call after the other
		switch {
		case p.Point == nil || ctx.Err() != nil:
		case p.Done == 1:
			if err := srv.Fault(fakeserver.Fault{Latency: fakeserver.Duration(100 * time.Millisecond)}); err != nil {
				t.Error(err)
			}
		default:
			cancel()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	a := r.Account
	if a.Sent == 0 || a.Delivered != a.Sent || !a.Clean() || a.Unanswered > 0 || r.ErrorCount() > 0 {
		t.Errorf("%s\n%v", a.Summary(), r.Errors)
	}
	if r.Planned != r.Began || !slices.Contains(r.Warnings, "the run was interrupted") || told == "" {
		t.Errorf("%d planned, %d started, %v", r.Planned, r.Began, r.Warnings)
	}
	var sent, acked int64
	for _, p := range r.Points {
		sent, acked = sent+p.Sent, acked+p.Acked
	}
	if sent != a.Sent || acked != a.Acked {
		t.Errorf("the seconds have %d sent and %d acked: %s", sent, acked, a.Summary())
	}
}

// A live room has no history to be asked for.
func TestWhoComesBackToALiveRoomMakesNoError(t *testing.T) {
	t.Parallel()
	srv := fakeserver.Run(t, fakeserver.Options{NoListener: true})
	spec := Spec{Workload: LiveRoom, Users: 4, Rate: 20, Duration: Duration(2500 * time.Millisecond), Drain: Duration(100 * time.Millisecond)}
	r, err := Run(t.Context(), spec, Options{Server: srv, Target: Memory, Progress: func(p Progress) {
		if p.Point != nil && p.Done == 1 {
			srv.Disconnect("load000002")
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if r.LostConnections != 1 || r.Latency[CaughtUp].Count != 1 || r.ErrorCount() > 0 {
		t.Errorf("%d lost connections, %d caught up, %v", r.LostConnections, r.Latency[CaughtUp].Count, r.Errors)
	}
}

// A rate is one of the load, not of the wait for what does not come.
func TestALostMessageDoesNotLowerTheRate(t *testing.T) {
	t.Parallel()
	spec := oneWay(100, 300*time.Millisecond)
	spec.Drain = Duration(2 * time.Second)
	r := faulty(t, spec, fakeserver.Fault{UserID: "load000001", DropPushes: []string{protocol.CmdPush}, Skip: 5, Count: 1})
	if r.Account.Lost != 1 || r.Seconds < 0.3 || r.Seconds > 1.5 {
		t.Errorf("%s in %.3f s", r.Account.Summary(), r.Seconds)
	}
	if last := r.Points[len(r.Points)-1]; last.Second < 2.3 {
		t.Errorf("the series ends at %.3f s", last.Second)
	}
}

func TestWhoWasRefusedMayLogInAgain(t *testing.T) {
	t.Parallel()
	spec := Spec{Workload: LoginStorm, Users: 4, Model: Closed, Think: fixed("100ms"), Duration: Duration(600 * time.Millisecond)}
	r := faulty(t, spec, fakeserver.Fault{ErrorReplies: map[string]int{protocol.CmdLogin: 70003}, Count: 1})
	if r.Skipped != 0 || r.Latency[Ready].Count != r.Began-1 || r.Errors["login 70003"] != 1 {
		t.Errorf("%d started, %d skipped, %d ready, %v", r.Began, r.Skipped, r.Latency[Ready].Count, r.Errors)
	}
}

func TestWhoLostTheConnectionLeavesOnce(t *testing.T) {
	f := idle(t, Spec{Users: 2})
	f.link.Dial = func(context.Context, string) (link.Conn, error) { return nil, errors.New("there is no network") }
	s := &session{user: f.users[0]}
	s.link = link.New(&f.link, s)
	s.user.session, s.user.ready = s, true
	f.meter.connected.Store(1)
	s.NetState(link.Disconnected)
	s.leave(nothing)
	s.link.Close()
	f.background.Wait()
	if n := f.meter.connected.Load(); n != 0 {
		t.Errorf("%d users are connected", n)
	}
}

func TestMergedResultsSayWhatWasInterrupted(t *testing.T) {
	results := together(t, Spec{Users: 8, Rate: 50, Duration: Duration(200 * time.Millisecond), Run: "interrupted"}, 2)
	results[1].Warnings = append(results[1].Warnings, "the run was interrupted")
	m, err := Merge(results)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(m.Warnings, "\n"), "segment 2/2: the run was interrupted") {
		t.Errorf("%v", m.Warnings)
	}
}
