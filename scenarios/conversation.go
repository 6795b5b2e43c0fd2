package scenarios

import (
	"fmt"
	"time"

	"github.com/imsim/imsim/protocol"
)

func listCases() []Case {
	covered := covers("getConversationList")
	return []Case{
		{
			Name: "a new account has no conversations", Covers: covered,
			Source: "messages.md §7.3", Run: func(s *Stage) {
				s.Login("alice").WantConversations()
			},
		},
		{
			Name: "the conversation with the newest message comes first", Covers: covered,
			Source: "messages.md §7.2", Run: func(s *Stage) {
				s.CreateUsers("bob", "carol", "dan")
				alice := s.Login("alice")
				for _, to := range []string{"bob", "carol", "dan", "bob"} {
					alice.Say(to, "hi")
					s.AdvanceServer(2 * time.Second)
				}
				alice.WantConversations("C2Cbob", "C2Cdan", "C2Ccarol")
				alice.Call("logout")
				s.Login("alice").WantConversations("C2Cbob", "C2Cdan", "C2Ccarol")
			},
		},
		{
			Name: "a received message brings its conversation to the front", Covers: covers("getConversationList", "CONVERSATION_LIST_UPDATED"),
			Source: "messages.md §7.2, §7.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				carol := s.Login("carol")
				bob.Say("alice", "one")
				alice.Receives()
				s.AdvanceServer(2 * time.Second)
				carol.Say("alice", "two")
				alice.Receives()
				s.AdvanceServer(2 * time.Second)
				alice.WantConversations("C2Ccarol", "C2Cbob")
				bob.Say("alice", "three")
				alice.Receives()
				alice.WantConversations("C2Cbob", "C2Ccarol")
			},
		},
		{
			Name: "a conversation has the documented fields", Covers: covered,
			Source: "messages.md §7.2", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				m := alice.Send(alice.Create("createTextMessage", "bob", args{"text": "hi"}, "cloudCustomData", "extra"))
				c := s.Login("bob").Conversation("C2Calice")
				c.Want("type", convC2C).Want("isPinned", false).Want("peerReadTime", 0).Want("groupAtInfoList", []any{}).Want("remark", "")
				c.Want("userProfile.userID", "alice")
				c.Want("lastMessage.lastTime", m.Get("time").Int()).Want("lastMessage.lastSequence", m.Get("sequence").Int())
				c.Want("lastMessage.fromAccount", "alice").Want("lastMessage.messageForShow", "hi").Want("lastMessage.type", msgText)
				c.Want("lastMessage.payload", args{"text": "hi"}).Want("lastMessage.isRevoked", false)
				c.Want("lastMessage.cloudCustomData", "extra").Want("lastMessage.onlineOnlyFlag", false)
			},
		},
		{
			Name: "2.14 lists conversations from the server, later versions from what they have", Covers: covered, Level: Extended,
			Source: "messages.md §7.1", Run: func(s *Stage) {
				alice := s.Login("alice")
				alice.WantConversations()
				alice.WantConversations()
				s.WantOneOf("recentcontact.get", len(alice.requests(protocol.CmdContactGet)), Versions[int]{2, 0, 0})
			},
		},
		{
			Name: "the peer's nick and avatar are in the conversation", Covers: covers("getConversationList", "updateMyProfile"),
			Source: "messages.md §7.1", Run: func(s *Stage) {
				alice := s.Login("alice")
				alice.Call("updateMyProfile", args{"nick": "Alice A.", "avatar": "https://example.com/a.png"})
				s.CreateUsers("bob")
				alice.Say("bob", "hi")
				bob := s.Login("bob")
				bob.Conversation("C2Calice").Want("userProfile.nick", "Alice A.").Want("userProfile.avatar", "https://example.com/a.png")
				bob.History("C2Calice")[0].Want("nick", "Alice A.").Want("avatar", "https://example.com/a.png")
			},
		},
		{
			Name: "a hundred and one conversations: the latest hundred are listed", Covers: covers("getConversationList", "login"),
			Source: "semantics.md §3.7", Run: func(s *Stage) {
				alice := s.Login("alice")
				for i := range 101 {
					peer := fmt.Sprintf("peer%03d", i)
					s.CreateUsers(peer)
					alice.Say(peer, "hi")
				}
				alice.Call("logout")
				again := s.Login("alice")
				if n := len(again.conversations()); n != 100 {
					s.Failf("%d conversations, want 100", n)
				}
				if again.has("C2Cpeer000") || !again.has("C2Cpeer001") {
					s.Failf("the oldest conversation is not the one that is missing")
				}
			},
		},
		{
			Name: "2.14 fires one list event for a message that is sent, in a known conversation", Covers: covers("sendMessage", "CONVERSATION_LIST_UPDATED"),
			Skip:   onlyFor("2.14", "later versions hold list events back"),
			Source: "messages.md §2.1, §7.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				bob.Receives()
				alice.Settle()
				bob.Settle()
				alice.Say("bob", "two")
				alice.Barrier()
				bob.Barrier()
				alice.WantFired("CONVERSATION_LIST_UPDATED")
				bob.WantFired("CONVERSATION_LIST_UPDATED MESSAGE_RECEIVED")
			},
		},
		{
			Name: "2.14 fires no list event for getConversationList, getMessageList and a known profile", Covers: covers("getConversationList", "getMessageList", "getConversationProfile", "CONVERSATION_LIST_UPDATED"),
			Skip:   onlyFor("2.14", "later versions hold list events back"),
			Source: "messages.md §7.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				bob.Receives()
				bob.Call("getConversationProfile", "C2Calice")
				bob.History("C2Calice")
				bob.Settle()
				bob.Call("getConversationList")
				bob.Call("getConversationProfile", "C2Calice")
				bob.History("C2Calice")
				bob.Barrier()
				bob.WantFired("nothing")
			},
		},
		{
			Name: "2.14 fires no list event for a refused message", Covers: covers("sendMessage", "CONVERSATION_LIST_UPDATED"),
			Skip:   onlyFor("2.14", "later versions hold list events back"),
			Source: "messages.md §2.3", Run: func(s *Stage) {
				alice, _ := pair(s)
				alice.Say("bob", "one")
				alice.Settle()
				s.RefuseOnce("alice", protocol.CmdSendMsg, 20006)
				alice.Fails(20006, "sendMessage", alice.Text("bob", "two").Ref())
				alice.Barrier()
				alice.WantFired("nothing")
				alice.Conversation("C2Cbob").Want("lastMessage.messageForShow", "one")
			},
		},
		{
			Name: "2.14 fires one list event for a read, and none when there is nothing to read", Covers: covers("setMessageRead", "CONVERSATION_LIST_UPDATED"),
			Skip:   onlyFor("2.14", "later versions hold list events back"),
			Source: "messages.md §5.4, §7.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				bob.Receives()
				bob.Settle()
				bob.Read("alice")
				bob.Barrier()
				bob.WantFired("CONVERSATION_LIST_UPDATED")
				bob.Settle()
				bob.Read("alice")
				bob.Barrier()
				bob.WantFired("nothing")
			},
		},
	}
}

func profileCases() []Case {
	covered := covers("getConversationProfile")
	return []Case{
		{
			Name: "getConversationProfile resolves with the conversation", Covers: covered,
			Source: "messages.md §7.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "hi")
				bob.Receives()
				c := bob.Call("getConversationProfile", "C2Calice").Get("conversation")
				c.Want("conversationID", "C2Calice").Want("type", convC2C).Want("unreadCount", 1).Want("lastMessage.messageForShow", "hi")
				c.Want("userProfile.userID", "alice")
			},
		},
		{
			Name: "the profile of a user without a conversation makes one, without a last message", Covers: covers("getConversationProfile", "CONVERSATION_LIST_UPDATED"),
			Source: "messages.md §7.2, §7.3", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				alice.Quiet()
				c := alice.Call("getConversationProfile", "C2Cbob").Get("conversation")
				c.Want("conversationID", "C2Cbob").Want("userProfile.userID", "bob").Want("unreadCount", 0)
				c.Want("lastMessage.lastTime", 0).Want("lastMessage.messageForShow", "").Want("lastMessage.type", "").Want("lastMessage.payload", nil)
				alice.ExpectThat("CONVERSATION_LIST_UPDATED", func(v Value) bool { return v.Get("0.conversationID").Str == "C2Cbob" })
			},
		},
		{
			Name: "the profile of an unknown user is refused with 2501", Covers: covered,
			Source: "messages.md §1.2", Run: func(s *Stage) {
				s.Login("alice").Fails(2501, "getConversationProfile", "C2Cnobody")
			},
		},
		{
			Name: "the system conversation has no profile before its first notice: 10015", Covers: covered,
			Source: "messages.md §7.3", Run: func(s *Stage) {
				alice := s.Login("alice")
				alice.Fails(10015, "getConversationProfile", "@TIM#SYSTEM")
				s.Login("bob").NewGroup(groupWork, "w1", nil, "alice")
				alice.Noticed(7)
				alice.Call("getConversationProfile", "@TIM#SYSTEM").Want("conversation.type", "@TIM#SYSTEM")
			},
		},
		{
			Name: "bad arguments of getConversationProfile throw", Covers: covered,
			Source: "messages.md §1.2", Run: func(s *Stage) {
				u := s.Login("alice")
				u.Throws("getConversationProfile")
				u.Throws("getConversationProfile", "")
				u.Throws("getConversationProfile", "bob")
				u.Throws("getConversationProfile", 5)
			},
		},
		{
			Name: "the profile is asked for once", Covers: covered, Level: Extended,
			Source: "messages.md §7.3", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				alice.Call("getConversationProfile", "C2Cbob")
				n := len(alice.requests(protocol.CmdProfileGet))
				alice.Call("getConversationProfile", "C2Cbob")
				alice.WantSent(protocol.CmdProfileGet, n)
			},
		},
	}
}

func deleteConversationCases() []Case {
	covered := covers("deleteConversation")
	return []Case{
		{
			Name: "deleteConversation resolves with the ID, and the conversation is gone", Covers: covers("deleteConversation", "getConversationList", "CONVERSATION_LIST_UPDATED"),
			Source: "messages.md §7.3", Run: func(s *Stage) {
				s.CreateUsers("carol")
				alice, _ := pair(s)
				alice.Say("bob", "hi")
				alice.Say("carol", "hi")
				alice.Quiet()
				alice.Call("deleteConversation", "C2Cbob").Want("conversationID", "C2Cbob")
				alice.ExpectThat("CONVERSATION_LIST_UPDATED", func(v Value) bool { return len(v.Array()) == 1 })
				alice.WantConversations("C2Ccarol")
			},
		},
		{
			Name: "a deleted conversation is gone after a new login", Covers: covers("deleteConversation", "login", "getConversationList"),
			Source: "messages.md §7.1", Run: func(s *Stage) {
				alice, _ := pair(s)
				alice.Say("bob", "hi")
				alice.Call("deleteConversation", "C2Cbob")
				alice.Call("logout")
				s.Login("alice").WantConversations()
			},
		},
		{
			Name: "the next message brings a deleted conversation back", Covers: covers("deleteConversation", "MESSAGE_RECEIVED", "getConversationList"),
			Source: "semantics.md §3.7", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "old")
				bob.Receives()
				bob.Call("deleteConversation", "C2Calice")
				alice.Say("bob", "new")
				bob.Receives()
				bob.WantConversations("C2Calice")
				bob.Conversation("C2Calice").Want("lastMessage.messageForShow", "new").Want("unreadCount", 1)
			},
		},
		{
			Name: "the next message brings it back for the next login, counting by itself", Covers: covers("deleteConversation", "login", "getConversationList"),
			Source: "semantics.md §3.7", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "old")
				bob.Receives()
				bob.Call("deleteConversation", "C2Calice")
				bob.Call("logout")
				alice.Say("bob", "new")
				again := s.Login("bob")
				again.WantConversations("C2Calice")
				again.WantUnread("C2Calice", 1)
			},
		},
		{
			Name: "2.14 keeps the history of a deleted conversation, later versions delete it too", Covers: covers("deleteConversation", "getMessageList"),
			Source: "messages.md §7.3, semantics.md §3.7", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "old")
				bob.Receives()
				bob.Call("deleteConversation", "C2Calice")
				bob.Call("logout")
				again := s.Login("bob")
				s.WantOneOf("messages left", len(again.History("C2Calice")), Versions[int]{1, 0, 0})
				alice.Call("logout")
				s.Login("alice").HistoryTexts("C2Cbob", "old") // the peer's is untouched
			},
		},
		{
			Name: "the peer keeps its conversation", Covers: covered,
			Source: "semantics.md §3.7", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "hi")
				bob.Receives()
				bob.Quiet()
				alice.Call("deleteConversation", "C2Cbob")
				bob.Barrier()
				bob.WantFired("nothing")
				bob.WantConversations("C2Calice")
			},
		},
		{
			Name: "2.14 reads an unread conversation before it deletes it", Covers: covers("deleteConversation", "setMessageRead", "MESSAGE_READ_BY_PEER"), Level: Extended,
			Skip:   onlyFor("2.14", "later versions do not"),
			Source: "messages.md §7.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "hi")
				bob.Receives()
				bob.Call("deleteConversation", "C2Calice")
				bob.WantSent(protocol.CmdMsgReaded, 1)
				alice.Expect("MESSAGE_READ_BY_PEER", "#", 1)
			},
		},
		{
			Name: "an unknown conversation cannot be deleted: 2500, without a request", Covers: covered,
			Source: "messages.md §1.2", Run: func(s *Stage) {
				alice, _ := pair(s)
				alice.Fails(2500, "deleteConversation", "C2Cbob")
				alice.WantSent(protocol.CmdContactDelete, 0)
				alice.WantSent(protocol.CmdContactBatchDel, 0)
			},
		},
		{
			Name: "bad arguments of deleteConversation throw", Covers: covered,
			Source: "messages.md §1.2", Run: func(s *Stage) {
				u := s.Login("alice")
				u.Throws("deleteConversation")
				u.Throws("deleteConversation", "")
			},
		},
		{
			Name: "what the server refuses, deleteConversation passes on and deletes nothing", Covers: covered,
			Source: "messages.md §7.3", Run: func(s *Stage) {
				alice, _ := pair(s)
				alice.Say("bob", "hi")
				cmd := protocol.CmdContactDelete
				if s.later() {
					cmd = protocol.CmdContactBatchDel
				}
				s.RefuseOnce("alice", cmd, 50004)
				alice.Fails(50004, "deleteConversation", "C2Cbob")
				alice.WantConversations("C2Cbob")
			},
		},
		{
			Name: "one's other instance loses the conversation as well", Covers: covers("deleteConversation", "CONVERSATION_LIST_UPDATED"), Server: webInstances(2),
			Source: "messages.md §7.3", Run: func(s *Stage) {
				one, other := s.Login("alice"), s.Login("alice")
				s.CreateUsers("bob")
				one.Say("bob", "hi")
				other.Receives()
				other.WantConversations("C2Cbob")
				other.Quiet()
				one.Call("deleteConversation", "C2Cbob")
				other.ExpectThat("CONVERSATION_LIST_UPDATED", func(v Value) bool { return len(v.Array()) == 0 })
				other.WantConversations()
			},
		},
	}
}

func pinCases() []Case {
	covered := covers("pinConversation")
	pin := func(u *User, id string, on bool) {
		u.Call("pinConversation", args{"conversationID": id, "isPinned": on}).Want("conversationID", id)
	}
	// three conversations of alice: bob's is the oldest, dan's the newest.
	three := func(s *Stage) *User {
		s.CreateUsers("bob", "carol", "dan")
		alice := s.Login("alice")
		for _, to := range []string{"bob", "carol", "dan"} {
			alice.Say(to, "hi")
			s.AdvanceServer(2 * time.Second)
		}
		return alice
	}
	return []Case{
		{
			Name: "a pinned conversation comes first", Covers: covers("pinConversation", "getConversationList"),
			Source: "messages.md §7.2", Run: func(s *Stage) {
				alice := three(s)
				pin(alice, "C2Cbob", true)
				alice.WantConversations("C2Cbob", "C2Cdan", "C2Ccarol")
				alice.Conversation("C2Cbob").Want("isPinned", true)
				alice.Conversation("C2Cdan").Want("isPinned", false)
			},
		},
		{
			Name: "the list event shows the pin", Covers: covers("pinConversation", "CONVERSATION_LIST_UPDATED"),
			Source: "messages.md §7.3", Run: func(s *Stage) {
				alice := three(s)
				alice.Quiet()
				pin(alice, "C2Cbob", true)
				alice.ExpectThat("CONVERSATION_LIST_UPDATED", func(v Value) bool {
					return v.Get("0.conversationID").Str == "C2Cbob" && v.Get("0.isPinned").Bool()
				})
			},
		},
		{
			Name: "several pinned ones are in the order of their messages", Covers: covers("pinConversation", "getConversationList"),
			Source: "messages.md §7.2", Run: func(s *Stage) {
				alice := three(s)
				pin(alice, "C2Ccarol", true)
				pin(alice, "C2Cbob", true)
				alice.WantConversations("C2Ccarol", "C2Cbob", "C2Cdan")
			},
		},
		{
			Name: "a new message elsewhere does not come before a pinned one", Covers: covers("pinConversation", "getConversationList"),
			Source: "messages.md §7.2", Run: func(s *Stage) {
				alice := three(s)
				pin(alice, "C2Cbob", true)
				alice.Say("carol", "again")
				alice.WantConversations("C2Cbob", "C2Ccarol", "C2Cdan")
			},
		},
		{
			Name: "an unpinned conversation goes back to its place", Covers: covers("pinConversation", "getConversationList"),
			Source: "messages.md §7.3", Run: func(s *Stage) {
				alice := three(s)
				pin(alice, "C2Cbob", true)
				pin(alice, "C2Cbob", false)
				alice.WantConversations("C2Cdan", "C2Ccarol", "C2Cbob")
				alice.Conversation("C2Cbob").Want("isPinned", false)
			},
		},
		{
			Name: "a pin stays over a new login", Covers: covers("pinConversation", "login", "getConversationList"),
			Source: "messages.md §7.1", Run: func(s *Stage) {
				alice := three(s)
				pin(alice, "C2Cbob", true)
				alice.Call("logout")
				again := s.Login("alice")
				again.WantConversations("C2Cbob", "C2Cdan", "C2Ccarol")
				again.Conversation("C2Cbob").Want("isPinned", true)
			},
		},
		{
			Name: "pinning what is pinned makes no request", Covers: covered,
			Source: "messages.md §7.3", Run: func(s *Stage) {
				alice := three(s)
				pin(alice, "C2Cbob", false)
				alice.WantSent(protocol.CmdContactTop, 0)
				pin(alice, "C2Cbob", true)
				pin(alice, "C2Cbob", true)
				alice.WantSent(protocol.CmdContactTop, 1)
				alice.request(protocol.CmdContactTop).Want("From_Account", "alice").Want("OperationType", 1).
					Want("RecentContactItem", []args{{"Type": 1, "To_Account": "bob"}})
			},
		},
		{
			Name: "an unknown conversation cannot be pinned: 2500; 3.6 pins it all the same", Covers: covered,
			Source: "messages.md §1.2", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				_, failed := alice.Try("pinConversation", args{"conversationID": "C2Cbob", "isPinned": true})
				code := 0
				if failed != nil {
					code = failed.Code
				}
				s.WantOneOf("code of pinConversation", code, Versions[int]{2500, 2500, 0})
			},
		},
		{
			Name: "bad arguments of pinConversation throw", Covers: covered,
			Source: "messages.md §1.2", Run: func(s *Stage) {
				u := s.Login("alice")
				u.Throws("pinConversation")
				u.Throws("pinConversation", args{"conversationID": "C2Cbob"})
				u.Throws("pinConversation", args{"conversationID": "C2Cbob", "isPinned": 1})
				u.Throws("pinConversation", args{"conversationID": "bob", "isPinned": true})
				u.Throws("pinConversation", args{"isPinned": true})
			},
		},
		{
			Name: "what the server refuses, pinConversation passes on and pins nothing", Covers: covered,
			Source: "messages.md §9", Run: func(s *Stage) {
				alice := three(s)
				s.RefuseOnce("alice", protocol.CmdContactTop, 50006)
				alice.Fails(50006, "pinConversation", args{"conversationID": "C2Cbob", "isPinned": true})
				alice.Conversation("C2Cbob").Want("isPinned", false)
				alice.WantConversations("C2Cdan", "C2Ccarol", "C2Cbob")
			},
		},
		{
			Name: "the fifty-first pin is refused with 51012", Covers: covered, Level: Extended,
			Source: "semantics.md §3.7", Run: func(s *Stage) {
				alice := s.Login("alice")
				for i := range 51 {
					peer := fmt.Sprintf("peer%02d", i)
					s.CreateUsers(peer)
					alice.Say(peer, "hi")
				}
				for i := range 50 {
					pin(alice, fmt.Sprintf("C2Cpeer%02d", i), true)
				}
				alice.Fails(51012, "pinConversation", args{"conversationID": "C2Cpeer50", "isPinned": true})
				pin(alice, "C2Cpeer00", false)
				pin(alice, "C2Cpeer50", true)
			},
		},
		{
			Name: "pin and unpin are told to one's other instance", Covers: covers("pinConversation", "CONVERSATION_LIST_UPDATED"), Server: webInstances(2),
			Source: "messages.md §7.3", Run: func(s *Stage) {
				one, other := s.Login("alice"), s.Login("alice")
				s.CreateUsers("bob", "carol")
				one.Say("bob", "hi")
				s.AdvanceServer(2 * time.Second)
				one.Say("carol", "hi")
				other.ReceivesTexts("hi", "hi")
				other.Quiet()
				pin(one, "C2Cbob", true)
				other.ExpectThat("CONVERSATION_LIST_UPDATED", func(v Value) bool { return v.Get("0.isPinned").Bool() })
				other.WantConversations("C2Cbob", "C2Ccarol")
				pin(one, "C2Cbob", false)
				other.ExpectThat("CONVERSATION_LIST_UPDATED", func(v Value) bool { return !v.Get("0.isPinned").Bool() })
				other.WantConversations("C2Ccarol", "C2Cbob")
			},
		},
		{
			Name: "a deleted conversation comes back unpinned", Covers: covers("pinConversation", "deleteConversation", "login"), Level: Extended,
			Source: "semantics.md §3.7, a choice", Run: func(s *Stage) {
				alice := three(s)
				pin(alice, "C2Cbob", true)
				alice.Call("deleteConversation", "C2Cbob")
				alice.Say("bob", "again")
				alice.Call("logout")
				s.Login("alice").Conversation("C2Cbob").Want("isPinned", false)
			},
		},
	}
}

// WantFired checks all events since the last Expect or Settle.
func (u *User) WantFired(names string) {
	if got := u.fired(u.seen); got != names {
		u.stage.Failf("%s fired %s, want %s", u.label(), got, names)
	}
}
