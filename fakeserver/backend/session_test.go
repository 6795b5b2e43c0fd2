package backend

import (
	"fmt"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

func TestLoginCodes(t *testing.T) {
	const secret = "the key of the app"
	sig := func(secret string, app uint32, user string, issued time.Time) string {
		return protocol.MakeUserSig(secret, app, user, issued, time.Hour)
	}
	good := sig(secret, appID, "alice", start)
	foreign := sig("another key", appID, "alice", start)
	otherApp := sig(secret, 1, "alice", start)
	late := sig(secret, appID, "alice", start.Add(-time.Hour-time.Second))
	for _, c := range []struct {
		name, user, sig string
		with, without   protocol.Code // with and without Config.Secret
	}{
		{"good", "alice", good, protocol.OK, protocol.OK},
		{"in its last second", "alice", sig(secret, appID, "alice", start.Add(-time.Hour)), protocol.OK, protocol.OK},
		{"expired", "alice", late, protocol.CodeUserSigExpired, protocol.CodeUserSigExpired},
		{"empty", "alice", "", protocol.CodeUserSigEmpty, protocol.CodeUserSigEmpty},
		{"malformed", "alice", "hello", protocol.CodeUserSigMalformed, protocol.OK},
		{"other key", "alice", foreign, protocol.CodeUserSigForged, protocol.OK},
		{"other user", "bob", good, protocol.CodeUserSigOtherUser, protocol.CodeUserSigOtherUser},
		{"other app", "alice", otherApp, protocol.CodeUserSigOtherApp, protocol.OK},
		{"no user", "", good, protocol.CodeAccountParam, protocol.CodeAccountParam},
		{"32 bytes", fmt.Sprintf("%032d", 1), "any", protocol.CodeUserSigMalformed, protocol.OK},
		{"33 bytes", fmt.Sprintf("%033d", 1), "any", protocol.CodeAccountParam, protocol.CodeAccountParam},
		{"space", "a b", "any", protocol.CodeAccountParam, protocol.CodeAccountParam},
		{"not ASCII", "ä", "any", protocol.CodeAccountParam, protocol.CodeAccountParam},
	} {
		for key, want := range map[string]protocol.Code{secret: c.with, "": c.without} {
			cl := newWorld(t, Config{Secret: key}).dial()
			cl.usersig = c.sig
			if got := cl.tryLogin(c.user); got != want {
				t.Errorf("%s, secret %q: code %d, want %d", c.name, key, got, want)
			}
		}
	}
	if got := newWorld(t, Config{RejectUnknownApp: true}).dial().tryLogin("alice"); got != protocol.CodeAppUnknown {
		t.Errorf("unknown app: %d", got)
	}
}

func TestLoginReplyHasWhatTheSDKNeeds(t *testing.T) {
	w := newWorld(t, Config{})
	c := w.dial()
	c.user = "alice"
	r := ask[protocol.LoginReply](c, protocol.CmdLogin, protocol.LoginRequest{})
	if r.TinyID == "" || r.A2Key == "" || r.InstID < 1 || r.HelloInterval < 1 || r.TimeStamp != start.Unix() {
		t.Errorf("%+v", r)
	}
	again := w.login("alice")
	if again.tiny != r.TinyID || again.a2 == r.A2Key || again.instID == r.InstID {
		t.Errorf("second instance: %+v after %+v", again, r)
	}
	if w.login("bob").tiny == r.TinyID {
		t.Error("two users share a tiny ID")
	}
}

// state is the code of a request that needs a session and nothing else.
func (c *client) state() protocol.Code { return c.code(protocol.CmdAuthKey, struct{}{}) }

// stateWith is state with another a2 and tinyid in the head.
func (c *client) stateWith(a2, tiny string) protocol.Code {
	c.w.t.Helper()
	ownA2, ownTiny := c.a2, c.tiny
	defer func() { c.a2, c.tiny = ownA2, ownTiny }()
	c.a2, c.tiny = a2, tiny
	return c.state()
}

func TestInstanceLimit(t *testing.T) {
	for limit := 1; limit <= 3; limit++ {
		w := newWorld(t, Config{WebInstances: limit})
		var all []*client
		for range 5 {
			all = append(all, w.login("alice"))
		}
		for i, c := range all {
			if i < 5-limit {
				c.expect("kick 1 by " + protocol.CmdForceOffline)
			} else {
				c.expect()
			}
			want := protocol.OK
			if i < 5-limit {
				want = protocol.CodeKicked
			}
			if got := c.state(); got != want {
				t.Errorf("limit %d, login %d of 5: code %d, want %d", limit, i+1, got, want)
			}
		}
	}
}

// A disconnected instance takes no place; when it returns the oldest goes,
// which may be itself.
func TestInstanceLimitAndDisconnections(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	first, second := w.login("alice"), w.login("alice")
	second.disconnect()
	third := w.login("alice")
	first.expect()
	third.expect()
	if code := second.reconnect(); code != protocol.OK {
		t.Fatalf("second's return: %d", code)
	}
	first.expect("kick 1 by " + protocol.CmdForceOffline)
	second.expect()
	third.expect()

	third.disconnect()
	fourth := w.login("alice")
	third.reconnect()
	second.expect("kick 1 by " + protocol.CmdForceOffline)

	fourth.disconnect()
	w.login("alice")
	w.login("alice")
	fourth.reconnect() // the oldest of three now
	fourth.expect("kick 1 by " + protocol.CmdForceOffline)
}

func TestKickedSession(t *testing.T) {
	w := newWorld(t, Config{})
	old := w.login("alice")
	w.login("alice")
	bob := w.login("bob")
	old.expect("kick 1 by " + protocol.CmdForceOffline)
	for _, cmd := range []string{protocol.CmdSendMsg, protocol.CmdGetMsg, protocol.CmdContactPage, protocol.CmdProfileGet} {
		if code := old.code(cmd, struct{}{}); code != protocol.CodeKicked {
			t.Errorf("%s: %d", cmd, code)
		}
	}
	old.must(protocol.CmdAlive, struct{}{})
	if r := ask[protocol.HelloReply](old, protocol.CmdHello, struct{}{}); r.ErrorCode != protocol.CodeHelloKicked || r.KickType != protocol.KickMultipleAccount {
		t.Errorf("hello: %+v", r)
	}
	bob.send("alice", "hi")
	old.expect() // nothing after the kick
	old.must(protocol.CmdLogout, protocol.LogoutRequest{Type: 1})
	old.must(protocol.CmdAlive, struct{}{}) // with its stale a2
	old.must(protocol.CmdLogout, protocol.LogoutRequest{Type: 1})
	if code := old.state(); code != protocol.CodeNotLoggedIn {
		t.Errorf("after logout: %d", code)
	}
	if code := old.tryLogin("alice"); code != protocol.OK {
		t.Errorf("login after a kick, same instance: %d", code)
	}
}

func TestKickReasons(t *testing.T) {
	for reason, want := range map[string]string{
		MultipleAccount: "kick 1 by " + protocol.CmdForceOffline, MultipleDevice: "kick 2 by " + protocol.CmdForceOffline,
		RESTAPIKick: "kick 3 by " + protocol.CmdForceOffline, UserSigExpired: "sync!",
	} {
		w := newWorld(t, Config{WebInstances: 3})
		here, away, bob := w.login("alice"), w.login("alice"), w.login("bob")
		away.disconnect()
		n, effects, err := w.Kick(w.at, "alice", reason)
		w.handOut(effects)
		if n != 2 || err != nil {
			t.Fatalf("%s: %d, %v", reason, n, err)
		}
		here.expect(want)
		bob.expect()
		if n, _, _ := w.Kick(w.at, "alice", reason); n != 0 {
			t.Errorf("%s: %d kicked twice", reason, n)
		}
		code := away.reconnect() // learns it on its return
		if reason == UserSigExpired {
			if code != protocol.CodeUserSigExpired {
				t.Errorf("%s: return answered %d", reason, code)
			}
			continue
		}
		away.expect(want)
	}
	w := newWorld(t, Config{})
	w.login("alice")
	if _, _, err := w.Kick(w.at, "nobody", MultipleDevice); codeOf(err) != protocol.CodeAccountMissing {
		t.Errorf("unknown user: %v", err)
	}
	if _, _, err := w.Kick(w.at, "alice", "boredom"); codeOf(err) != protocol.CodeRESTParam {
		t.Errorf("unknown reason: %v", err)
	}
}

func TestKickOther(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 3})
	a, b, c := w.login("alice"), w.login("alice"), w.login("alice")
	b.must(protocol.CmdKickOther, struct{}{})
	a.expect("kick 1 by " + protocol.CmdForceOffline)
	c.expect("kick 1 by " + protocol.CmdForceOffline)
	b.expect()
	b.must(protocol.CmdAuthKey, struct{}{})
}

func TestLoginAgain(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 3})
	bob := w.login("bob")
	alice := w.login("alice")
	oldA2, oldTiny := alice.a2, alice.tiny

	// The same SDK object on a new connection: its old session is over, silently.
	alice.disconnect()
	alice.connect()
	if code := alice.tryLogin("alice"); code != protocol.OK {
		t.Fatal(code)
	}
	alice.expect()
	if code := alice.stateWith(oldA2, oldTiny); code != protocol.CodeTicketExpired {
		t.Errorf("old a2: %d", code)
	}
	// Another user on a connection that has a session.
	if code := alice.tryLogin("carol"); code != protocol.OK {
		t.Fatal(code)
	}
	bob.send("alice", "anybody?")
	bob.send("carol", "hi")
	alice.expect("bob→carol: hi")
	if u, _ := w.User("alice"); u.Online != 0 || len(u.Sessions) != 0 {
		t.Errorf("alice is still there: %+v", u)
	}
}

func TestLogoutLeavesOtherInstances(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	a, b, bob := w.login("alice"), w.login("alice"), w.login("bob")
	a.must(protocol.CmdLogout, protocol.LogoutRequest{})
	bob.send("alice", "hi")
	a.expect()
	b.expect("bob→alice: hi")
	if code := a.tryLogin("alice"); code != protocol.OK { // same socket again
		t.Error(code)
	}
	bob.send("alice", "again")
	a.expect("bob→alice: again")
}

func TestUserSigExpiresOnTheSecond(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	w.at = start.Add(300 * time.Millisecond)
	login := func() *client {
		c := w.dial()
		c.usersig = protocol.MakeUserSig("k", appID, "alice", start, 10*time.Second)
		if code := c.tryLogin("alice"); code != protocol.OK {
			t.Fatal(code)
		}
		return c
	}
	here, away := login(), login()
	away.disconnect()
	w.advance(10*time.Second + 600*time.Millisecond) // start+10.9 s: the last second
	here.expect()
	here.must(protocol.CmdAuthKey, struct{}{})
	w.advance(100 * time.Millisecond)
	here.expect("sync!")
	if code := here.code(protocol.CmdGetMsg, protocol.GetMsgRequest{IsOnlineSync: 1}); code != protocol.CodeUserSigExpired {
		t.Errorf("sync after expiry: %d", code)
	}
	here.must(protocol.CmdAlive, struct{}{})
	if code := away.reconnect(); code != protocol.CodeUserSigExpired {
		t.Errorf("return after expiry: %d", code)
	}
	if code := here.tryLogin("alice"); code != protocol.CodeUserSigExpired {
		t.Errorf("login with the old ticket: %d", code)
	}
}

// A session that has ended leaves nothing planned.
func TestEndedSessionIsForgotten(t *testing.T) {
	w := newWorld(t, Config{})
	for range 3 {
		c := w.dial()
		c.usersig = protocol.MakeUserSig("k", appID, "alice", start, time.Hour)
		c.tryLogin("alice")
		c.must(protocol.CmdLogout, protocol.LogoutRequest{})
	}
	if len(w.due) != 0 || len(w.sessions) != 0 {
		t.Errorf("%d due, %d sessions", len(w.due), len(w.sessions))
	}
}

// An SDK sends what was unanswered again before its wslogin, on the new socket.
func TestResentRequestIsAnsweredOnTheNewSocket(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	frame := alice.frame(protocol.CmdSendMsg, alice.message("bob", "hi"))
	first := alice.raw(frame)
	w.advance(5 * time.Second)
	alice.disconnect()
	alice.connect()
	again := alice.raw(frame)
	if len(first) != 1 || len(again) != 1 || string(first[0].Body) != string(again[0].Body) {
		t.Errorf("answers differ: %v, %v", first, again)
	}
	bob.expect("alice→bob: hi")
	// Before wslogin the new connection gets replies, but no pushes.
	bob.send("alice", "there?")
	alice.expect()
	alice.code(protocol.CmdLogin, protocol.LoginRequest{})
	alice.sync()
	alice.expect("bob→alice: there?")
	if n := len(w.Messages("alice", "bob")); n != 2 {
		t.Errorf("%d messages stored, want 2", n)
	}
}

// An SDK that is asked to log out while it is disconnected sends the logout on
// the new socket, and behind it the wslogin of every reconnect. An expired
// ticket as its answer would be a kick-out to the SDK.
func TestLogoutWhileDisconnected(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	alice.disconnect()
	alice.connect()
	alice.must(protocol.CmdLogout, protocol.LogoutRequest{})
	alice.must(protocol.CmdLogin, protocol.LoginRequest{})
	if code := alice.code(protocol.CmdGetMsg, protocol.GetMsgRequest{}); code != protocol.CodeNotLoggedIn {
		t.Errorf("sync after the logout: %d", code)
	}
	bob.send("alice", "are you there?")
	alice.expect()
	alice.disconnect()
	alice.connect()
	if code := alice.code(protocol.CmdLogin, protocol.LoginRequest{}); code != protocol.CodeTicketExpired {
		t.Errorf("login with that ticket on a third socket: %d", code)
	}
}

// Frames with somebody else's tinyid, or an a2 that was never given, are told
// that the ticket ran out.
func TestForeignTickets(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	for _, c := range [][2]string{{"x", alice.tiny}, {alice.a2, bob.tiny}, {alice.a2, ""}, {bob.a2, alice.tiny}} {
		if code := alice.stateWith(c[0], c[1]); code != protocol.CodeTicketExpired {
			t.Errorf("%v: %d", c, code)
		}
		a2, tiny := alice.a2, alice.tiny
		alice.a2, alice.tiny = c[0], c[1]
		if code := alice.code(protocol.CmdLogin, struct{}{}); code != protocol.CodeTicketExpired {
			t.Errorf("%v, wslogin: %d", c, code)
		}
		alice.a2, alice.tiny = a2, tiny
	}
	alice.must(protocol.CmdAuthKey, struct{}{})
}

// The number of sessions that wait for a reconnect is bounded.
func TestManyDisconnections(t *testing.T) {
	w := newWorld(t, Config{})
	var all []*client
	for range maxDetached + 3 {
		c := w.login("alice")
		c.disconnect()
		all = append(all, c)
	}
	for i, c := range all {
		want := protocol.OK
		if i < 3 {
			want = protocol.CodeTicketExpired
		}
		if code := c.reconnect(); code != want {
			t.Errorf("return of %d: %d, want %d", i, code, want)
		}
		c.disconnect()
	}
}

func codeOf(err error) protocol.Code {
	if e, ok := err.(*protocol.Error); ok {
		return e.Code
	}
	return protocol.OK
}
