package scenarios

import (
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol"
)

// A secret, and another one to forge with.
const (
	caseSecret  = "the key of this case's app"
	otherSecret = "somebody else's key"
)

func withSecret(o *fakeserver.Options) { o.Secret = caseSecret }

// ticket issues a UserSig by hand, as an app's own server would.
func (s *Stage) ticket(secret string, appID uint32, userID string, age, life time.Duration) string {
	now, err := s.server.Now(s.ctx)
	s.Must(err, "read the clock")
	return protocol.MakeUserSig(secret, appID, userID, time.Unix(now, 0).Add(-age), life)
}

func loginCases() []Case {
	refused := func(name string, code int, source string, server func(*fakeserver.Options), sig func(s *Stage) string) Case {
		return Case{
			Name: name, Covers: covers("login"), Source: source, Server: server,
			Run: func(s *Stage) {
				u := s.Instance("alice")
				u.Fails(code, "login", args{"userID": "alice", "userSig": sig(s)})
				u.Never("SDK_READY")
			},
		}
	}
	return []Case{
		{
			Name: "login resolves with the documented fields and SDK_READY fires once", Covers: covers("login", "SDK_READY"),
			Source: "api.md §1, session.md §4", Run: func(s *Stage) {
				u := s.Instance("alice")
				data := u.Call("login", args{"userID": "alice", "userSig": s.UserSig("alice", 0)})
				data.Want("actionStatus", "OK").Want("errorCode", 0).WantSome("tinyID").WantSome("a2Key")
				data.WantSome("instanceID").WantSome("helloInterval").WantSome("timeStamp")
				u.Expect("SDK_READY").Absent("@this")
				u.Never("SDK_READY")
			},
		},
		{
			Name: "a repeated login resolves with repeatLogin and keeps the first user", Covers: covers("login"),
			Source: "session.md §4", Run: func(s *Stage) {
				u := s.Login("alice")
				again := u.Call("login", args{"userID": "alice", "userSig": s.UserSig("alice", 0)})
				again.Want("repeatLogin", true).Want("actionStatus", "OK").Want("errorCode", 0)
				u.Call("login", args{"userID": "bob", "userSig": s.UserSig("bob", 0)}).Want("repeatLogin", true)
				u.Text("bob", "still me").Want("from", "alice")
			},
		},
		{
			Name: "a second login while the first is under way is refused with 2025", Covers: covers("login"),
			Needs: []string{port.CapClock}, Source: "session.md §4", Run: func(s *Stage) {
				u := s.Instance("alice")
				s.Advance(settled)
				s.Fault(fakeserver.Fault{DropReplies: []string{protocol.CmdLogin}, Count: 1})
				first := u.Go("login", args{"userID": "alice", "userSig": s.UserSig("alice", 0)})
				u.awaitCommand(protocol.CmdLogin)
				u.Fails(2025, "login", args{"userID": "alice", "userSig": s.UserSig("alice", 0)})
				s.Cut("") // the SDK repeats the unanswered login on a new socket
				if _, failed := first.Wait(); failed != nil {
					s.Failf("the first login failed: %v", failed)
				}
				u.Expect("SDK_READY")
			},
		},
		{
			Name: "missing, empty and non-string arguments of login throw", Covers: covers("login"),
			Source: "session.md §4", Run: func(s *Stage) {
				u := s.Instance("alice")
				u.Throws("login", args{})
				u.Throws("login", args{"userID": "alice"})
				u.Throws("login", args{"userID": "", "userSig": "x"})
				u.Throws("login", args{"userID": "alice", "userSig": ""})
				u.Throws("login", args{"userID": 7, "userSig": "x"})
			},
		},
		{
			Name: "the lists of a new account are announced empty", Covers: covers("login", "BLACKLIST_UPDATED", "FRIEND_LIST_UPDATED", "FRIEND_APPLICATION_LIST_UPDATED"),
			Source: "session.md §5", Run: func(s *Stage) {
				u := s.Login("alice")
				u.seen = 0
				u.Expect("BLACKLIST_UPDATED", "@this", []string{})
				u.seen = 0
				u.Expect("FRIEND_LIST_UPDATED", "@this", []string{})
				u.seen = 0
				u.Expect("FRIEND_APPLICATION_LIST_UPDATED", "friendApplicationList", []string{}, "unreadCount", 0)
			},
		},
		refused("an expired UserSig is refused with 70001", 70001, "session.md §15", nil, func(s *Stage) string {
			return s.ticket(caseSecret, s.appID, "alice", 2*time.Hour, time.Hour)
		}),
		refused("a UserSig of another user is refused with 70013", 70013, "session.md §15", nil, func(s *Stage) string {
			return s.ticket(caseSecret, s.appID, "bob", 0, time.Hour)
		}),
		refused("a UserSig signed with another key is refused with 70009", 70009, "session.md §15", withSecret, func(s *Stage) string {
			return s.ticket(otherSecret, s.appID, "alice", 0, time.Hour)
		}),
		refused("a UserSig of another app is refused with 70014", 70014, "session.md §15", withSecret, func(s *Stage) string {
			return s.ticket(caseSecret, s.appID+1, "alice", 0, time.Hour)
		}),
		refused("a UserSig that cannot be decoded is refused with 70003", 70003, "session.md §15", withSecret, func(*Stage) string {
			return "nonsense"
		}),
		{
			Name: "a genuine UserSig is taken where signatures are checked", Covers: covers("login"), Server: withSecret,
			Source: "session.md §15", Run: func(s *Stage) {
				u := s.Instance("alice")
				u.Call("login", args{"userID": "alice", "userSig": s.ticket(caseSecret, s.appID, "alice", time.Minute, time.Hour)})
				u.Expect("SDK_READY")
			},
		},
		{
			Name: "an app that the server does not know is refused with 70020", Covers: covers("login"),
			Server: func(o *fakeserver.Options) { o.SDKAppID = fakeserver.DefaultSDKAppID },
			Source: "session.md §15", Run: func(s *Stage) {
				s.appID++
				s.Instance("alice").Fails(70020, "login", args{"userID": "alice", "userSig": "x"})
			},
		},
		{
			Name: "after a failed login 2.14 refuses the next one for 15 s, later versions try again", Covers: covers("login"),
			Needs: []string{port.CapClock}, Source: "session.md §4", Run: func(s *Stage) {
				u := s.Instance("alice")
				u.Fails(70001, "login", args{"userID": "alice", "userSig": s.ticket(caseSecret, s.appID, "alice", 2*time.Hour, time.Hour)})
				good := args{"userID": "alice", "userSig": s.UserSig("alice", 0)}
				if _, failed := u.Try("login", good); failed != nil {
					if failed.Code != 2025 || s.later() {
						s.Failf("second login failed with %v", failed)
					}
					s.Advance(16 * time.Second)
					u.Call("login", good)
				} else if genuine(s.hello) == "2.14" {
					s.Failf("2.14 must refuse a login within 15 s of a failed one")
				}
				u.Expect("SDK_READY")
			},
		},
		{
			Name: "a login that gets no answer is refused with 2801", Covers: covers("login"),
			Needs: []string{port.CapClock}, Source: "session.md §4", Run: func(s *Stage) {
				u := s.Instance("alice")
				s.Fault(fakeserver.Fault{DropRequests: []string{protocol.CmdLogin}})
				p := u.Go("login", args{"userID": "alice", "userSig": "x"})
				u.awaitCommand(protocol.CmdLogin)
				s.Advance(100 * time.Second) // 15 s in 2.14, 90 s later
				if _, failed := p.Wait(); failed == nil || failed.Code != 2801 {
					s.Failf("login without an answer: %v, want code 2801", failed)
				}
			},
		},
	}
}

func logoutCases() []Case {
	return []Case{
		{
			Name: "logout resolves, then SDK_NOT_READY fires", Covers: covers("logout", "SDK_NOT_READY"),
			Source: "session.md §6", Run: func(s *Stage) {
				u := s.Login("alice")
				u.Call("logout")
				u.Expect("SDK_NOT_READY")
			},
		},
		{
			Name: "logout succeeds though the server answers with an error", Covers: covers("logout"),
			Source: "session.md §6", Run: func(s *Stage) {
				u := s.Login("alice")
				s.Fault(fakeserver.Fault{ErrorReplies: map[string]int{protocol.CmdLogout: 10002}, Count: 1})
				u.Call("logout")
				u.Expect("SDK_NOT_READY")
			},
		},
		{
			Name: "a logout while disconnected is no kick-out", Covers: covers("logout", "SDK_NOT_READY", "KICKED_OUT"),
			Needs: []string{port.CapClock}, Source: "session.md §6, §7", Run: func(s *Stage) {
				u := s.Login("alice")
				s.Advance(settled)
				s.Fault(fakeserver.Fault{UserID: "alice", HangConnections: true})
				s.Cut("alice")
				u.Expect("NET_STATE_CHANGE", "state", "connecting")
				p := u.Go("logout")
				s.ClearFaults()
				p.mustSucceed()
				u.Expect("SDK_NOT_READY")
				u.Login()
				u.neverFired("KICKED_OUT")
				u.Say("alice", "back again")
			},
		},
		{
			Name: "logout without a login is refused with 2024", Covers: covers("logout"), Source: "session.md §6",
			Run: func(s *Stage) { s.Instance("alice").Fails(2024, "logout") },
		},
		{
			Name: "after a logout another user can log in on the same object", Covers: covers("login", "logout", "SDK_READY"),
			Source: "session.md §4", Run: func(s *Stage) {
				u := s.Login("alice")
				u.Call("logout")
				u.Expect("SDK_NOT_READY")
				u.ID = "bob"
				u.Login()
				u.Text("carol", "who am I").Want("from", "bob")
			},
		},
		{
			Name: "a logged-out user gets no more messages", Covers: covers("logout"),
			Source: "session.md §6", Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				bob.Call("logout")
				bob.Expect("SDK_NOT_READY")
				alice.Say("bob", "too late")
				bob.Never("MESSAGE_RECEIVED")
			},
		},
		{
			Name: "destroy logs out, and SDK_DESTROY names the app", Covers: covers("destroy", "SDK_NOT_READY", "SDK_DESTROY"),
			Source: "session.md §6", Run: func(s *Stage) {
				u := s.Login("alice")
				u.Call("destroy")
				u.Expect("SDK_NOT_READY")
				u.Expect("SDK_DESTROY", "SDKAppID", s.appID)
			},
		},
		{
			Name: "destroy without a login is refused with 2024 but destroys", Covers: covers("destroy", "SDK_DESTROY"),
			Source: "api.md §1", Run: func(s *Stage) {
				u := s.Instance("alice")
				u.Fails(2024, "destroy")
				u.Expect("SDK_DESTROY", "SDKAppID", s.appID)
			},
		},
	}
}

// notReady is the code of a call before any login.
var notReady = from227(2999, 2024)

func readyCases() []Case {
	calls := []struct {
		api  string
		args []any
	}{
		{"createTextMessage", []any{textOptions("bob", "early")}},
		{"getConversationList", nil},
		{"getMessageList", []any{args{"conversationID": "C2Cbob"}}},
		{"setMessageRead", []any{args{"conversationID": "C2Cbob"}}},
		{"getMyProfile", nil},
		{"getUserProfile", []any{args{"userIDList": []string{"bob"}}}},
		{"deleteConversation", []any{"C2Cbob"}},
		{"pinConversation", []any{args{"conversationID": "C2Cbob", "isPinned": true}}},
	}
	var cases []Case
	for _, c := range calls {
		cases = append(cases, Case{
			Name: c.api + " before SDK_READY is refused and fires ERROR", Covers: covers(c.api, "ERROR"),
			Source: "session.md §9", Run: func(s *Stage) {
				u := s.Instance("alice")
				failed := u.FailsAs(notReady, c.api, c.args...)
				u.Expect("ERROR", "code", failed.Code)
			},
		})
	}
	return append(cases, Case{
		Name: "calls after a logout are refused", Covers: covers("logout", "getConversationList", "ERROR"),
		Source: "session.md §8", Run: func(s *Stage) {
			u := s.Login("alice")
			u.Call("logout")
			u.Expect("SDK_NOT_READY")
			u.FailsAs(from227(2999, 3005), "getConversationList")
			u.FailsAs(from227(2999, 3005), "createTextMessage", textOptions("bob", "late"))
		},
	}, Case{
		Name: "setLogLevel returns undefined at any time", Covers: covers("setLogLevel"), Source: "session.md §10",
		Run: func(s *Stage) {
			u := s.Instance("alice")
			u.Call("setLogLevel", 4).Absent("@this")
			u.Login()
			u.Call("setLogLevel", 2).Absent("@this")
		},
	}, Case{
		Name: "registerPlugin returns undefined at any time", Covers: covers("registerPlugin"), Source: "session.md §10",
		Run: func(s *Stage) {
			u := s.Instance("alice")
			u.Call("registerPlugin", args{"some-plugin": args{}}).Absent("@this")
			u.Login()
			u.Call("registerPlugin", args{"some-plugin": args{}}).Absent("@this")
		},
	})
}
