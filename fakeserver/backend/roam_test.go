package backend

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
	"pgregory.net/rapid"
)

// Pages of any size put together are the whole history, whatever falls on the
// same second.
func TestPagesMakeTheWholeHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, Config{})
		alice, bob := w.login("alice"), w.login("bob")
		var want []string
		for i := range rapid.IntRange(0, 25).Draw(t, "messages") {
			if rapid.IntRange(0, 3).Draw(t, "second") == 0 {
				w.advance(time.Second)
			}
			from, to := alice, bob
			if rapid.Bool().Draw(t, "turn") {
				from, to = bob, alice
			}
			id := from.send(to.user, fmt.Sprint(i))
			if rapid.IntRange(0, 5).Draw(t, "delete") == 0 {
				alice.delete("bob", id)
				continue
			}
			want = append(want, fmt.Sprintf("%s→%s: %d", from.user, to.user, i))
		}
		byKey := rapid.Bool().Draw(t, "by key")
		var got []string
		req := protocol.GetRoamMsgRequest{PeerAccount: "bob", WithRecalledMsg: 1}
		for pages := 0; ; pages++ {
			req.MaxCnt = rapid.IntRange(1, 7).Draw(t, "page")
			r := ask[protocol.GetRoamMsgReply](alice, protocol.CmdGetRoamMsg, req)
			if r.ErrorCode != protocol.OK || r.MsgCnt != len(r.MsgList) || r.MsgCnt > req.MaxCnt {
				t.Fatalf("page: %+v", r)
			}
			var page []string
			for _, m := range r.MsgList {
				page = append(page, describeMessage(m))
			}
			got = append(page, got...)
			if r.Complete == 1 {
				break
			}
			if r.MsgCnt == 0 || pages > 30 {
				t.Fatalf("no end: %+v", r)
			}
			if req.MsgKey = r.MsgKey; !byKey {
				req.LastMsgTime = r.LastMsgTime // later SDKs give both
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got  %q\nwant %q", got, want)
		}
	})
}

func TestRoamRequests(t *testing.T) {
	w := newWorld(t, Config{})
	alice := w.login("alice")
	w.login("bob")
	for i := range 120 {
		alice.send("bob", fmt.Sprint(i))
	}
	page := func(req protocol.GetRoamMsgRequest) protocol.GetRoamMsgReply {
		t.Helper()
		return ask[protocol.GetRoamMsgReply](alice, protocol.CmdGetRoamMsg, req)
	}
	for _, c := range []struct {
		max, want int
	}{{-5, 1}, {0, 1}, {20, 20}, {1000, maxRoamPage}} {
		if r := page(protocol.GetRoamMsgRequest{PeerAccount: "bob", MaxCnt: c.max}); r.MsgCnt != c.want || r.Complete != 0 {
			t.Errorf("MaxCnt %d: %d messages, complete %d", c.max, r.MsgCnt, r.Complete)
		}
	}
	for _, peer := range []string{"", "nobody", "alice"} {
		if r := page(protocol.GetRoamMsgRequest{PeerAccount: peer, MaxCnt: 5}); r.ErrorCode != protocol.OK || r.Complete != 1 || r.MsgList == nil {
			t.Errorf("peer %q: %+v", peer, r)
		}
	}
	if r := page(protocol.GetRoamMsgRequest{PeerAccount: "bob", MsgKey: "garbage"}); r.ErrorCode != protocol.CodeMsgKey {
		t.Errorf("garbage key: %d", r.ErrorCode)
	}
	if r := page(protocol.GetRoamMsgRequest{PeerAccount: "bob", MaxCnt: 5, LastMsgTime: start.Unix() - 1}); r.MsgCnt != 0 || r.Complete != 1 {
		t.Errorf("before the first: %+v", r)
	}
}

// After a reconnect 2.27 and later also pull what is newer than the last they
// have: of that second only what they cannot have.
func TestPullTowardsNewer(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	alice.send("bob", "had")
	bob.disconnect()
	alice.send("bob", "same second")
	w.advance(time.Second)
	gone := alice.send("bob", "gone")
	alice.recall(gone)
	alice.send("bob", "later")
	bob.reconnect()
	r := ask[protocol.GetRoamMsgReply](bob, protocol.CmdGetRoamMsg, protocol.GetRoamMsgRequest{
		PeerAccount: "alice", MaxCnt: 1, LastMsgTime: start.Unix(), GetDirection: protocol.RoamNewer})
	var got []string
	for _, m := range r.MsgList {
		got = append(got, describeMessage(m))
	}
	if want := []string{"alice→bob: same second", "alice→bob: later"}; !slices.Equal(got, want) || r.Complete != 1 {
		t.Errorf("got %q, complete %d", got, r.Complete)
	}
}
