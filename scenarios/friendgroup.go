package scenarios

import (
	"strings"

	"github.com/imsim/imsim/fakeserver"
)

// Groups is getFriendGroupList; exactly these friend lists must stand in it.
func (u *User) Groups(names ...string) Value {
	return u.Call("getFriendGroupList").WantList("#.name", names...)
}

// SeesGroups waits until the friend lists were announced with exactly these.
func (u *User) SeesGroups(names ...string) Value {
	return u.SeesList("FRIEND_GROUP_LIST_UPDATED", "#.name", names...)
}

func group(name string, ids ...string) args {
	o := args{"name": name}
	if len(ids) > 0 {
		o["userIDList"] = ids
	}
	return o
}

func friendGroupCases() []Case {
	// mates is alice, who has the friends bob and carol.
	mates := func(s *Stage) *User {
		alice := s.Login("alice")
		alice.Befriend(s.Login("bob"))
		alice.Befriend(s.Login("carol"))
		look(alice)
		return alice
	}
	// changed expects the event where the version has it: 3.6, and ports that
	// follow the document.
	changed := func(u *User, ids ...string) {
		switch genuine(u.stage.hello) {
		case "2.14", "2.27":
			u.Never("FRIEND_GROUP_LIST_UPDATED")
		case "3.6":
			u.SeesList("FRIEND_GROUP_LIST_UPDATED", "0.userIDList", ids...)
		}
	}
	return []Case{
		refusedBeforeReady(map[string]any{
			"getFriendGroupList": nil, "createFriendGroup": group("g"), "deleteFriendGroup": group("g"), "addToFriendGroup": group("g", "bob"),
			"removeFromFriendGroup": group("g", "bob"), "renameFriendGroup": args{"oldName": "g", "newName": "h"},
		}),
		{
			Name: "createFriendGroup makes an empty list and fires FRIEND_GROUP_LIST_UPDATED", Covers: covers("createFriendGroup", "getFriendGroupList", "FRIEND_GROUP_LIST_UPDATED"),
			Source: "relations.md §6", Run: func(s *Stage) {
				u := s.Login("alice")
				u.Groups()
				look(u)
				v := u.Call("createFriendGroup", group("work"))
				v.Want("friendGroup.name", "work").Want("friendGroup.userIDList", []string{}).Want("friendGroup.count", 0).Want("failureUserIDList", []string{})
				u.SeesGroups("work")
				u.Groups("work")
			},
		},
		{
			Name: "createFriendGroup takes friends, others are failures with 30001", Covers: covers("createFriendGroup", "getFriendGroupList", "getFriendList"),
			Source: "relations.md §6", Run: func(s *Stage) {
				u := mates(s)
				s.CreateUsers("dave")
				v := u.Call("createFriendGroup", group("work", "bob", "dave", "carol"))
				v.Want("friendGroup.name", "work").Want("friendGroup.count", 2).WantList("friendGroup.userIDList", "bob", "carol")
				v.Want("failureUserIDList.#", 1).Want("failureUserIDList.0.userID", "dave").Want("failureUserIDList.0.code", 30001)
				u.SeesGroups("work")
				u.Friend("bob").Want("groupList", []string{"work"})
				u.Never("FRIEND_LIST_UPDATED")
			},
		},
		{
			Name: "a friend list that exists cannot be made again: 2710", Covers: covers("createFriendGroup"), Source: "relations.md §6",
			Run: func(s *Stage) {
				u := s.Login("alice")
				u.Call("createFriendGroup", group("work"))
				u.Fails(2710, "createFriendGroup", group("work"))
			},
		},
		{
			Name: "deleteFriendGroup empties and drops the list, the friends stay", Covers: covers("deleteFriendGroup", "getFriendGroupList", "getFriendList", "FRIEND_GROUP_LIST_UPDATED"),
			Source: "relations.md §6", Run: func(s *Stage) {
				u := mates(s)
				u.Call("createFriendGroup", group("work", "bob"))
				u.Call("createFriendGroup", group("home", "bob"))
				look(u)
				u.Call("deleteFriendGroup", group("work")).Want("name", "work").Want("userIDList", []string{})
				u.SeesGroups("home")
				u.Groups("home")
				u.Friends("bob", "carol")
				u.Friend("bob").Want("groupList", []string{"home"})
			},
		},
		{
			Name: "addToFriendGroup adds friends and leaves out others", Covers: covers("addToFriendGroup", "getFriendGroupList", "getFriendList"),
			Source: "relations.md §6", Run: func(s *Stage) {
				u := mates(s)
				s.CreateUsers("dave")
				u.Call("createFriendGroup", group("work"))
				look(u)
				v := u.Call("addToFriendGroup", group("work", "bob", "dave", "carol"))
				v.Want("friendGroup.name", "work").WantList("friendGroup.userIDList", "bob", "carol").Want("failureUserIDList", []string{})
				changed(u, "bob", "carol")
				u.Groups("work").WantList("0.userIDList", "bob", "carol")
				u.Friend("carol").Want("groupList", []string{"work"})
			},
		},
		{
			Name: "removeFromFriendGroup takes friends off the list only", Covers: covers("removeFromFriendGroup", "getFriendGroupList", "getFriendList"),
			Source: "relations.md §6", Run: func(s *Stage) {
				u := mates(s)
				u.Call("createFriendGroup", group("work", "bob", "carol"))
				look(u)
				v := u.Call("removeFromFriendGroup", group("work", "bob"))
				v.Want("friendGroup.userIDList", []string{"carol"}).Want("failureUserIDList", []string{})
				changed(u, "carol")
				u.Friends("bob", "carol")
				u.Friend("bob").Want("groupList", []string{})
			},
		},
		{
			Name: "renameFriendGroup changes the name everywhere", Covers: covers("renameFriendGroup", "getFriendGroupList", "getFriendList", "FRIEND_GROUP_LIST_UPDATED"),
			Source: "relations.md §6", Run: func(s *Stage) {
				u := mates(s)
				u.Call("createFriendGroup", group("work", "bob"))
				look(u)
				u.Call("renameFriendGroup", args{"oldName": "work", "newName": "job"}).Want("name", "job").Want("userIDList", []string{"bob"})
				u.SeesGroups("job")
				u.Groups("job")
				u.Friend("bob").Want("groupList", []string{"job"})
				s.Login("alice").Groups("job").Want("0.userIDList", []string{"bob"})
			},
		},
		{
			Name: "a friend list that does not exist is refused with 2711", Covers: covers("deleteFriendGroup", "addToFriendGroup", "removeFromFriendGroup", "renameFriendGroup"),
			Source: "relations.md §6", Run: func(s *Stage) {
				u := mates(s)
				u.Fails(2711, "deleteFriendGroup", group("nope"))
				u.Fails(2711, "renameFriendGroup", args{"oldName": "nope", "newName": "x"})
				if genuine(s.hello) == "2.27" {
					return // the others throw a TypeError
				}
				u.Fails(2711, "removeFromFriendGroup", group("nope", "bob"))
				u.Fails(2711, "addToFriendGroup", group("nope", "bob"))
			},
		},
		{
			Name: "friend lists are announced at the next login, with their members", Covers: covers("getFriendGroupList", "FRIEND_GROUP_LIST_UPDATED", "login"), Source: "relations.md §1, §6",
			Run: func(s *Stage) {
				u := mates(s)
				u.Call("createFriendGroup", group("work", "bob"))
				u.Call("createFriendGroup", group("home"))
				u.Call("addToFriendGroup", group("home", "bob", "carol"))
				again := s.Login("alice")
				again.seen = 0
				v := again.SeesGroups("work", "home")
				v.Want(`#(name=="work").userIDList`, []string{"bob"}).Want(`#(name=="work").count`, 1)
				v.WantList(`#(name=="home").userIDList`, "bob", "carol")
				again.Friend("bob").WantList("groupList", "home", "work")
			},
		},
		{
			Name: "without friend lists the login announces none", Covers: covers("FRIEND_GROUP_LIST_UPDATED", "login"), Source: "relations.md §1",
			Run: func(s *Stage) {
				u := s.Login("alice")
				u.seen = 0
				u.Never("FRIEND_GROUP_LIST_UPDATED")
			},
		},
		{
			Name: "a list made by addFriend shows at the next login", Covers: covers("addFriend", "getFriendGroupList"), Source: "relations.md §4.4, §6",
			Run: func(s *Stage) {
				s.CreateUsers("bob")
				u := s.Login("alice")
				look(u)
				u.Call("addFriend", friendOptions("bob", "groupName", "mates"))
				u.SeesFriends("bob")
				s.Login("alice").Groups("mates").Want("0.userIDList", []string{"bob"})
			},
		},
		{
			Name: "a deleted friend is off the friend lists", Covers: covers("deleteFriend", "getFriendGroupList"), Source: "relations.md §6",
			Run: func(s *Stage) {
				u := mates(s)
				u.Call("createFriendGroup", group("work", "bob", "carol"))
				u.Call("deleteFriend", args{"userIDList": []string{"bob"}})
				s.Login("alice").Groups("work").Want("0.userIDList", []string{"carol"})
			},
		},
		{
			Name: "a name beyond 30 bytes, and one that is taken, are refused by the server: 30001", Covers: covers("createFriendGroup", "renameFriendGroup", "getFriendGroupList"),
			Source: "semantics.md §4.2", Level: Extended, Run: func(s *Stage) {
				u := s.Login("alice")
				u.Fails(30001, "createFriendGroup", group(strings.Repeat("x", 31)))
				u.Call("createFriendGroup", group(strings.Repeat("x", 30)))
				u.Call("createFriendGroup", group("work"))
				u.Fails(30001, "renameFriendGroup", args{"oldName": "work", "newName": strings.Repeat("x", 30)})
				u.Groups("work", strings.Repeat("x", 30))
			},
		},
		{
			Name: "no more friend lists than the cap: 30011", Covers: covers("createFriendGroup", "addFriend"), Source: "semantics.md §4.2", Level: Extended,
			Server: func(o *fakeserver.Options) { o.MaxFriendGroups = 1 },
			Run: func(s *Stage) {
				s.CreateUsers("bob")
				u := s.Login("alice")
				u.Call("createFriendGroup", group("work"))
				u.Fails(30011, "createFriendGroup", group("home"))
				u.Fails(30011, "addFriend", friendOptions("bob", "groupName", "home"))
				u.Call("addFriend", friendOptions("bob", "groupName", "work")).Want("code", 0)
			},
		},
		{
			Name: "bad options of friend lists throw", Covers: covers("createFriendGroup", "deleteFriendGroup", "addToFriendGroup", "removeFromFriendGroup", "renameFriendGroup"),
			Source: "relations.md §1, api.md §1", Run: func(s *Stage) {
				u := s.Login("alice")
				u.Throws("createFriendGroup", args{})
				u.Throws("deleteFriendGroup", args{})
				u.Throws("addToFriendGroup", args{"name": "g"})
				u.Throws("removeFromFriendGroup", args{"userIDList": []string{"bob"}})
				u.Throws("renameFriendGroup", args{"oldName": "g"})
			},
		},
	}
}
