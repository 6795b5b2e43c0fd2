package backend

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

const groupREST = "group_open_http_svc/"

// groupCall is a REST call about groups.
func (w *testWorld) groupCall(command, body string, want protocol.Code) map[string]any {
	w.t.Helper()
	return w.rest(groupREST+command, body, want)
}

func TestRESTGroupLifeIsToldToItsMembers(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob, carol := w.login("alice"), w.login("bob"), w.login("carol")
	made := w.groupCall("create_group", `{"Type":"Public","Name":"n","GroupId":"g","Owner_Account":"alice","MemberList":[{"Member_Account":"bob","Role":"Admin"}]}`, protocol.OK)
	if made["GroupId"] != "g" {
		t.Errorf("%v", made)
	}
	alice.expect("g notice 6 by administrator")
	bob.expect("g notice 7 by administrator")

	got := w.groupCall("add_group_member", `{"GroupId":"g","MemberList":[{"Member_Account":"carol"},{"Member_Account":"bob"},{"Member_Account":"eve"}]}`, protocol.OK)
	if fmt.Sprint(got["MemberList"]) != "[map[Member_Account:carol Result:1] map[Member_Account:bob Result:2] map[Member_Account:eve Result:0]]" {
		t.Errorf("%v", got)
	}
	alice.expect("g #1 tip 1 by administrator: carol")
	carol.expect("g notice 7 by administrator", "g #1 tip 1 by administrator: carol")
	bob.take()

	sent := w.groupCall("send_group_msg", `{"GroupId":"g","Random":7,"MsgBody":`+string(textBody("hello"))+`}`, protocol.OK)
	if sent["MsgSeq"] != 2.0 {
		t.Errorf("%v", sent)
	}
	for _, c := range []*client{alice, bob, carol} {
		c.expect("g #2 administrator: hello")
	}
	w.groupCall("send_group_msg", `{"GroupId":"g","Random":7,"MsgBody":`+string(textBody("hello"))+`}`, protocol.OK)
	alice.expect() // the same message within five minutes
	w.advance(5 * time.Minute)
	w.groupCall("send_group_msg", `{"GroupId":"g","Random":7,"From_Account":"carol","MsgBody":`+string(textBody("as carol"))+`}`, protocol.OK)
	alice.expect("g #3 carol: as carol")
	carol.expect("g #3 carol: as carol")
	w.groupCall("send_group_msg", `{"GroupId":"g","Random":7,"MsgBody":`+string(textBody("later"))+`}`, protocol.OK)
	alice.expect("g #4 administrator: later")

	w.advance(time.Hour)
	got = w.groupCall("group_msg_recall", `{"GroupId":"g","MsgSeqList":[{"MsgSeq":2},{"MsgSeq":1},{"MsgSeq":99}],"Reason":"because"}`, protocol.OK)
	if fmt.Sprint(got["RecallRetList"]) != "[map[MsgSeq:2 RetCode:0] map[MsgSeq:1 RetCode:10032] map[MsgSeq:99 RetCode:10030]]" {
		t.Errorf("%v", got)
	}
	bob.take()
	carol.take()
	alice.expect("g recall #2")

	w.groupCall("change_group_owner", `{"GroupId":"g","NewOwner_Account":"eve"}`, protocol.CodeGroupNoRight)
	w.groupCall("change_group_owner", `{"GroupId":"g","NewOwner_Account":"carol"}`, protocol.OK)
	bob.expect("g #5 tip 6 by administrator")
	w.groupCall("forbid_send_msg", `{"GroupId":"g","Members_Account":["alice"],"ShutUpTime":60}`, protocol.OK)
	if code := alice.code(protocol.CmdSendGroupMsg, alice.groupSend("g", "x")); code != protocol.CodeGroupMuted {
		t.Errorf("a muted member's send: %d", code)
	}
	w.groupCall("send_group_msg", `{"GroupId":"g","Random":8,"From_Account":"alice","MsgBody":`+string(textBody("x"))+`}`, protocol.CodeGroupMuted)
	muted := w.groupCall("get_group_muted_account", `{"GroupId":"g"}`, protocol.OK)
	if fmt.Sprint(muted["MutedAccountList"]) != fmt.Sprintf("[map[Member_Account:alice MutedUntil:%v]]", float64(w.at.Unix()+60)) {
		t.Errorf("%v", muted)
	}
	w.groupCall("forbid_send_msg", `{"GroupId":"g","Members_Account":["alice"],"MuteTime":0}`, protocol.OK)
	alice.say("g", "free")
	bob.take()
	carol.take()

	w.groupCall("delete_group_member", `{"GroupId":"g","MemberToDel_Account":["bob","eve"],"Reason":"spam"}`, protocol.OK)
	bob.expect("g notice 4 by administrator spam")
	carol.expect("g #9 tip 3 by administrator: bob")
	w.groupCall("delete_group_member", `{"GroupId":"g","MemberToDel_Account":["alice"],"Silence":1}`, protocol.OK)
	carol.expect()
	w.groupCall("destroy_group", `{"GroupId":"g"}`, protocol.OK)
	carol.expect("g notice 5 by administrator")
	w.groupCall("destroy_group", `{"GroupId":"g"}`, protocol.CodeGroupMissing)
}

func TestRESTGroupWithoutOwnerGetsOne(t *testing.T) {
	w := newWorld(t, Config{})
	alice := w.login("alice")
	w.groupCall("create_group", `{"Type":"ChatRoom","Name":"n","GroupId":"g","MemberList":[{"Member_Account":"alice"}]}`, protocol.OK)
	info := fmt.Sprint(w.groupCall("get_group_info", `{"GroupIdList":["g","nothing"],"ResponseFilter":{"GroupBaseInfoFilter":["Owner_Account","ApplyJoinOption"]}}`, protocol.OK)["GroupInfo"])
	if !strings.Contains(info, "Owner_Account:]") || !strings.Contains(info, "ApplyJoinOption:NeedPermission") || !strings.Contains(info, "ErrorCode:10010") || strings.Contains(info, "Member_Account") {
		t.Error(info)
	}
	w.groupCall("change_group_owner", `{"GroupId":"g","NewOwner_Account":"alice"}`, protocol.OK)
	alice.expect("g notice 7 by administrator", "g #1 tip 6 by administrator")
	if info := fmt.Sprint(w.groupCall("get_group_info", `{"GroupIdList":["g"]}`, protocol.OK)["GroupInfo"]); !strings.Contains(info, "Member_Account:alice") || !strings.Contains(info, "Role:Owner") {
		t.Error(info)
	}
	roles := fmt.Sprint(w.groupCall("get_role_in_group", `{"GroupId":"g","User_Account":["alice","bob"]}`, protocol.OK)["UserIdList"])
	if roles != "[map[Member_Account:alice Role:Owner] map[Member_Account:bob Role:NotMember]]" {
		t.Error(roles)
	}
}

func TestRESTGroupMessageForSomeAlone(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob, carol := w.login("alice"), w.login("bob"), w.login("carol")
	alice.newGroup(protocol.GroupPublic, "g", "bob", "carol")
	for _, c := range []*client{alice, bob, carol} {
		c.take()
	}
	w.groupCall("send_group_msg", `{"GroupId":"g","Random":1,"To_Account":["bob"],"MsgBody":`+string(textBody("psst"))+`}`, protocol.OK)
	carol.say("g", "all")
	alice.expect("g #2 carol: all")
	bob.expect("g #1 administrator: psst", "g #2 carol: all")
	for range 2 {
		if got := fmt.Sprint(carol.groupHistory("g"), bob.groupHistory("g"), bob.groupContact("g").UnreadMsgCount); got != "[g #2 carol: all] [g #1 administrator: psst g #2 carol: all] 1" {
			t.Error(got)
		}
		w.reload()
		bob, carol = w.login("bob"), w.login("carol")
	}
}

func TestRESTGroupNoticeIsForThoseOnline(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	alice.newGroup(protocol.GroupPublic, "g", "bob")
	bob.take()
	bob.disconnect()
	w.groupCall("send_group_system_notification", `{"GroupId":"g","Content":"for all"}`, protocol.OK)
	alice.expect("g notice 255 by administrator for all")
	bob.comeBack()
	w.advance(syncTime)
	bob.expect()
	w.groupCall("send_group_system_notification", `{"GroupId":"g","Content":"for bob","ToMembers_Account":["bob"]}`, protocol.OK)
	bob.expect("g notice 255 by administrator for bob")
	alice.expect()
	if r := ask[protocol.GetMsgReply](w.login("carol"), protocol.CmdGetMsg, protocol.GetMsgRequest{}); len(r.EventArray) != 0 {
		t.Errorf("kept: %v", r.EventArray)
	}
}

func TestRESTGroupHistoryIsWhole(t *testing.T) {
	w := newWorld(t, Config{})
	alice := w.login("alice")
	alice.newGroup(protocol.GroupPublic, "g")
	for i := range 25 {
		alice.say("g", fmt.Sprint(i))
	}
	first := w.groupCall("group_msg_get_simple", `{"GroupId":"g","ReqMsgNumber":20}`, protocol.OK)
	last := w.groupCall("group_msg_get_simple", `{"GroupId":"g","ReqMsgNumber":20,"ReqMsgSeq":5}`, protocol.OK)
	if len(first["RspMsgList"].([]any)) != 20 || first["IsFinished"] != 0.0 || len(last["RspMsgList"].([]any)) != 5 || last["IsFinished"] != 1.0 {
		t.Errorf("%v\n%v", first, last)
	}
}

func TestRESTGroupRefusals(t *testing.T) {
	text := string(textBody("x"))
	for _, c := range []struct {
		command, body string
		want          protocol.Code
	}{
		{"create_group", `{"Type":"Public","Name":"n","Owner_Account":"eve"}`, protocol.CodeGroupNoAccount},
		{"create_group", `{"Type":"Public","Name":"n","MemberList":[{"Member_Account":"eve"}]}`, protocol.CodeGroupNoAccount},
		{"create_group", `{"Type":"AVChatRoom","Name":"n","MemberList":[{"Member_Account":"bob"}]}`, protocol.CodeGroupNoRight},
		{"create_group", `{"Type":"Public","Name":"n","GroupId":"public"}`, protocol.CodeGroupTaken},
		{"create_group", `{"Type":"Public","Name":"n","GroupId":"public","Owner_Account":"alice"}`, protocol.CodeGroupOwnID},
		{"create_group", `{"Type":"Public"}`, protocol.CodeGroupParam},
		{"create_group", `{"Type":7}`, protocol.CodeGroupParam},
		{"create_group", `{"Type":"Community","Name":"n"}`, protocol.CodeCommunityOff},
		{"destroy_group", `{"GroupId":"nothing"}`, protocol.CodeGroupMissing},
		{"destroy_group", `{}`, protocol.CodeGroupBadID},
		{"get_group_info", `{}`, protocol.CodeGroupParam},
		{"get_group_info", `{"GroupIdList":["` + strings.Repeat(`x","`, maxGroupInfos) + `x"]}`, protocol.CodeGroupTooMany},
		{"add_group_member", `{"GroupId":"public"}`, protocol.CodeGroupParam},
		{"add_group_member", `{"GroupId":"room","MemberList":[{"Member_Account":"bob"}]}`, protocol.CodeGroupNoRight},
		{"delete_group_member", `{"GroupId":"public"}`, protocol.CodeGroupParam},
		{"delete_group_member", `{"GroupId":"public","MemberToDel_Account":["alice"]}`, protocol.CodeGroupNoRight},
		{"delete_group_member", `{"GroupId":"room","MemberToDel_Account":["bob"]}`, protocol.CodeGroupParam},
		{"delete_group_member", `{"GroupId":"public","MemberToDel_Account":["` + strings.Repeat(`x","`, maxRESTRemove) + `x"]}`, protocol.CodeGroupTooMany},
		{"change_group_owner", `{"GroupId":"room","NewOwner_Account":"bob"}`, protocol.CodeGroupNoRight},
		{"forbid_send_msg", `{"GroupId":"work","Members_Account":["bob"],"ShutUpTime":1}`, protocol.CodeGroupNoRight},
		{"forbid_send_msg", `{"GroupId":"public","Members_Account":["alice"],"ShutUpTime":1}`, protocol.CodeGroupNoRight},
		{"forbid_send_msg", `{"GroupId":"public","Members_Account":["bob"]}`, protocol.CodeGroupParam},
		{"forbid_send_msg", `{"GroupId":"public","Members_Account":["bob"],"ShutUpTime":4294967296}`, protocol.CodeGroupParam},
		{"forbid_send_msg", `{"GroupId":"public","Members_Account":["eve"],"ShutUpTime":1}`, protocol.CodeGroupNoAccount},
		{"forbid_send_msg", `{"GroupId":"public","ShutUpTime":1}`, protocol.CodeGroupParam},
		{"send_group_msg", `{"GroupId":"nothing","Random":1,"MsgBody":` + text + `}`, protocol.CodeGroupMissing},
		{"send_group_msg", `{"GroupId":"public","MsgBody":` + text + `}`, protocol.CodeGroupParam},
		{"send_group_msg", `{"GroupId":"public","Random":1}`, protocol.CodeGroupParam},
		{"send_group_msg", `{"GroupId":"public","Random":1,"From_Account":"eve","MsgBody":` + text + `}`, protocol.CodeGroupNoAccount},
		{"send_group_msg", `{"GroupId":"room","Random":1,"To_Account":["bob"],"MsgBody":` + text + `}`, protocol.CodeGroupParam},
		{"send_group_msg", `{"GroupId":"public","Random":1,"OnlineOnlyFlag":1,"SendMsgControl":["NoUnread"],"MsgBody":` + text + `}`, protocol.CodeGroupParam},
		{"send_group_system_notification", `{"GroupId":"public"}`, protocol.CodeGroupParam},
		{"send_group_system_notification", `{"GroupId":"room","Content":"x","ToMembers_Account":["bob"]}`, protocol.CodeGroupParam},
		{"group_msg_recall", `{"GroupId":"public"}`, protocol.CodeGroupParam},
		{"group_msg_recall", `{"GroupId":"public","MsgSeqList":[` + strings.Repeat(`{"MsgSeq":1},`, maxRESTRecall) + `{"MsgSeq":1}]}`, protocol.CodeGroupParam},
		{"group_msg_get_simple", `{"GroupId":"room","ReqMsgNumber":1}`, protocol.CodeGroupNoRoaming},
		{"group_msg_get_simple", `{"GroupId":"public"}`, protocol.CodeGroupParam},
		{"modify_group_base_info", `{"GroupId":"public","ShutUpAllMember":"true"}`, protocol.CodeGroupParam},
		{"modify_group_member_info", `{"GroupId":"public","Member_Account":"eve","NameCard":"x"}`, protocol.CodeGroupNoRight},
		{"get_role_in_group", `{"GroupId":"public"}`, protocol.CodeGroupParam},
	} {
		t.Run(c.command+" "+c.body[:min(len(c.body), 90)], func(t *testing.T) {
			w := newWorld(t, Config{})
			w.login("administrator")
			alice, bob := w.login("alice"), w.login("bob")
			alice.newGroup(protocol.GroupPublic, "public", "bob")
			alice.newGroup(protocol.GroupWork, "work", "bob")
			alice.newGroup(protocol.GroupAVChatRoom, "room")
			bob.must(protocol.CmdGroupJoin, protocol.GroupJoinRequest{GroupID: "room"})
			before := stateText(t, w.World, w.at)
			w.groupCall(c.command, c.body, c.want)
			if after := stateText(t, w.World, w.at); after != before {
				t.Errorf("a refused call changed the state from\n%s\nto\n%s", before, after)
			}
		})
	}
}
