package scenarios

// restRelationCases are what the app changes in users' profiles, friends and
// blocklists while they look on.
func restRelationCases() []Case {
	item := func(id string) args { return args{"To_Account": id, "AddSource": "AddSource_Type_App"} }
	return []Case{
		{
			Name: "a profile set by REST fires PROFILE_UPDATED", Covers: covers("PROFILE_UPDATED", "getMyProfile"),
			Source: "relations.md §2, §7", Run: func(s *Stage) {
				alice := s.Login("alice")
				look(alice)
				s.MustREST("profile/portrait_set", args{"From_Account": "alice", "ProfileItem": []args{{"Tag": "Tag_Profile_IM_Nick", "Value": "by REST"}}})
				alice.Once("PROFILE_UPDATED", "0.userID", "alice", "0.nick", "by REST")
				alice.Call("getMyProfile").Want("nick", "by REST")
			},
		},
		{
			Name: "friends made and parted by REST hear of it, whatever they allow", Covers: covers("FRIEND_LIST_UPDATED", "getFriendList"),
			Source: "relations.md §4.5, §7", Run: func(s *Stage) {
				alice, bob := pair(s)
				bob.Call("updateMyProfile", args{"allowType": "AllowType_Type_DenyAny"})
				look(alice, bob)
				s.MustREST("sns/friend_add", args{"From_Account": "alice", "AddFriendItem": []args{item("bob")}, "AddType": "Add_Type_Both", "ForceAddFlags": 1})
				alice.SeesFriends("bob")
				bob.SeesFriends("alice")
				look(alice, bob)
				s.MustREST("sns/friend_delete", args{"From_Account": "alice", "To_Account": []string{"bob"}, "DeleteType": "Delete_Type_Both"})
				alice.SeesFriends()
				bob.SeesFriends()
			},
		},
		{
			Name: "a friend imported by REST is in one list only, until all are deleted", Covers: covers("FRIEND_LIST_UPDATED", "getFriendList"),
			Source: "relations.md §4.5, §7", Run: func(s *Stage) {
				alice, bob := pair(s)
				look(alice, bob)
				s.MustREST("sns/friend_import", args{"From_Account": "alice", "AddFriendItem": []args{item("bob")}})
				alice.SeesFriends("bob")
				bob.Never("FRIEND_LIST_UPDATED")
				bob.Friends()
				look(alice)
				s.MustREST("sns/friend_delete_all", args{"From_Account": "alice"})
				alice.SeesFriends()
			},
		},
		{
			Name: "a blocklist changed by REST fires BLACKLIST_UPDATED", Covers: covers("BLACKLIST_UPDATED", "getBlacklist"),
			Source: "relations.md §3, §7", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				look(alice)
				who := args{"From_Account": "alice", "To_Account": []string{"bob"}}
				s.MustREST("sns/black_list_add", who)
				alice.SeesBlocked("bob")
				look(alice)
				s.MustREST("sns/black_list_delete", who)
				alice.SeesBlocked()
				alice.Call("getBlacklist").Want("@this", []string{})
			},
		},
	}
}
