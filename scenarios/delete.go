package scenarios

import (
	"fmt"
	"time"

	"github.com/imsim/imsim/protocol"
)

func deleteCases() []Case {
	deletes := covers("deleteMessage")
	history := covers("deleteMessage", "getMessageList")
	return []Case{
		{
			Name: "deleteMessage resolves with the deleted messages", Covers: deletes,
			Source: "messages.md §5.1", Run: func(s *Stage) {
				alice, _ := pair(s)
				one, two := alice.Say("bob", "one"), alice.Say("bob", "two")
				alice.Say("bob", "three")
				list := alice.Delete(one, two)
				list.Want("#", 2).Want("0.ID", one.Get("ID").Str).Want("1.ID", two.Get("ID").Str)
				list.Want("0.isDeleted", true).Want("1.isDeleted", true)
				alice.read(one).Want("isDeleted", true)
			},
		},
		{
			Name: "until the next login a deleted message stays in the list, marked as deleted", Covers: history,
			Source: "messages.md §5.1", Run: func(s *Stage) {
				alice, _ := pair(s)
				alice.Say("bob", "one")
				m := alice.Say("bob", "two")
				alice.Say("bob", "three")
				alice.Delete(m)
				for _, left := range alice.History("C2Cbob") {
					left.Want("isDeleted", left.Get("payload.text").Str == "two")
				}
			},
		},
		{
			Name: "a deleted message is gone after a new login", Covers: history,
			Source: "messages.md §5.1", Run: func(s *Stage) {
				alice, _ := pair(s)
				alice.Say("bob", "one")
				m := alice.Say("bob", "two")
				alice.Say("bob", "three")
				alice.Delete(m)
				alice.Call("logout")
				s.Login("alice").HistoryTexts("C2Cbob", "one", "three")
			},
		},
		{
			Name: "the sender's deletion leaves the receiver's history whole", Covers: history,
			Source: "messages.md §5.1", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "one")
				alice.Say("bob", "two")
				bob.ReceivesTexts("one", "two")
				alice.Delete(m)
				bob.HistoryTexts("C2Calice", "one", "two")
				bob.Call("logout")
				s.Login("bob").HistoryTexts("C2Calice", "one", "two")
			},
		},
		{
			Name: "the receiver's deletion leaves the sender's history whole", Covers: history,
			Source: "messages.md §5.1", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				m := bob.Receives()
				alice.Say("bob", "two")
				bob.ReceivesTexts("one", "two")
				bob.Delete(m)
				alice.Call("logout")
				s.Login("alice").HistoryTexts("C2Cbob", "one", "two")
				bob.Call("logout")
				s.Login("bob").HistoryTexts("C2Calice", "two")
			},
		},
		{
			Name: "messages from a page of history are deleted for the next login", Covers: history,
			Source: "messages.md §5.1", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				for _, text := range []string{"one", "two", "three"} {
					alice.Say("bob", text)
				}
				bob := s.Login("bob")
				list := bob.History("C2Calice")
				bob.Delete(list[0], list[2])
				bob.Call("logout")
				s.Login("bob").HistoryTexts("C2Calice", "two")
			},
		},
		{
			Name: "one's own and the peer's messages are deleted together", Covers: history,
			Source: "messages.md §5.1", Run: func(s *Stage) {
				alice, bob := pair(s)
				mine := alice.Say("bob", "mine")
				bob.Say("alice", "yours")
				theirs := alice.Receives()
				alice.Say("bob", "kept")
				alice.Delete(mine, theirs).Want("#", 2)
				alice.Call("logout")
				s.Login("alice").HistoryTexts("C2Cbob", "kept")
			},
		},
		{
			Name: "a deletion fires nothing at the peer", Covers: covers("deleteMessage", "CONVERSATION_LIST_UPDATED"),
			Source: "messages.md §5.1", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "one")
				bob.ReceivesTexts("one")
				bob.Quiet()
				alice.Delete(m)
				bob.Barrier()
				bob.WantFired("nothing")
				bob.Conversation("C2Calice").Want("lastMessage.messageForShow", "one")
			},
		},
		{
			Name: "a deletion is not told to one's other instance", Covers: covers("deleteMessage", "getMessageList"),
			Server: webInstances(2), Source: "semantics.md §3.5, messages.md §5.1", Run: func(s *Stage) {
				one, other, bob := s.Login("alice"), s.Login("alice"), s.Login("bob")
				m := one.Say("bob", "one")
				one.Say("bob", "two")
				other.ReceivesTexts("one", "two")
				bob.ReceivesTexts("one", "two")
				other.Quiet()
				one.Delete(m)
				other.Barrier()
				other.WantFired("nothing")
				other.read(other.Received()[0]).Want("isDeleted", false)
			},
		},
		{
			Name: "thirty messages are deleted at most, the rest is ignored", Covers: history,
			Source: "messages.md §5.1", Run: func(s *Stage) {
				alice, _ := pair(s)
				var list []Value
				for i := range 35 {
					list = append(list, alice.Say("bob", fmt.Sprint(i)))
				}
				alice.Delete(list...).Want("#", 30)
				alice.request(protocol.CmdDeleteC2C).Want("MsgKeyList.#", 30)
				alice.read(list[29]).Want("isDeleted", true)
				alice.read(list[30]).Want("isDeleted", false)
				alice.Call("logout")
				s.Login("alice").HistoryTexts("C2Cbob", "30", "31", "32", "33", "34")
			},
		},
		{
			Name: "only messages of the first one's conversation are deleted", Covers: deletes,
			Source: "messages.md §5.1", Run: func(s *Stage) {
				alice, _ := pair(s)
				s.CreateUsers("carol")
				m, other := alice.Say("bob", "to bob"), alice.Say("carol", "to carol")
				alice.Say("carol", "more")
				alice.Delete(m, other).Want("#", 1).Want("0.payload.text", "to bob")
				alice.read(other).Want("isDeleted", false)
				alice.HistoryTexts("C2Ccarol", "to carol", "more")
			},
		},
		{
			Name: "a message that was not sent is not deleted", Covers: deletes,
			Source: "messages.md §5.1", Run: func(s *Stage) {
				alice, _ := pair(s)
				draft := alice.Text("bob", "draft")
				alice.Delete(draft).Want("#", 0)
				alice.read(draft).Want("isDeleted", false)
				alice.WantSent(protocol.CmdDeleteC2C, 0)
			},
		},
		{
			Name: "the request names both parties and the messages by their keys", Covers: deletes,
			Source: "messages.md §5.1", Run: func(s *Stage) {
				alice, bob := pair(s)
				mine := alice.Say("bob", "mine")
				bob.Say("alice", "yours")
				theirs := alice.Receives()
				alice.Delete(mine, theirs)
				alice.request(protocol.CmdDeleteC2C).Want("From_Account", "alice").Want("To_Account", "bob").
					Want("MsgKeyList", []string{mine.msgKey(), theirs.msgKey()})
			},
		},
		{
			Name: "deleteMessage without a message throws", Covers: deletes,
			Source: "messages.md §1.2", Run: func(s *Stage) {
				alice := s.Login("alice")
				alice.Throws("deleteMessage")
				alice.Throws("deleteMessage", []any{})
			},
		},
		{
			Name: "what the server refuses, deleteMessage passes on and deletes nothing", Covers: deletes,
			Source: "messages.md §5.1", Run: func(s *Stage) {
				alice, _ := pair(s)
				m := alice.Say("bob", "stays")
				for _, code := range []int{20018, 10034, 98765} {
					s.RefuseOnce("alice", protocol.CmdDeleteC2C, code)
					alice.Fails(code, "deleteMessage", refs([]Value{m}))
				}
				alice.read(m).Want("isDeleted", false)
				alice.HistoryTexts("C2Cbob", "stays")
			},
		},
		{
			Name: "the last message moves to the newest that is left", Covers: covers("deleteMessage", "getConversationList", "CONVERSATION_LIST_UPDATED"),
			Source: "messages.md §5.1", Run: func(s *Stage) {
				alice, _ := pair(s)
				for _, text := range []string{"one", "two", "three"} {
					alice.Say("bob", text)
					s.AdvanceServer(2 * time.Second) // 2.14 moves on only to another second
				}
				list := alice.History("C2Cbob")
				alice.Settle()
				alice.Delete(list[2])
				alice.ExpectThat("CONVERSATION_LIST_UPDATED", func(v Value) bool { return v.Get("0.lastMessage.messageForShow").Str == "two" })
				alice.Conversation("C2Cbob").Want("lastMessage.messageForShow", "two")
			},
		},
		{
			Name: "deleting an older message leaves the last message", Covers: covers("deleteMessage", "getConversationList"),
			Source: "messages.md §5.1", Run: func(s *Stage) {
				alice, _ := pair(s)
				m := alice.Say("bob", "one")
				s.AdvanceServer(2 * time.Second)
				alice.Say("bob", "two")
				alice.Delete(m)
				alice.Conversation("C2Cbob").Want("lastMessage.messageForShow", "two")
			},
		},
		{
			Name: "after a new login the list shows the newest message that is left", Covers: covers("deleteMessage", "getConversationList", "login"),
			Source: "messages.md §5.1, §7.1", Run: func(s *Stage) {
				alice, _ := pair(s)
				alice.Say("bob", "one")
				alice.Delete(alice.Say("bob", "two"))
				alice.Call("logout")
				s.Login("alice").Conversation("C2Cbob").Want("lastMessage.messageForShow", "one")
			},
		},
		{
			Name: "an unread message that is deleted no longer counts after a new login", Covers: covers("deleteMessage", "getConversationList", "login"),
			Level: Extended, Source: "messages.md §7.2", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				m := bob.Receives()
				alice.Say("bob", "two")
				bob.ReceivesTexts("one", "two")
				bob.Delete(m)
				bob.Call("logout")
				s.Login("bob").WantUnread("C2Calice", 1)
			},
		},
		{
			Name: "an online-only message is deleted without a request", Covers: deletes,
			Source: "messages.md §5.1", Run: func(s *Stage) {
				alice, _ := pair(s)
				m := alice.Send(alice.Text("bob", "now"), onlineOnly)
				alice.Delete(m).Want("#", 1).Want("0.isDeleted", true)
				alice.WantSent(protocol.CmdDeleteC2C, 0)
			},
		},
		{
			Name: "a recalled message can be deleted", Covers: covers("deleteMessage", "revokeMessage"), Level: Extended,
			Source: "messages.md §5.1", Run: func(s *Stage) {
				alice, _ := pair(s)
				m := alice.Say("bob", "oops")
				alice.Say("bob", "kept")
				alice.Revoke(m)
				alice.Delete(m)
				alice.Call("logout")
				s.Login("alice").HistoryTexts("C2Cbob", "kept")
			},
		},
		{
			Name: "three deletions in a row go through", Covers: deletes,
			Source: "messages.md §1.2", Run: func(s *Stage) {
				alice, _ := pair(s)
				list := []Value{alice.Say("bob", "1"), alice.Say("bob", "2"), alice.Say("bob", "3"), alice.Say("bob", "4")}
				for _, m := range list[:3] {
					alice.Delete(m).Want("0.isDeleted", true)
				}
				alice.Call("logout")
				s.Login("alice").HistoryTexts("C2Cbob", "4")
			},
		},
		{
			Name: "when all is deleted the history is empty", Covers: history, Level: Extended,
			Source: "messages.md §5.1, §5.2", Run: func(s *Stage) {
				alice, _ := pair(s)
				alice.Delete(alice.Say("bob", "1"), alice.Say("bob", "2"))
				alice.Call("logout")
				s.Login("alice").page("C2Cbob", "").Want("messageList", []any{}).Want("isCompleted", true)
			},
		},
	}
}
