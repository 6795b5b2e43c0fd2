package scenarios

import (
	"slices"
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
)

// declaredCases are about the events of the reference that exist as constants
// only: GROUP_SYSTEM_NOTICE_RECEIVED and SDK_RELOAD. That no case makes them
// fire is checked after every case (checkNeverFired).
func declaredCases() []Case {
	return []Case{
		{
			Name: "the events of the reference are declared; 3.6 has dropped the two that never fire", Source: "api.md §2, §5",
			Covers: covers("GROUP_SYSTEM_NOTICE_RECEIVED", "SDK_RELOAD"),
			Skip: func(h port.Hello) string {
				if len(h.Events) == 0 {
					return "the port does not tell which events it declares"
				}
				return ""
			},
			Run: func(s *Stage) {
				s.step("declared: %q", s.hello.Events)
				for _, e := range port.Events {
					allowed := []bool{true}
					if e.Never {
						allowed = Versions[bool]{true, true, false}.allowed(s.hello)
					}
					if declared := slices.Contains(s.hello.Events, e.Name); !slices.Contains(allowed, declared) {
						s.Failf("event %s, %q: declared is %v, want %v", e.Key, e.Name, declared, allowed)
					}
				}
			},
		},
		{
			Name: "group system notices are messages: GROUP_SYSTEM_NOTICE_RECEIVED never fires", Source: "api.md §2",
			Covers: covers("GROUP_SYSTEM_NOTICE_RECEIVED", "MESSAGE_RECEIVED", "dismissGroup"), Run: func(s *Stage) {
				users := s.Crowd(groupWork, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				alice.Call("deleteGroupMember", args{"groupID": "g1", "userIDList": []string{"bob"}})
				bob.Noticed(4)
				for _, u := range users {
					u.neverFired("GROUP_SYSTEM_NOTICE_RECEIVED")
				}
			},
		},
		{
			Name: "a new connection, a kick and a new login are no reason for SDK_RELOAD", Source: "api.md §2",
			Covers: covers("SDK_RELOAD"), Needs: []string{port.CapClock}, Run: func(s *Stage) {
				alice := s.Login("alice")
				s.Advance(settled)
				s.Cut("alice")
				alice.Expect("NET_STATE_CHANGE", "state", "connecting")
				alice.Expect("NET_STATE_CHANGE", "state", "connected")
				s.Kick("alice", fakeserver.MultipleDevice)
				alice.Expect("SDK_NOT_READY")
				alice.Login()
				s.Advance(time.Minute)
				alice.neverFired("SDK_RELOAD")
			},
		},
	}
}
