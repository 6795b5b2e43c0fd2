package backend

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

// asks says something that asks for read receipts.
func (c *client) asks(group, text string) uint32 {
	c.w.t.Helper()
	req := c.groupSend(group, text)
	req.NeedReadReceipt = 1
	r := ask[protocol.RESTGroupSendReply](c, protocol.CmdSendGroupMsg, req)
	if r.ErrorCode != protocol.OK {
		c.w.t.Fatalf("%s asks %q in %s: code %d", c.user, text, group, r.ErrorCode)
	}
	return r.MsgSeq
}

func named(group string, seqs ...uint32) protocol.GroupReceiptRequest {
	req := protocol.GroupReceiptRequest{GroupID: group}
	for _, seq := range seqs {
		req.MsgSeqList = append(req.MsgSeqList, protocol.GroupMsgSeq{MsgSeq: seq})
	}
	return req
}

// readers is who confirmed a message, or with flag 1 who has not.
func (c *client) readers(group string, seq uint32, flag, page int) []string {
	c.w.t.Helper()
	ids := []string{}
	for cursor, done := "", false; !done; {
		r := ask[protocol.GroupReadersReply](c, protocol.CmdGroupReaders, protocol.GroupReadersRequest{
			GroupID: group, MsgSeq: seq, Flag: flag, Cursor: cursor, Num: page,
		})
		if r.ErrorCode != protocol.OK || len(r.ReadList)+len(r.UnreadList) > page {
			c.w.t.Fatalf("readers of #%d: %+v", seq, r)
		}
		for _, m := range r.ReadList {
			ids = append(ids, m.ReadAccount)
		}
		for _, m := range r.UnreadList {
			ids = append(ids, m.UnreadAccount)
		}
		cursor, done = r.Cursor, r.IsFinish == 1
	}
	return ids
}

func TestGroupReceiptsAreCounted(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob, carol := w.login("alice"), w.login("bob"), w.login("carol")
	alice.newGroup(protocol.GroupPublic, "g", "bob", "carol")
	one, plain, bobs := alice.asks("g", "one"), alice.say("g", "plain"), bob.asks("g", "bob's")
	for _, c := range []*client{alice, bob, carol} {
		c.take()
	}
	confirm := func(c *client, seqs ...uint32) { c.must(protocol.CmdGroupReceipt, named("g", seqs...)) }
	confirm(carol, one, plain, bobs, 99)
	alice.expect(fmt.Sprintf("g read by #%d 1 of 2", one))
	bob.expect(fmt.Sprintf("g read by #%d 1 of 2", bobs))
	confirm(carol, one) // again
	confirm(alice, one) // one's own
	alice.expect()
	confirm(bob, one)
	alice.expect(fmt.Sprintf("g read by #%d 2 of 2", one))

	r := ask[protocol.GroupReceiptReply](alice, protocol.CmdGroupReceipts, named("g", one, plain, bobs))
	want := []protocol.GroupReceipt{{MsgSeq: one, ReadNum: 2}, {MsgSeq: plain, Code: protocol.CodeNoReceipt}, {MsgSeq: bobs, ReadNum: 1, UnreadNum: 1}}
	if !slices.Equal(r.GroupMsgReceiptList, want) {
		t.Errorf("%+v", r)
	}
	if got := alice.readers("g", one, 0, 1); !slices.Equal(got, []string{"carol", "bob"}) {
		t.Errorf("readers, one a page: %v", got)
	}
	if got := bob.readers("g", bobs, 1, 100); !slices.Equal(got, []string{"alice"}) {
		t.Errorf("who has not read: %v", got)
	}
	if item := bob.groupContact("g"); item.UnreadMsgCount != 2 {
		t.Errorf("a receipt changed the unread number to %d", item.UnreadMsgCount)
	}
}

func TestGroupReceiptsAreOfThoseWhoMaySee(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	alice.newGroup(protocol.GroupPublic, "g", "bob")
	seq := alice.asks("g", "early")
	late, stranger := w.login("late"), w.login("stranger")
	late.must(protocol.CmdGroupJoin, protocol.GroupJoinRequest{GroupID: "g"})
	alice.take()
	late.must(protocol.CmdGroupReceipt, named("g", seq))
	alice.expect()
	if got := alice.readers("g", seq, 1, 100); !slices.Equal(got, []string{"bob"}) {
		t.Errorf("who has not read: %v", got)
	}
	for cmd, body := range map[string]any{
		protocol.CmdGroupReceipt:  named("g", seq),
		protocol.CmdGroupReceipts: named("g", seq),
		protocol.CmdGroupReaders:  protocol.GroupReadersRequest{GroupID: "g", MsgSeq: seq},
	} {
		if code := stranger.code(cmd, body); code != protocol.CodeGroupNoRight {
			t.Errorf("%s of a stranger: %d", cmd, code)
		}
	}
	bob.must(protocol.CmdGroupReceipt, named("g", seq))
	bob.must(protocol.CmdGroupQuit, protocol.GroupRequest{GroupID: "g"})
	if got := alice.readers("g", seq, 0, 100); !slices.Equal(got, []string{"bob"}) {
		t.Errorf("a reader who left: %v", got)
	}
}

func TestGroupReceiptRefusals(t *testing.T) {
	w := newWorld(t, Config{Retention: time.Hour})
	alice := w.login("alice")
	alice.newGroup(protocol.GroupPublic, "g")
	alice.newGroup(protocol.GroupAVChatRoom, "room")
	asked, plain, recalled := alice.asks("g", "asked"), alice.say("g", "plain"), alice.asks("g", "recalled")
	alice.must(protocol.CmdGroupMsgRecall, named("g", recalled))
	page := func(seq uint32, cursor string) protocol.GroupReadersRequest {
		return protocol.GroupReadersRequest{GroupID: "g", MsgSeq: seq, Cursor: cursor}
	}
	for _, c := range []struct {
		about, cmd string
		body       any
		want       protocol.Code
	}{
		{"no receipts", protocol.CmdGroupReaders, page(plain, ""), protocol.CodeNoReceipt},
		{"recalled", protocol.CmdGroupReaders, page(recalled, ""), protocol.CodeNoReceipt},
		{"no such message", protocol.CmdGroupReaders, page(99, ""), protocol.CodeNoReceipt},
		{"bad cursor", protocol.CmdGroupReaders, page(asked, "x"), protocol.CodeGroupParam},
		{"cursor before the first", protocol.CmdGroupReaders, page(asked, "-1"), protocol.CodeGroupParam},
		{"cursor behind the last", protocol.CmdGroupReaders, page(asked, "7"), protocol.OK},
		{"nothing to confirm", protocol.CmdGroupReceipt, named("g"), protocol.CodeGroupParam},
		{"too many to confirm", protocol.CmdGroupReceipt, named("g", make([]uint32, maxGroupReceipts+1)...), protocol.CodeGroupParam},
		{"too many to ask", protocol.CmdGroupReceipts, named("g", make([]uint32, maxGroupReceipts+1)...), protocol.CodeGroupParam},
		{"a live room", protocol.CmdGroupReceipts, named("room", 1), protocol.CodeGroupNoRoaming},
		{"no such group", protocol.CmdGroupReceipts, named("none", 1), protocol.CodeGroupMissing},
	} {
		if code := alice.code(c.cmd, c.body); code != c.want {
			t.Errorf("%s: %d, want %d", c.about, code, c.want)
		}
	}

	w.advance(2 * time.Hour)
	alice.say("g", "purges")
	if n := len(w.groups["g"].readers); n != 0 {
		t.Errorf("readers of %d messages are kept that are gone", n)
	}
}

func TestOnlySmallGroupsHaveReceipts(t *testing.T) {
	w := newWorld(t, Config{})
	alice := w.login("alice")
	members := make([]string, maxReceiptMembers-1)
	for i := range members {
		members[i] = fmt.Sprint("m", i)
	}
	w.CreateUsers(w.at, members)
	alice.newGroup(protocol.GroupPublic, "g", members...)
	alice.asks("g", "still small")
	w.login("another").must(protocol.CmdGroupJoin, protocol.GroupJoinRequest{GroupID: "g"})
	req := alice.groupSend("g", "large")
	req.NeedReadReceipt = 1
	if code := alice.code(protocol.CmdSendGroupMsg, req); code != protocol.CodeReceiptMembers {
		t.Errorf("%d", code)
	}
	alice.say("g", "plain")
}

func TestModifyInGroup(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	alice, second, bob := w.login("alice"), w.login("alice"), w.login("bob")
	alice.newGroup(protocol.GroupPublic, "g", "bob")
	seq := alice.say("g", "v0")
	tip := seq + 1
	late := w.login("late")
	late.must(protocol.CmdGroupJoin, protocol.GroupJoinRequest{GroupID: "g"}) // the tip
	for _, c := range []*client{alice, second, bob, late} {
		c.take()
	}
	modify := func(c *client, seq uint32, version int, text string) protocol.ModifyReply {
		return ask[protocol.ModifyReply](c, protocol.CmdGroupMsgModify, protocol.GroupMsgModify{
			GroupID: "g", MsgSeq: seq, MsgVersion: version, MsgBody: textBody(text), CloudCustomData: text,
		})
	}
	if r := modify(alice, seq, 0, "v1"); r.ErrorCode != protocol.OK || r.MsgVersion != 1 || r.CloudCustomData != "v1" {
		t.Fatalf("%+v", r)
	}
	alice.expect()
	second.expect(fmt.Sprintf("g change #%d v1", seq))
	bob.expect(fmt.Sprintf("g change #%d v1", seq))
	late.expect() // does not have it
	if r := modify(bob, seq, 0, "late"); r.ErrorCode != protocol.CodeModifyConflict || r.MsgVersion != 1 || string(r.MsgBody) != string(textBody("v1")) {
		t.Fatalf("conflict: %+v", r)
	}
	second.expect()
	if r := modify(bob, seq, 1, "v2"); r.ErrorCode != protocol.OK || r.MsgVersion != 2 {
		t.Fatalf("another member: %+v", r)
	}
	alice.expect(fmt.Sprintf("g change #%d v2", seq))
	r := ask[protocol.ModifyReply](bob, protocol.CmdGroupMsgModify, protocol.GroupMsgModify{GroupID: "g", MsgSeq: seq, MsgVersion: 2, CloudCustomData: "v3"})
	if string(r.MsgBody) != string(textBody("v2")) || r.CloudCustomData != "v3" {
		t.Errorf("the custom data alone: %+v", r)
	}
	if got := bob.groupHistory("g"); !slices.Equal(got, []string{fmt.Sprintf("g #%d alice: v2", seq)}) {
		t.Errorf("history: %q", got)
	}
	for about, c := range map[string]struct {
		by   *client
		seq  uint32
		want protocol.Code
	}{
		"a stranger": {w.login("stranger"), seq, protocol.CodeGroupNoRight}, "who may not see it": {late, seq, protocol.CodeRecallGone},
		"a tip": {alice, tip, protocol.CodeRecallGone}, "no such message": {alice, 99, protocol.CodeRecallGone},
	} {
		if r := modify(c.by, c.seq, 0, "x"); r.ErrorCode != c.want {
			t.Errorf("%s: %d, want %d", about, r.ErrorCode, c.want)
		}
	}
	body := protocol.GroupMsgModify{GroupID: "g", MsgSeq: seq, MsgVersion: 3, MsgBody: []byte(`{}`)}
	if code := alice.code(protocol.CmdGroupMsgModify, body); code != protocol.CodeGroupParam {
		t.Errorf("no body: %d", code)
	}
	alice.must(protocol.CmdGroupMsgRecall, named("g", seq))
	if r := modify(alice, seq, 3, "x"); r.ErrorCode != protocol.CodeRecallGone {
		t.Errorf("a recalled one: %+v", r)
	}
}

func TestReceiptsAndModificationsByREST(t *testing.T) {
	w := newWorld(t, Config{})
	w.login("administrator")
	alice, bob := w.login("alice"), w.login("bob")
	alice.newGroup(protocol.GroupWork, "g", "bob")
	seq := alice.asks("g", "v0")
	alice.take()
	bob.take()
	w.groupCall("group_msg_receipt", fmt.Sprintf(`{"GroupId":"g","From_Account":"bob","MsgSeqList":[{"MsgSeq":%d}]}`, seq), protocol.OK)
	alice.expect(fmt.Sprintf("g read by #%d 1 of 1", seq))
	w.groupCall("group_msg_receipt", fmt.Sprintf(`{"GroupId":"g","From_Account":"eve","MsgSeqList":[{"MsgSeq":%d}]}`, seq), protocol.CodeGroupNoRight)
	w.groupCall("group_msg_receipt", `{"GroupId":"g","From_Account":"bob"}`, protocol.CodeGroupParam)
	got := w.groupCall("get_group_msg_receipt", fmt.Sprintf(`{"GroupId":"g","MsgSeqList":[{"MsgSeq":%d}]}`, seq), protocol.OK)
	if fmt.Sprint(got["GroupMsgReceiptList"]) != fmt.Sprintf("[map[Code:0 MsgSeq:%d ReadNum:1 UnreadNum:0]]", seq) {
		t.Errorf("%v", got)
	}
	got = w.groupCall("get_group_msg_receipt_detail", fmt.Sprintf(`{"GroupId":"g","Filter":0,"Cursor":"","Count":2,"MsgSeq":%d}`, seq), protocol.OK)
	if fmt.Sprint(got["ReadList"], got["UnreadList"], got["IsFinish"]) != "[map[Read_Account:bob]] [] 1" {
		t.Errorf("%v", got)
	}
	w.groupCall("get_group_msg_receipt_detail", `{"GroupId":"g","MsgSeq":99}`, protocol.CodeNoReceipt)

	modify := func(body string, want protocol.Code) {
		t.Helper()
		w.rest("openim/modify_group_msg", body, want)
	}
	modify(fmt.Sprintf(`{"GroupId":"g","MsgSeq":%d,"CloudCustomData":"c"}`, seq), protocol.OK)
	bob.expect(fmt.Sprintf("g change #%d c", seq))
	modify(fmt.Sprintf(`{"GroupId":"g","MsgSeq":%d,"MsgBody":%s}`, seq, textBody("v1")), protocol.OK)
	bob.expect(fmt.Sprintf("g change #%d c", seq))
	modify(`{"GroupId":"g","MsgSeq":99}`, protocol.CodeRecallGone)
	modify(`{"GroupId":"none","MsgSeq":1}`, protocol.CodeGroupMissing)
	if got := bob.groupHistory("g"); !slices.Equal(got, []string{fmt.Sprintf("g #%d alice: v1", seq)}) {
		t.Errorf("history: %q", got)
	}
}
