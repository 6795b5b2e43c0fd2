package link

import (
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

func TestAliveAfterSilence(t *testing.T) {
	r := newRig(t)
	p := r.connected()
	r.clock.Advance(9*time.Second, r.settle)
	if len(p.frames) != 0 {
		t.Fatal("heartbeat too early")
	}
	_ = r.do("x.a", "")
	p.answer(p.next("x.a"), ok) // any downlink frame counts
	r.settle()
	r.clock.Advance(9*time.Second, r.settle)
	if len(p.frames) != 0 {
		t.Fatal("heartbeat although there was a frame")
	}
	r.clock.Advance(time.Second, r.settle)
	p.answer(p.next(protocol.CmdAlive), ok)
	<-r.rec.answered
	r.clock.Advance(10*time.Second, r.settle)
	p.next(protocol.CmdAlive)
}

func TestUnansweredAliveReconnects(t *testing.T) {
	r := newRig(t)
	p := r.connected()
	r.clock.Advance(SilenceLimit, r.settle)
	p.next(protocol.CmdAlive)
	r.clock.Advance(RequestTimeout, nil)
	r.rec.state(t, Connecting)
	q := r.accept()
	q.next(protocol.CmdAlive)
	r.rec.state(t, Connected)
}

func TestUnansweredRequestKeepsTheConnection(t *testing.T) {
	r := newRig(t)
	p := r.connected()
	ch := r.do("x.a", "")
	p.next("x.a")
	r.clock.Advance(SilenceLimit, r.settle)
	p.answer(p.next(protocol.CmdAlive), ok)
	r.settle()
	r.clock.Advance(5*time.Second, r.settle)
	if rep := result(t, ch); rep.Err != ErrTimeout {
		t.Errorf("reply %+v", rep)
	}
	if len(r.rec.states) != 0 || len(r.conns) != 0 {
		t.Error("reconnected")
	}
}

func TestHello(t *testing.T) {
	r := newRig(t)
	p := r.connected()
	r.link.SetSession(Session{UserID: "alice", A2: "a2", TinyID: "1", InstID: 1, Hello: 30 * time.Second})
	beats := func(until time.Duration) (hellos int) {
		r.clock.Advance(until, func() {
			r.settle()
			for len(p.frames) > 0 {
				req := <-p.frames
				<-p.raw
				if req.Head.ServCmd == protocol.CmdHello {
					hellos++
				}
				p.answer(req, ok)
			}
			r.settle()
		})
		return hellos
	}
	if n := beats(61 * time.Second); n != 2 {
		t.Errorf("%d hellos in 61 s, want 2", n)
	}
	r.link.SetSession(Session{UserID: "alice"})
	if n := beats(61 * time.Second); n != 0 {
		t.Errorf("%d hellos after the session", n)
	}
}

func TestFatalAnswerEndsReconnecting(t *testing.T) {
	r := newRig(t)
	p := r.accept()
	p.answer(p.next(protocol.CmdAlive), `{"ErrorCode":60002}`)
	r.rec.state(t, Disconnected)
	r.older()
	_ = p.ws.Close()
	r.settle()
	r.clock.Advance(time.Hour, r.settle)
	if len(r.conns) != 0 {
		t.Error("dialled")
	}
}

func TestAliveAnsweredWithAnErrorDoesNotSpin(t *testing.T) {
	r := newRig(t)
	p := r.accept()
	p.answer(p.next(protocol.CmdAlive), `{"ErrorCode":70001}`)
	r.rec.state(t, Connecting)
	r.settle()
	if len(r.conns) != 0 {
		t.Fatal("redialled at once")
	}
	r.clock.Advance(BackoffFirst, r.settle)
	q := r.accept()
	q.answer(q.next(protocol.CmdAlive), ok)
	r.rec.state(t, Connected)
}
