package protocol

import (
	"encoding/json"
	"strconv"
)

// Event numbers of a push item. The SDK recognises most items by their key.
const (
	EventGroupMsg      = 3
	EventGroupTips     = 4
	EventGroupSystem   = 5
	EventFriendList    = 7
	EventProfile       = 8
	EventC2CMsg        = 9
	EventC2CNotify     = 10
	EventGroupAt       = 12
	EventContact       = 13
	EventC2CReadAll    = 14
	EventC2CModified   = 15 // from 2.27 on
	EventC2CReceipt    = 16 // from 2.27 on
	EventGroupModified = 17 // from 2.27 on
	EventKick          = 20
)

// Push is the body of a push frame (im_open_push.msg_push and others).
type Push struct {
	EventArray  []PushEvent `json:"EventArray"`
	NeedAck     int         `json:"NeedAck,omitempty"`     // 1: the client answers with ws_msg_push_ack
	SessionData string      `json:"SessionData,omitempty"` // repeated in that ack
	Flag        int         `json:"Flag,omitempty"`        // 1: the client starts an online sync
}

// StartSync is a push body that makes a client ask openim.getmsg with
// IsOnlineSync. The empty list must be there.
var StartSync = json.RawMessage(`{"EventArray":[{"Event":9,"C2cMsgArray":[]}],"Flag":1}`)

// PushEvent is one item of EventArray; one of the lists is set.
type PushEvent struct {
	Event              int                `json:"Event"`
	C2CMsgArray        []*C2CMessage      `json:"C2cMsgArray,omitempty"`
	C2CNotifyMsgArray  []C2CNotify        `json:"C2cNotifyMsgArray,omitempty"`
	RecentContactMod   []RecentContactMod `json:"RecentContactMod,omitempty"`
	ProfileDataMod     []ProfileDataMod   `json:"ProfileDataMod,omitempty"`
	FriendListMod      []FriendListMod    `json:"FriendListMod,omitempty"`
	GroupMsgArray      []json.RawMessage  `json:"GroupMsgArray,omitempty"`
	GroupTips          []json.RawMessage  `json:"GroupTips,omitempty"`
	C2CMsgModNotifys   []C2CModify        `json:"C2cMsgModNotifys,omitempty"`
	GroupMsgModNotifys []GroupModified    `json:"GroupMsgModNotifys,omitempty"`
	UserAccount        string             `json:"User_Account,omitempty"` // reader, with C2CMsgInfo
	C2CMsgInfo         []MsgIdentity      `json:"C2cMsgInfo,omitempty"`
}

// C2CNotify is an item of C2cNotifyMsgArray: a recall, a receipt, a read sync
// or a kick.
type C2CNotify struct {
	FromAccount           string            `json:"From_Account,omitempty"`
	ToAccount             string            `json:"To_Account,omitempty"`
	KickoutMsgNotify      *KickNotify       `json:"KickoutMsgNotify,omitempty"`
	WithdrawC2CMsgNotify  *WithdrawNotify   `json:"WithdrawC2cMsgNotify,omitempty"`
	C2CReadedReceipt      *ReadReceipt      `json:"C2cReadedReceipt,omitempty"`
	ReadC2CMsgNotify      *ReadSync         `json:"ReadC2cMsgNotify,omitempty"`
	MuteNotificationsSync *MuteNotification `json:"MuteNotificationsSync,omitempty"` // from 2.27 on
}

// KickNotify ends the session of an instance.
type KickNotify struct {
	KickType    KickType `json:"KickType"`
	NewInstInfo struct{} `json:"NewInstInfo"`
}

// WithdrawNotify tells of recalled C2C messages.
type WithdrawNotify struct {
	C2CWithdrawInfoArray []WithdrawInfo `json:"C2cWithdrawInfoArray"`
}

// WithdrawInfo names a recalled message and, if it was not the sender, who
// recalled it.
type WithdrawInfo struct {
	MsgIdentity
	RevokerInfo *RevokerInfo `json:"RevokerInfo,omitempty"`
}

// RevokerInfo is read from 2.27 on.
type RevokerInfo struct {
	RevokerAccount string `json:"Revoker_Account"`
	Reason         string `json:"Reason,omitempty"`
}

// ReadReceipt tells a sender up to when the reader (ToAccount) has read.
type ReadReceipt struct {
	ToAccount        string     `json:"To_Account"`
	UinPairReadArray []ReadTime `json:"UinPairReadArray"`
}

// ReadSync tells the reader's other instances.
type ReadSync struct {
	UinPairReadArray []ReadTime `json:"UinPairReadArray"`
}

// ReadTime is a second, of one peer in a ReadSync.
type ReadTime struct {
	FromAccount  string `json:"From_Account,omitempty"`
	LastReadTime int64  `json:"LastReadTime"`
}

// C2CModify is an item of C2cMsgModNotifys, and the body of
// openim.modify_c2c_msg.
type C2CModify struct {
	FromAccount     string          `json:"From_Account"`
	ToAccount       string          `json:"To_Account"`
	MsgSeq          uint32          `json:"MsgSeq"`
	MsgRandom       uint32          `json:"MsgRandom"`
	MsgTime         int64           `json:"MsgTime"`
	MsgVersion      int             `json:"MsgVersion"`
	MsgBody         json.RawMessage `json:"MsgBody"`
	CloudCustomData string          `json:"CloudCustomData"`
}

// GroupModified is an item of GroupMsgModNotifys.
type GroupModified struct {
	FromAccount     string          `json:"From_Account"`
	GroupID         string          `json:"GroupId"`
	MsgSeq          uint32          `json:"MsgSeq"`
	MsgRandom       uint32          `json:"MsgRandom"`
	MsgTime         int64           `json:"MsgTime"`
	MsgVersion      int             `json:"MsgVersion"`
	MsgBody         json.RawMessage `json:"MsgBody"`
	CloudCustomData string          `json:"CloudCustomData"`
}

// ProfileDataMod tells of changed profile fields.
type ProfileDataMod struct {
	ProfileAccount string        `json:"Profile_Account"`
	ProfileList    []ProfileItem `json:"ProfileList"`
}

// PushAck is openim.ws_msg_push_ack; it gets no reply.
type PushAck struct {
	SessionData string `json:"SessionData"`
}

// AppendC2CPush appends the frame that delivers one C2C message: the hot
// path's EncodeFrame. An empty sessionData asks for no acknowledgement.
func AppendC2CPush(dst []byte, seq uint64, m *C2CMessage, sessionData string) []byte {
	dst = append(dst, `{"head":{"servcmd":"im_open_push.msg_push","seq":`...)
	dst = strconv.AppendUint(dst, seq, 10)
	dst = append(dst, `},"body":{"EventArray":[{"Event":9,"C2cMsgArray":[`...)
	dst = m.Append(dst)
	dst = append(dst, `]}]`...)
	if sessionData != "" {
		dst = append(dst, `,"NeedAck":1,"SessionData":`...)
		dst = AppendString(dst, sessionData)
	}
	return append(dst, `}}`...)
}
