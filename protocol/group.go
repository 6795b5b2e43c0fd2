package protocol

import "encoding/json"

// JoinedGroupsReply answers get_joined_group_list.
type JoinedGroupsReply struct {
	Status
	TotalCount  int               `json:"TotalCount"`
	GroupIDList []json.RawMessage `json:"GroupIdList"`
}
