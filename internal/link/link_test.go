package link

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/imsim/imsim/internal/clock"
	"github.com/imsim/imsim/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of the tests; none is expected to be that long.
const patience = 10 * time.Second

// soon receives a value that must come.
func soon[T any](t *testing.T, ch <-chan T, what string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	select {
	case v := <-ch:
		return v
	case <-ctx.Done():
		t.Fatalf("%s did not come", what)
		panic("not reached")
	}
}

// server is scripted by the test: it hands out connections and their frames.
type server struct {
	t     *testing.T
	http  *httptest.Server
	conns chan *peer
	mu    sync.Mutex
	open  []*websocket.Conn
	deny  bool
}

// peer is the server's end of a connection.
type peer struct {
	t      *testing.T
	ws     *websocket.Conn
	query  string
	frames chan protocol.Request
	raw    chan string
	closed chan int // close code
}

func newServer(t *testing.T) *server {
	s := &server{t: t, conns: make(chan *peer, 16)}
	up := websocket.Upgrader{}
	s.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		deny := s.deny
		s.mu.Unlock()
		if deny {
			http.Error(w, "no", http.StatusServiceUnavailable)
			s.conns <- nil
			return
		}
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.open = append(s.open, ws)
		s.mu.Unlock()
		p := &peer{t: t, ws: ws, query: r.URL.RequestURI(), frames: make(chan protocol.Request, 64), raw: make(chan string, 64), closed: make(chan int, 1)}
		s.conns <- p
		for {
			_, frame, err := ws.ReadMessage()
			if err != nil {
				var c *websocket.CloseError
				if errors.As(err, &c) {
					p.closed <- c.Code
				}
				close(p.closed)
				return
			}
			if req, err := protocol.ParseRequest(frame); err == nil {
				p.raw <- string(frame)
				p.frames <- req
			}
		}
	}))
	t.Cleanup(func() {
		s.mu.Lock()
		for _, c := range s.open {
			_ = c.Close()
		}
		s.mu.Unlock()
		s.http.Close()
	})
	return s
}

func (s *server) refuse(deny bool) { s.mu.Lock(); s.deny = deny; s.mu.Unlock() }

func (s *server) accept() *peer {
	s.t.Helper()
	return soon(s.t, s.conns, "a dial")
}

// next is the next frame, which must be of that command.
func (p *peer) next(cmd string) protocol.Request {
	p.t.Helper()
	req := soon(p.t, p.frames, cmd)
	<-p.raw
	if req.Head.ServCmd != cmd {
		p.t.Fatalf("got %s, want %s", req.Head.ServCmd, cmd)
	}
	return req
}

func (p *peer) nextRaw() string {
	p.t.Helper()
	frame := soon(p.t, p.raw, "a frame")
	<-p.frames
	return frame
}

func (p *peer) answer(req protocol.Request, body string) {
	p.t.Helper()
	frame := protocol.AppendFrameHead(nil, req.Head.ServCmd, req.Head.Seq)
	if err := p.ws.WriteMessage(websocket.TextMessage, append(append(frame, body...), '}')); err != nil {
		p.t.Fatal(err)
	}
}

const ok = `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`

// recorder is a Handler that keeps what it was told.
type recorder struct {
	pushes   chan protocol.Downlink
	states   chan NetState
	answered chan string
}

func newRecorder() *recorder {
	return &recorder{make(chan protocol.Downlink, 64), make(chan NetState, 64), make(chan string, 64)}
}

func (r *recorder) Push(d protocol.Downlink)       { r.pushes <- d }
func (r *recorder) NetState(s NetState)            { r.states <- s }
func (r *recorder) Answered(cmd string, rep Reply) { r.answered <- cmd }

func (r *recorder) state(t *testing.T, want NetState) {
	t.Helper()
	if s := soon(t, r.states, string(want)); s != want {
		t.Fatalf("state %s, want %s", s, want)
	}
}

type rig struct {
	*server
	clock *clock.Shiftable
	rec   *recorder
	link  *Link
}

func newRig(t *testing.T) *rig {
	r := &rig{server: newServer(t), clock: clock.NewAt(time.Unix(1_700_000_000, 0)), rec: newRecorder()}
	r.link = New(&Config{
		SDKAppID: 1400000000, URL: "ws" + strings.TrimPrefix(r.http.URL, "http"), Clock: r.clock,
		Rand: func() uint64 { return 200 }, // no jitter
	}, r.rec)
	t.Cleanup(r.link.Close)
	return r
}

// connected is the first connection, its alive answered.
func (r *rig) connected() *peer {
	r.t.Helper()
	p := r.accept()
	p.answer(p.next(protocol.CmdAlive), ok)
	<-r.rec.answered
	return p
}

func (r *rig) settle() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := r.link.Settle(ctx); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) do(cmd, body string) chan Reply {
	ch := make(chan Reply, 1)
	r.link.Do(Request{Cmd: cmd, Body: []byte(body)}, func(rep Reply) { ch <- rep })
	return ch
}

func result(t *testing.T, ch chan Reply) Reply {
	t.Helper()
	return soon(t, ch, "a reply")
}

func pendingYet(t *testing.T, ch chan Reply) {
	t.Helper()
	select {
	case r := <-ch:
		t.Fatalf("early reply %+v", r)
	default:
	}
}

func TestHandshakeAndHead(t *testing.T) {
	r := newRig(t)
	p := r.connected()
	if !strings.HasPrefix(p.query, "/info?sdkappid=1400000000&instanceid=") || !strings.Contains(p.query, "&random=0.") && !strings.Contains(p.query, "&random=") {
		t.Errorf("query %s", p.query)
	}
	r.link.SetSession(Session{UserID: "alice", UserSig: "sig"})
	ch := r.do("a.login", `{"State":"Online"}`)
	head := headOf(t, p.nextRaw())
	if head["identifier"] != "alice" || head["usersig"] != "sig" || head["a2"] != nil || head["status_instid"] != 0.0 {
		t.Errorf("head before login %v", head)
	}
	r.link.SetSession(Session{UserID: "alice", UserSig: "sig", A2: "a2", TinyID: "14", InstID: 7})
	_ = r.do("a.b", "")
	head = headOf(t, p.nextRaw())
	if head["identifier"] != nil || head["a2"] != "a2" || head["tinyid"] != "14" || head["status_instid"] != 7.0 || head["reqtime"] != 1.7e9 {
		t.Errorf("head after login %v", head)
	}
	r.link.Do(Request{Cmd: "im_cos_msg.pre_sig", Upload: true}, func(Reply) {})
	head = headOf(t, p.nextRaw())
	if head["identifier"] != "alice" || head["a2"] != nil {
		t.Errorf("head of an upload %v", head)
	}
	pendingYet(t, ch)
}

func headOf(t *testing.T, frame string) map[string]any {
	t.Helper()
	var f struct{ Head map[string]any }
	if err := json.Unmarshal([]byte(frame), &f); err != nil {
		t.Fatal(err)
	}
	return f.Head
}

func TestRepliesMatchByCommandAndSeqInAnyOrder(t *testing.T) {
	r := newRig(t)
	p := r.connected()
	a, b := r.do("x.a", `{"n":1}`), r.do("x.b", `{"n":2}`)
	ra, rb := p.next("x.a"), p.next("x.b")
	p.answer(protocol.Request{Head: protocol.Head{ServCmd: "x.b", Seq: ra.Head.Seq}}, ok) // wrong pair: a push
	p.answer(rb, `{"ErrorCode":20003,"ErrorInfo":"no such"}`)
	if rep := result(t, b); rep.ErrorCode != 20003 || rep.OK() {
		t.Errorf("reply %+v", rep)
	}
	pendingYet(t, a)
	if d := <-r.rec.pushes; d.ServCmd != "x.b" {
		t.Errorf("push %+v", d)
	}
	p.answer(protocol.Request{Head: protocol.Head{ServCmd: "x.a", Seq: protocol.Seq(`"` + string(ra.Head.Seq) + `"`)}}, ok) // as a string
	if rep := result(t, a); !rep.OK() {
		t.Errorf("reply %+v", rep)
	}
	p.answer(ra, ok) // a second reply is no reply
	<-r.rec.pushes
}

func TestGarbageIsIgnored(t *testing.T) {
	r := newRig(t)
	p := r.connected()
	for _, s := range []string{"", "{", "[]", "null", `{"body":{}}`, `{"head":{"seq":1}}`} {
		if err := p.ws.WriteMessage(websocket.TextMessage, []byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	ch := r.do("x.a", "")
	p.answer(p.next("x.a"), ok)
	if rep := result(t, ch); !rep.OK() {
		t.Errorf("reply %+v", rep)
	}
	if n := len(r.rec.pushes); n != 0 {
		t.Errorf("%d pushes", n)
	}
}

func TestSettleComesBehindReplies(t *testing.T) {
	r := newRig(t)
	p := r.connected()
	ch := r.do("x.a", "")
	p.answer(p.next("x.a"), ok)
	r.settle()
	select {
	case <-ch:
	default:
		t.Error("settled before the reply")
	}
}

func TestCloseFailsWhatIsPending(t *testing.T) {
	r := newRig(t)
	p := r.connected()
	ch := r.do("x.a", "")
	p.next("x.a")
	r.link.Close()
	if rep := result(t, ch); rep.Err != ErrClosed {
		t.Errorf("reply %+v", rep)
	}
	if rep := result(t, r.do("x.b", "")); rep.Err != ErrClosed {
		t.Errorf("reply after Close %+v", rep)
	}
	if code := soon(t, p.closed, "the end of the connection"); code != CloseOnPurpose {
		t.Errorf("close code %d", code)
	}
	r.link.Close()
}
