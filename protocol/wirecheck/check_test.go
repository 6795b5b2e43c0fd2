package wirecheck

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// clean is a trace of a login, a message with its push, an acknowledged push,
// a group message and a logout, as the genuine SDKs and the backend write it.
const clean = `
open 1
up 1 {"head":{"servcmd":"im_open_status.wslogin","seq":11,"identifier":"alice","usersig":"***","status_instid":0},"body":{"State":"Online"}}
down 1 {"head":{"servcmd":"im_open_status.wslogin","seq":11},"body":{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","TinyId":"144","A2Key":"***","InstId":1,"HelloInterval":120,"TimeStamp":1700000000}}
open 2
up 2 {"head":{"servcmd":"im_open_status.wslogin","seq":21,"identifier":"bob","usersig":"***","status_instid":0},"body":{"State":"Online"}}
down 2 {"head":{"servcmd":"im_open_status.wslogin","seq":21},"body":{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","TinyId":"145","A2Key":"***","InstId":1,"HelloInterval":120,"TimeStamp":1700000000}}
up 1 {"head":{"servcmd":"openim.sendmsg","seq":12,"a2":"***","tinyid":"144","status_instid":1},"body":{"From_Account":"alice","To_Account":"bob","MsgSeq":7,"MsgRandom":8,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi"}}]}}
down 1 {"head":{"servcmd":"openim.sendmsg","seq":12},"body":{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","MsgTime":1700000001,"MsgKey":"7_8_1700000001"}}
down 2 {"head":{"servcmd":"im_open_push.msg_push","seq":1},"body":{"EventArray":[{"Event":9,"C2cMsgArray":[{"From_Account":"alice","To_Account":"bob","MsgSeq":7,"MsgRandom":8,"MsgTimeStamp":1700000001,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi"}}]}]}],"NeedAck":1,"SessionData":"s1"}}
up 2 {"head":{"servcmd":"openim.ws_msg_push_ack","seq":22,"a2":"***","tinyid":"145","status_instid":1},"body":{"SessionData":"s1"}}
down 2 {"head":{"servcmd":"im_open_push.msg_push","seq":2},"body":{"EventArray":[{"Event":3,"GroupMsgArray":[{"From_Account":"alice","ToGroupId":"g","MsgSeq":5,"MsgRandom":3,"MsgTimeStamp":1700000002,"GroupInfo":{},"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"all"}}]}]}]}}
up 1 {"head":{"servcmd":"im_open_status.wslogout","seq":13,"a2":"***","tinyid":"144","status_instid":1},"body":{"wslogout_type":0}}
down 1 {"head":{"servcmd":"im_open_status.wslogout","seq":13},"body":{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}}
close 1
close 2
`

// Places in the clean trace.
const (
	send  = 7
	reply = 8
	push  = 9
	ack   = 10
	group = 11
	bye   = 12
	byeOK = 13
	ends  = 14
)

// recorded makes a trace of its short form.
func recorded(t *testing.T, text string) []json.RawMessage {
	t.Helper()
	users := map[string]string{"1": "alice", "2": "bob"}
	var lines []json.RawMessage
	for line := range strings.Lines(strings.TrimSpace(text)) {
		parts := append(strings.SplitN(strings.TrimSpace(line), " ", 3), "")
		out := fmt.Sprintf(`{"n":%d,"time":1.5,"dir":%q,"conn":%s`, len(lines)+1, parts[0], parts[1])
		if parts[2] != "" {
			out += fmt.Sprintf(`,"userID":%q,"frame":%s`, users[parts[1]], parts[2])
		}
		out += "}"
		if !gjson.Valid(out) {
			t.Fatalf("not JSON: %s", out)
		}
		lines = append(lines, json.RawMessage(out))
	}
	return lines
}

func TestACleanTraceHasNoFindings(t *testing.T) {
	if found := Check(recorded(t, clean)); len(found) > 0 || VerdictOf(found) != Clean || Explain(found) != nobodyToBlame {
		t.Errorf("%s", Explain(found))
	}
	if found := Check(nil); len(found) > 0 {
		t.Errorf("%s", Explain(found))
	}
}

// edit changes line n of a trace: the value at a path (nil deletes it), or with
// these paths the line itself.
type edit struct {
	n    int
	path string
	to   any
}

const (
	gone   = "-" // the line is not there
	again  = "+" // the line comes twice
	insert = ">" // to, a line's number, follows once more, on connection 1
)

func (e edit) apply(t *testing.T, lines []json.RawMessage) []json.RawMessage {
	t.Helper()
	at := e.n - 1
	switch e.path {
	case gone:
		return slices.Delete(lines, at, at+1)
	case again:
		return slices.Insert(lines, at, lines[at])
	case insert:
		lines = slices.Insert(lines, at+1, lines[e.to.(int)-1])
		return edit{e.n + 1, "conn", 1}.apply(t, edit{e.n + 1, "n", e.n + 1}.apply(t, lines))
	}
	var line any
	if err := json.Unmarshal(lines[at], &line); err != nil {
		t.Fatal(err)
	}
	path := strings.Split(e.path, ".")
	place := line
	for _, name := range path[:len(path)-1] {
		if i, err := strconv.Atoi(name); err == nil {
			place = place.([]any)[i]
		} else {
			place = place.(map[string]any)[name]
		}
	}
	fields, last := place.(map[string]any), path[len(path)-1]
	if e.to == nil {
		delete(fields, last)
	} else {
		fields[last] = e.to
	}
	text, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	lines[at] = text
	return lines
}

func TestBrokenFramesAreFound(t *testing.T) {
	const (
		body  = "frame.body."
		head  = "frame.head."
		c2c   = body + "EventArray.0.C2cMsgArray.0."
		ofGrp = body + "EventArray.0.GroupMsgArray.0."
	)
	seen := map[string]bool{}
	for name, c := range map[string]struct {
		edits []edit
		side  Side
		rule  string
		frame int
	}{
		"a request that is no object":       {[]edit{{send, "frame", "garbage"}}, Port, RuleRequestForm, send},
		"a request without a servcmd":       {[]edit{{send, head + "servcmd", nil}}, Port, RuleRequestForm, send},
		"a request without a seq":           {[]edit{{send, head + "seq", nil}}, Port, RuleRequestForm, send},
		"a request whose body is a list":    {[]edit{{send, "frame.body", []int{}}}, Port, RuleRequestForm, send},
		"an unknown command":                {[]edit{{ack, head + "servcmd", "openim.sendmesage"}}, Port, RuleCommand, ack},
		"a seq that falls":                  {[]edit{{bye, head + "seq", 5}, {byeOK, head + "seq", 5}}, Port, RuleSeqRises, bye},
		"a request sent twice":              {[]edit{{send, again, nil}}, Port, RuleSeqRises, send},
		"a send before the login":           {[]edit{{send, head + "a2", nil}}, Port, RuleIdentified, send},
		"a login that names nobody":         {[]edit{{2, head + "identifier", nil}}, Port, RuleIdentified, 2},
		"a ticket without an account":       {[]edit{{send, head + "tinyid", nil}}, Port, RuleIdentified, send},
		"somebody else's account":           {[]edit{{send, head + "tinyid", "999"}}, Port, RuleOwnIdentity, send},
		"another instance":                  {[]edit{{send, head + "status_instid", 9}}, Port, RuleOwnIdentity, send},
		"a message from somebody else":      {[]edit{{send, body + "From_Account", "carol"}}, Port, RuleOwnAccount, send},
		"a send to nobody":                  {[]edit{{send, body + "To_Account", nil}}, Port, RuleRequestFields, send},
		"a text for a number":               {[]edit{{send, body + "MsgRandom", "8"}}, Port, RuleRequestFields, send},
		"a message without elements":        {[]edit{{send, body + "MsgBody", []int{}}}, Port, RuleRequestFields, send},
		"an element without content":        {[]edit{{send, body + "MsgBody.0.MsgContent", nil}}, Port, RuleRequestFields, send},
		"an optional field of a wrong type": {[]edit{{send, body + "CloudCustomData", 5}}, Port, RuleRequestFields, send},
		"an ack of nothing":                 {[]edit{{ack, body + "SessionData", "s2"}}, Port, RuleAck, ack},

		"a reply that is no object":         {[]edit{{push, "frame", "garbage"}, {ack, gone, nil}}, Backend, RuleFrameForm, push},
		"a push without a body":             {[]edit{{group, "frame.body", nil}}, Backend, RuleFrameForm, group},
		"no answer":                         {[]edit{{reply, gone, nil}, {ends - 1, gone, nil}}, Backend, RuleAnswered, send},
		"two answers":                       {[]edit{{reply, again, nil}}, Backend, RuleAnsweredOnce, reply},
		"an answer with another seq":        {[]edit{{byeOK, head + "seq", 99}}, Backend, RuleAnswersAsked, byeOK},
		"an answer with another command":    {[]edit{{reply, head + "servcmd", "openim.getmsg"}, {reply, body + "ErrorCode", 1}, {reply, body + "ActionStatus", "FAIL"}}, Backend, RuleAnswersAsked, reply},
		"a reply without a code":            {[]edit{{reply, body + "ErrorCode", nil}}, Backend, RuleReplyStatus, reply},
		"OK with a code":                    {[]edit{{reply, body + "ErrorCode", 20003}}, Backend, RuleReplyStatus, reply},
		"FAIL without a code":               {[]edit{{reply, body + "ActionStatus", "FAIL"}}, Backend, RuleReplyStatus, reply},
		"a send without its time":           {[]edit{{reply, body + "MsgTime", nil}}, Backend, RuleReplyFields, reply},
		"a login without a TinyId":          {[]edit{{3, body + "TinyId", nil}}, Backend, RuleReplyFields, 3},
		"a login with instance 0":           {[]edit{{6, body + "InstId", 0}}, Backend, RuleReplyFields, 6},
		"a push without a list":             {[]edit{{group, body + "EventArray", nil}}, Backend, RulePushForm, group},
		"an event without a number":         {[]edit{{group, body + "EventArray.0.Event", nil}}, Backend, RulePushForm, group},
		"an event that does not exist":      {[]edit{{group, body + "EventArray.0.Event", 77}}, Backend, RulePushForm, group},
		"an event with another's list":      {[]edit{{group, body + "EventArray.0.Event", 9}}, Backend, RulePushForm, group},
		"a pushed message without a sender": {[]edit{{push, c2c + "From_Account", nil}}, Backend, RulePushForm, push},
		"a pushed message without elements": {[]edit{{push, c2c + "MsgBody", []int{}}}, Backend, RulePushForm, push},
		"a group message without elements":  {[]edit{{group, ofGrp + "MsgBody", []int{}}}, Backend, RulePushForm, group},
		"a push before the login":           {[]edit{{5, gone, nil}, {5, gone, nil}, {8, gone, nil}}, Backend, RulePushSession, push},
		"a push after the logout":           {[]edit{{byeOK, insert, push}}, Backend, RulePushSession, byeOK + 1},
		"a message for somebody else":       {[]edit{{push, c2c + "To_Account", "carol"}}, Backend, RulePushTo, push},
		"a message pushed twice":            {[]edit{{push, again, nil}}, Backend, RulePushOnce, push},
		"a group message pushed twice":      {[]edit{{group, again, nil}}, Backend, RulePushOnce, group},
		"group messages out of order":       {[]edit{{group, again, nil}, {group + 1, ofGrp + "MsgSeq", 4}}, Backend, RuleMessageOrder, group},
		"messages out of order":             {[]edit{{push, again, nil}, {push + 1, c2c + "MsgTimeStamp", 1699999999}}, Backend, RuleMessageOrder, push},
	} {
		t.Run(name, func(t *testing.T) {
			lines := recorded(t, clean)
			for _, e := range c.edits {
				lines = e.apply(t, lines)
			}
			found := Check(lines)
			for _, f := range found {
				if f.Side == c.side && f.Rule == c.rule && f.Frame == c.frame {
					seen[c.rule] = true
					return
				}
			}
			t.Errorf("want the %s to break %s in frame %d, got: %s", c.side, c.rule, c.frame, Explain(found))
		})
	}
	for rule, says := range Rules {
		if !seen[rule] || says == "" {
			t.Errorf("no broken frame shows %s", rule)
		}
	}
}

// A server that was started again with its state does not see the logins of
// before: who comes back names them until his login is repeated.
func TestIdentitiesOfAServersFormerLife(t *testing.T) {
	const back = `
open 1
up 1 {"head":{"servcmd":"openim.getmsg","seq":5,"a2":"***","tinyid":"144","status_instid":3},"body":{"Cookie":"","SyncFlag":0}}
down 1 {"head":{"servcmd":"openim.getmsg","seq":5},"body":{"ActionStatus":"FAIL","ErrorCode":70001,"ErrorInfo":"expired"}}
up 1 {"head":{"servcmd":"im_open_status.wslogin","seq":6,"a2":"***","tinyid":"144","status_instid":3},"body":{"State":"Online"}}
down 1 {"head":{"servcmd":"im_open_status.wslogin","seq":6},"body":{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","TinyId":"144","A2Key":"***","InstId":4,"HelloInterval":120,"TimeStamp":1700000000}}
up 1 {"head":{"servcmd":"heartbeat.alive","seq":7,"a2":"***","tinyid":"144","status_instid":3},"body":{}}
down 1 {"head":{"servcmd":"heartbeat.alive","seq":7},"body":{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}}
`
	if found := Check(recorded(t, back)); len(found) > 0 {
		t.Errorf("%s", Explain(found))
	}
	stranger := strings.ReplaceAll(back, `"seq":7,"a2":"***","tinyid":"144"`, `"seq":7,"a2":"***","tinyid":"999"`)
	if found := Check(recorded(t, stranger)); len(found) != 1 || found[0].Rule != RuleOwnIdentity {
		t.Errorf("%s", Explain(found))
	}
}

// Either side of a conversation may change a message; it is named by its
// sender.
func TestWhoModifiesAMessage(t *testing.T) {
	modify := func(from, to string) string {
		body := `"From_Account":"` + from + `","To_Account":"` + to + `","MsgSeq":7,"MsgRandom":8,"MsgTime":1700000001,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]`
		lines := strings.SplitAfter(strings.TrimSpace(clean), "\n")
		asked := []string{
			`up 2 {"head":{"servcmd":"openim.modify_c2c_msg","seq":23,"a2":"***","tinyid":"145","status_instid":1},"body":{` + body + "}}\n",
			`down 2 {"head":{"servcmd":"openim.modify_c2c_msg","seq":23},"body":{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}}` + "\n",
		}
		return strings.Join(slices.Insert(lines, group, asked...), "")
	}
	for who, broken := range map[[2]string]bool{{"bob", "alice"}: false, {"alice", "bob"}: false, {"alice", "carol"}: true} {
		found := Check(recorded(t, modify(who[0], who[1])))
		if got := slices.ContainsFunc(found, func(f Finding) bool { return f.Rule == RuleOwnAccount }); got != broken || !broken && len(found) > 0 {
			t.Errorf("%s to %s: %s", who[0], who[1], Explain(found))
		}
	}
}
