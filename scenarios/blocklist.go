package scenarios

import (
	"fmt"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol"
)

// Blocks is addToBlacklist; the whole list must then be want.
func (u *User) Blocks(ids []string, want ...string) {
	u.Call("addToBlacklist", args{"userIDList": ids}).WantList("@this", want...)
}

// Unblocks is removeFromBlacklist; the whole list must then be want.
func (u *User) Unblocks(ids []string, want ...string) {
	u.Call("removeFromBlacklist", args{"userIDList": ids}).WantList("@this", want...)
}

// SeesBlocked waits until the blocklist was announced with exactly these.
func (u *User) SeesBlocked(ids ...string) Value {
	return u.SeesList("BLACKLIST_UPDATED", "@this", ids...)
}

func blocklistCases() []Case {
	one := args{"userIDList": []string{"bob"}}
	return []Case{
		refusedBeforeReady(map[string]any{"getBlacklist": nil, "addToBlacklist": one, "removeFromBlacklist": one}),
		{
			Name: "the blocklist of a new account is empty", Covers: covers("getBlacklist"), Source: "relations.md §3",
			Run: func(s *Stage) { s.Login("alice").Call("getBlacklist").Want("@this", []string{}) },
		},
		{
			Name: "addToBlacklist resolves the whole list and fires BLACKLIST_UPDATED with it", Covers: covers("addToBlacklist", "getBlacklist", "BLACKLIST_UPDATED"),
			Source: "relations.md §3", Run: func(s *Stage) {
				s.CreateUsers("bob", "carol", "dave")
				u := s.Login("alice")
				look(u)
				u.Blocks([]string{"bob", "carol"}, "bob", "carol")
				u.SeesBlocked("bob", "carol")
				u.Blocks([]string{"dave"}, "bob", "carol", "dave")
				u.SeesBlocked("bob", "carol", "dave")
				u.Call("getBlacklist").WantList("@this", "bob", "carol", "dave")
			},
		},
		{
			Name: "removeFromBlacklist resolves the whole list and fires BLACKLIST_UPDATED once", Covers: covers("removeFromBlacklist", "getBlacklist", "BLACKLIST_UPDATED"),
			Source: "relations.md §3", Run: func(s *Stage) {
				s.CreateUsers("bob", "carol")
				u := s.Login("alice")
				u.Blocks([]string{"bob", "carol"}, "bob", "carol")
				look(u)
				u.Unblocks([]string{"bob"}, "carol")
				u.Once("BLACKLIST_UPDATED", "@this", []string{"carol"})
				u.Call("getBlacklist").Want("@this", []string{"carol"})
			},
		},
		{
			Name: "both changes reach all instances of the user", Covers: covers("addToBlacklist", "removeFromBlacklist", "getBlacklist", "BLACKLIST_UPDATED"),
			Server: webInstances(3), Source: "relations.md §3", Run: func(s *Stage) {
				s.CreateUsers("bob", "carol")
				first, second, third := s.Login("alice"), s.Login("alice"), s.Login("alice")
				look(first, second, third)
				first.Blocks([]string{"bob", "carol"}, "bob", "carol")
				for _, u := range []*User{first, second, third} {
					u.SeesBlocked("bob", "carol")
				}
				second.Call("getBlacklist").WantList("@this", "bob", "carol")
				look(first, second, third)
				second.Unblocks([]string{"bob"}, "carol")
				for _, u := range []*User{first, second, third} {
					u.SeesBlocked("carol")
				}
				third.Call("getBlacklist").Want("@this", []string{"carol"})
			},
		},
		{
			Name: "who is blocked already changes nothing", Covers: covers("addToBlacklist", "BLACKLIST_UPDATED"), Source: "relations.md §3",
			Run: func(s *Stage) {
				s.CreateUsers("bob")
				u := s.Login("alice")
				u.Blocks([]string{"bob"}, "bob")
				u.SeesBlocked("bob")
				look(u)
				u.Blocks([]string{"bob"}, "bob")
				u.Never("BLACKLIST_UPDATED")
			},
		},
		{
			Name: "blocking oneself alone is refused with 2742, among others it is left out", Covers: covers("addToBlacklist"), Source: "relations.md §3",
			Run: func(s *Stage) {
				s.CreateUsers("bob")
				u := s.Login("alice")
				u.Fails(2742, "addToBlacklist", args{"userIDList": []string{"alice"}})
				u.Blocks([]string{"alice", "bob"}, "bob")
			},
		},
		{
			Name: "an account that does not exist cannot be blocked", Covers: covers("addToBlacklist"), Source: "relations.md §3, semantics.md §6.3",
			Run: func(s *Stage) {
				s.CreateUsers("bob")
				s.Login("alice").Blocks([]string{"nobody", "bob"}, "bob")
			},
		},
		{
			Name: "a list that is missing or no array is refused", Covers: covers("addToBlacklist", "removeFromBlacklist"), Source: "relations.md §3",
			Run: func(s *Stage) {
				u := s.Login("alice")
				u.Throws("addToBlacklist", args{})
				u.Throws("addToBlacklist", args{"userIDList": "bob"})
				for _, bad := range []args{{}, {"userIDList": "bob"}} {
					if s.later() {
						u.Throws("removeFromBlacklist", bad)
					} else if _, failed := u.Try("removeFromBlacklist", bad); failed == nil || failed.Code != 2741 && failed.Code != port.CodeNone {
						s.Failf("removeFromBlacklist took %v: %v", bad, failed)
					}
				}
			},
		},
		{
			Name: "the blocklist is announced at the next login", Covers: covers("addToBlacklist", "getBlacklist", "BLACKLIST_UPDATED"), Source: "relations.md §1, §3",
			Run: func(s *Stage) {
				s.CreateUsers("bob", "carol")
				u := s.Login("alice")
				u.Blocks([]string{"bob", "carol"}, "bob", "carol")
				u.Call("logout")
				u.Expect("SDK_NOT_READY")
				again := s.Login("alice")
				again.seen = 0
				again.SeesBlocked("bob", "carol")
				again.Call("getBlacklist").WantList("@this", "bob", "carol")
			},
		},
		{
			Name: "a thousand blocked accounts come in one list", Covers: covers("addToBlacklist", "getBlacklist"), Source: "relations.md §3, semantics.md §4.3", Level: Extended,
			Run: func(s *Stage) {
				ids := make([]string, 1000)
				for i := range ids {
					ids[i] = fmt.Sprintf("user%d", i)
				}
				s.CreateUsers(ids...)
				s.CreateUsers("over")
				s.Login("alice").Blocks(ids, ids...)
				again := s.Login("alice")
				again.Call("getBlacklist").WantList("@this", ids...)
				again.Blocks([]string{"over"}, ids...) // beyond the cap: left out
			},
		},
		{
			Name: "the cap of the blocklist leaves out who is beyond it", Covers: covers("addToBlacklist"), Source: "semantics.md §4.3", Level: Extended,
			Server: func(o *fakeserver.Options) { o.MaxBlocked = 2 },
			Run: func(s *Stage) {
				s.CreateUsers("bob", "carol", "dave")
				u := s.Login("alice")
				u.Blocks([]string{"bob", "carol", "dave"}, "bob", "carol")
				u.Unblocks([]string{"bob"}, "carol")
				u.Blocks([]string{"dave"}, "carol", "dave")
			},
		},
		{
			Name: "an error of the server rejects with its code and changes nothing", Covers: covers("addToBlacklist", "getBlacklist"), Source: "relations.md §1",
			Run: func(s *Stage) {
				s.CreateUsers("bob")
				u := s.Login("alice")
				s.Fault(fakeserver.Fault{ErrorReplies: map[string]int{protocol.CmdBlackListAdd: 30006}, Count: 1})
				u.Fails(30006, "addToBlacklist", args{"userIDList": []string{"bob"}})
				u.Call("getBlacklist").Want("@this", []string{})
			},
		},
	}
}

func blocklistEffectCases() []Case {
	return []Case{
		{
			Name: "blocking a friend ends the friendship in both lists", Covers: covers("addToBlacklist", "FRIEND_LIST_UPDATED", "BLACKLIST_UPDATED", "getFriendList", "checkFriend"),
			Source: "relations.md §3", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Befriend(bob)
				look(alice, bob)
				alice.Blocks([]string{"bob"}, "bob")
				alice.SeesFriends()
				bob.SeesFriends()
				alice.Friends()
				bob.Friends()
				bob.Never("BLACKLIST_UPDATED")
				alice.CheckRelation("bob", "Both", "NoRelation")
			},
		},
		{
			Name: "being blocked takes the blocker off a one-way friend list", Covers: covers("addToBlacklist", "FRIEND_LIST_UPDATED", "getFriendList"),
			Source: "relations.md §3", Level: Extended, Run: func(s *Stage) {
				alice, bob := pair(s)
				look(bob)
				bob.Call("addFriend", friendOptions("alice", "type", "Add_Type_Single"))
				bob.SeesFriends("alice")
				look(alice, bob)
				alice.Blocks([]string{"bob"}, "bob")
				bob.SeesFriends()
				alice.SeesBlocked("bob")
				alice.Never("FRIEND_LIST_UPDATED")
			},
		},
		{
			Name: "unblocking does not restore the friendship", Covers: covers("removeFromBlacklist", "checkFriend"), Source: "semantics.md §4.3",
			Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Befriend(bob)
				alice.Blocks([]string{"bob"}, "bob")
				alice.Unblocks([]string{"bob"})
				alice.CheckRelation("bob", "Both", "NoRelation")
				bob.CheckRelation("alice", "Both", "NoRelation")
			},
		},
		{
			Name: "neither side of a block can add the other: 30515 and 30525", Covers: covers("addToBlacklist", "removeFromBlacklist", "addFriend"),
			Source: "relations.md §4.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Blocks([]string{"bob"}, "bob")
				alice.Fails(30515, "addFriend", friendOptions("bob"))
				bob.Fails(30525, "addFriend", friendOptions("alice"))
				alice.Unblocks([]string{"bob"})
				bob.Call("addFriend", friendOptions("alice")).Want("code", 0)
			},
		},
		{
			Name: "a blocked sender succeeds, and the receiver gets nothing", Covers: covers("addToBlacklist", "removeFromBlacklist", "sendMessage", "MESSAGE_RECEIVED"),
			Source: "semantics.md §3.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Blocks([]string{"bob"}, "bob")
				look(alice)
				bob.Say("alice", "hello?").Want("status", "success")
				alice.Never("MESSAGE_RECEIVED")
				alice.Say("bob", "I may")
				bob.ReceivesTexts("I may")
				alice.Unblocks([]string{"bob"})
				bob.Say("alice", "hello again")
				alice.ReceivesTexts("hello again")
			},
		},
		{
			Name: "a blocked sender is told 20007 where the service is set so", Covers: covers("addToBlacklist", "sendMessage", "MESSAGE_RECEIVED"),
			Server: func(o *fakeserver.Options) { o.BlockedSenderGets20007 = true }, Source: "semantics.md §3.4", Level: Extended,
			Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Blocks([]string{"bob"}, "bob")
				look(alice)
				bob.Fails(20007, "sendMessage", bob.Text("alice", "hello?").Ref())
				alice.Never("MESSAGE_RECEIVED")
			},
		},
		{
			Name: "what another instance blocked while this one was away is told after the return", Covers: covers("addToBlacklist", "BLACKLIST_UPDATED", "NET_STATE_CHANGE", "FRIEND_LIST_UPDATED"),
			Needs: []string{port.CapClock}, Source: "session.md §7, relations.md §3", Level: Extended, Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Befriend(bob)
				away(s, bob)
				alice.Blocks([]string{"bob"}, "bob")
				back(s, bob)
				bob.SeesFriends()
				bob.Friends()
			},
		},
	}
}
