package scenarios

import (
	"fmt"
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol"
)

// settled lets a socket become older than the second within which the SDKs do
// not dial again after a loss.
const settled = 2 * time.Second

func reconnectCases() []Case {
	clocked := []string{port.CapClock}
	return []Case{
		{
			Name: "a lost connection is told as connecting and connected", Covers: covers("NET_STATE_CHANGE"),
			Needs: clocked, Source: "session.md §7", Run: func(s *Stage) {
				alice := s.Login("alice")
				s.Advance(settled)
				s.Cut("alice")
				alice.Expect("NET_STATE_CHANGE", "state", "connecting")
				alice.Expect("NET_STATE_CHANGE", "state", "connected")
				alice.Barrier()
				if n := len(alice.Events("SDK_READY")); n != 1 {
					s.Failf("%s: event SDK_READY fired %d times, want once, at the login", alice.label(), n)
				}
				alice.neverFired("SDK_NOT_READY")
			},
		},
		{
			Name: "messages missed while disconnected arrive once and in order", Covers: covers("NET_STATE_CHANGE", "MESSAGE_RECEIVED"),
			Needs: clocked, Source: "messages.md §6", Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				alice.Say("bob", "before")
				bob.ReceivesTexts("before")
				s.Advance(settled)
				s.Fault(fakeserver.Fault{UserID: "bob", HangConnections: true})
				s.Cut("bob")
				texts := []string{"before"}
				for i := range 20 {
					text := fmt.Sprintf("missed %d", i)
					alice.Say("bob", text)
					texts = append(texts, text)
				}
				s.ClearFaults()
				bob.ReceivesTexts(texts...)
				alice.Say("bob", "after")
				bob.ReceivesTexts(append(texts, "after")...)
				if !s.later() { // they leave out of the number what was missed before the last second
					bob.WantUnread("C2Calice", 22)
				}
			},
		},
		{
			// The SDKs tell a repeated message by their list, which goes with the conversation.
			Name: "messages of a deleted conversation do not come back with a reconnect", Covers: covers("deleteConversation", "NET_STATE_CHANGE", "MESSAGE_RECEIVED"),
			Needs: clocked, Source: "messages.md §6, §7.2", Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				alice.Say("bob", "first")
				alice.Say("bob", "second")
				bob.ReceivesTexts("first", "second")
				bob.Call("deleteConversation", "C2Calice")
				s.Advance(settled)
				s.Fault(fakeserver.Fault{UserID: "bob", HangConnections: true})
				s.Cut("bob")
				alice.Say("bob", "third")
				s.ClearFaults()
				bob.ReceivesTexts("first", "second", "third")
				alice.Say("bob", "fourth")
				bob.ReceivesTexts("first", "second", "third", "fourth")
			},
		},
		{
			Name: "a message sent while disconnected arrives after the reconnect", Covers: covers("sendMessage", "NET_STATE_CHANGE"),
			Needs: clocked, Source: "session.md §7", Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				s.Advance(settled)
				s.Fault(fakeserver.Fault{UserID: "alice", HangConnections: true})
				s.Cut("alice")
				alice.Expect("NET_STATE_CHANGE", "state", "connecting")
				p := alice.Go("sendMessage", alice.Text("bob", "from afar").Ref())
				s.ClearFaults()
				p.mustSucceed().Want("message.status", "success")
				bob.ReceivesTexts("from afar")
			},
		},
		{
			Name: "a send whose answer was lost with the connection is repeated and arrives once", Covers: covers("sendMessage", "NET_STATE_CHANGE", "MESSAGE_RECEIVED"),
			Needs: clocked, Source: "messages.md §2.5", Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				s.Advance(settled)
				s.Fault(fakeserver.Fault{UserID: "alice", DropReplies: []string{protocol.CmdSendMsg}, Count: 1})
				p := alice.Go("sendMessage", alice.Text("bob", "once only").Ref())
				bob.Expect("MESSAGE_RECEIVED")
				s.Cut("alice")
				p.mustSucceed().Want("message.status", "success")
				alice.Say("bob", "and on")
				bob.ReceivesTexts("once only", "and on")
				if n := alice.sent(protocol.CmdSendMsg, "MsgBody.0.MsgContent.Text", "once only"); n != 2 {
					s.Failf("the send was made %d times, want 2", n)
				}
			},
		},
		{
			Name: "five cuts in a row lose and double nothing", Covers: covers("NET_STATE_CHANGE", "MESSAGE_RECEIVED", "sendMessage"),
			Needs: clocked, Source: "messages.md §6", Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				var texts []string
				for i := range 5 {
					s.Advance(settled)
					s.Cut("bob")
					for j := range 3 {
						texts = append(texts, fmt.Sprintf("round %d, message %d", i, j))
						alice.Say("bob", texts[len(texts)-1])
					}
					bob.ReceivesTexts(texts...)
				}
			},
		},
		{
			Name: "the own sends of another instance are caught up too", Covers: covers("NET_STATE_CHANGE", "MESSAGE_RECEIVED"),
			Needs: clocked, Server: webInstances(2), Source: "messages.md §6", Run: func(s *Stage) {
				one, other := s.Login("alice"), s.Login("alice")
				s.CreateUsers("bob")
				s.Advance(settled)
				s.Fault(fakeserver.Fault{UserID: "alice", HangConnections: true})
				s.Cut("alice") // both
				s.ClearFaults()
				one.Say("bob", "while you were away")
				other.ReceivesTexts("while you were away")
				one.Never("MESSAGE_RECEIVED")
			},
		},
		{
			Name: "a request that gets no answer is refused with 2801 after 15 s, the connection is kept", Covers: covers("getUserProfile"),
			Needs: clocked, Source: "session.md §7", Run: func(s *Stage) {
				alice := s.Login("alice")
				s.Fault(fakeserver.Fault{DropReplies: []string{protocol.CmdProfileGet}, Count: 1})
				p := alice.Go("getUserProfile", args{"userIDList": []string{"somebody"}})
				s.Advance(17 * time.Second)
				if _, failed := p.Wait(); failed == nil || failed.Code != 2801 {
					s.Failf("a request without an answer: %v, want code 2801", failed)
				}
				alice.Never("NET_STATE_CHANGE")
			},
		},
		{
			Name: "an idle connection is kept alive", Covers: covers("NET_STATE_CHANGE"),
			Needs: clocked, Source: "session.md §7", Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				s.Advance(3 * time.Minute)
				if alice.sent(protocol.CmdAlive, "", nil) < 3 {
					s.Failf("fewer than 3 heartbeats in 3 minutes")
				}
				alice.Never("NET_STATE_CHANGE")
				bob.Say("alice", "still there?")
				alice.ReceivesTexts("still there?")
			},
		},
		{
			Name: "a heartbeat without an answer makes the SDK reconnect", Covers: covers("NET_STATE_CHANGE"),
			Needs: clocked, Source: "session.md §7", Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				s.Fault(fakeserver.Fault{UserID: "alice", DropReplies: []string{protocol.CmdAlive}, Count: 1})
				s.Advance(45 * time.Second)
				alice.Expect("NET_STATE_CHANGE", "state", "connected")
				bob.Say("alice", "back again")
				alice.ReceivesTexts("back again")
			},
		},
	}
}
