package bench

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/gorilla/websocket"
)

// Letters that frames of the relay begin with.
const (
	relayMessage = 'm'
	relayAck     = 'a'
)

// relayAckSize is the size of imsim's reply to a send.
const relayAckSize = 180

// relay is the baseline of messages and of memory: the usual gorilla server,
// as its examples write it, that knows no JSON and no rules. What a user sends
// goes to its peer as it is, and an ack goes back; /fanout writes it to all who
// came without a peer, one after the other. /echo returns what comes.
type relay struct {
	upgrader websocket.Upgrader // the default one
	server   *http.Server
	addr     string
	running  sync.WaitGroup
	passed   atomic.Int64 // messages that went from user to user

	mu    sync.Mutex
	users map[string]*relayUser
	group []*relayUser
	open  []*websocket.Conn
}

type relayUser struct {
	mu sync.Mutex // gorilla wants one writer
	ws *websocket.Conn
}

func (u *relayUser) write(frame []byte) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.ws.WriteMessage(websocket.TextMessage, frame)
}

// startRelay listens on a free port of the loopback.
func startRelay() (*relay, error) {
	r := &relay{users: map[string]*relayUser{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/relay", r.serve)
	mux.HandleFunc("/fanout", r.fanout)
	mux.HandleFunc("/echo", r.echo)
	r.server = &http.Server{Handler: mux}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r.addr = l.Addr().String()
	r.running.Go(func() { _ = r.server.Serve(l) })
	return r, nil
}

func (r *relay) close() {
	_ = r.server.Close()
	r.mu.Lock()
	for _, ws := range r.open {
		_ = ws.Close()
	}
	r.mu.Unlock()
	r.running.Wait()
}

// upgrade shakes hands and notes the connection before the client knows that
// it is connected, so that its peer finds it.
func (r *relay) upgrade(w http.ResponseWriter, req *http.Request, note func(*websocket.Conn)) *websocket.Conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	ws, err := r.upgrader.Upgrade(w, req, nil)
	if err != nil {
		return nil // the upgrader has answered
	}
	r.open = append(r.open, ws)
	r.running.Add(1)
	note(ws)
	return ws
}

func (r *relay) serve(w http.ResponseWriter, req *http.Request) {
	me, peerName := req.FormValue("me"), req.FormValue("peer")
	user := &relayUser{}
	ws := r.upgrade(w, req, func(ws *websocket.Conn) {
		user.ws = ws
		r.users[me] = user
	})
	if ws == nil {
		return
	}
	defer r.running.Done()
	defer ws.Close()
	ackFrame := make([]byte, relayAckSize)
	var peer *relayUser
	for {
		_, frame, err := ws.ReadMessage()
		if err != nil {
			return
		}
		if peer == nil {
			r.mu.Lock()
			peer = r.users[peerName]
			r.mu.Unlock()
			if peer == nil {
				return
			}
		}
		copy(ackFrame, frame)
		ackFrame[0] = relayAck
		if peer.write(frame) != nil || user.write(ackFrame) != nil {
			return
		}
		r.passed.Add(1)
	}
}

// count is how many connections were opened.
func (r *relay) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.open)
}

// fanout is the connection of a group's writer (?writer=1) or of a member.
func (r *relay) fanout(w http.ResponseWriter, req *http.Request) {
	writes := req.FormValue("writer") != ""
	user := &relayUser{}
	ws := r.upgrade(w, req, func(ws *websocket.Conn) {
		if user.ws = ws; !writes {
			r.group = append(r.group, user)
		}
	})
	if ws == nil {
		return
	}
	defer r.running.Done()
	defer ws.Close()
	ackFrame := make([]byte, relayAckSize)
	for {
		_, frame, err := ws.ReadMessage()
		if err != nil {
			return
		}
		r.mu.Lock()
		group := r.group
		r.mu.Unlock()
		for _, member := range group {
			if member.write(frame) != nil {
				return
			}
		}
		copy(ackFrame, frame)
		ackFrame[0] = relayAck
		if user.write(ackFrame) != nil {
			return
		}
	}
}

func (r *relay) echo(w http.ResponseWriter, req *http.Request) {
	ws := r.upgrade(w, req, func(*websocket.Conn) {})
	if ws == nil {
		return
	}
	defer r.running.Done()
	defer ws.Close()
	for {
		kind, frame, err := ws.ReadMessage()
		if err != nil || ws.WriteMessage(kind, frame) != nil {
			return
		}
	}
}
