package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const goodSend = `{"From_Account":"a","To_Account":"bob","MsgTimeStamp":1,"MsgSeq":2,"MsgRandom":3,` +
	`"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi"}}],"CloudCustomData":"c","From_AccountNick":"n",` +
	`"From_AccountHeadurl":"u","MsgLifeTime":0,"OfflinePushInfo":{"PushFlag":0},"SendMsgControl":["NoUnread"],` +
	`"MsgClientTime":5,"IsNeedReadReceipt":1,"SupportMessageExtension":1,"Unknown":{"x":1}}`

func TestParseSendMsgReadsEveryField(t *testing.T) {
	got, err := ParseSendMsg(json.RawMessage(goodSend))
	if err != nil {
		t.Fatal(err)
	}
	var want SendMsgRequest
	if err := json.Unmarshal([]byte(goodSend), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("got  %+v\nwant %+v", *got, want)
	}
	if !got.OnlineOnly() {
		t.Error("MsgLifeTime 0 is for online receivers only")
	}
}

// codeOf is the documented code of a refusal, -1 if it has none, 0 without one.
func codeOf(err error) Code {
	var coded *Error
	switch {
	case err == nil:
		return OK
	case errors.As(err, &coded):
		return coded.Code
	}
	return -1
}

func TestParseSendMsgRefusesWrongTypes(t *testing.T) {
	const text, object, null, array, yes, float, huge, negative = `"x"`, `{}`, `null`, `[]`, `true`, `1.5`, `99999999999999999999`, `-1`
	for _, c := range []struct {
		field string
		want  Code
		wrong []string
	}{
		{"From_Account", CodeMsgFromAccount, []string{object, array, yes, float}},
		{"To_Account", CodeMsgToAccount, []string{object, array, yes, float, null, `""`}},
		{"MsgTimeStamp", CodeMsgTimeStamp, []string{text, object, array, yes, float, huge, null}},
		{"MsgClientTime", CodeMsgTimeStamp, []string{text, object, array, yes, float, huge, null}},
		{"MsgSeq", CodeMsgFormat, []string{text, object, array, yes, float, huge, null, negative, `4294967296`, `1e3`}},
		{"MsgRandom", CodeMsgRandom, []string{text, object, array, yes, float, huge, null, negative, `4294967296`}},
		{"MsgBody", CodeMsgBody, []string{text, object, array, yes, float, null}},
		{"MsgBody", CodeMsgBodyType, []string{`[1]`, `[null]`, `[[]]`, `[{}]`, `["x"]`,
			`[{"MsgType":"T"}]`, `[{"MsgContent":{}}]`, `[{"MsgType":"","MsgContent":{}}]`, `[{"MsgType":1,"MsgContent":{}}]`,
			`[{"MsgType":"T","MsgContent":"x"}]`, `[{"MsgType":"T","MsgContent":{}},7]`}},
		{"CloudCustomData", CodeMsgFormat, []string{object, array, yes, float}},
		{"From_AccountNick", CodeMsgFormat, []string{object, array, yes, float}},
		{"From_AccountHeadurl", CodeMsgFormat, []string{object, array, yes, float}},
		{"MsgLifeTime", CodeMsgLifeTime, []string{text, object, array, yes, float, huge, null}},
	} {
		for _, wrong := range c.wrong {
			if _, err := ParseSendMsg(with(t, goodSend, c.field, wrong)); codeOf(err) != c.want {
				t.Errorf("%s %s: %v, want %d", c.field, wrong, err, c.want)
			}
		}
	}
	for field, want := range map[string]Code{"To_Account": CodeMsgToAccount, "MsgRandom": CodeMsgRandom, "MsgBody": CodeMsgBody,
		"From_Account": OK, "MsgSeq": OK, "MsgTimeStamp": OK, "MsgLifeTime": OK, "CloudCustomData": OK, "SendMsgControl": OK} {
		if _, err := ParseSendMsg(with(t, goodSend, field, "")); codeOf(err) != want {
			t.Errorf("without %s: %v, want %d", field, err, want)
		}
	}
}

// Fields that change nothing of who gets what are taken as they come: 2.27
// sends null where 3.6 sends nothing.
func TestParseSendMsgToleratesTheRest(t *testing.T) {
	for _, field := range []string{"OfflinePushInfo", "SendMsgControl", "IsNeedReadReceipt", "SupportMessageExtension", "Unknown"} {
		for _, odd := range []string{`null`, `{}`, `[]`, `"x"`, `7`, `[[null]]`, `1e99`} {
			if _, err := ParseSendMsg(with(t, goodSend, field, odd)); err != nil {
				t.Errorf("%s %s: %v", field, odd, err)
			}
		}
	}
	for _, field := range []string{"From_Account", "CloudCustomData", "From_AccountNick", "From_AccountHeadurl"} {
		if _, err := ParseSendMsg(with(t, goodSend, field, "null")); err != nil {
			t.Errorf("%s null: %v", field, err)
		}
	}
}

// with returns a JSON object with one field replaced; an empty value takes it
// out.
func with(t testing.TB, object, field, value string) json.RawMessage {
	t.Helper()
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(object), &fields); err != nil {
		t.Fatal(err)
	}
	if fields[field] = json.RawMessage(value); value == "" {
		delete(fields, field)
	}
	out, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func FuzzParseSendMsg(f *testing.F) {
	f.Add([]byte(goodSend))
	f.Add([]byte(`{"To_Account":"b","MsgRandom":1,"MsgBody":[{"MsgType":"\ud800","MsgContent":{"":[]}}]}`))
	f.Add([]byte(`{"To_Account":"b","To_Account":1,"MsgRandom":-0,"MsgBody":[]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if checkText(body) != nil {
			return // never gets here: bodies are parts of checked frames
		}
		r, err := ParseSendMsg(body)
		if err != nil {
			if code := codeOf(err); code < CodeMsgJSON || code > CodeMsgKey || r != nil {
				t.Fatalf("%v (%v)", err, r)
			}
			return
		}
		if r.ToAccount == "" || !json.Valid(r.MsgBody) || CheckMsgBody(r.MsgBody) != nil {
			t.Fatalf("taken: %+v", r)
		}
		m := C2CMessage{ToAccount: r.ToAccount, CloudCustomData: r.CloudCustomData, MsgBody: r.MsgBody}
		if !json.Valid(m.Append(nil)) {
			t.Fatalf("not JSON: %s", m.Append(nil))
		}
	})
}

func drawMessage(t *rapid.T) *C2CMessage {
	text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{"", "\u2028\u2029", "\x00\x1f\x7f", `"\/<>&'`, "\xff\xfe", "𝔘\u200d", "\ufffd"}))
	flag := rapid.OneOf(rapid.Just(0), rapid.Int())
	m := &C2CMessage{
		FromAccount: text.Draw(t, "from"), ToAccount: text.Draw(t, "to"), MsgSeq: rapid.Uint32().Draw(t, "seq"),
		MsgRandom: rapid.Uint32().Draw(t, "random"), MsgTimeStamp: rapid.Int64().Draw(t, "time"), TinyID: text.Draw(t, "tiny"),
		MsgClientTime: rapid.Int64().Draw(t, "clientTime"), FromAccountNick: text.Draw(t, "nick"), FromAccountHeadURL: text.Draw(t, "url"),
		CloudCustomData: text.Draw(t, "custom"), MsgFlagBits: flag.Draw(t, "bits"), IsSyncMsg: flag.Draw(t, "sync"),
		MsgModifiedFlag: flag.Draw(t, "modified"), MsgVersion: flag.Draw(t, "version"), IsNeedReadReceipt: flag.Draw(t, "receipt"),
		SendMsgControl: rapid.MapOfN(text, rapid.Int(), 0, 3).Draw(t, "control"),
	}
	if rapid.Bool().Draw(t, "hasLife") {
		life := rapid.Int64().Draw(t, "life")
		m.MsgLifeTime = &life
	}
	body, err := json.Marshal([]map[string]any{{"MsgType": "T", "MsgContent": map[string]string{text.Draw(t, "key"): text.Draw(t, "value")}}})
	if err != nil {
		t.Fatal(err)
	}
	if rapid.Bool().Draw(t, "hasBody") {
		m.MsgBody = body
	}
	return m
}

// sameJSON compares what two texts mean.
func sameJSON(t interface{ Fatalf(string, ...any) }, got, want []byte) {
	read := func(text []byte) (v any) {
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.UseNumber()
		if err := dec.Decode(&v); err != nil {
			t.Fatalf("%v in %q", err, text)
		}
		return v
	}
	if !reflect.DeepEqual(read(got), read(want)) {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
}

func TestAppendIsWhatEncodingJSONWrites(t *testing.T) {
	type plain C2CMessage // without MarshalJSON
	rapid.Check(t, func(t *rapid.T) {
		m := drawMessage(t)
		want, err := json.Marshal((*plain)(m))
		if err != nil {
			t.Fatal(err)
		}
		sameJSON(t, m.Append(nil), want)
		if got, err := json.Marshal(m); err != nil {
			t.Fatal(err)
		} else {
			sameJSON(t, got, want)
		}
	})
}

// The hot path's frames are those of the general encoder.
func TestHotFramesAreTheGeneralOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, session := drawMessage(t), rapid.String().Draw(t, "session")
		push := Push{EventArray: []PushEvent{{Event: EventC2CMsg, C2CMsgArray: []*C2CMessage{m}}}, SessionData: session}
		if session != "" {
			push.NeedAck = 1
		}
		want, err := EncodeFrame(nil, CmdPush, SeqNumber(9), push)
		if err != nil {
			t.Fatal(err)
		}
		sameJSON(t, AppendC2CPush(nil, 9, m, session), want)

		reply := &SendMsgReply{MsgTime: rapid.Int64().Draw(t, "time"), MsgKey: MsgKey{m.MsgSeq, m.MsgRandom, m.MsgTimeStamp}.String()}
		want, err = EncodeReply(nil, CmdSendMsg, `"s"`, reply)
		if err != nil {
			t.Fatal(err)
		}
		if got := AppendSendMsgReply(nil, CmdSendMsg, `"s"`, reply.MsgTime, reply.MsgKey); !bytes.Equal(got, want) {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	})
}

func TestMsgKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := MsgKey{rapid.Uint32().Draw(t, "seq"), rapid.Uint32().Draw(t, "random"), rapid.Int64().Draw(t, "time")}
		if got, err := ParseMsgKey(key.String()); err != nil || got != key {
			t.Fatalf("%v: %v, %v", key, got, err)
		}
	})
	for _, bad := range []string{"", "1", "1_2", "1_2_3_4", "a_2_3", "1_b_3", "1_2_c", "-1_2_3", "4294967296_2_3", "1_4294967296_3",
		"1_2_9223372036854775808", "__", " 1_2_3", "1_2_3\n", strings.Repeat("1", 1000)} {
		if _, err := ParseMsgKey(bad); codeOf(err) != CodeMsgKey {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestCheckMsgBody(t *testing.T) {
	for body, want := range map[string]Code{
		`[{"MsgType":"T","MsgContent":{}}]`: OK, `[]`: CodeMsgBody, `{`: CodeMsgJSON, ``: CodeMsgJSON, `null`: CodeMsgBody,
		`[{"MsgType":"T","MsgContent":null}]`: CodeMsgBodyType, "[\"\xff\"]": CodeMsgJSON,
	} {
		if err := CheckMsgBody(json.RawMessage(body)); codeOf(err) != want {
			t.Errorf("%s: %v, want %d", body, err, want)
		}
	}
}

// Every code has a sentence of its own, or is shared on purpose.
func TestEveryCodeHasAText(t *testing.T) {
	for code, text := range codeTexts {
		if text == "" || code.Text() != text {
			t.Errorf("code %d: %q", code, text)
		}
	}
	if got := Code(4711).Text(); got != "error 4711" {
		t.Errorf("unknown code: %q", got)
	}
	if got := fmt.Sprint(NewError(CodeNoAccount)); got != "sender or receiver is not an account (20003)" {
		t.Errorf("error text: %q", got)
	}
}
