package backend

import "github.com/imsim/imsim/protocol"

// groupCommands is every command about groups.
func groupCommands() map[string]command {
	table := map[string]command{
		protocol.CmdJoinedGroups:       {run: (*World).joinedGroupList, idle: true},
		protocol.CmdJoinedCommunity:    {run: (*World).noCommunities, idle: true},
		protocol.CmdGroupInfo:          {run: (*World).groupInfo, idle: true},
		protocol.CmdGroupSelfInfo:      {run: (*World).groupInfo, idle: true},
		protocol.CmdGroupPublicInfo:    {run: (*World).groupPublicInfo, idle: true},
		protocol.CmdGroupCreate:        {run: (*World).createGroup},
		protocol.CmdGroupDestroy:       {run: (*World).dismissGroup},
		protocol.CmdGroupModify:        {run: (*World).modifyGroup},
		protocol.CmdGroupOwner:         {run: (*World).changeOwner},
		protocol.CmdGroupJoin:          {run: (*World).joinGroup},
		protocol.CmdGroupQuit:          {run: (*World).quitGroup},
		protocol.CmdGroupHandle:        {run: (*World).handleApplication},
		protocol.CmdGroupPendency:      {run: (*World).groupPendency, idle: true},
		protocol.CmdGroupMembers:       {run: (*World).groupMembers, idle: true},
		protocol.CmdGroupSomeMembers:   {run: (*World).someMembers, idle: true},
		protocol.CmdGroupAddMember:     {run: (*World).addMembers},
		protocol.CmdGroupDeleteMember:  {run: (*World).removeMembers},
		protocol.CmdGroupModifyMember:  {run: (*World).modifyMember},
		protocol.CmdSendGroupMsg:       {run: (*World).sendToGroup},
		protocol.CmdGroupMsgGet:        {run: (*World).groupMsgGet, idle: true},
		protocol.CmdGroupMsgRecall:     {run: (*World).recallInGroup},
		protocol.CmdGroupMsgDelete:     {run: (*World).deleteInGroup},
		protocol.CmdGroupMsgRead:       {run: (*World).readGroup},
		protocol.CmdGroupMsgModify:     {run: (*World).modifyInGroup},
		protocol.CmdGroupReceipt:       {run: (*World).groupReceipt},
		protocol.CmdGroupReceipts:      {run: (*World).groupReceipts, idle: true},
		protocol.CmdGroupReaders:       {run: (*World).groupReaders, idle: true},
		protocol.CmdGroupNotify:        {run: (*World).groupNotifies, idle: true},
		protocol.CmdGroupNotifyBatch:   {run: (*World).groupNotifies, idle: true},
		protocol.CmdGroupAttrInit:      {run: (*World).attrsInit},
		protocol.CmdGroupAttrSet:       {run: (*World).attrsSet},
		protocol.CmdGroupAttrDelete:    {run: (*World).attrsDelete},
		protocol.CmdGroupAttrClear:     {run: (*World).attrsClear},
		protocol.CmdGroupAttrGet:       {run: (*World).attrsGet, idle: true},
		protocol.CmdGroupOnline:        {run: (*World).groupOnline, idle: true},
		protocol.CmdGroupPoll:          {run: (*World).pollRoom, idle: true},
		protocol.CmdGroupPollAnonymous: {run: (*World).pollRoom, idle: true, free: true},
		protocol.CmdGroupJoinAnonymous: {run: (*World).joinAnonymously, free: true},
	}
	for name, cmd := range table {
		cmd.bad = protocol.CodeGroupParam
		table[name] = cmd
	}
	return table
}
