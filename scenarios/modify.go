package scenarios

import (
	"time"

	"github.com/imsim/imsim/fakeserver/backend"
)

func modifyCases() []Case {
	covered := covers("MESSAGE_MODIFIED")
	text := func(t string) args { return args{"Text": t} }
	return []Case{
		{
			Name: "the sender is told of the new content by MESSAGE_MODIFIED", Covers: covered,
			Source: "messages.md §3.3", Run: func(s *Stage) {
				alice, _ := pair(s)
				m := alice.Say("bob", "darn")
				s.Modify("alice", "bob", msgText, text("****"))
				alice.Expect("MESSAGE_MODIFIED", "#", 1, "0.payload.text", "****", "0.isModified", true, "0.ID", m.Get("ID").Str, "0.flow", "out")
				alice.neverFired("MESSAGE_RECEIVED")
			},
		},
		{
			Name: "the sender's list has the new content", Covers: covers("MESSAGE_MODIFIED", "getMessageList"),
			Source: "messages.md §3.3", Run: func(s *Stage) {
				alice, _ := pair(s)
				m := alice.Say("bob", "darn")
				s.Modify("alice", "bob", msgText, text("****"))
				alice.Expect("MESSAGE_MODIFIED")
				alice.HistoryTexts("C2Cbob", "****")
				alice.History("C2Cbob")[0].Want("isModified", true).Want("status", "success").Want("ID", m.Get("ID").Str)
			},
		},
		{
			Name: "the sender's last message is shown modified", Covers: covers("MESSAGE_MODIFIED", "getConversationList", "CONVERSATION_LIST_UPDATED"),
			Source: "messages.md §3.3", Run: func(s *Stage) {
				alice, _ := pair(s)
				alice.Say("bob", "darn")
				alice.Quiet()
				s.Modify("alice", "bob", msgText, text("****"))
				alice.ExpectThat("CONVERSATION_LIST_UPDATED", func(v Value) bool { return v.Get("0.lastMessage.messageForShow").Str == "****" })
				alice.Conversation("C2Cbob").Want("lastMessage.payload.text", "****").Want("unreadCount", 0)
			},
		},
		{
			Name: "the receiver is told from 2.27 on", Covers: covered,
			Source: "messages.md §3.3, §8", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "darn")
				bob.ReceivesTexts("darn")
				s.Modify("alice", "bob", msgText, text("****"))
				if !s.later() {
					bob.Never("MESSAGE_MODIFIED")
					bob.WantUnread("C2Calice", 1)
					return
				}
				bob.Expect("MESSAGE_MODIFIED", "#", 1, "0.payload.text", "****", "0.isModified", true)
				bob.WantUnread("C2Calice", 1)
			},
		},
		{
			Name: "a modification is no new message for anybody", Covers: covers("MESSAGE_MODIFIED", "MESSAGE_RECEIVED"),
			Source: "messages.md §3.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "darn")
				bob.Receives().Want("payload.text", "darn")
				s.Modify("alice", "bob", msgText, text("****"))
				alice.Say("bob", "next")
				bob.Receives().Want("payload.text", "next")
				bob.WantUnread("C2Calice", 2)
				alice.Never("MESSAGE_RECEIVED")
			},
		},
		{
			Name: "who logs in later finds the new content only", Covers: covers("MESSAGE_MODIFIED", "getMessageList", "getConversationList"),
			Source: "messages.md §3.3", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				alice.Say("bob", "darn")
				s.Modify("alice", "bob", msgText, text("****"))
				bob := s.Login("bob")
				bob.HistoryTexts("C2Calice", "****")
				bob.Conversation("C2Calice").Want("lastMessage.messageForShow", "****")
				alice.Call("logout")
				s.Login("alice").HistoryTexts("C2Cbob", "****")
			},
		},
		{
			Name: "custom data alone can be modified", Covers: covered,
			Source: "messages.md §3.3", Run: func(s *Stage) {
				alice, _ := pair(s)
				alice.Say("bob", "kept")
				custom := "marked"
				s.Must(s.server.Modify(s.ctx, backend.Modification{From: "alice", To: "bob", CloudCustomData: &custom}), "modify")
				alice.Expect("MESSAGE_MODIFIED", "0.cloudCustomData", "marked", "0.payload.text", "kept")
			},
		},
		{
			Name: "another element can take the place", Covers: covered, Level: Extended,
			Source: "messages.md §3.3", Run: func(s *Stage) {
				alice, _ := pair(s)
				alice.Say("bob", "darn")
				s.Modify("alice", "bob", msgCustom, args{"Data": "censored", "Desc": "", "Ext": ""})
				alice.Expect("MESSAGE_MODIFIED", "0.type", msgCustom, "0.payload.data", "censored")
			},
		},
		{
			Name: "the sender's other instance is told as well", Covers: covered, Server: webInstances(2),
			Source: "messages.md §3.3", Run: func(s *Stage) {
				one, other := s.Login("alice"), s.Login("alice")
				s.CreateUsers("bob")
				one.Say("bob", "darn")
				other.ReceivesTexts("darn")
				s.Modify("alice", "bob", msgText, text("****"))
				one.Expect("MESSAGE_MODIFIED", "0.payload.text", "****")
				other.Expect("MESSAGE_MODIFIED", "0.payload.text", "****", "0.flow", "out")
			},
		},
		{
			Name: "a modification of an older message leaves the last message (2.14 shows it as the last one)", Covers: covers("MESSAGE_MODIFIED", "getConversationList"),
			Source: "messages.md §3.3", Run: func(s *Stage) {
				alice, _ := pair(s)
				m := alice.Say("bob", "darn")
				s.AdvanceServer(2 * time.Second)
				alice.Say("bob", "newer")
				key := m.msgKey()
				s.Must(s.server.Modify(s.ctx, backend.Modification{
					From: "alice", To: "bob", MsgKey: key, MsgBody: []byte(`[{"MsgType":"TIMTextElem","MsgContent":{"Text":"****"}}]`),
				}), "modify")
				alice.Expect("MESSAGE_MODIFIED", "0.payload.text", "****")
				alice.HistoryTexts("C2Cbob", "****", "newer")
				alice.Conversation("C2Cbob").WantVersion("lastMessage.messageForShow", from227[any]("****", "newer"))
			},
		},
	}
}
