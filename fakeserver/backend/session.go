package backend

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/imsim/imsim/protocol"
)

const (
	helloInterval = 120 // seconds between wshello, as the service says at login
	// maxDetached is how many sessions of a user may wait for a reconnect; the
	// longest logged in is forgotten first.
	maxDetached = 10
	// maxMissed bounds the notices kept for a session that is disconnected.
	maxMissed = 500
	// holdTime is how long new messages wait for the sync of a client that
	// came back; the genuine SDKs ask at once.
	holdTime = 3 * time.Second
	// syncTime is how long they wait after the answer to it: the SDKs take a
	// reply a moment later than a push that comes behind it.
	syncTime = 50 * time.Millisecond
)

type sessionState int

const (
	active  sessionState = iota
	kicked               // told to leave, has not logged out yet
	expired              // its UserSig ran out
	ended                // logged out
)

// session is a logged-in instance. It outlives its connection: a request is
// known by head.a2, not by the socket it came on (session.md §1).
type session struct {
	user       *account
	a2         string
	instID     uint32
	instanceID string
	conn       *connection // nil while disconnected
	state      sessionState
	kick       protocol.KickType
	sync       syncState
	later      bool            // an SDK after 2.14
	missed     [][]byte        // notices that came while disconnected
	missedNews *newsOf         // about relations, the same
	friends    map[string]bool // that its client was told of
	expiry     *dueItem        // its UserSig runs out; nil: never
}

func (s *session) online() bool { return s.state == active && s.conn != nil }

// identify finds the session of a request. A request without a2 has none; one
// with an a2 that is not (or no more) known is told that its ticket expired,
// unless it logged out on this connection.
func (w *World) identify(r *request) error {
	if r.A2 == "" {
		return protocol.NewError(protocol.CodeNotLoggedIn)
	}
	s := w.sessions[r.A2]
	switch {
	case s == nil && r.A2 == r.conn.left: // who hears of an expired ticket takes it for a kick-out
		return protocol.NewError(protocol.CodeNotLoggedIn)
	case s == nil || s.user.tiny != r.TinyID:
		return protocol.NewError(protocol.CodeTicketExpired)
	}
	r.sess = s
	switch s.state {
	case kicked:
		return protocol.Errorf(protocol.CodeKicked, "kicked out by another instance")
	case expired:
		return protocol.NewError(protocol.CodeUserSigExpired)
	}
	return nil
}

// login is im_open_status.wslogin: with identifier and usersig a new session,
// with a2 and tinyid the return of one after a reconnect.
func (w *World) login(r *request) (protocol.Reply, error) {
	if r.A2 != "" {
		return w.relogin(r)
	}
	expiry, err := w.checkLogin(r)
	if err != nil {
		return nil, err
	}
	user := w.accounts[r.Identifier]
	if user == nil {
		user = w.newAccount(strings.Clone(r.Identifier))
	}
	// The same SDK object again: its earlier session is over, silently.
	for _, old := range append([]*session(nil), user.sessions...) {
		if old.instanceID != "" && old.instanceID == r.conn.info.InstanceID {
			w.end(old)
		}
	}
	if other := r.conn.sess; other != nil {
		w.end(other)
	}
	w.counters.Login++
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %d", w.appID, user.id, w.counters.Login))
	s := &session{
		user: user, a2: hex.EncodeToString(sum[:]), instID: uint32(w.counters.Login),
		instanceID: r.conn.info.InstanceID,
	}
	s.sync.start = w.newest()
	w.sessions[s.a2] = s
	user.arrived()
	if s.instanceID != "" {
		w.instances[s.instanceID] = s
	}
	user.sessions = append(user.sessions, s)
	w.attach(s, r.conn)
	if !expiry.IsZero() {
		s.expiry = w.plan(expiry, func(w *World) { w.expire(s) })
	}
	r.sess = s
	w.reply(r, w.loginReply(s))
	w.enforceInstanceLimit(user)
	return nil, errAnswered
}

func (w *World) loginReply(s *session) protocol.Reply {
	return &protocol.LoginReply{
		TinyID: s.user.tiny, A2Key: s.a2, InstID: s.instID,
		HelloInterval: helloInterval, TimeStamp: w.sec(),
	}
}

// checkLogin checks userID and UserSig; it returns the instant at which the
// ticket stops being valid, zero if it never does.
func (w *World) checkLogin(r *request) (time.Time, error) {
	if w.cfg.RejectUnknownApp {
		return time.Time{}, protocol.NewError(protocol.CodeAppUnknown)
	}
	if err := validUserID(r.Identifier); err != nil {
		return time.Time{}, err
	}
	return w.CheckUserSig(w.now, r.Identifier, r.UserSig)
}

// CheckUserSig verifies a ticket by the rules of the Config, and returns the
// instant from which it is no longer valid (zero: never).
func (w *World) CheckUserSig(at time.Time, userID, userSig string) (time.Time, error) {
	sig, err := protocol.ParseUserSig(userSig)
	if err != nil {
		if w.cfg.Secret == "" && userSig != "" {
			return time.Time{}, nil
		}
		return time.Time{}, err
	}
	if w.cfg.Secret != "" {
		err = sig.Verify(w.cfg.Secret, w.appID, userID, at)
	} else if sig.Identifier != userID {
		err = protocol.NewError(protocol.CodeUserSigOtherUser)
	} else if at.Unix() > sig.ExpiresAt().Unix() {
		err = protocol.NewError(protocol.CodeUserSigExpired)
	}
	if user := w.accounts[userID]; err == nil && user != nil && sig.Time < user.sigsFrom {
		err = protocol.NewError(protocol.CodeUserSigRevoked)
	}
	// Valid in the whole last second.
	return sig.ExpiresAt().Add(time.Second), err
}

func (w *World) relogin(r *request) (protocol.Reply, error) {
	if r.conn.left == r.A2 { // the SDKs log in behind the logout that made them reconnect
		return &protocol.LoginReply{
			TinyID: r.TinyID, A2Key: r.A2, InstID: max(1, r.StatusInstID), HelloInterval: helloInterval, TimeStamp: w.sec(),
		}, nil
	}
	if err := w.identify(r); err != nil && r.sess == nil {
		return nil, err
	}
	s := r.sess
	switch s.state {
	case expired:
		return nil, protocol.NewError(protocol.CodeUserSigExpired)
	case kicked: // it was kicked while it was away, and learns it now
		w.attach(s, r.conn)
		w.reply(r, w.loginReply(s))
		w.pushKick(s)
		return nil, errAnswered
	}
	w.attach(s, r.conn)
	w.holdForSync(s)
	w.reply(r, w.loginReply(s))
	w.enforceInstanceLimit(s.user)
	return nil, errAnswered
}

// attach makes a connection the one that gets the session's pushes.
func (w *World) attach(s *session, c *connection) {
	if s.conn != nil && s.conn != c {
		s.conn.sess = nil
	}
	s.conn = c
	w.cancel(s.user.absence)
	if c.sess != s {
		w.detach(c)
	}
	c.sess = s
}

func (w *World) detach(c *connection) {
	s := c.sess
	if s == nil {
		return
	}
	c.sess, s.conn = nil, nil
	w.watchAbsence(s.user)
	s.sync.awayFrom = w.counters.Message
	away := 0
	for i := len(s.user.sessions) - 1; i >= 0; i-- {
		if old := s.user.sessions[i]; old.conn == nil {
			if away++; away > maxDetached {
				w.end(old)
			}
		}
	}
}

// end forgets a session.
func (w *World) end(s *session) {
	s.state = ended
	w.cancel(s.expiry) // else it would keep the session for months
	delete(w.sessions, s.a2)
	if w.instances[s.instanceID] == s {
		delete(w.instances, s.instanceID)
	}
	if s.conn != nil {
		s.conn.sess = nil
		s.conn = nil
	}
	for i, other := range s.user.sessions {
		if other == s {
			s.user.sessions = append(s.user.sessions[:i:i], s.user.sessions[i+1:]...)
			break
		}
	}
	w.watchAbsence(s.user)
}

// enforceInstanceLimit kicks the longest logged in of the connected instances
// that are too many; who comes last stays (semantics.md §2.2).
func (w *World) enforceInstanceLimit(user *account) {
	connected := 0
	for _, s := range user.sessions {
		if s.online() {
			connected++
		}
	}
	for _, s := range user.sessions {
		if connected <= w.cfg.WebInstances {
			return
		}
		if s.online() {
			w.kick(s, protocol.KickMultipleAccount)
			connected--
		}
	}
}

// kick tells a session to leave. It stays, and answers only what it must,
// until it logged out (session.md §8).
func (w *World) kick(s *session, how protocol.KickType) {
	s.state, s.kick = kicked, how
	w.pushKick(s)
}

func (w *World) pushKick(s *session) {
	if s.conn == nil {
		return
	}
	notify := protocol.KickNotify{KickType: s.kick}
	w.emit(s, protocol.CmdForceOffline, w.pushFrame(protocol.CmdForceOffline, protocol.Push{EventArray: []protocol.PushEvent{{
		Event: protocol.EventKick, C2CNotifyMsgArray: []protocol.C2CNotify{{KickoutMsgNotify: &notify}},
	}}}))
	if s.kick == protocol.KickRESTAPI { // no wslogout follows
		w.end(s)
	}
}

// expire ends a session whose UserSig ran out. No push says so: the client is
// made to ask for a sync, and that request is refused with 70001.
func (w *World) expire(s *session) {
	if s.state != active {
		return
	}
	s.state = expired
	if s.conn != nil {
		w.emit(s, protocol.CmdPush, w.pushFrame(protocol.CmdPush, protocol.StartSync))
	}
}

// logout is im_open_status.wslogout. It always succeeds: also a kicked or
// forgotten instance must get its answer.
func (w *World) logout(r *request) (protocol.Reply, error) {
	r.conn.left = strings.Clone(r.A2)
	if s := r.sess; s != nil {
		w.end(s)
		if len(s.user.sessions) == 0 {
			w.reply(r, &protocol.Status{})
			w.leaveRooms(s.user)
			return nil, errAnswered
		}
	}
	return &protocol.Status{}, nil
}

// alive always succeeds, whatever became of the session: an error makes the
// SDK reconnect without end.
func (w *World) alive(*request) (protocol.Reply, error) { return &protocol.Status{}, nil }

// hello is im_open_status.wshello; it tells a kicked session so once more.
func (w *World) hello(r *request) (protocol.Reply, error) {
	if s := r.sess; s != nil && s.state == kicked {
		return &protocol.HelloReply{
			Status:   protocol.Status{ActionStatus: "FAIL", ErrorCode: protocol.CodeHelloKicked, ErrorInfo: "kicked out"},
			KickType: s.kick,
		}, nil
	}
	return &protocol.HelloReply{}, nil
}

// kickOther is StatSvc.KickOther: all other instances of the user go.
func (w *World) kickOther(r *request) (protocol.Reply, error) {
	for _, s := range append([]*session(nil), r.user().sessions...) {
		if s != r.sess && s.state == active {
			w.kick(s, protocol.KickMultipleAccount)
		}
	}
	return &protocol.Status{}, nil
}

// emit hands a frame to a connected session.
func (w *World) emit(s *session, servcmd string, frame []byte) {
	w.out = append(w.out, Effect{Conn: s.conn.id, Frame: frame, User: s.user.id, ServCmd: servcmd, Push: true})
}

// notify pushes a notice to the user's instances but one; those that are
// disconnected get it after their return.
func (w *World) notify(user *account, except *session, event protocol.PushEvent) {
	var frame []byte
	for _, s := range user.sessions {
		if s == except || s.state != active {
			continue
		}
		if frame == nil {
			frame = w.pushFrame(protocol.CmdPush, protocol.Push{EventArray: []protocol.PushEvent{event}})
		}
		w.hand(s, frame)
	}
}

// hand pushes a notice to an instance, or keeps it for its return.
func (w *World) hand(s *session, frame []byte) {
	switch {
	case s.conn != nil && !s.sync.holding:
		w.emit(s, protocol.CmdPush, frame)
	case len(s.missed) < maxMissed:
		s.missed = append(s.missed, frame)
	}
}

// tell pushes a notice to one instance; if it is disconnected it gets it after
// its return.
func (w *World) tell(s *session, event protocol.PushEvent) {
	if s.state != active {
		return
	}
	frame := w.pushFrame(protocol.CmdPush, protocol.Push{EventArray: []protocol.PushEvent{event}})
	w.hand(s, frame)
}
