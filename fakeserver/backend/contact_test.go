package backend

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

// listed is the conversation list, pinned ones marked.
func (c *client) listed() []string {
	c.w.t.Helper()
	list := []string{}
	for _, item := range c.contacts() {
		name := item.ToAccountC2C
		if item.TopFlags == 1 {
			name = "*" + name
		}
		list = append(list, name)
	}
	return list
}

func (c *client) top(operation int, users ...string) protocol.Code {
	c.w.t.Helper()
	req := protocol.ContactTopRequest{FromAccount: c.user, OperationType: operation}
	for _, u := range users {
		req.RecentContactItem = append(req.RecentContactItem, protocol.ContactItem{Type: protocol.ContactC2C, ToAccount: u})
	}
	return c.code(protocol.CmdContactTop, req)
}

func wantListed(t *testing.T, c *client, want ...string) {
	t.Helper()
	if got := c.listed(); !slices.Equal(got, want) {
		t.Errorf("%s's list is %q, want %q", c.user, got, want)
	}
}

func TestNewestConversationComesFirst(t *testing.T) {
	w := newWorld(t, Config{MaxConversations: 3})
	w.CreateUsers(w.at, []string{"a", "b", "c", "d"})
	alice := w.login("alice")
	for _, peer := range []string{"d", "b", "c", "a", "b"} { // all in one second
		alice.send(peer, "x")
	}
	wantListed(t, alice, "b", "a", "c") // d is over the limit
	w.advance(time.Second)
	alice.send("d", "x")
	wantListed(t, alice, "d", "b", "a")
}

func TestPinning(t *testing.T) {
	w := newWorld(t, Config{MaxPinned: 2, WebInstances: 2})
	w.CreateUsers(w.at, []string{"a", "b", "c"})
	alice, alice2 := w.login("alice"), w.login("alice")
	alice.send("a", "x")
	alice.send("b", "x")
	alice2.take()
	if code := alice.top(protocol.TopPin, "a", "c"); code != protocol.OK { // c has no messages
		t.Fatal(code)
	}
	wantListed(t, alice, "*a", "*c", "b")
	alice.expect()
	alice2.expect("pin2 a", "pin2 c")
	if code := alice.top(protocol.TopPin, "a", "c"); code != protocol.OK { // changes nothing
		t.Error(code)
	}
	alice2.expect()
	if code := alice.top(protocol.TopPin, "b"); code != protocol.CodePinsFull {
		t.Errorf("third pin: %d", code)
	}
	if code := alice.top(protocol.TopUnpin, "c", "b"); code != protocol.OK {
		t.Error(code)
	}
	alice2.expect("pin3 c")
	wantListed(t, alice2, "*a", "b")
}

// Of a request that cannot be carried out nothing is.
func TestPinningIsAllOrNothing(t *testing.T) {
	w := newWorld(t, Config{MaxPinned: 2, WebInstances: 2})
	w.CreateUsers(w.at, []string{"a", "b", "c"})
	alice, alice2 := w.login("alice"), w.login("alice")
	for want, users := range map[protocol.Code][]string{protocol.CodePinsFull: {"a", "b", "c"}, protocol.CodeContactAccount: {"a", "nobody"}} {
		if code := alice.top(protocol.TopPin, users...); code != want {
			t.Errorf("%v: %d, want %d", users, code, want)
		}
		wantListed(t, alice)
		alice2.expect()
	}
	if code := alice.top(7, "a"); code != protocol.CodeContactParam {
		t.Errorf("operation 7: %d", code)
	}
	group := protocol.ContactTopRequest{OperationType: 1, RecentContactItem: []protocol.ContactItem{{Type: protocol.ContactGroup, GroupID: "g"}}}
	if code := alice.code(protocol.CmdContactTop, group); code != protocol.CodeContactAccount {
		t.Errorf("unknown group: %d", code)
	}
}

func TestDeletedConversationComesBackWithTheNextMessage(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	alice := w.login("alice")
	bob, bob2 := w.login("bob"), w.login("bob")
	alice.send("bob", "1")
	bob.take()
	bob2.take()
	del := protocol.ContactDeleteRequest{FromAccount: "bob", ContactItem: protocol.ContactItem{Type: protocol.ContactC2C, ToAccount: "alice"}}
	bob.must(protocol.CmdContactDelete, del)
	bob.expect()
	bob2.expect("deleted1 alice")
	wantListed(t, bob)
	wantListed(t, alice, "bob")
	if code := bob.top(protocol.TopPin, "alice"); code != protocol.OK {
		t.Fatal(code)
	}
	bob.must(protocol.CmdContactDelete, del) // and it is no longer pinned
	if got := bob.history("alice"); len(got) != 1 {
		t.Errorf("2.14 keeps the history: %q", got)
	}
	alice.send("bob", "2")
	wantListed(t, bob, "alice")
}

func TestBatchDeleteClearsTheHistory(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	alice.send("bob", "1")
	item := protocol.ContactItem{Type: protocol.ContactC2C, ToAccount: "alice"}
	r := ask[protocol.ContactBatchDeleteReply](bob, protocol.CmdContactBatchDel, protocol.ContactBatchDeleteRequest{
		ContactItem: []protocol.ContactItem{item, {Type: protocol.ContactGroup, ToGroupID: "g"}}, ClearRamble: 1})
	if len(r.ResultItem) != 2 || r.ResultItem[0].ContactItem != item || r.ResultItem[0].ResultCode != protocol.OK {
		t.Errorf("%+v", r)
	}
	alice.send("bob", "2")
	if got := bob.history("alice"); !slices.Equal(got, []string{"alice→bob: 2"}) || bob.unread("alice") != 1 {
		t.Errorf("history %q, unread %d", got, bob.unread("alice"))
	}
	if got := alice.history("bob"); len(got) != 2 {
		t.Errorf("the peer's history: %q", got)
	}
}

func TestConversationShowsPeerAndLastMessage(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	alice.must(protocol.CmdProfileSet, protocol.ProfileSetRequest{ProfileItem: []protocol.ProfileItem{{Tag: protocol.TagNick, Value: json.RawMessage(`"Al"`)}}})
	m := alice.message("bob", "hi")
	m.CloudCustomData = "data"
	id := alice.sendAs(m)
	item := bob.contacts()[0]
	if item.Type != protocol.ContactC2C || item.ToAccountC2C != "alice" || item.C2CNick != "Al" || item.MsgTimeStamp != id.MsgTimeStamp ||
		item.MsgSeq != id.MsgSeq || item.MsgRandom != id.MsgRandom || item.LastC2CMsgFromAccount != "alice" || item.LastMsg == nil ||
		string(item.LastMsg.MsgBody) != string(textBody("hi")) || item.CloudCustomData != "data" || item.LastMsg.CloudCustomData != "data" {
		t.Errorf("%+v", item)
	}
}

func TestProfiles(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	alice, alice2, bob := w.login("alice"), w.login("alice"), w.login("bob")
	set := func(items ...protocol.ProfileItem) protocol.Code {
		t.Helper()
		return alice.code(protocol.CmdProfileSet, protocol.ProfileSetRequest{ProfileItem: items})
	}
	item := func(tag, value string) protocol.ProfileItem {
		return protocol.ProfileItem{Tag: tag, Value: json.RawMessage(value)}
	}
	if code := set(item(protocol.TagNick, `"Al"`), item(protocol.TagLevel, `7`), item(protocol.TagNick, `"Ali"`)); code != protocol.OK {
		t.Fatal(code)
	}
	alice.expect()
	alice2.expect("profile alice")
	bob.expect()
	for _, bad := range []protocol.ProfileItem{item("", `"x"`), item("t", `null`), item("t", `{}`), item("t", `[]`), item("t", `true`), {Tag: "t"}} {
		if code := set(item(protocol.TagNick, `"other"`), bad); code != protocol.CodeProfileParam {
			t.Errorf("%+v: %d", bad, code)
		}
	}
	var req protocol.ProfileGetRequest
	if err := json.Unmarshal([]byte(`{"UserItem":[{"To_Account":"alice"},{"To_Account":"nobody"}]}`), &req); err != nil {
		t.Fatal(err)
	}
	r := ask[protocol.ProfileGetReply](bob, protocol.CmdProfileGet, req)
	if got := fmt.Sprintf("%+v", r.UserProfileItem[0].ProfileItem); got != fmt.Sprintf("%+v", []protocol.ProfileItem{item(protocol.TagNick, `"Ali"`), item(protocol.TagLevel, `7`)}) {
		t.Errorf("profile %s", got)
	}
	if missing := r.UserProfileItem[1]; missing.ToAccount != protocol.NoSuchUser || missing.ResultCode != protocol.CodeProfileNoUser {
		t.Errorf("missing user: %+v", missing)
	}
	for range maxProfiles + 1 {
		req.UserItem = append(req.UserItem, req.UserItem[0])
	}
	if code := bob.code(protocol.CmdProfileGet, req); code != protocol.CodeProfileParam {
		t.Errorf("too many: %d", code)
	}
}

func TestClearedHistoryIsGoneForOne(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	alice.newGroup(protocol.GroupPublic, "g", "bob")
	alice.send("bob", "one")
	alice.say("g", "two")
	for _, item := range []protocol.ContactItem{
		{Type: protocol.ContactC2C, ToAccount: "alice"}, {Type: protocol.ContactGroup, ToGroupID: "g"},
		{Type: protocol.ContactC2C, ToAccount: "nobody"}, {Type: protocol.ContactGroup, ToGroupID: "none"},
	} {
		bob.must(protocol.CmdContactClear, protocol.ContactDeleteRequest{FromAccount: "bob", ContactItem: item})
	}
	alice.send("bob", "three")
	alice.say("g", "four")
	if item := bob.groupContact("g"); len(bob.groupHistory("g")) != 1 || item.UnreadMsgCount != 1 {
		t.Errorf("group: %q, %+v", bob.groupHistory("g"), item)
	}
	if n := len(alice.groupHistory("g")); n != 2 {
		t.Errorf("alice's history has %d", n)
	}
	for _, item := range bob.contacts() {
		if item.ToAccountC2C == "alice" && item.UnreadMsgCount != 1 {
			t.Errorf("%+v", item)
		}
	}
}
