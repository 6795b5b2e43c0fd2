package loadgen

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/internal/link"
	"github.com/imsim/imsim/protocol"
)

// session is a login of a user: one instance of the SDK, as the backend sees
// it. It implements link.Handler.
type session struct {
	user *user
	link *link.Link // set under user.mu, before anything is sent

	kickAt   time.Time // intended start of the login that ends this one; user.mu
	kickDone func()
	left     bool // its logout is under way; user.mu
	down     bool // it has no connection; user.mu
}

// enter logs the user in, and leaves an earlier session to be kicked out.
// done is called once, when the user is ready or cannot be.
func (u *user) enter(at time.Time, done func(*session, error)) {
	f := u.fleet
	s := &session{user: u}
	u.mu.Lock()
	u.ready = false
	u.session = s
	u.away()
	s.link = link.New(&f.link, s)
	l := s.link
	u.mu.Unlock()
	id := f.plan.UserID(u.no)
	sig := f.target.userSig(id)
	l.SetSession(link.Session{UserID: id, UserSig: sig})
	l.Do(link.Request{Cmd: protocol.CmdLogin, Body: []byte(`{"State":"Online"}`)}, func(r link.Reply) {
		f.meter.record(string(Login), u.no, f.clock.Now().Sub(at))
		if !f.answered(string(Login), r) {
			done(s, fmt.Errorf("login of %s: %s", id, reason(r)))
			return
		}
		v := gjson.ParseBytes(r.Body)
		next := link.Session{
			UserID: id, UserSig: sig, A2: strings.Clone(v.Get("A2Key").Str), TinyID: strings.Clone(v.Get("TinyId").String()), // not the reply whole
			InstID: uint32(v.Get("InstId").Uint()), Hello: time.Duration(v.Get("HelloInterval").Int()) * time.Second,
		}
		l.SetSession(next)
		f.meter.connected.Add(1)
		s.start(func() {
			f.meter.record(Ready, u.no, f.clock.Now().Sub(at))
			l.Slim()
			u.becomeReady()
			done(s, nil)
		})
	})
}

// giveUp lets go of a session whose login failed, so that the user may try
// again.
func (s *session) giveUp() {
	u := s.user
	u.mu.Lock()
	if u.session == s {
		u.session = nil
	}
	u.mu.Unlock()
	u.fleet.background.Go(s.link.Close) // not from within the link's own call
}

// startUp is what SDK 2.14 (friendship build) asks between login and ready,
// but for page_get and getmsg, whose replies matter.
var startUp = []struct{ cmd, body string }{
	{protocol.CmdProfileGet, `{"From_Account":"%[1]s","UserItem":[{"To_Account":"%[1]s"}]}`},
	{protocol.CmdBlackListGet, `{"From_Account":"%[1]s","StartIndex":0,"MaxLimited":100,"LastSequence":0}`},
	{protocol.CmdJoinedGroups, `{"Member_Account":"%[1]s","Limit":50,"Offset":0,"ResponseFilter":{"GroupBaseInfoFilter":["Type","Name","FaceUrl","NextMsgSeq","LastMsgTime"],"SelfInfoFilter":["Role","JoinTime","MsgFlag"]}}`},
	{protocol.CmdFriendGet, `{"From_Account":"%[1]s","StartIndex":0,"StandardSequence":0,"CustomSequence":0}`},
	{protocol.CmdFriendGroupGet, `{"From_Account":"%[1]s","LastSequence":0,"NeedFriend":"Need_Friend_Type_Yes"}`},
	{protocol.CmdPendencyGet, `{"From_Account":"%[1]s","PendencyType":"Pendency_Type_Both","StartTime":0,"MaxLimited":100,"LastSequence":0}`},
}

const (
	pageBody = `{"From_Account":"%[1]s","TimeStamp":0,"StartIndex":0,"TopTimeStamp":0,"TopStartIndex":0,"OrderType":1,"MsgAssistFlags":4,"AssistFlags":7}`
	syncBody = `{"Cookie":%q,"SyncFlag":%d,"NeedAbstract":1,"IsOnlineSync":%d}`
)

// start asks what an SDK asks after a login. As with 2.14 the end of the
// first page of conversations makes the user ready, with StartupBare that of
// the sync.
func (s *session) start(ready func()) {
	f := s.user.fleet
	bare := f.plan.Spec.Startup == StartupBare
	if !bare {
		id := f.plan.UserID(s.user.no)
		for _, ask := range startUp {
			s.link.Do(link.Request{Cmd: ask.cmd, Body: fmt.Appendf(nil, ask.body, id)}, func(r link.Reply) { f.answered("startup", r) })
		}
		s.link.Do(link.Request{Cmd: protocol.CmdAuthKey}, func(r link.Reply) { f.answered("startup", r) })
		s.link.Do(link.Request{Cmd: protocol.CmdFetchConfig, Body: []byte(`{"uint32_sdkappid":` + strconv.FormatUint(uint64(f.target.appID), 10) + `,"uint64_version":0}`)},
			func(r link.Reply) { f.answered("startup", r) })
	}
	s.sync(0, 0, func() {
		if bare {
			ready()
			return
		}
		s.link.Do(link.Request{Cmd: protocol.CmdContactPage, Body: fmt.Appendf(nil, pageBody, f.plan.UserID(s.user.no))}, func(r link.Reply) {
			f.answered("startup", r)
			ready()
		})
	})
}

// sync is openim.getmsg until its end.
func (s *session) sync(flag, online int, done func()) {
	u := s.user
	u.mu.Lock()
	cookie := u.cookie
	u.mu.Unlock()
	s.link.Do(link.Request{Cmd: protocol.CmdGetMsg, Body: fmt.Appendf(nil, syncBody, cookie, flag, online)}, func(r link.Reply) {
		if !u.fleet.answered("sync", r) {
			done()
			return
		}
		scanMarks(r.Body, u.fleet.plan.Spec.Run, func(m mark) { u.receive(m, false) })
		u.mu.Lock()
		u.cookie = gjson.GetBytes(r.Body, "Cookie").String()
		u.mu.Unlock()
		if more := int(gjson.GetBytes(r.Body, "SyncFlag").Int()); more != protocol.SyncDone {
			s.sync(more, online, done)
			return
		}
		done()
	})
}

// Push implements link.Handler.
func (s *session) Push(d protocol.Downlink) {
	if bytes.Contains(d.Body, kickMark) {
		s.kicked()
		return
	}
	u := s.user
	u.mu.Lock()
	current := u.session == s
	u.mu.Unlock()
	if bytes.Contains(d.Body, ackMark) {
		data := gjson.GetBytes(d.Body, "SessionData").Str
		s.link.Tell(link.Request{Cmd: protocol.CmdPushAck, Body: append(protocol.AppendString([]byte(`{"SessionData":`), data), '}')})
	}
	// What a session still hears that was left is no second delivery.
	if scanMarks(d.Body, u.fleet.plan.Spec.Run, func(m mark) { u.receive(m, current) }) {
		if u.fleet.plan.Spec.Workload == Mixed {
			u.noteSequences(d.Body, current)
		}
		return
	}
	if current {
		u.notice(d.Body)
	}
}

var (
	kickMark = []byte(`"KickoutMsgNotify"`)
	ackMark  = []byte(`"NeedAck":1`)
)

// kicked ends the session, as the SDK does: wslogout with type 1, then it is
// over.
func (s *session) kicked() {
	u, f := s.user, s.user.fleet
	u.mu.Lock()
	at, done, expected := s.kickAt, s.kickDone, u.session != s
	again := s.left
	s.left, s.kickDone = true, nil
	if !expected {
		u.ready = false
	}
	u.mu.Unlock()
	if again {
		return
	}
	if done != nil {
		f.meter.record(string(Kick), u.no, f.clock.Now().Sub(at))
	}
	if !expected {
		f.meter.fail("kicked out")
	}
	s.end(1, func() {
		if done != nil {
			done()
		}
	})
}

// end logs out and closes the link; then it calls done.
func (s *session) end(kind int, done func()) {
	u, f := s.user, s.user.fleet
	u.mu.Lock()
	if !s.down { // else it does not count already
		f.meter.connected.Add(-1)
	}
	u.mu.Unlock()
	s.link.Do(link.Request{Cmd: protocol.CmdLogout, Body: fmt.Appendf(nil, `{"wslogout_type":%d}`, kind)}, func(link.Reply) {
		f.background.Go(s.link.Close) // not from within the link's own call
		done()
	})
}

// NetState implements link.Handler.
func (s *session) NetState(state link.NetState) {
	u, f := s.user, s.user.fleet
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.session != s || !u.ready || s.left {
		return
	}
	if down := state != link.Connected; down != s.down {
		s.down = down
		if !down {
			f.meter.connected.Add(1)
			return
		}
		f.meter.connected.Add(-1)
		u.away()
		if !u.offline {
			f.meter.lostConnections.Add(1)
			if u.lostAt.IsZero() {
				u.lostAt = f.clock.Now()
			}
		}
	}
}

// Answered implements link.Handler: after a reconnect's login the user catches
// up.
func (s *session) Answered(cmd string, r link.Reply) {
	u, f := s.user, s.user.fleet
	if cmd != protocol.CmdLogin {
		return
	}
	if !f.answered("relogin", r) {
		return
	}
	u.mu.Lock()
	at, ready := u.lostAt, u.ready && u.session == s
	u.lostAt = time.Time{}
	u.mu.Unlock()
	if !ready {
		return
	}
	f.begin()
	s.catchUp(false, func() {
		if !at.IsZero() {
			f.meter.record(CaughtUp, u.no, f.clock.Now().Sub(at))
		}
		f.end()
	})
}
