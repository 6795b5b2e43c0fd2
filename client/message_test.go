package client_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/imsim/imsim/client"
	"github.com/imsim/imsim/fakeserver"
)

func TestMessageArrives(t *testing.T) {
	srv := fakeserver.Run(t)
	alice, bob := online(t, srv, "alice"), online(t, srv, "bob")
	draft := alice.text("bob", "hello")
	equal(t, "status", draft.Status, client.StatusUnsent)
	equal(t, "ID", draft.ID, fmt.Sprintf("C2Cbob-%d-%d-1", draft.Sequence, draft.Random))
	res, err := alice.SendMessage(alice.ctx, draft)
	if err != nil {
		t.Fatal(err)
	}
	if !res.Message.Same(draft) || draft.Latest() != res.Message || draft.Status != client.StatusUnsent {
		t.Error("a message is a picture of one moment, Latest the present")
	}
	equal(t, "status", res.Message.Status, client.StatusSuccess)
	list := alice.expect(client.EventConversationListUpdated).Conversations()
	equal(t, "messageForShow", list[0].LastMessage.MessageForShow, "hello")

	list = bob.expect(client.EventConversationListUpdated).Conversations()
	equal(t, "unreadCount", list[0].UnreadCount, 1)
	got := bob.expect(client.EventMessageReceived).Messages()
	equal(t, "messages", len(got), 1)
	m := got[0]
	equal(t, "text", textOf(m), "hello")
	equal(t, "flow", m.Flow, client.FlowIn)
	equal(t, "conversation", m.ConversationID, "C2Calice")
	equal(t, "ID", m.ID, fmt.Sprintf("C2Calice-%d-%d-0", draft.Sequence, draft.Random))
	for _, name := range alice.names(0) {
		if name == client.EventMessageReceived {
			t.Error("the sender got MESSAGE_RECEIVED")
		}
	}
}

func TestRefusedMessage(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	m := alice.text("nobody", "hello")
	_, err := alice.SendMessage(alice.ctx, m)
	e := wantCode(t, err, 20003)
	equal(t, "status", e.Data.Message.Status, client.StatusFail)
	if _, _, err := srv.CreateUsers("nobody"); err != nil {
		t.Fatal(err)
	}
	res, err := alice.ResendMessage(alice.ctx, e.Data.Message)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "isResend", res.Message.IsResend, true)
	equal(t, "random", res.Message.Random, m.Random)
	equal(t, "stored", len(srv.Messages("alice", "nobody")), 1)
}

func TestChecksBeforeSending(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	_, err := alice.CreateTextMessage(client.TextMessageOptions{To: "bob", ConversationType: client.ConvC2C})
	wantParam(t, err)
	_, err = alice.SendMessage(alice.ctx, nil)
	wantParam(t, err)
	_, err = alice.SendMessage(alice.ctx, &client.Message{})
	wantCode(t, err, client.CodeNotAMessage)
	odd, err := alice.CreateTextMessage(client.TextMessageOptions{To: "bob", ConversationType: "odd", Payload: client.TextPayload{Text: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = alice.SendMessage(alice.ctx, odd)
	wantCode(t, err, client.CodeConversationType)
	empty, err := alice.CreateCustomMessage(client.CustomMessageOptions{To: "bob", ConversationType: client.ConvC2C})
	if err != nil {
		t.Fatal(err)
	}
	_, err = alice.SendMessage(alice.ctx, empty)
	wantCode(t, err, client.CodeNothingToSend)
}

func TestOnlineOnlyLeavesNoTrace(t *testing.T) {
	srv := fakeserver.Run(t)
	alice, bob := online(t, srv, "alice"), online(t, srv, "bob")
	from := bob.mark()
	if _, err := alice.SendMessage(alice.ctx, alice.text("bob", "now"), client.SendOptions{OnlineUserOnly: true}); err != nil {
		t.Fatal(err)
	}
	bob.expect(client.EventMessageReceived)
	bob.settle()
	for _, name := range bob.names(from) {
		if name == client.EventConversationListUpdated {
			t.Error("the conversation list changed")
		}
	}
	equal(t, "stored", len(srv.Messages("alice", "bob")), 0)
}

func TestEveryKindKeepsItsContent(t *testing.T) {
	srv := fakeserver.Run(t)
	alice, bob := online(t, srv, "alice"), online(t, srv, "bob")
	to := func() (string, string) { return "bob", client.ConvC2C }
	who, c2c := to()
	first := alice.say("bob", "seed")
	bob.expect(client.EventMessageReceived)
	custom, err1 := alice.CreateCustomMessage(client.CustomMessageOptions{To: who, ConversationType: c2c, Payload: client.CustomPayload{Data: "d", Description: "é<&>", Extension: "e"}})
	face, err2 := alice.CreateFaceMessage(client.FaceMessageOptions{To: who, ConversationType: c2c, Payload: client.FacePayload{Index: 3, Data: "f"}})
	merger, err3 := alice.CreateMergerMessage(client.MergerMessageOptions{To: who, ConversationType: c2c, Payload: client.MergerContent{
		MessageList: []*client.Message{first}, Title: "t", AbstractList: []string{"a"}, CompatibleText: "old"}})
	forward, err4 := alice.CreateForwardMessage(client.ForwardMessageOptions{To: who, ConversationType: c2c, Payload: first})
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range []*client.Message{custom, face, merger, forward} {
		if _, err := alice.SendMessage(alice.ctx, m); err != nil {
			t.Fatalf("%s: %v", m.Type, err)
		}
		got := bob.expect(client.EventMessageReceived).Messages()[0]
		a, _ := json.Marshal(m.Payload)
		b, _ := json.Marshal(got.Payload)
		equal(t, m.Type, string(b), string(a))
	}
}

func TestRecall(t *testing.T) {
	srv := fakeserver.Run(t)
	alice, bob := online(t, srv, "alice"), online(t, srv, "bob")
	m := alice.say("bob", "oops")
	got := bob.expect(client.EventMessageReceived).Messages()[0]
	res, err := alice.RevokeMessage(alice.ctx, m)
	if err != nil || !res.Message.IsRevoked {
		t.Fatalf("%+v, %v", res, err)
	}
	gone := bob.expect(client.EventMessageRevoked).Messages()[0]
	if !gone.Same(got) || !gone.IsRevoked || textOf(gone) != "oops" {
		t.Errorf("revoked %+v", gone)
	}
	_, err = alice.RevokeMessage(alice.ctx, m)
	wantParam(t, err)
	late := alice.say("bob", "late")
	srv.Advance(121 * time.Second)
	_, err = alice.RevokeMessage(alice.ctx, late)
	wantCode(t, err, 20016)
}

func TestCopiesForOtherInstances(t *testing.T) {
	srv := fakeserver.Run(t, fakeserver.Options{WebInstances: 2})
	one, two := online(t, srv, "alice"), online(t, srv, "alice")
	online(t, srv, "bob")
	one.say("bob", "from one")
	m := two.expect(client.EventMessageReceived).Messages()[0]
	equal(t, "flow", m.Flow, client.FlowOut)
	equal(t, "conversation", m.ConversationID, "C2Cbob")
	equal(t, "isRead", m.IsRead, true)
}
