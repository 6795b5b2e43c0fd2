// Package backend holds the rules of the service: what a request changes, what
// is answered, and who is told. It does no I/O: no sockets, goroutines, clocks
// or randomness of its own. Instants and frames go in, frames for connections
// come out, and the same inputs give the same outputs, byte for byte.
//
//	w := backend.New(1400000000, backend.Config{})
//	w.Connect(at, 1, backend.ConnInfo{InstanceID: "…"})
//	effects := w.Receive(at, 1, frame) // replies and pushes, in their order
//
// A World is one app (SDKAppID). It is not safe for concurrent use: the shell
// around it holds a lock, and hands out the effects after it let go of it.
package backend

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/imsim/imsim/protocol"
)

// Conn names a connection; the shell gives the numbers out.
type Conn uint64

// ConnInfo is what the upgrade request told.
type ConnInfo struct {
	InstanceID string // of the SDK object, stays through its reconnects
	BaseURL    string // http://host:port as the client reached the server, for URLs in replies
}

// Effect is one thing for the shell to do: hand a frame to a connection, or
// close it.
type Effect struct {
	Conn    Conn
	Frame   []byte // a whole JSON frame, shared between effects: read only
	User    string // whose session it is for; empty before login
	ServCmd string // of the request it answers, or of the push
	Push    bool
	Close   int    // WebSocket close code; 0: stay open
	Reason  string // of the closing
}

// Config is the rules that can be chosen. The zero value is the documented
// service with limits off.
type Config struct {
	// Secret verifies UserSigs. Empty: any non-empty one is taken, but not a
	// well-formed one that expired or names another user.
	Secret string
	// WebInstances is how many web instances of a user may be online; default 1.
	WebInstances int
	// RecallWindow is how long a message may be recalled; default 2 minutes.
	RecallWindow time.Duration
	// Retention is how long messages are kept; default 7 days.
	Retention time.Duration
	// MaxMessage is the size limit of MsgBody and custom data in bytes;
	// default 12 KiB, more is refused with 80002.
	MaxMessage int
	// MaxConversations is how many conversations a user's list holds; default 100.
	MaxConversations int
	// MaxPinned is how many of them may be pinned; default 50, more is 51012.
	MaxPinned int
	// MaxFriends is how many friends a user may have; default 3,000, more is
	// 30010 for the own list and 30014 for the other's.
	MaxFriends int
	// MaxFriendGroups is how many friend lists a user may have; default 32,
	// more is 30011.
	MaxFriendGroups int
	// MaxApplications is how many applications may wait for a user, and of a
	// user; default 100, more is 30012.
	MaxApplications int
	// MaxBlocked is how many accounts a blocklist holds; default 1,000, more is
	// 30013.
	MaxBlocked int
	// FriendPage is how many friends one answer of sns.friend_get holds;
	// default 100.
	FriendPage int
	// MaxMerger is the size limit of a merger's list in bytes; default 2 MiB,
	// more is refused with 80002.
	MaxMerger int
	// DeleteEvery is how long a user must wait between two deletions of
	// messages; a call too early gets 10006. 0: no limit. Documented: 1 second.
	DeleteEvery time.Duration
	// BlockedSenderGets20007 tells a sender that the receiver has blocked them.
	// Default, as with the service: success for the sender, nothing for the
	// receiver.
	BlockedSenderGets20007 bool
	// Admins may use the REST API; default "administrator", others get 60010.
	Admins []string
	// UploadKey signs upload URLs.
	UploadKey string
	// BeforeSend decides on each new message before it is stored; may be nil.
	// It is called inside of the rules: it must not block, nor call the server.
	BeforeSend func(Outgoing) Decision
	// Groups are the caps of groups.
	Groups GroupLimits
	// LongPolling makes the members of live rooms poll; by default they get
	// pushes.
	LongPolling bool
	// RejectUnknownApp refuses every login with 70020: the server is pinned to
	// another SDKAppID.
	RejectUnknownApp bool
	// Faults decides on requests before they are carried out; may be nil.
	Faults RequestFaults
	// Log takes notes on what deserves one; may be nil.
	Log func(format string, args ...any)
}

// RequestFaults is asked about each request of a command that can be told
// apart. It may drop it or have it refused with a code.
type RequestFaults interface {
	OnRequest(user, servcmd string) (drop bool, code protocol.Code)
}

func (c Config) withDefaults() Config {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&c.WebInstances, 1)
	def(&c.MaxMessage, 12<<10)
	def(&c.MaxConversations, 100)
	def(&c.MaxPinned, 50)
	def(&c.MaxFriends, 3000)
	def(&c.MaxFriendGroups, 32)
	def(&c.MaxApplications, 100)
	def(&c.MaxBlocked, 1000)
	def(&c.FriendPage, 100)
	def(&c.MaxMerger, 2<<20)
	if len(c.Admins) == 0 {
		c.Admins = []string{"administrator"}
	}
	c.Groups = c.Groups.withDefaults()
	if c.RecallWindow <= 0 {
		c.RecallWindow = 2 * time.Minute
	}
	if c.Retention <= 0 {
		c.Retention = 7 * 24 * time.Hour
	}
	if c.Log == nil {
		c.Log = func(string, ...any) {}
	}
	return c
}

// World is everything of one app.
type World struct {
	appID uint32
	cfg   Config
	now   time.Time // instant of the input being carried out
	out   []Effect

	request request             // the one being carried out, reused
	push    protocol.C2CMessage // the one being pushed, reused

	conns    map[Conn]*connection
	accounts map[string]*account
	byTiny   map[string]*account
	sessions map[string]*session // by A2Key
	// instances are the sessions by the instanceid of their SDK object, where it
	// told one; of several the one that logged in last.
	instances map[string]*session
	chats     map[chatKey]*chat
	groups    map[string]*group
	pollers   map[string]pollerOf // by key
	relays    map[string]relay    // long mergers by key
	due       dueHeap
	nextSweep time.Time

	counters counters
	unknown  map[string]bool // unknown commands that were logged

	requester string // userID of the last request
	lost      bool   // a fault took the last request
	changes   uint64 // inputs that may have changed the state
}

// counters number what needs a number; they are part of the state.
type counters struct {
	TinyID uint64 `json:"tinyID"`
	Login  uint64 `json:"login"`
	Push   uint64 `json:"push"`
	Due    uint64 `json:"due"`
	Relay  uint64 `json:"relay"`
	File   uint64 `json:"file,omitempty"`
	Group  uint64 `json:"group,omitempty"`
	Notice uint64 `json:"notice,omitempty"`
	Poller uint64 `json:"poller,omitempty"`
	REST   uint64 `json:"rest,omitempty"` // messages by REST that came without MsgSeq
	// Message numbers the stored messages in the order of their arrival.
	Message int64 `json:"message"`
}

// connection is an open socket.
type connection struct {
	id   Conn
	info ConnInfo
	sess *session // that gets its pushes here; nil before login
	left string   // the a2 that logged out here last
}

// New returns an empty world.
func New(appID uint32, cfg Config) *World {
	return &World{
		appID: appID, cfg: cfg.withDefaults(),
		conns: map[Conn]*connection{}, accounts: map[string]*account{}, byTiny: map[string]*account{},
		sessions: map[string]*session{}, instances: map[string]*session{}, chats: map[chatKey]*chat{},
		groups: map[string]*group{}, pollers: map[string]pollerOf{},
		relays: map[string]relay{}, unknown: map[string]bool{},
	}
}

// Connect tells of a new connection.
func (w *World) Connect(at time.Time, c Conn, info ConnInfo) []Effect {
	w.begin(at)
	w.conns[c] = &connection{id: c, info: info}
	return w.out
}

// Disconnect tells that a connection is gone. Its session stays and waits for
// the SDK's reconnect.
func (w *World) Disconnect(at time.Time, c Conn) []Effect {
	w.begin(at)
	if conn := w.conns[c]; conn != nil {
		delete(w.conns, c)
		w.detach(conn)
	}
	return w.out
}

// Receive carries out one uplink frame. The effects are valid until the next
// call; their frames stay valid.
func (w *World) Receive(at time.Time, c Conn, frame []byte) []Effect {
	return w.Handle(at, c, Parse(frame))
}

// Parsed is an uplink frame that was taken apart, or the reason why it could
// not be.
type Parsed struct {
	protocol.Request
	err  error
	send parsedSend
}

// parsedSend is the body of an openim.sendmsg: the one command that comes so
// often that its body too is better read before the lock.
type parsedSend struct {
	req *protocol.SendMsgRequest
	err error
}

// Parse takes a frame apart: the part of Receive that needs no World, and so no
// lock. The frame may be reused.
func Parse(frame []byte) Parsed {
	var p Parsed
	if p.Request, p.err = protocol.ParseRequest(frame); p.err == nil && p.Head.ServCmd == protocol.CmdSendMsg {
		p.send.req, p.send.err = protocol.ParseSendMsg(p.Body)
	}
	return p
}

// Handle is Receive for a frame that was parsed.
func (w *World) Handle(at time.Time, c Conn, frame Parsed) []Effect {
	w.begin(at)
	w.requester, w.lost = "", false
	conn := w.conns[c]
	if conn == nil {
		return w.out
	}
	if frame.err != nil {
		// 1007: the data within a message was not what it must be.
		w.out = append(w.out, Effect{Conn: c, User: conn.user(), Close: 1007, Reason: frame.err.Error()})
		return w.out
	}
	r := &w.request
	*r = request{conn: conn, Head: frame.Head, body: frame.Body, send: frame.send}
	w.carryOut(r)
	w.requester = r.userID()
	*r = request{} // the frame's copy is not needed any more
	return w.out
}

// Tick carries out what has come due by that instant.
func (w *World) Tick(at time.Time) []Effect {
	w.begin(at)
	return w.out
}

// begin starts an input: what came due before it happens first, each at its
// own instant.
func (w *World) begin(at time.Time) {
	w.out = w.out[:0]
	at = at.Round(0) // wall clock alone: messages are dated by it, and it may be set back
	if at.Before(w.now) {
		at = w.now // instants never go back
	}
	w.runDue(at)
	w.now = at
	w.sweep()
}

func (w *World) sec() int64 { return w.now.Unix() }

// request is a frame that is being carried out.
type request struct {
	protocol.Head
	conn *connection
	sess *session // by head.a2; nil where a command needs no login
	body json.RawMessage
	send parsedSend
}

func (r *request) user() *account { return r.sess.user }

// command is one entry of the table of known commands.
type command struct {
	run func(*World, *request) (protocol.Reply, error)
	// free commands need no login.
	free bool
	// idle commands change nothing that outlives a connection.
	idle bool
	// silent commands get no reply.
	silent bool
	// bad is the code for a body with wrong types.
	bad protocol.Code
}

// errAnswered is returned by a command that wrote its reply itself.
var errAnswered = errors.New("answered already")

func (w *World) carryOut(r *request) {
	cmd, known := commands[r.ServCmd]
	if !cmd.idle {
		w.changes++
	}
	authErr := w.identify(r)
	if f := w.cfg.Faults; f != nil {
		drop, code := f.OnRequest(r.userID(), r.ServCmd)
		if drop {
			w.lost = true
			return
		}
		if code != protocol.OK {
			w.reply(r, protocol.Fail(protocol.Errorf(code, "injected fault: %s", code.Text())))
			return
		}
	}
	var body protocol.Reply
	var err error
	switch {
	case !known:
		if !w.unknown[r.ServCmd] && len(w.unknown) < 1000 {
			w.unknown[strings.Clone(r.ServCmd)] = true
			w.cfg.Log("unknown command %q answered with %d", r.ServCmd, protocol.CodeUnknownCommand)
		}
		err = protocol.Errorf(protocol.CodeUnknownCommand, "unknown command %s", r.ServCmd)
	case !cmd.free && authErr != nil:
		err = authErr
	default:
		body, err = cmd.run(w, r)
	}
	var refused *protocol.Error
	switch {
	case errors.Is(err, errAnswered) || cmd.silent:
		return
	case errors.As(err, &refused):
		w.reply(r, protocol.Fail(refused))
	case err != nil:
		code := cmd.bad
		if code == protocol.OK {
			code = protocol.CodeBadPacket
		}
		w.reply(r, protocol.Fail(protocol.Errorf(code, "%s: %v", code.Text(), err)))
	case body == nil:
		w.reply(r, &protocol.Status{})
	default:
		w.reply(r, body)
	}
}

func (r *request) userID() string {
	switch {
	case r.sess != nil:
		return r.sess.user.id
	case r.Identifier != "":
		return r.Identifier
	}
	return r.conn.user()
}

func (c *connection) user() string {
	if c.sess != nil {
		return c.sess.user.id
	}
	return ""
}

// decode reads a request's body; a wrong type is answered with the command's
// code.
func decode[T any](r *request) (*T, error) {
	v := new(T)
	if err := json.Unmarshal(r.body, v); err != nil {
		return nil, err
	}
	return v, nil
}

// reply answers on the connection the request came from.
func (w *World) reply(r *request, body protocol.Reply) {
	frame, err := protocol.EncodeReply(nil, r.ServCmd, r.Seq, body)
	if err != nil { // a reply type that cannot be encoded is our own mistake
		w.cfg.Log("encode reply to %s: %v", r.ServCmd, err)
		return
	}
	w.replyFrame(r, frame)
}

func (w *World) replyFrame(r *request, frame []byte) {
	w.out = append(w.out, Effect{Conn: r.conn.id, Frame: frame, User: r.userID(), ServCmd: r.ServCmd})
}

// pushFrame encodes a push once, for however many sessions.
func (w *World) pushFrame(servcmd string, body any) []byte {
	w.counters.Push++
	frame, err := protocol.EncodeFrame(nil, servcmd, protocol.SeqNumber(w.counters.Push), body)
	if err != nil {
		w.cfg.Log("encode push %s: %v", servcmd, err)
	}
	return frame
}
