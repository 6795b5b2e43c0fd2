package fakeserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/imsim/imsim/protocol"
)

// Genuine-looking frames, broken in every way, from several connections at
// once: nothing but their own connections may suffer. Two others go on
// chatting meanwhile and miss nothing. IMSIM_FUZZ=3m runs it for longer;
// IMSIM_SEED repeats a run's chance.
func TestMutatedFramesHarmNobody(t *testing.T) {
	seed := uint64(1)
	length := time.Duration(0)
	if text := os.Getenv("IMSIM_FUZZ"); text != "" {
		var err error
		if length, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
		seed = uint64(time.Now().UnixNano())
	}
	if text := os.Getenv("IMSIM_SEED"); text != "" {
		seed, _ = strconv.ParseUint(text, 10, 64)
	}
	t.Logf("seed %d", seed)
	s := Run(t, Options{WebInstances: 3, MaxBacklog: 1 << 20, MaxFrame: 256 << 10})
	until := time.Now().Add(length)
	enough := make(chan struct{})
	var attackers sync.WaitGroup
	for i := range 3 {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		dial := overTCP
		if i == 0 {
			dial = inMemory
		}
		attackers.Go(func() {
			for n := 0; n < 30 || time.Now().Before(until); n++ {
				attack(t, s, dial, random)
			}
		})
	}
	go func() { attackers.Wait(); close(enough) }()

	alice, bob := login(t, s, overTCP, "alice"), login(t, s, inMemory, "bob")
	for n := 0; ; n++ {
		text := fmt.Sprint("still here ", n)
		if f := alice.send("bob", text); f.ErrorCode != 0 {
			t.Fatalf("seed %d: %s", seed, f.raw)
		}
		if got := bob.texts(); !slices.Equal(got, []string{text}) {
			t.Fatalf("seed %d: bob got %q, want %q", seed, got, text)
		}
		if got := alice.texts(); len(got) != 0 {
			t.Fatalf("seed %d: alice got %q", seed, got)
		}
		select {
		case <-enough:
			if n > 0 {
				t.Logf("%d messages undisturbed", n+1)
				return
			}
		default:
		}
	}
}

// attack is a connection that logs in, sends broken frames, and leaves.
func attack(t *testing.T, s *Server, dial dialer, random *rand.Rand) {
	path := []string{protocol.PathText, protocol.PathBinary}[random.IntN(2)]
	query := fmt.Sprintf("sdkappid=%d&instanceid=m%d&compress=gzip", s.AppID(), random.IntN(3))
	c, _, err := tryOpen(t, s, dial, path, query)
	if err != nil {
		t.Errorf("open: %v", err)
		return
	}
	defer c.close()
	if random.IntN(5) > 0 {
		c.user = fmt.Sprint("mallory", random.IntN(3))
		f := c.ask(protocol.CmdLogin, struct{}{})
		var r protocol.LoginReply
		_ = json.Unmarshal(f.Body, &r)
		c.a2, c.tiny = r.A2Key, r.TinyID
	}
	for range 20 {
		raw := mutate(random, c.request(seeds[random.IntN(len(seeds))].cmd, seeds[random.IntN(len(seeds))].body))
		opcode := []int{websocket.TextMessage, websocket.BinaryMessage}[random.IntN(2)]
		switch random.IntN(40) {
		case 0:
			_, _ = c.ws.NetConn().Write(raw) // no WebSocket frame at all
		case 1:
			_ = c.ws.WriteMessage(websocket.PingMessage, raw[:min(len(raw), 125)])
		default:
			_ = c.ws.WriteMessage(opcode, raw)
		}
	}
}

var seeds = []struct {
	cmd  string
	body json.RawMessage
}{
	{protocol.CmdLogin, json.RawMessage(`{"State":"Online"}`)},
	{protocol.CmdSendMsg, json.RawMessage(`{"To_Account":"mallory1","MsgSeq":1,"MsgRandom":2,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}],"MsgLifeTime":0}`)},
	{protocol.CmdSendMsg, json.RawMessage(`{"To_Account":"mallory1","MsgSeq":7,"MsgRandom":2,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}],"SendMsgControl":["NoUnread"]}`)},
	{protocol.CmdGetMsg, json.RawMessage(`{"Cookie":"1","SyncFlag":0}`)},
	{protocol.CmdGetRoamMsg, json.RawMessage(`{"Peer_Account":"mallory1","MaxCnt":15,"LastMsgTime":0,"MsgKey":"1_2_3","WithRecalledMsg":1,"GetDirection":1}`)},
	{protocol.CmdMsgReaded, json.RawMessage(`{"C2CMsgReaded":{"C2CMsgReadedItem":[{"To_Account":"mallory1","LastedMsgTime":1700000000}]}}`)},
	{protocol.CmdMsgWithdraw, json.RawMessage(`{"MsgInfo":{"To_Account":"mallory1","MsgSeq":7,"MsgRandom":2}}`)},
	{protocol.CmdDeleteC2C, json.RawMessage(`{"To_Account":"mallory1","MsgKeyList":["7_2_1700000000"]}`)},
	{protocol.CmdContactPage, json.RawMessage(`{"StartIndex":0}`)},
	{protocol.CmdContactTop, json.RawMessage(`{"OperationType":1,"RecentContactItem":[{"Type":1,"To_Account":"mallory1"}]}`)},
	{protocol.CmdContactBatchDel, json.RawMessage(`{"ContactItem":[{"Type":1,"To_Account":"mallory1"}],"ClearRamble":1}`)},
	{protocol.CmdProfileSet, json.RawMessage(`{"ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"<\u0000>"}]}`)},
	{protocol.CmdPushAck, json.RawMessage(`{"SessionData":"5"}`)},
	{protocol.CmdLogout, json.RawMessage(`{"wslogout_type":0}`)},
	{protocol.CmdHello, json.RawMessage(`{}`)},
	{"no.such_command", json.RawMessage(`{}`)},
}

// mutate breaks a frame a little, or leaves it.
func mutate(random *rand.Rand, raw []byte) []byte {
	raw = bytes.Clone(raw)
	odd := [][]byte{[]byte(`null`), []byte(`"`), []byte(`{`), []byte(`}`), []byte(`[[`), []byte(`]`), []byte(`,`), []byte(`-1`), []byte(`1e999`),
		[]byte(`99999999999999999999`), []byte(`\u0000`), []byte("\xff"), []byte(`"\ud800"`), bytes.Repeat([]byte(`[`), 2000), bytes.Repeat([]byte(`x`), 20_000)}
	for range random.IntN(4) {
		at := random.IntN(len(raw) + 1)
		switch random.IntN(6) {
		case 0:
			raw = raw[:at]
		case 1:
			raw = slices.Insert(raw, at, odd[random.IntN(len(odd))]...)
		case 2:
			if at < len(raw) {
				raw[at] = byte(random.IntN(256))
			}
		case 3: // a value for another
			if i := bytes.IndexByte(raw[at:], ':'); i >= 0 {
				end := at + i + 1
				stop := bytes.IndexAny(raw[end:], ",}]")
				if stop >= 0 {
					raw = slices.Replace(raw, end, end+stop, odd[random.IntN(len(odd))]...)
				}
			}
		case 4: // a part twice
			raw = slices.Insert(raw, at, raw[at:min(len(raw), at+random.IntN(50))]...)
		case 5: // a part less
			raw = slices.Delete(raw, at, min(len(raw), at+random.IntN(20)))
		}
		if len(raw) == 0 {
			break
		}
	}
	return raw
}
