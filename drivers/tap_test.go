package drivers

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestTheTapSeesEveryLine(t *testing.T) {
	var seen []string
	d := scene(t, Options{Tap: func(l Line) {
		arrow := "<"
		if l.ToDriver {
			arrow = ">"
		}
		seen = append(seen, arrow+" "+l.Text)
	}}, func(s *stage, r request) bool {
		if r.Method == "call" {
			s.event("i1", 1, "e")
			s.answer(r, `{"sync":true,"seq":2,"value":{"userSig":"c2ln"}}`)
			return true
		}
		return false
	})
	a, err := create(t, d).Call(t.Context(), "login", map[string]any{"userID": "alice", "userSig": "c2ln"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "value", string(a.Value), `{"userSig":"c2ln"}`) // masked for the eye only
	_ = d.Close()
	equal(t, "lines", strings.Join(seen, "\n"), strings.Join([]string{
		`> {"id":1,"jsonrpc":"2.0","method":"hello","params":{"protocol":1}}`,
		`< {"jsonrpc":"2.0","id":1,"result":` + helloResult + `}`,
		`> {"id":2,"jsonrpc":"2.0","method":"create","params":{"SDKAppID":1400000000,"instance":"i1","url":"ws://127.0.0.1:1"}}`,
		`< {"jsonrpc":"2.0","id":2,"result":{}}`,
		`> {"id":3,"jsonrpc":"2.0","method":"call","params":{"api":"login","args":[{"userID":"alice","userSig":"***"}],"instance":"i1"}}`,
		`< {"jsonrpc":"2.0","method":"event","params":{"instance":"i1","seq":1,"name":"e"}}`,
		`< {"jsonrpc":"2.0","id":3,"result":{"sync":true,"seq":2,"value":{"userSig":"***"}}}`,
	}, "\n"))
}

func TestSignaturesAreMasked(t *testing.T) {
	for in, want := range map[string]string{
		`{"userSig":"a\"b-*_"}`:                    `{"userSig":"***"}`,
		`{"userSig" : "x","userID":"y"}`:           `{"userSig" : "***","userID":"y"}`,
		`{"userSig":""}`:                           `{"userSig":""}`,
		`{"userSig":null}`:                         `{"userSig":null}`,
		`{"body":"{\"userSig\":\"abc\",\"x\":1}"}`: `{"body":"{\"userSig\":\"***\",\"x\":1}"}`,
		`{"name":"userSigExpired"}`:                `{"name":"userSigExpired"}`,
	} {
		got := maskJSON([]byte(in))
		equal(t, in, got, want)
		equal(t, "still JSON: "+got, json.Valid([]byte(got)), true)
	}
	equal(t, "cut short", maskJSON([]byte(`{"userSig":"abc`)), `{"userSig":"***`)
	for in, want := range map[string]string{
		`login { userID: 'alice', userSig: 'abc' }`: `login { userID: 'alice', userSig: '***' }`,
		`?usersig=abc&x=1`:                          `?usersig=***&x=1`,
		`{"userSig":"abc"}`:                         `{"userSig":"***"}`,
		`userSig expired`:                           `userSig expired`,
	} {
		equal(t, in, maskText(in), want)
	}
}
