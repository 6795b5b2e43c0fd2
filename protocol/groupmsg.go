package protocol

import (
	"encoding/json"
	"strconv"
)

// GroupSendRequest is send_group_msg.
type GroupSendRequest struct {
	FromAccount     string          `json:"From_Account"`
	GroupID         string          `json:"GroupId"`
	Random          uint32          `json:"Random"`
	ClientSeq       uint32          `json:"ClientSeq"`
	MsgPriority     string          `json:"MsgPriority"`
	MsgBody         json.RawMessage `json:"MsgBody"`
	CloudCustomData string          `json:"CloudCustomData"`
	OnlineOnlyFlag  int             `json:"OnlineOnlyFlag"`
	GroupAtInfo     []GroupAt       `json:"GroupAtInfo"`
	SendMsgControl  []string        `json:"SendMsgControl"`
	MsgClientTime   int64           `json:"MsgClientTime"`
	NeedReadReceipt int             `json:"NeedReadReceipt"`
}

// GroupAt mentions a user or all. Requests have the flag 0 or
// 1; pushes too for later SDKs, but 1 or 2 for 2.14.
type GroupAt struct {
	AllFlag int    `json:"GroupAtAllFlag"`
	Account string `json:"GroupAt_Account,omitempty"`
}

// AppendGroupSendReply appends the frame of a successful send.
func AppendGroupSendReply(dst []byte, servcmd string, seq Seq, msgTime int64, msgSeq uint32) []byte {
	dst = AppendFrameHead(dst, servcmd, seq)
	dst = append(dst, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","MsgTime":`...)
	dst = strconv.AppendInt(dst, msgTime, 10)
	dst = append(dst, `,"MsgSeq":`...)
	dst = strconv.AppendUint(dst, uint64(msgSeq), 10)
	return append(dst, `}}`...)
}

// GroupMsgGetRequest is group_msg_get: messages up to a sequence, newest first.
type GroupMsgGetRequest struct {
	GroupID         string `json:"GroupId"`
	ReqMsgNumber    int    `json:"ReqMsgNumber"`
	ReqMsgSeq       uint32 `json:"ReqMsgSeq"`
	WithRecalledMsg int    `json:"WithRecalledMsg"`
}

// GroupMsgGetReply answers group_msg_get. IsFinished 2 only with an empty
// list: 2.14 throws the list of such an answer away.
type GroupMsgGetReply struct {
	Status
	GroupID       string            `json:"GroupId"`
	IsFinished    int               `json:"IsFinished"`
	NextReqMsgSeq uint32            `json:"NextReqMsgSeq"`
	RspMsgList    []json.RawMessage `json:"RspMsgList"`
}

// Values of IsPlaceMsg in group_msg_get.
const (
	PlaceGap      = 1 // nothing to show for that sequence
	PlaceRecalled = 2
)

// GroupRecallRequest is group_msg_recall.
type GroupRecallRequest struct {
	GroupID    string        `json:"GroupId"`
	MsgSeqList []GroupMsgSeq `json:"MsgSeqList"`
}

// GroupMsgSeq names a message of a group.
type GroupMsgSeq struct {
	MsgSeq uint32 `json:"MsgSeq"`
}

// GroupRecallReply tells for each message what became of it.
type GroupRecallReply struct {
	Status
	RecallRetList []GroupRecallResult `json:"RecallRetList"`
}

// GroupRecallResult is an item of GroupRecallReply.
type GroupRecallResult struct {
	MsgSeq  uint32 `json:"MsgSeq"`
	RetCode Code   `json:"RetCode"`
}

// GroupMsgDeleteRequest is delete_group_ramble_msg_by_seq.
type GroupMsgDeleteRequest struct {
	GroupID        string   `json:"GroupId"`
	DeleterAccount string   `json:"Deleter_Account"`
	Seqs           []string `json:"Seqs"`
}

// GroupReadRequest is msg_read_report.
type GroupReadRequest struct {
	GroupID      string `json:"GroupId"`
	MsgReadedSeq uint32 `json:"MsgReadedSeq"`
}

// GroupMsgModify is modify_group_msg: new content of the message of that
// version.
type GroupMsgModify struct {
	GroupID         string          `json:"GroupId"`
	MsgSeq          uint32          `json:"MsgSeq"`
	MsgVersion      int             `json:"MsgVersion"`
	MsgBody         json.RawMessage `json:"MsgBody"`
	CloudCustomData string          `json:"CloudCustomData"`
}

// GroupReceiptRequest is group_msg_receipt, which confirms messages, and
// get_group_msg_receipt, which asks how many confirmed them.
type GroupReceiptRequest struct {
	GroupID    string        `json:"GroupId"`
	MsgSeqList []GroupMsgSeq `json:"MsgSeqList"`
}

// GroupReceiptReply answers get_group_msg_receipt.
type GroupReceiptReply struct {
	Status
	GroupMsgReceiptList []GroupReceipt `json:"GroupMsgReceiptList"`
}

// GroupReceipt is how many members confirmed a message and how many have not;
// Code is CodeNoReceipt for a message that asked for no confirmation.
type GroupReceipt struct {
	Code      Code   `json:"Code"`
	MsgSeq    uint32 `json:"MsgSeq"`
	ReadNum   int    `json:"ReadNum"`
	UnreadNum int    `json:"UnreadNum"`
}

// GroupReadersRequest is get_group_msg_receipt_detail: a page of the members
// who confirmed a message, or with Flag 1 of those who have not.
type GroupReadersRequest struct {
	GroupID string `json:"GroupId"`
	MsgSeq  uint32 `json:"MsgSeq"`
	Flag    int    `json:"Flag"`
	Cursor  string `json:"Cursor"` // empty: the first page
	Num     int    `json:"Num"`
}

// GroupReadersReply answers it with one of the lists.
type GroupReadersReply struct {
	Status
	Cursor     string         `json:"Cursor"`
	IsFinish   int            `json:"IsFinish"`
	ReadList   []GroupReader  `json:"ReadList"`
	UnreadList []GroupWaiting `json:"UnreadList"`
}

// GroupReader is a member who confirmed a message.
type GroupReader struct {
	ReadAccount string `json:"Read_Account"`
}

// GroupWaiting is a member who has not.
type GroupWaiting struct {
	UnreadAccount string `json:"Unread_Account"`
}

// GroupNotifyRequest is get_group_notify and an item of
// batch_get_group_notify: recalls between two instants in microseconds.
type GroupNotifyRequest struct {
	NotifyType    int                  `json:"NotifyType"`
	GroupID       string               `json:"GroupId"`
	BeginTime     int64                `json:"BeginTime"`
	EndTime       int64                `json:"EndTime"`
	NotifyReqList []GroupNotifyRequest `json:"NotifyReqList"`
}

// GroupNotifyReply answers both. NextMsgTime must be 0 at the end.
type GroupNotifyReply struct {
	Status
	GroupNotifies
	NotifyRspList []GroupNotifies `json:"NotifyRspList,omitempty"`
}

// GroupNotifies is what happened to messages of a group.
type GroupNotifies struct {
	GroupID       string   `json:"GroupId,omitempty"`
	NextMsgTime   int64    `json:"NextMsgTime"`
	NotifyMsgList []Fields `json:"NotifyMsgList"`
}

// DeleteNoticesRequest is openim.deletemsg: notices that are done with, by
// ClientSeq and MsgRandom.
type DeleteNoticesRequest struct {
	DelMsgList []NoticeIdentity `json:"DelMsgList"`
}

// NoticeIdentity names a notice; To_Account and GroupId come with mentions.
type NoticeIdentity struct {
	FromAccount string `json:"From_Account"`
	ToAccount   string `json:"To_Account,omitempty"`
	MsgSeq      uint32 `json:"MsgSeq"` // ClientSeq of the notice
	MsgRandom   uint32 `json:"MsgRandom"`
	GroupID     string `json:"GroupId,omitempty"`
}

// Tips in a group (OpType).
const (
	TipJoined     = 1
	TipQuit       = 2
	TipKicked     = 3
	TipAdminSet   = 4
	TipAdminUnset = 5
	TipProfile    = 6
	TipMuted      = 7
)

// TipAttributes is the OpType of a push of changed attributes.
const TipAttributes = 6

// System notices about groups (ReportType).
const (
	NoticeApplied    = 1
	NoticeAccepted   = 2
	NoticeRejected   = 3
	NoticeKicked     = 4
	NoticeDismissed  = 5
	NoticeCreated    = 6
	NoticeInvited    = 7
	NoticeQuit       = 8
	NoticeAdminSet   = 9
	NoticeAdminUnset = 10
	NoticeCustom     = 255
)

// EventGroupFleeting is a tip outside the message sequence.
const EventGroupFleeting = 6

// SystemAccount is who tips and notices are from.
const SystemAccount = "@TIM#SYSTEM"
