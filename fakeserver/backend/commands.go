package backend

import (
	"maps"

	"github.com/imsim/imsim/protocol"
)

// commands is every command of the wire that this backend knows.
var commands map[string]command

func init() { // not a literal: the commands refer to the table through carryOut
	commands = map[string]command{
		protocol.CmdLogin:     {run: (*World).login, free: true},
		protocol.CmdLogout:    {run: (*World).logout, free: true},
		protocol.CmdAlive:     {run: (*World).alive, idle: true, free: true},
		protocol.CmdHello:     {run: (*World).hello, idle: true, free: true},
		protocol.CmdKickOther: {run: (*World).kickOther},

		protocol.CmdSendMsg:         {run: (*World).sendC2C, bad: protocol.CodeMsgFormat},
		protocol.CmdGetMsg:          {run: (*World).getMsg, bad: protocol.CodeBadPacket},
		protocol.CmdPushAck:         {run: (*World).pushAck, idle: true, silent: true},
		protocol.CmdGetRoamMsg:      {run: (*World).getRoamMsg, idle: true, bad: protocol.CodeBadPacket},
		protocol.CmdMsgReaded:       {run: (*World).readC2C, bad: protocol.CodeBadPacket},
		protocol.CmdReadAll:         {run: (*World).readAll, bad: protocol.CodeBadPacket},
		protocol.CmdGetPeerReadTime: {run: (*World).peerReadTime, idle: true, bad: protocol.CodeBadPacket},
		protocol.CmdMsgWithdraw:     {run: (*World).recallC2C, bad: protocol.CodeMsgKey},
		protocol.CmdDeleteC2C:       {run: (*World).deleteC2C, bad: protocol.CodeMsgKey},
		protocol.CmdDeleteMsg:       {run: (*World).deleteNotices, bad: protocol.CodeBadPacket},
		protocol.CmdAuthKey:         {run: (*World).authKey},
		protocol.CmdGetPeerMute:     {run: (*World).getPeerMute, bad: protocol.CodeBadPacket},
		protocol.CmdSetPeerMute:     {run: (*World).setPeerMute, bad: protocol.CodeBadPacket},
		protocol.CmdModifyC2C:       {run: (*World).modifyC2C, bad: protocol.CodeBadPacket},
		protocol.CmdC2CReadReceipt:  {run: (*World).readReceipt, bad: protocol.CodeBadPacket},
		protocol.CmdSaveRelay:       {run: (*World).saveRelay, bad: protocol.CodeBadPacket},
		protocol.CmdGetRelay:        {run: (*World).getRelay, bad: protocol.CodeBadPacket},
		protocol.CmdPreSig:          {run: (*World).preSig, free: true, bad: protocol.CodeBadPacket},
		protocol.CmdCosSign:         {run: (*World).cosSign},

		protocol.CmdContactPage:     {run: (*World).contactPage, bad: protocol.CodeContactParam},
		protocol.CmdContactGet:      {run: (*World).contactPage, bad: protocol.CodeContactParam},
		protocol.CmdContactDelete:   {run: (*World).contactDelete, bad: protocol.CodeContactParam},
		protocol.CmdContactBatchDel: {run: (*World).contactBatchDelete, bad: protocol.CodeContactParam},
		protocol.CmdContactClear:    {run: (*World).contactClear, bad: protocol.CodeContactParam},
		protocol.CmdContactTop:      {run: (*World).contactTop, bad: protocol.CodeContactParam},
		protocol.CmdContactGroups:   {run: ok},
		protocol.CmdContactSearch:   {run: ok},

		protocol.CmdProfileGet: {run: (*World).profileGet, bad: protocol.CodeProfileParam},
		protocol.CmdProfileSet: {run: (*World).profileSet, bad: protocol.CodeProfileParam},

		protocol.CmdBlackListGet:    {run: (*World).blackList, bad: protocol.CodeSNSParam},
		protocol.CmdBlackListAdd:    {run: (*World).blackListAdd, bad: protocol.CodeSNSParam},
		protocol.CmdBlackListDelete: {run: (*World).blackListDelete, bad: protocol.CodeSNSParam},
		protocol.CmdFriendGet:       {run: (*World).friendGet, bad: protocol.CodeSNSParam},
		protocol.CmdFriendGetList:   {run: (*World).friendGetList, bad: protocol.CodeSNSParam},
		protocol.CmdFriendGetSome:   {run: (*World).friendGetList, bad: protocol.CodeSNSParam},
		protocol.CmdFriendAdd:       {run: (*World).friendAdd, bad: protocol.CodeSNSParam},
		protocol.CmdFriendDelete:    {run: (*World).friendDelete, bad: protocol.CodeSNSParam},
		protocol.CmdFriendCheck:     {run: (*World).friendCheck, bad: protocol.CodeSNSParam},
		protocol.CmdFriendUpdate:    {run: (*World).friendUpdate, bad: protocol.CodeSNSParam},
		protocol.CmdPendencyGet:     {run: (*World).pendencyGet, bad: protocol.CodeSNSParam},
		protocol.CmdFriendResponse:  {run: (*World).friendResponse, bad: protocol.CodeSNSParam},
		protocol.CmdPendencyDelete:  {run: (*World).pendencyDelete, bad: protocol.CodeSNSParam},
		protocol.CmdPendencyReport:  {run: (*World).pendencyReport, bad: protocol.CodeSNSParam},
		protocol.CmdFriendGroupGet:  {run: (*World).friendGroupGet, bad: protocol.CodeSNSParam},
		protocol.CmdFriendGroupAdd:  {run: (*World).friendGroupAdd, bad: protocol.CodeSNSParam},
		protocol.CmdFriendGroupDel:  {run: (*World).friendGroupDelete, bad: protocol.CodeSNSParam},
		protocol.CmdFriendGroupSet:  {run: (*World).friendGroupUpdate, bad: protocol.CodeSNSParam},

		protocol.CmdFetchConfig:      {run: (*World).fetchConfig},
		protocol.CmdFetchPurchase:    {run: (*World).fetchPurchase},
		protocol.CmdReportStatistics: {run: ok, idle: true, free: true},
	}
	maps.Copy(commands, groupCommands())
}

// ok answers commands whose reply has no fields.
func ok(*World, *request) (protocol.Reply, error) { return &protocol.Status{}, nil }
