package scenarios

import (
	"fmt"
	"time"
)

func offlineCases() []Case {
	return []Case{
		{
			Name:   "messages sent while the receiver was away are counted and in the history after the login",
			Covers: covers("login", "getConversationList", "getMessageList", "sendMessage"), Source: "messages.md §6", Run: func(s *Stage) {
				alice := s.Login("alice")
				s.CreateUsers("bob")
				alice.Say("bob", "one")
				alice.Say("bob", "two")
				alice.Say("bob", "three")
				bob := s.Login("bob")
				bob.WantUnread("C2Calice", 3)
				bob.Conversation("C2Calice").Want("lastMessage.messageForShow", "three")
				bob.HistoryTexts("C2Calice", "one", "two", "three")
			},
		},
		{
			Name: "what was synced at the login fires no MESSAGE_RECEIVED", Covers: covers("login", "MESSAGE_RECEIVED"),
			Source: "session.md §11", Run: func(s *Stage) {
				alice := s.Login("alice")
				s.CreateUsers("bob")
				alice.Say("bob", "missed")
				bob := s.Login("bob")
				bob.WantUnread("C2Calice", 1)
				alice.Say("bob", "live")
				bob.ReceivesTexts("live")
			},
		},
		{
			Name: "a message after the login adds to the offline ones", Covers: covers("MESSAGE_RECEIVED", "getConversationList"),
			Source: "messages.md §6", Run: func(s *Stage) {
				alice := s.Login("alice")
				s.CreateUsers("bob")
				alice.Say("bob", "missed 1")
				alice.Say("bob", "missed 2")
				bob := s.Login("bob")
				bob.WantUnread("C2Calice", 2)
				alice.Say("bob", "live")
				bob.ReceivesTexts("live")
				bob.WantUnread("C2Calice", 3)
				bob.HistoryTexts("C2Calice", "missed 1", "missed 2", "live")
			},
		},
		{
			Name: "each sender's messages are counted by themselves", Covers: covers("getConversationList"),
			Source: "messages.md §6", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice, carol := s.Login("alice"), s.Login("carol")
				alice.Say("bob", "a1")
				carol.Say("bob", "c1")
				carol.Say("bob", "c2")
				bob := s.Login("bob")
				bob.WantUnread("C2Calice", 1)
				bob.WantUnread("C2Ccarol", 2)
			},
		},
		{
			Name: "a hundred offline messages are complete and in order, page by page", Covers: covers("getMessageList"),
			Source: "messages.md §5.2", Run: func(s *Stage) {
				alice := s.Login("alice")
				s.CreateUsers("bob")
				var texts []string
				for i := range 100 {
					texts = append(texts, fmt.Sprintf("offline %d", i))
					alice.Say("bob", texts[i])
				}
				bob := s.Login("bob")
				bob.WantUnread("C2Calice", 100)
				bob.HistoryTexts("C2Calice", texts...)
			},
		},
		{
			Name:  "three hundred offline messages are counted, complete and in order",
			Level: Extended, Covers: covers("getMessageList", "getConversationList"), Source: "messages.md §5.2, §6", Run: func(s *Stage) {
				alice := s.Login("alice")
				s.CreateUsers("bob")
				var texts []string
				for i := range 300 {
					texts = append(texts, fmt.Sprintf("offline %d", i))
					alice.Say("bob", texts[i])
				}
				bob := s.Login("bob")
				bob.WantUnread("C2Calice", 300)
				bob.HistoryTexts("C2Calice", texts...)
			},
		},
		{
			Name:  "a thousand offline messages, sent by REST, are counted, complete and in order",
			Level: Extended, Covers: covers("getMessageList", "getConversationList"), Source: "messages.md §5.2, §6", Run: func(s *Stage) {
				s.CreateUsers("alice", "bob")
				var texts []string
				sig := s.UserSig(restAdmin, time.Hour)
				for i := range 1000 {
					texts = append(texts, fmt.Sprintf("offline %d", i))
					o := args{"From_Account": "alice", "To_Account": "bob", "MsgRandom": i, "MsgBody": textBody(texts[i])}
					s.rest(sig, "openim/sendmsg", o).Want("ErrorCode", 0)
				}
				bob := s.Login("bob")
				bob.WantUnread("C2Calice", 1000)
				bob.HistoryTexts("C2Calice", texts...)
			},
		},
		{
			Name: "what was read before the logout stays read", Covers: covers("setMessageRead", "login", "getConversationList"),
			Source: "messages.md §6", Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				alice.Say("bob", "old")
				bob.ReceivesTexts("old")
				bob.Call("setMessageRead", args{"conversationID": "C2Calice"})
				bob.Call("logout")
				bob.Expect("SDK_NOT_READY")
				alice.Say("bob", "new")
				again := s.Login("bob")
				again.WantUnread("C2Calice", 1)
				again.HistoryTexts("C2Calice", "old", "new")
			},
		},
		{
			Name: "one's own messages are in the history of the next login, unread 0", Covers: covers("getMessageList", "getConversationList"),
			Source: "messages.md §5.2", Run: func(s *Stage) {
				alice := s.Login("alice")
				s.CreateUsers("bob")
				alice.Say("bob", "mine")
				alice.Call("logout")
				alice.Expect("SDK_NOT_READY")
				again := s.Login("alice")
				again.WantUnread("C2Cbob", 0)
				list := again.History("C2Cbob")
				if len(list) != 1 {
					s.Failf("history has %d messages, want 1", len(list))
				}
				list[0].Want("flow", "out").Want("from", "alice").Want("payload.text", "mine")
			},
		},
	}
}
