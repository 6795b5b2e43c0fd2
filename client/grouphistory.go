package client

import (
	"github.com/imsim/imsim/protocol"
)

// groupHistoryRequest is how many messages one request asks for.
const groupHistoryRequest = 21

// fetchGroupHistory asks for the next older page of a group's messages. next is
// the NextReqMessageID of the caller.
func (c *Client) fetchGroupHistory(id, next string) error {
	group := id[len(ConvGroup):]
	var from uint32
	if order := c.msgs.list(id).order; len(order) > 0 {
		from = order[0].now().Sequence
		if next != "" && !order[0].onlineOnly {
			from--
		}
	}
	if from == 0 {
		var err error
		if from, err = c.lastSequence(group); err != nil {
			return err
		}
	}
	v, err := c.exchange(protocol.CmdGroupMsgGet, protocol.GroupMsgGetRequest{
		GroupID: group, ReqMsgNumber: groupHistoryRequest, ReqMsgSeq: from, WithRecalledMsg: 1,
	})
	if err != nil {
		return err
	}
	items := v.Get("RspMsgList").Array()
	if len(items) == 0 || v.Get("IsFinished").Int() == 2 {
		c.msgs.complete(id)
		return nil
	}
	var page []*record
	for i := len(items) - 1; i >= 0; i-- { // newest first
		m := parseGroupMessage(items[i], c.session.userID, ConvGroup)
		m.IsSystemMessage = m.system
		if m.Sequence == 1 {
			c.msgs.complete(id)
		}
		// A place holder, and a message without content, vanish.
		if m.IsPlaceMessage != protocol.PlaceGap && m.Type != "" {
			page = append(page, newRecord(c, m.Message))
		}
	}
	c.msgs.unshift(id, page)
	c.markHistoryRead(id)
	c.showLast(id)
	return nil
}

// lastSequence is the newest message of a group as far as it is known here,
// else as the server says.
func (c *Client) lastSequence(group string) (uint32, error) {
	if g := c.groups.get(group); g != nil {
		switch {
		case g.LastMessage.LastSequence > 0 && !g.LastMessage.OnlineOnlyFlag:
			return g.LastMessage.LastSequence, nil
		case g.NextMessageSeq > 1:
			return g.NextMessageSeq - 1, nil
		}
	}
	if v := c.convs.get(ConvGroup + group); v != nil && v.LastMessage.LastSequence > 0 && !v.LastMessage.OnlineOnlyFlag {
		return v.LastMessage.LastSequence, nil
	}
	v, err := c.exchange(protocol.CmdGroupInfo, groupInfo(group, []string{"NextMsgSeq"}, nil))
	if err != nil {
		return 0, err
	}
	item, err := onlyGroup(v)
	if err != nil {
		return 0, nil //nolint:nilerr // as in 2.14: the question is asked with 0 then
	}
	return uint32(max(item.Get("NextMsgSeq").Int(), 1) - 1), nil
}

// showLast gives a conversation without a last message the newest local one.
func (c *Client) showLast(id string) {
	v := c.convs.get(id)
	if v == nil || v.LastMessage.MessageForShow != "" && v.LastMessage.Payload != nil {
		return
	}
	if order := c.msgs.list(id).order; len(order) > 0 {
		r := order[len(order)-1]
		c.convs.update(id, func(v *Conversation) { v.LastMessage = lastMessage(r.now(), r.onlineOnly) })
	}
}
