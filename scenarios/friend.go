package scenarios

import (
	"strings"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
)

func addFriendCases() []Case {
	return []Case{
		refusedBeforeReady(map[string]any{
			"addFriend": friendOptions("bob"), "getFriendList": nil, "getFriendProfile": args{"userIDList": []string{"bob"}},
			"deleteFriend": args{"userIDList": []string{"bob"}}, "checkFriend": args{"userIDList": []string{"bob"}},
			"updateFriend": args{"userID": "bob", "remark": "B"},
		}),
		{
			Name: "addFriend of who allows anybody makes both friends at once", Covers: covers("addFriend", "getFriendList", "FRIEND_LIST_UPDATED", "FRIEND_APPLICATION_LIST_UPDATED"),
			Source: "relations.md §4.3, §4.5, §7", Run: func(s *Stage) {
				alice, bob := pair(s)
				look(alice, bob)
				alice.Call("addFriend", friendOptions("bob")).Want("@this", args{"userID": "bob", "code": 0})
				for _, u := range []*User{alice, bob} {
					u.Sees("FRIEND_APPLICATION_LIST_UPDATED", func(v Value) bool { return v.Get("friendApplicationList.#").Int() == 0 })
				}
				alice.SeesFriends("bob")
				bob.SeesFriends("alice")
				alice.Friends("bob")
				bob.Friends("alice")
			},
		},
		{
			Name: "a friend has remark, friend list, source, time and profile", Covers: covers("addFriend", "getFriendList", "FRIEND_LIST_UPDATED"),
			Source: "relations.md §4.1, §4.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				bob.Call("updateMyProfile", args{"nick": "Bobby", "avatar": "https://example.com/b.png", "gender": "Gender_Type_Male"})
				look(alice, bob)
				alice.Call("addFriend", friendOptions("bob", "remark", "my Bob", "groupName", "mates", "wording", "hi"))
				alice.SeesFriends("bob")
				f := alice.Friend("bob")
				f.Want("userID", "bob").Want("remark", "my Bob").Want("groupList", []string{"mates"}).Want("source", "AddSource_Type_Web")
				f.WantSome("addTime").WantSome("timestamp").Want("friendCustomField", []string{})
				f.Want("profile.userID", "bob").Want("profile.nick", "Bobby").Want("profile.avatar", "https://example.com/b.png").Want("profile.gender", "Gender_Type_Male")
				bob.SeesFriends("alice")
				bob.Friend("alice").Want("remark", "").Want("groupList", []string{}).Want("source", "AddSource_Type_Web")
			},
		},
		{
			Name: "a one-way addition puts the other into the caller's list only", Covers: covers("addFriend", "FRIEND_LIST_UPDATED", "checkFriend"),
			Source: "relations.md §4.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				look(alice, bob)
				alice.Call("addFriend", friendOptions("bob", "type", "Add_Type_Single")).Want("code", 0)
				alice.SeesFriends("bob")
				bob.Never("FRIEND_LIST_UPDATED")
				bob.Friends()
				bob.CheckRelation("alice", "Both", "BWithA")
			},
		},
		{
			Name: "two one-way additions make a whole friendship", Covers: covers("addFriend", "checkFriend", "FRIEND_LIST_UPDATED"),
			Source: "relations.md §4.3", Level: Extended, Run: func(s *Stage) {
				alice, bob := pair(s)
				look(alice, bob)
				alice.Call("addFriend", friendOptions("bob", "type", "Add_Type_Single"))
				alice.SeesFriends("bob")
				bob.Call("addFriend", friendOptions("alice")).Want("code", 0) // both ways: alice has bob already
				bob.SeesFriends("alice")
				alice.CheckRelation("bob", "Both", "BothWay")
				alice.Friends("bob")
			},
		},
		{
			Name: "an unknown type of addition means both ways", Covers: covers("addFriend", "FRIEND_LIST_UPDATED"), Source: "relations.md §4.3",
			Run: func(s *Stage) {
				alice, bob := pair(s)
				look(alice, bob)
				alice.Call("addFriend", friendOptions("bob", "type", "whatever")).Want("code", 0)
				alice.SeesFriends("bob")
				bob.SeesFriends("alice")
			},
		},
		{
			Name: "who denies everybody cannot be added: 30516", Covers: covers("addFriend", "updateMyProfile"), Source: "relations.md §4.4",
			Run: func(s *Stage) {
				alice, bob := pair(s)
				bob.Call("updateMyProfile", args{"allowType": "AllowType_Type_DenyAny"})
				look(alice, bob)
				alice.Fails(30516, "addFriend", friendOptions("bob"))
				alice.Fails(30516, "addFriend", friendOptions("bob", "type", "Add_Type_Single"))
				alice.Never("FRIEND_LIST_UPDATED")
				bob.Never("FRIEND_APPLICATION_LIST_UPDATED")
			},
		},
		{
			Name: "oneself cannot be added, nor an account that does not exist: 30001 and 30003", Covers: covers("addFriend"), Source: "relations.md §4.3, semantics.md §6.3",
			Run: func(s *Stage) {
				u := s.Login("alice")
				u.Fails(30001, "addFriend", friendOptions("alice"))
				u.Fails(30003, "addFriend", friendOptions("nobody"))
				u.Friends()
			},
		},
		{
			Name: "a friend cannot be added again: 2701 of the SDK, 30001 of the server in 3.6", Covers: covers("addFriend"), Source: "relations.md §4.3, §4.4",
			Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Befriend(bob)
				alice.FailsAs(Versions[int]{2701, 2701, 30001}, "addFriend", friendOptions("bob"))
				alice.Friends("bob")
			},
		},
		{
			Name: "bad options of addFriend throw", Covers: covers("addFriend"), Source: "relations.md §4.3",
			Run: func(s *Stage) {
				u := s.Login("alice")
				u.Throws("addFriend", args{"source": "AddSource_Type_Web"})
				u.Throws("addFriend", args{"to": "bob"})
				u.Throws("addFriend", friendOptions("bob", "source", "Web"))
				u.Throws("addFriend", friendOptions("bob", "source", "AddSource_Type_123456789"))
				u.Throws("addFriend", friendOptions("bob", "remark", strings.Repeat("x", 97)))
			},
		},
		{
			Name: "options that only the server knows to be too long are refused with 30001", Covers: covers("addFriend"), Source: "semantics.md §4.2",
			Run: func(s *Stage) {
				s.CreateUsers("bob")
				u := s.Login("alice")
				u.Fails(30001, "addFriend", friendOptions("bob", "wording", strings.Repeat("x", 257)))
				u.Fails(30001, "addFriend", friendOptions("bob", "groupName", strings.Repeat("x", 31)))
				u.Fails(30001, "addFriend", friendOptions("bob", "remark", strings.Repeat("名", 33)))
				u.Call("addFriend", friendOptions("bob", "wording", strings.Repeat("x", 256), "groupName", strings.Repeat("x", 30))).Want("code", 0)
			},
		},
		{
			Name: "full friend lists are told: 30010 the own, 30014 the other's", Covers: covers("addFriend"), Source: "relations.md §4.4", Level: Extended,
			Server: func(o *fakeserver.Options) { o.MaxFriends = 1 },
			Run: func(s *Stage) {
				alice, bob := pair(s)
				s.CreateUsers("carol")
				alice.Befriend(bob)
				alice.Fails(30010, "addFriend", friendOptions("carol"))
				carol := s.Login("carol")
				carol.Fails(30014, "addFriend", friendOptions("bob"))
				carol.Call("addFriend", friendOptions("bob", "type", "Add_Type_Single")).Want("code", 0)
			},
		},
		{
			Name: "who is barred from applying is told 30009", Covers: covers("addFriend", "updateMyProfile"), Source: "semantics.md §4.2", Level: Extended,
			Run: func(s *Stage) {
				alice, _ := pair(s)
				alice.Call("updateMyProfile", args{"adminForbidType": "AdminForbid_Type_SendOut"})
				alice.Fails(30009, "addFriend", friendOptions("bob"))
			},
		},
		{
			Name: "an addition and a deletion reach all instances of both users", Covers: covers("addFriend", "deleteFriend", "FRIEND_LIST_UPDATED", "getFriendList"),
			Server: webInstances(2), Source: "relations.md §4.5, §7", Run: func(s *Stage) {
				alice, alice2 := s.Login("alice"), s.Login("alice")
				bob, bob2 := s.Login("bob"), s.Login("bob")
				all := []*User{alice, alice2, bob, bob2}
				look(all...)
				alice.Call("addFriend", friendOptions("bob", "remark", "B"))
				alice2.SeesFriends("bob").Want("0.remark", "B")
				alice.SeesFriends("bob")
				bob.SeesFriends("alice")
				bob2.SeesFriends("alice")
				look(all...)
				bob2.Call("deleteFriend", args{"userIDList": []string{"alice"}})
				for _, u := range all {
					u.SeesFriends()
					u.Friends()
				}
			},
		},
		{
			Name: "pushes about friends that were missed are told after the return", Covers: covers("addFriend", "deleteFriend", "FRIEND_LIST_UPDATED", "NET_STATE_CHANGE"),
			Needs: []string{port.CapClock}, Source: "session.md §7, relations.md §1", Run: func(s *Stage) {
				alice, bob := pair(s)
				carol := s.Login("carol")
				carol.Befriend(bob)
				away(s, bob)
				alice.Call("addFriend", friendOptions("bob"))
				carol.Call("deleteFriend", args{"userIDList": []string{"bob"}})
				back(s, bob)
				bob.SeesFriends("alice")
				bob.Friends("alice")
			},
		},
		{
			Name: "a friend won and lost while away does no harm", Covers: covers("addFriend", "deleteFriend", "FRIEND_LIST_UPDATED", "NET_STATE_CHANGE"),
			Needs: []string{port.CapClock}, Source: "relations.md §4.5", Level: Extended, Run: func(s *Stage) {
				alice, bob := pair(s)
				carol := s.Login("carol")
				away(s, bob)
				alice.BefriendAbsent(bob)
				alice.Call("deleteFriend", args{"userIDList": []string{"bob"}})
				back(s, bob)
				bob.Barrier()
				look(bob)
				carol.Call("addFriend", friendOptions("bob"))
				bob.SeesFriends("carol")
				bob.Friends("carol")
			},
		},
	}
}

// BefriendAbsent adds a friend who is away.
func (u *User) BefriendAbsent(other *User) {
	look(u)
	u.Call("addFriend", friendOptions(other.ID))
	u.SeesFriends(other.ID)
}

func deleteFriendCases() []Case {
	both := args{"userIDList": []string{"bob"}}
	single := args{"userIDList": []string{"bob"}, "type": "Delete_Type_Single"}
	return []Case{
		{
			Name: "deleteFriend takes each off the other's list", Covers: covers("deleteFriend", "FRIEND_LIST_UPDATED", "getFriendList"),
			Source: "relations.md §4.3, §4.5", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Befriend(bob)
				look(alice, bob)
				v := alice.Call("deleteFriend", both)
				v.Want("successUserIDList", []args{{"userID": "bob"}}).Want("failureUserIDList", []string{})
				alice.SeesFriends()
				bob.SeesFriends()
				alice.Friends()
				bob.Friends()
			},
		},
		{
			Name: "a one-way deletion leaves the other's list alone", Covers: covers("deleteFriend", "FRIEND_LIST_UPDATED", "checkFriend"),
			Source: "relations.md §4.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Befriend(bob)
				look(alice, bob)
				alice.Call("deleteFriend", single)
				alice.SeesFriends()
				bob.Never("FRIEND_LIST_UPDATED")
				bob.Friends("alice")
				alice.CheckRelation("bob", "Both", "BWithA")
			},
		},
		{
			Name: "deleting who lacks the caller does no harm on the other side", Covers: covers("deleteFriend", "FRIEND_LIST_UPDATED"),
			Source: "relations.md §4.5", Run: func(s *Stage) {
				alice, bob := pair(s)
				look(alice)
				alice.Call("addFriend", friendOptions("bob", "type", "Add_Type_Single"))
				alice.SeesFriends("bob")
				look(alice, bob)
				alice.Call("deleteFriend", both).Want("successUserIDList", []args{{"userID": "bob"}})
				alice.SeesFriends()
				bob.Never("FRIEND_LIST_UPDATED")
				alice.Say("bob", "still works")
				bob.ReceivesTexts("still works")
			},
		},
		{
			Name: "strangers are failures with 2700, without a request", Covers: covers("deleteFriend"), Source: "relations.md §4.3",
			Run: func(s *Stage) {
				alice, bob := pair(s)
				s.CreateUsers("carol")
				v := alice.Call("deleteFriend", args{"userIDList": []string{"carol"}})
				v.Want("successUserIDList", []string{}).Want("failureUserIDList.0.userID", "carol").Want("failureUserIDList.0.code", 2700)
				if n := alice.sent("sns.friend_delete", "", nil); n != 0 {
					s.Failf("%d requests, want none", n)
				}
				alice.Befriend(bob)
				v = alice.Call("deleteFriend", args{"userIDList": []string{"carol", "bob"}})
				v.Want("successUserIDList", []args{{"userID": "bob"}}).WantList("failureUserIDList.#.userID", "carol")
			},
		},
		{
			Name: "deleteFriend and checkFriend throw without users", Covers: covers("deleteFriend", "checkFriend", "getFriendProfile"), Source: "relations.md §4.3",
			Run: func(s *Stage) {
				u := s.Login("alice")
				for _, api := range []string{"deleteFriend", "checkFriend", "getFriendProfile"} {
					u.Throws(api, args{"userIDList": []string{}})
					u.Throws(api, args{"userIDList": "bob"})
					u.Throws(api, args{})
				}
			},
		},
		{
			Name: "a deleted friend can be added again", Covers: covers("addFriend", "deleteFriend", "FRIEND_LIST_UPDATED"), Source: "relations.md §4.4",
			Run: func(s *Stage) {
				alice, bob := pair(s)
				for range 2 {
					alice.Befriend(bob)
					look(alice, bob)
					alice.Call("deleteFriend", both)
					alice.SeesFriends()
					bob.SeesFriends()
				}
			},
		},
		{
			Name: "checkFriend tells all four relations", Covers: covers("checkFriend"), Source: "relations.md §4.3",
			Run: func(s *Stage) {
				alice, bob := pair(s)
				carol, dave := s.Login("carol"), s.Login("dave")
				s.CreateUsers("erin")
				alice.Befriend(bob)
				alice.Call("addFriend", friendOptions("carol", "type", "Add_Type_Single"))
				dave.Call("addFriend", friendOptions("alice", "type", "Add_Type_Single"))
				v := alice.Call("checkFriend", args{"userIDList": []string{"bob", "carol", "dave", "erin"}, "type": "CheckResult_Type_Both"})
				relation := func(v Value, id, want string) {
					v.Want(`successUserIDList.#(userID=="`+id+`").relation`, "CheckResult_Type_"+want)
				}
				relation(v, "bob", "BothWay")
				relation(v, "carol", "AWithB")
				relation(v, "dave", "BWithA")
				relation(v, "erin", "NoRelation")
				v = alice.Call("checkFriend", args{"userIDList": []string{"bob", "carol", "dave", "erin"}, "type": "CheckResult_Type_Single"})
				relation(v, "bob", "AWithB")
				relation(v, "carol", "AWithB")
				relation(v, "dave", "NoRelation")
				relation(v, "erin", "NoRelation")
				carol.CheckRelation("alice", "Both", "BWithA")
			},
		},
		{
			Name: "checkFriend of an account that does not exist is a failure with 30003", Covers: covers("checkFriend"), Source: "relations.md §4.3, semantics.md §6.3",
			Run: func(s *Stage) {
				s.CreateUsers("bob")
				v := s.Login("alice").Call("checkFriend", args{"userIDList": []string{"bob", "nobody"}})
				v.WantList("successUserIDList.#.userID", "bob")
				v.Want("failureUserIDList.0.userID", "nobody").Want("failureUserIDList.0.code", 30003)
			},
		},
	}
}
