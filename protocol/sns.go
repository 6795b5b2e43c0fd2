package protocol

import "encoding/json"

// Tags of a friend's fields (relations.md §4.1).
const (
	TagFriendGroup   = "Tag_SNS_IM_Group" // an array of friend list names
	TagFriendRemark  = "Tag_SNS_IM_Remark"
	TagFriendSource  = "Tag_SNS_IM_AddSource"
	TagFriendWording = "Tag_SNS_IM_AddWording"
	TagFriendTime    = "Tag_SNS_IM_AddTime"
	TagFriendCustom  = "Tag_SNS_Custom" // begins a custom tag
)

// Kinds of a request about a friendship; the one-sided kind is the "Single" one.
const (
	AddSingle    = "Add_Type_Single"
	AddBoth      = "Add_Type_Both"
	DeleteSingle = "Delete_Type_Single"
	DeleteBoth   = "Delete_Type_Both"
	CheckSingle  = "CheckResult_Type_Single"
	CheckBoth    = "CheckResult_Type_Both"
)

// Relations that sns.friend_check answers, from the asking user's side.
const (
	NoRelation = "CheckResult_Type_NoRelation"
	AWithB     = "CheckResult_Type_AWithB" // the other is in my list
	BWithA     = "CheckResult_Type_BWithA" // I am in the other's list
	BothWay    = "CheckResult_Type_BothWay"
)

// Kinds of applications and of answers to them.
const (
	PendencyComeIn  = "Pendency_Type_ComeIn"
	PendencySendOut = "Pendency_Type_SendOut"
	PendencyBoth    = "Pendency_Type_Both"

	ResponseAgree       = "Response_Action_Agree"
	ResponseAgreeAndAdd = "Response_Action_AgreeAndAdd"
	ResponseReject      = "Response_Action_Reject"
)

// SNSItem is a tag of a friend and its value: a string, a number or an array.
type SNSItem struct {
	Tag   string          `json:"Tag"`
	Value json.RawMessage `json:"Value"`
}

// SNSResult is what became of one account of a request.
type SNSResult struct {
	ToAccount  string `json:"To_Account"`
	ResultCode Code   `json:"ResultCode"`
	ResultInfo string `json:"ResultInfo"`
}

// SNSResultReply answers the requests that change something for accounts.
type SNSResultReply struct {
	Status
	ResultItem  []SNSResult `json:"ResultItem"`
	FailAccount []string    `json:"Fail_Account,omitempty"`
}

// BlackListRequest is sns.black_list_add and sns.black_list_delete.
type BlackListRequest struct {
	FromAccount string   `json:"From_Account"`
	ToAccount   []string `json:"To_Account"`
}

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

// FriendGetRequest is sns.friend_get: a page of the friend list.
type FriendGetRequest struct {
	FromAccount      string `json:"From_Account"`
	StartIndex       int64  `json:"StartIndex"`
	StandardSequence int64  `json:"StandardSequence"`
	CustomSequence   int64  `json:"CustomSequence"`
}

// FriendGetReply answers it; CompleteFlag 0 says that there are more pages.
type FriendGetReply struct {
	Status
	UserDataItem     []FriendData `json:"UserDataItem"`
	StandardSequence int64        `json:"StandardSequence"`
	CustomSequence   int64        `json:"CustomSequence"`
	FriendNum        int          `json:"FriendNum"`
	CompleteFlag     int          `json:"CompleteFlag"`
	NextStartIndex   int64        `json:"NextStartIndex"`
}

// FriendData is a friend in a page of the list.
type FriendData struct {
	ToAccount string    `json:"To_Account"`
	ValueItem []SNSItem `json:"ValueItem"`
}

// FriendListRequest is sns.friend_get_list (2.14), sns.friend_get_specified
// (later) and sns.friend_check.
type FriendListRequest struct {
	FromAccount string   `json:"From_Account"`
	ToAccount   []string `json:"To_Account"`
	CheckType   string   `json:"CheckType,omitempty"`
}

// FriendListReply answers sns.friend_get_list and sns.friend_get_specified.
type FriendListReply struct {
	Status
	InfoItem []FriendInfo `json:"InfoItem"`
}

// FriendInfo is a friend with all tags, of the profile too.
type FriendInfo struct {
	SNSResult
	SNSProfileItem []SNSItem `json:"SnsProfileItem"`
}

// FriendCheckReply answers sns.friend_check.
type FriendCheckReply struct {
	Status
	InfoItem []FriendRelation `json:"InfoItem"`
}

// FriendRelation is how two accounts stand to each other.
type FriendRelation struct {
	SNSResult
	Relation string `json:"Relation"`
}

// FriendAddRequest is sns.friend_add.
type FriendAddRequest struct {
	FromAccount   string          `json:"From_Account"`
	AddType       string          `json:"AddType"`
	AddFriendItem []FriendAddItem `json:"AddFriendItem"`
}

// FriendAddItem is whom to add, and how.
type FriendAddItem struct {
	ToAccount  string `json:"To_Account"`
	AddSource  string `json:"AddSource"`
	AddWording string `json:"AddWording,omitempty"`
	Remark     string `json:"Remark,omitempty"`
	GroupName  string `json:"GroupName,omitempty"`
}

// FriendDeleteRequest is sns.friend_delete.
type FriendDeleteRequest struct {
	FromAccount string   `json:"From_Account"`
	ToAccount   []string `json:"To_Account"`
	DeleteType  string   `json:"DeleteType"`
}

// FriendUpdateRequest is sns.friend_update.
type FriendUpdateRequest struct {
	FromAccount string             `json:"From_Account"`
	UpdateItem  []FriendUpdateItem `json:"UpdateItem"`
}

// FriendUpdateItem is a friend's tags to change.
type FriendUpdateItem struct {
	ToAccount string    `json:"To_Account"`
	SNSItem   []SNSItem `json:"SnsItem"`
}

// PendencyRequest is sns.pendency_get.
type PendencyRequest struct {
	FromAccount  string `json:"From_Account"`
	PendencyType string `json:"PendencyType"`
}

// PendencyReply answers it: all applications, StartTime 0.
type PendencyReply struct {
	Status
	PendencyItem        []PendencyItem `json:"PendencyItem"`
	StartTime           int64          `json:"StartTime"`
	UnreadPendencyCount int            `json:"UnreadPendencyCount"`
	CurrentSequence     int64          `json:"CurrentSequence"`
}

// PendencyItem is an application; To_Account is the other side's.
type PendencyItem struct {
	ToAccount    string `json:"To_Account"`
	PendencyType string `json:"PendencyType"`
	Nick         string `json:"Nick"`
	Image        string `json:"Image"`
	AddTime      int64  `json:"AddTime"`
	AddSource    string `json:"AddSource"`
	AddWording   string `json:"AddWording"`
}

// FriendResponseRequest is sns.friend_response.
type FriendResponseRequest struct {
	FromAccount        string `json:"From_Account"`
	ResponseFriendItem []struct {
		ToAccount      string `json:"To_Account"`
		ResponseAction string `json:"ResponseAction"`
		Remark         string `json:"Remark"`
		TagName        string `json:"TagName"` // the friend list for the new friend
	} `json:"ResponseFriendItem"`
}

// PendencyDeleteRequest is sns.pendency_delete.
type PendencyDeleteRequest struct {
	FromAccount  string   `json:"From_Account"`
	PendencyType string   `json:"PendencyType"`
	ToAccount    []string `json:"To_Account"`
}

// PendencyReportRequest is sns.pendency_report.
type PendencyReportRequest struct {
	FromAccount             string `json:"From_Account"`
	LatestPendencyTimeStamp int64  `json:"LatestPendencyTimeStamp"`
}

// FriendGroupReply answers sns.group_get.
type FriendGroupReply struct {
	Status
	ResultItem      []FriendGroup `json:"ResultItem"`
	CurrentSequence int64         `json:"CurrentSequence"`
}

// FriendGroup is a friend list and who is in it.
type FriendGroup struct {
	GroupName    string   `json:"GroupName"`
	FriendNumber int      `json:"FriendNumber"`
	ToAccount    []string `json:"To_Account"`
}

// FriendGroupRequest is sns.group_add and sns.group_delete.
type FriendGroupRequest struct {
	FromAccount string   `json:"From_Account"`
	GroupName   []string `json:"GroupName"`
	ToAccount   []string `json:"To_Account,omitempty"`
}

// Kinds of changes of a friend list's members.
const (
	GroupMemberAdd    = "Update_Type_Add"
	GroupMemberDelete = "Update_Type_Delete"
)

// FriendGroupUpdateRequest is sns.group_update: a new name, or other members.
type FriendGroupUpdateRequest struct {
	FromAccount     string                  `json:"From_Account"`
	GroupOldName    string                  `json:"GroupOldName"`
	GroupNewName    string                  `json:"GroupNewName,omitempty"`
	UpdateGroupItem []FriendGroupUpdateItem `json:"UpdateGroupItem,omitempty"`
}

// FriendGroupUpdateItem is a member that comes or goes.
type FriendGroupUpdateItem struct {
	ToAccount  string `json:"To_Account"`
	UpdateType string `json:"UpdateType"`
}

// FriendGroupUpdateReply answers sns.group_update.
type FriendGroupUpdateReply struct {
	Status
	ResultItem []FriendGroupUpdateResult `json:"ResultItem"`
}

// FriendGroupUpdateResult repeats UpdateType: the SDKs need it.
type FriendGroupUpdateResult struct {
	SNSResult
	UpdateType string `json:"UpdateType"`
}

// Kinds of FriendListMod. The SDKs read only 3, 4 and 7 (relations.md §4.5).
const (
	FriendsAdded      = 1
	FriendsDeleted    = 2
	PendencyAdded     = 3
	PendencyDeleted   = 4
	BlackListAdded    = 5
	BlackListDeleted  = 6
	PendencyReported  = 7
	FriendInfoChanged = 8
)

// FriendListMod is a change around the friend list, as it is pushed.
type FriendListMod struct {
	PushType            int            `json:"PushType"`
	FromAccount         string         `json:"From_Account,omitempty"` // the applicant, with PendencyAdd and PendencyDel
	FriendAddAccount    []string       `json:"FriendAdd_Account,omitempty"`
	FriendDelAccount    []string       `json:"FriendDel_Account,omitempty"`
	PendencyAdd         []PendencyAdd  `json:"PendencyAdd,omitempty"`
	PendencyDelAccount  []string       `json:"FrienPencydDel_Account,omitempty"` // spelt so on the wire
	BlackListAddAccount []string       `json:"BlackListAdd_Account,omitempty"`
	BlackListDelAccount []string       `json:"BlackListDel_Account,omitempty"`
	ReportTime          int64          `json:"ReportTime,omitempty"`
	FriendUpInfo        []FriendUpInfo `json:"FriendUpInfo,omitempty"`
}

// PendencyAdd is a new application, with the other side's name and picture.
type PendencyAdd struct {
	PendencyAddAccount string `json:"PendencyAdd_Account"`
	ProfileImNick      string `json:"ProfileImNick"`
	ProfileImImage     string `json:"ProfileImImage"`
	AddSource          string `json:"AddSource"`
	AddWording         string `json:"AddWording"`
	AddTime            int64  `json:"AddTime"`
}

// FriendUpInfo is changed tags of a friend.
type FriendUpInfo struct {
	FriendAccount string    `json:"Friend_Account"`
	SNS           []SNSItem `json:"Sns"`
}
