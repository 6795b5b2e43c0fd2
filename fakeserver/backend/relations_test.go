package backend

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/imsim/imsim/protocol"
)

func (c *client) addFriend(to, how string) protocol.Code {
	c.w.t.Helper()
	r := ask[protocol.SNSResultReply](c, protocol.CmdFriendAdd, protocol.FriendAddRequest{
		AddType: how, AddFriendItem: []protocol.FriendAddItem{{ToAccount: to, AddSource: "AddSource_Type_Web", AddWording: "hi", Remark: "R", GroupName: "g"}},
	})
	return r.ResultItem[0].ResultCode
}

func (c *client) deleteFriend(id, how string) protocol.Code {
	c.w.t.Helper()
	return ask[protocol.SNSResultReply](c, protocol.CmdFriendDelete, protocol.FriendDeleteRequest{ToAccount: []string{id}, DeleteType: how}).ResultItem[0].ResultCode
}

func (c *client) tryBlock(id string) protocol.Code {
	c.w.t.Helper()
	return ask[protocol.SNSResultReply](c, protocol.CmdBlackListAdd, protocol.BlackListRequest{ToAccount: []string{id}}).ResultItem[0].ResultCode
}

func (c *client) tryUnblock(id string) protocol.Code {
	c.w.t.Helper()
	return ask[protocol.SNSResultReply](c, protocol.CmdBlackListDelete, protocol.BlackListRequest{ToAccount: []string{id}}).ResultItem[0].ResultCode
}

func (c *client) respond(id, action string) protocol.Code {
	c.w.t.Helper()
	return ask[protocol.SNSResultReply](c, protocol.CmdFriendResponse, map[string]any{
		"ResponseFriendItem": []map[string]string{{"To_Account": id, "ResponseAction": action, "TagName": "t"}},
	}).ResultItem[0].ResultCode
}

func (c *client) allow(how string) {
	c.w.t.Helper()
	value, _ := json.Marshal("AllowType_Type_" + how)
	c.must(protocol.CmdProfileSet, protocol.ProfileSetRequest{ProfileItem: []protocol.ProfileItem{{Tag: protocol.TagAllowType, Value: value}}})
}

// friendList reads the whole list, as an SDK does at its login.
func (c *client) friendList() []string {
	c.w.t.Helper()
	var ids []string
	req := protocol.FriendGetRequest{}
	for {
		r := ask[protocol.FriendGetReply](c, protocol.CmdFriendGet, req)
		for _, d := range r.UserDataItem {
			ids = append(ids, d.ToAccount)
		}
		if r.CompleteFlag != 0 {
			return ids
		}
		req = protocol.FriendGetRequest{StartIndex: r.NextStartIndex, StandardSequence: r.StandardSequence, CustomSequence: r.CustomSequence}
	}
}

// applications reads the list, as "in alice" or "out bob", and the unread count.
func (c *client) applications() (list []string, unread int) {
	c.w.t.Helper()
	r := ask[protocol.PendencyReply](c, protocol.CmdPendencyGet, protocol.PendencyRequest{PendencyType: protocol.PendencyBoth})
	for _, p := range r.PendencyItem {
		kind := "in "
		if p.PendencyType == protocol.PendencySendOut {
			kind = "out "
		}
		list = append(list, kind+p.ToAccount)
	}
	slices.Sort(list)
	return list, r.UnreadPendencyCount
}

func TestFriendsAreToldToAllInstancesBeforeTheReply(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	alice, alice2, bob := w.login("alice"), w.login("alice"), w.login("bob")
	for _, c := range []*client{alice, alice2, bob} {
		c.friendList()
	}
	frame := alice.frame(protocol.CmdFriendAdd, json.RawMessage(validBodies[protocol.CmdFriendAdd]))
	effects := slices.Clone(w.Receive(w.at, alice.conn, frame))
	if n := len(effects); n != 4 || effects[n-1].Push || !effects[0].Push {
		t.Fatalf("want three pushes, then the reply: %+v", effects)
	}
	w.handOut(effects)
	alice.expect("friends bob")
	alice2.expect("friends bob")
	bob.expect("friends alice")
	if code := bob.deleteFriend("alice", protocol.DeleteSingle); code != protocol.OK {
		t.Fatal(code)
	}
	bob.expect("no friends alice")
	alice.expect()
	if code := alice.tryBlock("bob"); code != protocol.OK {
		t.Fatal(code)
	}
	alice.expect("no friends bob", "blocked bob")
	bob.expect()
	if got := bob.addFriend("alice", protocol.AddBoth); got != protocol.CodeBlockedByPeer {
		t.Error(got)
	}
	if got := alice.addFriend("bob", protocol.AddBoth); got != protocol.CodePeerBlocked {
		t.Error(got)
	}
}

// A client that has not read its list yet lacks the friend; its SDK would
// throw at the deletion.
func TestDeletionIsNotToldWhoLacksTheFriend(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	alice, bob := w.login("alice"), w.login("bob")
	alice.addFriend("bob", protocol.AddBoth)
	fresh := w.login("bob")
	fresh.take()
	alice.deleteFriend("bob", protocol.DeleteBoth)
	fresh.expect()
	bob.expect("friends alice", "no friends alice")
	alice.addFriend("bob", protocol.AddSingle)
	alice.take()
	alice.deleteFriend("bob", protocol.DeleteBoth)
	alice.expect("no friends bob")
	fresh.expect()
}

func TestMissedNewsAreToldAsTheirOutcome(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob, carol, dave := w.login("alice"), w.login("bob"), w.login("carol"), w.login("dave")
	bob.friendList()
	carol.addFriend("bob", protocol.AddBoth)
	bob.take()
	bob.disconnect()
	alice.addFriend("bob", protocol.AddBoth)
	alice.deleteFriend("bob", protocol.DeleteBoth) // came and went
	carol.deleteFriend("bob", protocol.DeleteBoth)
	dave.addFriend("bob", protocol.AddBoth)
	for range maxMissed + 5 { // no queue to run over
		dave.deleteFriend("bob", protocol.DeleteBoth)
		dave.addFriend("bob", protocol.AddBoth)
	}
	bob.comeBack()
	w.advance(syncTime)
	bob.expect("friends dave", "no friends carol")
}

func TestFriendPagesSurviveChanges(t *testing.T) {
	w := newWorld(t, Config{FriendPage: 2})
	alice := w.login("alice")
	var ids []string
	for i := range 5 {
		ids = append(ids, fmt.Sprint("f", i))
	}
	if _, _, err := w.CreateUsers(w.at, append(ids, "late")); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		alice.addFriend(id, protocol.AddBoth)
	}
	if got := alice.friendList(); !slices.Equal(got, ids) {
		t.Errorf("%v", got)
	}
	r := ask[protocol.FriendGetReply](alice, protocol.CmdFriendGet, protocol.FriendGetRequest{})
	if r.FriendNum != 5 || r.CompleteFlag != 0 || r.NextStartIndex == 0 {
		t.Fatalf("%+v", r)
	}
	alice.deleteFriend("f0", protocol.DeleteBoth)
	alice.deleteFriend("f1", protocol.DeleteBoth)
	alice.addFriend("late", protocol.AddBoth)
	r = ask[protocol.FriendGetReply](alice, protocol.CmdFriendGet, protocol.FriendGetRequest{StartIndex: r.NextStartIndex})
	if r.UserDataItem[0].ToAccount != "f2" || r.UserDataItem[1].ToAccount != "f3" {
		t.Errorf("%+v", r.UserDataItem)
	}
}

func TestApplications(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	bob.allow("NeedConfirm")
	if code := alice.addFriend("bob", protocol.AddBoth); code != protocol.CodeNeedsConsent {
		t.Fatal(code)
	}
	alice.expect(`application of alice: bob "hi"`)
	bob.expect(`application of alice: alice "hi"`)
	if list, unread := bob.applications(); !slices.Equal(list, []string{"in alice"}) || unread != 1 {
		t.Errorf("%v, %d unread", list, unread)
	}
	bob.must(protocol.CmdPendencyReport, protocol.PendencyReportRequest{})
	bob.expect("applications read +0")
	if _, unread := bob.applications(); unread != 0 {
		t.Errorf("%d unread", unread)
	}
	if code := bob.respond("alice", protocol.ResponseReject); code != protocol.OK {
		t.Fatal(code)
	}
	alice.expect("application of alice: bob gone")
	bob.expect("application of alice: alice gone")
	if code := bob.respond("alice", protocol.ResponseAgree); code != protocol.CodeNoApplication {
		t.Error(code)
	}
	alice.addFriend("bob", protocol.AddBoth)
	alice.take()
	bob.take()
	bob.respond("alice", protocol.ResponseAgree)
	alice.expect("friends bob")
	bob.expect("application of alice: alice gone")
}

func TestStatesOfRelationsThatCannotBe(t *testing.T) {
	for name, text := range map[string]string{
		"unknown friend":        `{"changes":1,"friends":[{"no":1,"userID":"nobody"}]}`,
		"oneself":               `{"changes":1,"friends":[{"no":1,"userID":"alice"}]}`,
		"number beyond":         `{"changes":0,"friends":[{"no":1,"userID":"bob"}]}`,
		"twice":                 `{"changes":2,"friends":[{"no":1,"userID":"bob"},{"no":2,"userID":"bob"}]}`,
		"unknown friend list":   `{"changes":1,"friends":[{"no":1,"userID":"bob","groups":["x"]}]}`,
		"blocked friend":        `{"changes":1,"friends":[{"no":1,"userID":"bob"}],"blocked":[{"userID":"bob"}]}`,
		"blocked twice":         `{"blocked":[{"userID":"bob"},{"userID":"bob"}]}`,
		"application to nobody": `{"changes":1,"sent":[{"no":1,"userID":"nobody"}]}`,
		"nameless friend list":  `{"groups":[""]}`,
	} {
		var st State
		body := `{"sdkAppID":1,"counters":{"tinyID":2},"users":[{"userID":"alice","tinyID":"144115200000000001","relations":` + text +
			`},{"userID":"bob","tinyID":"144115200000000002"}]}`
		if err := json.Unmarshal([]byte(body), &st); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(&st, Config{}); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
}

func TestProfileRules(t *testing.T) {
	w := newWorld(t, Config{})
	alice := w.login("alice")
	long := jsonOf(string(make([]byte, 501)))
	for _, c := range []struct {
		tag, value string
		want       protocol.Code
	}{
		{protocol.TagNick, `7`, protocol.CodeProfileType}, {protocol.TagNick, string(long), protocol.CodeProfileTooLong},
		{protocol.TagLocation, `"12345678901234567"`, protocol.CodeProfileTooLong}, {protocol.TagGender, `"x"`, protocol.CodeProfileValue},
		{protocol.TagLevel, `"7"`, protocol.CodeProfileType}, {protocol.TagLevel, `-1`, protocol.CodeProfileType},
		{protocol.TagLevel, `4294967295`, protocol.OK}, {"Tag_Profile_IM_Other", `"x"`, protocol.CodeProfileTag},
		{"Tag_Profile_Custom_hobby", `"chess"`, protocol.OK}, {"Tag_Profile_Custom_", `"x"`, protocol.CodeProfileTag},
		{"Tag_Profile_Custom_hobby", string(long), protocol.CodeProfileTooLong}, {"Tag_Profile_Custom_hobby", `7`, protocol.CodeProfileType},
	} {
		req := protocol.ProfileSetRequest{ProfileItem: []protocol.ProfileItem{{Tag: c.tag, Value: json.RawMessage(c.value)}}}
		if got := alice.code(protocol.CmdProfileSet, req); got != c.want {
			t.Errorf("%s = %.20s: %d, want %d", c.tag, c.value, got, c.want)
		}
	}
}
