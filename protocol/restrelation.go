package protocol

// RESTFrom is the user for whom the app carries out a command.
type RESTFrom struct {
	FromAccount string `json:"From_Account"`
}

// RESTProfileGet is profile/portrait_get. No TagList: all fields.
type RESTProfileGet struct {
	ToAccount []string `json:"To_Account"`
	TagList   []string `json:"TagList"`
}

// RESTProfileGetReply answers it.
type RESTProfileGetReply struct {
	Status
	UserProfileItem []UserProfile `json:"UserProfileItem"`
	FailAccount     []string      `json:"Fail_Account,omitempty"`
}

// RESTFriendAdd is sns/friend_add. ForceAddFlags 1: nobody is asked.
type RESTFriendAdd struct {
	FriendAddRequest
	ForceAddFlags int `json:"ForceAddFlags"`
}

// RESTFriendImport is sns/friend_import, of one-way friends.
type RESTFriendImport struct {
	AddFriendItem []RESTFriendItem `json:"AddFriendItem"`
}

// RESTFriendItem is a friend as it is imported; AddTime 0 is now.
type RESTFriendItem struct {
	ToAccount  string    `json:"To_Account"`
	AddSource  string    `json:"AddSource"`
	AddWording string    `json:"AddWording"`
	AddTime    int64     `json:"AddTime"`
	Remark     string    `json:"Remark"`
	GroupName  []string  `json:"GroupName"`
	CustomItem []SNSItem `json:"CustomItem"`
}

// RESTFriendList is sns/friend_get_list. No TagList: all fields.
type RESTFriendList struct {
	TagList []string `json:"TagList"`
}

// Kinds of sns/black_list_check and what it answers, from the side of
// From_Account.
const (
	BlackCheckSingle = "BlackCheckResult_Type_Single"
	BlackCheckBoth   = "BlackCheckResult_Type_Both"
	BlackNone        = "BlackCheckResult_Type_NO"
	BlackAWithB      = "BlackCheckResult_Type_AWithB" // it has blocked the other
	BlackBWithA      = "BlackCheckResult_Type_BWithA" // the other has blocked it
	BlackBothWay     = "BlackCheckResult_Type_BothWay"
)

// RESTBlackCheckReply answers sns/black_list_check.
type RESTBlackCheckReply struct {
	Status
	BlackListCheckItem []FriendRelation `json:"BlackListCheckItem"`
	FailAccount        []string         `json:"Fail_Account,omitempty"`
}
