package scenarios

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/protocol"
)

// textBody is a MsgBody with one text.
func textBody(text string) []args {
	return []args{{"MsgType": msgText, "MsgContent": args{"Text": text}}}
}

func restCases() []Case {
	send := func(s *Stage, from, to string, body []args, more ...any) Value {
		o := args{"From_Account": from, "To_Account": to, "MsgRandom": 1000 + len(s.steps), "MsgBody": body}
		for i := 0; i+1 < len(more); i += 2 {
			o[more[i].(string)] = more[i+1]
		}
		return s.REST("openim/sendmsg", o)
	}
	return []Case{
		{
			Name: "a message sent by REST fires MESSAGE_RECEIVED", Covers: covers("MESSAGE_RECEIVED"),
			Source: "semantics.md §7", Run: func(s *Stage) {
				s.CreateUsers("alice")
				bob := s.Login("bob")
				send(s, "alice", "bob", textBody("by REST"), "CloudCustomData", "extra").Want("ErrorCode", 0)
				bob.Receives().Want("payload.text", "by REST").Want("from", "alice").Want("to", "bob").Want("flow", "in").
					Want("conversationID", "C2Calice").Want("cloudCustomData", "extra")
				bob.WantUnread("C2Calice", 1)
				bob.HistoryTexts("C2Calice", "by REST")
			},
		},
		{
			Name: "a message sent by REST waits for who is offline", Covers: covers("login", "getMessageList"),
			Source: "semantics.md §7", Run: func(s *Stage) {
				s.CreateUsers("alice", "bob")
				send(s, "alice", "bob", textBody("waiting")).Want("ErrorCode", 0)
				bob := s.Login("bob")
				bob.WantUnread("C2Calice", 1)
				bob.HistoryTexts("C2Calice", "waiting")
			},
		},
		{
			Name: "a location sent by REST is received", Covers: covers("MESSAGE_RECEIVED"),
			Source: "messages.md §1.3", Run: func(s *Stage) {
				s.CreateUsers("alice")
				bob := s.Login("bob")
				send(s, "alice", "bob", []args{{"MsgType": msgLocation, "MsgContent": args{"Desc": "here", "Longitude": 113.93, "Latitude": 22.54}}}).Want("ErrorCode", 0)
				bob.Receives().Want("type", msgLocation).Want("payload", args{"description": "here", "longitude": 113.93, "latitude": 22.54})
				bob.Conversation("C2Calice").Want("lastMessage.messageForShow", "[位置]")
			},
		},
		{
			Name: "a message sent by REST for a user reaches that user's instances if asked to", Covers: covers("MESSAGE_RECEIVED", "getMessageList"),
			Source: "semantics.md §3.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				send(s, "alice", "bob", textBody("synced"), "SyncOtherMachine", 1).Want("ErrorCode", 0)
				bob.ReceivesTexts("synced")
				alice.Receives().Want("flow", "out").Want("payload.text", "synced")
				alice.HistoryTexts("C2Cbob", "synced")
			},
		},
		{
			Name: "SyncOtherMachine 2 keeps a message out of the sender's history", Covers: covers("MESSAGE_RECEIVED", "getMessageList"), Level: Extended,
			Source: "semantics.md §3.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				send(s, "alice", "bob", textBody("not synced"), "SyncOtherMachine", 2).Want("ErrorCode", 0)
				bob.ReceivesTexts("not synced")
				alice.Never("MESSAGE_RECEIVED")
				alice.HistoryTexts("C2Cbob")
			},
		},
		{
			Name: "MsgLifeTime 0 by REST is an online-only message", Covers: covers("MESSAGE_RECEIVED", "getConversationList"),
			Source: "semantics.md §3.3", Run: func(s *Stage) {
				s.CreateUsers("alice")
				bob := s.Login("bob")
				send(s, "alice", "bob", textBody("now"), "MsgLifeTime", 0).Want("ErrorCode", 0)
				bob.ReceivesTexts("now")
				bob.WantConversations()
			},
		},
		{
			Name: "MsgLifeTime by REST: a message that nobody came for in time is history only", Covers: covers("getConversationList", "getMessageList"),
			Level: Extended, Source: "semantics.md §7", Run: func(s *Stage) {
				s.CreateUsers("alice", "bob", "carol")
				send(s, "alice", "carol", textBody("waits a minute"), "MsgLifeTime", 60).Want("ErrorCode", 0)
				send(s, "alice", "bob", textBody("waits a minute"), "MsgLifeTime", 60).Want("ErrorCode", 0)
				carol := s.Login("carol")
				carol.WantUnread("C2Calice", 1)
				s.AdvanceServer(61 * time.Second)
				bob := s.Login("bob")
				bob.WantUnread("C2Calice", 0)
				bob.HistoryTexts("C2Calice", "waits a minute")
				carol.WantUnread("C2Calice", 1)
			},
		},
		{
			Name: "a recall by REST is told to both, whenever it is", Covers: covers("MESSAGE_REVOKED"),
			Source: "semantics.md §3.5", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Say("bob", "oops")
				bob.Receives()
				s.AdvanceServer(recallWindow + time.Minute)
				s.MustREST("openim/admin_msgwithdraw", args{"From_Account": "alice", "To_Account": "bob", "MsgKey": m.msgKey()})
				bob.Expect("MESSAGE_REVOKED", "0.payload.text", "oops", "0.isRevoked", true)
				alice.Expect("MESSAGE_REVOKED", "0.payload.text", "oops", "0.flow", "out")
				bob.WantRevoked("C2Calice", true)
			},
		},
		{
			Name: "an imported account can be written to", Covers: covers("sendMessage", "getUserProfile"),
			Source: "semantics.md §7.2", Run: func(s *Stage) {
				alice := s.Login("alice")
				alice.Fails(20003, "sendMessage", alice.Text("imported", "x").Ref())
				s.MustREST("im_open_login_svc/account_import", args{"UserID": "imported", "Nick": "Imp"})
				alice.Say("imported", "hi")
				alice.Call("getUserProfile", args{"userIDList": []string{"imported"}}).Want("0.nick", "Imp")
			},
		},
		{
			Name: "a muted account is refused with 20012, until the mute ends", Covers: covers("sendMessage"),
			Source: "semantics.md §3.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				s.MustREST("openconfigsvr/setnospeaking", args{"Set_Account": "alice", "C2CmsgNospeakingTime": 60})
				alice.Fails(20012, "sendMessage", alice.Text("bob", "muted").Ref())
				bob.Say("alice", "you are muted") // it may be written to
				alice.ReceivesTexts("you are muted")
				bob.Never("MESSAGE_RECEIVED")
				s.AdvanceServer(61 * time.Second)
				alice.Say("bob", "free")
				bob.ReceivesTexts("free")
			},
		},
		{
			Name: "a mute of 0 seconds ends a mute", Covers: covers("sendMessage"),
			Source: "semantics.md §7.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				const forever = 1<<32 - 1
				s.MustREST("openconfigsvr/setnospeaking", args{"Set_Account": "alice", "C2CmsgNospeakingTime": forever})
				s.AdvanceServer(30 * 24 * time.Hour)
				alice.Fails(20012, "sendMessage", alice.Text("bob", "muted").Ref())
				s.MustREST("openconfigsvr/setnospeaking", args{"Set_Account": "alice", "C2CmsgNospeakingTime": 0})
				alice.Say("bob", "free")
				bob.ReceivesTexts("free")
			},
		},
		{
			Name: "a conversation that REST sets read is read, and the peer is told", Covers: covers("MESSAGE_READ_BY_PEER", "getConversationList"), Level: Extended,
			Source: "semantics.md §3.6", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				bob.ReceivesTexts("one")
				s.MustREST("openim/admin_set_msg_read", args{"Report_Account": "bob", "Peer_Account": "alice"})
				bob.WantUnread("C2Calice", 0)
				alice.Expect("MESSAGE_READ_BY_PEER", "#", 1, "0.payload.text", "one")
			},
		},
		{
			Name: "REST refuses a receiver that is no account with 90012", Covers: covers("MESSAGE_RECEIVED"), Level: Extended,
			Source: "semantics.md §3.4", Run: func(s *Stage) {
				s.CreateUsers("alice")
				send(s, "alice", "nobody", textBody("x")).Want("ActionStatus", "FAIL").Want("ErrorCode", 90012)
			},
		},
	}
}

// hookCases are about servers with rules of their own: a before-send hook,
// limits, what a blocked sender is told.
func hookCases() []Case {
	censor := func(o *fakeserver.Options) {
		o.BeforeSend = func(m fakeserver.Outgoing) fakeserver.Decision {
			text := string(m.MsgBody)
			switch {
			case strings.Contains(text, "refuse me"):
				return fakeserver.Decision{Refuse: 20006}
			case strings.Contains(text, "own code"):
				return fakeserver.Decision{Refuse: 120042, Info: "not here"}
			case strings.Contains(text, "drop me"):
				return fakeserver.Decision{Drop: true}
			case strings.Contains(text, "darn"):
				return fakeserver.Decision{MsgBody: json.RawMessage(strings.ReplaceAll(text, "darn", "****"))}
			}
			return fakeserver.Decision{}
		}
	}
	hooked := func(name string, covered []string, run func(s *Stage, alice, bob *User)) Case {
		return Case{Name: name, Covers: covered, Server: censor, Source: "semantics.md §3.4, messages.md §3.3", Run: func(s *Stage) {
			alice, bob := pair(s)
			run(s, alice, bob)
		}}
	}
	return []Case{
		hooked("what the hook lets pass is sent as it is", covers("sendMessage", "MESSAGE_MODIFIED"), func(s *Stage, alice, bob *User) {
			alice.Say("bob", "fine")
			bob.ReceivesTexts("fine")
			alice.Never("MESSAGE_MODIFIED")
		}),
		hooked("a message that the hook refuses fails with 20006", covers("sendMessage"), func(s *Stage, alice, bob *User) {
			m := alice.Text("bob", "refuse me")
			alice.Fails(20006, "sendMessage", m.Ref())
			alice.read(m).Want("status", "fail")
			bob.Never("MESSAGE_RECEIVED")
			alice.WantConversations()
		}),
		hooked("the hook's own code reaches the sender", covers("sendMessage"), func(s *Stage, alice, bob *User) {
			alice.Fails(120042, "sendMessage", alice.Text("bob", "own code").Ref())
		}),
		hooked("a message that the hook drops succeeds, and nobody gets it", covers("sendMessage", "MESSAGE_RECEIVED"), func(s *Stage, alice, bob *User) {
			alice.Say("bob", "drop me").Want("status", "success")
			alice.Say("bob", "next")
			bob.ReceivesTexts("next")
			bob.Call("logout")
			s.Login("bob").HistoryTexts("C2Calice", "next")
		}),
		hooked("a message that the hook changes arrives changed; the sender gets MESSAGE_MODIFIED", covers("sendMessage", "MESSAGE_MODIFIED", "MESSAGE_RECEIVED"), func(s *Stage, alice, bob *User) {
			m := alice.Say("bob", "darn it")
			alice.Expect("MESSAGE_MODIFIED", "#", 1, "0.payload.text", "**** it", "0.isModified", true, "0.ID", m.Get("ID").Str)
			bob.Receives().Want("payload.text", "**** it").Want("isModified", false)
			bob.neverFired("MESSAGE_MODIFIED")
			bob.WantUnread("C2Calice", 1)
			alice.HistoryTexts("C2Cbob", "**** it")
		}),
		{
			Name: "a server may tell a blocked sender so, with 20007", Covers: covers("addToBlacklist", "sendMessage"),
			Server: func(o *fakeserver.Options) { o.BlockedSenderGets20007 = true },
			Source: "semantics.md §3.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				bob.Call("addToBlacklist", args{"userIDList": []string{"alice"}})
				alice.Fails(20007, "sendMessage", alice.Text("bob", "x").Ref())
				bob.Never("MESSAGE_RECEIVED")
			},
		},
		{
			Name: "with the documented limits a second deletion within a second is refused with 10006", Covers: covers("deleteMessage"),
			Server: func(o *fakeserver.Options) { o.Limits = fakeserver.LimitsDocumented }, Level: Extended,
			Source: "semantics.md §3.5", Run: func(s *Stage) {
				alice, _ := pair(s)
				one, two := alice.Say("bob", "1"), alice.Say("bob", "2")
				s.AdvanceServer(2 * time.Second)
				// Both at once, so that no slow machine puts a second between them.
				calls := []*Pending{alice.Go("deleteMessage", refs([]Value{one})), alice.Go("deleteMessage", refs([]Value{two}))}
				var refused []int
				for _, p := range calls {
					if _, failed := p.Wait(); failed != nil {
						refused = append(refused, failed.Code)
					}
				}
				if len(refused) != 1 || refused[0] != 10006 {
					s.Failf("two deletions at once were refused with %v, want one with 10006", refused)
				}
				s.AdvanceServer(2 * time.Second)
				alice.Delete(alice.Say("bob", "3")).Want("0.isDeleted", true)
				alice.WantSent(protocol.CmdDeleteC2C, 3)
			},
		},
		{
			Name: "the size limit can be set", Covers: covers("sendMessage"), Level: Extended,
			Server: func(o *fakeserver.Options) { o.MaxMessage = 300 }, Source: "semantics.md §3.1", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Fails(80002, "sendMessage", alice.Text("bob", strings.Repeat("x", 300)).Ref())
				alice.Say("bob", strings.Repeat("x", 200))
				bob.ReceivesTexts(strings.Repeat("x", 200))
			},
		},
	}
}
