package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// Paths of the WebSocket upgrade; the path decides how frames travel.
const (
	PathText   = "/info"  // WebSocket text frames (2.14)
	PathBinary = "/binfo" // WebSocket binary frames (2.27 and later)
)

// Seq is the sequence number of a request: the raw JSON token, a number or a
// string, so that it is repeated just as it came.
type Seq string

// SeqNumber makes a Seq of a number.
func SeqNumber(n uint64) Seq { return Seq(strconv.FormatUint(n, 10)) }

// MarshalJSON writes the token as it is; the zero Seq is 0.
func (s Seq) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte("0"), nil
	}
	return []byte(s), nil
}

// Head is the head of an uplink frame. Identifier and UserSig stand in it only
// while there is no A2 (the first login), and on upload commands.
type Head struct {
	ServCmd       string `json:"servcmd"`
	Seq           Seq    `json:"seq"`
	Ver           string `json:"ver,omitempty"`
	Platform      int    `json:"platform,omitempty"`
	WebSDKAppID   uint32 `json:"websdkappid,omitempty"`
	WebSDKVersion string `json:"websdkversion,omitempty"`
	A2            string `json:"a2,omitempty"`
	TinyID        string `json:"tinyid,omitempty"`
	Identifier    string `json:"identifier,omitempty"`
	UserSig       string `json:"usersig,omitempty"`
	StatusInstID  uint32 `json:"status_instid"`
	SDKAppID      uint32 `json:"sdkappid"`
	ContentType   string `json:"contenttype,omitempty"`
	ReqTime       int64  `json:"reqtime,omitempty"` // seconds, the client's clock
	SDKAbility    int64  `json:"sdkability,omitempty"`
	TjgID         string `json:"tjgID"`
}

// Request is an uplink frame. Frame is its own copy of what came; the texts of
// Head and Body, which is valid JSON, are parts of that copy: whoever keeps one
// of them for long copies it, and nobody writes to it.
type Request struct {
	Frame []byte
	Head  Head
	Body  json.RawMessage
}

// Reasons why a frame is not a request at all. There is nothing to answer to:
// a server closes such a connection.
var (
	ErrNotJSON   = errors.New("frame is not JSON")
	ErrNotUTF8   = errors.New("frame is not UTF-8")
	ErrTooDeep   = errors.New("frame is nested too deep")
	ErrNoHead    = errors.New(`frame has no object "head"`)
	ErrNoServCmd = errors.New(`head has no string "servcmd"`)
	ErrNoSeq     = errors.New(`head has no number or string "seq"`)
)

// MaxDepth is how deep the objects and arrays of a frame may be nested.
// Validating takes stack for each level: without a bound a few megabytes of
// brackets end the process.
const MaxDepth = 1000

// checkText tells whether a text can be taken apart, and be repeated to others
// in a WebSocket text frame, which must be UTF-8.
func checkText(text []byte) error {
	switch {
	case !shallow(text):
		return ErrTooDeep
	case !utf8.Valid(text):
		return ErrNotUTF8
	case !gjson.ValidBytes(text):
		return ErrNotJSON
	}
	return nil
}

// shallow tells whether a text stays within MaxDepth.
func shallow(text []byte) bool {
	if bytes.Count(text, []byte("{"))+bytes.Count(text, []byte("[")) <= MaxDepth {
		return true // what almost every frame is; no need to look closer
	}
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return false
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return true
}

// ParseRequest reads an uplink frame. Head fields of a wrong type are taken as
// absent, a body that is no object as {}: what a command needs of its body is
// checked where the command is carried out.
func ParseRequest(frame []byte) (Request, error) {
	req := Request{Frame: bytes.Clone(frame)}
	headed := false
	err := whole(req.Frame, func(s *scan) bool {
		if s.peek() != '{' {
			return s.skip(0)
		}
		return s.object(func(name []byte) bool {
			switch string(name) {
			case "head":
				req.Head = Head{}
				if headed = s.peek() == '{'; headed {
					return s.object(func(name []byte) bool { return req.Head.set(name, s.value(2)) })
				}
			case "body":
				body := s.value(1)
				if body != nil && isObject(body) {
					req.Body = body
				}
				return body != nil
			}
			return s.skip(1)
		})
	})
	if req.Body == nil {
		req.Body = json.RawMessage("{}")
	}
	switch {
	case err != nil:
	case !headed:
		err = ErrNoHead
	case req.Head.ServCmd == "":
		err = ErrNoServCmd
	case req.Head.Seq == "":
		err = ErrNoSeq
	}
	if err != nil {
		return Request{Frame: req.Frame}, err
	}
	return req, nil
}

// set takes a field; it is false if there is no value.
func (h *Head) set(name, v []byte) bool {
	if v == nil {
		return false
	}
	text := func(field *string) {
		if isText(v) {
			*field = textWithin(v)
		}
	}
	switch string(name) {
	case "servcmd":
		text(&h.ServCmd)
	case "seq":
		if isNumber(v) || isText(v) {
			h.Seq = Seq(view(v))
		}
	case "a2":
		text(&h.A2)
	case "tinyid":
		h.TinyID = ""
		if text(&h.TinyID); isNumber(v) {
			h.TinyID = view(v)
		}
	case "identifier":
		text(&h.Identifier)
	case "usersig":
		text(&h.UserSig)
	case "status_instid":
		h.StatusInstID = uint32(intOf(v))
	case "sdkappid":
		h.SDKAppID = uint32(intOf(v))
	case "sdkability":
		h.SDKAbility = intOf(v)
	case "reqtime":
		h.ReqTime = intOf(v)
	case "platform":
		h.Platform = int(intOf(v))
	case "ver":
		text(&h.Ver)
	case "websdkversion":
		text(&h.WebSDKVersion)
	case "tjgID":
		text(&h.TjgID)
	}
	return true
}

// EncodeRequest appends an uplink frame to dst.
func EncodeRequest(dst []byte, head *Head, body any) ([]byte, error) {
	h, err := marshal(head)
	if err != nil {
		return dst, err
	}
	b, err := marshal(body)
	if err != nil {
		return dst, err
	}
	dst = append(append(dst, `{"head":`...), h...)
	dst = append(append(dst, `,"body":`...), b...)
	return append(dst, '}'), nil
}

// AppendFrameHead appends the beginning of a downlink frame, up to and without
// its body: {"head":{…},"body": — the caller appends the body and a brace.
func AppendFrameHead(dst []byte, servcmd string, seq Seq) []byte {
	dst = append(dst, `{"head":{"servcmd":`...)
	dst = AppendString(dst, servcmd)
	dst = append(dst, `,"seq":`...)
	if seq == "" {
		seq = "0"
	}
	dst = append(dst, seq...)
	return append(dst, `},"body":`...)
}

// EncodeFrame appends a downlink frame to dst: a reply if servcmd and seq are
// those of a request, else a push.
func EncodeFrame(dst []byte, servcmd string, seq Seq, body any) ([]byte, error) {
	b, err := marshal(body)
	if err != nil {
		return dst, err
	}
	dst = AppendFrameHead(dst, servcmd, seq)
	dst = append(dst, b...)
	return append(dst, '}'), nil
}

// Downlink is a frame of the server as a client sees it.
type Downlink struct {
	ServCmd string
	Seq     Seq
	Body    json.RawMessage
	// Of a reply's body; a push has none of them.
	ErrorCode int
	ErrorInfo string
}

// ParseDownlink reads a frame of the server. Its texts are parts of the frame,
// which nobody may write to any more: whoever keeps one for long copies it.
func ParseDownlink(frame []byte) (Downlink, error) {
	var d Downlink
	headed := false
	err := whole(frame, func(s *scan) bool {
		if s.peek() != '{' {
			return s.skip(0)
		}
		return s.object(func(name []byte) bool {
			switch string(name) {
			case "head":
				d.ServCmd, d.Seq = "", ""
				if headed = s.peek() == '{'; headed {
					return s.object(func(name []byte) bool { return d.setHead(name, s.value(2)) })
				}
			case "body":
				return d.setBody(s)
			}
			return s.skip(1)
		})
	})
	switch {
	case err != nil:
	case !headed:
		err = ErrNoHead
	case d.ServCmd == "":
		err = ErrNoServCmd
	}
	if err != nil {
		return Downlink{}, err
	}
	return d, nil
}

// setHead takes a field of the head; it is false if there is no value.
func (d *Downlink) setHead(name, v []byte) bool {
	if v == nil {
		return false
	}
	switch string(name) {
	case "servcmd":
		if isText(v) {
			d.ServCmd = textWithin(v)
		}
	case "seq":
		if d.Seq = Seq(view(v)); isText(v) {
			d.Seq = Seq(textWithin(v)) // a string seq matches a number
		}
	}
	return true
}

// setBody takes the body and what a reply has in it.
func (d *Downlink) setBody(s *scan) bool {
	*d = Downlink{ServCmd: d.ServCmd, Seq: d.Seq}
	if s.peek() != '{' {
		d.Body = s.value(1)
		return d.Body != nil
	}
	start := s.at
	ok := s.object(func(name []byte) bool {
		v := s.value(2)
		switch {
		case v == nil:
			return false
		case string(name) == "ErrorCode":
			d.ErrorCode = int(intOf(v))
		case string(name) == "ErrorInfo" && isText(v):
			d.ErrorInfo = textWithin(v)
		}
		return true
	})
	d.Body = s.text[start:s.at]
	return ok
}

// AppendString appends s as a JSON string.
func AppendString(dst []byte, s string) []byte { return gjson.AppendJSONString(dst, s) }

// marshal is json.Marshal without HTML escaping: the wire carries < as it is.
func marshal(v any) ([]byte, error) {
	if raw, ok := v.(json.RawMessage); ok && len(raw) > 0 {
		return raw, nil
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}
