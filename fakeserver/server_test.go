package fakeserver

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/imsim/imsim/protocol"
)

func TestStartAndCloseLeaveNothing(t *testing.T) { // TestMain looks for goroutines
	both(t, func(t *testing.T, dial dialer) {
		s, err := Start(Options{})
		if err != nil {
			t.Fatal(err)
		}
		alice, bob := login(t, s, dial, "alice"), login(t, s, dial, "bob")
		alice.send("bob", "hi")
		for range 2 { // closing twice is closing once
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		<-alice.gone
		<-bob.gone
		if c, err := dial(s, t.Context()); err == nil {
			c.Close()
			t.Error("a closed server takes connections")
		}
		s.Advance(time.Hour)
		if h := s.host(s.AppID()); h.timer != nil {
			t.Error("a timer is set behind Close")
		}
	})
}

func TestStartRefuses(t *testing.T) {
	first := Run(t)
	for name, o := range map[string]Options{
		"limits": {Limits: "some"}, "address in use": {Addr: first.Addr()}, "no address": {Addr: "nowhere"}, "state": {State: t.TempDir()},
	} {
		if s, err := Start(o); err == nil {
			s.Close()
			t.Errorf("%s: started", name)
		}
	}
}

func TestTwoAppsAreTwoWorlds(t *testing.T) {
	both(t, func(t *testing.T, dial dialer) {
		s := Run(t)
		alice := login(t, s, dial, "alice")
		other, _, err := tryOpen(t, s, dial, protocol.PathText, "sdkappid=1400000001")
		if err != nil {
			t.Fatal(err)
		}
		other.login("bob")
		if f := alice.send("bob", "hi"); f.ErrorCode != int(protocol.CodeNoAccount) {
			t.Errorf("bob lives in the other app: %s", f.raw)
		}
		if _, any := s.App(1400000001).User("alice"); any {
			t.Error("alice is in both")
		}
		if n, err := s.App(1400000001).Kick("bob", MultipleDevice); n != 1 || err != nil {
			t.Errorf("kick: %d, %v", n, err)
		}
		alice.ask(protocol.CmdAuthKey, struct{}{})
		if len(alice.pushes) != 0 {
			t.Errorf("alice got %s", alice.pushes[0].raw)
		}
	})
}

func TestPinnedApp(t *testing.T) {
	s := Run(t, Options{SDKAppID: 1400000007, NoListener: true})
	login(t, s, inMemory, "alice")
	other, _, err := tryOpen(t, s, inMemory, protocol.PathText, "sdkappid=1")
	if err != nil {
		t.Fatal(err)
	}
	other.user = "alice"
	if f := other.ask(protocol.CmdLogin, struct{}{}); f.ErrorCode != int(protocol.CodeAppUnknown) {
		t.Errorf("%s", f.raw)
	}
}

// Text on /info, binary on /binfo, compressed when asked for and worth it.
func TestPathDecidesTheEncoding(t *testing.T) {
	both(t, func(t *testing.T, dial dialer) {
		s := Run(t)
		long := strings.Repeat("long ", 2000)
		for i, c := range []struct {
			path, query string
			opcode      int
			packed      bool
		}{
			{protocol.PathText, "", websocket.TextMessage, false},
			{protocol.PathText, "compress=gzip", websocket.TextMessage, false},
			{protocol.PathBinary, "", websocket.BinaryMessage, false},
			{protocol.PathBinary, "compress=gzip", websocket.BinaryMessage, true},
		} {
			alice := open(t, s, dial, c.path, c.query)
			alice.login(fmt.Sprint("alice", i))
			if f := alice.ask(protocol.CmdAlive, struct{}{}); f.opcode != c.opcode || f.packed {
				t.Errorf("%+v: short frame has opcode %d, packed %v", c, f.opcode, f.packed)
			}
			alice.send(alice.user, long)
			f := alice.ask(protocol.CmdGetRoamMsg, protocol.GetRoamMsgRequest{PeerAccount: alice.user, MaxCnt: 1})
			if f.opcode != c.opcode || f.packed != c.packed || !strings.Contains(string(f.raw), long) {
				t.Errorf("%+v: opcode %d, packed %v", c, f.opcode, f.packed)
			}
		}
	})
}

func TestUpgradesThatAreRefused(t *testing.T) {
	s := Run(t, Options{NoListener: true})
	for _, query := range []string{"", "sdkappid=", "sdkappid=0", "sdkappid=x", "sdkappid=12x", "sdkappid=-1", "sdkappid=4294967296"} {
		for _, path := range []string{protocol.PathText, protocol.PathBinary} {
			if _, resp, err := tryOpen(t, s, inMemory, path, query); err == nil || resp.StatusCode != http.StatusBadRequest {
				t.Errorf("%s?%s: %v, %v", path, query, resp, err)
			}
		}
	}
	for _, path := range []string{"/info", "/binfo", "/info?sdkappid=1"} {
		if status, text := call(t, s, "GET", path, ""); status != http.StatusUpgradeRequired || !strings.Contains(text, "proxyServer") {
			t.Errorf("GET %s: %d %s", path, status, text)
		}
	}
	if n := len(s.hosts); n != 0 {
		t.Errorf("%d worlds were made", n)
	}
}

func TestAdvanceCarriesOutWhatIsDue(t *testing.T) {
	both(t, func(t *testing.T, dial dialer) {
		s := Run(t)
		alice := open(t, s, dial, protocol.PathText, "")
		alice.user = "alice"
		head := protocol.Head{ServCmd: protocol.CmdLogin, Seq: "99", Identifier: "alice", UserSig: s.UserSig("alice", time.Minute)}
		raw, _ := protocol.EncodeRequest(nil, &head, struct{}{})
		alice.write(raw)
		alice.await(protocol.CmdLogin, "99")
		s.Advance(59 * time.Second)
		if alice.barrier(); len(alice.pushes) != 0 {
			t.Fatalf("before its time: %s", alice.pushes[0].raw)
		}
		s.Advance(2 * time.Second)
		if alice.barrier(); len(alice.pushes) != 1 || !strings.Contains(string(alice.pushes[0].raw), `"Flag":1`) {
			t.Fatalf("%v", alice.pushes)
		}
	})
}

// What is due when another connects, or is cut, is delivered all the same,
// though the timer has not fired.
func TestWhatIsDueWhenAConnectionOpensOrIsCut(t *testing.T) {
	for name, happen := range map[string]func(s *Server){
		"opens": func(s *Server) { open(t, s, inMemory, protocol.PathText, "") },
		"cut":   func(s *Server) { s.Disconnect("carol") },
	} {
		s := Run(t, Options{NoListener: true})
		alice, bob := login(t, s, inMemory, "alice"), login(t, s, inMemory, "bob")
		login(t, s, inMemory, "carol")
		alice.close()
		again := open(t, s, inMemory, protocol.PathText, "")
		again.user, again.a2, again.tiny = "alice", alice.a2, alice.tiny
		again.ask(protocol.CmdLogin, struct{}{}) // new messages are held for its sync
		bob.send("alice", "held")
		h := s.host(s.AppID())
		h.mu.Lock()
		h.timer.Stop() // as if it were late
		h.mu.Unlock()
		s.clock.Advance(time.Minute, nil)
		happen(s)
		if got := again.texts(); !slices.Equal(got, []string{"held"}) {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestKickForEachReason(t *testing.T) {
	s := Run(t)
	for reason, want := range map[string]string{
		MultipleAccount: `"KickType":1`, MultipleDevice: `"KickType":2`, RESTAPIKick: `"KickType":3`, UserSigExpired: `"Flag":1`,
	} {
		alice, bob := login(t, s, overTCP, "alice"), login(t, s, overTCP, "bob")
		if n, err := s.Kick("alice", reason); n != 1 || err != nil {
			t.Fatalf("%s: %d, %v", reason, n, err)
		}
		if f := alice.next(); !strings.Contains(string(f.raw), want) {
			t.Errorf("%s: %s", reason, f.raw)
		}
		bob.ask(protocol.CmdAuthKey, struct{}{})
		alice.close()
		bob.close()
	}
}

func TestAServerOnEveryInterfaceIsReachable(t *testing.T) {
	for addr, want := range map[string]string{
		"[::]:8090": "127.0.0.1:8090", "0.0.0.0:80": "127.0.0.1:80", ":9": "127.0.0.1:9",
		"127.0.0.1:1": "127.0.0.1:1", "192.0.2.7:1": "192.0.2.7:1", "[::1]:1": "[::1]:1",
	} {
		if got := reachable(addr); got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
}
