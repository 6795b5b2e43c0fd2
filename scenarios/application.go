package scenarios

import (
	"strings"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
)

// Kinds of applications.
const (
	comeIn  = "Pendency_Type_ComeIn"
	sendOut = "Pendency_Type_SendOut"
)

// Applications is getFriendApplicationList; exactly these must stand in it.
func (u *User) Applications(unread int, ids ...string) Value {
	v := u.Call("getFriendApplicationList")
	return v.WantList("friendApplicationList.#.userID", ids...).Want("unreadCount", unread)
}

// confirming is alice, and bob who needs to confirm.
func confirming(s *Stage) (alice, bob *User) {
	alice, bob = pair(s)
	bob.NeedsConfirm()
	return alice, bob
}

func accept(id string, more ...any) args {
	o := args{"userID": id}
	for i := 0; i+1 < len(more); i += 2 {
		o[more[i].(string)] = more[i+1]
	}
	return o
}

func applicationCases() []Case {
	one := args{"userID": "bob"}
	return []Case{
		refusedBeforeReady(map[string]any{
			"getFriendApplicationList": nil, "acceptFriendApplication": one, "refuseFriendApplication": one,
			"deleteFriendApplication": one, "setFriendApplicationRead": nil,
		}),
		{
			Name: "addFriend of who needs to confirm resolves 30539 and announces the application to both", Covers: covers("addFriend", "getFriendApplicationList", "FRIEND_APPLICATION_LIST_UPDATED", "updateMyProfile"),
			Source: "relations.md §4.4, §5", Run: func(s *Stage) {
				alice, bob := confirming(s)
				alice.Call("updateMyProfile", args{"nick": "Al", "avatar": "https://example.com/al.png"})
				look(alice, bob)
				v := alice.Call("addFriend", friendOptions("bob", "wording", "please"))
				v.Want("userID", "bob").Want("code", 30539)
				got := bob.SeesApplications(1, "alice").Get("friendApplicationList.0")
				for _, a := range []Value{got, bob.Applications(1, "alice").Get("friendApplicationList.0")} {
					a.Want("type", comeIn).Want("wording", "please").Want("source", "AddSource_Type_Web").WantSome("time")
					a.Want("nick", "Al").Want("avatar", "https://example.com/al.png")
				}
				alice.SeesApplications(0, "bob").Want("friendApplicationList.0.type", sendOut).Want("friendApplicationList.0.wording", "please")
				alice.Never("FRIEND_LIST_UPDATED")
				bob.Never("FRIEND_LIST_UPDATED")
				alice.Friends()
			},
		},
		{
			Name: "a one-way addition needs the consent alike", Covers: covers("addFriend", "FRIEND_APPLICATION_LIST_UPDATED"), Source: "semantics.md §4.2", Level: Extended,
			Run: func(s *Stage) {
				alice, bob := confirming(s)
				alice.Applies(bob, "type", "Add_Type_Single")
				bob.Applications(1, "alice")
			},
		},
		{
			Name: "an application reaches all instances of both users", Covers: covers("addFriend", "FRIEND_APPLICATION_LIST_UPDATED", "getFriendApplicationList", "acceptFriendApplication", "FRIEND_LIST_UPDATED"),
			Server: webInstances(2), Source: "relations.md §5, §7", Run: func(s *Stage) {
				alice, alice2 := s.Login("alice"), s.Login("alice")
				bob, bob2 := s.Login("bob"), s.Login("bob")
				bob.NeedsConfirm()
				all := []*User{alice, alice2, bob, bob2}
				look(all...)
				alice.Call("addFriend", friendOptions("bob")).Want("code", 30539)
				alice.SeesApplications(0, "bob")
				alice2.SeesApplications(0, "bob")
				bob.SeesApplications(1, "alice")
				bob2.SeesApplications(1, "alice")
				look(all...)
				bob2.Call("acceptFriendApplication", accept("alice"))
				for _, u := range all {
					u.SeesApplications(0)
					u.Sees("FRIEND_LIST_UPDATED", func(v Value) bool { return v.Get("#").Int() == 1 })
				}
			},
		},
		{
			Name: "applying twice leaves one application, with the newer wording", Covers: covers("addFriend", "getFriendApplicationList"), Source: "relations.md §5", Level: Extended,
			Run: func(s *Stage) {
				alice, bob := confirming(s)
				alice.Applies(bob, "wording", "first")
				alice.Applies(bob, "wording", "second")
				bob.Applications(1, "alice")
				s.Login("bob").Applications(1, "alice").Want("friendApplicationList.0.wording", "second")
			},
		},
		{
			Name: "setFriendApplicationRead resolves undefined and sets the unread count to 0, on all instances", Covers: covers("setFriendApplicationRead", "getFriendApplicationList", "FRIEND_APPLICATION_LIST_UPDATED"),
			Server: webInstances(2), Source: "relations.md §5", Run: func(s *Stage) {
				alice, bob := confirming(s)
				bob2, carol := s.Login("bob"), s.Login("carol")
				alice.Applies(bob)
				carol.Applies(bob)
				bob.Applications(2, "alice", "carol")
				look(bob, bob2)
				bob.Call("setFriendApplicationRead").Absent("@this")
				bob.SeesApplications(0, "alice", "carol")
				bob2.SeesApplications(0, "alice", "carol")
				bob.Applications(0, "alice", "carol")
				dave := s.Login("dave")
				dave.Applies(bob)
				bob.Applications(1, "alice", "carol", "dave")
			},
		},
		{
			Name: "deleteFriendApplication deletes for oneself alone", Covers: covers("deleteFriendApplication", "getFriendApplicationList", "FRIEND_APPLICATION_LIST_UPDATED"),
			Source: "relations.md §5", Run: func(s *Stage) {
				alice, bob := confirming(s)
				alice.Applies(bob)
				look(alice, bob)
				bob.Call("deleteFriendApplication", accept("alice", "type", comeIn)).Want("@this", args{})
				bob.SeesApplications(0)
				bob.Applications(0)
				alice.Never("FRIEND_APPLICATION_LIST_UPDATED")
				alice.Applications(0, "bob")
				alice.Call("deleteFriendApplication", accept("bob", "type", sendOut))
				alice.SeesApplications(0)
				alice.Applications(0)
			},
		},
		{
			Name: "an application that the SDK does not know cannot be deleted: 2716", Covers: covers("deleteFriendApplication"), Source: "relations.md §5",
			Run: func(s *Stage) {
				alice, bob := confirming(s)
				alice.Applies(bob)
				bob.Fails(2716, "deleteFriendApplication", accept("nobody"))
				bob.Fails(2716, "deleteFriendApplication", accept("alice", "type", sendOut))
				alice.Fails(2716, "deleteFriendApplication", accept("bob")) // the default type is ComeIn
			},
		},
		{
			Name: "the answers throw without a user", Covers: covers("acceptFriendApplication", "refuseFriendApplication", "deleteFriendApplication"), Source: "relations.md §1, api.md §1",
			Run: func(s *Stage) {
				u := s.Login("alice")
				for _, api := range []string{"acceptFriendApplication", "refuseFriendApplication", "deleteFriendApplication"} {
					u.Throws(api, args{})
					u.Throws(api, args{"userID": 7})
				}
			},
		},
		{
			Name: "no more applications than the cap wait: 30012", Covers: covers("addFriend"), Source: "semantics.md §4.2", Level: Extended,
			Server: func(o *fakeserver.Options) { o.MaxApplications = 1 },
			Run: func(s *Stage) {
				alice, bob := confirming(s)
				carol := s.Login("carol")
				alice.Applies(bob)
				carol.Fails(30012, "addFriend", friendOptions("bob"))
				carol.NeedsConfirm()
				alice.Fails(30012, "addFriend", friendOptions("carol"))
				bob.Call("refuseFriendApplication", accept("alice"))
				carol.Call("addFriend", friendOptions("bob")).Want("code", 30539)
			},
		},
	}
}

func answerCases() []Case {
	return []Case{
		{
			Name: "accepting and adding back makes both friends and ends the application", Covers: covers("acceptFriendApplication", "getFriendApplicationList", "getFriendList", "FRIEND_LIST_UPDATED", "FRIEND_APPLICATION_LIST_UPDATED"),
			Source: "relations.md §5, §7", Run: func(s *Stage) {
				alice, bob := confirming(s)
				alice.Applies(bob, "remark", "my Bob", "groupName", "mates", "wording", "please")
				look(alice, bob)
				bob.Call("acceptFriendApplication", accept("alice", "remark", "my Al", "tag", "work")).Absent("@this")
				alice.SeesFriends("bob")
				bob.SeesFriends("alice")
				alice.SeesApplications(0)
				bob.SeesApplications(0)
				alice.Friend("bob").Want("remark", "my Bob").Want("groupList", []string{"mates"}).Want("source", "AddSource_Type_Web")
				bob.Friend("alice").Want("remark", "my Al").Want("groupList", []string{"work"})
				alice.Applications(0)
				bob.Applications(0)
			},
		},
		{
			Name: "accepting without adding back grows the applicant's list only", Covers: covers("acceptFriendApplication", "FRIEND_LIST_UPDATED", "FRIEND_APPLICATION_LIST_UPDATED", "checkFriend"),
			Source: "relations.md §5", Run: func(s *Stage) {
				alice, bob := confirming(s)
				alice.Applies(bob)
				look(alice, bob)
				bob.Call("acceptFriendApplication", accept("alice", "type", "Response_Action_Agree")).Absent("@this")
				alice.SeesFriends("bob")
				alice.SeesApplications(0)
				bob.SeesApplications(0)
				bob.Never("FRIEND_LIST_UPDATED")
				bob.Friends()
				bob.CheckRelation("alice", "Both", "BWithA")
			},
		},
		{
			Name: "refusing ends the application on both sides", Covers: covers("refuseFriendApplication", "getFriendApplicationList", "FRIEND_APPLICATION_LIST_UPDATED", "checkFriend"),
			Source: "relations.md §5", Run: func(s *Stage) {
				alice, bob := confirming(s)
				alice.Applies(bob)
				look(alice, bob)
				bob.Call("refuseFriendApplication", accept("alice")).Absent("@this")
				alice.SeesApplications(0)
				bob.SeesApplications(0)
				alice.Never("FRIEND_LIST_UPDATED")
				bob.Never("FRIEND_LIST_UPDATED")
				alice.Applications(0)
				bob.Applications(0)
				alice.CheckRelation("bob", "Both", "NoRelation")
			},
		},
		{
			Name: "after a refusal one can apply again, and be accepted", Covers: covers("addFriend", "refuseFriendApplication", "acceptFriendApplication", "FRIEND_LIST_UPDATED"),
			Source: "relations.md §5", Run: func(s *Stage) {
				alice, bob := confirming(s)
				alice.Applies(bob)
				bob.Call("refuseFriendApplication", accept("alice"))
				alice.SeesApplications(0)
				alice.Applies(bob)
				look(alice, bob)
				bob.Call("acceptFriendApplication", accept("alice"))
				alice.SeesFriends("bob")
				bob.SeesFriends("alice")
			},
		},
		{
			Name: "an application that does not exist cannot be answered: 30614", Covers: covers("acceptFriendApplication", "refuseFriendApplication"), Source: "semantics.md §4.2, §6.3",
			Run: func(s *Stage) {
				alice, bob := confirming(s)
				bob.Fails(30614, "acceptFriendApplication", accept("alice"))
				bob.Fails(30614, "refuseFriendApplication", accept("nobody"))
				alice.Applies(bob)
				alice.Fails(30614, "acceptFriendApplication", accept("bob")) // it is bob's to answer
				bob.Call("acceptFriendApplication", accept("alice"))
				bob.Fails(30614, "acceptFriendApplication", accept("alice"))
			},
		},
		{
			Name: "applications that cross are both over when one is accepted with adding back", Covers: covers("addFriend", "acceptFriendApplication", "FRIEND_APPLICATION_LIST_UPDATED"),
			Source: "relations.md §4.4, §5", Level: Extended, Run: func(s *Stage) {
				alice, bob := confirming(s)
				alice.NeedsConfirm()
				alice.Applies(bob)
				bob.Applies(alice)
				alice.Applications(1, "bob", "bob")
				look(alice, bob)
				bob.Call("acceptFriendApplication", accept("alice"))
				alice.SeesFriends("bob")
				bob.SeesFriends("alice")
				alice.SeesApplications(0)
				bob.SeesApplications(0)
			},
		},
		{
			Name: "a block stands in the way of accepting, not of refusing: 30515 and 30525", Covers: covers("acceptFriendApplication", "refuseFriendApplication", "addToBlacklist"),
			Source: "relations.md §4.4", Level: Extended, Run: func(s *Stage) {
				alice, bob := confirming(s)
				alice.Applies(bob)
				bob.Blocks([]string{"alice"}, "alice")
				bob.Fails(30515, "acceptFriendApplication", accept("alice"))
				bob.Unblocks([]string{"alice"})
				alice.Blocks([]string{"bob"}, "bob")
				bob.Fails(30525, "acceptFriendApplication", accept("alice"))
				bob.Call("refuseFriendApplication", accept("alice"))
				bob.CheckRelation("alice", "Both", "NoRelation")
			},
		},
		{
			Name: "a remark beyond 96 bytes is refused with 30001 and the application stays", Covers: covers("acceptFriendApplication"), Source: "semantics.md §4.2", Level: Extended,
			Run: func(s *Stage) {
				alice, bob := confirming(s)
				alice.Applies(bob)
				bob.Fails(30001, "acceptFriendApplication", accept("alice", "remark", strings.Repeat("名", 33)))
				bob.Applications(1, "alice")
			},
		},
		{
			Name: "full friend lists stand in the way of accepting: 30010 and 30014", Covers: covers("acceptFriendApplication"), Source: "relations.md §8", Level: Extended,
			Server: func(o *fakeserver.Options) { o.MaxFriends = 1 },
			Run: func(s *Stage) {
				alice, bob := confirming(s)
				carol := s.Login("carol")
				alice.Applies(bob)
				bob.Befriend(carol)
				bob.Fails(30010, "acceptFriendApplication", accept("alice"))
				bob.Call("acceptFriendApplication", accept("alice", "type", "Response_Action_Agree"))
				alice.SeesFriends("bob")
			},
		},
	}
}

func applicationAwayCases() []Case {
	return []Case{
		{
			Name: "an application made while the receiver was logged out waits for the login", Covers: covers("addFriend", "getFriendApplicationList", "FRIEND_APPLICATION_LIST_UPDATED", "acceptFriendApplication", "FRIEND_LIST_UPDATED"),
			Source: "relations.md §1, §5", Run: func(s *Stage) {
				alice, bob := confirming(s)
				bob.Call("logout")
				bob.Expect("SDK_NOT_READY")
				look(alice)
				alice.Call("addFriend", friendOptions("bob", "wording", "please", "remark", "my Bob")).Want("code", 30539)
				again := s.Login("bob")
				again.seen = 0
				again.SeesApplications(1, "alice").Want("friendApplicationList.0.wording", "please").Want("friendApplicationList.0.type", comeIn)
				again.Call("acceptFriendApplication", accept("alice"))
				alice.SeesFriends("bob").Want("0.remark", "my Bob")
			},
		},
		{
			Name: "an application accepted while the applicant was logged out shows at the login", Covers: covers("acceptFriendApplication", "getFriendApplicationList", "getFriendList"),
			Source: "relations.md §5", Run: func(s *Stage) {
				alice, bob := confirming(s)
				alice.Applies(bob, "remark", "my Bob")
				alice.Call("logout")
				alice.Expect("SDK_NOT_READY")
				look(bob)
				bob.Call("acceptFriendApplication", accept("alice"))
				bob.SeesFriends("alice")
				again := s.Login("alice")
				again.seen = 0
				again.SeesFriends("bob").Want("0.remark", "my Bob")
				again.Applications(0)
			},
		},
		{
			Name: "the read mark is kept for the next login", Covers: covers("setFriendApplicationRead", "getFriendApplicationList"), Source: "relations.md §5",
			Run: func(s *Stage) {
				alice, bob := confirming(s)
				alice.Applies(bob)
				bob.Call("setFriendApplicationRead")
				again := s.Login("bob")
				again.Applications(0, "alice")
			},
		},
		{
			Name: "what became of applications during a disconnection is told after the return", Covers: covers("FRIEND_APPLICATION_LIST_UPDATED", "NET_STATE_CHANGE", "addFriend", "refuseFriendApplication"),
			Needs: []string{port.CapClock}, Source: "session.md §7, relations.md §5", Run: func(s *Stage) {
				alice, bob := confirming(s)
				carol := s.Login("carol")
				alice.Applies(bob)
				away(s, bob)
				carol.Call("addFriend", friendOptions("bob")).Want("code", 30539)
				back(s, bob)
				bob.SeesApplications(2, "alice", "carol")
				away(s, alice)
				bob.Call("refuseFriendApplication", accept("alice"))
				back(s, alice)
				alice.SeesApplications(0)
			},
		},
	}
}
