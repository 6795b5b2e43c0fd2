package scenarios

import (
	"fmt"
	"strings"
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol"
)

func createTextCases() []Case {
	return []Case{
		{
			Name: "createTextMessage returns an unsent message with the documented defaults", Covers: covers("createTextMessage"),
			Source: "messages.md §1.1", Run: func(s *Stage) {
				u := s.Login("alice")
				m := u.Text("bob", "hello")
				m.Want("type", msgText).Want("payload.text", "hello").Want("conversationID", "C2Cbob")
				m.Want("conversationType", convC2C).Want("from", "alice").Want("to", "bob").Want("flow", "out")
				m.Want("status", "unSend").Want("isRead", true).Want("isPeerRead", false).Want("isRevoked", false)
				m.Want("isDeleted", false).Want("isModified", false).Want("isResend", false).Want("isSystemMessage", false)
				m.Want("priority", "Normal").Want("cloudCustomData", "").Want("atUserList", []string{}).Want("nameCard", "")
				m.WantSome("ID").WantSome("time").WantSome("sequence").WantSome("random")
				m.Want("sequence", m.Get("clientSequence").Int())
			},
		},
		{
			Name: "two messages differ in ID, and their sequence counts up", Covers: covers("createTextMessage"),
			Source: "messages.md §1.1", Run: func(s *Stage) {
				u := s.Login("alice")
				a, b := u.Text("bob", "one"), u.Text("bob", "two")
				if a.Get("ID").Str == b.Get("ID").Str || b.Get("sequence").Int() <= a.Get("sequence").Int() {
					s.Failf("IDs %s, %s; sequences %s, %s", a.Get("ID"), b.Get("ID"), a.Get("sequence"), b.Get("sequence"))
				}
			},
		},
		{
			Name: "cloudCustomData and priority are taken over; an unknown priority becomes Normal", Covers: covers("createTextMessage"),
			Source: "messages.md §1.1", Run: func(s *Stage) {
				u := s.Login("alice")
				o := textOptions("bob", "x")
				o["cloudCustomData"], o["priority"] = `{"a":1}`, "High"
				u.Call("createTextMessage", o).Want("cloudCustomData", `{"a":1}`).Want("priority", "High")
				o["priority"] = "Extreme"
				u.Call("createTextMessage", o).Want("priority", "Normal")
			},
		},
		{
			Name: "bad arguments of createTextMessage throw", Covers: covers("createTextMessage"),
			Source: "messages.md §1.2", Run: func(s *Stage) {
				u := s.Login("alice")
				u.Throws("createTextMessage", textOptions("bob", ""))
				u.Throws("createTextMessage", textOptions("", "x"))
				u.Throws("createTextMessage", args{"to": "bob", "conversationType": convC2C})
				u.Throws("createTextMessage", args{"to": "bob", "conversationType": convC2C, "payload": args{"text": 5}})
				u.Throws("createTextMessage", args{"to": "bob", "payload": args{"text": "x"}})
				u.Throws("createTextMessage", args{"to": 7, "conversationType": convC2C, "payload": args{"text": "x"}})
			},
		},
	}
}

func sendTextCases() []Case {
	echo := func(name, text string) Case {
		return Case{
			Name: name, Covers: covers("sendMessage", "MESSAGE_RECEIVED"), Source: "messages.md §1.3",
			Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", text)
				bob.ReceivesTexts(text)
			},
		}
	}
	return []Case{
		{
			Name: "sendMessage resolves with the message itself, sent", Covers: covers("sendMessage"),
			Needs: []string{port.CapIdentity}, Source: "messages.md §2.1", Run: func(s *Stage) {
				alice, _ := pair(s)
				m := alice.Text("bob", "hello")
				sent := alice.Send(m)
				sent.Want("$ref", m.Get("$ref").Str).Want("status", "success").WantSome("time").Want("ID", m.Get("ID").Str)
			},
		},
		{
			Name: "the receiver gets the message with the documented fields", Covers: covers("sendMessage", "MESSAGE_RECEIVED"),
			Source: "messages.md §3.1", Run: func(s *Stage) {
				alice, bob := pair(s)
				o := textOptions("bob", "hello")
				o["cloudCustomData"] = "extra"
				sent := alice.Send(alice.Call("createTextMessage", o))
				list := bob.Expect("MESSAGE_RECEIVED", "#", 1)
				m := list.Get("0")
				m.Want("type", msgText).Want("payload.text", "hello").Want("from", "alice").Want("to", "bob")
				m.Want("flow", "in").Want("conversationID", "C2Calice").Want("conversationType", convC2C).Want("isRead", false)
				m.Want("cloudCustomData", "extra").Want("sequence", sent.Get("sequence").Int()).Want("random", sent.Get("random").Int())
				m.Want("time", sent.Get("time").Int()).Want("isRevoked", false).Want("isPeerRead", false)
				if s.later() { // the ID is the same on both sides since 2.18
					m.Want("ID", sent.Get("ID").Str)
				}
			},
		},
		{
			Name: "the receiver's conversation counts the message and shows it", Covers: covers("getConversationList", "CONVERSATION_LIST_UPDATED", "MESSAGE_RECEIVED"),
			Source: "messages.md §3.1, §7.2", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "one")
				alice.Say("bob", "two")
				bob.ReceivesTexts("one", "two")
				bob.seen = 0
				bob.ExpectThat("CONVERSATION_LIST_UPDATED", func(v Value) bool { return v.Get("0.unreadCount").Int() == 2 })
				c := bob.Conversation("C2Calice")
				c.Want("unreadCount", 2).Want("type", convC2C).Want("lastMessage.messageForShow", "two")
				c.Want("lastMessage.fromAccount", "alice").Want("lastMessage.type", msgText).Want("lastMessage.payload.text", "two")
				c.Want("lastMessage.isRevoked", false).Want("isPinned", false)
			},
		},
		{
			Name: "2.14 announces the conversation before the message", Covers: covers("CONVERSATION_LIST_UPDATED", "MESSAGE_RECEIVED"),
			Skip:   onlyFor("2.14", "later versions hold list events back"),
			Source: "messages.md §3.1, §7.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				mark := bob.inst.Stream().Len()
				alice.Say("bob", "hello")
				bob.Expect("MESSAGE_RECEIVED")
				for _, r := range bob.inst.Stream().Since(mark) {
					switch r.Name {
					case eventName("CONVERSATION_LIST_UPDATED"):
						return
					case eventName("MESSAGE_RECEIVED"):
						s.Failf("MESSAGE_RECEIVED came before CONVERSATION_LIST_UPDATED")
					}
				}
			},
		},
		{
			Name: "the sender's list shows the message, unread 0, and no MESSAGE_RECEIVED fires there", Covers: covers("sendMessage", "CONVERSATION_LIST_UPDATED"),
			Source: "messages.md §2.1", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "mine")
				alice.ExpectThat("CONVERSATION_LIST_UPDATED", func(v Value) bool { return v.Get("0.lastMessage.messageForShow").Str == "mine" })
				alice.Conversation("C2Cbob").Want("unreadCount", 0).Want("lastMessage.fromAccount", "alice")
				bob.ReceivesTexts("mine")
				alice.neverFired("MESSAGE_RECEIVED")
			},
		},
		{
			Name: "two hundred messages arrive complete and in order", Covers: covers("sendMessage", "MESSAGE_RECEIVED"),
			Source: "messages.md §3.1", Run: func(s *Stage) {
				alice, bob := pair(s)
				var texts []string
				for i := range 200 {
					texts = append(texts, fmt.Sprintf("message %d", i))
					alice.Say("bob", texts[i])
				}
				bob.ReceivesTexts(texts...)
			},
		},
		echo("text of all kinds arrives unchanged", "Grüße, 你好, 😀 <b>&amp;</b> \"quoted\" \\ back\\slash \n line \t tab \u2028 end"),
		echo("a text of 10,000 characters arrives", strings.Repeat("0123456789", 1000)),
		{
			Name: "a text over 12 KB is refused with 80002 and the message is marked failed", Covers: covers("sendMessage"),
			Source: "semantics.md §3.1", Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Text("bob", strings.Repeat("x", 13<<10))
				alice.Fails(80002, "sendMessage", m.Ref())
				alice.read(m).Want("status", "fail")
				alice.Say("bob", "short")
				bob.ReceivesTexts("short")
			},
		},
		{
			Name: "a message to nobody is refused with 20003; the error holds the message", Covers: covers("sendMessage"),
			Source: "messages.md §2.3, §9", Run: func(s *Stage) {
				alice := s.Login("alice")
				m := alice.Text("nobody", "hello?")
				failed := alice.Fails(20003, "sendMessage", m.Ref())
				data := alice.value(failed.Data, "error.data")
				data.Want("message.status", "fail")
				alice.read(m).Want("status", "fail").Want("isResend", false)
			},
		},
		{
			Name: "what the server refuses, sendMessage passes on", Covers: covers("sendMessage"),
			Source: "messages.md §2.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				for _, code := range []int{20006, 20007, 20012, 80001, 93000, 98765} {
					s.Fault(fakeserver.Fault{UserID: "alice", ErrorReplies: map[string]int{protocol.CmdSendMsg: code}, Count: 1})
					alice.Fails(code, "sendMessage", alice.Text("bob", "refused").Ref())
				}
				bob.Never("MESSAGE_RECEIVED")
			},
		},
		{
			Name: "what is no message of this SDK is refused with 2105", Covers: covers("sendMessage"),
			Source: "messages.md §1.2", Run: func(s *Stage) {
				s.Login("alice").Fails(2105, "sendMessage", args{"ID": "made-up", "to": "bob"})
			},
		},
		{
			Name: "a conversationType that is none is refused with 2106 when sent", Covers: covers("sendMessage", "createTextMessage"),
			Source: "messages.md §1.2", Run: func(s *Stage) {
				alice := s.Login("alice")
				o := textOptions("bob", "x")
				o["conversationType"] = "LETTER"
				alice.Fails(2106, "sendMessage", alice.Call("createTextMessage", o).Ref())
			},
		},
		{
			Name: "a message to oneself is sent and is nowhere received", Covers: covers("sendMessage"),
			Source: "messages.md §2.1", Run: func(s *Stage) {
				alice := s.Login("alice")
				alice.Say("alice", "note to self").Want("status", "success")
				alice.Never("MESSAGE_RECEIVED")
			},
		},
		{
			Name: "a failed message is sent again by resendMessage, marked as resent", Covers: covers("resendMessage", "sendMessage"),
			Source: "messages.md §2.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				s.Fault(fakeserver.Fault{ErrorReplies: map[string]int{protocol.CmdSendMsg: 20004}, Count: 1})
				m := alice.Text("bob", "second try")
				alice.Fails(20004, "sendMessage", m.Ref())
				data := alice.Call("resendMessage", m.Ref())
				data.Want("message.status", "success").Want("message.isResend", true)
				data.Want("message.sequence", m.Get("sequence").Int()).Want("message.random", m.Get("random").Int())
				bob.ReceivesTexts("second try")
			},
		},
		{
			Name: "a resend of what had arrived is not received twice", Covers: covers("resendMessage", "sendMessage"),
			Needs: []string{port.CapClock}, Source: "messages.md §2.4, §2.5", Run: func(s *Stage) {
				alice, bob := pair(s)
				s.Fault(fakeserver.Fault{UserID: "alice", DropReplies: []string{protocol.CmdSendMsg}, Count: 1})
				m := alice.Text("bob", "did it arrive?")
				p := alice.Go("sendMessage", m.Ref())
				bob.Expect("MESSAGE_RECEIVED")
				s.Advance(17 * time.Second)
				if _, failed := p.Wait(); failed == nil || failed.Code != 2801 {
					s.Failf("a send without an answer: %v, want code 2801", failed)
				}
				alice.read(m).Want("status", "fail")
				alice.Call("resendMessage", m.Ref()).Want("message.status", "success")
				alice.Say("bob", "next")
				bob.ReceivesTexts("did it arrive?", "next")
			},
		},
		{
			Name: "setMessageRead clears the unread number and tells the peer", Covers: covers("setMessageRead", "MESSAGE_READ_BY_PEER", "CONVERSATION_LIST_UPDATED"),
			Source: "messages.md §5.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				sent := alice.Say("bob", "read me")
				bob.ReceivesTexts("read me")
				bob.Call("setMessageRead", args{"conversationID": "C2Calice"})
				bob.WantUnread("C2Calice", 0)
				list := alice.Expect("MESSAGE_READ_BY_PEER")
				list.Want("0.isPeerRead", true).Want("0.ID", sent.Get("ID").Str)
			},
		},
	}
}

// mustSucceed waits for a call that must not fail.
func (p *Pending) mustSucceed() Value {
	v, failed := p.Wait()
	if failed != nil {
		p.user.stage.Failf("%s: %s failed, should have succeeded: %v", p.user.label(), p.api, failed)
	}
	return v
}

// read is the message as it is now.
func (u *User) read(m Value) Value {
	raw, err := u.inst.Read(u.stage.ctx, m.Get("$ref").Str)
	u.stage.Must(err, "read a message")
	return u.value(raw, "message")
}

// onlyFor skips a case for genuine SDKs of another line, and for foreign ports.
func onlyFor(line, why string) func(port.Hello) string {
	return func(h port.Hello) string {
		if genuine(h) == line {
			return ""
		}
		return "only " + line + ": " + why
	}
}

func instanceCopyCases() []Case {
	return []Case{
		{
			Name: "the sender's other instance gets a copy, flow out", Covers: covers("sendMessage", "MESSAGE_RECEIVED"),
			Server: webInstances(2), Source: "messages.md §3.1", Run: func(s *Stage) {
				one, other, bob := s.Login("alice"), s.Login("alice"), s.Login("bob")
				one.Say("bob", "from the first")
				m := other.Expect("MESSAGE_RECEIVED").Get("0")
				m.Want("flow", "out").Want("from", "alice").Want("to", "bob").Want("conversationID", "C2Cbob").Want("payload.text", "from the first")
				other.WantUnread("C2Cbob", 0)
				bob.ReceivesTexts("from the first")
				one.Never("MESSAGE_RECEIVED")
			},
		},
		{
			Name: "all instances of the receiver get the message", Covers: covers("MESSAGE_RECEIVED"),
			Server: webInstances(3), Source: "semantics.md §3.3", Run: func(s *Stage) {
				alice := s.Login("alice")
				bobs := []*User{s.Login("bob"), s.Login("bob"), s.Login("bob")}
				alice.Say("bob", "to all of you")
				for _, b := range bobs {
					b.ReceivesTexts("to all of you")
				}
			},
		},
		{
			Name: "reading on one instance clears the other's unread number", Covers: covers("setMessageRead", "CONVERSATION_LIST_UPDATED"),
			Server: webInstances(2), Source: "messages.md §5.4", Run: func(s *Stage) {
				alice, one, other := s.Login("alice"), s.Login("bob"), s.Login("bob")
				alice.Say("bob", "hi")
				one.ReceivesTexts("hi")
				other.ReceivesTexts("hi")
				one.Call("setMessageRead", args{"conversationID": "C2Calice"})
				one.Barrier()
				other.WantUnread("C2Calice", 0)
			},
		},
	}
}
