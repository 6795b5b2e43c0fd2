package client_test

import (
	"testing"
	"time"

	"github.com/imsim/imsim/client"
	"github.com/imsim/imsim/fakeserver"
)

// older makes a user's connection old enough to be redialled at once.
func (u *user) older() { u.clock.Advance(2*time.Second, u.settle) }

func TestMissedMessagesComeAfterTheReconnect(t *testing.T) {
	srv := fakeserver.Run(t)
	alice, bob := online(t, srv, "alice"), online(t, srv, "bob")
	bob.older()
	if err := srv.Fault(fakeserver.Fault{UserID: "bob", RefuseConnections: true}); err != nil {
		t.Fatal(err)
	}
	srv.Disconnect("bob")
	equal(t, "state", bob.expect(client.EventNetStateChange).Data.(*client.NetStateData).State, client.NetStateConnecting)
	alice.say("bob", "one")
	alice.say("bob", "two")
	srv.ClearFaults()
	bob.clock.Advance(2*time.Second, bob.settle)
	equal(t, "state", bob.expect(client.EventNetStateChange).Data.(*client.NetStateData).State, client.NetStateConnected)
	got := bob.expect(client.EventMessageReceived).Messages()
	if len(got) != 2 || textOf(got[0]) != "one" || textOf(got[1]) != "two" {
		t.Errorf("got %d messages", len(got))
	}
	for _, name := range bob.names(0)[5:] {
		if name == client.EventSDKReady {
			t.Error("SDK_READY again")
		}
	}
}

func TestSendSurvivesALostReply(t *testing.T) {
	srv := fakeserver.Run(t)
	alice, bob := online(t, srv, "alice"), online(t, srv, "bob")
	alice.older()
	if err := srv.Fault(fakeserver.Fault{DropReplies: []string{"openim.sendmsg"}, Count: 1}); err != nil {
		t.Fatal(err)
	}
	m := alice.text("bob", "once")
	sent := make(chan error, 1)
	go func() {
		_, err := alice.SendMessage(alice.ctx, m)
		sent <- err
	}()
	bob.expect(client.EventMessageReceived)
	srv.Disconnect("alice")
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	bob.settle()
	equal(t, "stored", len(srv.Messages("alice", "bob")), 1)
	equal(t, "status", m.Latest().Status, client.StatusSuccess)
}

func TestUnansweredSendFails(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	if err := srv.Fault(fakeserver.Fault{DropReplies: []string{"openim.sendmsg"}}); err != nil {
		t.Fatal(err)
	}
	m := alice.text("alice", "lost")
	sent := make(chan error, 1)
	go func() {
		_, err := alice.SendMessage(alice.ctx, m)
		sent <- err
	}()
	for len(srv.Messages("alice", "alice")) == 0 { // it has been sent
		alice.settle()
	}
	alice.clock.Advance(15*time.Second, alice.settle)
	e := wantCode(t, <-sent, client.CodeTimeout)
	equal(t, "status", e.Data.Message.Status, client.StatusFail)
}
