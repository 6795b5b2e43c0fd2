package backend

import (
	"fmt"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

// What nobody looks at any more is let go of all the same.
func TestRetentionLetsGoOfWhatNobodyAsksFor(t *testing.T) {
	w := newWorld(t, Config{Retention: 24 * time.Hour})
	alice := w.login("alice")
	w.login("bob").disconnect()
	kept := func() (chats, inboxes int) {
		for _, c := range w.chats {
			chats += len(c.messages)
		}
		for _, a := range w.accounts {
			inboxes += len(a.inbox.messages)
		}
		return chats, inboxes
	}
	for day := range 30 {
		for i := range 10 {
			alice.send("bob", fmt.Sprint(day, i))
		}
		w.advance(24 * time.Hour)
		if chats, inboxes := kept(); chats > 2*10 || inboxes > 2*2*10 {
			t.Fatalf("day %d: %d messages are kept, %d in inboxes", day, chats, inboxes)
		}
	}
	w.advance(48 * time.Hour)
	if chats, inboxes := kept(); chats+inboxes > 0 {
		t.Errorf("%d messages are kept, %d in inboxes", chats, inboxes)
	}
}

func TestUserOfInstance(t *testing.T) {
	w := newWorld(t, Config{})
	alice := w.login("alice")
	is := func(want string) {
		t.Helper()
		if got := w.UserOfInstance(alice.instance); got != want {
			t.Errorf("instance of %q, want %q", got, want)
		}
	}
	is("alice")
	alice.disconnect()
	is("alice")
	alice.connect()
	if code := alice.tryLogin("bob"); code != 0 {
		t.Fatal(code)
	}
	is("bob")
	alice.must(protocol.CmdLogout, struct{}{})
	is("")
	if len(w.instances) != 0 || w.UserOfInstance("") != "" {
		t.Errorf("%d instances", len(w.instances))
	}
}
