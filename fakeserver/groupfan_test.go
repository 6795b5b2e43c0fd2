package fakeserver

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/imsim/imsim/protocol"
)

// A member that does not read is cut once its backlog is over the limit; the
// other members get every message, and the sender every answer.
func TestSlowMemberHarmsNobody(t *testing.T) {
	both(t, func(t *testing.T, dial dialer) {
		s := Run(t, Options{MaxBacklog: 256 << 10})
		alice := login(t, s, dial, "alice")
		slow, err := dial(s, t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer slow.Close()
		if tcp, ok := slow.(*net.TCPConn); ok {
			_ = tcp.SetReadBuffer(4 << 10) // the kernel's share of the waiting
		}
		lazyLogin(t, slow, "slow")
		create := protocol.GroupCreateRequest{Type: protocol.GroupMeeting, Name: "n", GroupID: "g", MemberList: []protocol.GroupMemberItem{{MemberAccount: "slow"}}}
		var members []*sdk
		for i := range 5 {
			m := login(t, s, dial, fmt.Sprint("member", i))
			members = append(members, m)
			create.MemberList = append(create.MemberList, protocol.GroupMemberItem{MemberAccount: m.user})
		}
		if f := alice.ask(protocol.CmdGroupCreate, create); f.ErrorCode != 0 {
			t.Fatalf("%s", f.raw)
		}
		body := alice.message("", strings.Repeat("x", 10_000)).MsgBody
		sent := 0
		for online := 1; online == 1; sent++ {
			if sent > 5000 {
				t.Fatal("never cut")
			}
			f := alice.ask(protocol.CmdSendGroupMsg, protocol.GroupSendRequest{GroupID: "g", Random: uint32(sent + 1), MsgBody: body})
			if f.ErrorCode != 0 {
				t.Fatalf("%s", f.raw)
			}
			u, _ := s.User("slow")
			online = u.Online
		}
		for _, m := range members {
			m.barrier()
			got := 0
			for _, f := range m.pushes {
				got += strings.Count(string(f.raw), `"GroupMsgArray"`)
			}
			if got != sent {
				t.Errorf("%s got %d of %d", m.user, got, sent)
			}
		}
	})
}
