package client

import (
	"context"
	"errors"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// MessageResult is the message that a method was about, as it is now.
type MessageResult struct {
	Message *Message `json:"message"`
}

// RevokeMessage recalls a message, one's own, within 2 minutes. The recalling
// instance gets no MESSAGE_REVOKED. Errors (Data.Message is the message): 20016
// and in groups 10031 too late, 20022 and 10030 no such message, 10007 no right,
// 2110 other reasons; a message that is recalled already is a ParamError.
func (c *Client) RevokeMessage(ctx context.Context, m *Message) (*MessageResult, error) {
	valid := need("revokeMessage").that(m != nil && m.rec != nil, "message", "is none")
	if m != nil {
		now := m.Latest()
		valid.that(now.ConversationType != ConvSystem && !now.IsSystemMessage, "message", "is a system message").
			that(!now.IsRevoked, "message", "is recalled already")
	}
	return run(ctx, c, "revokeMessage", valid.err(), func() (*MessageResult, error) {
		m = m.Latest()
		withdraw := c.withdraw
		if m.ConversationType == ConvGroup {
			withdraw = c.withdrawFromGroup
		}
		if err := withdraw(m); err != nil {
			return nil, about(err, CodeRevokeFailed, m.Latest())
		}
		m = m.rec.update(func(m *Message) { m.IsRevoked = true })
		c.showRecalled([]*Message{m})
		return &MessageResult{Message: m}, nil
	})
}

func (c *Client) withdraw(m *Message) error {
	return c.ask(protocol.CmdMsgWithdraw, encode(protocol.MsgWithdrawRequest{MsgInfo: protocol.MsgIdentity{
		FromAccount: m.From, ToAccount: m.To, MsgSeq: m.Sequence, MsgRandom: m.Random, MsgTimeStamp: m.Time,
	}})).err()
}

func (c *Client) withdrawFromGroup(m *Message) error {
	r := c.ask(protocol.CmdGroupMsgRecall, encode(protocol.GroupRecallRequest{
		GroupID: m.To, MsgSeqList: []protocol.GroupMsgSeq{{MsgSeq: m.Sequence}},
	}))
	if err := r.err(); err != nil {
		return err
	}
	if code := int(gjson.GetBytes(r.Body, "RecallRetList.0.RetCode").Int()); code != 0 {
		return &Error{Code: code, Message: codeTexts[CodeRevokeFailed]}
	}
	return nil
}

// about gives an error the message that it is about, and a code if it has none.
func about(err error, code int, m *Message) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	withMessage := *e
	if withMessage.Code == 0 {
		withMessage.Code = code
	}
	withMessage.Data = ErrorData{Message: m}
	return &withMessage
}

// recalled takes the push: MESSAGE_REVOKED for those in the local list.
func (c *Client) recalled(infos gjson.Result) {
	var found []*record
	infos.ForEach(func(_, v gjson.Result) bool {
		from, to := v.Get("From_Account").String(), v.Get("To_Account").String()
		id := ConvC2C + from
		if from == c.session.userID {
			id = ConvC2C + to
		}
		random := uint32(v.Get("MsgRandom").Uint())
		if r := c.msgs.list(id).find(uint32(v.Get("MsgSeq").Uint()), &random); r != nil {
			found = append(found, r)
		}
		return true
	})
	c.revoked(found)
}

// groupRecalled takes the push of groups.
func (c *Client) groupRecalled(infos []gjson.Result) {
	var found []*record
	for _, v := range infos {
		var random *uint32
		if n := v.Get("MsgRandom"); n.Exists() {
			random = Given(uint32(n.Uint()))
		}
		if r := c.msgs.list(ConvGroup+v.Get("GroupId").String()).find(uint32(v.Get("MsgSeq").Uint()), random); r != nil {
			found = append(found, r)
		}
	}
	c.revoked(found)
}

// revoked: CONVERSATION_LIST_UPDATED for last messages, then MESSAGE_REVOKED.
func (c *Client) revoked(found []*record) {
	if len(found) == 0 {
		return
	}
	for _, r := range found {
		r.update(func(m *Message) { m.IsRevoked = true })
	}
	list := messages(found)
	c.showRecalled(list)
	c.emit(EventMessageRevoked, list)
}

// showRecalled marks last messages that were recalled. The unread count stays,
// as in 2.14.
func (c *Client) showRecalled(list []*Message) {
	changed := false
	for _, m := range list {
		v := c.convs.get(m.ConversationID)
		if v == nil || v.LastMessage.LastSequence != m.Sequence ||
			v.Type == ConvC2C && v.LastMessage.LastTime != m.Time {
			continue
		}
		c.updateLast(v, func(l *LastMessage) { l.IsRevoked = true })
		changed = true
	}
	if changed {
		c.conversationsChanged()
	}
}
