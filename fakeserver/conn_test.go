package fakeserver

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/imsim/imsim/protocol"
)

// A frame that is none closes its own connection, with a reason; everybody
// else goes on.
func TestGarbageClosesItsConnectionOnly(t *testing.T) {
	noise := make([]byte, 3000)
	_, _ = rand.Read(noise)
	noise[0] = 0xff
	both(t, func(t *testing.T, dial dialer) {
		s := Run(t)
		alice, bob := login(t, s, dial, "alice"), login(t, s, dial, "bob")
		for i, c := range []struct {
			name, path string
			opcode     int
			frame      []byte
			code       int
			reason     string
		}{
			{"noise", "/binfo", websocket.BinaryMessage, noise, 1007, "not UTF-8"},
			{"noise as text", "/info", websocket.TextMessage, noise, 1007, "not UTF-8"},
			{"binary on /info", "/info", websocket.BinaryMessage, noise, 1007, "not UTF-8"},
			{"half JSON", "/info", websocket.TextMessage, []byte(`{"head":{"servcmd":`), 1007, "not JSON"},
			{"empty", "/info", websocket.TextMessage, nil, 1007, "not JSON"},
			{"array", "/info", websocket.TextMessage, []byte(`[]`), 1007, "head"},
			{"no servcmd", "/info", websocket.TextMessage, []byte(`{"head":{"seq":1}}`), 1007, "servcmd"},
			{"no seq", "/info", websocket.TextMessage, []byte(`{"head":{"servcmd":"x"}}`), 1007, "seq"},
			{"brackets", "/info", websocket.TextMessage, bytes.Repeat([]byte("["), 3<<20), 1007, "deep"},
			{"10 MB", "/info", websocket.TextMessage, bytes.Repeat([]byte(" "), 10<<20), 1009, "longer than 4194304 bytes"},
			{"10 MB", "/binfo", websocket.BinaryMessage, bytes.Repeat([]byte(" "), 10<<20), 1009, "longer than 4194304 bytes"},
		} {
			bad := open(t, s, dial, c.path, "")
			if i%2 == 0 {
				bad.login("mallory")
			}
			_ = bad.ws.WriteMessage(c.opcode, c.frame)
			bad.wantClosed(c.code, c.reason)
		}
		alice.send("bob", "all quiet")
		if got := bob.texts(); !slices.Equal(got, []string{"all quiet"}) {
			t.Errorf("bob got %q", got)
		}
	})
}

// JSON is taken from either kind of frame on either path: 2.27 and later may
// fall back to /info.
func TestOpcodeOfRequestsDoesNotMatter(t *testing.T) {
	s := Run(t, Options{NoListener: true})
	for _, path := range []string{protocol.PathText, protocol.PathBinary} {
		c := open(t, s, inMemory, path, "")
		for _, opcode := range []int{websocket.TextMessage, websocket.BinaryMessage} {
			_ = c.ws.WriteMessage(opcode, c.request(protocol.CmdAlive, struct{}{}))
			c.await(protocol.CmdAlive, protocol.SeqNumber(c.seq))
		}
	}
}

// Violations of RFC 6455 are closed with their own code.
func TestBrokenWebSocketFrames(t *testing.T) {
	s := Run(t, Options{NoListener: true, MaxFrame: 1000})
	mask := []byte{0, 0, 0, 0}
	for name, c := range map[string]struct {
		frame []byte
		code  int
	}{
		"reserved bits":           {append([]byte{0xc1, 0x80}, mask...), 1002},
		"not masked":              {[]byte{0x81, 0x01, 'x'}, 1002},
		"opcode 3":                {append([]byte{0x83, 0x80}, mask...), 1002},
		"opcode 11":               {append([]byte{0x8b, 0x80}, mask...), 1002},
		"long ping":               {append([]byte{0x89, 0xfe, 0, 126}, mask...), 1002},
		"fragmented ping":         {append([]byte{0x09, 0x80}, mask...), 1002},
		"continuation of nothing": {append([]byte{0x80, 0x80}, mask...), 1002},
		"text within a message":   {slices.Concat([]byte{0x01, 0x80}, mask, []byte{0x81, 0x80}, mask), 1002},
		"length of 2^63":          {append([]byte{0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0}, mask...), 1009},
		"length of 1001":          {append([]byte{0x81, 0xfe, 0x03, 0xe9}, mask...), 1009},
		"close of one byte":       {append([]byte{0x88, 0x81}, append(mask, 1)...), 1002},
		"close code 1005":         {append([]byte{0x88, 0x82}, append(mask, 0x03, 0xed)...), 1002},
	} {
		t.Run(name, func(t *testing.T) {
			bad := open(t, s, inMemory, protocol.PathText, "")
			if _, err := bad.ws.NetConn().Write(c.frame); err != nil {
				t.Fatal(err)
			}
			bad.wantClosed(c.code, "")
		})
	}
}

// A request may come in fragments, with a ping among them.
func TestFragmentedRequest(t *testing.T) {
	both(t, func(t *testing.T, dial dialer) {
		s := Run(t)
		c := open(t, s, dial, protocol.PathText, "")
		pong := make(chan string, 1)
		c.ws.SetPongHandler(func(data string) error { pong <- data; return nil })
		raw := c.request(protocol.CmdAlive, struct{}{})
		part := func(opcode byte, p []byte) {
			t.Helper()
			frame := append([]byte{opcode, 0x80 | byte(len(p)), 0, 0, 0, 0}, p...)
			if _, err := c.ws.NetConn().Write(frame); err != nil {
				t.Fatal(err)
			}
		}
		part(0x01, raw[:10])
		part(0x89, []byte("hello"))
		for raw = raw[10:]; len(raw) > 100; raw = raw[100:] {
			part(0x00, raw[:100])
		}
		if got := within(t, pong); got != "hello" {
			t.Errorf("pong %q", got)
		}
		part(0x80, raw)
		c.await(protocol.CmdAlive, protocol.SeqNumber(c.seq))
	})
}

// What a client sent reaches the others at once, also when something that is
// no request, or the end, stands behind it in the same packet.
func TestNothingWaitsBehindControlFrames(t *testing.T) {
	for name, behind := range map[string][]byte{
		"close": {0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8}, "ping": {0x89, 0x80, 0, 0, 0, 0}, "first fragment": {0x01, 0x81, 0, 0, 0, 0, '{'},
		"half a frame": {0x81, 0xfe, 0x10}, "violation": {0xff, 0xff},
	} {
		both(t, func(t *testing.T, dial dialer) {
			s := Run(t)
			alice, bob := login(t, s, dial, "alice"), login(t, s, dial, "bob")
			raw := alice.request(protocol.CmdSendMsg, alice.message("bob", name))
			packet := append([]byte{0x81, 0xfe, byte(len(raw) >> 8), byte(len(raw)), 0, 0, 0, 0}, raw...)
			if _, err := alice.ws.NetConn().Write(append(packet, behind...)); err != nil {
				t.Fatal(err)
			}
			if f := bob.next(); !bytes.Contains(f.raw, []byte(name)) {
				t.Errorf("%s: bob got %s", name, f.raw)
			}
		})
	}
}

// The pong to a ping comes behind the replies to what was sent before it.
func TestPongComesBehindEarlierReplies(t *testing.T) {
	both(t, func(t *testing.T, dial dialer) {
		s := Run(t)
		c := open(t, s, dial, protocol.PathText, "")
		const rounds, each = 20, 5
		var mu sync.Mutex
		var wrong []string
		done := make(chan struct{})
		c.ws.SetPongHandler(func(data string) error { // runs on the reader's goroutine, in the wire's order
			mu.Lock()
			defer mu.Unlock()
			if n, _ := strconv.Atoi(data); len(c.frames) != n*each {
				wrong = append(wrong, fmt.Sprintf("pong %s behind %d replies", data, len(c.frames)))
			}
			if data == strconv.Itoa(rounds) {
				close(done)
			}
			return nil
		})
		for i := 1; i <= rounds; i++ {
			for range each {
				c.write(c.request(protocol.CmdAlive, struct{}{}))
			}
			_ = c.ws.WriteMessage(websocket.PingMessage, []byte(strconv.Itoa(i)))
		}
		within(t, done)
		mu.Lock()
		defer mu.Unlock()
		if len(wrong) > 0 {
			t.Error(wrong)
		}
	})
}

// Each sender's messages arrive in its order, however many send at once.
func TestOrderUnderConcurrency(t *testing.T) {
	both(t, func(t *testing.T, dial dialer) {
		s := Run(t)
		bob := login(t, s, dial, "bob")
		const senders, each = 8, 100
		var wg sync.WaitGroup
		for i := range senders {
			c := login(t, s, dial, fmt.Sprint("user", i))
			wg.Go(func() {
				var first uint64
				for n := range each { // without waiting for answers
					c.write(c.request(protocol.CmdSendMsg, c.message("bob", fmt.Sprintf("%d %d", i, n))))
					first = c.seq
				}
				c.await(protocol.CmdSendMsg, protocol.SeqNumber(first))
			})
		}
		wg.Wait()
		var next [senders]int
		got := bob.texts()
		for _, text := range got {
			var i, n int
			fmt.Sscanf(text, "%d %d", &i, &n)
			if n != next[i] {
				t.Fatalf("from %d came %d, want %d", i, n, next[i])
			}
			next[i]++
		}
		if len(got) != senders*each {
			t.Errorf("%d messages of %d", len(got), senders*each)
		}
	})
}

// Who does not read is cut once its backlog is over the limit; others notice
// nothing.
func TestSlowConsumerIsCut(t *testing.T) {
	both(t, func(t *testing.T, dial dialer) {
		s := Run(t, Options{MaxBacklog: 256 << 10, WebInstances: 2})
		alice, bob := login(t, s, dial, "alice"), login(t, s, dial, "bob")
		slow, err := dial(s, t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer slow.Close()
		if tcp, ok := slow.(*net.TCPConn); ok {
			_ = tcp.SetReadBuffer(4 << 10) // the kernel's share of the waiting
		}
		lazyLogin(t, slow, "bob")
		long := strings.Repeat("x", 10_000)
		sent := 0
		for online := 2; online == 2; sent++ {
			if sent > 5000 {
				t.Fatal("never cut")
			}
			if f := alice.send("bob", long); f.ErrorCode != 0 {
				t.Fatalf("%s", f.raw)
			}
			u, _ := s.User("bob")
			online = u.Online
		}
		if got := bob.texts(); len(got) != sent {
			t.Errorf("the other instance got %d of %d", len(got), sent)
		}
	})
}

// lazyLogin upgrades and logs in by hand on a connection that nobody reads.
func lazyLogin(t *testing.T, nc net.Conn, user string) {
	t.Helper()
	fmt.Fprintf(nc, "GET /info?sdkappid=%d HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", DefaultSDKAppID)
	readUntil(t, nc, "\r\n\r\n")
	raw, _ := json.Marshal(map[string]any{"head": map[string]any{"servcmd": protocol.CmdLogin, "seq": 1, "identifier": user, "usersig": "x"}})
	if _, err := nc.Write(append([]byte{0x81, 0x80 | byte(len(raw)), 0, 0, 0, 0}, raw...)); err != nil {
		t.Fatal(err)
	}
	readUntil(t, nc, `"TinyId"`)
}

func readUntil(t *testing.T, nc net.Conn, end string) {
	t.Helper()
	var got []byte
	for b := make([]byte, 1); !bytes.HasSuffix(got, []byte(end)); got = append(got, b[0]) {
		if _, err := nc.Read(b); err != nil {
			t.Fatalf("%v after %q", err, got)
		}
	}
}
