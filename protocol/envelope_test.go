package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseRequest(t *testing.T) {
	for _, c := range []struct {
		name, frame string
		cmd         string
		seq         Seq
		body        string
		err         error
	}{
		{"number seq", `{"head":{"servcmd":"a.b","seq":7},"body":{"x":1}}`, "a.b", "7", `{"x":1}`, nil},
		{"string seq", `{"head":{"servcmd":"a.b","seq":"7"},"body":{}}`, "a.b", `"7"`, `{}`, nil},
		{"odd string seq", `{"head":{"servcmd":"a.b","seq":"\"\u0000<é"},"body":{}}`, "a.b", `"\"\u0000<é"`, `{}`, nil},
		{"huge seq", `{"head":{"servcmd":"a.b","seq":123456789012345678901234567890},"body":{}}`, "a.b", "123456789012345678901234567890", `{}`, nil},
		{"float seq", `{"head":{"servcmd":"a.b","seq":-1.5e400},"body":{}}`, "a.b", "-1.5e400", `{}`, nil},
		{"body first", `{"body":{"x":[]},"head":{"seq":1,"servcmd":"c"}}`, "c", "1", `{"x":[]}`, nil},
		{"no body", `{"head":{"servcmd":"c","seq":1}}`, "c", "1", `{}`, nil},
		{"body null", `{"head":{"servcmd":"c","seq":1},"body":null}`, "c", "1", `{}`, nil},
		{"body array", `{"head":{"servcmd":"c","seq":1},"body":[1]}`, "c", "1", `{}`, nil},
		{"body string", `{"head":{"servcmd":"c","seq":1},"body":"{}"}`, "c", "1", `{}`, nil},
		{"escaped keys", `{"he\u0061d":{"serv\u0063md":"c","seq":1}}`, "c", "1", `{}`, nil},
		{"white space", " {\n\"head\" : { \"servcmd\" :\t\"c\" , \"seq\" : 1 } }\r\n", "c", "1", `{}`, nil},

		{"empty", ``, "", "", "", ErrNotJSON},
		{"half", `{"head":{"servcmd":"c","seq":1},"bo`, "", "", "", ErrNotJSON},
		{"two values", `{"head":{"servcmd":"c","seq":1}}{}`, "", "", "", ErrNotJSON},
		{"bare word", `hello`, "", "", "", ErrNotJSON},
		{"NaN", `{"head":{"servcmd":"c","seq":NaN}}`, "", "", "", ErrNotJSON},
		{"control character in a string", "{\"head\":{\"servcmd\":\"c\n\",\"seq\":1}}", "", "", "", ErrNotJSON},
		{"not UTF-8", "{\"head\":{\"servcmd\":\"c\",\"seq\":1},\"body\":{\"x\":\"\xff\"}}", "", "", "", ErrNotUTF8},
		{"binary", "\x00\x01\xfe\xff", "", "", "", ErrNotUTF8},
		{"brackets", strings.Repeat("[", 4<<20), "", "", "", ErrTooDeep},
		{"deep body", `{"head":{"servcmd":"c","seq":1},"body":{"x":` + strings.Repeat(`{"a":`, MaxDepth) + `1` + strings.Repeat("}", MaxDepth) + `}}`, "", "", "", ErrTooDeep},
		{"null", `null`, "", "", "", ErrNoHead},
		{"array", `[]`, "", "", "", ErrNoHead},
		{"array of pairs", `["head",{"servcmd":"c","seq":1}]`, "", "", "", ErrNoHead},
		{"number", `17`, "", "", "", ErrNoHead},
		{"no head", `{"body":{}}`, "", "", "", ErrNoHead},
		{"head null", `{"head":null}`, "", "", "", ErrNoHead},
		{"head string", `{"head":"{}"}`, "", "", "", ErrNoHead},
		{"head array", `{"head":[1,2]}`, "", "", "", ErrNoHead},
		{"no servcmd", `{"head":{"seq":1}}`, "", "", "", ErrNoServCmd},
		{"servcmd empty", `{"head":{"servcmd":"","seq":1}}`, "", "", "", ErrNoServCmd},
		{"servcmd number", `{"head":{"servcmd":5,"seq":1}}`, "", "", "", ErrNoServCmd},
		{"no seq", `{"head":{"servcmd":"c"}}`, "", "", "", ErrNoSeq},
		{"seq null", `{"head":{"servcmd":"c","seq":null}}`, "", "", "", ErrNoSeq},
		{"seq object", `{"head":{"servcmd":"c","seq":{}}}`, "", "", "", ErrNoSeq},
		{"seq true", `{"head":{"servcmd":"c","seq":true}}`, "", "", "", ErrNoSeq},
	} {
		t.Run(c.name, func(t *testing.T) {
			req, err := ParseRequest([]byte(c.frame))
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if req.Head.ServCmd != c.cmd || req.Head.Seq != c.seq || string(req.Body) != c.body {
				t.Errorf("got %q %s %s", req.Head.ServCmd, req.Head.Seq, req.Body)
			}
		})
	}
}

// Many brackets side by side, or inside a string, are not depth.
func TestBroadFramesAreNotDeep(t *testing.T) {
	for _, body := range []string{
		`[` + strings.Repeat(`[],{},`, 2*MaxDepth) + `0]`,
		`"` + strings.Repeat(`[{`, 2*MaxDepth) + `\"[[` + `"`,
		strings.Repeat(`[`, MaxDepth-2) + strings.Repeat(`]`, MaxDepth-2),
	} {
		if _, err := ParseRequest([]byte(`{"head":{"servcmd":"c","seq":1},"body":{"x":` + body + `}}`)); err != nil {
			t.Errorf("%.20s…: %v", body, err)
		}
	}
}

func TestHeadFieldsOfWrongTypesAreAbsent(t *testing.T) {
	const want = "c"
	for _, wrong := range []string{`null`, `true`, `[]`, `{}`, `1.5`, `-1`, `1e400`, `"x"`} {
		frame := `{"head":{"servcmd":"c","seq":1`
		for _, key := range []string{"ver", "platform", "websdkappid", "a2", "identifier", "usersig", "status_instid", "sdkappid", "reqtime", "sdkability", "tjgID", "tinyid"} {
			frame += `,"` + key + `":` + wrong
		}
		req, err := ParseRequest([]byte(frame + `}}`))
		if err != nil || req.Head.ServCmd != want {
			t.Errorf("%s: %v", wrong, err)
		}
		if wrong != `"x"` && (req.Head.A2 != "" || req.Head.Identifier != "" || req.Head.UserSig != "") {
			t.Errorf("%s was taken as a text: %+v", wrong, req.Head)
		}
	}
	req, _ := ParseRequest([]byte(`{"head":{"servcmd":"c","seq":1,"tinyid":144115200000000001}}`))
	if req.Head.TinyID != "144115200000000001" {
		t.Errorf("a number as tinyid lost digits: %q", req.Head.TinyID)
	}
}

func TestRequestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		head := Head{
			ServCmd: rapid.StringN(1, 20, -1).Draw(t, "servcmd"), Seq: SeqNumber(rapid.Uint64().Draw(t, "seq")),
			Ver: text.Draw(t, "ver"), Platform: 7, WebSDKVersion: text.Draw(t, "sdk"), A2: text.Draw(t, "a2"),
			TinyID: text.Draw(t, "tiny"), Identifier: text.Draw(t, "id"), UserSig: text.Draw(t, "sig"),
			StatusInstID: rapid.Uint32().Draw(t, "inst"), SDKAppID: rapid.Uint32().Draw(t, "app"),
			ReqTime: rapid.Int64().Draw(t, "time"), SDKAbility: rapid.Int64().Draw(t, "ability"), TjgID: text.Draw(t, "tjg"),
		}
		frame, err := EncodeRequest(nil, &head, map[string]string{"k": text.Draw(t, "body")})
		if err != nil {
			t.Fatal(err)
		}
		req, err := ParseRequest(frame)
		if err != nil {
			t.Fatalf("%v: %s", err, frame)
		}
		if req.Head != head {
			t.Fatalf("got  %+v\nwant %+v", req.Head, head)
		}
	})
}

func TestParseDownlink(t *testing.T) {
	for _, c := range []struct {
		frame string
		want  Downlink
		err   error
	}{
		{`{"head":{"servcmd":"a","seq":3},"body":{"ErrorCode":20003,"ErrorInfo":"no"}}`,
			Downlink{"a", "3", json.RawMessage(`{"ErrorCode":20003,"ErrorInfo":"no"}`), 20003, "no"}, nil},
		{`{"head":{"servcmd":"a","seq":"3"},"body":[1]}`, Downlink{"a", "3", json.RawMessage(`[1]`), 0, ""}, nil},
		{`{"head":{"servcmd":"a"}}`, Downlink{ServCmd: "a", Body: json.RawMessage("")}, nil},
		{`{"head":{"seq":1}}`, Downlink{}, ErrNoServCmd},
		{`{"body":{}}`, Downlink{}, ErrNoHead},
		{`{`, Downlink{}, ErrNotJSON},
		{strings.Repeat("[", 8<<20), Downlink{}, ErrTooDeep},
	} {
		got, err := ParseDownlink([]byte(c.frame))
		if !errors.Is(err, c.err) || got.ServCmd != c.want.ServCmd || got.Seq != c.want.Seq ||
			!bytes.Equal(got.Body, c.want.Body) || got.ErrorCode != c.want.ErrorCode || got.ErrorInfo != c.want.ErrorInfo {
			t.Errorf("%.60s: got %+v, %v", c.frame, got, err)
		}
	}
}

// A reply repeats the sequence just as it came, so that every client finds its
// request again.
func TestReplyRepeatsSeq(t *testing.T) {
	for _, seq := range []string{`7`, `"7"`, `1e3`, `123456789012345678901234567890`, `"a\"b"`} {
		req, err := ParseRequest([]byte(`{"head":{"servcmd":"a.b","seq":` + seq + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		frame, err := EncodeReply(nil, req.Head.ServCmd, req.Head.Seq, &Status{})
		want := `{"head":{"servcmd":"a.b","seq":` + seq + `},"body":{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}}`
		if err != nil || string(frame) != want {
			t.Errorf("got %s, %v", frame, err)
		}
	}
}

func TestEncodingKeepsAngleBrackets(t *testing.T) {
	frame, err := EncodeFrame(nil, "a", "1", map[string]string{"x": "<b>&"})
	if err != nil || !bytes.Contains(frame, []byte(`"<b>&"`)) {
		t.Errorf("%s, %v", frame, err)
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(`{"head":{"servcmd":"openim.sendmsg","seq":1,"a2":"x","tinyid":"1"},"body":{"To_Account":"bob"}}`))
	f.Add([]byte(`{"head":{"servcmd":"a","seq":"\ud800"},"body":{}}`))
	f.Add([]byte(`{"head":{"seq":1e99}}`))
	f.Add(bytes.Repeat([]byte(`[{"a":`), 600))
	f.Fuzz(func(t *testing.T, frame []byte) {
		kept := bytes.Clone(frame)
		req, err := ParseRequest(frame)
		if err != nil {
			return
		}
		reply, err := EncodeReply(nil, req.Head.ServCmd, req.Head.Seq, &Status{})
		if err != nil || !json.Valid(reply) || !json.Valid(req.Body) {
			t.Fatalf("reply %s to %s: %v", reply, kept, err)
		}
		for i := range frame { // the frame's owner may reuse it
			frame[i] = 'x'
		}
		again, err := ParseRequest(kept)
		if err != nil || again.Head != req.Head || !bytes.Equal(again.Body, req.Body) {
			t.Fatalf("not the same twice: %s", kept)
		}
	})
}

func FuzzParseDownlink(f *testing.F) {
	f.Add([]byte(`{"head":{"servcmd":"im_open_push.msg_push","seq":1},"body":{"EventArray":[]}}`))
	f.Add([]byte(`{"head":{"servcmd":"a","seq":"x"},"body":{"ErrorCode":1e99,"ErrorInfo":5}}`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		d, err := ParseDownlink(frame)
		if err == nil && (d.ServCmd == "" || len(d.Body) > 0 && !json.Valid(d.Body)) {
			t.Fatalf("%+v of %s", d, frame)
		}
	})
}
