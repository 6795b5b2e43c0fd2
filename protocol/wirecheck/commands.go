package wirecheck

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// form is what bodies of a command must have: names of fields behind their
// type (s string, n number, o object, l list). A name that ends in ? may be
// absent, but has that type if it is there.
type form struct {
	request, reply string
	free           bool // needs no login
	silent         bool // gets no reply
	held           bool // is answered when there is something to say, or never
}

const (
	account   = "s From_Account"
	accounts  = "s From_Account l To_Account"
	ofGroup   = "s GroupId"
	groupPage = "s Member_Account n Limit Offset"
	attrs     = "s GroupId n AttrMainSeq l GroupAttr? AttrControl?"
	attrList  = "n AttrMainSeq l GroupAttrAry"
	results   = "l ResultItem"
	infos     = "l InfoItem"
	config    = "n uint32_expired_time int32_error_code uint64_version"
	contacts  = "n CompleteFlag TimeStamp StartIndex l SessionItem"
	groupPoll = "n StartSeq s Key"
	polled    = "s Key n NextSeq l RspMsgList"
	joined    = "s JoinedStatus n HugeGroupFlag? s LongPollingKey? AVChatRoomKey?"
)

// forms is every command that a client may ask.
var forms = map[string]form{
	protocol.CmdLogin:            {request: "s State", reply: "s TinyId A2Key n InstId HelloInterval TimeStamp", free: true},
	protocol.CmdLogout:           {request: "n wslogout_type", free: true},
	protocol.CmdAlive:            {free: true},
	protocol.CmdHello:            {free: true},
	protocol.CmdKickOther:        {},
	protocol.CmdReportStatistics: {request: "o Header l Event? Quality?", free: true},

	protocol.CmdSendMsg: {
		request: "s From_Account To_Account n MsgSeq MsgRandom l MsgBody s CloudCustomData? From_AccountNick? From_AccountHeadurl? n MsgLifeTime? MsgTimeStamp? MsgClientTime? o OfflinePushInfo? l SendMsgControl?",
		reply:   "n MsgTime s MsgKey",
	},
	protocol.CmdGetMsg: {
		request: "s Cookie n SyncFlag NeedAbstract? IsOnlineSync?",
		reply:   "s Cookie n SyncFlag l MsgList EventArray C2CRemainingUnreadCount C2CPairUnreadCount",
	},
	protocol.CmdPushAck:         {request: "s SessionData", silent: true},
	protocol.CmdGetRoamMsg:      {request: "s Peer_Account n MaxCnt LastMsgTime s MsgKey n WithRecalledMsg? GetDirection?", reply: "n Complete MsgCnt LastMsgTime s MsgKey l MsgList"},
	protocol.CmdMsgReaded:       {request: "o C2CMsgReaded"},
	protocol.CmdReadAll:         {},
	protocol.CmdGetPeerReadTime: {request: "l To_Account", reply: "l ReadTime"},
	protocol.CmdMsgWithdraw:     {request: "o MsgInfo"},
	protocol.CmdDeleteC2C:       {request: "s From_Account To_Account l MsgKeyList"},
	protocol.CmdDeleteMsg:       {request: "l DelMsgList"},
	protocol.CmdAuthKey:         {},
	protocol.CmdModifyC2C:       {request: "s From_Account To_Account n MsgSeq MsgRandom MsgTime l MsgBody"},
	protocol.CmdC2CReadReceipt:  {request: "s Peer_Account l C2CMsgInfo"},
	protocol.CmdGetPeerMute:     {request: "n UpdateSeq? s To_Account? l Peer_Account?", reply: "n UpdateSeq l MuteNotificationsList"},
	protocol.CmdSetPeerMute:     {},
	protocol.CmdSaveRelay:       {request: "l MsgList", reply: "s JsonMsgKey"},
	protocol.CmdGetRelay:        {request: "s JsonMsgKey", reply: "l MsgList"},
	protocol.CmdPreSig:          {request: "n file_type s file_name n upload_method? Duration?", reply: "s upload_url download_url", free: true},
	protocol.CmdCosSign:         {},

	protocol.CmdContactPage:     {request: account + " n TimeStamp StartIndex", reply: contacts},
	protocol.CmdContactGet:      {request: account + " n Count?", reply: contacts},
	protocol.CmdContactDelete:   {request: account + " n Type s To_Account? ToGroupid?"},
	protocol.CmdContactBatchDel: {request: account + " l ContactItem n ClearRamble?", reply: results},
	protocol.CmdContactClear:    {request: account + " n Type s To_Account? ToGroupid?"},
	protocol.CmdContactTop:      {request: account + " n OperationType l RecentContactItem"},
	protocol.CmdContactGroups:   {request: account},
	protocol.CmdContactSearch:   {request: account + " l ContactItem"},

	protocol.CmdProfileGet: {request: account + " l UserItem", reply: "l UserProfileItem"},
	protocol.CmdProfileSet: {request: account + " l ProfileItem"},

	protocol.CmdBlackListGet:    {request: account, reply: "l BlackListItem n StartIndex CurruentSequence"},
	protocol.CmdBlackListAdd:    {request: accounts, reply: results},
	protocol.CmdBlackListDelete: {request: accounts, reply: results},
	protocol.CmdFriendGet:       {request: account + " n StartIndex", reply: "l UserDataItem n CompleteFlag NextStartIndex FriendNum StandardSequence CustomSequence"},
	protocol.CmdFriendGetList:   {request: accounts, reply: infos},
	protocol.CmdFriendGetSome:   {request: accounts, reply: infos},
	protocol.CmdFriendAdd:       {request: account + " l AddFriendItem s AddType", reply: results},
	protocol.CmdFriendDelete:    {request: accounts + " s DeleteType", reply: results},
	protocol.CmdFriendCheck:     {request: accounts + " s CheckType", reply: infos},
	protocol.CmdFriendUpdate:    {request: account + " l UpdateItem", reply: results},
	protocol.CmdFriendResponse:  {request: account + " l ResponseFriendItem", reply: results},
	protocol.CmdPendencyGet:     {request: account + " s PendencyType", reply: "l PendencyItem n StartTime UnreadPendencyCount CurrentSequence"},
	protocol.CmdPendencyDelete:  {request: accounts + " s PendencyType", reply: results},
	protocol.CmdPendencyReport:  {request: account + " n LatestPendencyTimeStamp"},
	protocol.CmdFriendGroupGet:  {request: account, reply: "l ResultItem n CurrentSequence"},
	protocol.CmdFriendGroupAdd:  {request: account + " l GroupName To_Account?", reply: results},
	protocol.CmdFriendGroupDel:  {request: account + " l GroupName"},
	protocol.CmdFriendGroupSet:  {request: account + " s GroupOldName GroupNewName? l UpdateGroupItem?", reply: results},

	protocol.CmdFetchConfig:   {request: "n uint32_sdkappid uint64_version", reply: config + " s str_json_config"},
	protocol.CmdFetchPurchase: {request: "n uint32_sdkappid", reply: config},

	protocol.CmdJoinedGroups:       {request: groupPage, reply: "n TotalCount l GroupIdList"},
	protocol.CmdJoinedCommunity:    {request: groupPage, reply: "n TotalCount l GroupIdList"},
	protocol.CmdGroupInfo:          {request: "l GroupIdList", reply: "l GroupInfo"},
	protocol.CmdGroupSelfInfo:      {request: "l GroupIdList", reply: "l GroupInfo"},
	protocol.CmdGroupPublicInfo:    {request: "l GroupIdList", reply: "l GroupInfo"},
	protocol.CmdGroupCreate:        {request: "s Type Name GroupId? Owner_Account l MemberList?", reply: ofGroup},
	protocol.CmdGroupDestroy:       {request: ofGroup},
	protocol.CmdGroupModify:        {request: ofGroup + " s Name? Introduction? Notification? FaceUrl? ApplyJoinOption? ShutUpAllMember? l AppDefinedData?"},
	protocol.CmdGroupOwner:         {request: ofGroup + " s NewOwner_Account"},
	protocol.CmdGroupJoin:          {request: ofGroup + " s ApplyMsg?", reply: joined},
	protocol.CmdGroupQuit:          {request: ofGroup},
	protocol.CmdGroupHandle:        {request: ofGroup + " s Applicant_Account HandleMsg Authentication n MsgKey"},
	protocol.CmdGroupPendency:      {request: "n StartTime Limit", reply: "l PendencyList n NextStartTime"},
	protocol.CmdGroupMembers:       {request: ofGroup + " n Limit", reply: "n MemberNum l MemberList"},
	protocol.CmdGroupSomeMembers:   {request: ofGroup + " l Member_List_Account", reply: "l MemberList"},
	protocol.CmdGroupAddMember:     {request: ofGroup + " l MemberList", reply: "l MemberList"},
	protocol.CmdGroupDeleteMember:  {request: ofGroup + " l MemberToDel_Account s Reason?"},
	protocol.CmdGroupModifyMember:  {request: ofGroup + " s Member_Account Role? NameCard? MsgFlag? n ShutUpTime? l AppMemberDefinedData?"},
	protocol.CmdSendGroupMsg:       {request: "s From_Account GroupId n Random l MsgBody n ClientSeq? OnlineOnlyFlag? s MsgPriority? CloudCustomData? l GroupAtInfo? SendMsgControl? o OfflinePushInfo?", reply: "n MsgTime MsgSeq"},
	protocol.CmdGroupMsgGet:        {request: ofGroup + " n ReqMsgNumber ReqMsgSeq?", reply: "s GroupId n IsFinished l RspMsgList"},
	protocol.CmdGroupMsgRecall:     {request: ofGroup + " l MsgSeqList", reply: "l RecallRetList"},
	protocol.CmdGroupMsgDelete:     {request: ofGroup + " l Seqs"},
	protocol.CmdGroupMsgRead:       {request: ofGroup + " n MsgReadedSeq"},
	protocol.CmdGroupMsgModify:     {request: ofGroup + " n MsgSeq MsgVersion l MsgBody?", reply: "n MsgVersion l MsgBody"},
	protocol.CmdGroupReceipt:       {request: ofGroup + " l MsgSeqList"},
	protocol.CmdGroupReceipts:      {request: ofGroup + " l MsgSeqList", reply: "l GroupMsgReceiptList"},
	protocol.CmdGroupReaders:       {request: ofGroup + " n MsgSeq Flag s Cursor n Num", reply: "s Cursor n IsFinish l ReadList UnreadList"},
	protocol.CmdGroupNotify:        {reply: "n NextMsgTime"},
	protocol.CmdGroupNotifyBatch:   {},
	protocol.CmdGroupAttrInit:      {request: attrs, reply: attrList},
	protocol.CmdGroupAttrSet:       {request: attrs, reply: attrList},
	protocol.CmdGroupAttrDelete:    {request: attrs, reply: attrList},
	protocol.CmdGroupAttrClear:     {request: attrs, reply: attrList},
	protocol.CmdGroupAttrGet:       {request: ofGroup, reply: attrList},
	protocol.CmdGroupOnline:        {request: ofGroup, reply: "n OnlineMemberNum ExpireTime"},
	protocol.CmdGroupPoll:          {request: groupPoll, reply: polled, held: true},
	protocol.CmdGroupPollAnonymous: {request: groupPoll, reply: polled, held: true, free: true},
	protocol.CmdGroupJoinAnonymous: {request: ofGroup, reply: joined, free: true},
}

// misfit says what of a form a body lacks, or is empty.
func misfit(body gjson.Result, fields string) string {
	kind := ""
	for _, name := range strings.Fields(fields) {
		if len(name) == 1 {
			kind = name
			continue
		}
		name, optional := strings.CutSuffix(name, "?")
		v := body.Get(gjson.Escape(name))
		switch {
		case !v.Exists() && optional:
		case !v.Exists():
			return name + " is missing"
		case !isA(v, kind):
			return name + " is " + short(v.Raw) + ", not a " + kinds[kind]
		}
	}
	return ""
}

var kinds = map[string]string{"s": "string", "n": "number", "o": "object", "l": "list"}

func isA(v gjson.Result, kind string) bool {
	switch kind {
	case "s":
		return v.Type == gjson.String
	case "n":
		return v.Type == gjson.Number
	case "o":
		return v.IsObject()
	}
	return v.IsArray()
}

// short is the beginning of a JSON text.
func short(raw string) string {
	const most = 60
	if len(raw) <= most {
		return raw
	}
	return strings.ToValidUTF8(raw[:most], "") + "…"
}
