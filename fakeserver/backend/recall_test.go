package backend

import (
	"slices"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

func TestRecallTellsEverybodyElse(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	alice, alice2, bob, carol := w.login("alice"), w.login("alice"), w.login("bob"), w.login("carol")
	id := alice.send("bob", "oops")
	bob.take()
	alice2.take()
	if code := alice.recall(id); code != protocol.OK {
		t.Fatal(code)
	}
	alice.expect()
	alice2.expect("recall alice→bob 1")
	bob.expect("recall alice→bob 1")
	carol.expect()
	for _, c := range []*client{alice, bob} { // keeps its place and its body
		peer := map[string]string{"alice": "bob", "bob": "alice"}[c.user]
		if got := c.history(peer); !slices.Equal(got, []string{"alice→bob: oops (recalled)"}) {
			t.Errorf("%s: %q", c.user, got)
		}
		if item := c.contacts()[0]; item.LastMsgFlags != protocol.FlagC2CRecalled {
			t.Errorf("%s: last message is not flagged: %+v", c.user, item)
		}
	}
	if r := ask[protocol.GetRoamMsgReply](bob, protocol.CmdGetRoamMsg, protocol.GetRoamMsgRequest{PeerAccount: "alice", MaxCnt: 5}); r.MsgCnt != 0 {
		t.Errorf("listed without WithRecalledMsg: %+v", r.MsgList)
	}
}

func TestRecallRefusals(t *testing.T) {
	w := newWorld(t, Config{RecallWindow: time.Minute})
	alice, bob := w.login("alice"), w.login("bob")
	id := alice.send("bob", "1")
	late := alice.send("bob", "2")
	reversed := id
	reversed.ToAccount = "alice"
	expect := func(what string, c *client, id protocol.MsgIdentity, want protocol.Code) {
		t.Helper()
		if code := c.recall(id); code != want {
			t.Errorf("%s: %d, want %d", what, code, want)
		}
	}
	expect("by the receiver", bob, id, protocol.CodeC2CRecallGone)
	expect("by the receiver, reversed", bob, reversed, protocol.CodeC2CRecallGone)
	expect("no such message", alice, protocol.MsgIdentity{ToAccount: "bob", MsgSeq: 99}, protocol.CodeC2CRecallGone)
	expect("no such chat", alice, protocol.MsgIdentity{ToAccount: "nobody", MsgSeq: 1}, protocol.CodeC2CRecallGone)
	w.advance(time.Minute - 1)
	expect("in time", alice, id, protocol.OK)
	expect("twice", alice, id, protocol.CodeC2CRecallTwice)
	w.advance(1)
	expect("late", alice, late, protocol.CodeC2CRecallLate)
	bob.expect("alice→bob: 1", "alice→bob: 2", "recall alice→bob 1")
}

func TestDeleteIsOneSided(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	alice, bob, bob2 := w.login("alice"), w.login("bob"), w.login("bob")
	one, two := alice.send("bob", "1"), bob.send("alice", "2")
	alice.send("bob", "3")
	for _, c := range []*client{alice, bob, bob2} {
		c.take()
	}
	bob.delete("alice", one, two, one)
	for _, c := range []*client{alice, bob, bob2} {
		c.expect() // nobody is told
	}
	if got := bob.history("alice"); !slices.Equal(got, []string{"alice→bob: 3"}) {
		t.Errorf("bob: %q", got)
	}
	if got := alice.history("bob"); len(got) != 3 {
		t.Errorf("alice: %q", got)
	}
	wrongTime := one
	wrongTime.MsgTimeStamp++
	alice.delete("bob", wrongTime)
	if got := alice.history("bob"); len(got) != 3 {
		t.Errorf("a key of another second deleted: %q", got)
	}
	for _, bad := range []string{"", "x", "1_2", "1_2_x"} {
		req := protocol.DeleteC2CRequest{ToAccount: "alice", MsgKeyList: []string{keyString(one), bad}}
		if code := alice.code(protocol.CmdDeleteC2C, req); code != protocol.CodeMsgKey {
			t.Errorf("key %q: %d", bad, code)
		}
	}
	alice.delete("nobody", one)
}

// The list shows the newest message that is left.
func TestDeleteMovesTheLastMessage(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	one, two := alice.send("bob", "1"), alice.send("bob", "2")
	bob.delete("alice", two)
	if item := bob.contacts()[0]; item.MsgSeq != one.MsgSeq {
		t.Errorf("last is %d", item.MsgSeq)
	}
	bob.delete("alice", one)
	if list := bob.contacts(); len(list) != 0 {
		t.Errorf("empty conversation is listed: %+v", list)
	}
	if item := alice.contacts()[0]; item.MsgSeq != two.MsgSeq {
		t.Errorf("the sender's last is %d", item.MsgSeq)
	}
}
