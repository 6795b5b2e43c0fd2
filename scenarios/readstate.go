package scenarios

import (
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol"
)

func readCases() []Case {
	read := covers("setMessageRead")
	receipts := covers("setMessageRead", "MESSAGE_READ_BY_PEER")
	return []Case{
		{
			Name: "setMessageRead resolves with an empty object", Covers: read,
			Source: "messages.md §5.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				bob.ReceivesTexts("one")
				v := bob.Call("setMessageRead", args{"conversationID": "C2Calice"})
				if v.Raw != "{}" {
					s.Failf("setMessageRead's data is %s, want {}", v.Raw)
				}
			},
		},
		{
			Name: "bad arguments of setMessageRead throw", Covers: read,
			Source: "messages.md §1.2", Run: func(s *Stage) {
				u := s.Login("alice")
				u.Throws("setMessageRead")
				u.Throws("setMessageRead", args{})
				u.Throws("setMessageRead", args{"conversationID": "bob"})
				u.Throws("setMessageRead", args{"conversationID": 5})
			},
		},
		{
			Name: "with nothing to read there is no request, and no receipt", Covers: receipts,
			Source: "messages.md §5.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				bob.Read("nobody")
				alice.Say("bob", "one")
				bob.ReceivesTexts("one")
				alice.Read("bob") // only her own message
				bob.Read("alice")
				bob.Read("alice") // read already
				bob.WantSent(protocol.CmdMsgReaded, 1)
				alice.WantSent(protocol.CmdMsgReaded, 0)
				alice.Barrier()
				if n := len(alice.Events("MESSAGE_READ_BY_PEER")); n != 1 {
					s.Failf("%d MESSAGE_READ_BY_PEER, want 1", n)
				}
				bob.Never("MESSAGE_READ_BY_PEER")
			},
		},
		{
			Name: "the request names the peer and the time of the last message", Covers: read,
			Source: "messages.md §5.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				s.AdvanceServer(2 * time.Second)
				m := alice.Say("bob", "two")
				bob.ReceivesTexts("one", "two")
				bob.Read("alice")
				item := bob.request(protocol.CmdMsgReaded).Get("C2CMsgReaded.C2CMsgReadedItem")
				item.Want("#", 1).Want("0.To_Account", "alice").Want("0.LastedMsgTime", m.Get("time").Int())
			},
		},
		{
			Name: "the reader's messages become isRead, the number 0", Covers: covers("setMessageRead", "getMessageList", "getConversationList"),
			Source: "messages.md §5.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				alice.Say("bob", "two")
				bob.ReceivesTexts("one", "two")
				bob.WantEach("C2Calice", "isRead", []bool{false, false})
				bob.Read("alice")
				bob.WantUnread("C2Calice", 0)
				bob.WantEach("C2Calice", "isRead", []bool{true, true})
			},
		},
		{
			Name: "the reader's list fires with the number 0", Covers: covers("setMessageRead", "CONVERSATION_LIST_UPDATED"),
			Source: "messages.md §5.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				bob.ReceivesTexts("one")
				bob.Quiet()
				bob.Read("alice")
				bob.ExpectThat("CONVERSATION_LIST_UPDATED", func(v Value) bool { return v.Get("0.unreadCount").Int() == 0 })
			},
		},
		{
			Name: "MESSAGE_READ_BY_PEER has all messages up to then, and each once", Covers: receipts,
			Source: "messages.md §5.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				alice.Say("bob", "two")
				bob.ReceivesTexts("one", "two")
				bob.Read("alice")
				alice.Expect("MESSAGE_READ_BY_PEER", "#", 2, "#.payload.text", []string{"one", "two"}, "#.isPeerRead", []bool{true, true})
				s.AdvanceServer(2 * time.Second)
				alice.Say("bob", "three")
				bob.ReceivesTexts("one", "two", "three")
				bob.Read("alice")
				alice.Expect("MESSAGE_READ_BY_PEER", "#", 1, "0.payload.text", "three")
			},
		},
		{
			Name: "a message after the read is not read by the peer", Covers: receipts,
			Source: "messages.md §5.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				bob.ReceivesTexts("one")
				bob.Read("alice")
				alice.Expect("MESSAGE_READ_BY_PEER", "#", 1)
				s.AdvanceServer(2 * time.Second)
				m := alice.Say("bob", "two")
				alice.Never("MESSAGE_READ_BY_PEER")
				alice.read(m).Want("isPeerRead", false)
			},
		},
		{
			Name: "only the messages of that conversation are read", Covers: receipts,
			Source: "messages.md §5.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				carol := s.Login("carol")
				alice.Say("bob", "for bob")
				other := alice.Say("carol", "for carol")
				bob.ReceivesTexts("for bob")
				carol.ReceivesTexts("for carol")
				bob.Read("alice")
				alice.Once("MESSAGE_READ_BY_PEER", "#", 1, "0.payload.text", "for bob")
				alice.read(other).Want("isPeerRead", false)
				carol.WantUnread("C2Calice", 1)
			},
		},
		{
			Name: "the conversation's peerReadTime is the time of the receipt", Covers: covers("MESSAGE_READ_BY_PEER", "getConversationList"),
			Source: "messages.md §7.2", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "one")
				bob.ReceivesTexts("one")
				bob.Read("alice")
				alice.Expect("MESSAGE_READ_BY_PEER")
				// Later versions take it over at the login only.
				alice.Conversation("C2Cbob").WantVersion("peerReadTime", from227[any](m.Get("time").Int(), 0))
				alice.Call("logout")
				s.Login("alice").Conversation("C2Cbob").Want("peerReadTime", m.Get("time").Int())
			},
		},
		{
			Name: "what was read while the sender was away is read in the history", Covers: covers("setMessageRead", "MESSAGE_READ_BY_PEER", "getMessageList"),
			Source: "messages.md §5.2", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				bob.ReceivesTexts("one")
				alice.Call("logout")
				bob.Read("alice")
				again := s.Login("alice")
				again.WantEach("C2Cbob", "isPeerRead", []bool{true})
				again.Expect("MESSAGE_READ_BY_PEER", "#", 1, "0.payload.text", "one")
			},
		},
		{
			Name: "messages of a former login can be read", Covers: covers("setMessageRead", "MESSAGE_READ_BY_PEER", "login"),
			Source: "messages.md §5.4", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				alice.Say("bob", "one")
				alice.Say("bob", "two")
				bob := s.Login("bob")
				bob.WantUnread("C2Calice", 2)
				bob.Read("alice")
				bob.WantUnread("C2Calice", 0)
				alice.Expect("MESSAGE_READ_BY_PEER", "#", 2)
				bob.Call("logout")
				s.Login("bob").WantUnread("C2Calice", 0)
			},
		},
		{
			Name: "an answer does not read", Covers: covers("sendMessage", "getConversationList"),
			Source: "semantics.md §3.6", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				bob.ReceivesTexts("one")
				bob.Say("alice", "answer")
				bob.WantUnread("C2Calice", 1)
				alice.Never("MESSAGE_READ_BY_PEER")
				bob.Call("logout")
				s.Login("bob").WantUnread("C2Calice", 1)
			},
		},
		{
			Name: "getMessageList does not read", Covers: covers("getMessageList", "getConversationList"),
			Source: "semantics.md §3.6", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				bob.ReceivesTexts("one")
				bob.HistoryTexts("C2Calice", "one")
				bob.WantUnread("C2Calice", 1)
				alice.Never("MESSAGE_READ_BY_PEER")
			},
		},
		{
			Name: "the sender's second instance gets the receipt too", Covers: receipts, Server: webInstances(2),
			Source: "messages.md §5.4", Run: func(s *Stage) {
				one, other, bob := s.Login("alice"), s.Login("alice"), s.Login("bob")
				one.Say("bob", "hi")
				other.ReceivesTexts("hi")
				bob.ReceivesTexts("hi")
				bob.Read("alice")
				one.Expect("MESSAGE_READ_BY_PEER", "#", 1)
				other.Expect("MESSAGE_READ_BY_PEER", "#", 1, "0.flow", "out")
			},
		},
		{
			Name: "the reader's other instance has its messages read as well", Covers: covers("setMessageRead", "getMessageList"), Server: webInstances(2),
			Source: "messages.md §5.4", Run: func(s *Stage) {
				alice, one, other := s.Login("alice"), s.Login("bob"), s.Login("bob")
				alice.Say("bob", "hi")
				one.ReceivesTexts("hi")
				other.ReceivesTexts("hi")
				one.Read("alice")
				other.WantUnread("C2Calice", 0)
				other.WantEach("C2Calice", "isRead", []bool{true})
				other.Never("MESSAGE_READ_BY_PEER")
				alice.Expect("MESSAGE_READ_BY_PEER", "#", 1)
			},
		},
		{
			Name: "a refused read leaves the number and tells nobody", Covers: receipts,
			Source: "messages.md §5.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				bob.ReceivesTexts("one")
				s.RefuseOnce("bob", protocol.CmdMsgReaded, 20004)
				bob.Fails(20004, "setMessageRead", args{"conversationID": "C2Calice"})
				bob.WantUnread("C2Calice", 1)
				alice.Never("MESSAGE_READ_BY_PEER")
				bob.Read("alice")
				bob.WantUnread("C2Calice", 0)
			},
		},
		{
			Name: "what was read before a reconnect stays read, what comes meanwhile counts", Covers: covers("setMessageRead", "NET_STATE_CHANGE", "getConversationList"),
			Needs: []string{port.CapClock}, Source: "messages.md §6", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				bob.ReceivesTexts("one")
				bob.Read("alice")
				s.Advance(settled)
				s.Fault(fakeserver.Fault{UserID: "bob", HangConnections: true})
				s.Cut("bob")
				alice.Say("bob", "two")
				s.ClearFaults()
				bob.comeBack()
				bob.ReceivesTexts("one", "two")
				bob.WantUnread("C2Calice", 1)
			},
		},
	}
}
