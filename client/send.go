package client

import (
	"context"
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/internal/link"
	"github.com/imsim/imsim/protocol"
)

// SendOptions are the options of SendMessage; the zero value is the default.
type SendOptions struct {
	OnlineUserOnly  bool             `json:"onlineUserOnly"` // not stored, not counted, for who is online
	OfflinePushInfo *OfflinePushInfo `json:"offlinePushInfo,omitempty"`
}

// OfflinePushInfo is for receivers on phones.
type OfflinePushInfo struct {
	DisablePush          bool   `json:"disablePush"`
	Title                string `json:"title"`
	Description          string `json:"description"`
	Extension            string `json:"extension"`
	IgnoreIOSBadge       bool   `json:"ignoreIOSBadge"`
	AndroidOPPOChannelID string `json:"androidOPPOChannelID"`
}

// SendMessage sends a message that was made by a Create… method; the result is
// the message as sent. The caller gets CONVERSATION_LIST_UPDATED (not for
// OnlineUserOnly), never MESSAGE_RECEIVED. When it fails, Error.Data.Message is
// the message with StatusFail. Errors: 2105 no such message, 2106 conversation
// type, 2403 nothing to send, 2801 no reply within 15 s, of files see
// CreateImageMessage and its like, 2100 a live room that was not joined, and the
// server's: 20003 no such receiver, 20007 blocked, 20012 and in groups 10017
// muted, 10007 not a member, 10010 no such group, 80001 refused text.
func (c *Client) SendMessage(ctx context.Context, m *Message, options ...SendOptions) (*MessageResult, error) {
	valid := need("sendMessage").that(m != nil, "message", "is missing").err()
	return run(ctx, c, "sendMessage", valid, func() (*MessageResult, error) {
		var o SendOptions
		if len(options) > 0 {
			o = options[0]
		}
		return c.send(m, o)
	})
}

// ResendMessage sends a message again, with the same sequence and random, so
// that the server can tell. One that was sent is not refused. Error: 2106 no
// message at all.
func (c *Client) ResendMessage(ctx context.Context, m *Message) (*MessageResult, error) {
	return run(ctx, c, "resendMessage", need("resendMessage").that(m != nil, "message", "is missing").err(),
		func() (*MessageResult, error) {
			if m.rec == nil {
				return nil, fail(CodeConversationType) // as the reference says of anything else
			}
			if m.rec.owner == c {
				m.rec.update(func(m *Message) { m.IsResend, m.Status = true, StatusUnsent })
			}
			return c.send(m, SendOptions{})
		})
}

func (c *Client) send(m *Message, o SendOptions) (*MessageResult, error) {
	if m.rec == nil || m.rec.owner != c {
		return nil, fail(CodeNotAMessage)
	}
	r := m.rec
	switch r.now().ConversationType {
	case ConvC2C, ConvGroup:
	default:
		return nil, fail(CodeConversationType)
	}
	sent, err := c.deliver(r, o)
	if err != nil {
		failed := r.update(func(m *Message) { m.Status = StatusFail })
		c.msgs.randoms.remove(failed.Random)
		return nil, about(err, CodeSendFailed, failed)
	}
	return &MessageResult{Message: sent}, nil
}

func (c *Client) deliver(r *record, o SendOptions) (*Message, error) {
	if err := c.upload(r); err != nil {
		return nil, err
	}
	m := r.now()
	toGroup := m.ConversationType == ConvGroup
	if toGroup {
		if err := c.admit(m.To); err != nil {
			return nil, err
		}
		o.OnlineUserOnly = o.OnlineUserOnly && !c.rooms.joined(m.To)
	}
	if m.Payload == nil || !m.Payload.sendable() {
		return nil, fail(CodeNothingToSend)
	}
	p, byKey := m.Payload, false
	if merger, ok := p.(*MergerPayload); ok && merger.DownloadKey == "" {
		if m.stringified() > mergerLimit {
			stored, err := c.uploadMerger(merger)
			if err != nil {
				return nil, err
			}
			p, byKey = stored, true
		}
	}
	if !byKey {
		c.msgs.randoms.add(m.Random)
	}
	req := link.Request{TjgID: c.session.tinyID + "-" + strconv.FormatUint(uint64(m.Random), 10)}
	if toGroup {
		req.Cmd, req.Body = protocol.CmdSendGroupMsg, c.appendGroupSend(nil, m, p, o)
	} else {
		req.Cmd, req.Body = protocol.CmdSendMsg, c.appendSend(nil, m, p, byKey, o)
	}
	reply := c.askFor(req)
	if err := reply.err(); err != nil {
		return nil, err
	}
	m = r.update(func(m *Message) {
		m.Status = StatusSuccess
		m.Time = gjson.GetBytes(reply.Body, "MsgTime").Int()
		if toGroup {
			m.Sequence = uint32(gjson.GetBytes(reply.Body, "MsgSeq").Uint())
			m.place(m.From) // the ID follows the sequence
		}
	})
	if l := c.msgs.list(m.ConversationID); l.mine != nil && !toGroup {
		l.rename(FlowOut, m.Nick, m.Avatar)
	}
	c.msgs.push(r, false)
	if o.OnlineUserOnly {
		r.onlineOnly = true
	} else {
		c.tell([]news{{id: m.ConversationID, last: r}}, true)
	}
	if p, ok := m.Payload.(*ImagePayload); ok && !r.relay {
		m = c.showSentImage(r, p)
	}
	return m, nil
}

// appendSend appends the body of openim.sendmsg (messages.md §2.1). A merger by
// key goes without time, nick and avatar.
func (c *Client) appendSend(dst []byte, m *Message, p Payload, byKey bool, o SendOptions) []byte {
	nick, avatar := m.Nick, m.Avatar
	dst = appendText(dst, `{"From_Account":`, c.session.userID)
	dst = appendText(dst, `,"To_Account":`, m.To)
	if byKey {
		nick, avatar = "", ""
	} else {
		dst = appendNumber(dst, `,"MsgTimeStamp":`, ceilSeconds(c.now()))
	}
	dst = appendNumber(dst, `,"MsgSeq":`, int64(m.Sequence))
	dst = appendNumber(dst, `,"MsgRandom":`, int64(m.Random))
	dst = appendBody(append(dst, `,"MsgBody":`...), m.Type, p)
	dst = appendText(dst, `,"CloudCustomData":`, m.CloudCustomData)
	if o.OnlineUserOnly {
		dst = append(dst, `,"MsgLifeTime":0`...)
	}
	dst = appendText(dst, `,"From_AccountNick":`, nick)
	dst = appendText(dst, `,"From_AccountHeadurl":`, avatar)
	return append(o.appendPush(append(dst, `,"OfflinePushInfo":`...), o.OnlineUserOnly), '}')
}

// appendPush appends OfflinePushInfo, which is always there; silent is that
// nobody is to be told whatever stands in it.
func (o *SendOptions) appendPush(dst []byte, silent bool) []byte {
	var info OfflinePushInfo
	if o.OfflinePushInfo != nil {
		info = *o.OfflinePushInfo
	}
	flag := func(on bool) int64 {
		if on {
			return 1
		}
		return 0
	}
	dst = appendNumber(dst, `{"PushFlag":`, flag(info.DisablePush || silent))
	dst = appendText(dst, `,"Title":`, info.Title)
	dst = appendText(dst, `,"Desc":`, info.Description)
	dst = appendText(dst, `,"Ext":`, info.Extension)
	dst = appendNumber(dst, `,"ApnsInfo":{"BadgeMode":`, flag(info.IgnoreIOSBadge))
	dst = appendText(dst, `},"AndroidInfo":{"OPPOChannelID":`, info.AndroidOPPOChannelID)
	return append(dst, "}}"...)
}
