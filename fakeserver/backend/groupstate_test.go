package backend

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

// everythingInAGroup fills a group with one of each thing that is kept.
func everythingInAGroup(t tb) (w *testWorld, alice, bob *client) {
	w = newWorld(t, Config{})
	alice, bob = w.login("alice"), w.login("bob")
	w.login("carol")
	alice.must(protocol.CmdGroupCreate, fields{
		"Type": "Public", "Name": "n", "GroupId": "g", "Introduction": "i", "Notification": "o", "FaceUrl": "f", "MaxMemberCount": 9,
		"ApplyJoinOption": "NeedPermission", "AppDefinedData": []protocol.KeyValue{{Key: "k", Value: "v"}},
		"MemberList": []fields{{"Member_Account": "bob", "AppMemberDefinedData": []protocol.KeyValue{{Key: "m", Value: "w"}}}},
	})
	w.login("dave").must(protocol.CmdGroupJoin, fields{"GroupId": "g", "ApplyMsg": "please"})
	alice.say("g", "one")
	deleted := bob.say("g", "two")
	bob.must(protocol.CmdGroupMsgDelete, fields{"GroupId": "g", "Seqs": []string{fmt.Sprint(deleted)}})
	bob.must(protocol.CmdGroupReceipt, named("g", alice.asks("g", "read this")))
	recalled := alice.say("g", "three")
	alice.must(protocol.CmdGroupMsgRecall, fields{"GroupId": "g", "MsgSeqList": []fields{{"MsgSeq": recalled}}})
	mention := alice.groupSend("g", "@bob")
	mention.GroupAtInfo, mention.CloudCustomData = []protocol.GroupAt{{Account: "bob"}}, "c"
	alice.must(protocol.CmdSendGroupMsg, mention)
	w.groupCall("send_group_msg", `{"GroupId":"g","Random":1,"To_Account":["bob"],"MsgBody":`+string(textBody("psst"))+`}`, protocol.OK)
	alice.must(protocol.CmdGroupModifyMember, fields{"GroupId": "g", "Member_Account": "bob", "ShutUpTime": 600})
	bob.must(protocol.CmdGroupModifyMember, fields{"GroupId": "g", "NameCard": "Bobby"})
	bob.must(protocol.CmdGroupModifyMember, fields{"GroupId": "g", "MsgFlag": protocol.FlagSilent})
	bob.must(protocol.CmdGroupMsgRead, fields{"GroupId": "g", "MsgReadedSeq": 1})
	alice.must(protocol.CmdGroupAttrInit, fields{"GroupId": "g", "GroupAttr": []protocol.GroupAttr{{Key: "a", Value: "b"}}})
	alice.must(protocol.CmdGroupModify, fields{"GroupId": "g", "ShutUpAllMember": "On"})
	return w, alice, bob
}

func TestGroupStateIsWhole(t *testing.T) {
	w, alice, bob := everythingInAGroup(t)
	look := func() string {
		var text []string
		for _, c := range []*client{alice, bob} {
			text = append(text, fmt.Sprint(c.groupHistory("g")))
			for cmd, body := range map[string]fields{
				protocol.CmdGroupInfo:      {"GroupIdList": []string{"g"}},
				protocol.CmdGroupSelfInfo:  {"GroupIdList": []string{"g"}, "ResponseFilter": fields{}},
				protocol.CmdGroupMembers:   {"GroupId": "g", "Limit": 9, "MemberInfoFilter": []string{"Role", "JoinTime", "MsgSeq", "MsgFlag", "NameCard", "ShutUpUntil"}},
				protocol.CmdGroupPendency:  {},
				protocol.CmdContactPage:    {"From_Account": c.user},
				protocol.CmdGroupAttrGet:   {"GroupId": "g"},
				protocol.CmdGroupNotify:    {"GroupId": "g"},
				protocol.CmdJoinedGroups:   {},
				protocol.CmdGroupMsgGet:    {"GroupId": "g", "ReqMsgNumber": 15, "WithRecalledMsg": 1},
				protocol.CmdSendGroupMsg:   {"GroupId": "g", "Random": 1, "MsgBody": textBody("x")},
				protocol.CmdGroupReceipts:  {"GroupId": "g", "MsgSeqList": []fields{{"MsgSeq": 3}}},
				protocol.CmdGroupMsgRecall: {"GroupId": "g", "MsgSeqList": []fields{{"MsgSeq": 1}}},
			} {
				if c == alice && (cmd == protocol.CmdSendGroupMsg || cmd == protocol.CmdGroupMsgRecall) {
					continue // she may
				}
				text = append(text, cmd+" "+string(ask[json.RawMessage](c, cmd, body)))
			}
		}
		slices.Sort(text)
		return strings.Join(text, "\n")
	}
	before, saved := look(), stateText(t, w.World, w.at)
	w.reload()
	if loaded := stateText(t, w.World, w.at); loaded != saved {
		t.Errorf("loaded\n%s\nsaved\n%s", loaded, saved)
	}
	alice, bob = w.login("alice"), w.login("bob")
	if after := look(); after != before {
		t.Errorf("after\n%s\nbefore\n%s", after, before)
	}
	if kept := ask[protocol.GetMsgReply](bob, protocol.CmdGetMsg, protocol.GetMsgRequest{}).EventArray; len(kept) != 2 {
		t.Errorf("bob's notice and mention: %v", kept)
	}
	w.advance(11 * time.Minute)
	alice.must(protocol.CmdGroupModify, fields{"GroupId": "g", "ShutUpAllMember": "Off"})
	if seq := bob.say("g", "free"); seq == 0 || !slices.Contains(bob.groupHistory("g"), fmt.Sprintf("g #%d bob: free", seq)) {
		t.Errorf("history %q", bob.groupHistory("g"))
	}
}

func TestBrokenGroupsAreRefusedWithTheirPlace(t *testing.T) {
	w, _, _ := everythingInAGroup(t)
	good := stateText(t, w.World, w.at)
	for _, c := range []struct{ from, to, want string }{
		{`"groupID": "g",
   "type"`, `"groupID": "",
   "type"`, `group ID ""`},
		{`"type": "Public"`, `"type": "Circle"`, `no type "Circle"`},
		{`"nextSeq": `, `"nextSeq": 0, "was": `, "nextSeq must be 1 or more"},
		{`"userID": "bob",
     "role"`, `"userID": "eve",
     "role"`, `member "eve" is no user`},
		{`"userID": "bob",
     "role"`, `"userID": "alice",
     "role"`, `member "alice" is no user or stands twice`},
		{`"role": "Owner"`, `"role": "King"`, `has the role "King"`},
		{`"seq": 2,
     "from": "bob"`, `"seq": 2,
     "from": "eve"`, `messages[1] is from "eve"`},
		{`"seq": 2,
     "from": "bob"`, `"seq": 7,
     "from": "bob"`, `messages[1] is out of sequence`},
	} {
		if !strings.Contains(good, c.from) {
			t.Errorf("the state has no %s:\n%s", c.from, good)
			continue
		}
		var st State
		if err := json.Unmarshal([]byte(strings.Replace(good, c.from, c.to, 1)), &st); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(&st, Config{}); err == nil || !strings.Contains(err.Error(), "groups[0]") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.to, err)
		}
	}
}
