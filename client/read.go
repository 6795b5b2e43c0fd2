package client

import (
	"context"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// SetMessageReadOptions name the conversation to be read.
type SetMessageReadOptions struct {
	ConversationID string `json:"conversationID"`
}

// SetMessageRead reads a conversation, and clears the mentions of a group.
// Nothing is asked of the server if the conversation is unknown or has nothing
// unread.
func (c *Client) SetMessageRead(ctx context.Context, o SetMessageReadOptions) error {
	_, err := run(ctx, c, "setMessageRead", need("setMessageRead").conversation(o.ConversationID).err(),
		func() (struct{}, error) { return struct{}{}, c.setRead(o.ConversationID) })
	return err
}

func (c *Client) setRead(id string) error {
	v := c.convs.get(id)
	if v == nil {
		return nil
	}
	if len(v.GroupAtInfoList) > 0 {
		c.clearMentions(v)
	}
	if v.UnreadCount == 0 {
		return nil
	}
	switch v.Type {
	case ConvC2C:
		var req protocol.MsgReadedRequest
		at := v.LastMessage.LastTime
		req.C2CMsgReaded.C2CMsgReadedItem = []protocol.MsgReadedItem{{ToAccount: v.ToAccount, LastedMsgTime: at, Receipt: 1}}
		if err := c.ask(protocol.CmdMsgReaded, encode(req)).err(); err != nil {
			return err
		}
		c.markRead(id, func(m *Message) bool { return m.Time <= at })
		c.recountUnread(id)
		return nil
	case ConvGroup:
		last := v.LastMessage.LastSequence
		_, err := c.exchange(protocol.CmdGroupMsgRead, protocol.GroupReadRequest{GroupID: v.ToAccount, MsgReadedSeq: last})
		if err != nil {
			return err
		}
		c.markRead(id, func(m *Message) bool { return m.Sequence <= last })
		c.recountUnread(id)
		return nil
	default:
		c.convs.update(id, func(v *Conversation) { v.UnreadCount = 0 })
		c.conversationsChanged()
		return nil
	}
}

// markRead reads the local messages that are meant, newest first, until one of
// them that was read already.
func (c *Client) markRead(id string, meant func(*Message) bool) {
	order := c.msgs.list(id).order
	for i := len(order) - 1; i >= 0; i-- {
		m := order[i].now()
		if !meant(m) {
			continue
		}
		if m.Flow == FlowIn && m.IsRead {
			break
		}
		if !m.IsRead {
			order[i].update(func(m *Message) { m.IsRead = true })
		}
	}
}

// recountUnread makes the unread count that of the local list.
func (c *Client) recountUnread(id string) {
	v := c.convs.get(id)
	if v == nil {
		return
	}
	if n := c.msgs.list(id).unread(); n != v.UnreadCount {
		c.convs.update(id, func(v *Conversation) { v.UnreadCount = n })
		c.conversationsChanged()
	}
}

// markHistoryRead decides what of a list with fresh history is unread: the
// newest UnreadCount of the incoming ones, in C2C not counting recalled ones.
// As in the reference, all the recalled ones are left out of the count if nothing is
// unread, so that as many of the newest become unread.
func (c *Client) markHistoryRead(id string) {
	v := c.convs.get(id)
	if v == nil || v.Type == ConvSystem {
		return
	}
	var in []*record
	for _, r := range c.msgs.list(id).order {
		m := r.now()
		switch {
		case m.Flow == FlowIn:
			in = append(in, r)
		case !m.IsRead:
			r.update(func(m *Message) { m.IsRead = true })
		}
	}
	read := len(in) - v.UnreadCount
	newest := in[max(read, 0):]
	if v.UnreadCount == 0 {
		newest = in
	}
	for _, r := range newest {
		if v.Type == ConvC2C && r.now().IsRevoked {
			read--
		}
	}
	for i := 0; i < read && !in[i].now().IsRead; i++ {
		in[i].update(func(m *Message) { m.IsRead = true })
	}
}

// readByPeer: the peer has read up to a second (MESSAGE_READ_BY_PEER).
func (c *Client) readByPeer(v gjson.Result) {
	id := ConvC2C + v.Get("To_Account").String()
	v.Get("UinPairReadArray").ForEach(func(_, v gjson.Result) bool {
		at := v.Get("LastReadTime").Int()
		c.convs.recordPeerRead(id, at)
		c.markPeerRead(id, at)
		return true
	})
}

// markPeerRead marks one's own messages up to that second.
func (c *Client) markPeerRead(id string, at int64) {
	if at <= 0 || !isC2C(id) {
		return
	}
	var changed []*record
	for _, r := range c.msgs.list(id).order {
		if m := r.now(); m.Flow == FlowOut && !m.IsPeerRead && m.Time <= at {
			r.update(func(m *Message) { m.IsPeerRead = true })
			changed = append(changed, r)
		}
	}
	if len(changed) > 0 {
		c.emit(EventMessageReadByPeer, messages(changed))
	}
}

// readElsewhere: another instance of this account has read.
func (c *Client) readElsewhere(list gjson.Result) {
	list.ForEach(func(_, v gjson.Result) bool {
		id := ConvC2C + v.Get("From_Account").String()
		at := v.Get("LastReadTime").Int()
		c.markRead(id, func(m *Message) bool { return m.Time <= at })
		c.recountUnread(id)
		return true
	})
}

// fetchPeerRead asks up to when new peers have read.
func (c *Client) fetchPeerRead(users []string) {
	if len(users) == 0 {
		return
	}
	c.askThen(protocol.CmdGetPeerReadTime, encode(protocol.PeerReadTimeRequest{ToAccount: users}), func(r reply) {
		if r.OK() && c.session.loggedIn {
			c.gotPeerRead(users, r)
		}
	})
}

func (c *Client) gotPeerRead(users []string, r reply) {
	times := gjson.GetBytes(r.Body, "ReadTime").Array()
	for i, u := range users {
		if i < len(times) && times[i].Int() > 0 {
			c.convs.recordPeerRead(ConvC2C+u, times[i].Int())
		}
	}
}
