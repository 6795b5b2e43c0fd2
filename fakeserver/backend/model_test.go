package backend

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
	"pgregory.net/rapid"
)

// model is what must come of a run of C2C, told as simply as can be.
type model struct {
	w       *testWorld
	t       *rapid.T
	users   []string
	clients []*modelClient
	all     []*modelMessage   // in the order they were sent
	readTo  map[[2]string]int // reader and peer: index in all up to which is read
}

type modelMessage struct {
	from, to, text string
	time           int64
	by             *modelClient
	id             protocol.MsgIdentity
	recalled       bool
	deleted        map[string]bool
	frame          []byte
}

// modelClient is an SDK object as far as messages go: it knows what it has
// already, and asks for what it missed.
type modelClient struct {
	*client
	since    int // length of all at its login
	received []string
	known    map[string]bool
	dead     bool // kicked, or its ticket ran out
}

func newModel(t *rapid.T, cfg Config) *model {
	return &model{w: newWorld(t, cfg), t: t, users: []string{"alice", "bob", "carol"}, readTo: map[[2]string]int{}}
}

func (m *model) user() string { return rapid.SampledFrom(m.users).Draw(m.t, "user") }

// pick draws a client that can send requests; nil if there is none.
func (m *model) pick(connected bool) *modelClient {
	var fit []*modelClient
	for _, c := range m.clients {
		if !c.dead && (c.conn != 0) == connected {
			fit = append(fit, c)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	return fit[rapid.IntRange(0, len(fit)-1).Draw(m.t, "client")]
}

// process takes in what was pushed, as an SDK does: it drops what it knows,
// acknowledges what it is asked to, and leaves when it is kicked.
func (c *modelClient) process() {
	pushes := c.pushes
	c.pushes = nil
	for _, frame := range pushes {
		for _, line := range describe(c.w.t, frame) {
			if line == "sync!" || strings.HasSuffix(line, protocol.CmdForceOffline) {
				c.dead = true
			}
		}
		d, _ := protocol.ParseDownlink(frame)
		var body protocol.Push
		_ = json.Unmarshal(d.Body, &body)
		for _, e := range body.EventArray {
			for _, m := range e.C2CMsgArray {
				id := fmt.Sprint(m.TinyID, m.MsgSeq, m.MsgRandom)
				if m.IsSyncMsg == 1 {
					m.FromAccount, m.ToAccount, m.IsSyncMsg = m.ToAccount, m.FromAccount, 0
				}
				if !c.known[id] {
					c.known[id] = true
					c.received = append(c.received, describeMessage(m))
				}
			}
		}
		if session := sessionData(c.w.t, frame); session != "" && c.conn != 0 && !c.dead {
			c.raw(c.frame(protocol.CmdPushAck, protocol.PushAck{SessionData: session}))
		}
	}
	if c.dead && c.conn != 0 {
		c.must(protocol.CmdLogout, protocol.LogoutRequest{Type: 1})
		c.disconnect()
	}
}

// catchUp is a sync whose answer arrives, and so all pushes before it do.
func (c *modelClient) catchUp() {
	if c.process(); c.conn != 0 && !c.dead {
		c.sync()
		c.process()
	}
}

func (m *model) login() {
	c := &modelClient{client: m.w.dial(), since: len(m.all), known: map[string]bool{}}
	user := m.user()
	if life := rapid.IntRange(0, 30).Draw(m.t, "life"); life%3 == 1 {
		c.usersig = protocol.MakeUserSig("k", appID, user, m.w.at, time.Duration(life)*time.Second)
	}
	if code := c.tryLogin(user); code != protocol.OK {
		m.t.Fatalf("login of %s: %d", user, code)
	}
	c.catchUp()
	m.clients = append(m.clients, c)
}

func (m *model) send(c *modelClient) {
	to := m.user()
	if m.w.accounts[to] == nil {
		return
	}
	msg := &modelMessage{from: c.user, to: to, text: fmt.Sprint(len(m.all)), time: m.w.at.Unix(), by: c, deleted: map[string]bool{}}
	req := c.message(to, msg.text)
	msg.frame = c.frame(protocol.CmdSendMsg, req)
	got := c.raw(msg.frame)
	var r protocol.SendMsgReply
	if len(got) != 1 || json.Unmarshal(got[0].Body, &r) != nil || r.ErrorCode != 0 || r.MsgTime != msg.time {
		m.t.Fatalf("send: %v", got)
	}
	msg.id = protocol.MsgIdentity{FromAccount: c.user, ToAccount: to, MsgSeq: req.MsgSeq, MsgRandom: req.MsgRandom, MsgTimeStamp: r.MsgTime}
	m.all = append(m.all, msg)
}

// comeBack reconnects a client; it may learn that its ticket ran out.
func (m *model) comeBack(c *modelClient) {
	switch code := c.reconnect(); code {
	case protocol.OK:
	case protocol.CodeUserSigExpired, protocol.CodeTicketExpired: // the latter after a kick by REST that got lost
		c.dead = true
		c.disconnect()
	default:
		m.t.Fatalf("return of %s: %d", c.user, code)
	}
}

// own draws a message of the client's user that fits; nil if there is none.
func (m *model) own(fit func(*modelMessage) bool) *modelMessage {
	var list []*modelMessage
	for _, msg := range m.all {
		if fit(msg) {
			list = append(list, msg)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list[rapid.IntRange(0, len(list)-1).Draw(m.t, "message")]
}

func (m *model) step() {
	c := m.pick(true)
	op := rapid.SampledFrom([]string{"send", "send", "send", "send", "burst", "again", "recall", "delete", "read", "read earlier",
		"process", "process", "drop", "return", "return", "return only", "sync", "login", "second", "kick", "pin"}).Draw(m.t, "op")
	switch {
	case op == "second":
		m.w.advance(time.Duration(rapid.IntRange(1, 4000).Draw(m.t, "ms")) * time.Millisecond)
	case op == "login" || len(m.clients) == 0:
		m.login()
	case op == "return" || op == "return only":
		if away := m.pick(false); away != nil {
			m.comeBack(away)
			if op == "return" {
				away.catchUp()
			}
		}
	case op == "kick":
		user, reason := m.user(), rapid.SampledFrom([]string{MultipleAccount, MultipleDevice, RESTAPIKick, UserSigExpired}).Draw(m.t, "reason")
		m.w.happen(func(w *World, at time.Time) []Effect {
			_, effects, _ := w.Kick(at, user, reason)
			return effects
		})
	case c == nil:
	case op == "process":
		c.process()
	case op == "drop": // the network takes what was not processed yet, from some point on
		c.pushes = c.pushes[:rapid.IntRange(0, len(c.pushes)).Draw(m.t, "kept")]
		c.process()
		if c.conn != 0 {
			c.disconnect()
		}
	case c.state() != protocol.OK: // kicked, does not know yet
		c.process()
	case op == "send":
		m.send(c)
	case op == "burst":
		for range 30 {
			m.send(c)
		}
	case op == "again":
		if msg := m.own(func(msg *modelMessage) bool { return msg.by == c }); msg != nil {
			if got := c.raw(msg.frame); len(got) != 1 || got[0].ErrorCode != 0 {
				m.t.Fatalf("repeated send: %v", got)
			}
		}
	case op == "recall":
		if msg := m.own(func(msg *modelMessage) bool { return msg.from == c.user && !msg.recalled }); msg != nil {
			if code := c.recall(msg.id); code == protocol.OK {
				msg.recalled = true
			} else if code != protocol.CodeC2CRecallLate {
				m.t.Fatalf("recall: %d", code)
			}
		}
	case op == "delete":
		if msg := m.own(func(msg *modelMessage) bool { return msg.from == c.user || msg.to == c.user }); msg != nil {
			peer := msg.to
			if peer == c.user {
				peer = msg.from
			}
			c.delete(peer, msg.id)
			msg.deleted[c.user] = true
		}
	case op == "read" || op == "read earlier":
		peer, second := m.user(), m.w.at.Unix()
		if op == "read earlier" {
			second -= int64(rapid.IntRange(0, 5).Draw(m.t, "earlier"))
		}
		c.read(peer, second)
		for i, msg := range m.all {
			if msg.time <= second && (msg.from == peer && msg.to == c.user || msg.from == c.user && msg.to == peer) {
				key := [2]string{c.user, peer}
				m.readTo[key] = max(m.readTo[key], i+1)
			}
		}
	case op == "pin":
		c.top(rapid.IntRange(0, 3).Draw(m.t, "operation"), m.user())
	case op == "sync":
		c.catchUp()
	}
}

// settle brings every client back and up to date.
func (m *model) settle() {
	for _, c := range m.clients {
		c.process()
		if !c.dead && c.conn == 0 {
			m.comeBack(c)
		}
		c.catchUp()
	}
	m.w.advance(holdTime)
	for _, c := range m.clients {
		c.process()
	}
}

// check compares everything that can be seen with the model.
func (m *model) check() {
	for i, c := range m.clients {
		if c.dead {
			continue
		}
		var missing []string
		rest := c.received
		for _, msg := range m.all[c.since:] {
			if msg.by == c || msg.from != c.user && msg.to != c.user {
				continue
			}
			line := fmt.Sprintf("%s→%s: %s", msg.from, msg.to, msg.text)
			switch {
			case len(rest) > 0 && rest[0] == line:
				rest = rest[1:]
			case !msg.recalled && !msg.deleted[c.user]: // those need not come any more
				missing = append(missing, line)
			}
		}
		if len(missing) > 0 || len(rest) > 0 {
			m.t.Fatalf("client %d (%s): lost or late %q, doubled or out of order %q\nof %q", i, c.user, missing, rest, c.received)
		}
	}
	for _, user := range m.users {
		viewer := m.w.login(user)
		numbers := map[string]int{}
		for _, p := range viewer.sync().C2CPairUnreadCount {
			numbers[p.FromAccount] = p.UnreadCount
		}
		for _, peer := range m.users {
			history, unread := []string{}, 0
			for i, msg := range m.all {
				in := msg.from == peer && msg.to == user
				if !in && !(msg.from == user && msg.to == peer) || msg.deleted[user] {
					continue
				}
				line := fmt.Sprintf("%s→%s: %s", msg.from, msg.to, msg.text)
				if msg.recalled {
					line += " (recalled)"
				}
				history = append(history, line)
				if in && peer != user && !msg.recalled && i >= m.readTo[[2]string{user, peer}] {
					unread++
				}
			}
			if got := viewer.history(peer); !slices.Equal(got, history) {
				m.t.Fatalf("%s's history with %s\ngot  %q\nwant %q", user, peer, got, history)
			}
			if got := max(viewer.unread(peer), 0); got != unread || numbers[peer] != unread {
				m.t.Fatalf("%s has %d unread of %s, %d at login, want %d", user, got, peer, numbers[peer], unread)
			}
		}
	}
}

func (m *model) run() {
	for range rapid.IntRange(5, 40).Draw(m.t, "steps") {
		m.step()
	}
}

// Nothing is lost, doubled or out of order, and the numbers are right,
// whatever users do and whatever the network loses; and the same inputs have
// the same effects, byte for byte.
func TestC2CAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t, Config{WebInstances: rapid.IntRange(1, 3).Draw(t, "instances")})
		m.run()
		m.settle()
		m.check()
		m.w.replay()
	})
}

// Saving and loading in between changes nothing that anybody can see.
func TestSaveAndLoadAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t, Config{WebInstances: 3})
		for range rapid.IntRange(1, 3).Draw(t, "rounds") {
			m.run()
			before := stateText(t, m.w.World, m.w.at)
			m.w.reload()
			if after := stateText(t, m.w.World, m.w.at); after != before {
				t.Fatalf("loaded\n%s\nsaved\n%s", after, before)
			}
			m.clients = nil // their sessions are over
			m.check()
		}
	})
}
