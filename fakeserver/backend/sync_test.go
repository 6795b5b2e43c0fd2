package backend

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

// The recipe of messages.md §6: at a login the numbers, no messages.
func TestLoginSyncTellsNumbers(t *testing.T) {
	w := newWorld(t, Config{})
	alice, carol := w.login("alice"), w.login("carol")
	w.CreateUsers(w.at, []string{"bob"})
	alice.send("bob", "1")
	w.advance(time.Second)
	alice.send("bob", "2")
	carol.send("bob", "3")
	bob := w.login("bob")
	alice.send("bob", "4") // pushed: the client counts it itself
	r := bob.sync()
	if len(r.MsgList) != 0 || len(r.EventArray) != 0 {
		t.Errorf("messages at a login: %s", r.MsgList)
	}
	want := []protocol.RemainingUnread{{FromAccount: "alice", Count: 2, LastMsgTime: start.Unix() + 1}, {FromAccount: "carol", Count: 1, LastMsgTime: start.Unix() + 1}}
	if !slices.Equal(r.C2CRemainingUnreadCount, want) {
		t.Errorf("remaining %+v, want %+v", r.C2CRemainingUnreadCount, want)
	}
	if want := []protocol.PairUnread{{FromAccount: "alice", UnreadCount: 2}, {FromAccount: "carol", UnreadCount: 1}}; !slices.Equal(r.C2CPairUnreadCount, want) {
		t.Errorf("pairs %+v, want %+v", r.C2CPairUnreadCount, want)
	}
	bob.expect("alice→bob: 4")
}

func TestReconnectBringsExactlyWhatWasMissed(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	alice, bob, bob2 := w.login("alice"), w.login("bob"), w.login("bob")
	bob.sync()
	alice.send("bob", "before")
	bob.expect("alice→bob: before")
	bob.sync()
	bob.take()
	bob.disconnect()
	alice.send("bob", "one")
	gone := alice.send("bob", "gone")
	bob2.send("alice", "two") // an own one of another instance
	alice.recall(gone)
	alice.send("bob", "three")
	bob.reconnect()
	alice.send("bob", "four") // waits: nothing may overtake what was missed
	bob.expect()
	bob.sync()
	alice.send("bob", "five")
	bob.expect("alice→bob: one", "alice→bob: two (copy)", "alice→bob: three", "alice→bob: four")
	w.advance(syncTime)
	bob.expect("alice→bob: five", "recall alice→bob 3")
	alice.send("bob", "six")
	bob.expect("alice→bob: six")
	if bob.sync(); len(bob.take()) != 2 { // unacknowledged, so repeated: the SDK knows them by their IDs
		t.Error("a second sync must bring what came after the first one's cookie")
	}
	bob.sync()
	bob.expect()
}

// Own messages of this very instance never come back to it.
func TestReconnectSkipsOwnMessages(t *testing.T) {
	w := newWorld(t, Config{})
	alice := w.login("alice")
	w.login("bob")
	alice.sync()
	alice.send("bob", "hi")
	alice.disconnect()
	alice.comeBack()
	alice.expect()
}

// A client that does not sync gets what it missed, and what came after its
// return, once the hold is over: in their order, also if it syncs later.
func TestHoldEnds(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	bob.disconnect()
	alice.send("bob", "missed")
	bob.reconnect()
	alice.send("bob", "held")
	alice.sendAs(onlineOnlyMessage(alice, "bob", "now"))
	bob.expect("alice→bob: now (online only)")
	w.advance(holdTime - 1)
	bob.expect()
	w.advance(1)
	bob.expect("alice→bob: missed", "alice→bob: held")
}

func onlineOnlyMessage(c *client, to, text string) *protocol.SendMsgRequest {
	m := c.message(to, text)
	m.MsgLifeTime = new(int64)
	return m
}

// A hold that was planned for an earlier connection does not end a later one.
func TestHoldOfAnEarlierReturn(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	bob.sync()
	bob.disconnect()
	bob.reconnect()
	bob.disconnect()
	w.advance(holdTime - time.Second)
	bob.reconnect()
	alice.send("bob", "held")
	w.advance(2 * time.Second)
	bob.expect()
	bob.sync()
	bob.expect("alice→bob: held")
}

func TestNoticesMissedAreDeliveredAfterTheReturn(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	alice, bob, bob2 := w.login("alice"), w.login("bob"), w.login("bob")
	id := alice.send("bob", "oops")
	bob.send("alice", "yes")
	bob.sync()
	bob.take()
	bob.disconnect()
	w.advance(time.Second)
	alice.recall(id)
	alice.readNow("bob")
	bob2.readNow("alice")
	bob2.must(protocol.CmdContactTop, protocol.ContactTopRequest{OperationType: protocol.TopPin,
		RecentContactItem: []protocol.ContactItem{{Type: protocol.ContactC2C, ToAccount: "alice"}}})
	bob.comeBack()
	bob.expect()
	w.advance(syncTime)
	bob.expect("recall alice→bob 1", "receipt alice +1", "read alice +1", "pin2 alice")
	bob.disconnect()
	bob.comeBack()
	w.advance(holdTime)
	bob.expect() // once
}

// The number of notices kept for an absent instance is bounded.
func TestMissedNoticesAreBounded(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	bob.send("alice", "hi")
	bob.disconnect()
	for range maxMissed + 10 {
		w.advance(time.Second)
		alice.send("bob", "x")
		alice.readNow("bob")
	}
	for _, s := range w.accounts["bob"].sessions {
		if len(s.missed) > maxMissed {
			t.Errorf("%d notices kept", len(s.missed))
		}
	}
}

func TestCookies(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	code := func(cookie string) protocol.Code {
		return bob.code(protocol.CmdGetMsg, protocol.GetMsgRequest{Cookie: cookie})
	}
	for _, garbage := range []string{"x", "-1", "1.5", " 1", "99999999999999999999"} {
		if got := code(garbage); got != protocol.CodeBadPacket {
			t.Errorf("cookie %q: %d", garbage, got)
		}
	}
	bob.disconnect()
	alice.send("bob", "hi")
	bob.reconnect()
	bob.cookie = "4711" // of an earlier server: everything since the login
	bob.sync()
	bob.expect("alice→bob: hi")
	if bob.cookie != "1" {
		t.Errorf("new cookie %q", bob.cookie)
	}
	bob.cookie = "0" // goes back: the same again
	bob.sync()
	bob.expect("alice→bob: hi")
}

// A sync with a known cookie, without a disconnection (IsOnlineSync).
func TestOnlineSync(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	bob.sync()
	alice.send("bob", "hi")
	bob.take()
	r := bob.sync()
	bob.expect("alice→bob: hi")
	if len(r.C2CRemainingUnreadCount)+len(r.C2CPairUnreadCount) != 0 {
		t.Errorf("numbers beside messages would count twice: %+v", r)
	}
}

// ack answers the acknowledgements asked for in the pushes so far.
func (c *client) ack() (n int) {
	c.w.t.Helper()
	for _, frame := range c.pushes {
		if session := sessionData(c.w.t, frame); session != "" {
			n++
			if got := c.raw(c.frame(protocol.CmdPushAck, protocol.PushAck{SessionData: session})); len(got) != 0 {
				c.w.t.Fatalf("an acknowledgement was answered: %v", got)
			}
		}
	}
	return n
}

func TestAcknowledgedPushesAreNotRepeated(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	bob.sync()
	for i := range ackEvery + 6 {
		alice.send("bob", strconv.Itoa(i))
	}
	if n := bob.ack(); n != 1 {
		t.Fatalf("asked for %d acknowledgements", n)
	}
	bob.disconnect()
	bob.comeBack()
	bob.pushes = bob.pushes[ackEvery+6:]
	if got := bob.take(); len(got) != 6 || got[0] != fmt.Sprintf("alice→bob: %d", ackEvery) {
		t.Errorf("repeated %q", got)
	}
}

// An acknowledgement asked for in the middle of held messages covers those
// before it, not those behind it, which may be lost with the connection.
func TestAcknowledgementAmongHeldMessages(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	bob.sync()
	bob.disconnect()
	bob.comeBack()
	for i := range ackEvery + 6 {
		alice.send("bob", strconv.Itoa(i))
	}
	w.advance(syncTime)
	bob.pushes = bob.pushes[:ackEvery] // the rest is lost
	if n := bob.ack(); n != 1 {
		t.Fatalf("asked for %d acknowledgements", n)
	}
	bob.disconnect()
	bob.pushes = nil
	bob.comeBack()
	if got := bob.take(); len(got) != 6 || got[0] != fmt.Sprintf("alice→bob: %d", ackEvery) {
		t.Errorf("brought %q, want the 6 lost ones", got)
	}
}

// Nor does an online-only message that goes past held ones.
func TestOnlineOnlyMessagesAskForNoAcknowledgement(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	bob.sync()
	bob.disconnect()
	bob.reconnect()
	alice.send("bob", "held")
	for range ackEvery + 1 {
		alice.sendAs(onlineOnlyMessage(alice, "bob", "now"))
	}
	if n := bob.ack(); n != 0 {
		t.Errorf("asked for %d acknowledgements", n)
	}
}

func TestForeignAcknowledgements(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	alice.send("bob", "hi")
	for _, session := range []string{"", "x", "-5", "999", "1e9"} {
		bob.raw(bob.frame(protocol.CmdPushAck, protocol.PushAck{SessionData: session}))
	}
	bob.raw(bob.frame(protocol.CmdPushAck, map[string]any{"SessionData": []int{1}}))
	bob.disconnect()
	bob.pushes = nil
	bob.comeBack()
	bob.expect("alice→bob: hi")
}
