package scenarios

import (
	"fmt"
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
)

func groupMessageCases() []Case {
	return []Case{
		{
			Name: "a text reaches all members once, in order", Covers: covers("sendMessage", "MESSAGE_RECEIVED"), Source: "groups.md §5.4",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob", "carol")
				alice, bob := users[0], users[1]
				sent := alice.SayIn("g1", "one")
				sent.Want("status", "success").Want("conversationID", "GROUPg1").Want("to", "g1").WantSome("sequence").WantSome("time")
				got := bob.Hears("one")
				got.Want("flow", "in").Want("from", "alice").Want("conversationID", "GROUPg1").Want("sequence", sent.Get("sequence").Int())
				next := bob.SayIn("g1", "two")
				next.Want("sequence", sent.Get("sequence").Int()+1)
				users[2].Hears("one")
				users[2].Hears("two")
				alice.NoMessage("the own text", func(m Value) bool { return m.Get("payload.text").Str == "one" })
				alice.Hears("two")
			},
		},
		{
			Name: "the sender's other instance gets a copy that is not unread", Covers: covers("sendMessage"), Source: "messages.md §3.2",
			Server: webInstances(2),
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				other := s.Login("alice")
				s.settle(other)
				users[0].SayIn("g1", "copied")
				other.Hears("copied").Want("flow", "out").Want("from", "alice")
			},
		},
		{
			Name: "who is not a member cannot send", Covers: covers("sendMessage"), Source: "semantics.md §3.4",
			Run: func(s *Stage) {
				s.Login("alice").NewGroup(groupPublic, "g1", nil)
				bob := s.Login("bob")
				bob.Fails(10007, "sendMessage", bob.GroupText("g1", "hello").Ref())
				bob.Fails(10010, "sendMessage", bob.GroupText("nothing", "hello").Ref())
			},
		},
		{
			Name: "a repeated send is one message", Covers: covers("resendMessage"), Source: "messages.md §2.4",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				sent := alice.SayIn("g1", "once")
				again := alice.Call("resendMessage", sent.Ref()).Get("message")
				again.Want("sequence", sent.Get("sequence").Int())
				bob.Hears("once")
				alice.SayIn("g1", "after")
				bob.Hears("after").Want("sequence", sent.Get("sequence").Int()+1)
			},
		},
		{
			Name: "unread messages are counted and read", Covers: covers("setMessageRead", "getConversationList"), Source: "messages.md §5.4",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				bob.Call("setMessageRead", args{"conversationID": "GROUPg1"})
				alice.SayIn("g1", "one")
				alice.SayIn("g1", "two")
				bob.Hears("two")
				bob.WantUnread("GROUPg1", 2)
				bob.Call("setMessageRead", args{"conversationID": "GROUPg1"})
				bob.WantUnread("GROUPg1", 0)
			},
		},
		{
			Name: "messages of the time away are unread after the next login", Covers: covers("login", "getConversationList", "getMessageList"), Source: "messages.md §7.1",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				bob.Call("setMessageRead", args{"conversationID": "GROUPg1"})
				bob.Call("logout")
				for i := range 3 {
					alice.SayIn("g1", fmt.Sprint("text ", i))
				}
				again := s.Login("bob")
				again.WantUnread("GROUPg1", 3)
				again.Conversation("GROUPg1").Want("lastMessage.messageForShow", "text 2").Want("type", "GROUP")
				again.GroupHistory("g1", "text 0", "text 1", "text 2")
				again.Call("setMessageRead", args{"conversationID": "GROUPg1"})
				again.Call("logout")
				s.Login("bob").WantUnread("GROUPg1", 0)
			},
		},
		{
			Name: "newcomers see the history from their joining on", Covers: covers("getMessageList", "joinGroup"), Source: "semantics.md §1.1",
			Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				alice.NewGroup(groupPublic, "g1", openGroup)
				alice.SayIn("g1", "before")
				bob.Call("joinGroup", args{"groupID": "g1"})
				alice.SayIn("g1", "after")
				bob.Hears("after")
				bob.Call("logout")
				s.Login("bob").GroupHistory("g1", "after")
			},
		},
		{
			Name: "newcomers to a meeting see all of its history", Covers: covers("getMessageList", "joinGroup"), Source: "semantics.md §1.1",
			Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				alice.NewGroup(groupMeeting, "m1", nil)
				alice.SayIn("m1", "before")
				bob.Call("joinGroup", args{"groupID": "m1"})
				alice.SayIn("m1", "after")
				bob.Hears("after")
				bob.Call("logout")
				s.Login("bob").GroupHistory("m1", "before", "after")
			},
		},
		{
			Name: "a long history comes in pages", Covers: covers("getMessageList"), Source: "messages.md §5.3",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				want := []string{}
				for i := range 40 {
					want = append(want, fmt.Sprint("text ", i))
					users[0].SayIn("g1", want[i])
				}
				users[1].Call("logout")
				s.Login("bob").GroupHistory("g1", want...)
			},
		},
		{
			Name: "a recalled message is revoked for all, also in the history", Covers: covers("revokeMessage", "MESSAGE_REVOKED"), Source: "messages.md §4",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				sent := alice.SayIn("g1", "oops")
				bob.Hears("oops")
				alice.Call("revokeMessage", sent.Ref()).Get("message").Want("isRevoked", true)
				bob.Expect("MESSAGE_REVOKED", "0.sequence", sent.Get("sequence").Int(), "0.isRevoked", true)
				late := alice.SayIn("g1", "too late")
				s.AdvanceServer(121 * time.Second)
				alice.Fails(10031, "revokeMessage", late.Ref())
			},
		},
		{
			Name: "a deleted message is gone for the one who deleted it", Covers: covers("deleteMessage"), Source: "messages.md §5.1",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				alice.SayIn("g1", "keep")
				alice.SayIn("g1", "drop")
				got := bob.Hears("drop")
				bob.Call("deleteMessage", []any{got.Ref()}).Want("messageList.0.isDeleted", true)
				bob.Call("logout")
				s.Login("bob").GroupHistory("g1", "keep")
				alice.GroupHistory("g1", "keep", "drop")
			},
		},
		{
			Name: "who is mentioned finds it in the conversation, also after a login", Covers: covers("createTextAtMessage", "setMessageRead", "getConversationList"), Source: "messages.md §3.4",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob", "carol")
				alice, bob, carol := users[0], users[1], users[2]
				m := alice.Send(alice.Call("createTextAtMessage", args{
					"to": "g1", "conversationType": convGroup, "payload": args{"text": "@bob look", "atUserList": []string{"bob"}},
				}))
				bob.Hears("@bob look").Want("atUserList", []string{"bob"})
				bob.Barrier()
				bob.Conversation("GROUPg1").Want("groupAtInfoList.0.messageSequence", m.Get("sequence").Int()).
					Want("groupAtInfoList.0.from", "alice").Want("groupAtInfoList.0.atTypeArray", []int{1})
				carol.Hears("@bob look")
				carol.Conversation("GROUPg1").Want("groupAtInfoList.#", 0)
				bob.Call("setMessageRead", args{"conversationID": "GROUPg1"})
				bob.Barrier()
				bob.Conversation("GROUPg1").Want("groupAtInfoList.#", 0)
			},
		},
		{
			Name: "an online-only message is not kept", Covers: covers("sendMessage"), Source: "semantics.md §3.3",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				first := alice.SayIn("g1", "kept")
				alice.Send(alice.GroupText("g1", "fleeting"), args{"onlineUserOnly": true})
				bob.Hears("fleeting")
				alice.SayIn("g1", "last").Want("sequence", first.Get("sequence").Int()+1)
				bob.Call("logout")
				s.Login("bob").GroupHistory("g1", "kept", "last")
			},
		},
		{
			Name: "messages missed by a disconnection are caught up", Covers: covers("MESSAGE_RECEIVED"), Needs: []string{port.CapClock}, Source: "messages.md §6",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				alice.SayIn("g1", "first")
				bob.Hears("first")
				s.Advance(settled)
				s.Fault(fakeserver.Fault{UserID: "bob", HangConnections: true})
				s.Cut("bob")
				alice.SayIn("g1", "missed 1")
				alice.SayIn("g1", "missed 2")
				s.ClearFaults()
				bob.comeBack()
				bob.Hears("missed 1")
				bob.ExpectText("missed 2")
			},
		},
		{
			Name: "notices of the time away are there after the login", Covers: covers("login", "getMessageList"), Source: "groups.md §5.3",
			Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				alice.NewGroup(groupWork, "w1", nil, "bob")
				bob := s.Login("bob")
				bob.WaitGroups("w1")
				if !s.later() { // these list the conversations that the server has, and no other
					bob.WantUnread("@TIM#SYSTEM", 0)
				}
				bob.Call("getMessageList", args{"conversationID": "@TIM#SYSTEM"}).Get("messageList").Want("0.payload.operationType", 7)
			},
		},
		{
			Name: "2.14 announces the groups once at a login, whatever notices wait", Covers: covers("login", "GROUP_LIST_UPDATED"), Source: "groups.md §3.1, session.md §5",
			Skip: onlyFor("2.14", "later versions hold list events back"),
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				alice.SayIn("g1", "one")
				bob.Hears("one")
				alice.Call("logout")
				alice = s.Login("alice")
				bob.Call("logout")
				bob = s.Login("bob") // finds the notice that it was added
				for _, u := range []*User{alice, bob} {
					if n := len(u.Events("GROUP_LIST_UPDATED")); n != 1 {
						s.Failf("%s: %d GROUP_LIST_UPDATED at the login, want 1", u.label(), n)
					}
				}
			},
		},
		{
			Name: "a group conversation can be pinned and deleted", Covers: covers("pinConversation", "deleteConversation"), Source: "messages.md §7.3",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				alice.SayIn("g1", "one")
				bob.Hears("one")
				bob.Call("pinConversation", args{"conversationID": "GROUPg1", "isPinned": true})
				bob.Call("logout")
				bob = s.Login("bob")
				bob.Conversation("GROUPg1").Want("isPinned", true)
				bob.Call("deleteConversation", "GROUPg1").Want("conversationID", "GROUPg1")
				alice.SayIn("g1", "two")
				bob.Hears("two")
				bob.Conversation("GROUPg1").Want("isPinned", false)
			},
		},
	}
}

// ExpectText checks that a text came, now or together with what was found
// last: versions differ in how many messages an event has.
func (u *User) ExpectText(text string) {
	for _, m := range u.Received() {
		if m.Get("payload.text").Str == text {
			return
		}
	}
	u.Hears(text)
}

// GroupHistory checks the texts of a group's whole history; tips and the
// custom message that announces a new group are left out.
func (u *User) GroupHistory(id string, texts ...string) {
	list := []string{}
	for _, m := range u.History("GROUP" + id) {
		if m.Get("type").Str == msgText {
			list = append(list, m.Get("payload.text").Str)
		}
	}
	if fmt.Sprint(list) != fmt.Sprint(texts) {
		u.stage.Failf("%s: history of %s is %q, want %q", u.label(), id, cut(list), cut(texts))
	}
}
