package scenarios

func blockedCases() []Case {
	covered := covers("addToBlacklist", "sendMessage", "MESSAGE_RECEIVED")
	block := func(u *User, userID string) { u.Call("addToBlacklist", args{"userIDList": []string{userID}}) }
	return []Case{
		{
			Name: "a blocked sender succeeds, and nothing arrives", Covers: covered,
			Source: "semantics.md §3.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				block(bob, "alice")
				bob.Settle()
				alice.Say("bob", "hello?").Want("status", "success")
				bob.Never("MESSAGE_RECEIVED")
				bob.Never("CONVERSATION_LIST_UPDATED")
				bob.WantConversations()
			},
		},
		{
			Name: "a blocked message is in the sender's history and not in the receiver's", Covers: covers("addToBlacklist", "sendMessage", "getMessageList", "getConversationList"),
			Source: "semantics.md §3.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "before")
				bob.Receives()
				block(bob, "alice")
				alice.Say("bob", "blocked")
				alice.Call("logout")
				bob.Call("logout")
				s.Login("alice").HistoryTexts("C2Cbob", "before", "blocked")
				again := s.Login("bob")
				again.HistoryTexts("C2Calice", "before")
				again.WantUnread("C2Calice", 1)
				again.Conversation("C2Calice").Want("lastMessage.messageForShow", "before")
			},
		},
		{
			Name: "blocking works for a receiver who is offline", Covers: covers("addToBlacklist", "login", "getConversationList"),
			Source: "semantics.md §3.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				block(bob, "alice")
				bob.Call("logout")
				alice.Say("bob", "blocked")
				s.Login("bob").WantConversations()
			},
		},
		{
			Name: "after the block is lifted messages arrive, the blocked ones do not", Covers: covers("removeFromBlacklist", "addToBlacklist", "MESSAGE_RECEIVED"),
			Source: "semantics.md §3.4, §4.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				block(bob, "alice")
				alice.Say("bob", "blocked")
				bob.Call("removeFromBlacklist", args{"userIDList": []string{"alice"}})
				alice.Say("bob", "welcome back")
				bob.ReceivesTexts("welcome back")
				bob.HistoryTexts("C2Calice", "welcome back")
			},
		},
		{
			Name: "who blocks can still write to the blocked one", Covers: covered,
			Source: "semantics.md §3.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				block(bob, "alice")
				bob.Say("alice", "leave me alone").Want("status", "success")
				alice.ReceivesTexts("leave me alone")
			},
		},
		{
			Name: "only the blocked sender is held off", Covers: covered,
			Source: "semantics.md §3.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				carol := s.Login("carol")
				block(bob, "alice")
				alice.Say("bob", "blocked")
				carol.Say("bob", "hello")
				bob.ReceivesTexts("hello")
			},
		},
		{
			Name: "a blocked online-only message does not arrive either", Covers: covered, Level: Extended,
			Source: "semantics.md §3.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				block(bob, "alice")
				alice.Send(alice.Text("bob", "psst"), onlineOnly).Want("status", "success")
				bob.Never("MESSAGE_RECEIVED")
			},
		},
		{
			Name: "the recall of a blocked message is not told to the receiver", Covers: covers("addToBlacklist", "revokeMessage", "MESSAGE_REVOKED"), Level: Extended,
			Source: "semantics.md §3.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				block(bob, "alice")
				alice.Revoke(alice.Say("bob", "blocked")).Want("isRevoked", true)
				bob.Never("MESSAGE_REVOKED")
				bob.WantConversations()
			},
		},
	}
}
