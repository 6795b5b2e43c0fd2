package backend

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/imsim/imsim/protocol"
)

// groupItem is an entry of GroupTips or GroupMsgArray as far as tests look.
type groupItem struct {
	Event       int
	From        string `json:"From_Account"`
	To          string `json:"To_Account"`
	Group       string `json:"ToGroupId"`
	MsgSeq      uint32
	MsgRandom   uint32
	MsgBody     json.RawMessage
	GroupAtTips *struct {
		GroupAtType []int
		MsgSeq      uint32
	}
	GroupInfo struct{ GroupID string }
}

// describeGroupItem is one thing that a member is told of a group.
func describeGroupItem(t tb, event int, text json.RawMessage) string {
	t.Helper()
	var m groupItem
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatalf("item %s: %v", text, err)
	}
	g := m.Group
	if g == "" {
		g = m.GroupInfo.GroupID
	}
	var body struct {
		OpType, ReportType     int
		Operator               string   `json:"Operator_Account"`
		List                   []string `json:"List_Account"`
		MemberNum              int
		RemarkInfo             string
		UserDefinedField       string
		GroupWithdrawInfoArray []groupItem
		GroupReadInfoArray     []struct{ LastReadMsgSeq uint32 }
		GroupMsgReceiptList    []protocol.GroupReceipt
		MsgGroupNewInfo        map[string]any
	}
	switch event {
	case protocol.EventGroupMsg:
		var elements []struct{ MsgContent struct{ Text string } }
		if err := json.Unmarshal(m.MsgBody, &elements); err != nil {
			t.Fatalf("body %s: %v", m.MsgBody, err)
		}
		return fmt.Sprintf("%s #%d %s: %s", g, m.MsgSeq, m.From, elements[0].MsgContent.Text)
	case protocol.EventGroupAt:
		return fmt.Sprintf("%s mention %v in #%d", g, m.GroupAtTips.GroupAtType, m.GroupAtTips.MsgSeq)
	}
	if err := json.Unmarshal(m.MsgBody, &body); err != nil {
		t.Fatalf("body %s: %v", m.MsgBody, err)
	}
	switch {
	case event == protocol.EventGroupFleeting:
		return fmt.Sprintf("%s attributes by %s", g, body.Operator)
	case event == protocol.EventGroupTips && len(body.List) == 0:
		return fmt.Sprintf("%s #%d tip %d by %s", g, m.MsgSeq, body.OpType, body.Operator)
	case event == protocol.EventGroupTips:
		return fmt.Sprintf("%s #%d tip %d by %s: %s", g, m.MsgSeq, body.OpType, body.Operator, strings.Join(body.List, " "))
	case len(body.GroupWithdrawInfoArray) > 0:
		seqs := []string{}
		for _, w := range body.GroupWithdrawInfoArray {
			seqs = append(seqs, fmt.Sprint("#", w.MsgSeq))
		}
		return g + " recall " + strings.Join(seqs, " ")
	case len(body.GroupMsgReceiptList) > 0:
		counts := []string{}
		for _, c := range body.GroupMsgReceiptList {
			counts = append(counts, fmt.Sprintf("#%d %d of %d", c.MsgSeq, c.ReadNum, c.ReadNum+c.UnreadNum))
		}
		return g + " read by " + strings.Join(counts, ", ")
	case len(body.GroupReadInfoArray) > 0:
		return fmt.Sprintf("%s read #%d", g, body.GroupReadInfoArray[0].LastReadMsgSeq)
	}
	return strings.TrimSpace(fmt.Sprintf("%s notice %d by %s %s%s", g, body.ReportType, body.Operator, body.RemarkInfo, body.UserDefinedField))
}

// newGroup makes a group with these members.
func (c *client) newGroup(kind, id string, members ...string) {
	c.w.t.Helper()
	req := protocol.GroupCreateRequest{Type: kind, Name: "n", GroupID: id, ApplyJoinOption: protocol.JoinFree}
	for _, m := range members {
		req.MemberList = append(req.MemberList, protocol.GroupMemberItem{MemberAccount: m})
	}
	c.must(protocol.CmdGroupCreate, req)
}

// groupSend is the body of a send; random differs for each of the client.
func (c *client) groupSend(group, text string) protocol.GroupSendRequest {
	c.msgSeq++
	return protocol.GroupSendRequest{
		FromAccount: c.user, GroupID: group, Random: c.instID<<16 + c.msgSeq, MsgPriority: "Normal", MsgBody: textBody(text),
	}
}

// say sends a text to a group and returns its sequence.
func (c *client) say(group, text string) uint32 {
	c.w.t.Helper()
	r := ask[protocol.RESTGroupSendReply](c, protocol.CmdSendGroupMsg, c.groupSend(group, text))
	if r.ErrorCode != protocol.OK {
		c.w.t.Fatalf("%s says %q in %s: code %d", c.user, text, group, r.ErrorCode)
	}
	return r.MsgSeq
}

// groupHistory is all of a group's history as the client may see it, oldest
// first; tips are left out if there is no text in them.
func (c *client) groupHistory(group string) []string {
	c.w.t.Helper()
	list := []string{}
	for seq, done := uint32(0), false; !done; {
		r := ask[protocol.GroupMsgGetReply](c, protocol.CmdGroupMsgGet, protocol.GroupMsgGetRequest{
			GroupID: group, ReqMsgNumber: 15, ReqMsgSeq: seq, WithRecalledMsg: 1,
		})
		if r.ErrorCode != protocol.OK {
			c.w.t.Fatalf("history of %s for %s: code %d", group, c.user, r.ErrorCode)
		}
		for _, text := range r.RspMsgList {
			var m groupItem
			_ = json.Unmarshal(text, &m)
			if m.Event == protocol.EventGroupMsg && m.MsgRandom != 0 { // not the placeholder at the end
				list = append(list, describeGroupItem(c.w.t, m.Event, text))
			}
		}
		seq, done = r.NextReqMsgSeq, r.IsFinished != 0
	}
	slices.Reverse(list)
	return list
}

// groupContact is the conversation as the list shows it; nil if it does not.
func (c *client) groupContact(group string) *protocol.SessionItem {
	c.w.t.Helper()
	for _, item := range c.contacts() {
		if item.ToAccountGroup == group {
			return &item
		}
	}
	return nil
}
