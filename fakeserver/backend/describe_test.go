package backend

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/imsim/imsim/protocol"
)

// take returns what was pushed since the last look, a line for each thing.
func (c *client) take() []string {
	c.w.t.Helper()
	got := []string{}
	for _, frame := range c.pushes {
		got = append(got, describe(c.w.t, frame)...)
	}
	c.pushes = nil
	return got
}

// expect wants exactly these things pushed since the last look. Nothing of the
// kind "not yet": all effects of an input are there when it returns.
func (c *client) expect(want ...string) {
	c.w.t.Helper()
	if got := c.take(); !slices.Equal(got, want) {
		c.w.t.Fatalf("%s got  %q\nwant %q", c.user, got, want)
	}
}

// describe tells what a push says, as short lines; times count from start.
func describe(t tb, frame []byte) []string {
	t.Helper()
	d, err := protocol.ParseDownlink(frame)
	var body protocol.Push
	if err == nil {
		err = json.Unmarshal(d.Body, &body)
	}
	if err != nil || len(body.EventArray) == 0 {
		t.Fatalf("push %s: %v", frame, err)
	}
	if body.Flag == 1 {
		return []string{"sync!"}
	}
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	since := func(second int64) int64 { return second - start.Unix() }
	for _, e := range body.EventArray {
		for _, m := range e.C2CMsgArray {
			lines = append(lines, describeMessage(m))
		}
		for _, n := range e.C2CNotifyMsgArray {
			switch {
			case n.KickoutMsgNotify != nil:
				add("kick %d by %s", n.KickoutMsgNotify.KickType, d.ServCmd)
			case n.WithdrawC2CMsgNotify != nil:
				for _, i := range n.WithdrawC2CMsgNotify.C2CWithdrawInfoArray {
					add("recall %s→%s %d", i.FromAccount, i.ToAccount, i.MsgSeq)
				}
			case n.C2CReadedReceipt != nil:
				add("receipt %s +%d", n.C2CReadedReceipt.ToAccount, since(n.C2CReadedReceipt.UinPairReadArray[0].LastReadTime))
			case n.ReadC2CMsgNotify != nil:
				u := n.ReadC2CMsgNotify.UinPairReadArray[0]
				add("read %s +%d", u.FromAccount, since(u.LastReadTime))
			case n.MuteNotificationsSync != nil:
				add("remind %s %d", n.MuteNotificationsSync.ToAccount, n.MuteNotificationsSync.MuteNotifications)
			}
		}
		for _, m := range e.GroupMsgModNotifys {
			add("%s change #%d %s", m.GroupID, m.MsgSeq, m.CloudCustomData)
		}
		for _, i := range e.C2CMsgInfo {
			add("confirmed by %s %d", e.UserAccount, i.MsgSeq)
		}
		for _, r := range e.RecentContactMod {
			for what, list := range map[string]*protocol.RecentContacts{"deleted": r.RecentContactDeleteItem, "pin": r.RecentContactTopItem} {
				if list != nil {
					for _, i := range list.RecentContactList {
						add("%s%d %s", what, r.PushType, i.UserAccount)
					}
				}
			}
		}
		for _, p := range e.ProfileDataMod {
			add("profile %s", p.ProfileAccount)
		}
		for _, item := range append(slices.Clip(e.GroupMsgArray), e.GroupTips...) {
			lines = append(lines, describeGroupItem(t, e.Event, item))
		}
		for _, m := range e.FriendListMod {
			lines = append(lines, describeRelation(m))
		}
		for _, m := range e.C2CMsgModNotifys {
			add("change %s→%s v%d", m.FromAccount, m.ToAccount, m.MsgVersion)
		}
	}
	return lines
}

// describeRelation tells the one thing that an entry holds.
func describeRelation(m protocol.FriendListMod) string {
	switch {
	case len(m.PendencyAdd) == 1:
		return fmt.Sprintf("application of %s: %s %q", m.FromAccount, m.PendencyAdd[0].PendencyAddAccount, m.PendencyAdd[0].AddWording)
	case len(m.PendencyDelAccount) == 1:
		return fmt.Sprintf("application of %s: %s gone", m.FromAccount, m.PendencyDelAccount[0])
	case m.ReportTime > 0:
		return fmt.Sprintf("applications read +%d", m.ReportTime-start.Unix())
	case len(m.FriendUpInfo) == 1:
		u := m.FriendUpInfo[0]
		return fmt.Sprintf("friend %s: %s %s", u.FriendAccount, u.SNS[0].Tag, u.SNS[0].Value)
	}
	var parts []string
	for _, p := range []struct {
		what string
		who  []string
	}{{"friends", m.FriendAddAccount}, {"no friends", m.FriendDelAccount}, {"blocked", m.BlackListAddAccount}, {"unblocked", m.BlackListDelAccount}} {
		if len(p.who) > 0 {
			parts = append(parts, p.what+" "+strings.Join(p.who, " "))
		}
	}
	return strings.Join(parts, ", ")
}

func describeMessage(m *protocol.C2CMessage) string {
	var body []struct{ MsgContent struct{ Text string } }
	_ = json.Unmarshal(m.MsgBody, &body)
	line := m.FromAccount + "→" + m.ToAccount + ": " + body[0].MsgContent.Text
	var marks []string
	mark := func(on bool, name string) {
		if on {
			marks = append(marks, name)
		}
	}
	mark(m.IsSyncMsg == 1, "copy")
	mark(m.MsgFlagBits == protocol.FlagC2CRecalled, "recalled")
	mark(m.MsgLifeTime != nil, "online only")
	mark(m.MsgModifiedFlag == 1, "modified")
	if len(marks) > 0 {
		line += " (" + strings.Join(marks, ", ") + ")"
	}
	return line
}

// sessionData is what a push asks to be acknowledged with, if it does.
func sessionData(t tb, frame []byte) string {
	t.Helper()
	d, err := protocol.ParseDownlink(frame)
	var body protocol.Push
	if err == nil {
		err = json.Unmarshal(d.Body, &body)
	}
	if err != nil || (body.NeedAck == 1) != (body.SessionData != "") {
		t.Fatalf("push %s: %v", frame, err)
	}
	return body.SessionData
}
