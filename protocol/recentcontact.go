package protocol

import "encoding/json"

// Kinds of conversations on the wire.
const (
	ContactC2C   = 1
	ContactGroup = 2
)

// ContactPageRequest is recentcontact.page_get (and, with Count, .get).
// 2.14 repeats StartIndex in place of TopStartIndex.
type ContactPageRequest struct {
	FromAccount    string `json:"From_Account"`
	TimeStamp      int64  `json:"TimeStamp"`
	StartIndex     int    `json:"StartIndex"`
	TopTimeStamp   int64  `json:"TopTimeStamp"`
	TopStartIndex  int    `json:"TopStartIndex"`
	OrderType      int    `json:"OrderType"`
	MsgAssistFlags int    `json:"MsgAssistFlags"`
	AssistFlags    int    `json:"AssistFlags"`
}

// ContactPageReply answers page_get; without CompleteFlag 1 the SDK asks on.
type ContactPageReply struct {
	Status
	CompleteFlag  int           `json:"CompleteFlag"`
	TimeStamp     int64         `json:"TimeStamp"`
	StartIndex    int           `json:"StartIndex"`
	TopTimeStamp  int64         `json:"TopTimeStamp"`
	TopStartIndex int           `json:"TopStartIndex"`
	SessionItem   []SessionItem `json:"SessionItem"`
}

// SessionItem is a conversation. A C2C one has To_Account, a group one
// ToAccount (no underscore).
type SessionItem struct {
	Type                  int      `json:"Type"`
	ToAccountC2C          string   `json:"To_Account,omitempty"`
	ToAccountGroup        string   `json:"ToAccount,omitempty"`
	C2CNick               string   `json:"C2cNick,omitempty"`
	C2CImage              string   `json:"C2cImage,omitempty"`
	GroupNick             string   `json:"GroupNick,omitempty"`
	GroupImage            string   `json:"GroupImage,omitempty"`
	MsgTimeStamp          int64    `json:"MsgTimeStamp"`
	MsgSeq                uint32   `json:"MsgSeq"`
	MsgRandom             uint32   `json:"MsgRandom"`
	LastC2CMsgFromAccount string   `json:"LastC2CMsgFrom_Account,omitempty"`
	MsgGroupFromAccount   string   `json:"MsgGroupFrom_Account,omitempty"`
	MsgShow               string   `json:"MsgShow"`
	LastMsg               *LastMsg `json:"LastMsg,omitempty"` // 2.14 skips an item without it
	LastMsgFlags          int      `json:"LastMsgFlags"`
	CloudCustomData       string   `json:"CloudCustomData"` // read by 2.14; later ones read LastMsg's
	UnreadMsgCount        int      `json:"UnreadMsgCount"`
	MsgGroupReadedSeq     uint32   `json:"MsgGroupReadedSeq"`
	C2CPeerReadTime       int64    `json:"C2cPeerReadTime,omitempty"`
	TopFlags              int      `json:"TopFlags"` // 1: pinned
}

// LastMsg is the content of a conversation's last message.
type LastMsg struct {
	MsgBody         json.RawMessage `json:"MsgBody"`
	CloudCustomData string          `json:"CloudCustomData"`
}

// ContactDeleteRequest is recentcontact.delete (2.14).
type ContactDeleteRequest struct {
	FromAccount string `json:"From_Account"`
	ContactItem
}

// ContactItem names a conversation in requests; the group key depends on the
// command.
type ContactItem struct {
	Type      int    `json:"Type"`
	ToAccount string `json:"To_Account,omitempty"`
	ToGroupID string `json:"ToGroupid,omitempty"` // delete
	GroupID   string `json:"GroupId,omitempty"`   // top
}

// Group is the group that a ContactItem of that type names.
func (c ContactItem) Group() string {
	if c.ToGroupID != "" {
		return c.ToGroupID
	}
	return c.GroupID
}

// ContactBatchDeleteRequest is recentcontact.batch_delete (from 2.27 on).
type ContactBatchDeleteRequest struct {
	FromAccount string        `json:"From_Account"`
	ContactItem []ContactItem `json:"ContactItem"`
	ClearRamble int           `json:"ClearRamble"` // 1: the history goes too
}

// ContactBatchDeleteReply answers batch_delete.
type ContactBatchDeleteReply struct {
	Status
	ResultItem []ContactResult `json:"ResultItem"`
}

// ContactResult is what became of one item.
type ContactResult struct {
	ContactItem
	ResultCode Code   `json:"ResultCode"`
	ResultInfo string `json:"ResultInfo"`
}

// Operations of recentcontact.top.
const (
	TopPin   = 1
	TopUnpin = 2
)

// ContactTopRequest is recentcontact.top.
type ContactTopRequest struct {
	FromAccount       string        `json:"From_Account"`
	OperationType     int           `json:"OperationType"`
	RecentContactItem []ContactItem `json:"RecentContactItem"`
}

// Kinds of RecentContactMod.
const (
	ContactDeleted  = 1
	ContactPinned   = 2
	ContactUnpinned = 3
)

// RecentContactMod tells an account's other instances of changed
// conversations.
type RecentContactMod struct {
	PushType                int             `json:"PushType"`
	RecentContactDeleteItem *RecentContacts `json:"RecentContactDeleteItem,omitempty"`
	RecentContactTopItem    *RecentContacts `json:"RecentContactTopItem,omitempty"`
}

// RecentContacts is the list in a RecentContactMod.
type RecentContacts struct {
	RecentContactList []RecentContact `json:"RecentContactList"`
}

// RecentContact names a conversation in pushes.
type RecentContact struct {
	Type        int    `json:"Type"`
	UserAccount string `json:"User_Account,omitempty"`
	GroupID     string `json:"GroupId,omitempty"`
}
