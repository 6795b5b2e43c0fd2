package protocol

import "encoding/json"

// RESTGroupAdd is group_open_http_svc/add_group_member. Silence 1: nobody is
// told.
type RESTGroupAdd struct {
	GroupAddRequest
	Silence int `json:"Silence"`
}

// RESTGroupDelete is group_open_http_svc/delete_group_member. Silence 1: only
// those removed are told.
type RESTGroupDelete struct {
	GroupDeleteRequest
	Silence int `json:"Silence"`
}

// RESTGroupModify is group_open_http_svc/modify_group_base_info, which names
// the cap of members otherwise than the SDKs do.
type RESTGroupModify struct {
	GroupModifyRequest
	MaxMemberNum *int `json:"MaxMemberNum"`
}

// RESTGroupMute is group_open_http_svc/forbid_send_msg; the time is in seconds,
// 0 ends a mute. Newer documents say MuteTime.
type RESTGroupMute struct {
	GroupID    string   `json:"GroupId"`
	Members    []string `json:"Members_Account"`
	ShutUpTime *int64   `json:"ShutUpTime"`
	MuteTime   *int64   `json:"MuteTime"`
}

// RESTGroupMuted answers group_open_http_svc/get_group_shutted_uin, and
// get_group_muted_account under the other names.
type RESTGroupMuted struct {
	Status
	GroupID          string              `json:"GroupId"`
	ShuttedUinList   []RESTShuttedMember `json:"ShuttedUinList,omitempty"`
	MutedAccountList []RESTMutedMember   `json:"MutedAccountList,omitempty"`
}

// RESTShuttedMember is a muted account and the second at which its mute ends.
type RESTShuttedMember struct {
	MemberAccount string `json:"Member_Account"`
	ShuttedUntil  int64  `json:"ShuttedUntil"`
}

// RESTMutedMember is the same under its newer name.
type RESTMutedMember struct {
	MemberAccount string `json:"Member_Account"`
	MutedUntil    int64  `json:"MutedUntil"`
}

// RESTGroupRoles is group_open_http_svc/get_role_in_group.
type RESTGroupRoles struct {
	GroupID string   `json:"GroupId"`
	Users   []string `json:"User_Account"`
}

// RESTGroupRolesReply answers it; the role of others is RoleNone.
type RESTGroupRolesReply struct {
	Status
	UserIDList []RESTGroupRole `json:"UserIdList"`
}

// RESTGroupRole is an account's.
type RESTGroupRole struct {
	MemberAccount string `json:"Member_Account"`
	Role          string `json:"Role"`
}

// RoleNone is the role of who is not in the group.
const RoleNone = "NotMember"

// RESTGroupSend is group_open_http_svc/send_group_msg. To_Account: these
// members alone get it.
type RESTGroupSend struct {
	GroupSendRequest
	ToAccount         []string `json:"To_Account"`
	OlderOnlineOnly   int      `json:"MsgOnlineOnlyFlag"`
	IsNeedReadReceipt int      `json:"IsNeedReadReceipt"`
}

// RESTGroupSendReply answers it.
type RESTGroupSendReply struct {
	Status
	MsgTime int64  `json:"MsgTime"`
	MsgSeq  uint32 `json:"MsgSeq"`
}

// RESTGroupNotice is group_open_http_svc/send_group_system_notification. No
// receivers: all members.
type RESTGroupNotice struct {
	GroupID   string   `json:"GroupId"`
	Content   string   `json:"Content"`
	ToMembers []string `json:"ToMembers_Account"`
}

// RESTGroupRecall is group_open_http_svc/group_msg_recall.
type RESTGroupRecall struct {
	GroupRecallRequest
	Reason string `json:"Reason"`
}

// RESTGroupHistory answers group_open_http_svc/group_msg_get_simple, newest
// message first. IsFinished: 1 all, 0 there are older ones, 2 older ones are
// no longer kept.
type RESTGroupHistory struct {
	Status
	GroupID    string             `json:"GroupId"`
	IsFinished int                `json:"IsFinished"`
	RspMsgList []RESTGroupMessage `json:"RspMsgList"`
}

// RESTGroupMessage is an item of it.
type RESTGroupMessage struct {
	FromAccount     string          `json:"From_Account"`
	IsPlaceMsg      int             `json:"IsPlaceMsg"` // 0, or PlaceRecalled
	IsSystemMsg     int             `json:"IsSystemMsg"`
	MsgPriority     int             `json:"MsgPriority"`
	MsgRandom       uint32          `json:"MsgRandom"`
	MsgSeq          uint32          `json:"MsgSeq"`
	MsgTimeStamp    int64           `json:"MsgTimeStamp"`
	MsgBody         json.RawMessage `json:"MsgBody"`
	CloudCustomData string          `json:"CloudCustomData,omitempty"`
}

// RESTGroupInfo is group_open_http_svc/get_group_info. Without a filter all is
// told, members too.
type RESTGroupInfo struct {
	GroupIDList    []string `json:"GroupIdList"`
	ResponseFilter *struct {
		GroupFilter
		CustomFilter []string `json:"AppDefinedDataFilter_GroupMember"`
	} `json:"ResponseFilter"`
}

// RESTGroupModifyMsg is openim/modify_group_msg; what is left out stays.
type RESTGroupModifyMsg struct {
	GroupID         string          `json:"GroupId"`
	MsgSeq          uint32          `json:"MsgSeq"`
	MsgBody         json.RawMessage `json:"MsgBody"`
	CloudCustomData *string         `json:"CloudCustomData"`
}

// RESTGroupReceipt is group_open_http_svc/group_msg_receipt: a member confirms
// messages.
type RESTGroupReceipt struct {
	GroupReceiptRequest
	FromAccount string `json:"From_Account"`
}

// RESTGroupReaders is group_open_http_svc/get_group_msg_receipt_detail, which
// names the kind of list and the length of a page otherwise than the SDKs do.
type RESTGroupReaders struct {
	GroupReadersRequest
	Filter int `json:"Filter"`
	Count  int `json:"Count"`
}
