package backend

import (
	"fmt"
	"slices"
	"testing"

	"github.com/imsim/imsim/protocol"
)

func (c *client) block(cmd string, ids ...string) protocol.SNSResultReply {
	c.w.t.Helper()
	return ask[protocol.SNSResultReply](c, cmd, protocol.BlackListRequest{FromAccount: c.user, ToAccount: ids})
}

func TestABlockedSenderSucceedsAndTheReceiverGetsNothing(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	alice, second, bob, phone := w.login("alice"), w.login("alice"), w.login("bob"), w.login("bob")
	bob.block(protocol.CmdBlackListAdd, "alice")
	for _, c := range []*client{bob, phone} { // the caller is told too, and before the reply
		c.expect("blocked alice")
	}
	id := alice.send("bob", "lost")
	second.expect("bob→alice: lost (copy)")
	if code := alice.recall(id); code != protocol.OK {
		t.Errorf("recall: %d", code)
	}
	second.expect("recall alice→bob 1")
	alice.send("bob", "lost too")
	second.take()
	bob.expect()
	if got := bob.history("alice"); len(got) != 0 {
		t.Errorf("bob's history: %q", got)
	}
	if len(bob.contacts()) != 0 {
		t.Error("bob's list has a conversation with alice")
	}
	if len(alice.history("bob")) != 2 {
		t.Errorf("alice's history: %q", alice.history("bob"))
	}
	phone.disconnect()
	bob.send("alice", "the other way works")
	second.expect("bob→alice: the other way works")

	w.reload()
	alice, bob = w.login("alice"), w.login("bob")
	alice.send("bob", "still blocked")
	bob.expect()
	if got := ask[protocol.BlackListReply](bob, protocol.CmdBlackListGet, struct{}{}); len(got.BlackListItem) != 1 || got.StartIndex != 0 {
		t.Errorf("list: %+v", got)
	}
	bob.block(protocol.CmdBlackListDelete, "alice", "nobody")
	bob.expect("unblocked alice")
	alice.send("bob", "free")
	bob.expect("alice→bob: free")
	if got := bob.history("alice"); len(got) != 2 {
		t.Errorf("bob's history: %q", got)
	}
}

func TestABlockedSenderGets20007WhenConfigured(t *testing.T) {
	w := newWorld(t, Config{BlockedSenderGets20007: true})
	alice, bob := w.login("alice"), w.login("bob")
	bob.block(protocol.CmdBlackListAdd, "alice")
	if got := alice.code(protocol.CmdSendMsg, alice.message("bob", "x")); got != protocol.CodeBlocked {
		t.Errorf("code %d", got)
	}
	if len(alice.history("bob")) != 0 {
		t.Error("the refused message was stored")
	}
}

func TestBlocklistRefusesOneByOne(t *testing.T) {
	w := newWorld(t, Config{})
	bob := w.login("bob")
	w.login("alice")
	r := bob.block(protocol.CmdBlackListAdd, "alice", "nobody", "bob")
	var codes []protocol.Code
	for _, item := range r.ResultItem {
		codes = append(codes, item.ResultCode)
	}
	if want := []protocol.Code{protocol.OK, protocol.CodeSNSNoUser, protocol.CodeSNSParam}; !slices.Equal(codes, want) {
		t.Errorf("codes %v, want %v", codes, want)
	}
	bob.expect("blocked alice")
	bob.block(protocol.CmdBlackListAdd, "alice") // again: nothing changes, nobody is told
	bob.expect()

	var many []string
	for i := range w.cfg.MaxBlocked {
		many = append(many, fmt.Sprintf("u%d", i))
	}
	if _, _, err := w.CreateUsers(w.at, many); err != nil {
		t.Fatal(err)
	}
	r = bob.block(protocol.CmdBlackListAdd, many...)
	if last := r.ResultItem[len(many)-1]; last.ResultCode != protocol.CodeBlackListFull {
		t.Errorf("number %d: %+v", w.cfg.MaxBlocked+1, last)
	}
}
