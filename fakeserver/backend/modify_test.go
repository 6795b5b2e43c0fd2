package backend

import (
	"testing"

	"github.com/imsim/imsim/protocol"
)

func TestModifyWantsTheLatestVersion(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	alice, second, bob := w.login("alice"), w.login("alice"), w.login("bob")
	id := alice.send("bob", "v0")
	second.take()
	bob.take()
	modify := func(c *client, version int, text string) protocol.ModifyReply {
		return ask[protocol.ModifyReply](c, protocol.CmdModifyC2C, protocol.C2CModify{
			FromAccount: "alice", ToAccount: "bob", MsgSeq: id.MsgSeq, MsgRandom: id.MsgRandom, MsgTime: id.MsgTimeStamp,
			MsgVersion: version, MsgBody: textBody(text), CloudCustomData: text,
		})
	}
	if r := modify(alice, 0, "v1"); r.ErrorCode != protocol.OK || r.MsgVersion != 1 || r.CloudCustomData != "v1" {
		t.Fatalf("%+v", r)
	}
	alice.expect()
	second.expect("change alice→bob v1")
	bob.expect("change alice→bob v1")
	if r := modify(bob, 0, "late"); r.ErrorCode != protocol.CodeModifyConflict || r.MsgVersion != 1 || string(r.MsgBody) != string(textBody("v1")) {
		t.Fatalf("conflict: %+v", r)
	}
	alice.expect()
	if r := modify(bob, 1, "v2"); r.ErrorCode != protocol.OK || r.MsgVersion != 2 {
		t.Fatalf("the receiver: %+v", r)
	}
	alice.expect("change alice→bob v2")
	bob.expect()
	if r := modify(w.login("carol"), 2, "mine"); r.ErrorCode != protocol.CodeMsgFromAccount {
		t.Fatalf("a stranger: %+v", r)
	}
	alice.recall(id)
	if r := modify(alice, 2, "v3"); r.ErrorCode != protocol.CodeC2CRecallTwice {
		t.Fatalf("a recalled one: %+v", r)
	}
}

func TestReadReceiptsGoToTheSenderOnce(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	asked := alice.message("bob", "asked")
	asked.IsNeedReadReceipt = 1
	one, two := alice.sendAs(asked), alice.send("bob", "not asked")
	confirm := func() {
		var infos []protocol.MsgIdentity
		for _, id := range []protocol.MsgIdentity{one, two} {
			id.MsgTime, id.MsgTimeStamp = id.MsgTimeStamp, 0
			infos = append(infos, id)
		}
		bob.must(protocol.CmdC2CReadReceipt, protocol.ReadReceiptRequest{PeerAccount: "alice", C2CMsgInfo: infos})
	}
	confirm()
	alice.expect("confirmed by bob 1")
	confirm()
	alice.expect()
	w.reload()
	alice = w.login("alice")
	page := ask[protocol.GetRoamMsgReply](alice, protocol.CmdGetRoamMsg, protocol.GetRoamMsgRequest{PeerAccount: "bob", MaxCnt: 9})
	if len(page.MsgList) != 2 || page.MsgList[0].IsPeerRead != 1 || page.MsgList[1].IsPeerRead != 0 {
		t.Errorf("history %+v", page.MsgList)
	}
}

func TestPeerMuteIsKeptAndTold(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	alice, second := w.login("alice"), w.login("alice")
	w.login("bob")
	r := ask[protocol.SetPeerMuteReply](alice, protocol.CmdSetPeerMute, protocol.SetPeerMuteRequest{PeerAccount: []string{"bob", "nobody"}, MuteNotifications: 2})
	if len(r.ErrorList) != 1 || r.ErrorList[0].PeerAccount != "nobody" {
		t.Errorf("%+v", r)
	}
	alice.expect()
	second.expect("remind bob 2")
	w.reload()
	alice = w.login("alice")
	got := ask[protocol.GetPeerMuteReply](alice, protocol.CmdGetPeerMute, struct{}{})
	if len(got.MuteNotificationsList) != 1 || got.MuteNotificationsList[0] != (protocol.PeerMute{PeerAccount: "bob", MuteNotifications: 2}) {
		t.Errorf("%+v", got)
	}
}
