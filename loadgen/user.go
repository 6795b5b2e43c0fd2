package loadgen

import (
	"sync"
	"time"

	"github.com/imsim/imsim/internal/link"
)

// user is a virtual user: a session, and what must be remembered to account
// for its messages. It has no goroutine of its own beside its link's.
type user struct {
	fleet *fleet
	no    int32

	// order is held from the numbering of a message until it is with the link.
	// Lock order: order, mu, a link's own.
	order sync.Mutex

	mu       sync.Mutex
	session  *session // the present one; nil: not logged in
	ready    bool
	offline  bool // the connection was cut on purpose
	visiting bool // it is in the group that it visits, or asks to be
	visit    *Visit
	visited  []Visit
	waiting  []func()
	catching int    // catch-ups under way
	cookie   string // of openim.getmsg
	out      []*outbox
	in       []*inbox
	lostAt   time.Time // when it should have come back; zero: it is there
}

// outbox is what a user sent into a conversation.
type outbox struct {
	conv               Conv
	sent               uint32
	acked              Numbers
	seqs               []uint32 // of a group's messages that visitors get: MsgSeq, by number
	failed, unanswered Numbers
	recalled           Numbers
	last               sentMessage // the newest that was acked; n 0: none, or recalled
}

// sentMessage is what a recall needs.
type sentMessage struct {
	n, random, groupSeq uint32
	time                int64
}

// outboxOf finds or makes it; mu is held.
func (u *user) outboxOf(conv Conv) *outbox {
	for _, o := range u.out {
		if o.conv == conv {
			return o
		}
	}
	o := &outbox{conv: conv}
	u.out = append(u.out, o)
	return o
}

// inboxOf finds or makes it; mu is held. The key of a chat is the peer.
func (u *user) inboxOf(conv Conv) *inbox {
	for _, b := range u.in {
		if b.conv == conv {
			return b
		}
	}
	senders := 1
	if g, ok := conv.group(); ok {
		senders = len(u.fleet.plan.Groups[g].Members)
	}
	b := &inbox{conv: conv, upTo: make([]uint32, senders)}
	u.in = append(u.in, b)
	return b
}

// got is what has come of a sender's messages into a conversation.
func (u *user) got(from int32, to Conv) Numbers {
	sender, key := 0, WithUser(from)
	if g, grouped := to.group(); grouped {
		sender, _ = u.fleet.plan.position(g, from)
		key = to
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	last, missing := u.inboxOf(key).holding(sender)
	return upTo(last).minus(missing)
}

// whenReady runs f now, or when the user has become ready.
func (u *user) whenReady(f func()) {
	u.mu.Lock()
	if !u.ready {
		u.waiting = append(u.waiting, f)
		u.mu.Unlock()
		return
	}
	u.mu.Unlock()
	f()
}

// becomeReady runs what waited, until the user is not ready any more: one of
// these may log it in elsewhere.
func (u *user) becomeReady() {
	u.mu.Lock()
	u.ready = true
	for u.ready && len(u.waiting) > 0 {
		f := u.waiting[0]
		u.waiting = u.waiting[1:]
		u.mu.Unlock()
		f()
		u.mu.Lock()
	}
	u.mu.Unlock()
}

// present is the link to send by; nil if there is none.
func (u *user) present() *link.Link {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.session == nil {
		return nil
	}
	return u.session.link
}

// receive notes a message that came.
func (u *user) receive(m mark, pushed bool) {
	f := u.fleet
	sender, key := 0, WithUser(m.from)
	switch g, grouped := m.to.group(); {
	case int(m.from) >= f.plan.Spec.Users:
		f.wrong(Unexpected, m, u.no, "no such sender")
		return
	case grouped && int(g) >= len(f.plan.Groups):
		f.wrong(Unexpected, m, u.no, "no such group")
		return
	case grouped:
		position, member := f.plan.position(g, m.from)
		if _, in := f.plan.position(g, u.no); !in || !member {
			if member && f.plan.visited[u.no] == g {
				return // a visitor's: see Visit
			}
			f.wrong(Unexpected, m, u.no, "not of this group")
			return
		}
		if m.from == u.no {
			return // of another instance of the user
		}
		sender, key = position, m.to
	case m.from == u.no:
		return
	case m.to != WithUser(u.no):
		f.wrong(Unexpected, m, u.no, "is for somebody else")
		return
	}
	now := f.clock.Now()
	u.mu.Lock()
	b := u.inboxOf(key)
	what := b.take(sender, m.n, pushed)
	b.unread = true
	u.mu.Unlock()
	switch what {
	case overtaken:
		f.wrong(OutOfOrder, m, u.no, "")
	case duplicated:
		f.wrong(Duplicated, m, u.no, "")
		return
	case absurd:
		f.wrong(Unexpected, m, u.no, "was never sent")
		return
	case repeated:
		f.meter.repeated.Add(1)
		return
	}
	f.meter.delivered.Add(1)
	if f.local(m.from) != nil {
		f.meter.dueHere.Add(1)
	}
	f.meter.record(Delivered, u.no, now.Sub(m.at))
	f.progress()
}
