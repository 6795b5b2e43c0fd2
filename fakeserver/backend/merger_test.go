package backend

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

func TestMergersAreKeptVerbatimUnderAKey(t *testing.T) {
	w := newWorld(t, Config{MaxMerger: 200})
	alice, bob := w.login("alice"), w.login("bob")
	list := json.RawMessage(`[{"From_Account":"x","unknown":{"kept":[1,2]},"MsgBody":[]}]`)
	save := func() protocol.SaveRelayReply {
		r := ask[protocol.SaveRelayReply](alice, protocol.CmdSaveRelay, protocol.SaveRelayRequest{MsgList: list})
		if r.ErrorCode != protocol.OK || r.JSONMsgKey == "" || r.PbMsgKey == "" {
			t.Fatalf("save: %+v", r)
		}
		return r
	}
	get := func(c *client, key string) protocol.GetRelayReply {
		return ask[protocol.GetRelayReply](c, protocol.CmdGetRelay, protocol.GetRelayRequest{JSONMsgKey: key})
	}
	first, second := save(), save()
	if first.JSONMsgKey == second.JSONMsgKey {
		t.Error("two saves have one key")
	}
	if got := get(bob, first.JSONMsgKey); string(got.MsgList) != string(list) {
		t.Errorf("got %s", got.MsgList)
	}
	w.reload()
	bob, alice = w.login("bob"), w.login("alice")
	if got := get(bob, first.JSONMsgKey); string(got.MsgList) != string(list) {
		t.Errorf("after a reload: %s", got.MsgList)
	}
	if got := get(bob, "nobody's"); got.ErrorCode != protocol.CodeBadPacket {
		t.Errorf("unknown key: %d", got.ErrorCode)
	}
	w.advance(7*24*time.Hour + 2*time.Second)
	if got := get(bob, first.JSONMsgKey); got.ErrorCode != protocol.CodeBadPacket || len(w.relays) != 0 {
		t.Errorf("after the retention: %d, %d kept", got.ErrorCode, len(w.relays))
	}
}

func TestMergersThatAreRefused(t *testing.T) {
	w := newWorld(t, Config{MaxMerger: 200})
	alice := w.login("alice")
	for list, want := range map[string]protocol.Code{
		`[]`: protocol.CodeBadPacket, `[ ]`: protocol.CodeBadPacket, `{}`: protocol.CodeBadPacket, `"x"`: protocol.CodeBadPacket,
		`["` + strings.Repeat("x", 200) + `"]`: protocol.CodeTooLong,
	} {
		if got := alice.code(protocol.CmdSaveRelay, protocol.SaveRelayRequest{MsgList: json.RawMessage(list)}); got != want {
			t.Errorf("%.20s: %d, want %d", list, got, want)
		}
	}
}
