package protocol

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// SendMsgRequest is openim.sendmsg: a C2C message. MsgSeq and MsgRandom
// identify it; with the server's time they make its key.
type SendMsgRequest struct {
	FromAccount             string          `json:"From_Account"`
	ToAccount               string          `json:"To_Account"`
	MsgTimeStamp            int64           `json:"MsgTimeStamp,omitempty"` // seconds; 2.14 only
	MsgSeq                  uint32          `json:"MsgSeq"`
	MsgRandom               uint32          `json:"MsgRandom"`
	MsgBody                 json.RawMessage `json:"MsgBody"`
	CloudCustomData         string          `json:"CloudCustomData"`
	FromAccountNick         string          `json:"From_AccountNick"`
	FromAccountHeadURL      string          `json:"From_AccountHeadurl"`
	MsgLifeTime             *int64          `json:"MsgLifeTime,omitempty"` // 0: online receivers only
	OfflinePushInfo         json.RawMessage `json:"OfflinePushInfo,omitempty"`
	SendMsgControl          []string        `json:"SendMsgControl,omitempty"` // NoUnread, NoLastMsg, NoMsgCheck
	MsgClientTime           int64           `json:"MsgClientTime,omitempty"`  // seconds; from 2.27 on
	IsNeedReadReceipt       int             `json:"IsNeedReadReceipt,omitempty"`
	SupportMessageExtension int             `json:"SupportMessageExtension,omitempty"`
}

// OnlineOnly tells whether the message is for online receivers only.
func (r *SendMsgRequest) OnlineOnly() bool { return r.MsgLifeTime != nil && *r.MsgLifeTime == 0 }

// ParseSendMsg reads the body of openim.sendmsg in one pass; this is the path
// that every message takes. A field of a wrong type is refused with its
// documented code. Raw fields are parts of body and stay as long as its bytes
// do.
func ParseSendMsg(body json.RawMessage) (*SendMsgRequest, error) {
	r := &SendMsgRequest{}
	fault := OK
	var hasBody, hasRandom bool
	err := whole(body, func(s *scan) bool {
		if s.peek() != '{' {
			return s.skip(0)
		}
		return s.object(func(name []byte) bool {
			v := s.value(1)
			if v == nil || fault != OK {
				return v != nil // the first fault counts; the rest must be JSON
			}
			switch string(name) {
			case "From_Account":
				fault = readString(v, &r.FromAccount, CodeMsgFromAccount)
			case "To_Account":
				fault = readString(v, &r.ToAccount, CodeMsgToAccount)
			case "MsgTimeStamp":
				fault = readInt(v, &r.MsgTimeStamp, CodeMsgTimeStamp)
			case "MsgClientTime":
				fault = readInt(v, &r.MsgClientTime, CodeMsgTimeStamp)
			case "MsgSeq":
				fault = readUint32(v, &r.MsgSeq, CodeMsgFormat)
			case "MsgRandom":
				hasRandom = true
				fault = readUint32(v, &r.MsgRandom, CodeMsgRandom)
			case "MsgBody":
				hasBody = true
				fault = checkMsgBody(v)
				r.MsgBody = v
			case "CloudCustomData":
				fault = readString(v, &r.CloudCustomData, CodeMsgFormat)
			case "From_AccountNick":
				fault = readString(v, &r.FromAccountNick, CodeMsgFormat)
			case "From_AccountHeadurl":
				fault = readString(v, &r.FromAccountHeadURL, CodeMsgFormat)
			case "MsgLifeTime":
				r.MsgLifeTime = new(int64)
				fault = readInt(v, r.MsgLifeTime, CodeMsgLifeTime)
			case "OfflinePushInfo":
				r.OfflinePushInfo = v
			case "SendMsgControl":
				for _, item := range gjson.ParseBytes(v).Array() {
					r.SendMsgControl = append(r.SendMsgControl, item.String())
				}
			case "IsNeedReadReceipt":
				r.IsNeedReadReceipt = int(intOf(v))
			case "SupportMessageExtension":
				r.SupportMessageExtension = int(intOf(v))
			}
			return true
		})
	})
	switch {
	case err != nil:
		return nil, NewError(CodeMsgJSON)
	case fault != OK:
	case r.ToAccount == "":
		fault = CodeMsgToAccount
	case !hasRandom:
		fault = CodeMsgRandom
	case !hasBody:
		fault = CodeMsgBody
	}
	if fault != OK {
		return nil, NewError(fault)
	}
	return r, nil
}

func readString(v []byte, dst *string, wrong Code) Code {
	switch {
	case isText(v):
		*dst = textOf(v)
	case string(v) == "null": // as if absent
	default:
		return wrong
	}
	return OK
}

func readInt(v []byte, dst *int64, wrong Code) Code {
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil {
		return wrong
	}
	*dst = n
	return OK
}

func readUint32(v []byte, dst *uint32, wrong Code) Code {
	n, err := strconv.ParseUint(string(v), 10, 32)
	if err != nil {
		return wrong
	}
	*dst = uint32(n)
	return OK
}

// checkMsgBody wants a non-empty array of {MsgType: string, MsgContent: object};
// v is JSON without space around.
func checkMsgBody(v []byte) Code {
	code := CodeMsgBody // also for []
	s := scan{text: v}
	s.array(func() bool {
		var typed, content bool
		if s.peek() == '{' {
			s.object(func(name []byte) bool {
				value := s.value(0)
				switch string(name) {
				case "MsgType":
					typed = isText(value) && len(value) > len(`""`)
				case "MsgContent":
					content = isObject(value)
				}
				return true
			})
		}
		if code = OK; !typed || !content {
			code = CodeMsgBodyType
		}
		return code == OK
	})
	return code
}

// SendMsgReply answers openim.sendmsg; the SDK reads MsgTime.
type SendMsgReply struct {
	Status
	MsgTime int64  `json:"MsgTime"`
	MsgKey  string `json:"MsgKey"`
}

// AppendSendMsgReply appends the frame of a successful send: the hot path's
// EncodeReply.
func AppendSendMsgReply(dst []byte, servcmd string, seq Seq, msgTime int64, msgKey string) []byte {
	dst = AppendFrameHead(dst, servcmd, seq)
	dst = append(dst, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","MsgTime":`...)
	dst = strconv.AppendInt(dst, msgTime, 10)
	dst = append(dst, `,"MsgKey":"`...)
	dst = append(dst, msgKey...)
	return append(dst, `"}}`...)
}

// MsgKey is <MsgSeq>_<MsgRandom>_<MsgTime>, unique in a conversation.
type MsgKey struct {
	Seq    uint32
	Random uint32
	Time   int64
}

func (k MsgKey) String() string {
	text := strconv.AppendUint(make([]byte, 0, 42), uint64(k.Seq), 10)
	text = strconv.AppendUint(append(text, '_'), uint64(k.Random), 10)
	return string(strconv.AppendInt(append(text, '_'), k.Time, 10))
}

// ParseMsgKey reads a key; its error has CodeMsgKey.
func ParseMsgKey(s string) (MsgKey, error) {
	parts := strings.Split(s, "_")
	if len(parts) == 3 {
		seq, err1 := strconv.ParseUint(parts[0], 10, 32)
		random, err2 := strconv.ParseUint(parts[1], 10, 32)
		at, err3 := strconv.ParseInt(parts[2], 10, 64)
		if err1 == nil && err2 == nil && err3 == nil {
			return MsgKey{Seq: uint32(seq), Random: uint32(random), Time: at}, nil
		}
	}
	return MsgKey{}, NewError(CodeMsgKey)
}

// C2CMessage is a C2C message in pushes, roaming lists and getmsg. TinyID
// (the sender's) and MsgClientTime make its ID from 2.27 on.
type C2CMessage struct {
	FromAccount        string          `json:"From_Account"`
	ToAccount          string          `json:"To_Account"`
	MsgSeq             uint32          `json:"MsgSeq"`
	MsgRandom          uint32          `json:"MsgRandom"`
	MsgTimeStamp       int64           `json:"MsgTimeStamp"`
	TinyID             string          `json:"TinyId"`
	MsgClientTime      int64           `json:"MsgClientTime"`
	FromAccountNick    string          `json:"From_AccountNick"`
	FromAccountHeadURL string          `json:"From_AccountHeadurl"`
	CloudCustomData    string          `json:"CloudCustomData"`
	MsgBody            json.RawMessage `json:"MsgBody"`
	MsgFlagBits        int             `json:"MsgFlagBits,omitempty"` // 8: recalled
	MsgLifeTime        *int64          `json:"MsgLifeTime,omitempty"` // 0: online only
	IsSyncMsg          int             `json:"IsSyncMsg,omitempty"`   // copy for the sender's other instances, From and To swapped
	MsgModifiedFlag    int             `json:"MsgModifiedFlag,omitempty"`
	MsgVersion         int             `json:"MsgVersion,omitempty"`
	IsPeerRead         int             `json:"IsPeerRead,omitempty"` // 1: its read receipt was sent (history only)
	IsNeedReadReceipt  int             `json:"IsNeedReadReceipt,omitempty"`
	SendMsgControl     map[string]int  `json:"SendMsgControl,omitempty"`
}

// Append appends the message as JSON: the hot path's json.Marshal.
func (m *C2CMessage) Append(dst []byte) []byte {
	dst = append(dst, `{"From_Account":`...)
	dst = AppendString(dst, m.FromAccount)
	dst = append(dst, `,"To_Account":`...)
	dst = AppendString(dst, m.ToAccount)
	dst = append(dst, `,"MsgSeq":`...)
	dst = strconv.AppendUint(dst, uint64(m.MsgSeq), 10)
	dst = append(dst, `,"MsgRandom":`...)
	dst = strconv.AppendUint(dst, uint64(m.MsgRandom), 10)
	dst = append(dst, `,"MsgTimeStamp":`...)
	dst = strconv.AppendInt(dst, m.MsgTimeStamp, 10)
	dst = append(dst, `,"TinyId":`...)
	dst = AppendString(dst, m.TinyID)
	dst = append(dst, `,"MsgClientTime":`...)
	dst = strconv.AppendInt(dst, m.MsgClientTime, 10)
	dst = append(dst, `,"From_AccountNick":`...)
	dst = AppendString(dst, m.FromAccountNick)
	dst = append(dst, `,"From_AccountHeadurl":`...)
	dst = AppendString(dst, m.FromAccountHeadURL)
	dst = append(dst, `,"CloudCustomData":`...)
	dst = AppendString(dst, m.CloudCustomData)
	dst = append(dst, `,"MsgBody":`...)
	if len(m.MsgBody) == 0 {
		dst = append(dst, "null"...)
	}
	dst = append(dst, m.MsgBody...)
	flag := func(name string, n int) {
		if n != 0 {
			dst = append(append(append(dst, `,"`...), name...), `":`...)
			dst = strconv.AppendInt(dst, int64(n), 10)
		}
	}
	flag("MsgFlagBits", m.MsgFlagBits)
	if m.MsgLifeTime != nil {
		dst = append(dst, `,"MsgLifeTime":`...)
		dst = strconv.AppendInt(dst, *m.MsgLifeTime, 10)
	}
	flag("IsSyncMsg", m.IsSyncMsg)
	flag("MsgModifiedFlag", m.MsgModifiedFlag)
	flag("MsgVersion", m.MsgVersion)
	flag("IsPeerRead", m.IsPeerRead)
	flag("IsNeedReadReceipt", m.IsNeedReadReceipt)
	if len(m.SendMsgControl) > 0 {
		b, _ := json.Marshal(m.SendMsgControl) // a map of ints cannot fail
		dst = append(append(dst, `,"SendMsgControl":`...), b...)
	}
	return append(dst, '}')
}

// MarshalJSON gives what Append gives, so that there is one encoding.
func (m *C2CMessage) MarshalJSON() ([]byte, error) { return m.Append(nil), nil }

// Flags of MsgFlagBits and LastMsgFlags.
const (
	FlagC2CRecalled   = 8
	FlagGroupRecalled = 2
)

// GetMsgRequest is openim.getmsg: the sync after a login or a reconnect.
type GetMsgRequest struct {
	Cookie        string `json:"Cookie"`
	SyncFlag      int    `json:"SyncFlag"`
	NeedAbstract  int    `json:"NeedAbstract"`
	IsOnlineSync  int    `json:"IsOnlineSync"`
	NeedSignaling int    `json:"NeedSignaling,omitempty"` // from 2.27 on: recalls come in MsgList
	NeedCachedMsg int    `json:"NeedCachedMsg,omitempty"`
}

// SyncDone in GetMsgReply.SyncFlag ends the sync; only such a page's messages
// are announced after a reconnect.
const SyncDone = 2

// GetMsgReply answers openim.getmsg. With an empty Cookie the SDK ignores it.
type GetMsgReply struct {
	Status
	Cookie                  string            `json:"Cookie"`
	SyncFlag                int               `json:"SyncFlag"`
	MsgList                 []json.RawMessage `json:"MsgList"`
	C2CRemainingUnreadCount []RemainingUnread `json:"C2CRemainingUnreadCount"` // 2.14 adds these
	C2CPairUnreadCount      []PairUnread      `json:"C2CPairUnreadCount"`      // 2.27 and later take these
	EventArray              []PushEvent       `json:"EventArray"`
}

// RemainingUnread is an item of C2CRemainingUnreadCount.
type RemainingUnread struct {
	FromAccount string `json:"From_Account"`
	Count       int    `json:"Count"`
	LastMsgTime int64  `json:"LastMsgTime"`
}

// PairUnread is an item of C2CPairUnreadCount.
type PairUnread struct {
	FromAccount string `json:"From_Account"`
	UnreadCount int    `json:"UnreadCount"`
}

// GetRoamMsgRequest is openim.getroammsg: a page of C2C history, newest first
// page, older with the previous reply's MsgKey.
type GetRoamMsgRequest struct {
	PeerAccount     string `json:"Peer_Account"`
	MaxCnt          int    `json:"MaxCnt"`
	LastMsgTime     int64  `json:"LastMsgTime"`
	MsgKey          string `json:"MsgKey"`
	WithRecalledMsg int    `json:"WithRecalledMsg"`
	GetDirection    int    `json:"GetDirection,omitempty"` // RoamNewer, or 0 for older
}

// RoamNewer asks for messages from LastMsgTime on (2.27 and later, after a
// reconnect).
const RoamNewer = 1

// GetRoamMsgReply answers openim.getroammsg; MsgList is oldest first.
type GetRoamMsgReply struct {
	Status
	Complete    int           `json:"Complete"` // 1: nothing older is left
	MsgCnt      int           `json:"MsgCnt"`
	LastMsgTime int64         `json:"LastMsgTime"`
	MsgKey      string        `json:"MsgKey"`
	MsgList     []*C2CMessage `json:"MsgList"`
}

// MsgReadedRequest is openim.msgreaded.
type MsgReadedRequest struct {
	C2CMsgReaded struct {
		Cookie           string          `json:"Cookie"`
		C2CMsgReadedItem []MsgReadedItem `json:"C2CMsgReadedItem"`
	} `json:"C2CMsgReaded"`
}

// MsgReadedItem reads a peer's messages up to a second.
type MsgReadedItem struct {
	ToAccount     string `json:"To_Account"`
	LastedMsgTime int64  `json:"LastedMsgTime"`
	Receipt       int    `json:"Receipt"`
}

// PeerReadTimeRequest is openim.get_peer_read_time.
type PeerReadTimeRequest struct {
	ToAccount []string `json:"To_Account"`
}

// PeerReadTimeReply answers with a second for each account asked, 0 = never.
type PeerReadTimeReply struct {
	Status
	ReadTime []int64 `json:"ReadTime"`
}

// MsgIdentity names a C2C message in recalls and receipts.
type MsgIdentity struct {
	FromAccount   string `json:"From_Account"`
	ToAccount     string `json:"To_Account"`
	MsgSeq        uint32 `json:"MsgSeq"`
	MsgRandom     uint32 `json:"MsgRandom"`
	MsgTimeStamp  int64  `json:"MsgTimeStamp,omitempty"`
	MsgTime       int64  `json:"MsgTime,omitempty"`
	MsgClientTime int64  `json:"MsgClientTime,omitempty"`
	TinyID        string `json:"TinyId,omitempty"`
}

// MsgWithdrawRequest is openim.msgwithdraw.
type MsgWithdrawRequest struct {
	MsgInfo MsgIdentity `json:"MsgInfo"`
}

// DeleteC2CRequest is openim.delete_c2c_msg_ramble: one-sided.
type DeleteC2CRequest struct {
	FromAccount string   `json:"From_Account"`
	ToAccount   string   `json:"To_Account"`
	MsgKeyList  []string `json:"MsgKeyList"`
}

// AuthKeyReply answers openim.authkey.
type AuthKeyReply struct {
	Status
	AuthKey    string `json:"AuthKey"`
	ExpireTime int64  `json:"ExpireTime"`
}

// CheckMsgBody tells whether body is a non-empty array of elements, each with
// MsgType and MsgContent; the error has the documented code.
func CheckMsgBody(body json.RawMessage) error {
	if checkText(body) != nil {
		return NewError(CodeMsgJSON)
	}
	if code := checkMsgBody(bytes.TrimSpace(body)); code != OK {
		return NewError(code)
	}
	return nil
}

// ModifyReply answers openim.modify_c2c_msg and modify_group_msg with the
// content now valid, also when it refuses with CodeModifyConflict.
type ModifyReply struct {
	Status
	MsgVersion      int             `json:"MsgVersion"`
	MsgBody         json.RawMessage `json:"MsgBody"`
	CloudCustomData string          `json:"CloudCustomData"`
}

// ReadReceiptRequest is openim.c2c_msg_read_receipt.
type ReadReceiptRequest struct {
	PeerAccount string        `json:"Peer_Account"`
	C2CMsgInfo  []MsgIdentity `json:"C2CMsgInfo"`
}
