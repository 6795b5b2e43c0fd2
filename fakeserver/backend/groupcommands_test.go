package backend

import "github.com/imsim/imsim/protocol"

// The bodies that the SDK sends to the group services.
func init() {
	for cmd, body := range map[string]string{
		protocol.CmdGroupSelfInfo:      `{"GroupIdList":["g"],"ResponseFilter":{"GroupBaseInfoFilter":["Type"],"MemberInfoFilter":["Role"]}}`,
		protocol.CmdGroupPublicInfo:    `{"GroupIdList":["g"],"ResponseFilter":{"GroupBasePublicInfoFilter":["Type"]}}`,
		protocol.CmdGroupCreate:        `{"Type":"Public","Name":"n","GroupId":"g2","Owner_Account":"alice","MemberList":[{"Member_Account":"bob","AppMemberDefinedData":[{"Key":"k","Value":"v"}]}],"AppDefinedData":[{"Key":"k","Value":"v"}]}`,
		protocol.CmdGroupDestroy:       `{"GroupId":"g"}`,
		protocol.CmdGroupModify:        `{"GroupId":"g","Name":"n","ShutUpAllMember":"On","AppDefinedData":[{"Key":"k","Value":"v"}]}`,
		protocol.CmdGroupOwner:         `{"GroupId":"g","NewOwner_Account":"bob"}`,
		protocol.CmdGroupJoin:          `{"GroupId":"g","ApplyMsg":"hi","WebPushFlag":1}`,
		protocol.CmdGroupQuit:          `{"GroupId":"g"}`,
		protocol.CmdGroupHandle:        `{"GroupId":"g","Applicant_Account":"bob","HandleMsg":"Agree","ApprovalMsg":"","Authentication":"a","MsgKey":1}`,
		protocol.CmdGroupPendency:      `{"StartTime":0,"Limit":10,"Handle_Account":"alice"}`,
		protocol.CmdGroupMembers:       `{"GroupId":"g","Limit":30,"Offset":0,"MemberInfoFilter":["Role"]}`,
		protocol.CmdGroupSomeMembers:   `{"GroupId":"g","Member_List_Account":["bob"],"MemberInfoFilter":["Role"],"AppDefinedDataFilter_GroupMember":["k"]}`,
		protocol.CmdGroupAddMember:     `{"GroupId":"g","MemberList":[{"Member_Account":"bob"}]}`,
		protocol.CmdGroupDeleteMember:  `{"GroupId":"g","MemberToDel_Account":["bob"],"Reason":"spam"}`,
		protocol.CmdGroupModifyMember:  `{"GroupId":"g","Member_Account":"bob","ShutUpTime":600}`,
		protocol.CmdGroupMsgGet:        `{"GroupId":"g","ReqMsgNumber":21,"ReqMsgSeq":4,"WithRecalledMsg":1}`,
		protocol.CmdGroupMsgRecall:     `{"GroupId":"g","MsgSeqList":[{"MsgSeq":1}]}`,
		protocol.CmdGroupMsgDelete:     `{"GroupId":"g","Deleter_Account":"alice","Seqs":["1"]}`,
		protocol.CmdGroupMsgRead:       `{"GroupId":"g","MsgReadedSeq":1}`,
		protocol.CmdGroupMsgModify:     `{"GroupId":"g","MsgSeq":1,"MsgVersion":0,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}],"CloudCustomData":""}`,
		protocol.CmdGroupReceipt:       `{"GroupId":"g","MsgSeqList":[{"MsgSeq":1}]}`,
		protocol.CmdGroupReceipts:      `{"GroupId":"g","MsgSeqList":[{"MsgSeq":1}]}`,
		protocol.CmdGroupReaders:       `{"GroupId":"g","MsgSeq":1,"Flag":0,"Cursor":"","Num":100}`,
		protocol.CmdGroupNotify:        `{"NotifyType":1,"GroupId":"g","BeginTime":0,"EndTime":1,"Limit":20}`,
		protocol.CmdGroupNotifyBatch:   `{"NotifyReqList":[{"NotifyType":1,"GroupId":"g","BeginTime":0,"EndTime":1,"Limit":20}]}`,
		protocol.CmdGroupAttrInit:      `{"GroupId":"g","GroupAttr":[{"key":"k","value":"v"}],"AttrMainSeq":0,"AttrControl":["RaceConflict"]}`,
		protocol.CmdGroupAttrSet:       `{"GroupId":"g","GroupAttr":[{"key":"k","value":"v","seq":1}],"AttrMainSeq":0,"AttrControl":["RaceConflict"]}`,
		protocol.CmdGroupAttrDelete:    `{"GroupId":"g","GroupAttr":[{"key":"k","seq":1}],"AttrMainSeq":0}`,
		protocol.CmdGroupAttrClear:     `{"GroupId":"g","AttrMainSeq":0}`,
		protocol.CmdGroupAttrGet:       `{"GroupId":"g","Key":"room-g","GroupType":1}`,
		protocol.CmdGroupOnline:        `{"GroupId":"g"}`,
		protocol.CmdGroupPoll:          `{"USP":1,"StartSeq":0,"HoldTime":90,"Key":"k"}`,
		protocol.CmdGroupPollAnonymous: `{"USP":1,"StartSeq":0,"HoldTime":90,"Key":"k"}`,
		protocol.CmdGroupJoinAnonymous: `{"GroupId":"g","WebPushFlag":1}`,
		protocol.CmdDeleteMsg:          `{"DelMsgList":[{"From_Account":"@TIM#SYSTEM","MsgSeq":101,"MsgRandom":7}]}`,
	} {
		validBodies[cmd] = body
	}
}
