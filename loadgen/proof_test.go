package loadgen

import (
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/protocol"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		println(err.Error())
		code = 1
	}
	os.Exit(code)
}

// faulty runs a load of chats on a server with a fault.
func faulty(t *testing.T, spec Spec, fault fakeserver.Fault) *Result {
	t.Helper()
	srv := fakeserver.Run(t, fakeserver.Options{NoListener: true})
	if err := srv.Fault(fault); err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), spec, Options{Server: srv, Target: Memory})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A stall of a second must show in the open model as what it is for those who
// wait: every message that should have been sent meanwhile is late.
func TestAStallShowsInTheOpenModel(t *testing.T) {
	t.Parallel()
	srv := fakeserver.Run(t, fakeserver.Options{NoListener: true})
	stalled := false
	r, err := Run(t.Context(), Spec{
		Workload: C2C, Users: 20, Rate: 200, Duration: Duration(3 * time.Second), Thresholds: []string{"delivered.p99<500ms"},
	}, Options{Server: srv, Target: Memory, Progress: func(p Progress) {
		if p.Point != nil && !stalled {
			stalled = true
			if err := srv.Fault(fakeserver.Fault{Stall: fakeserver.Duration(time.Second)}); err != nil {
				t.Error(err)
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	l := r.Latency[Delivered]
	// A third of the messages wait, from 0 to 1 s: the worst nearly all of it,
	// and one in five of all at least 0.4 s. Were the waiting hidden, as many as
	// there are users would show it: one in thirty.
	if l.Count != 600 || l.Max < 800 || l.P90 < 400 {
		t.Errorf("delivered %+v", l)
	}
	if r.OK() || r.Thresholds[0].Holds {
		t.Errorf("the threshold holds: %+v", r.Thresholds)
	}
	if !r.Account.Clean() {
		t.Errorf("%+v", r.Account)
	}
}

// oneWay is a load in which it is known which push a user gets when.
func oneWay(rate float64, d time.Duration) Spec {
	return Spec{
		Workload: LiveRoom, Users: 2, Rate: rate, Duration: Duration(d), Drain: Duration(200 * time.Millisecond), Startup: StartupBare,
		Thresholds: []string{"lost==0", "duplicated==0"},
	}
}

func TestALostMessageIsNamed(t *testing.T) {
	t.Parallel()
	// The receiver's first push tells of nothing but its own coming.
	r := faulty(t, oneWay(2000, 5*time.Second),
		fakeserver.Fault{UserID: "load000001", DropPushes: []string{protocol.CmdPush}, Skip: 7_654, Count: 1})
	a := r.Account
	if a.Sent <= 7_654 || a.Lost != 1 || a.Duplicated != 0 || len(a.Messages) != 1 {
		t.Fatalf("%s\n%+v", a.Summary(), a.Messages)
	}
	m := a.Messages[0]
	if m.Problem != Lost || m.From != "load000000" || m.Receiver != "load000001" || m.MsgSeq != 7_654 || m.ID != "u0>g0#7654" {
		t.Errorf("named %+v", m)
	}
	if r.OK() || r.Thresholds[0].Holds || !r.Thresholds[1].Holds {
		t.Errorf("thresholds %+v", r.Thresholds)
	}
}

func TestADoubledMessageIsNamed(t *testing.T) {
	t.Parallel()
	r := faulty(t, oneWay(1000, time.Second),
		fakeserver.Fault{UserID: "load000001", DoublePushes: []string{protocol.CmdPush}, Skip: 321, Count: 1})
	a := r.Account
	if a.Lost != 0 || a.Duplicated != 1 || len(a.Messages) != 1 || a.Messages[0].Problem != Duplicated || a.Messages[0].MsgSeq != 321 {
		t.Errorf("%s\n%+v", a.Summary(), a.Messages)
	}
	if r.OK() {
		t.Errorf("thresholds %+v", r.Thresholds)
	}
}

func TestRefusalsAndSilenceAreCounted(t *testing.T) {
	t.Parallel()
	spec := Spec{Workload: C2C, Users: 10, Rate: 200, Duration: Duration(time.Second), Drain: Duration(100 * time.Millisecond)}
	r := faulty(t, spec, fakeserver.Fault{ErrorReplies: map[string]int{protocol.CmdSendMsg: 20012}, Skip: 10, Count: 5})
	if r.Account.Failed != 5 || r.Errors["message 20012"] != 5 || r.Account.Acked != 195 || !r.Account.Clean() {
		t.Errorf("%s, %v", r.Account.Summary(), r.Errors)
	}
	if v, _ := (Threshold{metric: "errors", field: "20012"}).value(r); v != 5 {
		t.Errorf("errors.20012 is %v", v)
	}
}

func TestACutConnectionIsNoLoss(t *testing.T) {
	t.Parallel()
	srv := fakeserver.Run(t, fakeserver.Options{NoListener: true})
	spec := quickly(Group)
	spec.Duration, spec.Rate = Duration(2500*time.Millisecond), 100
	r, err := Run(t.Context(), spec, Options{Server: srv, Target: Memory, Progress: func(p Progress) {
		if p.Point != nil && p.Done == 1 {
			srv.Disconnect("")
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Account.Clean() || r.LostConnections != 40 || r.Latency[CaughtUp].Count != 40 {
		t.Errorf("%s\n%+v\n%d lost connections, %d caught up", r.Account.Summary(), r.Account.Messages, r.LostConnections, r.Latency[CaughtUp].Count)
	}
}

// A generator that is held up must say so.
func TestAGeneratorThatIsTooSlowSaysSo(t *testing.T) {
	t.Parallel()
	spec := Spec{Workload: C2C, Users: 10, Rate: 1_000_000, Duration: Duration(300 * time.Millisecond), Drain: Duration(time.Millisecond)}
	r, err := Run(t.Context(), spec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.KeptUp || r.Planned != 300_000 || r.Late == 0 || len(r.Warnings) < 2 {
		t.Errorf("kept up %v, %d planned, %d started, %d late, %v", r.KeptUp, r.Planned, r.Began, r.Late, r.Warnings)
	}
}
