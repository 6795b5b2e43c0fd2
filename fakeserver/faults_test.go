package fakeserver

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/imsim/imsim/fakeserver/backend"
	"github.com/imsim/imsim/protocol"
)

// faulty is a server with alice and bob, and a rule.
func faulty(t *testing.T, f Fault) (s *Server, alice, bob *sdk) {
	t.Helper()
	s = Run(t, Options{NoListener: true})
	alice, bob = login(t, s, inMemory, "alice"), login(t, s, inMemory, "bob")
	if err := s.Fault(f); err != nil {
		t.Fatal(err)
	}
	return s, alice, bob
}

func sendAll(c *sdk, to string, texts ...string) {
	for _, text := range texts {
		c.write(c.request(protocol.CmdSendMsg, c.message(to, text)))
	}
	c.barrier()
}

func wantTexts(t *testing.T, c *sdk, want ...string) {
	t.Helper()
	if got := c.texts(); !slices.Equal(got, want) {
		t.Errorf("%s got %q, want %q", c.user, got, want)
	}
}

func TestDroppedRequestsAreNotCarriedOut(t *testing.T) {
	s, alice, bob := faulty(t, Fault{DropRequests: []string{protocol.CmdSendMsg}, UserID: "alice", Skip: 1, Count: 2})
	sendAll(alice, "bob", "1", "2", "3", "4")
	if n := len(alice.pushes); n != 2 { // replies that came
		t.Errorf("%d replies", n)
	}
	wantTexts(t, bob, "1", "4")
	if n := len(s.Messages("alice", "bob")); n != 2 {
		t.Errorf("%d stored", n)
	}
	sendAll(bob, "bob", "other users are spared")
	if n := len(s.Messages("bob", "bob")); n != 1 {
		t.Errorf("%d stored of bob", n)
	}
}

func TestDroppedRepliesAreCarriedOut(t *testing.T) {
	_, alice, bob := faulty(t, Fault{DropReplies: []string{protocol.CmdSendMsg}, Count: 1})
	sendAll(alice, "bob", "1", "2")
	if n := len(alice.pushes); n != 1 {
		t.Errorf("%d replies", n)
	}
	wantTexts(t, bob, "1", "2")
}

func TestDroppedAndDoubledPushes(t *testing.T) {
	_, alice, bob := faulty(t, Fault{DropPushes: []string{protocol.CmdPush}, UserID: "bob", Count: 1})
	sendAll(alice, "bob", "1", "2")
	wantTexts(t, bob, "2")
	_, alice, bob = faulty(t, Fault{DoublePushes: []string{Any}, UserID: "bob", Skip: 1, Count: 1})
	sendAll(alice, "bob", "1", "2", "3")
	wantTexts(t, bob, "1", "2", "2", "3")
}

func TestErrorReplies(t *testing.T) {
	s, alice, bob := faulty(t, Fault{ErrorReplies: map[string]int{protocol.CmdSendMsg: 20012}, Count: 1})
	if f := alice.send("bob", "1"); f.ErrorCode != 20012 {
		t.Errorf("%s", f.raw)
	}
	if f := alice.send("bob", "2"); f.ErrorCode != 0 {
		t.Errorf("%s", f.raw)
	}
	wantTexts(t, bob, "2")
	if err := s.Fault(Fault{ErrorReplies: map[string]int{Any: 20005}}); err != nil {
		t.Fatal(err)
	}
	if f := bob.ask(protocol.CmdAuthKey, struct{}{}); f.ErrorCode != 20005 {
		t.Errorf("%s", f.raw)
	}
	s.ClearFaults()
	if f := bob.ask(protocol.CmdAuthKey, struct{}{}); f.ErrorCode != 0 {
		t.Errorf("after clearing: %s", f.raw)
	}
}

// Frames that are delayed, and those behind them that are not, keep their
// order.
func TestLatencyKeepsTheOrder(t *testing.T) {
	_, alice, bob := faulty(t, Fault{Latency: Duration(3 * time.Millisecond), UserID: "bob", Probability: 0.3})
	var want []string
	for i := range 40 {
		want = append(want, fmt.Sprint(i))
	}
	sendAll(alice, "bob", want...)
	wantTexts(t, bob, want...)
}

func TestDisconnectCutsOnce(t *testing.T) {
	s, alice, bob := faulty(t, Fault{Disconnect: true, UserID: "alice"})
	within(t, alice.gone)
	if len(s.faultsOf(s.AppID()).list()) != 0 {
		t.Error("a rule was left")
	}
	bob.send("alice", "later")
	again := open(t, s, inMemory, protocol.PathText, "")
	again.user, again.a2, again.tiny = "alice", alice.a2, alice.tiny
	again.ask(protocol.CmdLogin, struct{}{})
	f := again.ask(protocol.CmdGetMsg, protocol.GetMsgRequest{})
	if !bytes.Contains(f.Body, []byte("later")) {
		t.Errorf("what was missed: %s", f.raw)
	}
	if n := s.Disconnect(""); n != 2 {
		t.Errorf("cut %d of all", n)
	}
	within(t, bob.gone)
}

func TestRefusedConnections(t *testing.T) {
	s, alice, _ := faulty(t, Fault{RefuseConnections: true, Count: 1})
	query := fmt.Sprintf("sdkappid=%d", s.AppID())
	if _, resp, err := tryOpen(t, s, inMemory, protocol.PathText, query); err == nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%v, %v", resp, err)
	}
	if _, _, err := tryOpen(t, s, inMemory, protocol.PathText, query); err != nil {
		t.Errorf("the second: %v", err)
	}
	alice.barrier() // who is connected stays
}

// A refusal of one user's connections knows the SDK object by its instanceid.
func TestRefusedConnectionsOfAUser(t *testing.T) {
	s := Run(t, Options{NoListener: true})
	query := fmt.Sprintf("sdkappid=%d&instanceid=%s", s.AppID(), newInstance())
	alice, _, err := tryOpen(t, s, inMemory, protocol.PathText, query)
	if err != nil {
		t.Fatal(err)
	}
	alice.login("alice")
	if err := s.Fault(Fault{UserID: "alice", RefuseConnections: true}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := tryOpen(t, s, inMemory, protocol.PathText, query); err == nil {
		t.Error("alice's object connects")
	}
	login(t, s, inMemory, "bob")
}

// A hanging upgrade is not answered. It goes on when the faults are cleared,
// and ends with its client or with the server.
func TestHangingConnections(t *testing.T) {
	s, _, _ := faulty(t, Fault{HangConnections: true})
	gone, leave := context.WithCancel(t.Context())
	leave()
	answer := &watched{ResponseRecorder: httptest.NewRecorder()}
	req := httptest.NewRequestWithContext(gone, "GET", fmt.Sprintf("/info?sdkappid=%d", s.AppID()), nil)
	req.Header.Set("Upgrade", "websocket")
	s.connect(answer, req)
	if answer.wrote {
		t.Errorf("answered %d", answer.Code)
	}
	opened := make(chan error, 2)
	hang := func() {
		_, _, err := tryOpen(t, s, inMemory, protocol.PathText, fmt.Sprintf("sdkappid=%d", s.AppID()))
		opened <- err
	}
	go hang()
	_, release := s.faultsOf(s.AppID()).onConnect("")
	s.ClearFaults()
	within(t, release)
	if err := within(t, opened); err != nil {
		t.Error(err)
	}
	if err := s.Fault(Fault{HangConnections: true}); err != nil {
		t.Fatal(err)
	}
	go hang()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := within(t, opened); err == nil {
		t.Error("opened on a closed server")
	}
}

// watched notes whether anything was answered.
type watched struct {
	*httptest.ResponseRecorder
	wrote bool
}

func (w *watched) WriteHeader(code int) { w.wrote = true; w.ResponseRecorder.WriteHeader(code) }
func (w *watched) Write(p []byte) (int, error) {
	w.wrote = true
	return w.ResponseRecorder.Write(p)
}

// The same seed makes the same chance.
func TestProbabilityFollowsTheSeed(t *testing.T) {
	run := func(seed uint64) (struck int, pattern string) {
		f := newFaults(seed)
		f.add(Fault{DropPushes: []string{Any}, Probability: 0.25})
		for range 4000 {
			if f.onEffect(backend.Effect{Push: true, ServCmd: "x"}).copies == 0 {
				struck++
				pattern += "x"
			} else {
				pattern += "."
			}
		}
		return struck, pattern
	}
	n, first := run(1)
	_, again := run(1)
	_, other := run(2)
	if first != again || first == other || n < 900 || n > 1100 {
		t.Errorf("struck %d of 4000; same %v, other seed same %v", n, first == again, first == other)
	}
}

// Apps are worlds of their own: what goes wrong in one, and its reset, is no
// matter of another.
func TestFaultsAreOfTheirApp(t *testing.T) {
	s := Run(t)
	alice := login(t, s, inMemory, "alice")
	other, _, err := tryOpen(t, s, inMemory, protocol.PathText, "sdkappid=1400000001")
	if err != nil {
		t.Fatal(err)
	}
	other.login("alice")
	refuse := func(app string) {
		if status, text := call(t, s, "POST", "/_imsim/faults"+app, `{"userID":"alice","errorReplies":{"openim.sendmsg":20003}}`); status != 200 {
			t.Fatalf("%d %s", status, text)
		}
	}
	code := func(c *sdk) int { return c.send("alice", "hi").ErrorCode }
	refuse("?sdkappid=1400000001")
	if a, b := code(alice), code(other); a != 0 || b != 20003 {
		t.Errorf("a rule of the other app: %d here, %d there", a, b)
	}
	refuse("")
	if status, text := call(t, s, "POST", "/_imsim/reset?sdkappid=1400000001", `{}`); status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	if a := code(alice); a != 20003 {
		t.Errorf("%d after the reset of the other app, want 20003", a)
	}
	if err := s.App(1400000001).Fault(Fault{Disconnect: true}); err != nil {
		t.Fatal(err)
	}
	s.ClearFaults()
	if a := code(alice); a != 0 {
		t.Errorf("%d, want the connection and the answer", a)
	}
}
