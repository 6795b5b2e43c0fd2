package fakeserver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/imsim/imsim/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must come: hit only when it
// fails.
const patience = 20 * time.Second

// both runs a test over sockets and in memory.
func both(t *testing.T, test func(t *testing.T, dial dialer)) {
	t.Run("TCP", func(t *testing.T) { test(t, overTCP) })
	t.Run("memory", func(t *testing.T) { test(t, inMemory) })
}

// dialer connects to a server.
type dialer func(*Server, context.Context) (net.Conn, error)

func inMemory(s *Server, ctx context.Context) (net.Conn, error) { return s.Dial(ctx) }

func overTCP(s *Server, ctx context.Context) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "tcp", s.Addr())
}

// sdk is a client as far as frames go.
type sdk struct {
	t        testing.TB
	ws       *websocket.Conn
	path     string
	user     string
	a2, tiny string
	seq      uint64
	frames   chan frame    // what comes in
	gone     chan struct{} // closed when the connection ended
	err      error         // why; valid once gone
	pushes   []frame       // that came while waiting for a reply
}

// frame is one of the server's.
type frame struct {
	protocol.Downlink
	opcode int
	packed bool
	raw    []byte
}

func (s *Server) upgradeURL(path, query string) string { return "ws://imsim.test" + path + "?" + query }

var instances struct {
	sync.Mutex
	n int
}

func newInstance() string {
	instances.Lock()
	defer instances.Unlock()
	instances.n++
	return fmt.Sprintf("%032x", instances.n)
}

// open connects; query is added to the usual one.
func open(t testing.TB, s *Server, dial dialer, path, query string) *sdk {
	t.Helper()
	c, resp, err := tryOpen(t, s, dial, path, fmt.Sprintf("sdkappid=%d&instanceid=%s&random=1&%s", s.AppID(), newInstance(), query))
	if err != nil {
		t.Fatalf("open %s: %v (%v)", path, err, resp)
	}
	return c
}

func tryOpen(t testing.TB, s *Server, dial dialer, path, query string) (*sdk, *http.Response, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	d := websocket.Dialer{NetDialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(s, ctx) }}
	ws, resp, err := d.DialContext(ctx, s.upgradeURL(path, query), nil)
	if err != nil {
		return nil, resp, err
	}
	c := &sdk{t: t, ws: ws, path: path, frames: make(chan frame, 8192), gone: make(chan struct{})}
	go c.read()
	t.Cleanup(c.close)
	return c, resp, nil
}

func (c *sdk) read() {
	defer close(c.gone)
	for {
		opcode, raw, err := c.ws.ReadMessage()
		if err != nil {
			c.err = err
			return
		}
		f := frame{opcode: opcode, packed: bytes.HasPrefix(raw, []byte("COMP"))}
		if f.raw, err = protocol.Inflate(raw); err == nil {
			f.Downlink, err = protocol.ParseDownlink(f.raw)
		}
		if err != nil {
			c.err = fmt.Errorf("%w in %q", err, raw)
			return
		}
		c.frames <- f
	}
}

func (c *sdk) close() {
	_ = c.ws.Close()
	<-c.gone
}

// login opens a connection and logs in.
func login(t testing.TB, s *Server, dial dialer, user string) *sdk {
	t.Helper()
	c := open(t, s, dial, protocol.PathText, "")
	c.login(user)
	return c
}

func (c *sdk) login(user string) {
	c.t.Helper()
	c.user = user
	f := c.ask(protocol.CmdLogin, struct{}{})
	var r protocol.LoginReply
	if err := json.Unmarshal(f.Body, &r); err != nil || r.ErrorCode != protocol.OK {
		c.t.Fatalf("login of %s: %s", user, f.raw)
	}
	c.a2, c.tiny = r.A2Key, r.TinyID
}

// request makes the next request's frame.
func (c *sdk) request(cmd string, body any) []byte {
	c.t.Helper()
	c.seq++
	h := protocol.Head{ServCmd: cmd, Seq: protocol.SeqNumber(c.seq), A2: c.a2, TinyID: c.tiny}
	if c.a2 == "" {
		h.Identifier, h.UserSig = c.user, "secret-ticket"
	}
	raw, err := protocol.EncodeRequest(nil, &h, body)
	if err != nil {
		c.t.Fatal(err)
	}
	return raw
}

func (c *sdk) write(raw []byte) {
	opcode := websocket.TextMessage
	if c.path == protocol.PathBinary {
		opcode = websocket.BinaryMessage
	}
	_ = c.ws.WriteMessage(opcode, raw) // a broken connection shows when reading
}

// ask sends a request and waits for its reply.
func (c *sdk) ask(cmd string, body any) frame {
	c.t.Helper()
	c.write(c.request(cmd, body))
	return c.await(cmd, protocol.SeqNumber(c.seq))
}

func (c *sdk) await(cmd string, seq protocol.Seq) frame {
	c.t.Helper()
	for {
		f := c.next()
		if f.ServCmd == cmd && f.Seq == seq {
			return f
		}
		c.pushes = append(c.pushes, f)
	}
}

// next waits for a frame.
func (c *sdk) next() frame {
	c.t.Helper()
	select {
	case f := <-c.frames:
		return f
	default:
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case f := <-c.frames:
		return f
	case <-c.gone:
		select {
		case f := <-c.frames:
			return f
		default:
			c.t.Fatalf("%s: connection ended: %v", c.user, c.err)
		}
	case <-late.C:
		c.t.Fatalf("%s: nothing comes", c.user)
	}
	panic("not reached")
}

// within waits for what must come.
func within[T any](t testing.TB, ch <-chan T) T {
	t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case v := <-ch:
		return v
	case <-late.C:
		t.Fatal("nothing comes")
	}
	panic("not reached")
}

// send sends a text and waits for the answer.
func (c *sdk) send(to, text string) frame {
	c.t.Helper()
	return c.ask(protocol.CmdSendMsg, c.message(to, text))
}

func (c *sdk) message(to, text string) *protocol.SendMsgRequest {
	body, _ := json.Marshal([]map[string]any{{"MsgType": "TIMTextElem", "MsgContent": map[string]string{"Text": text}}})
	return &protocol.SendMsgRequest{FromAccount: c.user, ToAccount: to, MsgSeq: uint32(c.seq), MsgRandom: uint32(len(text)), MsgBody: body}
}

// barrier returns when all that the server had for the client by now is here.
func (c *sdk) barrier() { c.t.Helper(); c.ask(protocol.CmdAlive, struct{}{}) }

// texts are the messages pushed so far; their order is the wire's.
func (c *sdk) texts() []string {
	c.t.Helper()
	c.barrier()
	list := []string{}
	for _, f := range c.pushes {
		var push protocol.Push
		if err := json.Unmarshal(f.Body, &push); err != nil {
			c.t.Fatal(err)
		}
		for _, e := range push.EventArray {
			for _, m := range e.C2CMsgArray {
				var body []struct{ MsgContent struct{ Text string } }
				_ = json.Unmarshal(m.MsgBody, &body)
				list = append(list, body[0].MsgContent.Text)
			}
		}
	}
	c.pushes = nil
	return list
}

// wantClosed waits for the end of the connection, with that close code and a
// reason that says so.
func (c *sdk) wantClosed(code int, reason string) {
	c.t.Helper()
	within(c.t, c.gone)
	if e, ok := c.err.(*websocket.CloseError); !ok || e.Code != code || !strings.Contains(e.Text, reason) {
		c.t.Errorf("ended with %v, want %d %q", c.err, code, reason)
	}
}

// call uses the control API; it returns the status and the answer.
func call(t testing.TB, s *Server, method, path, body string) (int, string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return s.Dial(ctx) },
	}, Timeout: patience}
	req, err := http.NewRequest(method, "http://imsim.test"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(text))
}
