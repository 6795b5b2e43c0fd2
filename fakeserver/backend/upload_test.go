package backend

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

func TestUploadURLsAreSignedAndExpire(t *testing.T) {
	w := newWorld(t, Config{UploadKey: "key"})
	alice := w.login("alice")
	alice.a2 = "" // the SDKs send identifier and usersig here
	r := ask[protocol.PreSigReply](alice, protocol.CmdPreSig, protocol.PreSigRequest{FileType: 1, FileName: "a/b c?.png", Duration: 900})
	if r.ErrorCode != protocol.OK || r.ExpiredTime != start.Add(900*time.Second).Unix() {
		t.Fatalf("%+v", r)
	}
	u, err := url.Parse(r.UploadURL)
	if err != nil {
		t.Fatal(err)
	}
	object := strings.TrimPrefix(u.Path, UploadPath+"1400000000/")
	if object != "1-a/b c?.png" || !strings.HasPrefix(u.EscapedPath(), UploadPath+"1400000000/1-a%2F") {
		t.Errorf("path %s, object %q", u.EscapedPath(), object)
	}
	late := w.at.Add(900 * time.Second)
	for _, c := range []struct {
		name, key string
		app       uint32
		object    string
		query     string
		at        time.Time
		ok        bool
	}{
		{"good", "key", appID, object, u.RawQuery, w.at, true},
		{"in its last second", "key", appID, object, u.RawQuery, late, true},
		{"expired", "key", appID, object, u.RawQuery, late.Add(time.Second), false},
		{"another key", "k", appID, object, u.RawQuery, w.at, false},
		{"another app", "key", 1, object, u.RawQuery, w.at, false},
		{"another object", "key", appID, "1-x", u.RawQuery, w.at, false},
		{"prolonged", "key", appID, object, strings.Replace(u.RawQuery, "expires=1", "expires=2", 1), w.at, false},
		{"no query", "key", appID, object, "", w.at, false},
	} {
		query, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckUpload(c.key, c.app, c.object, query, c.at); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestPreSigCodes(t *testing.T) {
	const secret = "the key of the app"
	w := newWorld(t, Config{Secret: secret})
	sig := protocol.MakeUserSig(secret, appID, "alice", start, time.Hour)
	alice := w.dial()
	alice.usersig = sig
	alice.tryLogin("alice")
	a2 := alice.a2
	good := protocol.PreSigRequest{FileType: 255, FileName: "x"}
	for _, c := range []struct {
		name, user, sig, a2 string
		req                 protocol.PreSigRequest
		want                protocol.Code
	}{
		{"by usersig", "alice", sig, "", good, protocol.OK},
		{"by a2", "alice", "", a2, good, protocol.OK},
		{"unknown a2", "alice", sig, "x", good, protocol.CodeTicketExpired},
		{"wrong sig", "alice", "x", "", good, protocol.CodeUserSigMalformed},
		{"another's sig", "bob", sig, "", good, protocol.CodeUserSigOtherUser},
		{"never logged in", "bob", protocol.MakeUserSig(secret, appID, "bob", start, time.Hour), "", good, protocol.CodeAccountMissing},
		{"no name", "alice", sig, "", protocol.PreSigRequest{FileType: 1}, protocol.CodeBadPacket},
		{"long name", "alice", sig, "", protocol.PreSigRequest{FileType: 1, FileName: strings.Repeat("x", 256)}, protocol.CodeBadPacket},
		{"no type", "alice", sig, "", protocol.PreSigRequest{FileName: "x"}, protocol.CodeBadPacket},
	} {
		alice.user, alice.usersig, alice.a2 = c.user, c.sig, c.a2
		if got := alice.code(protocol.CmdPreSig, c.req); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
