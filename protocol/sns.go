package protocol

import "encoding/json"

// BlackListReply answers sns.black_list_get: the whole list, StartIndex 0 (3.6
// asks on otherwise).
type BlackListReply struct {
	Status
	BlackListItem    []BlackListItem `json:"BlackListItem"`
	StartIndex       int             `json:"StartIndex"`
	CurruentSequence int             `json:"CurruentSequence"` // spelt so on the wire
}

// BlackListItem is a blocked account.
type BlackListItem struct {
	ToAccount         string `json:"To_Account"`
	AddBlackTimeStamp int64  `json:"AddBlackTimeStamp"`
}

// FriendGetReply answers sns.friend_get.
type FriendGetReply struct {
	Status
	UserDataItem     []json.RawMessage `json:"UserDataItem"`
	StandardSequence int               `json:"StandardSequence"`
	CustomSequence   int               `json:"CustomSequence"`
	FriendNum        int               `json:"FriendNum"`
	CompleteFlag     int               `json:"CompleteFlag"`
	NextStartIndex   int               `json:"NextStartIndex"`
}

// FriendGroupReply answers sns.group_get.
type FriendGroupReply struct {
	Status
	ResultItem      []json.RawMessage `json:"ResultItem"`
	CurrentSequence int               `json:"CurrentSequence"`
}

// PendencyReply answers sns.pendency_get.
type PendencyReply struct {
	Status
	PendencyItem        []json.RawMessage `json:"PendencyItem"`
	StartTime           int64             `json:"StartTime"`
	UnreadPendencyCount int               `json:"UnreadPendencyCount"`
	CurrentSequence     int               `json:"CurrentSequence"`
}

// BlackListRequest is sns.black_list_add and .black_list_delete.
type BlackListRequest struct {
	FromAccount string   `json:"From_Account"`
	ToAccount   []string `json:"To_Account"`
}

// SNSResultReply answers requests on several accounts, each on its own.
type SNSResultReply struct {
	Status
	ResultItem  []SNSResult `json:"ResultItem"`
	FailAccount []string    `json:"Fail_Account,omitempty"`
}

// SNSResult is what became of one account of a request.
type SNSResult struct {
	ToAccount  string `json:"To_Account"`
	ResultCode Code   `json:"ResultCode"`
	ResultInfo string `json:"ResultInfo"`
}

// Kinds of FriendListMod.
const (
	BlackListAdded   = 5
	BlackListDeleted = 6
)

// FriendListMod tells all of an account's instances of changed relations.
type FriendListMod struct {
	PushType            int      `json:"PushType"`
	BlackListAddAccount []string `json:"BlackListAdd_Account,omitempty"`
	BlackListDelAccount []string `json:"BlackListDel_Account,omitempty"`
}
