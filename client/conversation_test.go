package client_test

import (
	"fmt"
	"testing"

	"github.com/imsim/imsim/client"
	"github.com/imsim/imsim/fakeserver"
)

func TestReading(t *testing.T) {
	srv := fakeserver.Run(t)
	alice, bob := online(t, srv, "alice"), online(t, srv, "bob")
	m := alice.say("bob", "read me")
	bob.expect(client.EventMessageReceived)
	if err := bob.SetMessageRead(bob.ctx, client.SetMessageReadOptions{ConversationID: "C2Calice"}); err != nil {
		t.Fatal(err)
	}
	list := bob.expect(client.EventConversationListUpdated).Conversations()
	equal(t, "unreadCount", list[0].UnreadCount, 0)
	read := alice.expect(client.EventMessageReadByPeer).Messages()
	if len(read) != 1 || !read[0].Same(m) || !read[0].IsPeerRead {
		t.Errorf("read %+v", read)
	}
	from := bob.mark()
	for _, id := range []string{"C2Calice", "C2Cstranger"} { // nothing to do
		if err := bob.SetMessageRead(bob.ctx, client.SetMessageReadOptions{ConversationID: id}); err != nil {
			t.Error(err)
		}
	}
	equal(t, "events", len(bob.names(from)), 0)
	wantParam(t, bob.SetMessageRead(bob.ctx, client.SetMessageReadOptions{ConversationID: "alice"}))
}

func TestHistoryPages(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	if _, _, err := srv.CreateUsers("bob"); err != nil {
		t.Fatal(err)
	}
	for n := range 45 {
		alice.say("bob", fmt.Sprint(n))
	}
	bob := online(t, srv, "bob")
	next, total := "", 45
	for page := range 3 {
		res, err := bob.GetMessageList(bob.ctx, client.GetMessageListOptions{ConversationID: "C2Calice", NextReqMessageID: next})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "length", len(res.MessageList), 15)
		equal(t, "isCompleted", res.IsCompleted, page == 2)
		equal(t, "nextReqMessageID", res.NextReqMessageID, res.MessageList[0].ID)
		for n, m := range res.MessageList {
			equal(t, "text", textOf(m), fmt.Sprint(total-15+n))
			equal(t, "isRead", m.IsRead, false) // all 45 are unread
		}
		total -= 15
		next = res.NextReqMessageID
	}
	res, err := bob.GetMessageList(bob.ctx, client.GetMessageListOptions{ConversationID: "C2Calice", Count: 3})
	if err != nil || len(res.MessageList) != 3 || res.IsCompleted {
		t.Errorf("%+v, %v", res, err)
	}
	res, err = bob.GetMessageList(bob.ctx, client.GetMessageListOptions{ConversationID: "C2Calice", NextReqMessageID: "none"})
	if err != nil || len(res.MessageList) != 44 || !res.IsCompleted {
		t.Errorf("unknown message: %d, %v", len(res.MessageList), err)
	}
	_, err = bob.GetMessageList(bob.ctx, client.GetMessageListOptions{ConversationID: "C2Calice", Count: -1})
	wantParam(t, err)
}

func TestOfflineUnreadCounts(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	if _, _, err := srv.CreateUsers("bob"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		alice.say("bob", "hi")
	}
	bob := online(t, srv, "bob")
	res, err := bob.GetConversationList(bob.ctx)
	if err != nil || len(res.ConversationList) != 1 {
		t.Fatalf("%+v, %v", res, err)
	}
	equal(t, "unreadCount", res.ConversationList[0].UnreadCount, 3)
	equal(t, "messageForShow", res.ConversationList[0].LastMessage.MessageForShow, "hi")
	for _, name := range bob.names(0) {
		if name == client.EventMessageReceived {
			t.Error("offline messages were announced at login")
		}
	}
}

func TestDeletingMessages(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	bob := online(t, srv, "bob")
	m := alice.say("bob", "mine")
	unsent := alice.text("bob", "unsent")
	res, err := alice.DeleteMessage(alice.ctx, []*client.Message{m, unsent})
	if err != nil || len(res.MessageList) != 1 || !res.MessageList[0].IsDeleted {
		t.Fatalf("%+v, %v", res, err)
	}
	_, err = alice.DeleteMessage(alice.ctx, nil)
	wantParam(t, err)
	page, err := bob.GetMessageList(bob.ctx, client.GetMessageListOptions{ConversationID: "C2Calice"})
	if err != nil || len(page.MessageList) != 1 {
		t.Errorf("the peer lost the message: %+v, %v", page, err)
	}
}

func TestPinningAndDeletingConversations(t *testing.T) {
	srv := fakeserver.Run(t, fakeserver.Options{WebInstances: 2})
	alice, other := online(t, srv, "alice"), online(t, srv, "alice")
	if _, _, err := srv.CreateUsers("bob", "carol"); err != nil {
		t.Fatal(err)
	}
	alice.say("bob", "1")
	alice.say("carol", "2")
	other.settle()
	from := other.mark()
	if _, err := alice.PinConversation(alice.ctx, client.PinConversationOptions{ConversationID: "C2Cbob", IsPinned: true}); err != nil {
		t.Fatal(err)
	}
	for _, u := range []*user{alice, other} {
		u.settle()
		res, err := u.GetConversationList(u.ctx)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "first", res.ConversationList[0].ConversationID, "C2Cbob")
	}
	if len(other.names(from)) == 0 {
		t.Error("the other instance was not told")
	}
	if _, err := alice.DeleteConversation(alice.ctx, "C2Cbob"); err != nil {
		t.Fatal(err)
	}
	_, err := alice.DeleteConversation(alice.ctx, "C2Cbob")
	wantCode(t, err, client.CodeConversationNotFound)
	_, err = alice.PinConversation(alice.ctx, client.PinConversationOptions{ConversationID: "C2Cbob", IsPinned: true})
	wantCode(t, err, client.CodeConversationNotFound)
	other.settle()
	res, err := other.GetConversationList(other.ctx)
	if err != nil || len(res.ConversationList) != 1 {
		t.Errorf("other instance: %+v, %v", res, err)
	}
}

func TestConversationProfile(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	if _, _, err := srv.CreateUsers("bob"); err != nil {
		t.Fatal(err)
	}
	res, err := alice.GetConversationProfile(alice.ctx, "C2Cbob")
	if err != nil || res.Conversation.UserProfile.UserID != "bob" {
		t.Fatalf("%+v, %v", res, err)
	}
	alice.expect(client.EventConversationListUpdated)
	_, err = alice.GetConversationProfile(alice.ctx, "C2Cnobody")
	wantCode(t, err, client.CodeUserOrGroupNotFound)
	list, err := alice.GetUserProfile(alice.ctx, client.GetUserProfileOptions{UserIDList: []string{"bob", "nobody"}})
	if err != nil || len(list) != 1 || list[0].AllowType != client.AllowTypeAllowAny {
		t.Errorf("%+v, %v", list, err)
	}
}
