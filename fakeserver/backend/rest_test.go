package backend

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

// rest makes a call as the default admin and wants that code.
func (w *testWorld) rest(command, body string, want protocol.Code) map[string]any {
	w.t.Helper()
	return w.restCall(RESTCall{
		Command: command, Identifier: "administrator", UserSig: "any", Random: "1", ContentType: "json", Body: []byte(body),
	}, want)
}

func (w *testWorld) restCall(call RESTCall, want protocol.Code) map[string]any {
	w.t.Helper()
	text, effects := w.REST(w.at, call)
	w.handOut(effects)
	var reply map[string]any
	if err := json.Unmarshal(text, &reply); err != nil {
		w.t.Fatalf("%s: reply %s: %v", call.Command, text, err)
	}
	status := "OK"
	if want != protocol.OK {
		status = "FAIL"
	}
	if reply["ErrorCode"] != float64(want) || reply["ActionStatus"] != status {
		w.t.Fatalf("%s %s: %s, want code %d", call.Command, call.Body, text, want)
	}
	return reply
}

func TestRESTChecksTheCaller(t *testing.T) {
	const secret = "the key of the app"
	sig := func(user string, issued time.Time) string {
		return protocol.MakeUserSig(secret, appID, user, issued, time.Hour)
	}
	good := RESTCall{
		Command: "im_open_login_svc/account_import", Identifier: "boss", UserSig: sig("boss", start),
		Random: "4294967295", ContentType: "json", Body: []byte(`{"UserID":"alice"}`),
	}
	for _, c := range []struct {
		name   string
		change func(*RESTCall)
		want   protocol.Code
	}{
		{"good", func(*RESTCall) {}, protocol.OK},
		{"no identifier", func(c *RESTCall) { c.Identifier = "" }, protocol.CodeRESTParam},
		{"no usersig", func(c *RESTCall) { c.UserSig = "" }, protocol.CodeRESTParam},
		{"no contenttype", func(c *RESTCall) { c.ContentType = "" }, protocol.CodeRESTParam},
		{"xml", func(c *RESTCall) { c.ContentType = "xml" }, protocol.CodeRESTParam},
		{"no random", func(c *RESTCall) { c.Random = "" }, protocol.CodeRESTParam},
		{"random over 32 bits", func(c *RESTCall) { c.Random = "4294967296" }, protocol.CodeRESTParam},
		{"malformed sig", func(c *RESTCall) { c.UserSig = "x" }, protocol.CodeUserSigMalformed},
		{"another's sig", func(c *RESTCall) { c.UserSig = sig("eve", start) }, protocol.CodeUserSigOtherUser},
		{"expired sig", func(c *RESTCall) { c.UserSig = sig("boss", start.Add(-2*time.Hour)) }, protocol.CodeUserSigExpired},
		{"no admin", func(c *RESTCall) { c.Identifier, c.UserSig = "administrator", sig("administrator", start) }, protocol.CodeRESTNotAdmin},
		{"unknown command", func(c *RESTCall) { c.Command = "openim/nothing" }, protocol.CodeRESTUnknown},
		{"no JSON", func(c *RESTCall) { c.Body = []byte(`{`) }, protocol.CodeJSON},
		{"null", func(c *RESTCall) { c.Body = []byte(`null`) }, protocol.CodeJSON},
		{"a nick over 500 bytes", func(c *RESTCall) {
			c.Body = []byte(`{"UserID":"alice","Nick":"` + strings.Repeat("x", 501) + `"}`)
		}, protocol.CodeAccountParam},
		{"no object", func(c *RESTCall) { c.Body = []byte(`[]`) }, protocol.CodeJSON},
		{"wrong type", func(c *RESTCall) { c.Body = []byte(`{"UserID":7}`) }, protocol.CodeAccountParam},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{Secret: secret, Admins: []string{"boss"}})
			call := good
			c.change(&call)
			w.restCall(call, c.want)
			if _, exists := w.User("alice"); exists != (c.want == protocol.OK) {
				t.Errorf("alice exists: %v", exists)
			}
		})
	}
}

func restMsg(fields string) string {
	return `{"From_Account":"alice","To_Account":"bob","MsgRandom":7,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]` + fields + `}`
}

func TestRESTSendIsAMessageLikeAnother(t *testing.T) {
	for _, c := range []struct {
		name, fields  string
		sender, other []string // pushes to alice and bob
		stored        int      // messages in alice's and bob's history
		storedFor     int
		unread        int // in bob's list; -1: not listed
	}{
		{"sync left out: history only", ``, nil, []string{"alice→bob: x"}, 1, 1, 1},
		{"sync", `,"SyncOtherMachine":1`, []string{"bob→alice: x (copy)"}, []string{"alice→bob: x"}, 1, 1, 1},
		{"no sync", `,"SyncOtherMachine":2`, nil, []string{"alice→bob: x"}, 0, 1, 1},
		{"online only", `,"MsgLifeTime":0,"SyncOtherMachine":1`, []string{"bob→alice: x (copy, online only)"}, []string{"alice→bob: x (online only)"}, 0, 0, -1},
		{"online flag", `,"OnlineOnlyFlag":1`, nil, []string{"alice→bob: x (online only)"}, 0, 0, -1},
		{"not counted", `,"SendMsgControl":["NoUnread"]`, nil, []string{"alice→bob: x"}, 1, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			alice, bob := w.login("alice"), w.login("bob")
			bob.block(protocol.CmdBlackListAdd, "alice") // not looked at
			bob.take()
			r := w.rest("openim/sendmsg", restMsg(c.fields), protocol.OK)
			if r["MsgTime"] != float64(start.Unix()) || !strings.HasSuffix(r["MsgKey"].(string), fmt.Sprintf("_7_%d", start.Unix())) {
				t.Errorf("reply %v", r)
			}
			alice.expect(c.sender...)
			bob.expect(c.other...)
			if a, b, u := len(alice.history("bob")), len(bob.history("alice")), bob.unread("alice"); a != c.stored || b != c.storedFor || u != c.unread {
				t.Errorf("histories %d and %d, unread %d", a, b, u)
			}
		})
	}
}

func TestRESTSendCodes(t *testing.T) {
	w := newWorld(t, Config{MaxMessage: 500})
	w.login("alice")
	w.login("bob")
	for body, want := range map[string]protocol.Code{
		`{}`: protocol.CodeMsgToAccount,
		strings.Replace(restMsg(""), `"bob"`, `7`, 1):                    protocol.CodeMsgToAccount,
		strings.Replace(restMsg(""), `"bob"`, `"nobody"`, 1):             protocol.CodeMsgToMissing,
		strings.Replace(restMsg(""), `"alice"`, `"eve"`, 1):              protocol.CodeMsgFromAccount,
		strings.Replace(restMsg(""), `7`, `"7"`, 1):                      protocol.CodeMsgRandom,
		strings.Replace(restMsg(""), `"TIMTextElem"`, `1`, 1):            protocol.CodeMsgBodyType,
		restMsg(`,"MsgBody":{}`):                                         protocol.CodeMsgBody,
		restMsg(`,"MsgLifeTime":604801`):                                 protocol.CodeMsgLifeTooLong,
		restMsg(`,"MsgLifeTime":604800`):                                 protocol.OK,
		restMsg(`,"MsgLifeTime":"1"`):                                    protocol.CodeMsgLifeTime,
		restMsg(`,"MsgLifeTime":-1`):                                     protocol.CodeMsgLifeTime,
		restMsg(`,"OfflinePushInfo":"none"`):                             protocol.CodeOfflinePush,
		restMsg(`,"OfflinePushInfo":{"PushFlag":2}`):                     protocol.CodeOfflinePush,
		restMsg(`,"OfflinePushInfo":{"Title":1}`):                        protocol.CodeOfflinePush,
		restMsg(`,"OfflinePushInfo":{"PushFlag":1,"Ext":"x"}`):           protocol.OK,
		restMsg(`,"SendMsgControl":"NoUnread"`):                          protocol.CodeMsgFormat,
		restMsg(`,"SyncOtherMachine":3`):                                 protocol.CodeSyncOther,
		restMsg(`,"SyncOtherMachine":"1"`):                               protocol.CodeMsgFormat,
		restMsg(`,"CloudCustomData":"` + strings.Repeat("x", 500) + `"`): protocol.CodePacketTooLong,
	} {
		w.rest("openim/sendmsg", body, want)
	}
}

func TestRESTSendAsTheAdmin(t *testing.T) {
	asked := 0
	w := newWorld(t, Config{BeforeSend: func(o Outgoing) Decision {
		asked++
		if !o.REST || o.From != "administrator" {
			t.Errorf("asked: %+v", o)
		}
		return Decision{}
	}})
	bob := w.login("bob")
	body := strings.Replace(restMsg(""), `"From_Account":"alice",`, "", 1)
	w.rest("openim/sendmsg", body, protocol.OK)
	w.rest("openim/sendmsg", strings.TrimSuffix(body, "}")+`,"ForbidCallbackControl":["ForbidBeforeSendMsgCallback"]}`, protocol.OK)
	bob.expect("administrator→bob: x", "administrator→bob: x")
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestRESTRecallHasNoTimeLimit(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	id := alice.send("bob", "x")
	bob.take()
	w.advance(24 * time.Hour)
	if code := alice.recall(id); code != protocol.CodeC2CRecallLate {
		t.Fatalf("the sender's own recall: %d", code)
	}
	call := func(key string) string {
		return fmt.Sprintf(`{"From_Account":"alice","To_Account":"bob","MsgKey":%q}`, key)
	}
	w.rest("openim/admin_msgwithdraw", call("1_2"), protocol.CodeMsgKey)
	w.rest("openim/admin_msgwithdraw", call("1_2_3"), protocol.CodeC2CRecallGone)
	w.rest("openim/admin_msgwithdraw", strings.Replace(call(keyString(id)), "alice", "bob", 1), protocol.CodeC2CRecallGone)
	w.rest("openim/admin_msgwithdraw", call(keyString(id)), protocol.OK)
	alice.expect("recall alice→bob 1")
	bob.expect("recall alice→bob 1")
	if bob.unread("alice") != 0 {
		t.Error("the recalled message counts as unread")
	}
	w.rest("openim/admin_msgwithdraw", call(keyString(id)), protocol.CodeC2CRecallTwice)
}

func TestRESTKickRevokesEarlierUserSigs(t *testing.T) {
	const secret = "the key of the app"
	w := newWorld(t, Config{Secret: secret})
	sig := func(user string) string { return protocol.MakeUserSig(secret, appID, user, w.at, time.Hour) }
	login := func(sig string) (*client, protocol.Code) {
		c := w.dial()
		c.usersig = sig
		return c, c.tryLogin("alice")
	}
	old := sig("alice")
	alice, _ := login(old)
	w.advance(time.Second)
	call := RESTCall{Command: "im_open_login_svc/kick", Identifier: "administrator", UserSig: sig("administrator"), Random: "1", ContentType: "json"}
	call.Body = []byte(`{"UserID":"nobody"}`)
	w.restCall(call, protocol.CodeAccountMissing)
	call.Body = []byte(`{"UserID":"alice"}`)
	w.restCall(call, protocol.OK)
	alice.expect("kick 3 by " + protocol.CmdForceOffline)
	w.reload()
	if _, code := login(old); code != protocol.CodeUserSigRevoked {
		t.Errorf("the old sig: %d", code)
	}
	if _, code := login(sig("alice")); code != protocol.OK {
		t.Errorf("a new sig: %d", code)
	}
}

func TestRESTAccounts(t *testing.T) {
	w := newWorld(t, Config{})
	w.rest("im_open_login_svc/account_import", `{"UserID":"a b"}`, protocol.CodeAccountParam)
	w.rest("im_open_login_svc/account_import", `{"Identifier":"carol","Nick":"Carol <3"}`, protocol.OK)
	w.rest("im_open_login_svc/account_import", `{"UserID":"carol","FaceUrl":"http://x/"}`, protocol.OK)
	if u, _ := w.User("carol"); string(u.Profile[protocol.TagNick]) != `"Carol \u003c3"` || string(u.Profile[protocol.TagAvatar]) != `"http://x/"` {
		t.Errorf("profile %s", u.Profile)
	}
	if got := w.rest("im_open_login_svc/multiaccount_import", `{"Accounts":["dan","a b"]}`, protocol.OK); fmt.Sprint(got["FailAccounts"]) != "[a b]" {
		t.Errorf("%v", got)
	}
	got := fmt.Sprint(w.rest("im_open_login_svc/account_check", `{"CheckItem":[{"UserID":"dan"},{"UserID":"eve"}]}`, protocol.OK)["ResultItem"])
	if !strings.Contains(got, "AccountStatus:Imported") || !strings.Contains(got, "AccountStatus:NotImported") {
		t.Error(got)
	}
	w.login("dan")
	got = fmt.Sprint(w.rest("openim/query_online_status", `{"To_Account":["dan","carol","eve"]}`, protocol.OK))
	for _, want := range []string{"Status:Online To_Account:dan", "Status:Offline To_Account:carol", "ErrorCode:70107 To_Account:eve"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
}

func TestRESTReadAndCount(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	alice.send("bob", "1")
	w.advance(time.Second)
	alice.send("bob", "2")
	bob.take()
	count := func() any {
		return w.rest("openim/get_c2c_unread_msg_num", `{"To_Account":"bob","Peer_Account":["alice"]}`, protocol.OK)["AllC2CUnreadMsgNum"]
	}
	if count() != 2.0 {
		t.Errorf("unread %v", count())
	}
	w.rest("openim/admin_set_msg_read", fmt.Sprintf(`{"Report_Account":"bob","Peer_Account":"alice","MsgReadTime":%d}`, start.Unix()), protocol.OK)
	alice.expect("receipt bob +0")
	bob.expect("read alice +0")
	if count() != 1.0 {
		t.Errorf("unread %v", count())
	}
	page := w.rest("openim/admin_getroammsg", `{"From_Account":"bob","To_Account":"alice","MaxCnt":1,"MinTime":0,"MaxTime":2000000000}`, protocol.OK)
	if page["Complete"] != 0.0 || page["MsgCnt"] != 1.0 {
		t.Errorf("page %v", page)
	}
	rest := fmt.Sprintf(`{"From_Account":"bob","To_Account":"alice","MaxCnt":9,"MinTime":0,"MaxTime":%v,"LastMsgKey":%q}`, int64(page["LastMsgTime"].(float64)), page["LastMsgKey"])
	if page = w.rest("openim/admin_getroammsg", rest, protocol.OK); page["Complete"] != 1.0 || page["MsgCnt"] != 1.0 {
		t.Errorf("last page %v", page)
	}
}

func TestRESTBatch(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob, carol := w.login("alice"), w.login("bob"), w.login("carol")
	body := func(to string) string { return strings.Replace(restMsg(""), `"bob"`, to, 1) }
	w.rest("openim/batchsendmsg", body(`"bob"`), protocol.CodeBatchToType)
	w.rest("openim/batchsendmsg", body(`[]`), protocol.CodeBatchToEmpty)
	w.rest("openim/batchsendmsg", body(`["`+strings.Repeat(`x","`, maxBatch)+`x"]`), protocol.CodeBatchTooMany)
	got := w.rest("openim/batchsendmsg", body(`["bob","eve","carol"]`), protocol.OK)
	if fmt.Sprint(got["ErrorList"]) != "[map[ErrorCode:70107 To_Account:eve]]" {
		t.Errorf("%v", got)
	}
	alice.expect()
	bob.expect("alice→bob: x")
	carol.expect("alice→carol: x")
}
