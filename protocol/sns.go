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
