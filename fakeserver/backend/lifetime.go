package backend

import (
	"time"

	"github.com/imsim/imsim/protocol"
)

// A message may come with MsgLifeTime: for so many seconds it waits for who is
// offline. If its receiver has not logged in by then, it is history only: no
// unread number counts it, and no sync brings it.

// lifetimeOf is the second up to which a message waits; 0: as long as it is
// kept.
func (w *World) lifetimeOf(req *protocol.SendMsgRequest) int64 {
	if req.MsgLifeTime == nil || *req.MsgLifeTime <= 0 || *req.MsgLifeTime >= int64(w.cfg.Retention/time.Second) {
		return 0
	}
	return w.sec() + *req.MsgLifeTime
}

// awaits has a stored message wait for its receiver, if that one is away.
func (w *World) awaits(m *message) {
	if m.until == 0 || m.is(unseenByTo) {
		return
	}
	for _, s := range m.to.sessions {
		if s.state == active { // gets it now, or when its connection is back
			m.until = 0
			return
		}
	}
	m.to.awaited = append(m.to.awaited, m)
	w.plan(time.Unix(m.until+1, 0), func(w *World) {
		if m.until != 0 {
			m.flags |= lapsed
			m.until = 0
			w.chat(m.from.id, m.to.id).recount(m.to)
		}
	})
}

// lapsedFor tells whether the message came too late for the user.
func (m *message) lapsedFor(user *account) bool { return m.to == user && m.is(lapsed) }

// arrived tells that the account logged in: what waited for it has found it.
func (a *account) arrived() {
	for _, m := range a.awaited {
		m.until = 0
	}
	a.awaited = nil
}
