package backend

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/imsim/imsim/protocol"
)

// tb is what testing.T and rapid.T share.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// appID of every world under test.
const appID = 1400000000

var start = time.Unix(1_700_000_000, 0)

// testWorld drives a World with frames, as SDKs would.
type testWorld struct {
	*World
	t       tb
	at      time.Time
	clients map[Conn]*client
	conns   Conn
	log     []string
	inputs  []input // since the world was made or loaded
}

func newWorld(t tb, cfg Config) *testWorld {
	w := &testWorld{t: t, at: start, clients: map[Conn]*client{}}
	cfg.Log = func(format string, args ...any) { w.log = append(w.log, fmt.Sprintf(format, args...)) }
	w.World = New(appID, cfg)
	return w
}

// reload saves the world and goes on with what was loaded; clients are gone.
func (w *testWorld) reload() {
	w.t.Helper()
	text, err := json.Marshal(w.State(w.at))
	if err != nil {
		w.t.Fatalf("save: %v", err)
	}
	var st State
	if err := json.Unmarshal(text, &st); err != nil {
		w.t.Fatalf("read: %v", err)
	}
	cfg := w.cfg
	if w.World, err = Load(&st, cfg); err != nil {
		w.t.Fatalf("load: %v", err)
	}
	w.clients, w.inputs = map[Conn]*client{}, nil
}

// stateText is a world's state as it is saved.
func stateText(t tb, w *World, at time.Time) string {
	t.Helper()
	text, err := json.MarshalIndent(w.State(at), "", " ")
	if err != nil {
		t.Fatalf("save: %v", err)
	}
	return string(text)
}

// handOut gives effects to the clients they are for.
func (w *testWorld) handOut(effects []Effect) {
	w.t.Helper()
	for _, e := range effects {
		c := w.clients[e.Conn]
		switch {
		case c == nil:
			w.t.Errorf("effect for connection %d, which is not open: %s", e.Conn, e.Frame)
		case e.Close != 0:
			c.closed = e.Close
		case e.Push:
			c.pushes = append(c.pushes, e.Frame)
		default:
			c.replies = append(c.replies, e.Frame)
		}
	}
}

// advance moves the clock; what is due happens.
func (w *testWorld) advance(d time.Duration) {
	w.t.Helper()
	w.at = w.at.Add(d)
	w.happen((*World).Tick)
}

// client is an SDK object: an instanceid, and a connection at a time.
type client struct {
	w        *testWorld
	instance string
	conn     Conn
	user     string
	usersig  string
	a2, tiny string
	instID   uint32
	seq      uint64 // of the frames
	msgSeq   uint32 // of the messages
	cookie   string
	pushes   [][]byte
	replies  [][]byte
	closed   int
}

// dial opens a connection of a new SDK object.
func (w *testWorld) dial() *client {
	w.t.Helper()
	c := &client{w: w, instance: fmt.Sprintf("instance-%d", w.conns+1), usersig: "any"}
	c.connect()
	return c
}

func (c *client) connect() {
	c.w.t.Helper()
	c.w.conns++
	c.conn, c.closed = c.w.conns, 0
	c.w.clients[c.conn] = c
	conn, info := c.conn, ConnInfo{InstanceID: c.instance}
	c.w.happen(func(w *World, at time.Time) []Effect { return w.Connect(at, conn, info) })
}

// disconnect is the network's failure; pushes that were not looked at are
// lost.
func (c *client) disconnect() {
	c.w.t.Helper()
	conn := c.conn
	c.w.happen(func(w *World, at time.Time) []Effect { return w.Disconnect(at, conn) })
	delete(c.w.clients, c.conn)
	c.conn = 0
}

// login is a new SDK object, logged in.
func (w *testWorld) login(user string) *client {
	w.t.Helper()
	c := w.dial()
	if code := c.tryLogin(user); code != protocol.OK {
		w.t.Fatalf("login of %s: code %d", user, code)
	}
	return c
}

func (c *client) tryLogin(user string) protocol.Code {
	c.w.t.Helper()
	c.user, c.a2, c.tiny, c.instID = user, "", "", 0
	r := ask[protocol.LoginReply](c, protocol.CmdLogin, protocol.LoginRequest{State: "Online"})
	c.a2, c.tiny, c.instID = r.A2Key, r.TinyID, r.InstID
	return r.ErrorCode
}

// reconnect is what an SDK does on its own: a new connection, wslogin with a2.
func (c *client) reconnect() protocol.Code {
	c.w.t.Helper()
	c.connect()
	return c.code(protocol.CmdLogin, protocol.LoginRequest{State: "Online"})
}

// comeBack is reconnect and the sync after it.
func (c *client) comeBack() {
	c.w.t.Helper()
	if code := c.reconnect(); code != protocol.OK {
		c.w.t.Fatalf("reconnect of %s: code %d", c.user, code)
	}
	c.sync()
}

func (c *client) head(cmd string) *protocol.Head {
	c.seq++
	h := &protocol.Head{ServCmd: cmd, Seq: protocol.SeqNumber(c.seq), A2: c.a2, TinyID: c.tiny, StatusInstID: c.instID}
	if c.a2 == "" {
		h.Identifier, h.UserSig = c.user, c.usersig
	}
	return h
}

// frame makes a request; it is sent by raw.
func (c *client) frame(cmd string, body any) []byte {
	c.w.t.Helper()
	frame, err := protocol.EncodeRequest(nil, c.head(cmd), body)
	if err != nil {
		c.w.t.Fatalf("encode %s: %v", cmd, err)
	}
	return frame
}

// raw sends a frame and returns the replies to it.
func (c *client) raw(frame []byte) []protocol.Downlink {
	c.w.t.Helper()
	c.replies = nil
	conn := c.conn
	c.w.happen(func(w *World, at time.Time) []Effect { return w.Receive(at, conn, frame) })
	var list []protocol.Downlink
	for _, r := range c.replies {
		d, err := protocol.ParseDownlink(r)
		if err != nil {
			c.w.t.Fatalf("reply %s: %v", r, err)
		}
		list = append(list, d)
	}
	return list
}

// ask sends a request and returns its one reply.
func ask[T any](c *client, cmd string, body any) T {
	c.w.t.Helper()
	var reply T
	frame := c.frame(cmd, body)
	got := c.raw(frame)
	if len(got) != 1 || got[0].ServCmd != cmd || got[0].Seq != protocol.SeqNumber(c.seq) {
		c.w.t.Fatalf("%s: replies %v, want one with seq %d", frame, got, c.seq)
	}
	if err := json.Unmarshal(got[0].Body, &reply); err != nil {
		c.w.t.Fatalf("reply to %s: %v in %s", cmd, err, got[0].Body)
	}
	return reply
}

func (c *client) code(cmd string, body any) protocol.Code {
	c.w.t.Helper()
	return ask[protocol.Status](c, cmd, body).ErrorCode
}

// must sends a request that succeeds.
func (c *client) must(cmd string, body any) {
	c.w.t.Helper()
	if code := c.code(cmd, body); code != protocol.OK {
		c.w.t.Fatalf("%s by %s: code %d", cmd, c.user, code)
	}
}

func textBody(text string) json.RawMessage {
	b, _ := json.Marshal([]map[string]any{{"MsgType": "TIMTextElem", "MsgContent": map[string]string{"Text": text}}})
	return b
}

// message is the body of a send; seq and random differ for each.
func (c *client) message(to, text string) *protocol.SendMsgRequest {
	c.msgSeq++
	return &protocol.SendMsgRequest{
		FromAccount: c.user, ToAccount: to, MsgSeq: c.msgSeq, MsgRandom: c.instID, MsgBody: textBody(text), MsgClientTime: 1,
	}
}

// send sends a text and returns how the message is named.
func (c *client) send(to, text string) protocol.MsgIdentity {
	c.w.t.Helper()
	return c.sendAs(c.message(to, text))
}

func (c *client) sendAs(m *protocol.SendMsgRequest) protocol.MsgIdentity {
	c.w.t.Helper()
	r := ask[protocol.SendMsgReply](c, protocol.CmdSendMsg, m)
	key := protocol.MsgKey{Seq: m.MsgSeq, Random: m.MsgRandom, Time: r.MsgTime}
	if r.ErrorCode != protocol.OK || r.MsgKey != key.String() {
		c.w.t.Fatalf("send by %s to %s: %+v", c.user, m.ToAccount, r)
	}
	return protocol.MsgIdentity{FromAccount: c.user, ToAccount: m.ToAccount, MsgSeq: m.MsgSeq, MsgRandom: m.MsgRandom, MsgTimeStamp: r.MsgTime}
}

func keyString(id protocol.MsgIdentity) string {
	return protocol.MsgKey{Seq: id.MsgSeq, Random: id.MsgRandom, Time: id.MsgTimeStamp}.String()
}

func (c *client) recall(id protocol.MsgIdentity) protocol.Code {
	c.w.t.Helper()
	return c.code(protocol.CmdMsgWithdraw, protocol.MsgWithdrawRequest{MsgInfo: id})
}

// read reads a peer's messages up to a second.
func (c *client) read(peer string, second int64) {
	c.w.t.Helper()
	var req protocol.MsgReadedRequest
	req.C2CMsgReaded.C2CMsgReadedItem = []protocol.MsgReadedItem{{ToAccount: peer, LastedMsgTime: second, Receipt: 1}}
	c.must(protocol.CmdMsgReaded, req)
}

func (c *client) readNow(peer string) { c.w.t.Helper(); c.read(peer, c.w.at.Unix()) }

func (c *client) delete(peer string, ids ...protocol.MsgIdentity) {
	c.w.t.Helper()
	req := protocol.DeleteC2CRequest{FromAccount: c.user, ToAccount: peer}
	for _, id := range ids {
		req.MsgKeyList = append(req.MsgKeyList, keyString(id))
	}
	c.must(protocol.CmdDeleteC2C, req)
}

// sync is openim.getmsg with the last cookie; what it brings counts as pushed.
func (c *client) sync() protocol.GetMsgReply {
	c.w.t.Helper()
	r := ask[protocol.GetMsgReply](c, protocol.CmdGetMsg, protocol.GetMsgRequest{Cookie: c.cookie})
	if r.ErrorCode != protocol.OK || r.Cookie == "" || r.SyncFlag != protocol.SyncDone {
		c.w.t.Fatalf("getmsg by %s: %+v", c.user, r)
	}
	c.cookie = r.Cookie
	for _, m := range r.MsgList {
		frame, _ := protocol.EncodeFrame(nil, protocol.CmdPush, "0", json.RawMessage(`{"EventArray":[{"Event":9,"C2cMsgArray":[`+string(m)+`]}]}`))
		c.pushes = append(c.pushes, frame)
	}
	return r
}

// history is all of a chat as the client may see it, oldest first.
func (c *client) history(peer string) []string {
	c.w.t.Helper()
	list, key := []string{}, ""
	for {
		r := ask[protocol.GetRoamMsgReply](c, protocol.CmdGetRoamMsg, protocol.GetRoamMsgRequest{PeerAccount: peer, MaxCnt: 20, MsgKey: key, WithRecalledMsg: 1})
		page := []string{}
		for _, m := range r.MsgList {
			page = append(page, describeMessage(m))
		}
		list, key = append(page, list...), r.MsgKey
		if r.Complete == 1 || len(r.MsgList) == 0 {
			return list
		}
	}
}

func (c *client) contacts() []protocol.SessionItem {
	c.w.t.Helper()
	r := ask[protocol.ContactPageReply](c, protocol.CmdContactPage, protocol.ContactPageRequest{FromAccount: c.user})
	if r.CompleteFlag != 1 {
		c.w.t.Fatalf("page_get of %s has no end", c.user)
	}
	return r.SessionItem
}

// unread is the number that the conversation list shows, -1 if it is not
// listed.
func (c *client) unread(peer string) int {
	c.w.t.Helper()
	for _, item := range c.contacts() {
		if item.ToAccountC2C == peer {
			return item.UnreadMsgCount
		}
	}
	return -1
}
