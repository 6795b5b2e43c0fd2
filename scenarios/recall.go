package scenarios

import (
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol"
)

// recallWindow is how long a message may be taken back by default.
const recallWindow = 2 * time.Minute

func recallCases() []Case {
	revoke := covers("revokeMessage")
	revoked := covers("revokeMessage", "MESSAGE_REVOKED")
	return []Case{
		{
			Name: "revokeMessage resolves with the message itself, revoked", Covers: revoke, Needs: []string{port.CapIdentity},
			Source: "messages.md §4", Run: func(s *Stage) {
				alice, _ := pair(s)
				m := alice.Say("bob", "oops")
				alice.Revoke(m).Want("$ref", m.Get("$ref").Str).Want("isRevoked", true).Want("status", "success").Want("payload.text", "oops")
				alice.read(m).Want("isRevoked", true)
			},
		},
		{
			Name: "the peer gets MESSAGE_REVOKED with the message, its payload kept", Covers: revoked,
			Source: "messages.md §4", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "oops")
				got := bob.Receives()
				alice.Revoke(m)
				list := bob.Expect("MESSAGE_REVOKED", "#", 1)
				list.Want("0.isRevoked", true).Want("0.payload.text", "oops").Want("0.ID", got.Get("ID").Str).Want("0.from", "alice")
				bob.read(got).Want("isRevoked", true)
			},
		},
		{
			Name: "the one who recalls gets no MESSAGE_REVOKED", Covers: revoked,
			Source: "messages.md §4", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "oops")
				bob.ReceivesTexts("oops")
				alice.Revoke(m)
				bob.Expect("MESSAGE_REVOKED")
				alice.Never("MESSAGE_REVOKED")
			},
		},
		{
			Name: "a third user hears nothing of a recall", Covers: revoked,
			Source: "messages.md §4", Run: func(s *Stage) {
				alice, bob := pair(s)
				carol := s.Login("carol")
				alice.Revoke(alice.Say("bob", "oops"))
				bob.Expect("MESSAGE_REVOKED")
				carol.Never("MESSAGE_REVOKED")
			},
		},
		{
			Name: "one of several messages is recalled, the others stay", Covers: revoked,
			Source: "messages.md §4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				m := alice.Say("bob", "two")
				alice.Say("bob", "three")
				bob.ReceivesTexts("one", "two", "three")
				alice.Revoke(m)
				bob.Expect("MESSAGE_REVOKED", "0.payload.text", "two", "#", 1)
				for _, u := range []*User{alice, bob} {
					u.WantRevoked(map[*User]string{alice: "C2Cbob", bob: "C2Calice"}[u], false, true, false)
				}
			},
		},
		{
			Name: "a recalled message keeps its place in the history, flagged", Covers: covers("revokeMessage", "getMessageList"),
			Source: "messages.md §4", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				alice.Say("bob", "one")
				alice.Revoke(alice.Say("bob", "two"))
				alice.Say("bob", "three")
				bob := s.Login("bob")
				bob.WantRevoked("C2Calice", false, true, false)
				bob.HistoryTexts("C2Calice", "one", "two", "three")
			},
		},
		{
			Name: "after a new login one's own recalled message is flagged", Covers: covers("revokeMessage", "getMessageList", "login"),
			Source: "messages.md §4", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				alice.Revoke(alice.Say("bob", "one"))
				alice.Call("logout")
				s.Login("alice").WantRevoked("C2Cbob", true)
			},
		},
		{
			Name: "a recalled last message is shown as revoked in the recaller's list", Covers: covers("revokeMessage", "getConversationList", "CONVERSATION_LIST_UPDATED"),
			Source: "messages.md §4", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "oops")
				bob.ReceivesTexts("oops")
				alice.Settle()
				alice.Revoke(m)
				alice.ExpectThat("CONVERSATION_LIST_UPDATED", func(v Value) bool { return v.Get("0.lastMessage.isRevoked").Bool() })
				alice.Conversation("C2Cbob").Want("lastMessage.isRevoked", true)
			},
		},
		{
			Name: "a recalled last message is shown as revoked in the peer's list", Covers: covers("revokeMessage", "getConversationList", "CONVERSATION_LIST_UPDATED"),
			Source: "messages.md §4", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "oops")
				bob.ReceivesTexts("oops")
				alice.Revoke(m)
				bob.ExpectThat("CONVERSATION_LIST_UPDATED", func(v Value) bool { return v.Get("0.lastMessage.isRevoked").Bool() })
				bob.Conversation("C2Calice").Want("lastMessage.isRevoked", true)
			},
		},
		{
			Name: "2.14 shows a recalled last message in the group list, too", Covers: covers("revokeMessage", "getGroupList"),
			Skip:   onlyFor("2.14", "later versions have a last message of their own there"),
			Source: "messages.md §4", Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				m := alice.SayIn("g1", "oops")
				bob.Hears("oops")
				alice.Revoke(m)
				bob.Expect("MESSAGE_REVOKED")
				for _, u := range users {
					u.Call("getGroupList").Get("groupList.0").Want("lastMessage.messageForShow", "oops").Want("lastMessage.isRevoked", true)
				}
			},
		},
		{
			Name: "2.14 updates the peer's list before MESSAGE_REVOKED", Covers: covers("MESSAGE_REVOKED", "CONVERSATION_LIST_UPDATED"),
			Skip:   onlyFor("2.14", "later versions hold list events back"),
			Source: "messages.md §4", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "oops")
				bob.ReceivesTexts("oops")
				bob.Settle()
				from := bob.seen
				alice.Revoke(m)
				bob.Expect("MESSAGE_REVOKED")
				if got := bob.fired(from); got != "CONVERSATION_LIST_UPDATED MESSAGE_REVOKED" {
					s.Failf("%s fired %s", bob.label(), got)
				}
			},
		},
		{
			Name: "2.14 fires no list event for a recalled message that was not the last", Covers: covers("MESSAGE_REVOKED", "CONVERSATION_LIST_UPDATED"),
			Skip:   onlyFor("2.14", "later versions hold list events back"),
			Source: "messages.md §4", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "oops")
				alice.Say("bob", "better")
				bob.ReceivesTexts("oops", "better")
				alice.Settle()
				bob.Settle()
				from := bob.seen
				alice.Revoke(m)
				bob.Expect("MESSAGE_REVOKED")
				if got := bob.fired(from); got != "MESSAGE_REVOKED" {
					s.Failf("%s fired %s", bob.label(), got)
				}
				alice.Never("CONVERSATION_LIST_UPDATED")
			},
		},
		{
			Name: "an older message's recall leaves the last message as it is", Covers: covers("revokeMessage", "getConversationList"),
			Source: "messages.md §4", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "oops")
				alice.Say("bob", "better")
				bob.ReceivesTexts("oops", "better")
				alice.Revoke(m)
				bob.Expect("MESSAGE_REVOKED")
				bob.Conversation("C2Calice").Want("lastMessage.isRevoked", false).Want("lastMessage.messageForShow", "better")
			},
		},
		{
			Name: "after a new login the list shows the last message as revoked", Covers: covers("revokeMessage", "getConversationList", "login"),
			Source: "messages.md §7.1", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				alice.Revoke(alice.Say("bob", "oops"))
				s.Login("bob").Conversation("C2Calice").Want("lastMessage.isRevoked", true)
			},
		},
		{
			Name: "2.14 keeps counting a recalled message as unread, later versions do not", Covers: covers("MESSAGE_REVOKED", "getConversationList"),
			Source: "messages.md §4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				m := alice.Say("bob", "two")
				bob.ReceivesTexts("one", "two")
				bob.WantUnread("C2Calice", 2)
				alice.Revoke(m)
				bob.Expect("MESSAGE_REVOKED")
				c := bob.Conversation("C2Calice")
				c.WantVersion("unreadCount", from227[any](2, 1))
			},
		},
		{
			Name: "a message recalled while the receiver was offline does not count as unread", Covers: covers("revokeMessage", "getConversationList", "login"),
			Source: "semantics.md §3.5", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				alice.Say("bob", "one")
				alice.Revoke(alice.Say("bob", "two"))
				alice.Say("bob", "three")
				s.Login("bob").WantUnread("C2Calice", 2)
			},
		},
		{
			Name: "just within two minutes of the server's clock a message can be recalled", Covers: revoked,
			Source: "semantics.md §3.5", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "oops")
				s.AdvanceServer(recallWindow - 20*time.Second)
				alice.Revoke(m)
				bob.Expect("MESSAGE_REVOKED")
			},
		},
		{
			Name: "after two minutes of the server's clock a recall is refused with 20016", Covers: revoked,
			Source: "semantics.md §3.5, messages.md §4", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "too late")
				bob.ReceivesTexts("too late")
				s.AdvanceServer(recallWindow + time.Second)
				failed := alice.Fails(20016, "revokeMessage", m.Ref())
				alice.value(failed.Data, "error.data").Want("message.isRevoked", false)
				alice.read(m).Want("isRevoked", false)
				bob.Never("MESSAGE_REVOKED")
				bob.WantRevoked("C2Calice", false)
			},
		},
		{
			Name: "the window can be set", Covers: revoke, Source: "semantics.md §3.5",
			Server: func(o *fakeserver.Options) { o.RecallWindow = time.Hour }, Run: func(s *Stage) {
				alice, _ := pair(s)
				m, other := alice.Say("bob", "within"), alice.Say("bob", "beyond")
				s.AdvanceServer(time.Hour - time.Minute)
				alice.Revoke(m).Want("isRevoked", true)
				s.AdvanceServer(2 * time.Minute)
				alice.Fails(20016, "revokeMessage", other.Ref())
			},
		},
		{
			Name: "a recalled message cannot be recalled again: it throws", Covers: revoke,
			Source: "messages.md §1.2, §4", Run: func(s *Stage) {
				alice, _ := pair(s)
				m := alice.Say("bob", "oops")
				alice.Revoke(m)
				alice.Throws("revokeMessage", m.Ref())
				alice.WantSent(protocol.CmdMsgWithdraw, 1)
			},
		},
		{
			Name: "a recall without a message throws", Covers: revoke,
			Source: "messages.md §1.2", Run: func(s *Stage) {
				alice := s.Login("alice")
				alice.Throws("revokeMessage")
				alice.Throws("revokeMessage", args{})
			},
		},
		{
			Name: "a message that was deleted by its sender can still be recalled", Covers: covers("revokeMessage", "deleteMessage", "MESSAGE_REVOKED"),
			Level: Extended, Source: "semantics.md §3.5", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "oops")
				bob.ReceivesTexts("oops")
				alice.Delete(m)
				alice.Revoke(m)
				bob.Expect("MESSAGE_REVOKED")
			},
		},
		{
			Name: "somebody else's message cannot be recalled", Covers: revoked,
			Source: "semantics.md §3.5", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "mine")
				m := bob.Receives()
				_, failed := bob.Try("revokeMessage", m.Ref())
				if failed == nil {
					s.Failf("bob recalled alice's message")
				}
				alice.Never("MESSAGE_REVOKED")
				alice.WantRevoked("C2Cbob", false)
			},
		},
		{
			Name: "a recall of what retention has dropped is refused with 20022", Covers: revoke, Level: Extended,
			Server: func(o *fakeserver.Options) { o.Retention = 10 * time.Minute; o.RecallWindow = time.Hour },
			Source: "semantics.md §3.5", Run: func(s *Stage) {
				alice, _ := pair(s)
				m := alice.Say("bob", "gone")
				s.AdvanceServer(15 * time.Minute)
				alice.Fails(20022, "revokeMessage", m.Ref())
			},
		},
		{
			Name: "what the server refuses, revokeMessage passes on with the message", Covers: revoke,
			Source: "messages.md §4", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "stays")
				bob.ReceivesTexts("stays")
				for _, code := range []int{20016, 90054, 10041, 98765} {
					s.RefuseOnce("alice", protocol.CmdMsgWithdraw, code)
					failed := alice.Fails(code, "revokeMessage", m.Ref())
					alice.value(failed.Data, "error.data").Want("message.ID", m.Get("ID").Str)
				}
				alice.read(m).Want("isRevoked", false)
				alice.Revoke(m).Want("isRevoked", true) // the message is as good as before
			},
		},
		{
			Name: "a message of yesterday's login is recalled from the history within the window", Covers: covers("revokeMessage", "getMessageList", "MESSAGE_REVOKED"),
			Source: "messages.md §4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "oops")
				bob.ReceivesTexts("oops")
				alice.Call("logout")
				again := s.Login("alice")
				m := again.History("C2Cbob")[0]
				again.Revoke(m).Want("isRevoked", true)
				bob.Expect("MESSAGE_REVOKED", "0.payload.text", "oops")
			},
		},
		{
			Name: "the request names the message by its parties, sequence, random and time", Covers: revoke,
			Source: "messages.md §4", Run: func(s *Stage) {
				alice, _ := pair(s)
				m := alice.Say("bob", "oops")
				alice.Revoke(m)
				alice.request(protocol.CmdMsgWithdraw).Want("MsgInfo.From_Account", "alice").Want("MsgInfo.To_Account", "bob").
					Want("MsgInfo.MsgSeq", m.Get("sequence").Int()).Want("MsgInfo.MsgRandom", m.Get("random").Int()).
					Want("MsgInfo.MsgTimeStamp", m.Get("time").Int())
			},
		},
		{
			Name: "the recaller's other instance gets MESSAGE_REVOKED", Covers: revoked, Server: webInstances(2),
			Source: "messages.md §4", Run: func(s *Stage) {
				one, other, bob := s.Login("alice"), s.Login("alice"), s.Login("bob")
				m := one.Say("bob", "oops")
				other.ReceivesTexts("oops")
				bob.ReceivesTexts("oops")
				one.Revoke(m)
				other.Expect("MESSAGE_REVOKED", "0.payload.text", "oops", "0.flow", "out", "0.isRevoked", true)
				other.Conversation("C2Cbob").Want("lastMessage.isRevoked", true)
				one.Never("MESSAGE_REVOKED")
			},
		},
		{
			Name: "one instance recalls what the other sent", Covers: revoked, Server: webInstances(2),
			Source: "messages.md §4", Run: func(s *Stage) {
				one, other, bob := s.Login("alice"), s.Login("alice"), s.Login("bob")
				one.Say("bob", "oops")
				m := other.Receives()
				bob.ReceivesTexts("oops")
				other.Revoke(m)
				bob.Expect("MESSAGE_REVOKED", "0.payload.text", "oops")
				one.Expect("MESSAGE_REVOKED", "0.payload.text", "oops")
			},
		},
		{
			Name: "all instances of the receiver get MESSAGE_REVOKED", Covers: revoked, Server: webInstances(2),
			Source: "messages.md §4", Run: func(s *Stage) {
				alice, one, other := s.Login("alice"), s.Login("bob"), s.Login("bob")
				m := alice.Say("bob", "oops")
				one.ReceivesTexts("oops")
				other.ReceivesTexts("oops")
				alice.Revoke(m)
				one.Expect("MESSAGE_REVOKED", "#", 1)
				other.Expect("MESSAGE_REVOKED", "#", 1)
			},
		},
		{
			Name: "a recall while the peer is disconnected reaches it after the reconnect", Covers: covers("revokeMessage", "MESSAGE_REVOKED", "NET_STATE_CHANGE"),
			Needs: []string{port.CapClock}, Source: "messages.md §4", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "oops")
				bob.ReceivesTexts("oops")
				s.Advance(settled)
				s.Fault(fakeserver.Fault{UserID: "bob", HangConnections: true})
				s.Cut("bob")
				alice.Revoke(m)
				s.ClearFaults()
				bob.comeBack()
				bob.Once("MESSAGE_REVOKED", "0.payload.text", "oops", "#", 1)
			},
		},
		{
			Name: "what was sent and recalled while the peer was disconnected comes flagged (from 2.27 on) or not at all", Covers: covers("revokeMessage", "MESSAGE_RECEIVED", "getMessageList"),
			Needs: []string{port.CapClock}, Source: "messages.md §4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "before")
				bob.ReceivesTexts("before")
				s.Advance(settled)
				s.Fault(fakeserver.Fault{UserID: "bob", HangConnections: true})
				s.Cut("bob")
				alice.Revoke(alice.Say("bob", "oops"))
				alice.Say("bob", "after")
				s.ClearFaults()
				bob.comeBack()
				if !s.later() {
					bob.ReceivesTexts("before", "after")
					return
				}
				bob.ReceivesTexts("before", "oops", "after") // they pull the history, recalled ones too
				bob.Received()[1].Want("isRevoked", true)
			},
		},
		{
			Name: "a message under way to nobody but oneself can be recalled", Covers: revoke, Level: Extended,
			Source: "messages.md §2.1", Run: func(s *Stage) {
				alice := s.Login("alice")
				alice.Revoke(alice.Say("alice", "note to self")).Want("isRevoked", true)
			},
		},
	}
}

// WantRevoked checks isRevoked of a whole history, oldest first.
func (u *User) WantRevoked(id string, want ...bool) {
	u.WantEach(id, "isRevoked", want)
}
