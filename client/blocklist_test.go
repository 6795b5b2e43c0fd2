package client_test

import (
	"slices"
	"testing"

	"github.com/imsim/imsim/client"
	"github.com/imsim/imsim/fakeserver"
)

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestBlocking(t *testing.T) {
	srv := fakeserver.Run(t, fakeserver.Options{WebInstances: 2})
	if _, _, err := srv.CreateUsers("bob", "carol"); err != nil {
		t.Fatal(err)
	}
	alice, other := online(t, srv, "alice"), online(t, srv, "alice")
	got, err := alice.AddToBlacklist(alice.ctx, client.BlacklistOptions{UserIDList: []string{"bob", "alice", "carol"}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "resolved", got, "bob", "carol")
	for _, u := range []*user{alice, other} {
		list, _ := u.expect(client.EventBlacklistUpdated).Data.([]string)
		same(t, "event", list, "bob", "carol")
	}
	got, err = alice.RemoveFromBlacklist(alice.ctx, client.BlacklistOptions{UserIDList: []string{"bob", "stranger"}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "resolved", got, "carol")
	for _, u := range []*user{alice, other} {
		list, _ := u.expect(client.EventBlacklistUpdated).Data.([]string)
		same(t, "event", list, "carol")
		got, err := u.GetBlacklist(u.ctx)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "getBlacklist", got, "carol")
	}
	if err := alice.Logout(alice.ctx); err != nil {
		t.Fatal(err)
	}
	alice.login()
	got, err = alice.GetBlacklist(alice.ctx)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "after a new login", got, "carol")
}

func TestRefusedBlocking(t *testing.T) {
	alice := online(t, fakeserver.Run(t), "alice")
	_, err := alice.AddToBlacklist(alice.ctx, client.BlacklistOptions{UserIDList: []string{"alice"}})
	wantCode(t, err, client.CodeBlockingOneself)
	_, err = alice.AddToBlacklist(alice.ctx, client.BlacklistOptions{})
	wantParam(t, err)
	_, err = alice.RemoveFromBlacklist(alice.ctx, client.BlacklistOptions{})
	wantCode(t, err, client.CodeUnblockParam)
}
