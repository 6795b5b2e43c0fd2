package link

import (
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

// older makes the connection old enough to be redialled at once.
func (r *rig) older() { r.clock.Advance(2*time.Second, nil) }

func TestReconnectResendsUnchangedBeforeLogin(t *testing.T) {
	r := newRig(t)
	p := r.connected()
	r.link.SetSession(Session{UserID: "alice", UserSig: "sig", A2: "a2", TinyID: "14", InstID: 1})
	ch := r.do(protocol.CmdSendMsg, `{"MsgSeq":5}`)
	sent := p.nextRaw()
	r.older()
	_ = p.ws.Close()
	r.rec.state(t, Connecting)
	q := r.accept()
	if again := q.nextRaw(); again != sent {
		t.Errorf("resent %s, want %s", again, sent)
	}
	login := q.next(protocol.CmdLogin)
	if login.Head.A2 != "a2" || login.Head.TinyID != "14" || login.Head.UserSig != "" {
		t.Errorf("head of the repeated login %+v", login.Head)
	}
	q.next(protocol.CmdAlive)
	r.rec.state(t, Connected)
	q.answer(login, `{"ErrorCode":0,"InstId":9}`)
	if cmd := <-r.rec.answered; cmd != protocol.CmdLogin {
		t.Errorf("answered %s", cmd)
	}
	if id := r.link.Session().InstID; id != 9 {
		t.Errorf("InstID %d", id)
	}
	pendingYet(t, ch)
	// The clock of the resent request started anew.
	r.clock.Advance(14*time.Second, nil)
	pendingYet(t, ch)
	r.clock.Advance(time.Second, nil)
	if rep := result(t, ch); rep.Err != ErrTimeout {
		t.Errorf("reply %+v", rep)
	}
}

func TestFirstConnectionSendsWhatWaited(t *testing.T) {
	r := newRig(t)
	r.link.SetSession(Session{UserID: "alice", UserSig: "sig"})
	ch := r.do(protocol.CmdLogin, `{"State":"Online"}`)
	p := r.accept()
	var login protocol.Request
	for range 2 { // in which order depends on who was first
		req := <-p.frames
		if req.Head.ServCmd == protocol.CmdLogin {
			login = req
		}
	}
	p.answer(login, ok)
	if rep := result(t, ch); !rep.OK() {
		t.Errorf("reply %+v", rep)
	}
	if len(r.rec.states) != 0 {
		t.Error("the first connection was reported")
	}
}

func TestYoungSocketIsNotRedialledAtOnce(t *testing.T) {
	r := newRig(t)
	p := r.connected()
	_ = p.ws.Close()
	r.rec.state(t, Disconnected)
	r.settle()
	if len(r.conns) != 0 {
		t.Fatal("dialled at once")
	}
	r.clock.Advance(BackoffFirst, nil)
	r.accept()
	r.rec.state(t, Connected)
}

func TestBackoffGrowsAndRequestsHurryIt(t *testing.T) {
	r := newRig(t)
	p := r.connected()
	r.older()
	r.refuse(true)
	_ = p.ws.Close()
	r.rec.state(t, Connecting)
	if r.accept() != nil {
		t.Fatal("accepted")
	}
	r.settle()
	for _, wait := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
		r.clock.Advance(wait*time.Second-time.Millisecond, r.settle)
		if len(r.conns) != 0 {
			t.Fatalf("dialled before %d s", wait)
		}
		r.clock.Advance(time.Millisecond, r.settle)
		if r.accept() != nil {
			t.Fatal("accepted")
		}
		r.settle()
	}
	if len(r.rec.states) != 0 {
		t.Errorf("state %s while redials fail", <-r.rec.states)
	}
	// A request does not wait for the back-off, but a second after the last dial.
	ch := r.do("x.a", "")
	r.settle()
	if len(r.conns) != 0 {
		t.Fatal("dialled twice at one instant")
	}
	r.refuse(false)
	r.clock.Advance(BackoffFirst, r.settle)
	q := r.accept()
	q.answer(q.next("x.a"), ok)
	if rep := result(t, ch); !rep.OK() {
		t.Errorf("reply %+v", rep)
	}
	r.rec.state(t, Connected)
}

func TestReconnectOnDemand(t *testing.T) {
	r := newRig(t)
	p := r.connected()
	r.link.Reconnect()
	r.rec.state(t, Connecting)
	r.accept()
	r.rec.state(t, Connected)
	if code := soon(t, p.closed, "the end of the old connection"); code != CloseReplaced {
		t.Errorf("close code %d", code)
	}
}

func TestTellKeepsFramesWithoutReply(t *testing.T) {
	r := newRig(t)
	p := r.connected()
	_ = p.ws.Close()
	r.rec.state(t, Disconnected)
	r.settle()
	r.link.Tell(Request{Cmd: protocol.CmdPushAck})
	r.clock.Advance(BackoffFirst, nil)
	q := r.accept()
	q.next(protocol.CmdPushAck)
	if n := r.link.Pending(); n != 1 { // the alive
		t.Errorf("%d pending", n)
	}
}

func TestOfflineDialsNothingUntilItIsBack(t *testing.T) {
	r := newRig(t)
	p := r.connected()
	r.link.SetSession(Session{UserID: "alice", UserSig: "sig", A2: "a2", TinyID: "14", InstID: 1})
	r.link.SetOnline(false)
	r.rec.state(t, Disconnected)
	if code, told := <-p.closed; told && code == CloseOnPurpose {
		t.Errorf("the server was told %d", code)
	}
	ch := r.do(protocol.CmdSendMsg, `{"MsgSeq":5}`)
	r.link.Reconnect()
	r.clock.Advance(RequestTimeout-time.Second, nil) // past every plan to dial
	r.settle()
	if len(r.conns) != 0 {
		t.Fatal("dialled without a network")
	}
	pendingYet(t, ch)
	r.link.SetOnline(true)
	q := r.accept()
	q.next(protocol.CmdSendMsg)
	q.next(protocol.CmdLogin)
	q.next(protocol.CmdAlive)
	r.rec.state(t, Connecting)
	r.rec.state(t, Connected)
}
