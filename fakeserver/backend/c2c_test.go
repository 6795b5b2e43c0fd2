package backend

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

func TestSendReachesEveryInstanceButTheSender(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 3})
	alice, alice2 := w.login("alice"), w.login("alice")
	bob, bob2 := w.login("bob"), w.login("bob")
	carol := w.login("carol")
	alice.send("bob", "hi")
	alice.expect()
	alice2.expect("bob→alice: hi (copy)") // swapped, IsSyncMsg
	bob.expect("alice→bob: hi")
	bob2.expect("alice→bob: hi")
	carol.expect()
	for _, c := range []*client{alice, alice2} {
		if c.unread("bob") != 0 {
			t.Errorf("the sender has unread messages")
		}
	}
	if n := bob.unread("alice"); n != 1 {
		t.Errorf("unread %d, want 1", n)
	}
}

func TestPushedMessageHasWhatLaterSDKsNeed(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	alice.must(protocol.CmdProfileSet, protocol.ProfileSetRequest{ProfileItem: []protocol.ProfileItem{
		{Tag: protocol.TagNick, Value: json.RawMessage(`"Al"`)}, {Tag: protocol.TagAvatar, Value: json.RawMessage(`"http://a"`)}}})
	req := alice.message("bob", "hi")
	req.MsgClientTime, req.CloudCustomData, req.IsNeedReadReceipt = 0, "data", 1
	req.SendMsgControl = []string{"NoUnread", "NoLastMsg", "NoMsgCheck"}
	alice.sendAs(req)
	var push protocol.Push
	d, _ := protocol.ParseDownlink(bob.pushes[0])
	if err := json.Unmarshal(d.Body, &push); err != nil {
		t.Fatal(err)
	}
	m := push.EventArray[0].C2CMsgArray[0]
	if d.ServCmd != protocol.CmdPush || push.EventArray[0].Event != protocol.EventC2CMsg || m.TinyID != alice.tiny ||
		m.MsgClientTime != start.Unix() || m.MsgTimeStamp != start.Unix() || m.FromAccountNick != "Al" || m.FromAccountHeadURL != "http://a" ||
		m.CloudCustomData != "data" || m.IsNeedReadReceipt != 1 || m.SendMsgControl["NoUnread"] != 1 || m.SendMsgControl["NoLastMsg"] != 1 {
		t.Errorf("%s", bob.pushes[0])
	}
	if bob.unread("alice") != -1 {
		t.Error("a NoLastMsg message made a conversation")
	}
}

func TestSendRefusals(t *testing.T) {
	w := newWorld(t, Config{MaxMessage: 100})
	alice, bob := w.login("alice"), w.login("bob")
	long := alice.message("bob", strings.Repeat("x", 30))
	if n := len(long.MsgBody); n > 100 {
		t.Fatalf("body has %d bytes", n)
	}
	long.CloudCustomData = strings.Repeat("y", 100-len(long.MsgBody))
	alice.sendAs(long) // just fits
	bob.take()
	over := *long
	over.MsgSeq++
	over.CloudCustomData += "y"
	if code := alice.code(protocol.CmdSendMsg, over); code != protocol.CodeTooLong {
		t.Errorf("a byte too long: %d", code)
	}
	if code := alice.code(protocol.CmdSendMsg, alice.message("nobody", "hi")); code != protocol.CodeNoAccount {
		t.Errorf("unknown receiver: %d", code)
	}
	bob.expect()
	if n := len(w.Messages("alice", "bob")); n != 1 {
		t.Errorf("%d messages stored", n)
	}
	if _, any := w.User("nobody"); any {
		t.Error("sending made an account")
	}
}

// Same sender, sequence and random: one message, and the first one's time.
func TestRepeatedSend(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	m := alice.message("bob", "hi")
	first := alice.sendAs(m)
	w.advance(30 * time.Second)
	if again := alice.sendAs(m); again != first {
		t.Errorf("answered %+v, then %+v", first, again)
	}
	bob.expect("alice→bob: hi")
	other := *m
	other.MsgRandom++
	alice.sendAs(&other)
	bob.expect("alice→bob: hi")
	reverse := *m // the peer's own message of that number
	reverse.ToAccount = "alice"
	bob.sendAs(&reverse)
	alice.expect("bob→alice: hi")
	if got := bob.history("alice"); len(got) != 3 {
		t.Errorf("history %q", got)
	}
}

func TestOnlineOnly(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	alice, bob, away := w.login("alice"), w.login("bob"), w.login("bob")
	away.disconnect()
	m := alice.message("bob", "now")
	m.MsgLifeTime = new(int64)
	first := alice.sendAs(m)
	w.advance(time.Second)
	if again := alice.sendAs(m); again != first {
		t.Errorf("a repetition is answered %+v, want %+v", again, first)
	}
	bob.expect("alice→bob: now (online only)")
	away.comeBack()
	away.expect()
	for _, c := range []*client{alice, bob} {
		if len(c.contacts()) != 0 || len(c.history("bob"))+len(c.history("alice")) != 0 {
			t.Errorf("%s finds a trace of it", c.user)
		}
	}
	if code := alice.recall(first); code != protocol.CodeC2CRecallGone {
		t.Errorf("recall: %d", code)
	}
	for range 3 * maxFleeting { // what is remembered of them is bounded
		m.MsgSeq++
		alice.sendAs(m)
	}
	if n := len(w.chats[keyOf("alice", "bob")].fleeting); n != maxFleeting {
		t.Errorf("%d remembered", n)
	}
}

func TestChatWithOneself(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	here, there := w.login("alice"), w.login("alice")
	id := here.send("alice", "note")
	here.expect()
	there.expect("alice→alice: note (copy)")
	if n := here.unread("alice"); n != 0 {
		t.Errorf("unread %d", n)
	}
	here.readNow("alice")
	if code := there.recall(id); code != protocol.OK {
		t.Errorf("recall by the other instance: %d", code)
	}
	here.expect("recall alice→alice 1")
	there.take()
	if got, want := there.history("alice"), []string{"alice→alice: note (recalled)"}; !slices.Equal(got, want) {
		t.Errorf("history %q", got)
	}
	here.delete("alice", id)
	if got := here.history("alice"); len(got) != 0 {
		t.Errorf("after delete: %q", got)
	}
}

// MsgBody is stored and given back just as it came, unknown keys and odd
// spaces too.
func TestBodiesStayVerbatim(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	m := alice.message("bob", "")
	const body = `[{"MsgType":"TIMSoundElem","MsgContent":{"Second":null,"x":{"y":[1.50,1e2,"\u003c<"]}},"Extra":true}]`
	m.MsgBody = json.RawMessage(body)
	alice.sendAs(m)
	roam := bob.raw(bob.frame(protocol.CmdGetRoamMsg, protocol.GetRoamMsgRequest{PeerAccount: "alice", MaxCnt: 1}))
	for _, frame := range []string{string(bob.pushes[0]), string(roam[0].Body)} {
		if !strings.Contains(frame, `"MsgBody":`+body) {
			t.Errorf("changed: %s", frame)
		}
	}
}

func TestRetentionByTheClock(t *testing.T) {
	w := newWorld(t, Config{Retention: time.Hour})
	alice, bob := w.login("alice"), w.login("bob")
	old := alice.send("bob", "old")
	w.advance(30 * time.Minute)
	alice.send("bob", "new")
	w.advance(30 * time.Minute)
	if got := bob.history("alice"); len(got) != 2 || bob.unread("alice") != 2 {
		t.Errorf("just kept: %q, unread %d", got, bob.unread("alice"))
	}
	w.advance(time.Second)
	if got, n := bob.history("alice"), bob.unread("alice"); !slices.Equal(got, []string{"alice→bob: new"}) || n != 1 {
		t.Errorf("after an hour: %q, unread %d", got, n)
	}
	if code := alice.recall(old); code != protocol.CodeC2CRecallGone {
		t.Errorf("recall of a forgotten message: %d", code)
	}
	w.advance(time.Hour)
	if got := bob.contacts(); len(got) != 0 {
		t.Errorf("conversation without messages is listed: %+v", got)
	}
	if list, st := w.Messages("alice", "bob"), w.State(w.at); len(list) != 0 || len(st.Chats) != 0 {
		t.Errorf("still seen: %v, %+v", list, st.Chats)
	}
	late := w.login("bob")
	if r := late.sync(); len(r.C2CPairUnreadCount) != 0 {
		t.Errorf("unread numbers of nothing: %+v", r)
	}
}

func TestModify(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	id := alice.send("bob", "one")
	alice.send("bob", "two")
	bob.take()
	change := func(mod Modification) error {
		t.Helper()
		effects, err := w.Modify(w.at, mod)
		w.handOut(effects)
		return err
	}
	custom := "checked"
	if err := change(Modification{From: "alice", To: "bob", MsgKey: keyString(id), MsgBody: textBody("uno"), CloudCustomData: &custom}); err != nil {
		t.Fatal(err)
	}
	alice.expect("alice→bob: uno (modified)")
	bob.expect("change alice→bob v1")
	if err := change(Modification{From: "alice", To: "bob", MsgBody: textBody("due")}); err != nil { // the newest
		t.Fatal(err)
	}
	if got := bob.history("alice"); !slices.Equal(got, []string{"alice→bob: uno", "alice→bob: due"}) {
		t.Errorf("history %q", got)
	}
	for name, c := range map[string]struct {
		mod  Modification
		want protocol.Code
	}{
		"no chat":         {Modification{From: "alice", To: "carol"}, protocol.CodeC2CRecallGone},
		"other direction": {Modification{From: "bob", To: "alice"}, protocol.CodeC2CRecallGone},
		"bad key":         {Modification{From: "alice", To: "bob", MsgKey: "x"}, protocol.CodeMsgKey},
		"unknown key":     {Modification{From: "alice", To: "bob", MsgKey: "9_9_9"}, protocol.CodeC2CRecallGone},
		"bad body":        {Modification{From: "alice", To: "bob", MsgBody: json.RawMessage(`[]`)}, protocol.CodeMsgBody},
	} {
		if err := change(c.mod); codeOf(err) != c.want {
			t.Errorf("%s: %v, want %d", name, err, c.want)
		}
	}
}
