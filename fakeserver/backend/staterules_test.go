package backend

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestBrokenRelationsAreRefusedWithTheirPlace(t *testing.T) {
	for part, want := range map[string]string{
		`"relations":{"blocked":[{"userID":"bob","time":1},{"userID":"bob","time":2}]}`: `cannot have blocked "bob"`,
		`"relations":{"blocked":[{"userID":"alice","time":1}]}`:                         `cannot have blocked "alice"`,
		`"relations":{"blocked":[{"userID":"a b","time":1}]}`:                           `cannot have blocked "a b"`,
		`"peerMute":{"bob":3}`: `peerMute: "bob"`,
		`"peerMute":{"bob":0}`: `peerMute: "bob"`,
		`"peerMute":{"":1}`:    `peerMute: ""`,
		``:                     ``,
		`"peerMute":{"bob":2},"mute":{"c2cUntil":7},"userSigsFrom":9`: ``,
	} {
		if part != "" {
			part = "," + part
		}
		var st State
		text := `{"sdkAppID":1400000000,"counters":{"tinyID":1},"chats":[],"users":[{"userID":"alice","tinyID":"144115200000000001"` + part + `}]}`
		if err := json.Unmarshal([]byte(text), &st); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		_, err := Load(&st, Config{})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", part, err, want)
		}
	}
	for list, ok := range map[string]bool{`[{}]`: true, `{}`: false, `"x"`: false} {
		st := &State{SDKAppID: appID, Relays: map[string]relay{"key": {Time: 1, List: json.RawMessage(list)}}}
		if _, err := Load(st, Config{}); (err == nil) != ok {
			t.Errorf("relay %s: %v", list, err)
		}
	}
}
