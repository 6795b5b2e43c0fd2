package scenarios

import "time"

// instanceSyncCases are about what two web instances of one user have in
// common; recalls, reads, pins and deletions are with their own areas.
func instanceSyncCases() []Case {
	two := webInstances(2)
	// couple logs alice in twice, and bob once.
	couple := func(s *Stage) (one, other, bob *User) { return s.Login("alice"), s.Login("alice"), s.Login("bob") }
	return []Case{
		{
			Name: "a copy has the element, the custom data and the identity of the message", Covers: covers("sendMessage", "MESSAGE_RECEIVED"),
			Server: two, Source: "messages.md §3.1", Run: func(s *Stage) {
				one, other, _ := couple(s)
				sent := one.Send(one.Create("createCustomMessage", "bob", args{"data": "d", "description": "i"}, "cloudCustomData", "extra"))
				m := other.Receives()
				m.Want("type", msgCustom).Want("payload", args{"data": "d", "description": "i", "extension": ""}).Want("cloudCustomData", "extra")
				m.Want("flow", "out").Want("from", "alice").Want("isRead", true).Want("status", "success").Want("time", sent.Get("time").Int())
				m.Want("sequence", sent.Get("sequence").Int()).Want("random", sent.Get("random").Int())
			},
		},
		{
			Name: "both instances' messages and the answers are one history everywhere", Covers: covers("sendMessage", "MESSAGE_RECEIVED", "getMessageList"),
			Server: two, Source: "semantics.md §3.3", Run: func(s *Stage) {
				one, other, bob := couple(s)
				one.Say("bob", "1")
				other.Receives()
				other.Say("bob", "2")
				one.Receives()
				bob.ReceivesTexts("1", "2")
				bob.Say("alice", "3")
				one.Receives().Want("payload.text", "3").Want("flow", "in")
				other.Receives().Want("payload.text", "3").Want("flow", "in")
				one.HistoryTexts("C2Cbob", "1", "2", "3")
				other.HistoryTexts("C2Cbob", "1", "2", "3")
				bob.HistoryTexts("C2Calice", "1", "2", "3")
			},
		},
		{
			Name: "a copy moves the conversation to the front, unread 0", Covers: covers("sendMessage", "getConversationList"),
			Server: two, Source: "messages.md §3.1, §7.2", Run: func(s *Stage) {
				one, other, bob := couple(s)
				carol := s.Login("carol")
				bob.Say("alice", "hi")
				other.Receives()
				s.AdvanceServer(2 * time.Second)
				carol.Say("alice", "hi")
				other.Receives()
				s.AdvanceServer(2 * time.Second)
				one.Say("bob", "answer")
				other.Receives()
				other.WantConversations("C2Cbob", "C2Ccarol")
				other.Conversation("C2Cbob").Want("lastMessage.messageForShow", "answer").Want("lastMessage.fromAccount", "alice").Want("unreadCount", 1)
			},
		},
		{
			Name: "an instance that logs in later finds what the first one did", Covers: covers("login", "getConversationList", "getMessageList"),
			Server: two, Source: "semantics.md §3.3", Run: func(s *Stage) {
				s.CreateUsers("carol")
				one, bob := pair(s)
				bob.Say("alice", "read")
				one.Receives()
				one.Read("bob")
				one.Say("bob", "answer")
				s.AdvanceServer(2 * time.Second)
				one.Say("carol", "hi")
				one.Call("pinConversation", args{"conversationID": "C2Cbob", "isPinned": true})
				other := s.Login("alice")
				other.WantConversations("C2Cbob", "C2Ccarol")
				other.WantUnread("C2Cbob", 0)
				other.HistoryTexts("C2Cbob", "read", "answer")
			},
		},
		{
			Name: "a message to oneself reaches the other instance", Covers: covers("sendMessage", "MESSAGE_RECEIVED"), Level: Extended,
			Server: two, Source: "messages.md §2.1, §3.1", Run: func(s *Stage) {
				one, other := s.Login("alice"), s.Login("alice")
				one.Say("alice", "note")
				other.ReceivesTexts("note")
				other.WantUnread("C2Calice", 0)
				one.Never("MESSAGE_RECEIVED")
			},
		},
		{
			Name: "a refused message reaches no instance", Covers: covers("sendMessage", "MESSAGE_RECEIVED"),
			Server: two, Source: "messages.md §2.3", Run: func(s *Stage) {
				one, other, bob := couple(s)
				one.Fails(20003, "sendMessage", one.Text("nobody", "x").Ref())
				other.Never("MESSAGE_RECEIVED")
				other.WantConversations()
				bob.Never("MESSAGE_RECEIVED")
			},
		},
		{
			Name: "the logout of one instance leaves the other as it is", Covers: covers("logout", "MESSAGE_RECEIVED"),
			Server: two, Source: "semantics.md §2.2", Run: func(s *Stage) {
				one, other, bob := couple(s)
				one.Call("logout")
				bob.Say("alice", "still there?")
				other.ReceivesTexts("still there?")
				other.Say("bob", "yes")
				bob.ReceivesTexts("yes")
				other.Never("SDK_NOT_READY")
			},
		},
	}
}
