package client

import (
	"context"
	"strconv"

	"github.com/imsim/imsim/protocol"
)

// DeleteResult is the messages that were deleted, as they are now.
type DeleteResult struct {
	MessageList []*Message `json:"messageList"`
}

// maxDelete is how many messages one call deletes; the rest is cut off.
const maxDelete = 30

// DeleteMessage deletes up to 30 messages of one conversation (that of the
// first) for this account only. Messages that were not sent successfully, or
// belong elsewhere, are left out. Errors: the server's, 2111, or 2998 when the
// first is no message.
func (c *Client) DeleteMessage(ctx context.Context, list []*Message) (*DeleteResult, error) {
	valid := need("deleteMessage").that(len(list) > 0 && list[0] != nil, "messageList", "is empty").err()
	return run(ctx, c, "deleteMessage", valid, func() (*DeleteResult, error) { return c.deleteMessages(list) })
}

func (c *Client) deleteMessages(list []*Message) (*DeleteResult, error) {
	if list[0].rec == nil {
		return nil, fail(CodeModuleMissing)
	}
	id := list[0].ConversationID
	var chosen []*record
	var keys []string
	for _, m := range list {
		if m == nil || m.rec == nil {
			continue
		}
		r := m.rec
		m = r.now()
		if m.Status != StatusSuccess || m.ConversationID != id {
			continue
		}
		switch {
		case r.onlineOnly:
		case m.ConversationType == ConvGroup:
			keys = append(keys, strconv.FormatUint(uint64(m.Sequence), 10))
		default:
			keys = append(keys, protocol.MsgKey{Seq: m.Sequence, Random: m.Random, Time: m.Time}.String())
		}
		chosen = append(chosen, r)
	}
	if len(keys) > 0 {
		if len(keys) > maxDelete {
			keys, chosen = keys[:maxDelete], chosen[:maxDelete]
		}
		if err := c.ask(c.deletion(list[0].Latest(), keys)).err(); err != nil {
			return nil, err
		}
	}
	for _, r := range chosen {
		r.update(func(m *Message) { m.IsDeleted = true })
	}
	if len(chosen) > 0 {
		c.showDeleted(id)
	}
	return &DeleteResult{MessageList: messages(chosen)}, nil
}

// deletion is the request to delete messages of the conversation of one.
func (c *Client) deletion(m *Message, keys []string) (cmd string, body []byte) {
	if m.ConversationType == ConvGroup {
		return protocol.CmdGroupMsgDelete, encode(protocol.GroupMsgDeleteRequest{
			GroupID: m.ConversationID[len(ConvGroup):], DeleterAccount: c.session.userID, Seqs: keys,
		})
	}
	return protocol.CmdDeleteC2C, encode(protocol.DeleteC2CRequest{
		FromAccount: c.session.userID, ToAccount: m.peer(), MsgKeyList: keys,
	})
}

func (m *Message) peer() string {
	if m.Flow == FlowIn {
		return m.From
	}
	return m.To
}

// showDeleted moves the last message to the newest that is left, if both its
// sequence and its time differ (in 2.14 the oldest of the list never counts).
func (c *Client) showDeleted(id string) {
	v := c.convs.get(id)
	if v == nil {
		return
	}
	order := c.msgs.list(id).order
	var left *record
	for i := len(order) - 1; i > 0; i-- {
		if !order[i].now().IsDeleted {
			left = order[i]
			break
		}
	}
	var last LastMessage
	if left != nil {
		last = lastMessage(left.now(), left.onlineOnly)
	}
	moved := v.LastMessage.LastSequence != last.LastSequence && v.LastMessage.LastTime != last.LastTime
	if moved {
		c.convs.update(id, func(v *Conversation) { v.LastMessage = last })
	}
	if isC2C(id) {
		c.recountUnread(id)
	}
	if moved {
		c.conversationsChanged()
	}
}
