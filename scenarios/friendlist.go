package scenarios

import (
	"fmt"
	"strings"

	"github.com/imsim/imsim/port"
)

func friendCases() []Case {
	return []Case{
		{
			Name: "updateFriend changes the remark, resolves the friend and fires FRIEND_LIST_UPDATED", Covers: covers("updateFriend", "getFriendList", "FRIEND_LIST_UPDATED"),
			Source: "relations.md §4.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Befriend(bob)
				look(alice, bob)
				alice.Call("updateFriend", args{"userID": "bob", "remark": "Bobby"}).Want("userID", "bob").Want("remark", "Bobby")
				alice.Sees("FRIEND_LIST_UPDATED", func(v Value) bool { return same(v.Get("0.remark").Result, "Bobby") })
				alice.Friend("bob").Want("remark", "Bobby")
				bob.Never("FRIEND_LIST_UPDATED")
				bob.Friend("alice").Want("remark", "")
			},
		},
		{
			Name: "updateFriend sets and changes custom fields", Covers: covers("updateFriend", "getFriendList"), Source: "relations.md §4.3",
			Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Befriend(bob)
				set := func(list ...args) { alice.Call("updateFriend", args{"userID": "bob", "friendCustomField": list}) }
				set(args{"key": "Tag_SNS_Custom_t1", "value": "hello"})
				set(args{"key": "Tag_SNS_Custom_t1", "value": "bye"}, args{"key": "Tag_SNS_Custom_t2", "value": "w"})
				alice.Call("updateFriend", args{"userID": "bob", "remark": "B"})
				f := s.Login("alice").Friend("bob")
				f.Want(`friendCustomField.#(key=="Tag_SNS_Custom_t1").value`, "bye")
				f.Want(`friendCustomField.#(key=="Tag_SNS_Custom_t2").value`, "w")
				f.Want("remark", "B")
			},
		},
		{
			Name: "updateFriend of who is no friend is refused with 2700", Covers: covers("updateFriend"), Source: "relations.md §4.3",
			Run: func(s *Stage) {
				s.CreateUsers("bob")
				s.Login("alice").Fails(2700, "updateFriend", args{"userID": "bob", "remark": "x"})
			},
		},
		{
			Name: "bad options of updateFriend throw", Covers: covers("updateFriend"), Source: "relations.md §4.3",
			Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Befriend(bob)
				custom := func(key string, value any) args {
					return args{"userID": "bob", "friendCustomField": []args{{"key": key, "value": value}}}
				}
				alice.Throws("updateFriend", args{"remark": "x"})
				alice.Throws("updateFriend", args{"userID": "bob", "remark": strings.Repeat("x", 97)})
				alice.Throws("updateFriend", custom("hobby", "x"))
				alice.Throws("updateFriend", custom("Tag_SNS_Custom_t", 7))
				if genuine(s.hello) == "2.14" {
					alice.Throws("updateFriend", custom("Tag_SNS_Custom_t", "123456789"))
				} else if s.later() {
					alice.Call("updateFriend", custom("Tag_SNS_Custom_t", "123456789"))
				}
			},
		},
		{
			Name: "a remark of 96 characters but more bytes is refused by the server: 30001", Covers: covers("updateFriend"), Source: "semantics.md §4.2", Level: Extended,
			Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Befriend(bob)
				alice.Fails(30001, "updateFriend", args{"userID": "bob", "remark": strings.Repeat("名", 33)})
				alice.Call("updateFriend", args{"userID": "bob", "remark": strings.Repeat("名", 32)}).Want("remark", strings.Repeat("名", 32))
			},
		},
		{
			Name: "a remark reaches the user's other instance from 2.27 on; 2.14 ignores it", Covers: covers("updateFriend", "getFriendList", "FRIEND_LIST_UPDATED"),
			Server: webInstances(2), Source: "relations.md §4.5", Run: func(s *Stage) {
				first, second := s.Login("alice"), s.Login("alice")
				bob := s.Login("bob")
				look(second)
				first.Befriend(bob)
				second.SeesFriends("bob")
				look(second)
				first.Call("updateFriend", args{"userID": "bob", "remark": "Bobby"})
				switch genuine(s.hello) {
				case "2.14":
					second.Never("FRIEND_LIST_UPDATED")
				case "2.27", "3.6":
					second.Sees("FRIEND_LIST_UPDATED", func(v Value) bool { return same(v.Get("0.remark").Result, "Bobby") })
					second.Friend("bob").Want("remark", "Bobby")
				}
			},
		},
		{
			Name: "a friend's remark shows in the conversation, in 2.14 and 3.6 at once", Covers: covers("updateFriend", "getConversationList", "CONVERSATION_LIST_UPDATED"),
			Source: "relations.md §4.5", Level: Extended, Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Befriend(bob)
				alice.Say("bob", "hi")
				look(alice)
				alice.Call("updateFriend", args{"userID": "bob", "remark": "Bobby"})
				if g := genuine(s.hello); g == "2.14" || g == "3.6" {
					alice.Sees("CONVERSATION_LIST_UPDATED", func(v Value) bool { return same(v.Get("0.remark").Result, "Bobby") })
					alice.Conversation("C2Cbob").Want("remark", "Bobby")
				}
			},
		},
		{
			Name: "getFriendProfile gives friends with their profiles, others as failures with 2700", Covers: covers("getFriendProfile"), Source: "relations.md §4.3",
			Run: func(s *Stage) {
				alice, bob := pair(s)
				s.CreateUsers("carol")
				bob.Call("updateMyProfile", args{"nick": "Bobby"})
				alice.Befriend(bob)
				v := alice.Call("getFriendProfile", args{"userIDList": []string{"bob", "carol"}})
				v.Want("friendList.#", 1).Want("friendList.0.userID", "bob").Want("friendList.0.profile.nick", "Bobby")
				v.Want("failureUserIDList.#", 1).Want("failureUserIDList.0.userID", "carol").Want("failureUserIDList.0.code", 2700)
			},
		},
		{
			Name: "getFriendProfile asks the server again when the friend was refreshed 3 minutes ago", Covers: covers("getFriendProfile"), Needs: []string{port.CapClock},
			Source: "relations.md §4.3", Level: Extended, Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Befriend(bob)
				cmd := "sns.friend_get_list"
				if s.later() {
					cmd = "sns.friend_get_specified"
				}
				before := alice.sent(cmd, "", nil)
				alice.Call("getFriendProfile", args{"userIDList": []string{"bob"}})
				if n := alice.sent(cmd, "", nil); n != before {
					s.Failf("a fresh friend was asked for: %d requests", n-before)
				}
				s.Advance(181e9)
				alice.Call("getFriendProfile", args{"userIDList": []string{"bob"}}).Want("friendList.0.userID", "bob")
				if n := alice.sent(cmd, "", nil); n == before {
					s.Failf("the friend was not asked for after 3 minutes")
				}
			},
		},
	}
}

func friendListCases() []Case {
	return []Case{
		{
			Name: "the friend list is announced at the next login, with remarks and profiles", Covers: covers("getFriendList", "FRIEND_LIST_UPDATED", "login"),
			Source: "relations.md §1, §4.2", Run: func(s *Stage) {
				alice, bob := pair(s)
				bob.Call("updateMyProfile", args{"nick": "Bobby"})
				look(alice)
				alice.Call("addFriend", friendOptions("bob", "remark", "my Bob", "groupName", "mates"))
				alice.SeesFriends("bob")
				alice.Call("logout")
				alice.Expect("SDK_NOT_READY")
				again := s.Login("alice")
				again.seen = 0
				again.Sees("FRIEND_LIST_UPDATED", func(v Value) bool { return same(v.Get("0.profile.nick").Result, "Bobby") })
				again.Friends("bob")
				again.Friend("bob").Want("remark", "my Bob").Want("groupList", []string{"mates"}).Want("profile.nick", "Bobby")
			},
		},
		{
			Name: "what friends did while the user was logged out shows at the login", Covers: covers("getFriendList", "FRIEND_LIST_UPDATED", "login"),
			Source: "relations.md §4.2", Run: func(s *Stage) {
				alice, bob := pair(s)
				carol := s.Login("carol")
				bob.Befriend(carol)
				bob.Call("logout")
				bob.Expect("SDK_NOT_READY")
				alice.BefriendAbsent(bob)
				carol.Call("deleteFriend", args{"userIDList": []string{"bob"}})
				again := s.Login("bob")
				again.seen = 0
				again.SeesFriends("alice")
				again.Friends("alice")
			},
		},
		{
			Name: "a new user's friend list is empty", Covers: covers("getFriendList"), Source: "relations.md §1",
			Run: func(s *Stage) { s.Login("alice").Friends() },
		},
		{
			Name: "150 friends come page by page, each once", Covers: covers("getFriendList", "login"), Source: "relations.md §4.2",
			Run: func(s *Stage) { manyFriends(s, 150) },
		},
		{
			Name: "3,000 friends come page by page, each once", Covers: covers("getFriendList", "login"), Source: "relations.md §4.2, semantics.md §4.2", Level: Extended,
			Run: func(s *Stage) { manyFriends(s, 3000) },
		},
	}
}

// manyFriends arranges alice's friends, each with a remark and a nick.
func manyFriends(s *Stage, n int) {

	users := []args{}
	friends := []args{}
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("friend%d", i)
		users = append(users, args{
			"userID": ids[i], "tinyID": fmt.Sprint(144115200000000002 + i),
			"profile": []args{{"tag": "Tag_Profile_IM_Nick", "value": "nick of " + ids[i]}},
		})
		friends = append(friends, args{"no": i + 1, "userID": ids[i], "remark": "remark of " + ids[i], "addTime": 1700000000})
	}
	users = append(users, args{"userID": "alice", "tinyID": "144115200000000001", "relations": args{"changes": n, "friends": friends}})
	s.Must(s.server.SetState(s.ctx, args{"imsimState": 1, "clockAhead": "0s", "worlds": []args{{
		"sdkAppID": s.appID, "counters": args{"tinyID": n + 1}, "users": users, "chats": []args{},
	}}}), "arrange the friends")
	alice := s.Login("alice")
	for range n/50 + 2 { // a page is asked for after the other
		if len(alice.Call("getFriendList").Array()) == n {
			break
		}
		alice.Barrier()
	}
	list := alice.Call("getFriendList").WantList("#.userID", ids...)
	for _, i := range []int{0, n / 2, n - 1} {
		f := list.Get(`#(userID=="` + ids[i] + `")`)
		f.Want("remark", "remark of "+ids[i]).Want("profile.nick", "nick of "+ids[i])
	}
}
