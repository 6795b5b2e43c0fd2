package fakeserver

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/imsim/imsim/fakeserver/backend"
	"github.com/imsim/imsim/protocol"
)

// A busy run over real sockets, with everything at once, is noted input by
// input; the same inputs given to a fresh world have the same effects, byte for
// byte.
func TestRunOverSocketsCanBeReplayed(t *testing.T) {
	both(t, func(t *testing.T, dial dialer) {
		var inputs []tapped // the world's lock guards it
		s := Run(t, Options{WebInstances: 2, tap: func(in tapped) {
			in.data, in.effects = bytes.Clone(in.data), slices.Clone(in.effects)
			inputs = append(inputs, in)
		}})
		const users, rounds = 6, 25
		name := func(i int) string { return fmt.Sprint("user", i) }
		for i := range users {
			login(t, s, dial, name(i)).close()
		}
		var wg sync.WaitGroup
		for i := range users * 2 { // two instances of each
			random := rand.New(rand.NewPCG(uint64(i), 1))
			wg.Go(func() {
				busy(t, s, dial, name(i%users), func() string { return name(random.IntN(users)) }, random, rounds)
			})
		}
		wg.Wait()
		s.Advance(time.Minute)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		again := backend.New(s.AppID(), s.config(s.AppID()))
		for i, in := range inputs {
			var got []backend.Effect
			switch in.what {
			case "connect":
				got = again.Connect(in.at, in.conn, backend.ConnInfo{InstanceID: string(in.data)})
			case "disconnect":
				got = again.Disconnect(in.at, in.conn)
			case "receive":
				got = again.Receive(in.at, in.conn, in.data)
			case "tick":
				got = again.Tick(in.at)
			}
			if !slices.EqualFunc(got, in.effects, func(a, b backend.Effect) bool {
				return a.Conn == b.Conn && bytes.Equal(a.Frame, b.Frame) && a.User == b.User && a.Push == b.Push && a.Close == b.Close
			}) {
				t.Fatalf("input %d of %d, %s, had other effects: %v, first %v", i, len(inputs), in.what, got, in.effects)
			}
		}
		if len(inputs) < users*rounds {
			t.Errorf("only %d inputs", len(inputs))
		}
	})
}

// busy is a client that does a bit of everything, and may be kicked.
func busy(t *testing.T, s *Server, dial dialer, user string, peer func() string, random *rand.Rand, rounds int) {
	c := login(t, s, dial, user)
	for range rounds {
		to := peer()
		switch random.IntN(9) {
		case 0, 1, 2, 3:
			raw := c.request(protocol.CmdSendMsg, c.message(to, "hello"))
			c.write(raw)
			if random.IntN(4) == 0 {
				c.write(raw) // once more
			}
		case 4:
			c.write(c.request(protocol.CmdGetRoamMsg, protocol.GetRoamMsgRequest{PeerAccount: to, MaxCnt: 5}))
		case 5:
			var req protocol.MsgReadedRequest
			req.C2CMsgReaded.C2CMsgReadedItem = []protocol.MsgReadedItem{{ToAccount: to, LastedMsgTime: 1 << 40}}
			c.write(c.request(protocol.CmdMsgReaded, req))
		case 6:
			c.write(c.request(protocol.CmdContactTop, protocol.ContactTopRequest{OperationType: 1 + random.IntN(2),
				RecentContactItem: []protocol.ContactItem{{Type: protocol.ContactC2C, ToAccount: to}}}))
		case 7:
			c.write(c.request(protocol.CmdMsgWithdraw, protocol.MsgWithdrawRequest{MsgInfo: protocol.MsgIdentity{
				ToAccount: to, MsgSeq: uint32(random.IntN(int(c.seq) + 1)), MsgRandom: 5}}))
		case 8:
			old := c
			old.barrier()
			old.close()
			c = open(t, s, dial, protocol.PathText, "")
			c.user, c.a2, c.tiny, c.seq = old.user, old.a2, old.tiny, old.seq
			c.ask(protocol.CmdLogin, struct{}{})
			c.ask(protocol.CmdGetMsg, protocol.GetMsgRequest{})
		}
	}
	c.barrier()
}
