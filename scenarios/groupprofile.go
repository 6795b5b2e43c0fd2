package scenarios

import "slices"

func groupProfileCases() []Case {
	var cases []Case
	for _, kind := range []string{groupWork, groupPublic, groupMeeting} {
		cases = append(cases, Case{
			Name:   typeNames[kind] + ": createGroup makes a group that its members are told of",
			Covers: covers("createGroup", "getGroupList", "getGroupProfile", "MESSAGE_RECEIVED", "GROUP_LIST_UPDATED"), Source: "groups.md §3.3",
			Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				group := alice.NewGroup(kind, "g1", args{"introduction": "intro", "notification": "note", "avatar": "http://a/b.png"}, "bob").Get("group")
				group.Want("groupID", "g1").Want("name", "name of g1").Want("type", kind).Want("ownerID", "alice").
					Want("introduction", "intro").Want("notification", "note").Want("avatar", "http://a/b.png").
					Want("selfInfo.role", "Owner").Want("memberCount", 2)
				bob.Noticed(7).Want("payload.operatorID", "alice").Want("payload.groupProfile.groupID", "g1").Want("to", "bob")
				bob.ExpectAgain("GROUP_LIST_UPDATED")
				bob.WaitGroups("g1")
				alice.WaitGroups("g1")
				bob.Call("getGroupProfile", args{"groupID": "g1"}).Get("group").Want("selfInfo.role", "Member").Want("memberCount", 2)
			},
		})
	}
	return append(cases,
		Case{
			Name: "without a groupID the service makes one", Covers: covers("createGroup"), Source: "semantics.md §1.4",
			Run: func(s *Stage) {
				group := s.Login("alice").Call("createGroup", args{"type": groupPublic, "name": "n"}).Get("group")
				if id := group.Get("groupID").Str; len(id) < 6 || id[:5] != "@TGS#" {
					s.Failf("made the ID %q, want one that begins with @TGS#", id)
				}
			},
		},
		Case{
			Name: "a taken groupID is refused, differently to its owner", Covers: covers("createGroup"), Source: "groups.md §3.3",
			Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				alice.NewGroup(groupPublic, "g1", nil)
				alice.Fails(10025, "createGroup", args{"type": groupPublic, "name": "n", "groupID": "g1"})
				bob.Fails(10021, "createGroup", args{"type": groupPublic, "name": "n", "groupID": "g1"})
			},
		},
		Case{
			Name: "an unknown type is refused by the SDK", Covers: covers("createGroup"), Source: "groups.md §7",
			Run: func(s *Stage) { s.Login("alice").Fails(2600, "createGroup", args{"type": "Choir", "name": "n"}) },
		},
		Case{
			Name: "a groupID that clients may not choose is refused", Covers: covers("createGroup"), Source: "semantics.md §1.4",
			Run: func(s *Stage) {
				s.Login("alice").Fails(10015, "createGroup", args{"type": groupPublic, "name": "n", "groupID": "@TGS#mine"})
			},
		},
		Case{
			Name: "dismissing tells all members, and the group is gone", Covers: covers("dismissGroup", "getGroupProfile"), Source: "groups.md §3.4",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				alice.Call("dismissGroup", "g1").Want("groupID", "g1")
				bob.Noticed(5).Want("payload.operatorID", "alice")
				alice.WaitGroups()
				bob.WaitGroups()
				bob.Fails(10010, "getGroupProfile", args{"groupID": "g1"})
			},
		},
		Case{
			Name: "a changed profile reaches the members by a tip", Covers: covers("updateGroupProfile"), Source: "groups.md §3.5",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				alice.Call("updateGroupProfile", args{
					"groupID": "g1", "name": "new name", "introduction": "new intro", "notification": "new note",
					"groupCustomField": []args{{"key": "lv", "value": "hi"}},
				}).Get("group").Want("name", "new name").Want("introduction", "new intro")
				tip := bob.Tipped(6).Want("payload.operatorID", "alice").Want("conversationID", "GROUPg1").Want("from", "@TIM#SYSTEM")
				tip.Want("payload.newGroupProfile.groupName", "new name").Want("payload.newGroupProfile.introduction", "new intro")
				bob.Call("getGroupProfile", args{"groupID": "g1"}).Get("group").Want("name", "new name").Want("notification", "new note").
					Want("groupCustomField", []args{{"key": "lv", "value": "hi"}})
			},
		},
		Case{
			Name: "muting all sends no tip; only owner and admins may speak then", Covers: covers("updateGroupProfile", "sendMessage"), Source: "semantics.md §1.1",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				alice.Call("updateGroupProfile", args{"groupID": "g1", "muteAllMembers": true})
				bob.NoMessage("a tip", isTip(0))
				bob.Fails(10017, "sendMessage", bob.GroupText("g1", "no").Ref())
				alice.SayIn("g1", "yes")
				bob.Hears("yes")
				alice.Call("updateGroupProfile", args{"groupID": "g1", "muteAllMembers": false})
				bob.SayIn("g1", "again")
				alice.Hears("again")
			},
		},
		Case{
			Name: "a new owner is told, and the old one is a member", Covers: covers("changeGroupOwner"), Source: "groups.md §3.4",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob", "carol")
				alice, carol := users[0], users[2]
				alice.Call("changeGroupOwner", args{"groupID": "g1", "newOwnerID": "bob"}).Get("group").Want("ownerID", "bob")
				carol.WantMembers("g1", map[string]string{"alice": "Member", "bob": "Owner", "carol": "Member"})
				alice.Fails(2621, "changeGroupOwner", args{"groupID": "g1", "newOwnerID": "alice"})
			},
		},
		Case{
			Name: "searchGroupByID finds what can be joined", Covers: covers("searchGroupByID"), Source: "groups.md §3.8",
			Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				alice.NewGroup(groupPublic, "g1", nil)
				alice.NewGroup(groupWork, "w1", nil)
				bob.Call("searchGroupByID", "g1").Get("group").Want("groupID", "g1").Want("name", "name of g1").Want("type", groupPublic)
				bob.Fails(10007, "searchGroupByID", "w1")
				bob.Fails(10010, "searchGroupByID", "nothing")
			},
		},
		Case{
			Name: "groups are in the list again after a new login", Covers: covers("getGroupList"), Source: "groups.md §3.1",
			Run: func(s *Stage) {
				alice := s.Login("alice")
				alice.NewGroup(groupPublic, "g1", nil)
				alice.NewGroup(groupWork, "w1", nil)
				alice.Call("logout")
				again := s.Login("alice")
				again.Barrier()
				list := []string{}
				for _, g := range again.Call("getGroupList").Get("groupList").Array() {
					list = append(list, g.Get("groupID").Str)
				}
				slices.Sort(list)
				if !slices.Equal(list, []string{"g1", "w1"}) {
					s.Failf("getGroupList gives %v", list)
				}
			},
		},
	)
}

// ExpectAgain is Expect, also for an event that was fired before the last one
// that was found: the versions differ in the order.
func (u *User) ExpectAgain(key string) Value {
	if list := u.Events(key); len(list) > 0 {
		return list[len(list)-1]
	}
	return u.Expect(key)
}
