package client_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/imsim/imsim/client"
	"github.com/imsim/imsim/fakeserver"
)

func TestStartUpEventsInTheirOrder(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	want := []string{
		client.EventBlacklistUpdated, client.EventFriendApplicationListUpdated, client.EventFriendListUpdated,
		client.EventGroupListUpdated, client.EventSDKReady,
	}
	if got := alice.names(0); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestLoginTwiceKeepsTheFirstUser(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	res, err := alice.Login(alice.ctx, client.LoginOptions{UserID: "bob", UserSig: "x"})
	if err != nil || !res.RepeatLogin {
		t.Fatalf("%+v, %v", res, err)
	}
	p, err := alice.GetMyProfile(alice.ctx)
	if err != nil || p.UserID != "alice" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestFailedLoginPausesForFifteenSeconds(t *testing.T) {
	srv := fakeserver.Run(t, fakeserver.Options{Secret: "s"})
	alice := newUser(t, srv, "alice")
	_, err := alice.Login(alice.ctx, client.LoginOptions{UserID: "alice", UserSig: "nonsense"})
	wantCode(t, err, 70003)
	sig := srv.UserSig("alice")
	_, err = alice.Login(alice.ctx, client.LoginOptions{UserID: "alice", UserSig: sig})
	wantCode(t, err, client.CodeRepeatLogin)
	alice.clock.Advance(15*time.Second+time.Millisecond, nil)
	if _, err = alice.Login(alice.ctx, client.LoginOptions{UserID: "alice", UserSig: sig}); err != nil {
		t.Fatal(err)
	}
}

func TestNotReady(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := newUser(t, srv, "alice")
	_, err := alice.CreateTextMessage(client.TextMessageOptions{})
	wantCode(t, err, client.CodeNotReady)
	e := alice.expect(client.EventError)
	equal(t, "code of ERROR", e.Data.(*client.Error).Code, client.CodeNotReady)
	wantCode(t, alice.Once(client.EventSDKReady, client.Handle(func(client.Event) {})), client.CodeNotReady)
	wantCode(t, alice.Logout(alice.ctx), client.CodeNotLoggedIn)
	_, err = alice.Login(alice.ctx, client.LoginOptions{UserID: "alice"})
	wantParam(t, err)
}

func TestLogoutAndLoginOnTheSameConnection(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	alice.say("alice", "to myself")
	if err := alice.Logout(alice.ctx); err != nil {
		t.Fatal(err)
	}
	alice.expect(client.EventSDKNotReady)
	alice.login()
	for _, name := range alice.names(0) {
		if name == client.EventNetStateChange {
			t.Error("reconnected")
		}
	}
}

func TestDestroyEndsEverything(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	if err := alice.Destroy(alice.ctx); err != nil {
		t.Fatal(err)
	}
	alice.expect(client.EventSDKNotReady)
	d := alice.expect(client.EventSDKDestroy)
	equal(t, "SDKAppID", d.Data.(*client.DestroyData).SDKAppID, srv.AppID())
	if err := alice.Destroy(alice.ctx); err != nil {
		t.Error(err)
	}
	bob := newUser(t, srv, "bob")
	wantCode(t, bob.Destroy(bob.ctx), client.CodeNotLoggedIn)
	bob.expect(client.EventSDKDestroy)
}

func TestDestroyFreesPendingCalls(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	if err := srv.Fault(fakeserver.Fault{DropReplies: []string{"recentcontact.get"}}); err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	go func() {
		_, err := alice.GetConversationList(context.Background())
		failed <- err
	}()
	alice.settle()
	_ = alice.Destroy(alice.ctx)
	if err := <-failed; err == nil {
		t.Error("succeeded")
	}
}

func TestContextEndsTheWaitOnly(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	if err := srv.Fault(fakeserver.Fault{DropReplies: []string{"recentcontact.get"}, Count: 1}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := alice.GetConversationList(ctx); err != context.Canceled {
		t.Errorf("error %v", err)
	}
	alice.settle()
	if _, err := alice.GetConversationList(alice.ctx); err != nil {
		t.Error(err)
	}
}

func TestKickOuts(t *testing.T) {
	srv := fakeserver.Run(t)
	for _, reason := range []string{fakeserver.MultipleAccount, fakeserver.MultipleDevice, fakeserver.UserSigExpired} {
		alice := online(t, srv, "alice")
		if _, err := srv.Kick("alice", reason); err != nil {
			t.Fatal(err)
		}
		e := alice.expect(client.EventKickedOut)
		equal(t, "type", e.Data.(*client.KickedOutData).Type, reason)
		alice.expect(client.EventSDKNotReady)
		_, err := alice.GetMyProfile(alice.ctx)
		wantCode(t, err, client.CodeNotReady)
		alice.login()
		if err := alice.Destroy(alice.ctx); err != nil {
			t.Error(err)
		}
	}
}

func TestBinaryFrames(t *testing.T) {
	srv := fakeserver.Run(t)
	c, err := client.Create(client.Options{
		SDKAppID: srv.AppID(), URL: srv.URL(), Binary: true, Dialer: client.DialVia(srv.Dial),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := c.Login(ctx, client.LoginOptions{UserID: "alice", UserSig: srv.UserSig("alice")}); err != nil {
		t.Error(err)
	}
	if err := c.Destroy(ctx); err != nil {
		t.Error(err)
	}
}
