package scenarios

import (
	"fmt"
	"slices"
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/protocol"
)

func historyCases() []Case {
	covered := covers("getMessageList")
	// filled is bob's login after alice sent him that many messages.
	filled := func(s *Stage, n int) *User {
		s.CreateUsers("bob")
		alice := s.Login("alice")
		for i := range n {
			alice.Say("bob", fmt.Sprint(i))
		}
		return s.Login("bob")
	}
	texts := func(from, to int) []string { // [from, to)
		list := []string{}
		for i := from; i < to; i++ {
			list = append(list, fmt.Sprint(i))
		}
		return list
	}
	list := []Case{
		{
			Name: "forty messages come in pages of fifteen, the newest page first", Covers: covered,
			Source: "messages.md §5.2", Run: func(s *Stage) {
				bob := filled(s, 40)
				one := bob.page("C2Calice", "", "count", 15)
				one.WantTexts(texts(25, 40)).Want("isCompleted", false).Want("nextReqMessageID", one.Get("messageList.0.ID").Str)
				two := bob.page("C2Calice", one.Get("nextReqMessageID").Str, "count", 15)
				two.WantTexts(texts(10, 25)).Want("isCompleted", false).Want("nextReqMessageID", two.Get("messageList.0.ID").Str)
				three := bob.page("C2Calice", two.Get("nextReqMessageID").Str, "count", 15)
				three.WantTexts(texts(0, 10)).Want("isCompleted", true)
			},
		},
		{
			Name: "on the last page nextReqMessageID is the oldest message in 2.14, empty in later versions", Covers: covered,
			Source: "messages.md §5.2", Run: func(s *Stage) {
				bob := filled(s, 3)
				page := bob.page("C2Calice", "")
				page.Want("isCompleted", true).WantVersion("nextReqMessageID", from227[any](page.Get("messageList.0.ID").Str, ""))
			},
		},
		{
			Name: "without a count a page has fifteen messages", Covers: covered,
			Source: "messages.md §5.2", Run: func(s *Stage) {
				bob := filled(s, 18)
				bob.page("C2Calice", "").WantTexts(texts(3, 18)).Want("isCompleted", false)
			},
		},
		{
			Name: "a count over fifteen is cut to fifteen", Covers: covered,
			Source: "messages.md §5.2", Run: func(s *Stage) {
				bob := filled(s, 18)
				bob.page("C2Calice", "", "count", 100).WantTexts(texts(3, 18))
			},
		},
		{
			Name: "a conversation without a message gives an empty, complete page", Covers: covered,
			Source: "messages.md §5.2", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				alice.page("C2Cbob", "").Want("messageList", []any{}).Want("isCompleted", true).Want("nextReqMessageID", "")
			},
		},
		{
			Name: "bad arguments of getMessageList throw", Covers: covered,
			Source: "messages.md §1.2", Run: func(s *Stage) {
				u := s.Login("alice")
				u.Throws("getMessageList")
				u.Throws("getMessageList", args{})
				u.Throws("getMessageList", args{"conversationID": ""})
				u.Throws("getMessageList", args{"conversationID": "bob"})
				u.Throws("getMessageList", args{"conversationID": "C2Cbob", "count": 0})
				u.Throws("getMessageList", args{"conversationID": "C2Cbob", "count": -1})
				u.Throws("getMessageList", args{"conversationID": "C2Cbob", "count": "15"})
			},
		},
		{
			Name: "an unknown nextReqMessageID gives the list but its last message, complete", Covers: covered, Level: Extended,
			Source: "messages.md §5.2", Run: func(s *Stage) {
				bob := filled(s, 5)
				bob.page("C2Calice", "")
				bob.page("C2Calice", "C2Calice-1-2-0").WantTexts(texts(0, 4)).Want("isCompleted", true)
			},
		},
		{
			Name: "both sides' messages come in the order in which they were sent", Covers: covered,
			Source: "messages.md §5.2", Run: func(s *Stage) {
				alice, bob := pair(s)
				for i := range 3 {
					alice.Say("bob", fmt.Sprint("a", i))
					bob.Receives()
					bob.Say("alice", fmt.Sprint("b", i))
					alice.Receives()
				}
				for _, u := range []*User{alice, bob} {
					u.Call("logout")
				}
				s.Login("alice").HistoryTexts("C2Cbob", "a0", "b0", "a1", "b1", "a2", "b2")
				s.Login("bob").HistoryTexts("C2Calice", "a0", "b0", "a1", "b1", "a2", "b2")
			},
		},
		{
			Name: "a message in the history has the fields that it was sent with", Covers: covered,
			Source: "messages.md §5.2", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				sent := alice.Send(alice.Create("createTextMessage", "bob", args{"text": "x"}, "cloudCustomData", "extra"))
				bob := s.Login("bob")
				m := bob.page("C2Calice", "").Get("messageList.0")
				m.Want("from", "alice").Want("to", "bob").Want("flow", "in").Want("conversationID", "C2Calice").Want("status", "success")
				m.Want("time", sent.Get("time").Int()).Want("sequence", sent.Get("sequence").Int()).Want("random", sent.Get("random").Int())
				m.Want("cloudCustomData", "extra").Want("isRevoked", false).Want("isDeleted", false).Want("isModified", false)
			},
		},
		{
			Name: "what was received live is not listed twice", Covers: covers("getMessageList", "MESSAGE_RECEIVED"),
			Source: "messages.md §3.1, §5.2", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				alice.Say("bob", "old")
				bob := s.Login("bob")
				bob.Barrier()
				alice.Say("bob", "live")
				bob.ReceivesTexts("live")
				bob.HistoryTexts("C2Calice", "old", "live")
				bob.HistoryTexts("C2Calice", "old", "live")
			},
		},
		{
			Name: "what was sent in this login is in the list", Covers: covers("getMessageList", "sendMessage"),
			Source: "messages.md §5.2", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "one")
				bob.Receives()
				bob.Say("alice", "two")
				alice.Receives()
				alice.HistoryTexts("C2Cbob", "one", "two")
				alice.History("C2Cbob")[0].Want("ID", m.Get("ID").Str)
			},
		},
		{
			Name: "the object of the list is the one that was sent", Covers: covers("getMessageList", "sendMessage"),
			Needs: []string{"identity"}, Level: Extended, Source: "messages.md §2.1", Run: func(s *Stage) {
				alice, _ := pair(s)
				m := alice.Say("bob", "one")
				alice.History("C2Cbob")[0].Want("$ref", m.Get("$ref").Str)
			},
		},
		{
			Name: "a page needs no request when all of it is at hand", Covers: covered, Level: Extended,
			Source: "messages.md §5.2", Run: func(s *Stage) {
				bob := filled(s, 3)
				bob.History("C2Calice")
				n := len(bob.requests(protocol.CmdGetRoamMsg))
				bob.History("C2Calice")
				bob.WantSent(protocol.CmdGetRoamMsg, n)
			},
		},
		{
			Name: "the first request asks for the newest messages with the recalled ones", Covers: covered,
			Source: "messages.md §5.2", Run: func(s *Stage) {
				bob := filled(s, 2)
				bob.page("C2Calice", "")
				bob.requests(protocol.CmdGetRoamMsg)[0].Want("Peer_Account", "alice").Want("LastMsgTime", 0).Want("MsgKey", "").Want("WithRecalledMsg", 1)
			},
		},
		{
			Name: "the unread messages of the list are the newest incoming ones", Covers: covers("getMessageList", "setMessageRead"),
			Source: "messages.md §5.2", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "read")
				bob.ReceivesTexts("read")
				bob.Read("alice")
				bob.Call("logout")
				s.AdvanceServer(2 * time.Second)
				alice.Say("bob", "new 1")
				alice.Say("bob", "new 2")
				again := s.Login("bob")
				again.WantUnread("C2Calice", 2)
				again.WantEach("C2Calice", "isRead", []bool{true, false, false})
			},
		},
		{
			Name: "with nothing unread, a recalled message has the newest one taken for unread", Covers: covers("getMessageList", "revokeMessage"),
			Level: Extended, Source: "messages.md §5.2", Run: func(s *Stage) {
				alice, bob := pair(s)
				oops := alice.Say("bob", "oops")
				s.AdvanceServer(time.Second)
				alice.Say("bob", "hi")
				bob.ReceivesTexts("oops", "hi")
				bob.Read("alice")
				alice.Revoke(oops)
				bob.Expect("MESSAGE_REVOKED")
				bob.Call("logout")
				again := s.Login("bob")
				again.WantUnread("C2Calice", 0)
				again.WantEach("C2Calice", "isRead", []bool{true, false})
			},
		},
		{
			Name: "isPeerRead of the history tells what the peer has read", Covers: covers("getMessageList", "MESSAGE_READ_BY_PEER"),
			Source: "messages.md §5.2", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "read")
				bob.ReceivesTexts("read")
				bob.Read("alice")
				alice.Expect("MESSAGE_READ_BY_PEER")
				s.AdvanceServer(2 * time.Second)
				alice.Say("bob", "unread")
				alice.Call("logout")
				again := s.Login("alice")
				again.WantEach("C2Cbob", "isPeerRead", []bool{true, false})
				again.Expect("MESSAGE_READ_BY_PEER", "#", 1, "0.payload.text", "read")
			},
		},
		{
			Name: "retention: after seven days of the server's clock the history is gone", Covers: covers("getMessageList", "getConversationList"),
			Source: "semantics.md §3.3, §3.7", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				alice.Say("bob", "old")
				s.AdvanceServer(7*24*time.Hour - time.Hour)
				alice.Say("bob", "young")
				s.AdvanceServer(2 * time.Hour)
				bob := s.Login("bob")
				bob.HistoryTexts("C2Calice", "young")
				bob.WantUnread("C2Calice", 1)
			},
		},
		{
			Name: "retention can be set; a conversation ends with its last message", Covers: covers("getMessageList", "getConversationList"),
			Server: func(o *fakeserver.Options) { o.Retention = time.Hour },
			Source: "semantics.md §3.7", Run: func(s *Stage) {
				s.CreateUsers("bob", "carol")
				alice := s.Login("alice")
				alice.Say("bob", "old")
				alice.Say("carol", "old")
				s.AdvanceServer(time.Hour + time.Minute)
				alice.Say("carol", "young")
				alice.Call("logout")
				again := s.Login("alice")
				again.WantConversations("C2Ccarol")
				again.HistoryTexts("C2Cbob")
				again.HistoryTexts("C2Ccarol", "young")
			},
		},
		{
			Name: "the system conversation's list is empty and makes no request", Covers: covered, Level: Extended,
			Source: "messages.md §5.2", Run: func(s *Stage) {
				alice := s.Login("alice")
				n := len(alice.requests(protocol.CmdGetRoamMsg))
				alice.page("@TIM#SYSTEM", "").Want("messageList", []any{}).WantVersion("isCompleted", from227[any](false, true))
				alice.WantSent(protocol.CmdGetRoamMsg, n)
			},
		},
		{
			Name: "what the server refuses, getMessageList passes on", Covers: covered, Level: Extended,
			Source: "messages.md §5.2", Run: func(s *Stage) {
				bob := filled(s, 2)
				s.RefuseOnce("bob", protocol.CmdGetRoamMsg, 20004)
				bob.Fails(20004, "getMessageList", args{"conversationID": "C2Calice"})
				bob.HistoryTexts("C2Calice", "0", "1")
			},
		},
	}
	// Every page size gives the same history; later versions page by fifteen
	// whatever is asked.
	for _, count := range []int{1, 7, 14} {
		list = append(list, Case{
			Name: fmt.Sprintf("pages of %d make up the whole history", count), Covers: covered,
			Source: "messages.md §5.2", Run: func(s *Stage) {
				bob := filled(s, 24)
				all, next := []string{}, ""
				for {
					page := bob.page("C2Calice", next, "count", count)
					part := page.texts()
					if most := map[bool]int{false: count, true: 15}[s.later()]; len(part) > most {
						s.Failf("a page of %d messages, asked for %d", len(part), count)
					}
					all = append(slices.Clone(part), all...)
					next = page.Get("nextReqMessageID").Str
					if page.Get("isCompleted").Bool() {
						break
					}
					if next == "" || len(part) == 0 {
						s.Failf("a page that does not go on: %d messages, nextReqMessageID %q", len(part), next)
					}
				}
				if fmt.Sprint(all) != fmt.Sprint(texts(0, 24)) {
					s.Failf("the pages have %q", all)
				}
			},
		})
	}
	return list
}

// texts of a page's messages.
func (v Value) texts() []string {
	list := []string{}
	for _, t := range v.Result.Get("messageList.#.payload.text").Array() {
		list = append(list, t.Str)
	}
	return list
}

// WantTexts checks the texts of a page.
func (v Value) WantTexts(want []string) Value {
	if got := v.texts(); fmt.Sprint(got) != fmt.Sprint(want) {
		v.stage.Failf("%s has the texts %q, want %q", v.what, got, want)
	}
	return v
}
