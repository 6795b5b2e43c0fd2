package backend

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

// matrixTurn is one role that tries an operation in a group of a type, with
// frames of its own making: also what no SDK would send.
type matrixTurn struct {
	*testWorld
	kind    string
	role    string
	clients map[string]*client
	me      *client // nil: the app
	seq     uint32  // of the message it is about
}

// matrixTries is how each operation is tried.
var matrixTries = map[Operation]matrixTry{
	OpCreate: {
		try: func(m *matrixTurn) protocol.Code {
			return m.me.code(protocol.CmdGroupCreate, protocol.GroupCreateRequest{Type: m.kind, Name: "n"})
		},
		rest: byREST("create_group", func(m *matrixTurn) map[string]any { return map[string]any{"Type": m.kind, "Name": "n"} }),
	},
	OpDismiss:     {try: naming(protocol.CmdGroupDestroy, nil), rest: byREST("destroy_group", nil)},
	OpTransfer:    {try: naming(protocol.CmdGroupOwner, fields{"NewOwner_Account": "target"}), rest: byREST("change_group_owner", with(fields{"NewOwner_Account": "target"}))},
	OpSetAdmin:    changing("target", "Role", protocol.RoleAdmin),
	OpEditProfile: {try: naming(protocol.CmdGroupModify, fields{"Introduction": "x"}), rest: byREST("modify_group_base_info", with(fields{"Introduction": "x"}))},
	OpJoinOption: {
		try:  naming(protocol.CmdGroupModify, fields{"ApplyJoinOption": "DisableApply"}),
		rest: byREST("modify_group_base_info", with(fields{"ApplyJoinOption": "DisableApply"})),
	},
	OpMuteAll: {try: naming(protocol.CmdGroupModify, fields{"ShutUpAllMember": "On"}), rest: byREST("modify_group_base_info", with(fields{"ShutUpAllMember": "On"}))},
	OpJoin:    {try: naming(protocol.CmdGroupJoin, nil)},
	OpHandle: {
		before: func(m *matrixTurn) {
			m.groupCall("modify_group_base_info", `{"GroupId":"g","ApplyJoinOption":"NeedPermission"}`, m.restWants(OpJoinOption))
			m.clients["newcomer"].code(protocol.CmdGroupJoin, fields{"GroupId": "g"})
		},
		try: naming(protocol.CmdGroupHandle, fields{"Applicant_Account": "newcomer", "HandleMsg": "Agree"}),
	},
	OpSearch: {try: func(m *matrixTurn) protocol.Code { return m.infoCode(protocol.CmdGroupPublicInfo) }},
	OpReadProfile: {
		try: func(m *matrixTurn) protocol.Code { return m.infoCode(protocol.CmdGroupInfo) },
		rest: func(m *matrixTurn) protocol.Code {
			reply := m.groupCall("get_group_info", `{"GroupIdList":["g"]}`, protocol.OK)
			return protocol.Code(reply["GroupInfo"].([]any)[0].(map[string]any)["ErrorCode"].(float64))
		},
	},
	OpReadMembers:  {try: naming(protocol.CmdGroupMembers, nil), rest: byREST("get_group_member_info", nil)},
	OpInvite:       {try: naming(protocol.CmdGroupAddMember, newcomers), rest: byREST("add_group_member", with(newcomers))},
	OpRemoveOwner:  removing("owner"),
	OpRemoveAdmin:  removing("admin2"),
	OpRemoveMember: removing("target"),
	OpMuteOwner:    changing("owner", "ShutUpTime", 60),
	OpMuteAdmin:    changing("admin2", "ShutUpTime", 60),
	OpMuteMember:   changing("target", "ShutUpTime", 60),
	OpCardOwn:      own("NameCard", "x"),
	OpCardOwner:    changing("owner", "NameCard", "x"),
	OpCardAdmin:    changing("admin2", "NameCard", "x"),
	OpCardMember:   changing("target", "NameCard", "x"),
	OpFieldsOwn:    own("AppMemberDefinedData", []protocol.KeyValue{{Key: "k", Value: "v"}}),
	OpFieldsOthers: changing("target", "AppMemberDefinedData", []protocol.KeyValue{{Key: "k", Value: "v"}}),
	OpRemind: {
		try:  own("MsgFlag", protocol.FlagSilent).try,
		rest: changing("target", "MsgFlag", protocol.FlagSilent).rest,
	},
	OpQuit: {try: naming(protocol.CmdGroupQuit, nil)},
	OpSend: {try: sendTry, rest: sendREST},
	OpSpeakMuted: {
		before: func(m *matrixTurn) {
			m.groupCall("modify_group_base_info", `{"GroupId":"g","ShutUpAllMember":"On"}`, m.restWants(OpMuteAll))
			m.groups["g"].MuteAll = true // of a work group too
		},
		try: sendTry, rest: sendREST,
	},
	OpHistory: {
		before: targetSays,
		try:    naming(protocol.CmdGroupMsgGet, fields{"ReqMsgNumber": 1}),
		rest:   byREST("group_msg_get_simple", with(fields{"ReqMsgNumber": 1})),
	},
	OpRecallOwn: {
		before: func(m *matrixTurn) {
			if m.role == "stranger" { // who said it when it was a member
				m.seq = m.sayAs("stranger")
			} else {
				m.seq = m.me.say("g", "mine")
			}
		},
		try: recallTry,
	},
	OpRecallOthers: {before: targetSays, try: recallTry, rest: func(m *matrixTurn) protocol.Code {
		text, _ := json.Marshal(recallBody(m))
		return protocol.Code(m.groupCall("group_msg_recall", string(text), protocol.OK)["RecallRetList"].([]any)[0].(map[string]any)["RetCode"].(float64))
	}},
	OpDeleteMessage: {before: targetSays, try: func(m *matrixTurn) protocol.Code {
		return m.me.code(protocol.CmdGroupMsgDelete, protocol.GroupMsgDeleteRequest{GroupID: "g", Seqs: []string{fmt.Sprint(m.seq)}})
	}},
	OpReadAttributes: {try: naming(protocol.CmdGroupAttrGet, nil), rest: func(m *matrixTurn) protocol.Code {
		return m.restCode("group_open_attr_http_svc/get_group_attr", fields{"GroupId": "g"})
	}},
	OpEditAttributes: {
		try:  naming(protocol.CmdGroupAttrInit, fields{"GroupAttr": []protocol.GroupAttr{{Key: "k", Value: "v"}}}),
		rest: byREST("set_group_attr", with(fields{"GroupAttr": []protocol.GroupAttr{{Key: "k", Value: "v"}}})),
	},
}

type fields = map[string]any

var newcomers = fields{"MemberList": []protocol.GroupMemberItem{{MemberAccount: "newcomer"}}}

type matrixTry struct {
	try    func(m *matrixTurn) protocol.Code
	rest   func(m *matrixTurn) protocol.Code // nil: there is no such command
	before func(m *matrixTurn)
}

// naming is a command about the group.
func naming(cmd string, more fields) func(*matrixTurn) protocol.Code {
	return func(m *matrixTurn) protocol.Code {
		body := fields{"GroupId": "g"}
		for k, v := range more {
			body[k] = v
		}
		return m.me.code(cmd, body)
	}
}

func with(more fields) func(*matrixTurn) map[string]any {
	return func(*matrixTurn) map[string]any { return more }
}

func byREST(command string, more func(*matrixTurn) map[string]any) func(*matrixTurn) protocol.Code {
	return func(m *matrixTurn) protocol.Code {
		body := fields{"GroupId": "g"}
		if more != nil {
			for k, v := range more(m) {
				body[k] = v
			}
		}
		if command == "create_group" {
			delete(body, "GroupId")
		}
		return m.restCode(groupREST+command, body)
	}
}

func changing(who, field string, value any) matrixTry {
	return matrixTry{
		try:  naming(protocol.CmdGroupModifyMember, fields{"Member_Account": who, field: value}),
		rest: byREST("modify_group_member_info", with(fields{"Member_Account": who, field: value})),
	}
}

func own(field string, value any) matrixTry {
	return matrixTry{try: func(m *matrixTurn) protocol.Code {
		return m.me.code(protocol.CmdGroupModifyMember, fields{"GroupId": "g", "Member_Account": m.role, field: value})
	}}
}

func removing(who string) matrixTry {
	return matrixTry{
		try:  naming(protocol.CmdGroupDeleteMember, fields{"MemberToDel_Account": []string{who}}),
		rest: byREST("delete_group_member", with(fields{"MemberToDel_Account": []string{who}})),
	}
}

func sendTry(m *matrixTurn) protocol.Code {
	return m.me.code(protocol.CmdSendGroupMsg, m.me.groupSend("g", "x"))
}

var sendREST = byREST("send_group_msg", with(fields{"Random": 77, "MsgBody": textBody("x")}))

func recallBody(m *matrixTurn) protocol.GroupRecallRequest {
	return protocol.GroupRecallRequest{GroupID: "g", MsgSeqList: []protocol.GroupMsgSeq{{MsgSeq: m.seq}}}
}

// recallTry is the code of the call, or else that of the message.
func recallTry(m *matrixTurn) protocol.Code {
	r := ask[protocol.GroupRecallReply](m.me, protocol.CmdGroupMsgRecall, recallBody(m))
	if r.ErrorCode != protocol.OK {
		return r.ErrorCode
	}
	return r.RecallRetList[0].RetCode
}

func targetSays(m *matrixTurn) { m.seq = m.sayAs("target") }

func (m *matrixTurn) sayAs(who string) uint32 {
	body, _ := json.Marshal(fields{"GroupId": "g", "Random": 5, "From_Account": who, "MsgBody": textBody("said")})
	return uint32(m.groupCall("send_group_msg", string(body), protocol.OK)["MsgSeq"].(float64))
}

func (m *matrixTurn) infoCode(cmd string) protocol.Code {
	r := ask[struct{ GroupInfo []protocol.Status }](m.me, cmd, protocol.GroupInfoRequest{GroupIDList: []string{"g"}})
	return r.GroupInfo[0].ErrorCode
}

func (m *matrixTurn) restCode(command string, body fields) protocol.Code {
	m.t.Helper()
	return m.restAnswer(command, body).ErrorCode
}

func (m *matrixTurn) restAnswer(command string, body fields) (reply protocol.GroupRecallReply) {
	m.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		m.t.Fatalf("%v", err)
	}
	var answer []byte
	m.happen(func(w *World, at time.Time) (effects []Effect) {
		answer, effects = w.REST(at, RESTCall{
			Command: command, Identifier: "administrator", UserSig: "any", Random: "1", ContentType: "json", Body: text,
		})
		return effects
	})
	if err := json.Unmarshal(answer, &reply); err != nil {
		m.t.Fatalf("%s: %v", answer, err)
	}
	return reply
}

// restWants is what the app is answered.
func (m *matrixTurn) restWants(op Operation) protocol.Code {
	if ruleOf[op].In(m.kind)&App != 0 {
		return protocol.OK
	}
	return ruleOf[op].Refusal
}

// turn makes a world with the group and its people.
func turn(t tb, kind, role string) *matrixTurn {
	m := &matrixTurn{testWorld: newWorld(t, Config{}), kind: kind, role: role, clients: map[string]*client{}}
	people := []string{"owner", "member", "target", "stranger", "newcomer"}
	admins := kind == protocol.GroupPublic || kind == protocol.GroupMeeting
	if admins {
		people = append(people, "admin", "admin2")
	}
	for _, name := range people {
		m.clients[name] = m.login(name)
	}
	m.me = m.clients[role]
	m.clients["owner"].newGroup(kind, "g")
	for _, name := range people {
		if slices.Contains([]string{"owner", "stranger", "newcomer"}, name) {
			continue
		}
		if kind == protocol.GroupAVChatRoom {
			m.clients[name].must(protocol.CmdGroupJoin, fields{"GroupId": "g"})
			continue
		}
		m.groupCall("add_group_member", fmt.Sprintf(`{"GroupId":"g","MemberList":[{"Member_Account":%q}]}`, name), protocol.OK)
		if name == "admin" || name == "admin2" {
			m.groupCall("modify_group_member_info", fmt.Sprintf(`{"GroupId":"g","Member_Account":%q,"Role":"Admin"}`, name), protocol.OK)
		}
	}
	return m
}

func TestEveryCellOfTheMatrix(t *testing.T) {
	roles := []struct {
		name string
		who  Who
	}{{"owner", Owner}, {"admin", Admin}, {"member", Member}, {"stranger", Stranger}, {"app", App}}
	for _, rule := range Matrix {
		how, known := matrixTries[rule.Operation]
		if !known {
			t.Errorf("nobody knows how to %s", rule.Operation)
			continue
		}
		for _, kind := range GroupTypes {
			for _, role := range roles {
				want := wantOf(rule, kind, role.who)
				if role.who == App && how.rest == nil || want == impossible {
					continue
				}
				t.Run(fmt.Sprintf("%s in %s by %s", rule.Operation, kind, role.name), func(t *testing.T) {
					m := turn(t, kind, role.name)
					if how.before != nil {
						how.before(m)
					}
					try := how.try
					if role.who == App {
						try = how.rest
					}
					if got := try(m); got != want {
						t.Errorf("code %d, want %d", got, want)
					}
				})
			}
		}
	}
}

const impossible protocol.Code = -1

// wantOf is the code of a cell; impossible where there is nobody to try it, or
// nobody to do it to.
func wantOf(rule Rule, kind string, who Who) protocol.Code {
	admins := kind == protocol.GroupPublic || kind == protocol.GroupMeeting
	if who == Admin && !admins {
		return impossible
	}
	may := rule.In(kind)&who != 0
	switch rule.Operation {
	case OpRemoveAdmin, OpMuteAdmin, OpCardAdmin:
		if !admins {
			return impossible
		}
	case OpCardOwner:
		if who == Owner { // it is its own
			may = ruleOf[OpCardOwn].In(kind)&who != 0
		}
	case OpHandle: // a wish to join can only wait where one may be filed
		if may && !admins {
			return impossible
		}
	case OpJoin:
		switch insider := who&insiders != 0; {
		case insider && kind == protocol.GroupAVChatRoom: // its instance may have forgotten
			return protocol.OK
		case insider:
			return protocol.CodeGroupMember
		}
	case OpSpeakMuted:
		if who == Stranger {
			return protocol.CodeGroupNoRight
		}
	case OpRemoveOwner, OpRemoveMember:
		if who == App && kind == protocol.GroupAVChatRoom {
			return protocol.CodeGroupParam // as the document of that call says
		}
	}
	switch {
	case may:
		return protocol.OK
	case who == Stranger:
		return protocol.CodeGroupNoRight
	}
	return rule.Refusal
}
