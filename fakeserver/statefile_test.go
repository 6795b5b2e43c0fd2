package fakeserver

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

// roam is the newest messages of a chat as the reply that carries them.
func (c *sdk) roam(peer string) string {
	c.t.Helper()
	return string(c.ask(protocol.CmdGetRoamMsg, protocol.GetRoamMsgRequest{PeerAccount: peer, MaxCnt: 20, WithRecalledMsg: 1}).Body)
}

func (c *sdk) contacts() string {
	c.t.Helper()
	return string(c.ask(protocol.CmdContactPage, protocol.ContactPageRequest{}).Body)
}

func TestStateSurvivesARestart(t *testing.T) {
	o := Options{NoListener: true, State: filepath.Join(t.TempDir(), "state.json")}
	views := func(s *Server) (list []string) {
		bob := login(t, s, inMemory, "bob")
		defer bob.close()
		return []string{bob.roam("alice"), bob.contacts(), string(bob.ask(protocol.CmdGetMsg, protocol.GetMsgRequest{}).Body)}
	}
	first, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	alice := login(t, first, inMemory, "alice")
	if _, _, err := first.CreateUsers("bob"); err != nil {
		t.Fatal(err)
	}
	alice.send("bob", "one")
	first.Advance(48 * time.Hour)
	alice.send("bob", "two")
	other, _, err := tryOpen(t, first, inMemory, protocol.PathText, "sdkappid=7")
	if err != nil {
		t.Fatal(err)
	}
	other.login("carol")
	want, now := views(first), first.Now()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	second := Run(t, o)
	if got := views(second); !slices.Equal(got, want) {
		t.Errorf("after the restart\n%s\nbefore\n%s", got, want)
	}
	if second.Now().Before(now) {
		t.Errorf("the clock went back from %v to %v", now, second.Now())
	}
	if _, any := second.App(7).User("carol"); !any {
		t.Error("the other app's user is gone")
	}
	// A client that knows the first server only by its ticket logs in again.
	back := open(t, second, inMemory, protocol.PathText, "")
	back.user, back.a2, back.tiny = "alice", alice.a2, alice.tiny
	if f := back.ask(protocol.CmdLogin, struct{}{}); f.ErrorCode != int(protocol.CodeTicketExpired) {
		t.Errorf("%s", f.raw)
	}
	back.a2 = ""
	back.login("alice")
	if back.tiny != alice.tiny {
		t.Errorf("tiny ID %s was %s", back.tiny, alice.tiny)
	}
}

// A state that is broken is refused with its place, and nothing has changed.
func TestBrokenStatesAreRefusedWhole(t *testing.T) {
	s := Run(t, Options{NoListener: true})
	alice := login(t, s, inMemory, "alice")
	login(t, s, inMemory, "bob")
	alice.send("bob", "one")
	alice.send("bob", "two")
	good, err := s.State()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, place string }{
		{"cut off", "", "", "line "},
		{"syntax", `"users": [`, `"users": ![`, "line "},
		{"wrong type", `"userID": "alice"`, `"userID": 7`, "line "},
		{"unknown field", `"userID": "alice"`, `"userID": "alice", "age": 7`, `unknown field "age"`},
		{"version", `"imsimState": 1`, `"imsimState": 99`, "imsimState is 99"},
		{"no app", `"sdkAppID": 1400000000`, `"sdkAppID": 0`, "worlds[0]"},
		{"user twice", `"userID": "bob"`, `"userID": "alice"`, "worlds[0].users[1]"},
		{"bad user", `"userID": "bob"`, `"userID": "b b"`, "worlds[0].users[1]"},
		{"tinyID twice", `"tinyID": "144115200000000002"`, `"tinyID": "144115200000000001"`, "worlds[0].users[1]"},
		{"tinyID above the counter", `"tinyID": "144115200000000002"`, `"tinyID": "144115200000000009"`, "worlds[0].users[1]"},
		{"tinyID no number", `"tinyID": "144115200000000002"`, `"tinyID": "x"`, "worlds[0].users[1]"},
		{"conversation type", `"type": 1`, `"type": 5`, "worlds[0].users[0]"},
		{"stranger", `"to": "bob"`, `"to": "carol"`, "worlds[0].chats[0]: messages[0]"},
		{"number twice", `"no": 2`, `"no": 1`, "worlds[0].chats[0]: messages[1]"},
		{"number above the counter", `"no": 2`, `"no": 9`, "worlds[0].chats[0]: messages[1]"},
		{"number 0", `"no": 1`, `"no": 0`, "worlds[0].chats[0]: messages[0]"},
		{"body", `"MsgType": "TIMTextElem"`, `"MsgType": ""`, "worlds[0].chats[0]: messages[0]"},
	} {
		bad := strings.Replace(string(good), c.old, c.new, 1)
		if c.old == "" {
			bad = string(good[:len(good)/2])
		} else if bad == string(good) {
			t.Fatalf("%s: the state has no %s:\n%s", c.name, c.old, good)
		}
		if err := s.SetState([]byte(bad)); err == nil || !strings.Contains(err.Error(), c.place) {
			t.Errorf("%s: %v, want its place, %s", c.name, err, c.place)
		}
		if status, text := call(t, s, "PUT", "/_imsim/state", bad); status != http.StatusBadRequest {
			t.Errorf("%s by the control API: %d %s", c.name, status, text)
		}
		path := filepath.Join(t.TempDir(), "state.json")
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if started, err := Start(Options{NoListener: true, State: path}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s as a file: %v", c.name, err)
			if started != nil {
				started.Close()
			}
		}
	}
	after, err := s.State()
	if err != nil || !bytes.Equal(after, good) {
		t.Errorf("%v; the state is now\n%s", err, after)
	}
	alice.ask(protocol.CmdAuthKey, struct{}{}) // still connected, still logged in
}

func TestPutStateEndsSessions(t *testing.T) {
	s := Run(t, Options{NoListener: true})
	alice := login(t, s, inMemory, "alice")
	good, _ := s.State()
	if _, _, err := s.CreateUsers("later"); err != nil {
		t.Fatal(err)
	}
	if status, text := call(t, s, "PUT", "/_imsim/state", string(good)); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	alice.wantClosed(1012, "replaced")
	if _, any := s.User("later"); any {
		t.Error("what came after is still there")
	}
	login(t, s, inMemory, "alice")
}

// A save that fails says so and leaves the old file as it was.
func TestFailingSaveKeepsTheOldFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "states")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "state.json")
	s, err := Start(Options{NoListener: true, State: path})
	if err != nil {
		t.Fatal(err)
	}
	login(t, s, inMemory, "alice")
	// A directory in the file's place cannot be replaced by a file, whoever asks.
	if err := os.MkdirAll(filepath.Join(path, "kept"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err == nil || !strings.Contains(err.Error(), "save state") {
		t.Errorf("close: %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if _, err := os.Stat(filepath.Join(path, "kept")); err != nil {
		t.Error(err)
	}
}
