package client

import (
	"context"
	"encoding/json"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// MergerPayload is the content of MsgMerger: other messages in one. A long list
// travels by key: then MessageList is empty until DownloadMergerMessage.
type MergerPayload struct {
	DownloadKey     string       `json:"downloadKey"`
	PbDownloadKey   string       `json:"pbDownloadKey"`
	MessageList     []MergerItem `json:"messageList"`
	Title           string       `json:"title"`
	AbstractList    []string     `json:"abstractList"`
	CompatibleText  string       `json:"compatibleText"`
	Version         int          `json:"version"`
	LayersOverLimit bool         `json:"layersOverLimit"`

	number int // of messages behind a key, when sent
}

// MergerItem is a message in a merger.
type MergerItem struct {
	From            string       `json:"from"`
	MessageSender   string       `json:"messageSender"`
	Time            int64        `json:"time"` // seconds
	MessageSequence uint32       `json:"messageSequence"`
	ClientSequence  uint32       `json:"clientSequence"`
	MessageRandom   uint32       `json:"messageRandom"`
	CloudCustomData string       `json:"cloudCustomData"`
	Nick            string       `json:"nick"`
	Avatar          string       `json:"avatar"`
	MessageBody     []MergerBody `json:"messageBody"`
	ReceiverUserID  string       `json:"receiverUserID,omitempty"`
	ReceiverGroupID string       `json:"receiverGroupID,omitempty"`
	MessageReceiver string       `json:"messageReceiver,omitempty"`
}

// MergerBody is the content of a MergerItem; there is one.
type MergerBody struct {
	Type    string  `json:"type"`
	Payload Payload `json:"payload"`
}

// mergerLimit: a merger that is longer in bytes, stringified, is sent by key.
const mergerLimit = 7000

// elementFields are the fields of the reference's messages that are not public.
const elementFields = `"_elements":[{"type":"TIMRelayElem","content":}],"_onlineOnlyFlag":false,"_groupAtInfoList":[],"_relayFlag":true,`

// stringified is the length of the reference's merger as JSON. It has its
// content twice: in payload and among its elements.
func (m *Message) stringified() int {
	return len(encode(m)) + len(encode(m.Payload)) + len(elementFields)
}

func (p *MergerPayload) sendable() bool { return len(p.MessageList) > 0 || p.DownloadKey != "" }

func (p *MergerPayload) appendWire(dst []byte) []byte {
	abstracts := encode(p.AbstractList)
	if p.number > 0 {
		dst = appendText(dst, `{"PbMsgKey":`, p.PbDownloadKey)
		dst = appendText(dst, `,"JsonMsgKey":`, p.DownloadKey)
		dst = appendText(dst, `,"Title":`, p.Title)
		dst = append(append(dst, `,"AbstractList":`...), abstracts...)
		dst = appendText(dst, `,"CompatibleText":`, p.CompatibleText)
		return append(appendNumber(dst, `,"MsgNum":`, int64(p.number)), '}')
	}
	dst = appendText(dst, `{"JsonMsgKey":`, p.DownloadKey)
	dst = appendText(dst, `,"PbMsgKey":`, p.PbDownloadKey)
	dst = p.appendList(append(dst, `,"MsgList":`...))
	dst = appendText(dst, `,"Title":`, p.Title)
	dst = append(append(dst, `,"AbstractList":`...), abstracts...)
	dst = appendText(dst, `,"CompatibleText":`, p.CompatibleText)
	dst = appendNumber(dst, `,"Version":`, int64(p.Version))
	return append(dst, `,"LayersOverLimit":false}`...)
}

// appendList appends the items as the wire has them (messages.md §1.3).
func (p *MergerPayload) appendList(dst []byte) []byte {
	dst = append(dst, '[')
	for i, m := range p.MessageList {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, `{"From_Account":`, m.From)
		dst = appendText(dst, `,"SenderId":`, m.MessageSender)
		dst = appendNumber(dst, `,"MsgTimeStamp":`, m.Time)
		dst = appendNumber(dst, `,"MsgSeq":`, int64(m.MessageSequence))
		dst = appendNumber(dst, `,"ClientSeq":`, int64(m.ClientSequence))
		dst = appendNumber(dst, `,"MsgRandom":`, int64(m.MessageRandom))
		dst = appendText(dst, `,"CloudCustomData":`, m.CloudCustomData)
		dst = appendText(dst, `,"From_AccountNick":`, m.Nick)
		dst = appendText(dst, `,"From_AccountHeadurl":`, m.Avatar)
		dst = append(dst, `,"MsgBody":[`...)
		for j, b := range m.MessageBody {
			if j > 0 {
				dst = append(dst, ',')
			}
			dst = appendText(dst, `{"MsgType":`, b.Type)
			dst = append(b.Payload.appendWire(append(dst, `,"MsgContent":`...)), '}')
		}
		dst = append(dst, ']')
		if m.ReceiverUserID != "" {
			dst = appendText(dst, `,"To_Account":`, m.ReceiverUserID)
		}
		if m.ReceiverGroupID != "" {
			dst = appendText(dst, `,"GroupId":`, m.ReceiverGroupID)
		}
		if m.MessageReceiver != "" {
			dst = appendText(dst, `,"ReceiverId":`, m.MessageReceiver)
		}
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

func parseMerger(v gjson.Result) *MergerPayload {
	p := &MergerPayload{MessageList: []MergerItem{}, AbstractList: []string{}}
	list := v.Get("MsgList")
	key := v.Get("JsonMsgKey").String()
	if key == "" && len(list.Array()) == 0 {
		p.LayersOverLimit = v.Get("LayersOverLimit").Int() == 1
		return p
	}
	p.Title, p.CompatibleText = v.Get("Title").String(), v.Get("CompatibleText").String()
	p.Version = int(v.Get("Version").Int())
	for _, a := range v.Get("AbstractList").Array() {
		p.AbstractList = append(p.AbstractList, a.String())
	}
	if key != "" {
		p.DownloadKey, p.PbDownloadKey = key, v.Get("PbMsgKey").String()
		return p
	}
	p.MessageList = parseMergerList(list)
	return p
}

func parseMergerList(list gjson.Result) []MergerItem {
	out := []MergerItem{}
	for _, v := range list.Array() {
		if !v.IsObject() {
			continue
		}
		m := MergerItem{
			From: v.Get("From_Account").String(), Time: v.Get("MsgTimeStamp").Int(),
			MessageSequence: uint32(v.Get("MsgSeq").Uint()), ClientSequence: uint32(v.Get("ClientSeq").Uint()),
			MessageRandom:   uint32(v.Get("MsgRandom").Uint()),
			CloudCustomData: v.Get("CloudCustomData").String(),
			Nick:            v.Get("From_AccountNick").String(), Avatar: v.Get("From_AccountHeadurl").String(),
			ReceiverUserID: v.Get("To_Account").String(), ReceiverGroupID: v.Get("GroupId").String(),
		}
		m.MessageSender = m.From
		m.MessageReceiver = m.ReceiverGroupID
		if m.ReceiverUserID != "" {
			m.MessageReceiver = m.ReceiverUserID
		}
		if m.ClientSequence == 0 {
			m.ClientSequence = m.MessageSequence
		}
		t, payload := parseBody(v.Get("MsgBody"))
		m.MessageBody = []MergerBody{{Type: t, Payload: payload}}
		out = append(out, m)
	}
	return out
}

// mergerItem is a message as an item.
func mergerItem(m *Message) MergerItem {
	item := MergerItem{
		From: m.From, MessageSender: m.From, Time: m.Time, MessageSequence: m.Sequence,
		ClientSequence: m.ClientSequence, MessageRandom: m.Random, CloudCustomData: m.CloudCustomData,
		Nick: m.Nick, Avatar: m.Avatar, MessageReceiver: m.To,
		MessageBody: []MergerBody{{Type: m.Type, Payload: m.Payload}},
	}
	if m.ConversationType == ConvGroup {
		item.ReceiverGroupID = m.To
	} else {
		item.ReceiverUserID = m.To
	}
	return item
}

// uploadMerger stores the items of a long merger and returns the content to
// send in their place.
func (c *Client) uploadMerger(p *MergerPayload) (*MergerPayload, error) {
	body := append(p.appendList([]byte(`{"MsgList":`)), '}')
	r := c.ask(protocol.CmdSaveRelay, body)
	if err := r.err(); err != nil {
		return nil, err
	}
	byKey := *p
	byKey.DownloadKey = gjson.GetBytes(r.Body, "JsonMsgKey").String()
	byKey.PbDownloadKey = gjson.GetBytes(r.Body, "PbMsgKey").String()
	byKey.number = len(p.MessageList)
	return &byKey, nil
}

// DownloadMergerMessage fills the list of a merger that came by key and returns
// the message with it. Errors: 2450 not a merger, 2451 the list is there
// already, 2452 the request failed.
func (c *Client) DownloadMergerMessage(ctx context.Context, m *Message) (*Message, error) {
	valid := need("downloadMergerMessage").that(m != nil, "message", "is missing").err()
	return run(ctx, c, "downloadMergerMessage", valid, func() (*Message, error) {
		if m.Type != MsgMerger {
			return nil, fail(CodeNoMerger)
		}
		m = m.Latest()
		p, ok := m.Payload.(*MergerPayload)
		if !ok || p.DownloadKey == "" {
			return nil, fail(CodeNoMergerKey)
		}
		body, _ := json.Marshal(protocol.GetRelayRequest{JSONMsgKey: p.DownloadKey})
		r := c.ask(protocol.CmdGetRelay, body)
		if r.err() != nil {
			return nil, fail(CodeMergerDownload)
		}
		full := *p
		full.MessageList = parseMergerList(gjson.GetBytes(r.Body, "MsgList"))
		full.DownloadKey, full.PbDownloadKey = "", ""
		if m.rec == nil {
			return m, nil
		}
		return m.rec.update(func(m *Message) { m.Payload = &full }), nil
	})
}
