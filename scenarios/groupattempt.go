package scenarios

import (
	"slices"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/fakeserver/backend"
	"github.com/imsim/imsim/port"
)

// attempt is how an operation of the permission matrix is tried: by users with
// an SDK, by the app's admin with the REST API.
type attempt struct {
	covers []string
	try    func(p *played) (port.Answer, *port.CallError)
	// rest answers with a code; nil: there is no such REST command.
	rest func(p *played) int
	// before prepares a group for its actor; may be nil.
	before func(p *played)
	// local are the codes with which SDKs refuse by themselves, in some version.
	local []int
	// roomCode is what the app is refused with in live rooms, if its document
	// has a code of its own for them.
	roomCode int
	// quiet SDKs answer a stranger from memory, without asking (2.27 on).
	quiet bool
}

// attempts is how each operation is tried.
var attempts = map[backend.Operation]attempt{
	backend.OpCreate: {
		covers: covers("createGroup"),
		try: func(p *played) (port.Answer, *port.CallError) {
			return p.actor.Try("createGroup", args{"type": p.kind, "name": "n", "groupID": "new"})
		},
		rest: func(p *played) int {
			return p.restCode("create_group", args{"Type": p.kind, "Name": "n", "GroupId": "newer"})
		},
	},
	backend.OpDismiss: {
		covers: covers("dismissGroup"), local: []int{2622, port.CodeNone}, try: callID("dismissGroup"), rest: byREST("destroy_group", nil),
	},
	backend.OpTransfer: {
		covers: covers("changeGroupOwner"), local: []int{2620}, try: call("changeGroupOwner", args{"newOwnerID": targetMember}),
		rest: byREST("change_group_owner", args{"NewOwner_Account": targetMember}),
	},
	backend.OpSetAdmin: {
		covers: covers("setGroupMemberRole"), local: []int{2681, 2682, port.CodeNone},
		try:  call("setGroupMemberRole", args{"userID": targetMember, "role": "Admin"}),
		rest: memberByREST(targetMember, "Role", "Admin"),
	},
	backend.OpEditProfile: {
		covers: covers("updateGroupProfile"), try: call("updateGroupProfile", args{"introduction": "new"}),
		rest: byREST("modify_group_base_info", args{"Introduction": "new"}),
	},
	backend.OpJoinOption: {
		covers: covers("updateGroupProfile"), try: call("updateGroupProfile", args{"joinOption": "DisableApply"}),
		rest: byREST("modify_group_base_info", args{"ApplyJoinOption": "DisableApply"}),
	},
	backend.OpMuteAll: {
		covers: covers("updateGroupProfile"), try: call("updateGroupProfile", args{"muteAllMembers": true}),
		rest: byREST("modify_group_base_info", args{"ShutUpAllMember": "On"}),
	},
	backend.OpJoin: {covers: covers("joinGroup"), try: call("joinGroup", nil)},
	backend.OpHandle: {covers: covers("handleGroupApplication", "joinGroup"), before: applied, try: func(p *played) (port.Answer, *port.CallError) {
		return p.actor.Try("handleGroupApplication", args{"handleAction": "Agree", "handleMessage": "welcome", "message": p.message.Ref()})
	}},
	backend.OpSearch: {covers: covers("searchGroupByID"), try: callID("searchGroupByID")},
	backend.OpReadProfile: {
		covers: covers("getGroupProfile"), try: call("getGroupProfile", nil),
		rest: func(p *played) int {
			return int(p.REST("group_open_http_svc/get_group_info", args{"GroupIdList": []string{p.group}}).Get("GroupInfo.0.ErrorCode").Int())
		},
	},
	backend.OpReadMembers: {
		covers: covers("getGroupMemberList"), quiet: true, try: call("getGroupMemberList", nil), rest: byREST("get_group_member_info", nil),
	},
	backend.OpInvite: {
		covers: covers("addGroupMember"), local: []int{2661, port.CodeNone},
		try:  call("addGroupMember", args{"userIDList": []string{newcomer}}),
		rest: byREST("add_group_member", args{"MemberList": []args{{"Member_Account": newcomer}}}),
	},
	backend.OpRemoveOwner:  remove(theOwner),
	backend.OpRemoveAdmin:  remove(targetAdmin),
	backend.OpRemoveMember: remove(targetMember),
	backend.OpMuteOwner:    muting(theOwner),
	backend.OpMuteAdmin:    muting(targetAdmin),
	backend.OpMuteMember:   muting(targetMember),
	backend.OpCardOwn:      {covers: covers("setGroupMemberNameCard"), try: call("setGroupMemberNameCard", args{"nameCard": "mine"})},
	backend.OpCardOwner:    card(theOwner),
	backend.OpCardAdmin:    card(targetAdmin),
	backend.OpCardMember:   card(targetMember),
	backend.OpFieldsOwn: {covers: covers("setGroupMemberCustomField"), try: call("setGroupMemberCustomField", args{
		"memberCustomField": []args{{"key": "k", "value": "v"}},
	})},
	backend.OpFieldsOthers: {
		covers: covers("setGroupMemberCustomField"),
		try: call("setGroupMemberCustomField", args{
			"userID": targetMember, "memberCustomField": []args{{"key": "k", "value": "v"}},
		}),
		rest: memberByREST(targetMember, "AppMemberDefinedData", []args{{"Key": "k", "Value": "v"}}),
	},
	backend.OpRemind: {
		covers: covers("setMessageRemindType"), try: call("setMessageRemindType", args{"messageRemindType": "AcceptNotNotify"}),
		rest: memberByREST(targetMember, "MsgFlag", "AcceptNotNotify"),
	},
	backend.OpQuit: {covers: covers("quitGroup"), local: []int{2623}, try: callID("quitGroup")},
	backend.OpSend: {covers: covers("sendMessage"), local: []int{2100, 2101}, try: saying, rest: sayingByREST},
	backend.OpSpeakMuted: {
		covers: covers("sendMessage", "updateGroupProfile"), local: []int{2100, 2101}, try: saying, rest: sayingByREST,
		before: func(p *played) {
			p.owner.Call("updateGroupProfile", args{"groupID": p.group, "muteAllMembers": true})
		},
	},
	backend.OpHistory: {
		covers: covers("getMessageList", "login"), before: spokenBefore, try: readsHistory, local: []int{hidden},
		rest: byREST("group_msg_get_simple", args{"ReqMsgNumber": 1}),
	},
	backend.OpRecallOwn: {
		covers: covers("revokeMessage"), try: revoking,
		before: insideOnce(func(p *played) { p.message = p.actor.SayIn(p.group, "mine") }),
	},
	backend.OpRecallOthers: {
		covers: covers("revokeMessage"), before: insideOnce(heardTarget), try: revoking,
		rest: func(p *played) int {
			answer := p.REST("group_open_http_svc/group_msg_recall", args{"GroupId": p.group, "MsgSeqList": []args{{"MsgSeq": p.said}}})
			if code := answer.Get("ErrorCode").Int(); code != 0 {
				return int(code)
			}
			return int(answer.Get("RecallRetList.0.RetCode").Int())
		},
	},
	backend.OpDeleteMessage: {
		covers: covers("deleteMessage"), before: insideOnce(heardTarget), try: func(p *played) (port.Answer, *port.CallError) {
			return p.actor.Try("deleteMessage", refs([]Value{p.message}))
		},
	},
	backend.OpReadAttributes: {
		covers: covers("getGroupAttributes"), local: []int{2642}, try: call("getGroupAttributes", args{"keyList": []string{}}),
		rest: func(p *played) int {
			return int(p.REST("group_open_attr_http_svc/get_group_attr", args{"GroupId": p.group}).Get("ErrorCode").Int())
		},
	},
	backend.OpEditAttributes: {
		covers: covers("initGroupAttributes"), local: []int{2642}, try: call("initGroupAttributes", args{"groupAttributes": args{"k": "v"}}),
		rest: byREST("set_group_attr", args{"GroupAttr": []args{{"key": "k", "value": "v"}}}),
	},
}

// callID tries a method that takes the group alone.
func callID(api string) func(*played) (port.Answer, *port.CallError) {
	return func(p *played) (port.Answer, *port.CallError) { return p.actor.Try(api, p.group) }
}

// call tries a method that takes named arguments.
func call(api string, more args) func(*played) (port.Answer, *port.CallError) {
	return func(p *played) (port.Answer, *port.CallError) {
		all := args{"groupID": p.group}
		for k, v := range more {
			all[k] = v
		}
		return p.actor.Try(api, all)
	}
}

func saying(p *played) (port.Answer, *port.CallError) {
	return p.actor.Try("sendMessage", p.actor.GroupText(p.group, "hello").Ref())
}

func revoking(p *played) (port.Answer, *port.CallError) {
	return p.actor.Try("revokeMessage", p.message.Ref())
}

// readsHistory succeeds if there is what was said before the actor was there.
func readsHistory(p *played) (port.Answer, *port.CallError) {
	answer, failed := p.actor.Try("getMessageList", args{"conversationID": convGroup + p.group})
	if failed == nil {
		list := p.actor.value(answer.Value, "history").Get("data.messageList").Array()
		if !slices.ContainsFunc(list, func(m gjson.Result) bool { return m.Get("payload.text").Str == p.spoken() }) {
			failed = &port.CallError{Code: hidden, Message: "the history does not show the message"}
		}
	}
	return answer, failed
}

func remove(who string) attempt {
	return attempt{
		covers: covers("deleteGroupMember"), local: []int{2680, 3122, 2603, port.CodeNone}, roomCode: 10004,
		try:  call("deleteGroupMember", args{"userIDList": []string{who}}),
		rest: byREST("delete_group_member", args{"MemberToDel_Account": []string{who}}),
	}
}

func muting(who string) attempt {
	return attempt{
		covers: covers("setGroupMemberMuteTime"), local: []int{2685},
		try:  call("setGroupMemberMuteTime", args{"userID": who, "muteTime": 60}),
		rest: byREST("forbid_send_msg", args{"Members_Account": []string{who}, "ShutUpTime": 60}),
	}
}

func card(who string) attempt {
	return attempt{
		covers: covers("setGroupMemberNameCard"),
		try:    call("setGroupMemberNameCard", args{"userID": who, "nameCard": "theirs"}),
		rest:   memberByREST(who, "NameCard", "theirs"),
	}
}

// byREST is a REST command about the group.
func byREST(command string, more args) func(*played) int {
	return func(p *played) int {
		all := args{"GroupId": p.group}
		for k, v := range more {
			all[k] = v
		}
		return p.restCode(command, all)
	}
}

func memberByREST(who, field string, value any) func(*played) int {
	return byREST("modify_group_member_info", args{"Member_Account": who, field: value})
}

func sayingByREST(p *played) int {
	return p.restCode("send_group_msg", args{"GroupId": p.group, "Random": 1000 + len(p.steps), "MsgBody": textBody("hello")})
}
