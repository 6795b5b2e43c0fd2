package protocol

import "encoding/json"

// RESTPrefix begins the path of every REST command: /v4/<service>/<command>.
const RESTPrefix = "/v4/"

// RESTImport is im_open_login_svc/account_import. Older clients say
// Identifier for UserID.
type RESTImport struct {
	UserID     string `json:"UserID"`
	Identifier string `json:"Identifier"`
	Nick       string `json:"Nick"`
	FaceURL    string `json:"FaceUrl"`
}

// RESTMultiImport is im_open_login_svc/multiaccount_import.
type RESTMultiImport struct {
	Accounts    []string     `json:"Accounts"`
	AccountList []RESTImport `json:"AccountList"`
}

// RESTMultiImportReply answers it.
type RESTMultiImportReply struct {
	Status
	FailAccounts []string `json:"FailAccounts"`
}

// RESTAccountCheck is im_open_login_svc/account_check.
type RESTAccountCheck struct {
	CheckItem []struct {
		UserID string `json:"UserID"`
	} `json:"CheckItem"`
}

// RESTAccountCheckReply answers it.
type RESTAccountCheckReply struct {
	Status
	ResultItem []RESTAccountStatus `json:"ResultItem"`
}

// RESTAccountStatus says whether an account exists.
type RESTAccountStatus struct {
	UserID        string `json:"UserID"`
	AccountStatus string `json:"AccountStatus"` // Imported or NotImported
	ResultCode    Code   `json:"ResultCode"`
	ResultInfo    string `json:"ResultInfo"`
}

// RESTOnline is openim/query_online_status and openim/querystate.
type RESTOnline struct {
	ToAccount    []string `json:"To_Account"`
	IsNeedDetail int      `json:"IsNeedDetail"`
}

// RESTOnlineReply answers it.
type RESTOnlineReply struct {
	Status
	QueryResult []RESTOnlineStatus `json:"QueryResult"`
	ErrorList   []RESTAccountError `json:"ErrorList,omitempty"`
}

// RESTOnlineStatus is one account's.
type RESTOnlineStatus struct {
	ToAccount string             `json:"To_Account"`
	Status    string             `json:"Status"` // Online or Offline
	Detail    []RESTOnlineDetail `json:"Detail,omitempty"`
}

// RESTOnlineDetail is a platform's.
type RESTOnlineDetail struct {
	Platform string `json:"Platform"`
	Status   string `json:"Status"`
}

// RESTAccountError is an account that a command failed for.
type RESTAccountError struct {
	ToAccount string `json:"To_Account"`
	ErrorCode Code   `json:"ErrorCode"`
}

// RESTSend is openim/sendmsg: SendMsgRequest, and what only the REST API has.
type RESTSend struct {
	SyncOtherMachine      *int     `json:"SyncOtherMachine"`
	OnlineOnlyFlag        int      `json:"OnlineOnlyFlag"`
	ForbidCallbackControl []string `json:"ForbidCallbackControl"`
	SendMsgControl        []string `json:"SendMsgControl"`
}

// RESTOfflinePush is what the service checks of OfflinePushInfo; nothing is
// pushed here.
type RESTOfflinePush struct {
	PushFlag    int            `json:"PushFlag"` // 1: no push
	Title       string         `json:"Title"`
	Desc        string         `json:"Desc"`
	Ext         string         `json:"Ext"`
	AndroidInfo map[string]any `json:"AndroidInfo"`
	ApnsInfo    map[string]any `json:"ApnsInfo"`
}

// RESTBatchReply answers openim/batchsendmsg.
type RESTBatchReply struct {
	Status
	MsgKey    string             `json:"MsgKey"`
	ErrorList []RESTAccountError `json:"ErrorList,omitempty"`
}

// RESTMsgRef names a message: openim/admin_msgwithdraw, and with content
// openim/modify_c2c_msg.
type RESTMsgRef struct {
	FromAccount     string          `json:"From_Account"`
	ToAccount       string          `json:"To_Account"`
	MsgKey          string          `json:"MsgKey"`
	MsgBody         json.RawMessage `json:"MsgBody"`
	CloudCustomData *string         `json:"CloudCustomData"`
}

// RESTRoam is openim/admin_getroammsg.
type RESTRoam struct {
	FromAccount string `json:"From_Account"`
	ToAccount   string `json:"To_Account"`
	MaxCnt      int    `json:"MaxCnt"`
	MinTime     int64  `json:"MinTime"`
	MaxTime     int64  `json:"MaxTime"`
	LastMsgKey  string `json:"LastMsgKey"`
}

// RESTRoamReply answers it, oldest message first.
type RESTRoamReply struct {
	Status
	Complete    int           `json:"Complete"`
	MsgCnt      int           `json:"MsgCnt"`
	LastMsgTime int64         `json:"LastMsgTime"`
	LastMsgKey  string        `json:"LastMsgKey"`
	MsgList     []RESTRoamMsg `json:"MsgList"`
}

// RESTRoamMsg is a message of RESTRoamReply.
type RESTRoamMsg struct {
	FromAccount     string          `json:"From_Account"`
	ToAccount       string          `json:"To_Account"`
	MsgSeq          uint32          `json:"MsgSeq"`
	MsgRandom       uint32          `json:"MsgRandom"`
	MsgTimeStamp    int64           `json:"MsgTimeStamp"`
	MsgFlagBits     int             `json:"MsgFlagBits"` // 8: recalled
	IsPeerRead      int             `json:"IsPeerRead"`
	MsgKey          string          `json:"MsgKey"`
	MsgBody         json.RawMessage `json:"MsgBody"`
	CloudCustomData string          `json:"CloudCustomData"`
}

// RESTSetRead is openim/admin_set_msg_read.
type RESTSetRead struct {
	ReportAccount string `json:"Report_Account"`
	PeerAccount   string `json:"Peer_Account"`
	MsgReadTime   int64  `json:"MsgReadTime"` // 0: now
}

// RESTUnread is openim/get_c2c_unread_msg_num.
type RESTUnread struct {
	ToAccount   string   `json:"To_Account"`
	PeerAccount []string `json:"Peer_Account"`
}

// RESTUnreadReply answers it; without Peer_Account with the sum only.
type RESTUnreadReply struct {
	Status
	AllC2CUnreadMsgNum  int              `json:"AllC2CUnreadMsgNum"`
	C2CUnreadMsgNumList []RESTUnreadPeer `json:"C2CUnreadMsgNumList,omitempty"`
	ErrorList           []RESTPeerError  `json:"ErrorList,omitempty"`
}

// RESTUnreadPeer is the number of one peer.
type RESTUnreadPeer struct {
	PeerAccount     string `json:"Peer_Account"`
	C2CUnreadMsgNum int    `json:"C2CUnreadMsgNum"`
}

// RESTPeerError is a peer that has no number.
type RESTPeerError struct {
	PeerAccount string `json:"Peer_Account"`
	ErrorCode   Code   `json:"ErrorCode"`
}

// RESTSetMute is openconfigsvr/setnospeaking: seconds, 0 ends a mute,
// 4294967295 has no end.
type RESTSetMute struct {
	SetAccount   string `json:"Set_Account"`
	C2CSeconds   *int64 `json:"C2CmsgNospeakingTime"`
	GroupSeconds *int64 `json:"GroupmsgNospeakingTime"`
}

// RESTGetMute is openconfigsvr/getnospeaking.
type RESTGetMute struct {
	GetAccount string `json:"Get_Account"`
}

// RESTGetMuteReply answers with the seconds left.
type RESTGetMuteReply struct {
	Status
	C2CSeconds   int64 `json:"C2CmsgNospeakingTime"`
	GroupSeconds int64 `json:"GroupmsgNospeakingTime"`
}

// EncodeREST is the body of a REST reply.
func EncodeREST(body Reply) ([]byte, error) {
	body.status()
	return marshal(body)
}
