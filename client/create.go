package client

import (
	"strconv"
	"time"
)

// MessageOptions are what all Create… methods take; To, ConversationType and
// Payload are required.
type MessageOptions[P any] struct {
	To               string `json:"to"`               // userID or groupID
	ConversationType string `json:"conversationType"` // ConvC2C or ConvGroup
	Payload          P      `json:"payload"`
	Priority         string `json:"priority,omitempty"`        // groups only; default and for unknown values PriorityNormal
	CloudCustomData  string `json:"cloudCustomData,omitempty"` // goes with the message to all clients
	// OnProgress is told how much of a file is uploaded, 0…1. A panic of it is
	// logged with code 2109; the upload goes on.
	OnProgress func(percent float64) `json:"-"`
}

type (
	// TextMessageOptions are for CreateTextMessage and CreateTextAtMessage.
	TextMessageOptions = MessageOptions[TextPayload]
	// CustomMessageOptions are for CreateCustomMessage.
	CustomMessageOptions = MessageOptions[CustomPayload]
	// FaceMessageOptions are for CreateFaceMessage.
	FaceMessageOptions = MessageOptions[FacePayload]
	// LocationMessageOptions are for CreateLocationMessage.
	LocationMessageOptions = MessageOptions[LocationPayload]
	// MergerMessageOptions are for CreateMergerMessage.
	MergerMessageOptions = MessageOptions[MergerContent]
	// ForwardMessageOptions are for CreateForwardMessage.
	ForwardMessageOptions = MessageOptions[*Message]
	// MediaMessageOptions are for the methods that take a file.
	MediaMessageOptions = MessageOptions[MediaContent]
)

// MergerContent is what CreateMergerMessage merges. MessageList and
// CompatibleText (for clients that cannot show mergers) are required; failed
// messages are refused.
type MergerContent struct {
	MessageList    []*Message `json:"messageList"`
	Title          string     `json:"title"`
	AbstractList   []string   `json:"abstractList"`
	CompatibleText string     `json:"compatibleText"`
}

// The Create… methods make a message and send nothing. They fail with 2999
// before SDK_READY, and with a ParamError.

// CreateTextMessage makes a text message; the text must not be empty.
func (c *Client) CreateTextMessage(o TextMessageOptions) (*Message, error) {
	return create(c, "createTextMessage", &o, textIn(o), func() *record {
		return c.draft(o.To, o.ConversationType, o.Priority, o.CloudCustomData, MsgText, &TextPayload{Text: o.Payload.Text})
	})
}

// CreateTextAtMessage makes a text message that mentions members of a group;
// MsgAtAll mentions all.
func (c *Client) CreateTextAtMessage(o TextMessageOptions) (*Message, error) {
	return create(c, "createTextAtMessage", &o, textIn(o), func() *record {
		r := c.draft(o.To, o.ConversationType, o.Priority, o.CloudCustomData, MsgText, &TextPayload{Text: o.Payload.Text})
		r.update(func(m *Message) { m.AtUserList = append([]string{}, o.Payload.AtUserList...) })
		return r
	})
}

func textIn(o TextMessageOptions) func(*checks) {
	return func(k *checks) { k.text("payload.text", o.Payload.Text) }
}

// CreateCustomMessage makes a message of the app's own kind.
func (c *Client) CreateCustomMessage(o CustomMessageOptions) (*Message, error) {
	return create(c, "createCustomMessage", &o, nil, func() *record {
		p := o.Payload
		return c.draft(o.To, o.ConversationType, o.Priority, o.CloudCustomData, MsgCustom, &p)
	})
}

// CreateFaceMessage makes a sticker message.
func (c *Client) CreateFaceMessage(o FaceMessageOptions) (*Message, error) {
	return create(c, "createFaceMessage", &o, nil, func() *record {
		p := o.Payload
		return c.draft(o.To, o.ConversationType, o.Priority, o.CloudCustomData, MsgFace, &p)
	})
}

// CreateLocationMessage makes a message with a place on earth. The reference
// receives such messages and makes none; later SDKs do.
func (c *Client) CreateLocationMessage(o LocationMessageOptions) (*Message, error) {
	return create(c, "createLocationMessage", &o, nil, func() *record {
		p := o.Payload
		return c.draft(o.To, o.ConversationType, o.Priority, o.CloudCustomData, MsgGeo, &p)
	})
}

// CreateMergerMessage makes one message of several.
func (c *Client) CreateMergerMessage(o MergerMessageOptions) (*Message, error) {
	valid := func(k *checks) {
		k.that(len(o.Payload.MessageList) > 0, "payload.messageList", "is empty").
			text("payload.compatibleText", o.Payload.CompatibleText)
		for _, m := range o.Payload.MessageList {
			k.that(m != nil && m.rec != nil && m.Latest().Status != StatusFail, "payload.messageList", "has what is no message, or failed")
		}
	}
	return create(c, "createMergerMessage", &o, valid, func() *record {
		p := &MergerPayload{
			Title: o.Payload.Title, AbstractList: append([]string{}, o.Payload.AbstractList...),
			CompatibleText: o.Payload.CompatibleText,
		}
		for _, m := range o.Payload.MessageList {
			p.MessageList = append(p.MessageList, mergerItem(m.Latest()))
		}
		r := c.draft(o.To, o.ConversationType, o.Priority, o.CloudCustomData, MsgMerger, p)
		r.relay = true
		return r
	})
}

// CreateForwardMessage makes a message with the content of another; files are
// not uploaded again. Error: 2453 for group tips.
func (c *Client) CreateForwardMessage(o ForwardMessageOptions) (*Message, error) {
	valid := func(k *checks) { k.that(o.Payload != nil && o.Payload.rec != nil, "payload", "is no message") }
	if m := o.Payload; m != nil && m.Type == MsgGrpTip {
		if err := c.RequireReady("createForwardMessage"); err != nil {
			return nil, err
		}
		return nil, fail(CodeForwardType)
	}
	return create(c, "createForwardMessage", &o, valid, func() *record {
		original := o.Payload.Latest()
		custom := o.CloudCustomData
		if custom == "" {
			custom = original.CloudCustomData
		}
		r := c.draft(o.To, o.ConversationType, o.Priority, custom, original.Type, original.Payload)
		r.relay = true
		return r
	})
}

// create carries out a Create… method.
func create[P any](c *Client, api string, o *MessageOptions[P], valid func(*checks), make func() *record) (*Message, error) {
	if err := c.RequireReady(api); err != nil {
		return nil, err
	}
	k := need(api).text("to", o.To).text("conversationType", o.ConversationType)
	if valid != nil {
		valid(k)
	}
	if err := k.err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return make().now(), nil
}

// draft is a new message of one's own (messages.md §1.1).
func (c *Client) draft(to, conversationType, priority, custom, msgType string, p Payload) *record {
	me := c.session.userID
	now := c.now()
	m := Message{
		ConversationType: conversationType, Type: msgType, Payload: p, Protocol: "JSON",
		Time: ceilSeconds(now), Random: uint32(c.opts.Rand() % 100_000_000), Priority: priorityOf(priority),
		From: me, To: to, Status: StatusUnsent, CloudCustomData: custom,
	}
	m.ClientSequence = c.clientSequence(me, now)
	if conversationType == ConvC2C {
		m.Sequence = m.ClientSequence
	}
	if self := c.profiles.byID[me]; self != nil {
		m.Nick, m.Avatar = self.Nick, self.Avatar
	}
	if g := c.groups.get(to); g != nil && conversationType == ConvGroup {
		m.NameCard = g.SelfInfo.NameCard
	}
	m.place(me)
	return newRecord(c, m)
}

// clientSequence counts per user from HHMMSS0001 of the local clock, hours
// below 10 written as 30…39.
func (c *Client) clientSequence(user string, now time.Time) uint32 {
	n, ok := c.nextSeq[user]
	if !ok {
		hour := now.Hour()
		if hour < 10 {
			hour += 30
		}
		n = uint32(hour)*100_000_000 + uint32(now.Minute())*1_000_000 + uint32(now.Second())*10_000 + 1
	}
	c.nextSeq[user] = n + 1
	return n
}

func ceilSeconds(t time.Time) int64 {
	s := t.Unix()
	if t.UnixMilli()%1000 != 0 {
		s++
	}
	return s
}

func priorityOf(p string) string {
	switch p {
	case PriorityHigh, PriorityNormal, PriorityLow, PriorityLowest:
		return p
	}
	if n, err := strconv.Atoi(p); err == nil && n >= 1 && n <= 4 {
		return []string{PriorityHigh, PriorityNormal, PriorityLow, PriorityLowest}[n-1]
	}
	return PriorityNormal
}
