package scenarios

import (
	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol"
)

// onlineOnly is the option of sendMessage for messages that nobody keeps.
var onlineOnly = args{"onlineUserOnly": true}

func onlineOnlyCases() []Case {
	covered := covers("sendMessage", "MESSAGE_RECEIVED")
	return []Case{
		{
			Name: "an online-only message is received", Covers: covered, Source: "messages.md §3.1", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Send(alice.Text("bob", "now"), onlineOnly).Want("status", "success")
				alice.request(protocol.CmdSendMsg).Want("MsgLifeTime", 0)
				bob.Receives().Want("payload.text", "now").Want("flow", "in").Want("conversationID", "C2Calice")
			},
		},
		{
			Name: "an online-only message makes no conversation, neither here nor there", Covers: covers("sendMessage", "getConversationList", "CONVERSATION_LIST_UPDATED"),
			Source: "messages.md §2.1, §3.1", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Send(alice.Text("bob", "now"), onlineOnly)
				bob.Receives()
				alice.WantConversations()
				bob.WantConversations()
			},
		},
		{
			Name: "2.14 fires no list event for an online-only message", Covers: covers("sendMessage", "CONVERSATION_LIST_UPDATED"),
			Skip:   onlyFor("2.14", "later versions hold list events back"),
			Source: "messages.md §2.1, §3.1", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "kept")
				bob.ReceivesTexts("kept")
				alice.Settle()
				bob.Settle()
				from := bob.seen
				alice.Send(alice.Text("bob", "now"), onlineOnly)
				bob.Receives()
				if got := bob.fired(from); got != "MESSAGE_RECEIVED" {
					s.Failf("%s fired %s", bob.label(), got)
				}
				alice.Never("CONVERSATION_LIST_UPDATED")
			},
		},
		{
			Name: "an online-only message neither counts nor becomes the last message", Covers: covers("sendMessage", "getConversationList"),
			Source: "messages.md §3.1", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "kept")
				alice.Send(alice.Text("bob", "now"), onlineOnly)
				bob.ReceivesTexts("kept", "now")
				bob.WantUnread("C2Calice", 1)
				bob.Conversation("C2Calice").Want("lastMessage.messageForShow", "kept")
				alice.Conversation("C2Cbob").Want("lastMessage.messageForShow", "kept")
			},
		},
		{
			Name: "an online-only message is not in the history", Covers: covers("sendMessage", "getMessageList"),
			Source: "messages.md §3.1", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				alice.Send(alice.Text("bob", "now"), onlineOnly)
				alice.Say("bob", "two")
				bob.ReceivesTexts("one", "now", "two")
				bob.Call("logout")
				alice.Call("logout")
				s.Login("bob").HistoryTexts("C2Calice", "one", "two")
				s.Login("alice").HistoryTexts("C2Cbob", "one", "two")
			},
		},
		{
			Name: "an online-only message to somebody offline is lost, and was sent successfully", Covers: covers("sendMessage", "login", "getConversationList"),
			Source: "semantics.md §3.3", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				alice.Send(alice.Text("bob", "now"), onlineOnly).Want("status", "success")
				bob := s.Login("bob")
				bob.Never("MESSAGE_RECEIVED")
				bob.WantConversations()
			},
		},
		{
			Name: "an online-only message is not delivered after a reconnect", Covers: covers("sendMessage", "MESSAGE_RECEIVED"),
			Needs: []string{port.CapClock}, Source: "semantics.md §3.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "before")
				bob.ReceivesTexts("before")
				s.Advance(settled)
				s.Fault(fakeserver.Fault{UserID: "bob", HangConnections: true})
				s.Cut("bob")
				alice.Send(alice.Text("bob", "now"), onlineOnly)
				alice.Say("bob", "after")
				s.ClearFaults()
				bob.comeBack()
				bob.ReceivesTexts("before", "after")
			},
		},
		{
			Name: "the sender's other instance gets an online-only message", Covers: covered, Server: webInstances(2), Level: Extended,
			Source: "semantics.md §3.3", Run: func(s *Stage) {
				one, other, bob := s.Login("alice"), s.Login("alice"), s.Login("bob")
				one.Send(one.Text("bob", "now"), onlineOnly)
				bob.ReceivesTexts("now")
				other.Receives().Want("flow", "out").Want("payload.text", "now")
				other.WantConversations()
			},
		},
		{
			Name: "onlineUserOnly false is an ordinary message", Covers: covers("sendMessage", "getConversationList"),
			Source: "api.md §1", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Send(alice.Text("bob", "kept"), args{"onlineUserOnly": false})
				bob.ReceivesTexts("kept")
				bob.WantUnread("C2Calice", 1)
				alice.request(protocol.CmdSendMsg).Absent("MsgLifeTime")
			},
		},
		{
			Name: "resendMessage takes no options before 3.6: an online-only message is kept then", Covers: covers("sendMessage", "resendMessage"), Level: Extended,
			Source: "messages.md §2.4, seen", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Text("bob", "now")
				s.RefuseOnce("alice", protocol.CmdSendMsg, 20006)
				alice.Fails(20006, "sendMessage", m.Ref(), onlineOnly)
				alice.Call("resendMessage", m.Ref(), onlineOnly).Want("message.status", "success")
				bob.ReceivesTexts("now")
				s.WantOneOf("bob's conversations", len(bob.conversations()), Versions[int]{1, 1, 0})
			},
		},
	}
}
