package scenarios

// groupInstanceCases are what a user's other instance hears of groups.
func groupInstanceCases() []Case {
	// two are two instances of alice, and bob, in a public group.
	two := func(s *Stage) (one, other, bob *User) {
		one, other, bob = s.Login("alice"), s.Login("alice"), s.Login("bob")
		one.NewGroup(groupPublic, "g1", openGroup)
		bob.Call("joinGroup", args{"groupID": "g1"})
		one.Tipped(1)
		other.Tipped(1)
		s.settle(one, other, bob)
		return one, other, bob
	}
	return []Case{
		{
			Name: "a group that one instance created is in the other's list", Covers: covers("createGroup", "GROUP_LIST_UPDATED"), Source: "groups.md §5.4",
			Server: webInstances(2), Run: func(s *Stage) {
				_, other, _ := two(s)
				other.WaitGroups("g1")
			},
		},
		{
			Name: "what one instance reads is read at the other", Covers: covers("setMessageRead", "CONVERSATION_LIST_UPDATED"), Source: "messages.md §5.4",
			Server: webInstances(2), Run: func(s *Stage) {
				one, other, bob := two(s)
				one.Call("setMessageRead", args{"conversationID": "GROUPg1"})
				s.settle(other)
				bob.SayIn("g1", "read me")
				one.Hears("read me")
				other.Hears("read me")
				one.Call("setMessageRead", args{"conversationID": "GROUPg1"})
				other.Quiet()
				other.WantUnread("GROUPg1", 0)
			},
		},
		{
			Name: "what one instance recalls is revoked at the other", Covers: covers("revokeMessage", "MESSAGE_REVOKED"), Source: "messages.md §4",
			Server: webInstances(2), Run: func(s *Stage) {
				one, other, _ := two(s)
				sent := one.SayIn("g1", "oops")
				other.Hears("oops")
				one.Call("revokeMessage", sent.Ref())
				other.Expect("MESSAGE_REVOKED", "0.sequence", sent.Get("sequence").Int())
				one.Never("MESSAGE_REVOKED")
			},
		},
		{
			Name: "a group that one instance leaves is gone at the other", Covers: covers("quitGroup", "GROUP_LIST_UPDATED"), Source: "groups.md §5.2",
			Server: webInstances(2), Run: func(s *Stage) {
				alice := s.Login("alice")
				alice.NewGroup(groupPublic, "g1", openGroup)
				one, other := s.Login("bob"), s.Login("bob")
				one.Call("joinGroup", args{"groupID": "g1"})
				other.Tipped(1)
				other.WaitGroups("g1")
				s.settle(one, other)
				one.Call("quitGroup", "g1")
				other.Noticed(8)
				other.Quiet()
				other.WaitGroups()
				one.WaitGroups()
			},
		},
		{
			Name: "a dismissed group is gone at all instances", Covers: covers("dismissGroup", "GROUP_LIST_UPDATED"), Source: "groups.md §5.2",
			Server: webInstances(2), Run: func(s *Stage) {
				one, other, bob := two(s)
				one.Call("dismissGroup", "g1")
				bob.Noticed(5)
				other.Noticed(5)
				other.Quiet()
				other.WaitGroups()
				bob.WaitGroups()
			},
		},
	}
}
