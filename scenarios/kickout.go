package scenarios

import (
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol"
)

func webInstances(n int) func(*fakeserver.Options) {
	return func(o *fakeserver.Options) { o.WebInstances = n }
}

func kickOutCases() []Case {
	// kicked checks what every kick has in common.
	kicked := func(u *User, reason string) {
		u.Expect("KICKED_OUT", "type", reason)
		u.Expect("SDK_NOT_READY")
	}
	byControl := func(name, reason string, code Versions[int]) Case {
		return Case{
			Name: name, Covers: covers("login", "KICKED_OUT", "SDK_NOT_READY", "ERROR"), Source: "session.md §8",
			Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				s.Kick("alice", reason)
				kicked(alice, reason)
				alice.FailsAs(code, "getConversationList")
				bob.Never("KICKED_OUT")
			},
		}
	}
	return []Case{
		{
			Name: "a second web instance kicks the first with multipleAccount", Covers: covers("login", "KICKED_OUT", "SDK_NOT_READY"),
			Source: "session.md §8, semantics.md §2.2", Run: func(s *Stage) {
				first := s.Login("alice")
				second := s.Login("alice")
				kicked(first, "multipleAccount")
				first.FailsAs(from227(2999, 3003), "getConversationList")
				second.Never("KICKED_OUT")
			},
		},
		byControl("a kick from another device is multipleDevice", "multipleDevice", from227(2999, 3002)),
		byControl("a kick as multipleAccount by the server", "multipleAccount", from227(2999, 3003)),
		byControl("a UserSig that is made to expire while online is userSigExpired", "userSigExpired", from227(2999, 3004)),
		{
			Name: "a kick by REST is REST_API_Kick from 2.27 on; 2.14 ignores it until its next request", Covers: covers("KICKED_OUT"),
			Source: "session.md §8", Run: func(s *Stage) {
				alice := s.Login("alice")
				s.Kick("alice", "REST_API_Kick")
				if genuine(s.hello) == "2.14" {
					alice.Barrier() // told by the answer to the next request
					kicked(alice, "userSigExpired")
					return
				}
				kicked(alice, "REST_API_Kick")
				alice.FailsAs(Versions[int]{2999, 3006, 3006}, "getConversationList")
			},
		},
		{
			Name: "a UserSig that runs out by the clock kicks with userSigExpired", Covers: covers("login", "KICKED_OUT", "SDK_NOT_READY"),
			Source: "session.md §8, semantics.md §2.4", Run: func(s *Stage) {
				alice := s.Instance("alice")
				alice.Call("login", args{"userID": "alice", "userSig": s.UserSig("alice", 10*time.Minute)})
				alice.Expect("SDK_READY")
				s.AdvanceServer(9 * time.Minute)
				alice.Never("KICKED_OUT")
				s.AdvanceServer(2 * time.Minute)
				kicked(alice, "userSigExpired")
			},
		},
		{
			Name: "who was kicked can log in again with a new UserSig", Covers: covers("login", "KICKED_OUT", "SDK_READY"),
			Source: "session.md §8", Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				s.Kick("alice", "userSigExpired")
				kicked(alice, "userSigExpired")
				alice.Login()
				bob.Say("alice", "welcome back")
				alice.ReceivesTexts("welcome back")
			},
		},
		{
			Name: "with two web instances allowed the third login kicks the oldest", Covers: covers("login", "KICKED_OUT"),
			Server: webInstances(2), Source: "semantics.md §2.2", Run: func(s *Stage) {
				first, second := s.Login("alice"), s.Login("alice")
				first.Never("KICKED_OUT")
				third := s.Login("alice")
				kicked(first, "multipleAccount")
				second.Never("KICKED_OUT")
				third.Never("KICKED_OUT")
			},
		},
		{
			Name: "an instance that logged out makes room for another", Covers: covers("logout", "login", "KICKED_OUT"),
			Server: webInstances(2), Source: "semantics.md §2.3", Run: func(s *Stage) {
				first, second := s.Login("alice"), s.Login("alice")
				first.Call("logout")
				first.Expect("SDK_NOT_READY")
				s.Login("alice")
				second.Never("KICKED_OUT")
			},
		},
		{
			Name: "KICKED_OUT comes before SDK_NOT_READY and both once", Covers: covers("KICKED_OUT", "SDK_NOT_READY"),
			Source: "session.md §8", Run: func(s *Stage) {
				alice := s.Login("alice")
				mark := alice.inst.Stream().Len()
				s.Kick("alice", "multipleDevice")
				kicked(alice, "multipleDevice")
				alice.Barrier()
				var order []string
				for _, r := range alice.inst.Stream().Since(mark) {
					if r.Name == eventName("KICKED_OUT") || r.Name == eventName("SDK_NOT_READY") {
						order = append(order, r.Name)
					}
				}
				if len(order) != 2 || order[0] != eventName("KICKED_OUT") {
					s.Failf("order of events is %v", order)
				}
			},
		},
		{
			Name: "a kicked instance logs out with wslogout_type 1", Covers: covers("KICKED_OUT"),
			Source: "session.md §8", Run: func(s *Stage) {
				alice := s.Login("alice")
				s.Kick("alice", "multipleDevice")
				kicked(alice, "multipleDevice")
				if n := alice.sent(protocol.CmdLogout, "wslogout_type", 1); n != 1 {
					s.Failf("%d logouts of type 1 were sent, want 1", n)
				}
			},
		},
		{
			Name: "an instance kicked while it was disconnected learns it on its return", Covers: covers("KICKED_OUT", "NET_STATE_CHANGE"),
			Needs: []string{port.CapClock}, Source: "session.md §7, §8", Run: func(s *Stage) {
				first := s.Login("alice")
				s.Advance(2 * time.Second) // a younger socket is not dialled again at once
				s.Fault(fakeserver.Fault{UserID: "alice", HangConnections: true})
				s.Cut("alice")
				first.Expect("NET_STATE_CHANGE", "state", "connecting")
				s.Kick("alice", "multipleAccount")
				s.ClearFaults()
				first.comeBack()
				kicked(first, "multipleAccount")
			},
		},
		{
			Name: "a UserSig that runs out while disconnected kicks on the return", Covers: covers("KICKED_OUT", "NET_STATE_CHANGE"),
			Needs: []string{port.CapClock}, Source: "session.md §8", Run: func(s *Stage) {
				alice := s.Instance("alice")
				alice.Call("login", args{"userID": "alice", "userSig": s.UserSig("alice", 10*time.Minute)})
				alice.Expect("SDK_READY")
				s.Advance(2 * time.Second)
				s.AdvanceServer(9 * time.Minute)
				s.Fault(fakeserver.Fault{UserID: "alice", HangConnections: true})
				s.Cut("alice")
				alice.Expect("NET_STATE_CHANGE", "state", "connecting")
				s.AdvanceServer(2 * time.Minute)
				s.ClearFaults()
				alice.comeBack()
				kicked(alice, "userSigExpired")
			},
		},
	}
}
