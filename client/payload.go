package client

import (
	"encoding/json"
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// Payload is the content of a message: a pointer to one of the …Payload types,
// which must not be changed.
type Payload interface {
	// appendWire appends MsgContent (messages.md §1.3).
	appendWire(dst []byte) []byte
	// sendable tells whether there is anything to send; else 2403.
	sendable() bool
}

// TextPayload is the content of MsgText. AtUserList counts in
// CreateTextAtMessage only.
type TextPayload struct {
	Text       string   `json:"text"`
	AtUserList []string `json:"atUserList,omitempty"`
}

// CustomPayload is the content of MsgCustom.
type CustomPayload struct {
	Data        string `json:"data"`
	Description string `json:"description"`
	Extension   string `json:"extension"`
}

// FacePayload is the content of MsgFace.
type FacePayload struct {
	Index int    `json:"index"`
	Data  string `json:"data"`
}

// LocationPayload is the content of MsgGeo; longitude and latitude in degrees.
type LocationPayload struct {
	Description string  `json:"description"`
	Longitude   float64 `json:"longitude"`
	Latitude    float64 `json:"latitude"`
}

// RawPayload is the content of a type that this client does not know.
type RawPayload struct{ JSON json.RawMessage }

// MarshalJSON gives the content as it came.
func (p *RawPayload) MarshalJSON() ([]byte, error) { return p.JSON, nil }

func (p *TextPayload) sendable() bool { return p.Text != "" }
func (p *CustomPayload) sendable() bool {
	return p.Data != "" || p.Description != "" || p.Extension != ""
}
func (p *FacePayload) sendable() bool     { return true }
func (p *LocationPayload) sendable() bool { return true }
func (p *RawPayload) sendable() bool      { return true }

func (p *TextPayload) appendWire(dst []byte) []byte {
	return append(appendText(dst, `{"Text":`, p.Text), '}')
}

func (p *CustomPayload) appendWire(dst []byte) []byte {
	dst = appendText(dst, `{"Data":`, p.Data)
	dst = appendText(dst, `,"Desc":`, p.Description)
	return append(appendText(dst, `,"Ext":`, p.Extension), '}')
}

func (p *FacePayload) appendWire(dst []byte) []byte {
	dst = strconv.AppendInt(append(dst, `{"Index":`...), int64(p.Index), 10)
	return append(appendText(dst, `,"Data":`, p.Data), '}')
}

func (p *LocationPayload) appendWire(dst []byte) []byte {
	dst = appendText(dst, `{"Desc":`, p.Description)
	dst = strconv.AppendFloat(append(dst, `,"Longitude":`...), p.Longitude, 'g', -1, 64)
	dst = strconv.AppendFloat(append(dst, `,"Latitude":`...), p.Latitude, 'g', -1, 64)
	return append(dst, '}')
}

func (p *RawPayload) appendWire(dst []byte) []byte { return append(dst, p.JSON...) }

func appendText(dst []byte, key, text string) []byte {
	return protocol.AppendString(append(dst, key...), text)
}

func appendNumber(dst []byte, key string, n int64) []byte {
	return strconv.AppendInt(append(dst, key...), n, 10)
}

// appendBody appends MsgBody: always one element.
func appendBody(dst []byte, msgType string, p Payload) []byte {
	dst = appendText(dst, `[{"MsgType":`, msgType)
	dst = p.appendWire(append(dst, `,"MsgContent":`...))
	return append(dst, "}]"...)
}

// parseBody reads MsgBody; as in 2.14 the first element is the message.
func parseBody(body gjson.Result) (msgType string, p Payload) {
	body.ForEach(func(_, elem gjson.Result) bool {
		var content gjson.Result
		elem.ForEach(func(key, v gjson.Result) bool {
			switch key.Str {
			case "MsgType":
				msgType = v.Str
			case "MsgContent":
				content = v
			}
			return true
		})
		p = parsePayload(msgType, content)
		return false
	})
	return msgType, p
}

func parsePayload(msgType string, v gjson.Result) Payload {
	switch msgType {
	case MsgText:
		return &TextPayload{Text: v.Get("Text").String()}
	case MsgCustom:
		return &CustomPayload{
			Data: v.Get("Data").String(), Description: v.Get("Desc").String(), Extension: v.Get("Ext").String(),
		}
	case MsgFace:
		return &FacePayload{Index: int(v.Get("Index").Int()), Data: v.Get("Data").String()}
	case MsgGeo:
		return &LocationPayload{
			Description: v.Get("Desc").String(), Longitude: v.Get("Longitude").Float(), Latitude: v.Get("Latitude").Float(),
		}
	case MsgImage:
		return parseImage(v)
	case MsgSound:
		return parseSound(v)
	case MsgVideo:
		return parseVideo(v)
	case MsgFile:
		return parseFile(v)
	case MsgMerger:
		return parseMerger(v)
	}
	if !v.Exists() {
		return nil
	}
	return &RawPayload{JSON: json.RawMessage(v.Raw)}
}

// show is messageForShow: what a conversation list prints for a message. The
// server's own text is never used (messages.md §7.2).
func show(msgType string, p Payload) string {
	if p == nil {
		return ""
	}
	switch msgType {
	case MsgText:
		if t, ok := p.(*TextPayload); ok {
			return t.Text
		}
	case MsgImage:
		return "[图片]"
	case MsgGeo:
		return "[位置]"
	case MsgSound:
		return "[语音]"
	case MsgVideo:
		return "[视频]"
	case MsgFile:
		return "[文件]"
	case MsgCustom:
		return "[自定义消息]"
	case MsgGrpTip:
		return "[群提示消息]"
	case MsgGrpNotice:
		return "[群系统通知]"
	case MsgFace:
		return "[动画表情]"
	case MsgMerger:
		return "[聊天记录]"
	}
	return ""
}
