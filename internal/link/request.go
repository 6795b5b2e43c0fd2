package link

import (
	"sort"
	"strconv"
	"time"

	"github.com/imsim/imsim/protocol"
)

// Request is an uplink frame to be.
type Request struct {
	Cmd    string
	Body   []byte // JSON; empty is {}
	TjgID  string // "<tinyid>-<random>" on sends
	Upload bool   // head with identifier and usersig instead of a2 (session.md §12)
}

// Reply is what a request came to.
type Reply struct {
	protocol.Downlink       // valid if Err is nil; look at ErrorCode
	Err               error // ErrTimeout or ErrClosed: there is no reply
}

// OK tells whether the request succeeded.
func (r Reply) OK() bool { return r.Err == nil && r.ErrorCode == 0 }

type pending struct {
	seq   uint64
	cmd   string
	frame []byte // repeated unchanged after a reconnect
	at    time.Time
	done  func(Reply)
}

// Do sends a request, or keeps it until there is a connection; on a lost
// connection it also dials. done is called exactly once: with the reply, after
// RequestTimeout with ErrTimeout, or at Close with ErrClosed. The order of Do
// calls is the order on the wire.
func (l *Link) Do(req Request, done func(Reply)) {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		done(Reply{Err: ErrClosed})
		return
	}
	l.do(req, done)
	l.mu.Unlock()
}

func (l *Link) do(req Request, done func(Reply)) {
	now := l.now()
	seq := l.seq
	l.seq++
	p := &pending{seq: seq, cmd: req.Cmd, frame: l.encode(req, seq, now), at: now, done: done}
	l.pending = append(l.pending, p)
	l.arm(now.Add(RequestTimeout))
	if l.conn != nil {
		l.write(p.frame)
		return
	}
	l.wantDial(now)
}

// Tell sends a frame that gets no reply. While disconnected the last MaxSimple
// are kept.
func (l *Link) Tell(req Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	now := l.now()
	frame := l.encode(req, l.seq, now)
	l.seq++
	if l.conn != nil {
		l.write(frame)
		return
	}
	if len(l.simple) < MaxSimple {
		l.simple = append(l.simple, frame)
	}
	l.wantDial(now)
}

// Pending is the number of requests without a reply.
func (l *Link) Pending() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.pending)
}

// take removes the request that a frame answers; mu is held.
func (l *Link) take(d *protocol.Downlink) *pending {
	seq, err := strconv.ParseUint(string(d.Seq), 10, 64)
	if err != nil {
		return nil
	}
	i := sort.Search(len(l.pending), func(i int) bool { return l.pending[i].seq >= seq })
	if i == len(l.pending) || l.pending[i].seq != seq || l.pending[i].cmd != d.ServCmd {
		return nil
	}
	p := l.pending[i]
	copy(l.pending[i:], l.pending[i+1:])
	l.pending[len(l.pending)-1] = nil
	l.pending = l.pending[:len(l.pending)-1]
	return p
}

// expired removes the requests that have waited too long; mu is held.
func (l *Link) expired(now time.Time) []*pending {
	n := 0
	for n < len(l.pending) && now.Sub(l.pending[n].at) >= RequestTimeout {
		n++
	}
	if n == 0 {
		return nil
	}
	late := append([]*pending(nil), l.pending[:n]...)
	l.pending = append(l.pending[:0], l.pending[n:]...)
	return late
}

// resend puts all that is unanswered on a fresh connection, as it was; its
// time starts anew. mu is held.
func (l *Link) resend(now time.Time) {
	for _, p := range l.pending {
		p.at = now
		l.write(p.frame)
	}
	for _, frame := range l.simple {
		l.write(frame)
	}
	l.simple = nil
}
