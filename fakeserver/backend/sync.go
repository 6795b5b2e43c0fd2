package backend

import (
	"encoding/json"
	"sort"
	"strconv"
	"time"

	"github.com/imsim/imsim/protocol"
)

// inbox lists the stored messages that concern an account, own ones too, in
// the order of arrival: what an instance that was away catches up on. A place
// in it is the number of the newest message that was seen: that is the Cookie
// of openim.getmsg, and it stays good when old messages are forgotten or the
// world is saved and loaded.
type inbox struct{ messages []*message }

func (b *inbox) add(m *message) { b.messages = append(b.messages, m) }

// since lists the messages after a place.
func (b *inbox) since(place int64) []*message {
	n := sort.Search(len(b.messages), func(i int) bool { return b.messages[i].no > place })
	return b.messages[n:]
}

// newest is the place behind every message so far.
func (w *World) newest() int64 { return w.counters.Message }

// trim forgets messages that retention no longer keeps.
func (b *inbox) trim(oldest int64) {
	n := 0
	for n < len(b.messages) && b.messages[n].time < oldest {
		n++
	}
	clear(b.messages[:n])
	b.messages = b.messages[n:]
}

// ackEvery is after how many pushed messages an instance is asked for an
// acknowledgement, so that a later sync need not repeat them.
const ackEvery = 64

// syncState is how far an instance has followed its user's inbox.
type syncState struct {
	start   int64 // place at the login: the client's history covers what is before
	acked   int64 // place up to which it acknowledged
	unacked int   // messages pushed since an acknowledgement was asked for
	// awayFrom is the number of the newest message when the connection was lost.
	awayFrom int64
	back     bool // it came back after a disconnection
	holding  bool // new messages wait until it has asked for what it missed
	holds    int  // numbers the ends of holds: the last planned one counts
}

// ackDue returns the SessionData to ask an acknowledgement with, if it is time.
// It is the pushed message's own place: what is yet to be pushed behind it may
// be lost.
func (s *syncState) ackDue(m *message) string {
	if m.is(onlineOnly) {
		return "" // has no place
	}
	if s.unacked++; s.unacked < ackEvery {
		return ""
	}
	s.unacked = 0
	return strconv.FormatInt(m.no, 10)
}

func (w *World) pushAck(r *request) (protocol.Reply, error) {
	ack, err := decode[protocol.PushAck](r)
	if err != nil || r.sess == nil {
		return nil, err
	}
	if place, err := strconv.ParseInt(ack.SessionData, 10, 64); err == nil && place <= w.newest() {
		r.sess.sync.acked = max(r.sess.sync.acked, place)
	}
	return nil, errAnswered
}

// holdForSync keeps new messages back until the instance that came back has
// asked for what it missed, so that nothing overtakes. A client that does not
// ask gets that, and them, after a moment.
func (w *World) holdForSync(s *session) {
	s.sync.back = true
	s.sync.holding = true
	w.planRelease(s, holdTime, max(s.sync.start, s.sync.acked))
}

// planRelease ends the hold after a time; messages behind a place are pushed
// at its end, in their order.
func (w *World) planRelease(s *session, after time.Duration, from int64) {
	s.sync.holds++
	hold := s.sync.holds
	w.plan(w.now.Add(after), func(w *World) {
		if s.sync.holds == hold && s.state == active {
			w.release(s, from)
		}
	})
}

// lacks tells whether an instance may not have a message of its user's inbox
// that it should have.
func (s *session) lacks(m *message) bool {
	return m.instID != s.instID && !m.is(revoked) && !m.lapsedFor(s.user) && !m.deletedFor(s.user) && !m.dismissed(s.user)
}

// release ends a hold; messages after that place are pushed.
func (w *World) release(s *session, from int64) {
	s.sync.holding = false
	if s.conn == nil {
		return
	}
	for _, m := range s.user.inbox.since(from) {
		if s.lacks(m) {
			var frame []byte
			w.pushMessage(s, m, &frame)
		}
	}
	w.catchUp(s)
	for _, frame := range s.missed {
		w.emit(s, protocol.CmdPush, frame)
	}
	s.missed = nil
}

// getMsg is openim.getmsg. At a login it tells the unread numbers (the
// messages themselves are history); after a reconnect it brings the messages
// since the cookie, or since the last acknowledged push (messages.md §6).
func (w *World) getMsg(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GetMsgRequest](r)
	if err != nil {
		return nil, err
	}
	user, s := r.user(), r.sess
	s.later = req.NeedSignaling == 1
	user.inbox.trim(w.oldest())
	place, known := s.sync.start, false
	if req.Cookie != "" {
		n, err := strconv.ParseInt(req.Cookie, 10, 64)
		if err != nil || n < 0 {
			return nil, protocol.Errorf(protocol.CodeBadPacket, "Cookie %q is none of ours", req.Cookie)
		}
		// One from beyond the end is of an earlier server: as if it had none.
		if known = n <= w.newest(); known {
			place = n
		}
	}
	reply := &protocol.GetMsgReply{
		Cookie: strconv.FormatInt(w.newest(), 10), SyncFlag: protocol.SyncDone,
		MsgList:                 []json.RawMessage{},
		C2CRemainingUnreadCount: []protocol.RemainingUnread{},
		C2CPairUnreadCount:      []protocol.PairUnread{},
		EventArray:              []protocol.PushEvent{},
	}
	if !known && !s.sync.back {
		w.unreadCounts(s, reply)
		reply.EventArray = w.keptNotices(s)
	} else {
		for _, m := range user.inbox.since(max(place, s.sync.acked)) {
			if s.lacks(m) {
				reply.MsgList = append(reply.MsgList, m.wireFor(user).Append(nil))
			}
		}
	}
	w.reply(r, reply)
	if s.conn == r.conn && s.sync.holding {
		w.planRelease(s, syncTime, w.newest())
	}
	return nil, errAnswered
}

// unreadCounts tells the numbers as they were at the login: what was pushed
// since is counted by the client itself.
func (w *World) unreadCounts(s *session, reply *protocol.GetMsgReply) {
	pushed := map[*account]int{}
	for _, m := range s.user.inbox.since(s.sync.start) {
		if m.countsFor(s.user, w.chat(m.from.id, m.to.id).side(s.user)) {
			pushed[m.from]++
		}
	}
	for _, c := range w.contactList(s.user) {
		if c.key.kind != protocol.ContactC2C {
			continue
		}
		peer := w.accounts[c.key.id]
		if peer == nil {
			continue
		}
		chat := w.chat(s.user.id, peer.id)
		n := chat.side(s.user).Unread - pushed[peer]
		last := chat.last(s.user)
		if n <= 0 || last == nil {
			continue
		}
		reply.C2CRemainingUnreadCount = append(reply.C2CRemainingUnreadCount,
			protocol.RemainingUnread{FromAccount: peer.id, Count: n, LastMsgTime: last.time})
		reply.C2CPairUnreadCount = append(reply.C2CPairUnreadCount,
			protocol.PairUnread{FromAccount: peer.id, UnreadCount: n})
	}
}
