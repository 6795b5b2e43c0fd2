package backend

import (
	"fmt"
	"testing"

	"github.com/imsim/imsim/protocol"
)

// A message is encoded once, however many members get it; twice if it mentions
// somebody and SDKs of both kinds are there.
func TestOneEncodingForAllMembers(t *testing.T) {
	for _, kind := range []string{protocol.GroupWork, protocol.GroupMeeting, protocol.GroupAVChatRoom} {
		for _, mentions := range []bool{false, true} {
			w := newWorld(t, Config{})
			owner := w.login("owner")
			owner.newGroup(kind, "g")
			for i := range 50 {
				c := w.login(fmt.Sprint("member", i))
				if i%2 == 0 {
					c.must(protocol.CmdGetMsg, fields{"NeedSignaling": 1}) // as SDKs after 2.14 ask
				}
				switch kind {
				case protocol.GroupWork:
					owner.must(protocol.CmdGroupAddMember, fields{"GroupId": "g", "MemberList": []fields{{"Member_Account": c.user}}})
				default:
					c.must(protocol.CmdGroupJoin, fields{"GroupId": "g"})
				}
			}
			send := owner.groupSend("g", "hello")
			want := 1
			if mentions {
				send.GroupAtInfo, want = []protocol.GroupAt{{Account: "nobody"}}, 2
			}
			frames, pushes := map[*byte]bool{}, 0
			frame := owner.frame(protocol.CmdSendGroupMsg, send)
			for _, e := range w.Receive(w.at, owner.conn, frame) {
				if e.Push {
					pushes++
					frames[&e.Frame[0]] = true
				}
			}
			if pushes != 50 || len(frames) != want {
				t.Errorf("%s, mentions %v: %d pushes of %d frames, want 50 of %d", kind, mentions, pushes, len(frames), want)
			}
		}
	}
}
