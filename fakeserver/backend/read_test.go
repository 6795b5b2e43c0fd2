package backend

import (
	"slices"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

func TestReadTellsPeerAndOwnInstances(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	alice, bob, bob2 := w.login("alice"), w.login("bob"), w.login("bob")
	alice.send("bob", "1")
	w.advance(2 * time.Second)
	alice.send("bob", "2")
	bob.take()
	bob2.take()
	bob.read("alice", start.Unix())
	alice.expect("receipt bob +0")
	bob.expect()
	bob2.expect("read alice +0")
	if n := bob.unread("alice"); n != 1 {
		t.Errorf("unread %d, want the later one", n)
	}
	bob.readNow("alice")
	alice.expect("receipt bob +2")
	bob.readNow("alice") // nothing new: nobody is told again
	bob.read("alice", start.Unix())
	alice.expect()
	bob2.expect("read alice +2")
	if n := bob.unread("alice"); n != 0 {
		t.Errorf("unread %d", n)
	}
	if item := alice.contacts()[0]; item.C2CPeerReadTime != start.Unix()+2 {
		t.Errorf("peer read time %d", item.C2CPeerReadTime)
	}
	r := ask[protocol.PeerReadTimeReply](alice, protocol.CmdGetPeerReadTime, protocol.PeerReadTimeRequest{ToAccount: []string{"bob", "nobody", "alice"}})
	if !slices.Equal(r.ReadTime, []int64{start.Unix() + 2, 0, 0}) {
		t.Errorf("read times %v", r.ReadTime)
	}
}

// A read covers what is there. What comes later counts, in the same second
// too, until it is read again.
func TestReadsWithinASecond(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	alice.send("bob", "1")
	bob.readNow("alice")
	alice.send("bob", "2")
	if n := bob.unread("alice"); n != 1 {
		t.Errorf("unread %d, want what came after the read", n)
	}
	bob.readNow("alice")
	if n := bob.unread("alice"); n != 0 {
		t.Errorf("unread %d after the second read", n)
	}
	alice.expect("receipt bob +0", "receipt bob +0")
}

// A client whose clock is ahead does not read the future.
func TestReadOfTheFuture(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	alice.send("bob", "1")
	bob.read("alice", start.Unix()+1000)
	alice.expect("receipt bob +0")
	w.advance(time.Second)
	alice.send("bob", "2")
	if n := bob.unread("alice"); n != 1 {
		t.Errorf("unread %d", n)
	}
	for _, second := range []int64{-5, 0} {
		bob.read("alice", second)
	}
	bob.readNow("nobody")
	bob.readNow("bob")
	alice.expect()
}

func TestReadAll(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	alice, carol, dave := w.login("alice"), w.login("carol"), w.login("dave")
	bob, bob2 := w.login("bob"), w.login("bob")
	alice.send("bob", "1")
	carol.send("bob", "2")
	bob.send("dave", "3")
	for _, c := range []*client{bob, bob2, dave} {
		c.take()
	}
	bob.must(protocol.CmdReadAll, struct{}{})
	alice.expect("receipt bob +0")
	carol.expect("receipt bob +0")
	dave.expect()
	if got := bob2.take(); len(got) != 2 {
		t.Errorf("the other instance got %q", got)
	}
	if bob.unread("alice")+bob.unread("carol") != 0 {
		t.Error("not all is read")
	}
}

// What never counts: own messages, NoUnread, recalled and deleted ones.
func TestWhatCountsAsUnread(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	expect := func(what string, n int) {
		t.Helper()
		if got := bob.unread("alice"); got != n {
			t.Errorf("%s: unread %d, want %d", what, got, n)
		}
	}
	bob.send("alice", "own")
	expect("own", 0)
	quiet := alice.message("bob", "quiet")
	quiet.SendMsgControl = []string{"NoUnread"}
	alice.sendAs(quiet)
	expect("NoUnread", 0)
	first, second := alice.send("bob", "1"), alice.send("bob", "2")
	alice.send("bob", "3")
	expect("three", 3)
	alice.recall(first)
	expect("recalled", 2)
	bob.delete("alice", second)
	expect("deleted", 1)
	alice.delete("bob", second) // the sender's own deletion changes nothing
	expect("deleted by the sender", 1)
	if r := w.login("bob").sync(); len(r.C2CPairUnreadCount) != 1 || r.C2CPairUnreadCount[0].UnreadCount != 1 {
		t.Errorf("a login's number: %+v", r.C2CPairUnreadCount)
	}
}
