package backend

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/imsim/imsim/protocol"
)

// validBodies has a body for every command, as the SDKs send it.
var validBodies = map[string]string{
	protocol.CmdLogin:           `{"State":"Online","is_web_uniapp":0,"InstType":0,"CustomInfo":""}`,
	protocol.CmdLogout:          `{"wslogout_type":0}`,
	protocol.CmdAlive:           `{}`,
	protocol.CmdHello:           `{"is_web_uniapp":0}`,
	protocol.CmdKickOther:       `{}`,
	protocol.CmdSendMsg:         `{"From_Account":"alice","To_Account":"bob","MsgTimeStamp":1,"MsgSeq":1,"MsgRandom":2,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}],"CloudCustomData":"","From_AccountNick":"","From_AccountHeadurl":"","MsgLifeTime":0,"OfflinePushInfo":{"PushFlag":0,"ApnsInfo":{"BadgeMode":0}},"SendMsgControl":["NoUnread"],"MsgClientTime":1,"IsNeedReadReceipt":0,"SupportMessageExtension":0}`,
	protocol.CmdGetMsg:          `{"Cookie":"1","SyncFlag":0,"NeedAbstract":1,"IsOnlineSync":0,"NeedSignaling":1,"NeedCachedMsg":1}`,
	protocol.CmdPushAck:         `{"SessionData":"1"}`,
	protocol.CmdGetRoamMsg:      `{"Peer_Account":"bob","MaxCnt":15,"LastMsgTime":1700000000,"MsgKey":"1_2_1700000000","WithRecalledMsg":1,"GetDirection":1}`,
	protocol.CmdMsgReaded:       `{"C2CMsgReaded":{"Cookie":"","C2CMsgReadedItem":[{"To_Account":"bob","LastedMsgTime":1700000000,"Receipt":1}]}}`,
	protocol.CmdReadAll:         `{"ReadAllC2CMsg":1}`,
	protocol.CmdGetPeerReadTime: `{"To_Account":["bob"]}`,
	protocol.CmdMsgWithdraw:     `{"MsgInfo":{"From_Account":"alice","To_Account":"bob","MsgSeq":1,"MsgRandom":2,"MsgTimeStamp":1700000000}}`,
	protocol.CmdDeleteC2C:       `{"From_Account":"alice","To_Account":"bob","MsgKeyList":["1_2_1700000000"]}`,
	protocol.CmdDeleteMsg:       `{"DelMsgList":[{"From_Account":"bob","To_Account":"alice","MsgSeq":1,"MsgRandom":1,"GroupId":"g"}]}`,
	protocol.CmdAuthKey:         `{}`,
	protocol.CmdGetPeerMute:     `{"From_Account":"alice"}`,
	protocol.CmdContactPage:     `{"From_Account":"alice","TimeStamp":0,"StartIndex":0,"TopTimeStamp":0,"TopStartIndex":0,"OrderType":1,"MsgAssistFlags":4,"AssistFlags":7}`,
	protocol.CmdContactGet:      `{"From_Account":"alice","Count":0}`,
	protocol.CmdContactDelete:   `{"From_Account":"alice","Type":1,"To_Account":"bob"}`,
	protocol.CmdContactClear:    `{"From_Account":"alice","Type":1,"To_Account":"bob"}`,
	protocol.CmdContactBatchDel: `{"From_Account":"alice","ContactItem":[{"Type":1,"To_Account":"bob"}],"ClearRamble":1}`,
	protocol.CmdContactTop:      `{"From_Account":"alice","OperationType":1,"RecentContactItem":[{"Type":1,"To_Account":"bob"}]}`,
	protocol.CmdContactGroups:   `{"From_Account":"alice","StartIndex":0}`,
	protocol.CmdContactSearch:   `{"From_Account":"alice"}`,
	protocol.CmdProfileGet:      `{"From_Account":"alice","UserItem":[{"To_Account":"bob"}]}`,
	protocol.CmdProfileSet:      `{"From_Account":"alice","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"Al"}]}`,
	protocol.CmdBlackListGet:    `{"From_Account":"alice","StartIndex":0,"MaxLimited":30,"LastSequence":0}`,
	protocol.CmdFriendGet:       `{"From_Account":"alice","StartIndex":0,"StandardSequence":0,"CustomSequence":0}`,
	protocol.CmdFriendGroupGet:  `{"From_Account":"alice","LastSequence":0}`,
	protocol.CmdPendencyGet:     `{"From_Account":"alice","PendencyType":"Pendency_Type_Both","StartTime":0,"MaxLimited":10,"LastSequence":0}`,

	protocol.CmdBlackListAdd:    `{"From_Account":"alice","To_Account":["bob"]}`,
	protocol.CmdBlackListDelete: `{"From_Account":"alice","To_Account":["bob"]}`,
	protocol.CmdFriendAdd:       `{"From_Account":"alice","AddFriendItem":[{"To_Account":"bob","AddSource":"AddSource_Type_Web","AddWording":"hi","Remark":"B","GroupName":"g"}],"AddType":"Add_Type_Both"}`,
	protocol.CmdFriendDelete:    `{"From_Account":"alice","To_Account":["bob"],"DeleteType":"Delete_Type_Both"}`,
	protocol.CmdFriendCheck:     `{"From_Account":"alice","To_Account":["bob"],"CheckType":"CheckResult_Type_Both"}`,
	protocol.CmdFriendUpdate:    `{"From_Account":"alice","UpdateItem":[{"To_Account":"bob","SnsItem":[{"Tag":"Tag_SNS_IM_Remark","Value":"x"}]}]}`,
	protocol.CmdFriendGetList:   `{"From_Account":"alice","To_Account":["bob"],"TagList":["Tag_SNS_IM_Remark"]}`,
	protocol.CmdFriendGetSome:   `{"From_Account":"alice","To_Account":["bob"]}`,
	protocol.CmdFriendResponse:  `{"From_Account":"alice","ResponseFriendItem":[{"To_Account":"bob","ResponseAction":"Response_Action_AgreeAndAdd","Remark":"B","TagName":"g"}]}`,
	protocol.CmdPendencyDelete:  `{"From_Account":"alice","PendencyType":"Pendency_Type_ComeIn","To_Account":["bob"]}`,
	protocol.CmdPendencyReport:  `{"From_Account":"alice","LatestPendencyTimeStamp":1700000000}`,
	protocol.CmdFriendGroupAdd:  `{"From_Account":"alice","GroupName":["g"],"To_Account":["bob"]}`,
	protocol.CmdFriendGroupDel:  `{"From_Account":"alice","GroupName":["g"]}`,
	protocol.CmdFriendGroupSet:  `{"From_Account":"alice","GroupOldName":"g","GroupNewName":"h","UpdateGroupItem":[{"To_Account":"bob","UpdateType":"Update_Type_Add"}]}`,

	protocol.CmdJoinedGroups:    `{"Member_Account":"alice","Limit":100,"Offset":0,"ResponseFilter":{"GroupBaseInfoFilter":["Type"]}}`,
	protocol.CmdJoinedCommunity: `{"Member_Account":"alice","Limit":100,"Offset":0}`,
	protocol.CmdSetPeerMute:     `{"Peer_Account":["bob"],"Mute_Notifications":2}`,
	protocol.CmdModifyC2C:       `{"From_Account":"alice","To_Account":"bob","MsgSeq":1,"MsgRandom":2,"MsgTime":1700000000,"MsgVersion":0,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"y"}}],"CloudCustomData":""}`,
	protocol.CmdC2CReadReceipt:  `{"Peer_Account":"bob","C2CMsgInfo":[{"From_Account":"bob","To_Account":"alice","MsgSeq":1,"MsgRandom":2,"MsgTime":1700000000,"MsgClientTime":1700000000}]}`,
	protocol.CmdSaveRelay:       `{"MsgList":[{"From_Account":"bob","MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"y"}}]}]}`,
	protocol.CmdGetRelay:        `{"JsonMsgKey":"unknown"}`,
	protocol.CmdPreSig:          `{"file_type":1,"file_name":"0123-1","upload_method":0,"Duration":900}`,
	protocol.CmdCosSign:         `{"cmd":"open_im_cos_svc","sub_cmd":"get_cos_token","duration":600,"version":2}`,
	protocol.CmdGroupInfo:       `{"GroupIdList":["g"]}`,
	protocol.CmdGroupSelfInfo:   `{"GroupId":"g"}`,
	protocol.CmdSendGroupMsg:    `{"From_Account":"alice","GroupId":"g","Random":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]}`,
	protocol.CmdFetchConfig:     `{"uint32_sdkappid":1400000000,"uint64_version":0}`,
	protocol.CmdFetchPurchase:   `{"uint32_sdkappid":1400000000}`,

	protocol.CmdReportStatistics: `{"Header":{"app_key":"x"},"Event":[{"msg":"y"}]}`,
}

func TestEveryCommandHasAValidBody(t *testing.T) {
	for cmd := range commands {
		if validBodies[cmd] == "" {
			t.Errorf("%s: add what the SDK sends to validBodies", cmd)
		}
	}
}

var wrongValues = []string{
	`null`, `true`, `0`, `-1`, `1.5`, `1e400`, `9223372036854775808`, `""`, `"x"`, `"7"`, `[]`, `[null]`, `[[]]`, `[{}]`, `["x"]`,
	`[-1]`, `{}`, `{"":{}}`, strings.Repeat("[", 900) + strings.Repeat("]", 900), `"` + strings.Repeat("long ", 4000) + `"`,
}

// mutations returns the body with each value in it, at any depth, replaced by
// each wrong one, and left out.
func mutations(t *testing.T, body string) []string {
	t.Helper()
	var list []string
	var walk func(v any, rebuild func(any) any)
	emit := func(v any) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(text))
	}
	walk = func(v any, rebuild func(any) any) {
		for _, wrong := range wrongValues {
			emit(rebuild(json.RawMessage(wrong)))
		}
		switch v := v.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				with := func(value any) any {
					changed := maps.Clone(v)
					changed[key] = value
					return rebuild(changed)
				}
				less := maps.Clone(v)
				delete(less, key)
				emit(rebuild(less))
				walk(v[key], with)
			}
		case []any:
			for i := range v {
				walk(v[i], func(value any) any {
					changed := slices.Clone(v)
					changed[i] = value
					return rebuild(changed)
				})
			}
		}
	}
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatal(err)
	}
	walk(v, func(v any) any { return v })
	return list
}

// Whatever a body holds, the request is answered once, with a documented code,
// and everybody else goes on.
func TestWrongTypesAreAnswered(t *testing.T) {
	for _, cmd := range slices.Sorted(maps.Keys(commands)) {
		t.Run(cmd, func(t *testing.T) {
			w := newWorld(t, Config{WebInstances: 9})
			bob, other := w.login("bob"), w.login("alice")
			alice := w.login("alice")
			alice.send("bob", "hi")
			bob.send("alice", "hi")
			refused := 0
			for _, body := range mutations(t, validBodies[cmd]) {
				frame := alice.frame(cmd, json.RawMessage(body))
				got := alice.raw(frame)
				if commands[cmd].silent {
					if len(got) != 0 {
						t.Fatalf("%s was answered", frame)
					}
					continue
				}
				if len(got) != 1 || got[0].ServCmd != cmd || alice.closed != 0 {
					t.Fatalf("%.300s: %v", frame, got)
				}
				if code := protocol.Code(got[0].ErrorCode); code != protocol.OK {
					if refused++; strings.HasPrefix(code.Text(), "error ") {
						t.Fatalf("%.300s: code %d is not documented", frame, code)
					}
				}
				if cmd == protocol.CmdLogin || cmd == protocol.CmdLogout || cmd == protocol.CmdKickOther {
					alice.tryLogin("alice") // go on as before
				}
			}
			if decodes[cmd] && refused == 0 {
				t.Error("nothing was refused")
			}
			bob.take()
			other.take()
			if cmd == protocol.CmdKickOther {
				return
			}
			alice.send("bob", "still there")
			bob.expect("alice→bob: still there")
			other.expect("bob→alice: still there (copy)")
		})
	}
}

// decodes is the commands whose bodies have fields that matter.
var decodes = map[string]bool{
	protocol.CmdSendMsg: true, protocol.CmdGetMsg: true, protocol.CmdGetRoamMsg: true, protocol.CmdMsgReaded: true,
	protocol.CmdGetPeerReadTime: true, protocol.CmdMsgWithdraw: true, protocol.CmdDeleteC2C: true, protocol.CmdContactDelete: true,
	protocol.CmdContactBatchDel: true, protocol.CmdContactTop: true, protocol.CmdProfileGet: true, protocol.CmdProfileSet: true,
	protocol.CmdBlackListAdd: true, protocol.CmdBlackListDelete: true, protocol.CmdFriendAdd: true, protocol.CmdFriendDelete: true,
	protocol.CmdFriendCheck: true, protocol.CmdFriendUpdate: true, protocol.CmdFriendGetList: true, protocol.CmdFriendGetSome: true,
	protocol.CmdFriendResponse: true, protocol.CmdPendencyDelete: true, protocol.CmdPendencyReport: true,
	protocol.CmdFriendGroupAdd: true, protocol.CmdFriendGroupDel: true, protocol.CmdFriendGroupSet: true,
}

func TestCommandsBeforeLogin(t *testing.T) {
	w := newWorld(t, Config{})
	for cmd, c := range commands {
		guest := w.dial()
		want := protocol.CodeNotLoggedIn
		switch {
		case cmd == protocol.CmdLogin:
			continue
		case cmd == protocol.CmdPreSig: // knows its user by identifier and usersig
			want = protocol.CodeAccountParam
		case cmd == protocol.CmdGroupJoinAnonymous: // without a login, but there is no such room
			want = protocol.CodeGroupMissing
		case cmd == protocol.CmdGroupPollAnonymous:
			want = protocol.CodeGroupParam
		case c.free:
			want = protocol.OK
		case c.silent:
			if got := guest.raw(guest.frame(cmd, json.RawMessage(validBodies[cmd]))); len(got) != 0 {
				t.Errorf("%s was answered", cmd)
			}
			continue
		}
		if got := guest.code(cmd, json.RawMessage(validBodies[cmd])); got != want {
			t.Errorf("%s: %d, want %d", cmd, got, want)
		}
	}
	if len(w.accounts) != 0 {
		t.Errorf("accounts %v", w.accounts)
	}
}

func TestUnknownCommands(t *testing.T) {
	w := newWorld(t, Config{})
	alice, guest := w.login("alice"), w.dial()
	for range 3 {
		for _, c := range []*client{alice, guest} {
			if code := c.code("no.such_command", struct{}{}); code != protocol.CodeUnknownCommand {
				t.Errorf("code %d", code)
			}
		}
	}
	if len(w.log) != 1 || !strings.Contains(w.log[0], "no.such_command") {
		t.Errorf("logged %q, want once", w.log)
	}
	for i := range 2000 { // what is remembered of them is bounded
		alice.code(fmt.Sprint("x.", i), struct{}{})
	}
	if len(w.unknown) > 1000 {
		t.Errorf("%d remembered", len(w.unknown))
	}
}

// A frame that is no request closes its connection, with the reason.
func TestFramesThatAreNoRequests(t *testing.T) {
	w := newWorld(t, Config{})
	bob := w.login("bob")
	for _, frame := range []string{"", "hello", "[]", "null", `{"head":{}}`, `{"head":{"servcmd":"x"}}`, "\xff"} {
		c := w.login("alice")
		effects := w.Receive(w.at, c.conn, []byte(frame))
		if len(effects) != 1 || effects[0].Conn != c.conn || effects[0].Close != 1007 || effects[0].Reason == "" {
			t.Errorf("%q: %+v", frame, effects)
		}
	}
	bob.must(protocol.CmdAuthKey, struct{}{})
	if got := w.Receive(w.at, 4711, []byte(`{}`)); len(got) != 0 {
		t.Errorf("a connection that is not open: %+v", got)
	}
}

// faultsFor is a RequestFaults of two rules.
type faultsFor struct{ drop, refuse string }

func (f faultsFor) OnRequest(_, cmd string) (bool, protocol.Code) {
	if cmd == f.refuse {
		return false, protocol.CodeMuted
	}
	return cmd == f.drop, protocol.OK
}

func TestInjectedFaultsChangeNothing(t *testing.T) {
	w := newWorld(t, Config{Faults: faultsFor{drop: protocol.CmdProfileSet, refuse: protocol.CmdSendMsg}})
	alice, bob := w.login("alice"), w.login("bob")
	if code := alice.code(protocol.CmdSendMsg, alice.message("bob", "x")); code != protocol.CodeMuted {
		t.Errorf("code %d", code)
	}
	if got := alice.raw(alice.frame(protocol.CmdProfileSet, json.RawMessage(validBodies[protocol.CmdProfileSet]))); len(got) != 0 {
		t.Errorf("answered %v", got)
	}
	bob.expect()
	if u, _ := w.User("alice"); len(u.Profile) != 0 || len(w.Messages("alice", "bob")) != 0 {
		t.Errorf("carried out: %+v", u)
	}
}
