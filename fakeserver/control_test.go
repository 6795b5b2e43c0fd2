package fakeserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

func TestControlAPI(t *testing.T) {
	s := Run(t, Options{NoListener: true, Version: "test"})
	alice := login(t, s, inMemory, "alice")
	alice.send("alice", "note")
	for _, c := range []struct {
		call   string
		body   string
		status int
		answer string // pattern
	}{
		{"GET /_imsim/health", ``, 200, `{"sdkAppID":1400000000,"status":"ok","version":"test"}`},
		{"GET /_imsim/clock", ``, 200, `{"now":\d+}`},
		{"POST /_imsim/clock", `{"advance":"1s"}`, 200, `{"now":\d+}`},
		{"POST /_imsim/clock", `{"advance":"-1s"}`, 400, `"error":"the clock goes ahead only"`},
		{"POST /_imsim/clock", `{"advance":5}`, 400, `a duration is a string like`},
		{"POST /_imsim/clock", `{"advance":"1 hour"}`, 400, `"error":`},
		{"POST /_imsim/clock", `{"ahead":"1s"}`, 400, `unknown field`},
		{"POST /_imsim/clock", `{`, 400, `"error":"body of /_imsim/clock: `},
		{"POST /_imsim/clock", ``, 400, `"error":`},
		{"POST /_imsim/clock", `{}{}`, 400, `more than one JSON value`},
		{"POST /_imsim/usersig", `{"userID":"alice","expire":"2d"}`, 200, `{"userSig":"[^"]+"}`},
		{"POST /_imsim/usersig", `{"userID":"alice"}`, 200, `{"userSig":"[^"]+"}`},
		{"POST /_imsim/usersig", `{}`, 400, `userID is missing`},
		{"POST /_imsim/usersig", `{"userID":"alice","expire":"soon"}`, 400, `life`},
		{"POST /_imsim/users", `{"userIDs":["alice","bob"]}`, 200, `{"created":\["bob"\],"existed":\["alice"\]}`},
		{"POST /_imsim/users", `{"userIDs":[]}`, 200, `{"created":\[\],"existed":\[\]}`},
		{"POST /_imsim/users", `{"userIDs":["carol","not valid"]}`, 400, `"code":70402`},
		{"POST /_imsim/users", `{"userIDs":"bob"}`, 400, `"error":`},
		{"POST /_imsim/kick", `{"userID":"nobody","reason":"multipleDevice"}`, 400, `"code":70107`},
		{"POST /_imsim/kick", `{"userID":"alice","reason":"boredom"}`, 400, `"code":60025`},
		{"POST /_imsim/modify", `{"from":"alice","to":"bob"}`, 400, `"code":20022`},
		{"POST /_imsim/modify", `{"from":"alice","to":"alice","msgBody":[]}`, 400, `"code":90002`},
		{"POST /_imsim/modify", `{"from":"alice","to":"alice","cloudCustomData":"x"}`, 200, `{}`},
		{"GET /_imsim/faults", ``, 200, `{"faults":\[\]}`},
		{"POST /_imsim/faults", `{"latency":"5ms"}`, 200, `{"faults":\[{"latency":"5ms"}\]}`},
		{"POST /_imsim/faults", `{}`, 200, `{"faults":\[\]}`},
		{"POST /_imsim/faults", `null`, 400, `"error":`},
		{"POST /_imsim/faults", `[]`, 400, `"error":`},
		{"POST /_imsim/faults", `{"userID":"alice"}`, 400, `says nothing that goes wrong`},
		{"POST /_imsim/faults", `{"latency":"5ms","probability":2}`, 400, `probability`},
		{"POST /_imsim/faults", `{"errorReplies":{"openim.sendmsg":0}}`, 400, `0 for openim.sendmsg is no error code`},
		{"POST /_imsim/faults", `{"latency":"5ms","count":-1}`, 400, `count`},
		{"POST /_imsim/faults", `{"latency":"-5ms"}`, 400, `latency`},
		{"POST /_imsim/faults", `{"lag":"5ms"}`, 400, `unknown field`},
		{"GET /_imsim/trace?userID=alice", ``, 200, `"servcmd":"im_open_status.wslogin"`},
		{"GET /_imsim/trace?sdkappid=x", ``, 400, `not an SDKAppID`},
		{"GET /_imsim/state", ``, 200, `"imsimState": 1`},
		{"PUT /_imsim/state", `{}`, 400, `not a state of this version`},
		{"POST /_imsim/kick?sdkappid=0", `{}`, 400, `not an SDKAppID`},
		{"GET /", ``, 200, `imsim test`},
		{"GET /nowhere", ``, 404, ``},
		{"GET /_imsim/nowhere", ``, 404, `"error":"no such call: GET /_imsim/nowhere"`},
		{"GET /_imsim/kick", ``, 405, `"error":"/_imsim/kick takes POST, not GET"`},
		{"DELETE /_imsim/clock", ``, 405, `takes GET or POST, not DELETE`},
		{"POST /_imsim/health", `{}`, 405, `"error":`},
		{"OPTIONS /_imsim/kick", ``, 204, ``},
		{"POST /_imsim/kick", `{"userID":"alice","reason":"multipleDevice"}`, 200, `{"kicked":1}`},
		{"POST /_imsim/reset", ``, 200, `{}`},
	} {
		method, path, _ := strings.Cut(c.call, " ")
		status, answer := call(t, s, method, path, c.body)
		if status != c.status || !regexp.MustCompile(c.answer).MatchString(answer) {
			t.Errorf("%s %s: %d %s, want %d %s", c.call, c.body, status, answer, c.status, c.answer)
		}
		if strings.HasPrefix(path, "/_imsim/") && status >= 400 && !json.Valid([]byte(answer)) {
			t.Errorf("%s: the error is no JSON: %s", c.call, answer)
		}
	}
}

func TestResetEndsSessionsAndForgets(t *testing.T) {
	s := Run(t, Options{NoListener: true})
	alice := login(t, s, inMemory, "alice")
	other, _, err := tryOpen(t, s, inMemory, protocol.PathText, "sdkappid=7")
	if err != nil {
		t.Fatal(err)
	}
	other.login("bob")
	if status, text := call(t, s, "POST", "/_imsim/reset", ""); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	alice.wantClosed(1012, "reset")
	other.ask(protocol.CmdAuthKey, struct{}{}) // another app's
	if _, any := s.User("alice"); any {
		t.Error("alice is still there")
	}
	login(t, s, inMemory, "alice")
}

func TestUserSigsAreIssuedAtTheServersClock(t *testing.T) {
	s := Run(t, Options{NoListener: true, Secret: "key"})
	s.Advance(400 * 24 * time.Hour)
	u, err := protocol.ParseUserSig(s.UserSig("alice"))
	if err != nil || u.Verify("key", s.AppID(), "alice", s.Now()) != nil {
		t.Errorf("%+v, %v", u, err)
	}
}

func TestModifyReachesClients(t *testing.T) {
	s := Run(t, Options{NoListener: true})
	alice, bob := login(t, s, inMemory, "alice"), login(t, s, inMemory, "bob")
	alice.send("bob", "before")
	body := `{"from":"alice","to":"bob","msgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"after"}}]}`
	if status, text := call(t, s, "POST", "/_imsim/modify", body); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	if f := alice.next(); !strings.Contains(string(f.raw), `"MsgModifiedFlag":1`) || !strings.Contains(string(f.raw), "after") {
		t.Errorf("sender: %s", f.raw)
	}
	bob.next()
	if f := bob.next(); !strings.Contains(string(f.raw), `"Event":15`) {
		t.Errorf("receiver: %s", f.raw)
	}
}

func TestTraceShowsFramesAndNoTickets(t *testing.T) {
	s := Run(t, Options{NoListener: true})
	alice := login(t, s, inMemory, "alice")
	login(t, s, inMemory, "bob")
	alice.send("bob", "hi")
	bad := open(t, s, inMemory, protocol.PathText, "")
	bad.write([]byte(`{"head":{"servcmd":"x","usersig":"secret-tick`))
	<-bad.gone
	_, all := call(t, s, "GET", "/_imsim/trace", "")
	if strings.Contains(all, "secret-tick") || strings.Contains(all, alice.a2) {
		t.Errorf("a ticket shows in\n%s", all)
	}
	_, own := call(t, s, "GET", "/_imsim/trace?userID=alice", "")
	var got []string
	for _, line := range strings.Split(own, "\n") {
		var e struct {
			Dir, UserID string
			Frame       struct{ Head struct{ ServCmd string } }
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.UserID != "alice" {
			t.Fatalf("%v in %s", err, line)
		}
		got = append(got, e.Dir+" "+e.Frame.Head.ServCmd)
	}
	if want := []string{"up im_open_status.wslogin", "down im_open_status.wslogin", "up openim.sendmsg", "down openim.sendmsg"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for i := range traceLength {
		alice.write(alice.request(protocol.CmdAlive, i))
	}
	alice.barrier()
	_, all = call(t, s, "GET", "/_imsim/trace", "")
	if n := strings.Count(all, "\n") + 1; n != traceLength {
		t.Errorf("%d lines", n)
	}
}

func TestLife(t *testing.T) {
	for text, want := range map[string]time.Duration{"180d": 180 * 24 * time.Hour, "0.5d": 12 * time.Hour, "90s": 90 * time.Second, "1h30m": 90 * time.Minute} {
		var l Life
		if err := l.UnmarshalText([]byte(text)); err != nil || time.Duration(l) != want {
			t.Errorf("%s: %v, %v", text, time.Duration(l), err)
		}
	}
	for _, bad := range []string{"", "d", "xd", "5", "5 days"} {
		var l Life
		if err := l.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is %v", bad, fmt.Sprint(l))
		}
	}
}
