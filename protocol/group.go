package protocol

import "encoding/json"

// Commands of the group services, besides those of login.
const (
	CmdGroupCreate        = "group_open_http_svc.create_group"
	CmdGroupDestroy       = "group_open_http_svc.destroy_group"
	CmdGroupModify        = "group_open_http_svc.modify_group_base_info"
	CmdGroupJoin          = "group_open_http_svc.apply_join_group"
	CmdGroupQuit          = "group_open_http_svc.quit_group"
	CmdGroupPublicInfo    = "group_open_http_svc.get_group_public_info"
	CmdGroupOnline        = "group_open_http_svc.get_online_member_num"
	CmdGroupOwner         = "group_open_http_svc.change_group_owner"
	CmdGroupHandle        = "group_open_http_svc.handle_apply_join_group"
	CmdGroupPendency      = "group_open_http_svc.get_pendency"
	CmdGroupMembers       = "group_open_http_svc.get_group_member_info"
	CmdGroupSomeMembers   = "group_open_http_svc.get_specified_group_member_info"
	CmdGroupAddMember     = "group_open_http_svc.add_group_member"
	CmdGroupDeleteMember  = "group_open_http_svc.delete_group_member"
	CmdGroupModifyMember  = "group_open_http_svc.modify_group_member_info"
	CmdGroupMsgGet        = "group_open_http_svc.group_msg_get"
	CmdGroupMsgRecall     = "group_open_http_svc.group_msg_recall"
	CmdGroupMsgDelete     = "group_open_http_svc.delete_group_ramble_msg_by_seq"
	CmdGroupMsgRead       = "group_open_http_svc.msg_read_report"
	CmdGroupMsgModify     = "openim.modify_group_msg"                          // from 2.27 on
	CmdGroupReceipt       = "group_open_http_svc.group_msg_receipt"            // from 2.27 on
	CmdGroupReceipts      = "group_open_http_svc.get_group_msg_receipt"        // from 2.27 on
	CmdGroupReaders       = "group_open_http_svc.get_group_msg_receipt_detail" // from 2.27 on
	CmdGroupNotify        = "group_open_http_svc.get_group_notify"
	CmdGroupNotifyBatch   = "group_open_http_svc.batch_get_group_notify"
	CmdGroupAttrInit      = "group_open_http_svc.set_group_attr"
	CmdGroupAttrSet       = "group_open_http_svc.modify_group_attr"
	CmdGroupAttrDelete    = "group_open_http_svc.delete_group_attr"
	CmdGroupAttrClear     = "group_open_http_svc.clear_group_attr"
	CmdGroupAttrGet       = "group_open_attr_http_svc.get_group_attr"
	CmdGroupPoll          = "group_open_long_polling_http_svc.get_msg"
	CmdGroupJoinAnonymous = "group_open_http_noauth_svc.apply_join_group"
	CmdGroupPollAnonymous = "group_open_long_polling_http_noauth_svc.get_msg"
)

// Group types as the wire names them.
const (
	GroupWork       = "Private"
	GroupPublic     = "Public"
	GroupMeeting    = "ChatRoom"
	GroupAVChatRoom = "AVChatRoom"
)

// Roles in a group.
const (
	RoleOwner  = "Owner"
	RoleAdmin  = "Admin"
	RoleMember = "Member"
)

// Ways to join.
const (
	JoinFree     = "FreeAccess"
	JoinApproval = "NeedPermission"
	JoinDisabled = "DisableApply"
)

// Values of JoinedStatus.
const (
	Joined      = "JoinedSuccess"
	JoinWaiting = "WaitAdminApproval"
)

// What a member wants to be told (MsgFlag).
const (
	FlagNotify  = "AcceptAndNotify"
	FlagSilent  = "AcceptNotNotify"
	FlagDiscard = "Discard"
)

// KeyValue is a custom field.
type KeyValue struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

// GroupFilter is a ResponseFilter: which fields of what are asked for.
type GroupFilter struct {
	GroupBaseInfoFilter       []string `json:"GroupBaseInfoFilter,omitempty"`
	GroupBasePublicInfoFilter []string `json:"GroupBasePublicInfoFilter,omitempty"`
	SelfInfoFilter            []string `json:"SelfInfoFilter,omitempty"`
	MemberInfoFilter          []string `json:"MemberInfoFilter,omitempty"`
	AppDefinedDataFilterGroup []string `json:"AppDefinedDataFilter_Group,omitempty"`
}

// JoinedGroupsRequest is get_joined_group_list.
type JoinedGroupsRequest struct {
	MemberAccount  string      `json:"Member_Account"`
	Limit          int         `json:"Limit"`
	Offset         int         `json:"Offset"`
	ResponseFilter GroupFilter `json:"ResponseFilter"`
}

// JoinedGroupsReply answers get_joined_group_list; 2.14 fails without the
// list.
type JoinedGroupsReply struct {
	Status
	TotalCount  int      `json:"TotalCount"`
	GroupIDList []Fields `json:"GroupIdList"`
}

// GroupInfoRequest is get_group_info, get_group_self_member_info and
// get_group_public_info.
type GroupInfoRequest struct {
	GroupIDList    []string    `json:"GroupIdList"`
	ResponseFilter GroupFilter `json:"ResponseFilter"`
}

// GroupInfoReply has an item for each group asked for, with its own ErrorCode.
type GroupInfoReply struct {
	Status
	GroupInfo []Fields `json:"GroupInfo"`
}

// GroupMemberItem names a member in requests.
type GroupMemberItem struct {
	MemberAccount        string     `json:"Member_Account"`
	Role                 string     `json:"Role,omitempty"`
	AppMemberDefinedData []KeyValue `json:"AppMemberDefinedData,omitempty"`
}

// GroupCreateRequest is create_group.
type GroupCreateRequest struct {
	Type            string            `json:"Type"`
	Name            string            `json:"Name"`
	GroupID         string            `json:"GroupId,omitempty"`
	OwnerAccount    string            `json:"Owner_Account"`
	Introduction    string            `json:"Introduction,omitempty"`
	Notification    string            `json:"Notification,omitempty"`
	FaceURL         string            `json:"FaceUrl,omitempty"`
	MaxMemberCount  int               `json:"MaxMemberCount,omitempty"`
	ApplyJoinOption string            `json:"ApplyJoinOption,omitempty"`
	MemberList      []GroupMemberItem `json:"MemberList,omitempty"`
	AppDefinedData  []KeyValue        `json:"AppDefinedData,omitempty"`
	WebPushFlag     int               `json:"WebPushFlag,omitempty"`
}

// GroupCreateReply answers create_group.
type GroupCreateReply struct {
	Status
	GroupID                string   `json:"GroupId"`
	OverJoinedGroupAccount []string `json:"OverJoinedGroupLimit_Account,omitempty"`
}

// GroupRequest names a group: destroy_group, quit_group, get_online_member_num.
type GroupRequest struct {
	GroupID string `json:"GroupId"`
}

// GroupOwnerRequest is change_group_owner.
type GroupOwnerRequest struct {
	GroupID         string `json:"GroupId"`
	NewOwnerAccount string `json:"NewOwner_Account"`
}

// GroupModifyRequest is modify_group_base_info: what is absent stays.
type GroupModifyRequest struct {
	GroupID         string     `json:"GroupId"`
	Name            *string    `json:"Name,omitempty"`
	Introduction    *string    `json:"Introduction,omitempty"`
	Notification    *string    `json:"Notification,omitempty"`
	FaceURL         *string    `json:"FaceUrl,omitempty"`
	MaxMemberCount  *int       `json:"MaxMemberCount,omitempty"`
	ApplyJoinOption *string    `json:"ApplyJoinOption,omitempty"`
	AppDefinedData  []KeyValue `json:"AppDefinedData,omitempty"`
	ShutUpAllMember *string    `json:"ShutUpAllMember,omitempty"`
}

// GroupJoinRequest is apply_join_group.
type GroupJoinRequest struct {
	GroupID     string `json:"GroupId"`
	ApplyMsg    string `json:"ApplyMsg,omitempty"`
	WebPushFlag int    `json:"WebPushFlag,omitempty"`
}

// GroupJoinReply answers apply_join_group. HugeGroupFlag makes the group a
// live room for the SDK, LongPollingKey makes it poll.
type GroupJoinReply struct {
	Status
	JoinedStatus   string `json:"JoinedStatus"`
	HugeGroupFlag  int    `json:"HugeGroupFlag,omitempty"`
	LongPollingKey string `json:"LongPollingKey,omitempty"`
	AVChatRoomKey  string `json:"AVChatRoomKey,omitempty"`
}

// GroupHandleRequest is handle_apply_join_group.
type GroupHandleRequest struct {
	GroupID          string `json:"GroupId"`
	ApplicantAccount string `json:"Applicant_Account"`
	HandleMsg        string `json:"HandleMsg"` // Agree or Reject
	ApprovalMsg      string `json:"ApprovalMsg,omitempty"`
	Authentication   string `json:"Authentication,omitempty"`
	MsgKey           int64  `json:"MsgKey,omitempty"`
}

// GroupPendencyReply answers get_pendency; the SDK asks on until
// NextStartTime is 0.
type GroupPendencyReply struct {
	Status
	PendencyList  []GroupPendency `json:"PendencyList"`
	NextStartTime int64           `json:"NextStartTime"`
}

// GroupPendency is an application to join, as one of those who may decide on
// it sees it.
type GroupPendency struct {
	FromAccount string `json:"From_Account"`
	GroupID     string `json:"GroupId"`
	ToAccount   string `json:"To_Account"`
	Handled     int    `json:"Handled"`
}

// GroupOnlineReply answers get_online_member_num.
type GroupOnlineReply struct {
	Status
	OnlineMemberNum int `json:"OnlineMemberNum"`
	ExpireTime      int `json:"ExpireTime"`
}

// GroupMembersRequest is get_group_member_info and
// get_specified_group_member_info.
type GroupMembersRequest struct {
	GroupID           string   `json:"GroupId"`
	Limit             int      `json:"Limit,omitempty"`
	Offset            int      `json:"Offset,omitempty"`
	MemberRoleFilter  []string `json:"MemberRoleFilter,omitempty"` // SDKs: from 3.6 on
	MemberListAccount []string `json:"Member_List_Account,omitempty"`
	MemberInfoFilter  []string `json:"MemberInfoFilter,omitempty"`
	CustomFilter      []string `json:"AppDefinedDataFilter_GroupMember,omitempty"`
}

// GroupMembersReply answers both.
type GroupMembersReply struct {
	Status
	MemberNum  int      `json:"MemberNum"`
	MemberList []Fields `json:"MemberList"`
}

// GroupAddRequest is add_group_member.
type GroupAddRequest struct {
	GroupID    string            `json:"GroupId"`
	MemberList []GroupMemberItem `json:"MemberList"`
}

// Results of adding a member.
const (
	AddFailed  = 0
	Added      = 1
	AddExisted = 2
	AddOver    = 4 // he is in too many groups
)

// GroupAddReply answers add_group_member.
type GroupAddReply struct {
	Status
	MemberList []GroupAdded `json:"MemberList"`
}

// GroupAdded is what became of one account.
type GroupAdded struct {
	MemberAccount string `json:"Member_Account"`
	Result        int    `json:"Result"`
}

// GroupDeleteRequest is delete_group_member.
type GroupDeleteRequest struct {
	GroupID     string   `json:"GroupId"`
	MemberToDel []string `json:"MemberToDel_Account"`
	Reason      string   `json:"Reason,omitempty"`
}

// GroupModifyMemberRequest is modify_group_member_info: one of the last.
type GroupModifyMemberRequest struct {
	GroupID              string     `json:"GroupId"`
	MemberAccount        string     `json:"Member_Account"`
	ShutUpTime           *int64     `json:"ShutUpTime,omitempty"` // seconds; 0 unmutes
	Role                 *string    `json:"Role,omitempty"`
	NameCard             *string    `json:"NameCard,omitempty"`
	MsgFlag              *string    `json:"MsgFlag,omitempty"`
	AppMemberDefinedData []KeyValue `json:"AppMemberDefinedData,omitempty"`
}

// GroupAttr is an attribute; keys are in lower case on the wire.
type GroupAttr struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	Seq   int64  `json:"seq"`
}

// GroupAttrRequest is set_, modify_, delete_ and clear_group_attr.
type GroupAttrRequest struct {
	GroupID     string      `json:"GroupId"`
	GroupAttr   []GroupAttr `json:"GroupAttr"`
	AttrMainSeq int64       `json:"AttrMainSeq"`
	AttrControl []string    `json:"AttrControl"`
}

// GroupAttrReply answers attribute commands.
type GroupAttrReply struct {
	Status
	AttrMainSeq  int64       `json:"AttrMainSeq"`
	GroupAttrAry []GroupAttr `json:"GroupAttrAry"`
}

// GroupPollRequest is get_msg, the long poll of a live room.
type GroupPollRequest struct {
	StartSeq int64  `json:"StartSeq"`
	HoldTime int    `json:"HoldTime"`
	Key      string `json:"Key"`
}

// GroupPollReply answers it.
type GroupPollReply struct {
	Status
	Key        string            `json:"Key"`
	NextSeq    int64             `json:"NextSeq"`
	RspMsgList []json.RawMessage `json:"RspMsgList"`
}
