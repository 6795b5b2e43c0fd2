package loadgen

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/internal/link"
	"github.com/imsim/imsim/protocol"
)

// carryOut does an action that should have started at an instant. It does not
// wait; done is called once, when the operation has ended.
func (f *fleet) carryOut(u *user, a Action, at time.Time, done func()) {
	f.begin()
	end := func() {
		f.end()
		done()
	}
	switch a.Kind {
	case Login:
		f.login(u, at, end)
	case Cut:
		f.cut(u, at, end)
	default:
		u.whenReady(func() {
			switch a.Kind {
			case Message:
				f.send(u, a, at, end)
			case Recall:
				f.recall(u, a.Conv, at, end)
			case Read:
				f.read(u, a.Conv, at, end)
			case History:
				f.ask(u, History, at, f.historyRequest(a.Conv, 0, 0, ""), end)
			case Join:
				f.joinOrLeave(u, a.Conv, at, end)
			case Kick:
				f.kick(u, at, end)
			}
		})
	}
}

// ask makes a request and measures it.
func (f *fleet) ask(u *user, kind Kind, at time.Time, req link.Request, done func()) {
	u.present().Do(req, func(r link.Reply) {
		f.meter.record(string(kind), u.no, f.clock.Now().Sub(at))
		f.answered(string(kind), r)
		done()
	})
}

// skip ends an operation that has nothing to do.
func (f *fleet) skip(done func()) {
	f.meter.skipped.Add(1)
	done()
}

var bodies = sync.Pool{New: func() any { return new([]byte) }}

// send is a message to a user or a group.
func (f *fleet) send(u *user, a Action, at time.Time, done func()) {
	random := rand.Uint32()
	u.order.Lock()
	u.mu.Lock()
	o := u.outboxOf(a.Conv)
	o.sent++
	n, l := o.sent, u.session.link
	u.mu.Unlock()
	f.meter.sent.Add(1)
	body := bodies.Get().(*[]byte)
	req := link.Request{Cmd: protocol.CmdSendMsg}
	m := mark{from: u.no, to: a.Conv, n: n, at: at}
	if g, grouped := a.Conv.group(); grouped {
		req.Cmd = protocol.CmdSendGroupMsg
		*body = f.appendGroupMessage((*body)[:0], g, m, random, a.Size)
	} else {
		*body = f.appendMessage((*body)[:0], m, random, a.Size, at)
	}
	req.Body = *body
	l.Do(req, func(r link.Reply) {
		u.acked(o, sentMessage{n: n, random: random}, at, r)
		done()
	})
	u.order.Unlock()
	bodies.Put(body) // the link has copied it
}

// acked notes what became of a send.
func (u *user) acked(o *outbox, m sentMessage, at time.Time, r link.Reply) {
	f := u.fleet
	now := f.clock.Now()
	ok := f.answered(string(Message), r)
	if ok && f.plan.Spec.Workload == Mixed {
		v := gjson.ParseBytes(r.Body)
		m.time = v.Get("MsgTime").Int()
		if _, grouped := o.conv.group(); grouped {
			m.groupSeq = uint32(v.Get("MsgSeq").Uint())
		}
	}
	u.mu.Lock()
	switch {
	case ok:
		o.acked.add(m.n)
		if m.n > o.last.n {
			o.last = m
		}
		if m.groupSeq > 0 && f.plan.Spec.Weights.Join > 0 {
			for len(o.seqs) < int(m.n) {
				o.seqs = append(o.seqs, 0)
			}
			o.seqs[m.n-1] = m.groupSeq
		}
	case r.Err != nil:
		o.unanswered.add(m.n)
	default:
		o.failed.add(m.n)
	}
	u.mu.Unlock()
	switch {
	case ok:
		f.meter.acked.Add(1)
		f.meter.expected.Add(f.receiversHere(u.no, o.conv))
		f.meter.record(Acked, u.no, now.Sub(at))
	case r.Err != nil:
		f.meter.unanswered.Add(1)
	default:
		f.meter.failed.Add(1)
	}
}

const offlinePush = `{"PushFlag":0,"Title":"","Desc":"","Ext":"","ApnsInfo":{"BadgeMode":0},"AndroidInfo":{"OPPOChannelID":""}}`

// appendMessage appends the body of openim.sendmsg, as SDK 2.14 writes it.
// MsgSeq is the number of the message.
func (f *fleet) appendMessage(dst []byte, m mark, random uint32, size int, at time.Time) []byte {
	dst = protocol.AppendString(append(dst, `{"From_Account":`...), f.plan.UserID(m.from))
	dst = protocol.AppendString(append(dst, `,"To_Account":`...), f.plan.UserID(int32(m.to)))
	dst = strconv.AppendInt(append(dst, `,"MsgTimeStamp":`...), at.Unix(), 10)
	dst = strconv.AppendUint(append(dst, `,"MsgSeq":`...), uint64(m.n), 10)
	dst = strconv.AppendUint(append(dst, `,"MsgRandom":`...), uint64(random), 10)
	dst = f.appendElement(append(dst, `,"MsgBody":`...), m, size)
	return append(dst, `,"CloudCustomData":"","From_AccountNick":"","From_AccountHeadurl":"","OfflinePushInfo":`+offlinePush+`}`...)
}

func (f *fleet) appendGroupMessage(dst []byte, group int32, m mark, random uint32, size int) []byte {
	dst = protocol.AppendString(append(dst, `{"From_Account":`...), f.plan.UserID(m.from))
	dst = protocol.AppendString(append(dst, `,"GroupId":`...), f.plan.GroupID(group))
	dst = strconv.AppendUint(append(dst, `,"Random":`...), uint64(random), 10)
	dst = strconv.AppendUint(append(dst, `,"ClientSeq":`...), uint64(m.n), 10)
	dst = f.appendElement(append(dst, `,"MsgPriority":"Normal","MsgBody":`...), m, size)
	return append(dst, `,"CloudCustomData":"","OnlineOnlyFlag":0,"GroupAtInfo":[],"OfflinePushInfo":`+offlinePush+`}`...)
}

func (f *fleet) appendElement(dst []byte, m mark, size int) []byte {
	dst = append(dst, `[{"MsgType":"TIMTextElem","MsgContent":{"Text":"`...)
	dst = appendText(dst, f.plan.Spec.Run, m, size) // nothing in it needs escaping
	return append(dst, `"}}]`...)
}

// recall takes the newest acked message back.
func (f *fleet) recall(u *user, conv Conv, at time.Time, done func()) {
	u.mu.Lock()
	o := u.outboxOf(conv)
	m := o.last
	o.last = sentMessage{}
	u.mu.Unlock()
	if m.n == 0 {
		f.skip(done)
		return
	}
	var req link.Request
	if g, grouped := conv.group(); grouped {
		req = link.Request{Cmd: protocol.CmdGroupMsgRecall, Body: fmt.Appendf(nil,
			`{"GroupId":%q,"MsgSeqList":[{"MsgSeq":%d}]}`, f.plan.GroupID(g), m.groupSeq)}
		f.notices.expect(recallOf(conv, m.groupSeq), at, f.seenElsewhere(conv))
	} else {
		req = link.Request{Cmd: protocol.CmdMsgWithdraw, Body: fmt.Appendf(nil,
			`{"MsgInfo":{"From_Account":%q,"To_Account":%q,"MsgSeq":%d,"MsgRandom":%d,"MsgTimeStamp":%d}}`,
			f.plan.UserID(u.no), f.plan.UserID(int32(conv)), m.n, m.random, m.time)}
		f.notices.expect(recallOf(WithUser(u.no), m.n), at, f.seenElsewhere(conv))
	}
	u.mu.Lock()
	// From now on somebody who is away need not get it.
	o.recalled.add(m.n)
	u.mu.Unlock()
	f.ask(u, Recall, at, req, done)
}

// read tells that the user has read a conversation.
func (f *fleet) read(u *user, conv Conv, at time.Time, done func()) {
	u.mu.Lock()
	b := u.inboxOf(conv)
	unread, seq, second := b.unread, b.groupSeq, f.clock.Now().Unix()
	b.unread = false
	again := second <= b.readSecond
	if unread {
		b.readSecond = second
	}
	u.mu.Unlock()
	g, grouped := conv.group()
	if !unread || grouped && seq == 0 {
		f.skip(done)
		return
	}
	if grouped {
		f.ask(u, Read, at, link.Request{Cmd: protocol.CmdGroupMsgRead, Body: fmt.Appendf(nil,
			`{"GroupId":%q,"MsgReadedSeq":%d}`, f.plan.GroupID(g), seq)}, done)
		return
	}
	if !again { // a receipt names the second, and may be missing for the next read in it
		f.notices.expect(readOf(int32(conv), u.no, second), at, f.seenElsewhere(conv))
	}
	f.ask(u, Read, at, link.Request{Cmd: protocol.CmdMsgReaded, Body: fmt.Appendf(nil,
		`{"C2CMsgReaded":{"Cookie":"","C2CMsgReadedItem":[{"To_Account":%q,"LastedMsgTime":%d,"Receipt":1}]}}`,
		f.plan.UserID(int32(conv)), second)}, done)
}

// joinOrLeave visits a group, or ends the visit.
func (f *fleet) joinOrLeave(u *user, conv Conv, at time.Time, done func()) {
	g, _ := conv.group()
	u.mu.Lock()
	leave := u.visiting
	u.visiting = !leave
	if leave {
		u.leaves()
	}
	u.mu.Unlock()
	cmd := protocol.CmdGroupJoin
	body := fmt.Appendf(nil, `{"GroupId":%q,"ApplyMsg":"","WebPushFlag":1}`, f.plan.GroupID(g))
	if leave {
		cmd, body = protocol.CmdGroupQuit, fmt.Appendf(nil, `{"GroupId":%q}`, f.plan.GroupID(g))
	}
	u.present().Do(link.Request{Cmd: cmd, Body: body}, func(r link.Reply) {
		f.meter.record(string(Join), u.no, f.clock.Now().Sub(at))
		if f.answered(string(Join), r) && !leave {
			u.mu.Lock()
			u.visits(conv)
			u.mu.Unlock()
		}
		done()
	})
}

// login logs a user in; one who is there logs out before.
func (f *fleet) login(u *user, at time.Time, done func()) {
	enter := func() {
		u.enter(at, func(s *session, err error) {
			if err != nil {
				s.giveUp()
			}
			done()
		})
	}
	u.mu.Lock()
	s, ready := u.session, u.ready
	u.mu.Unlock()
	switch {
	case s == nil:
		enter()
	case !ready: // the login before has not ended
		f.skip(done)
	default:
		s.leave(enter)
	}
}

// leave logs out for good.
func (s *session) leave(done func()) {
	u := s.user
	u.mu.Lock()
	gone := s.left
	s.left = true
	if u.session == s {
		u.ready = false
	}
	u.mu.Unlock()
	if gone {
		done()
		return
	}
	s.end(0, done)
}

// kick logs the user in on another instance, which ends the session on this
// one; then it fetches what was missed in between.
func (f *fleet) kick(u *user, at time.Time, done func()) {
	u.mu.Lock()
	old := u.session
	if u.offline || !u.ready || old.left || u.catching > 0 {
		u.mu.Unlock()
		f.skip(done)
		return
	}
	old.kickAt, old.kickDone = at, done
	u.ready = false // what comes now waits for the new session
	u.catching++    // until that has caught up
	u.mu.Unlock()
	// Behind its answer nothing is under way here that the kick would refuse.
	old.link.Do(link.Request{Cmd: protocol.CmdAlive}, func(link.Reply) { f.moveFrom(old, at) })
}

func (f *fleet) moveFrom(old *session, at time.Time) {
	u := old.user
	caughtUp := func() {
		u.mu.Lock()
		u.catching--
		u.mu.Unlock()
	}
	u.enter(at, func(s *session, err error) {
		if err != nil {
			caughtUp()
			old.leave(nothing)
			old.settleKick()
			return
		}
		f.begin()
		s.catchUp(true, func() {
			caughtUp()
			f.end()
		})
		f.after(kickPatience, func() {
			if old.settleKick() {
				f.meter.fail("kick none")
				old.leave(nothing)
			}
		})
	})
}

// kickPatience is how long the notice of a kick may take. A target that lets
// several instances stay sends none.
const kickPatience = 5 * time.Second

func nothing() {}

// settleKick ends the wait for a kick; it is false if it was over.
func (s *session) settleKick() bool {
	s.user.mu.Lock()
	done := s.kickDone
	s.kickDone = nil
	s.user.mu.Unlock()
	if done == nil {
		return false
	}
	done()
	return true
}

// cut takes the user's network away for a while.
func (f *fleet) cut(u *user, at time.Time, done func()) {
	u.mu.Lock()
	if u.offline || !u.ready || !u.lostAt.IsZero() {
		u.mu.Unlock()
		f.skip(done)
		return
	}
	u.offline = true
	l := u.session.link
	u.mu.Unlock()
	l.SetOnline(false)
	back := at.Add(time.Duration(f.plan.Spec.Storm.Away))
	f.after(back.Sub(f.clock.Now()), func() {
		u.mu.Lock()
		u.offline = false
		u.lostAt = back
		u.mu.Unlock()
		l.SetOnline(true)
		done()
	})
}

// answered tells whether a request succeeded, and counts it if not.
func (f *fleet) answered(what string, r link.Reply) bool {
	if r.OK() {
		return true
	}
	f.meter.fail(what + " " + reason(r))
	return false
}

func reason(r link.Reply) string {
	switch {
	case errors.Is(r.Err, link.ErrTimeout):
		return "timeout"
	case r.Err != nil:
		return "closed"
	}
	return strconv.Itoa(r.ErrorCode)
}
