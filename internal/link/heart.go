package link

import (
	"encoding/json"
	"time"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// A link has one timer, set for the first thing that may be due. It is not
// moved at every frame: when it fires it looks what is due by then.

// arm makes sure that the timer fires at the instant or before; mu is held.
func (l *Link) arm(at time.Time) {
	if l.timer != nil && !at.Before(l.timerDue) {
		return
	}
	if l.timer != nil {
		l.timer.Stop()
	}
	l.timerDue = at
	l.timer = l.cfg.Clock.AfterFunc(at.Sub(l.now()), l.tick)
}

// tick does what is due and sets the timer anew.
func (l *Link) tick() {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return
	}
	l.wg.Add(1)
	defer l.wg.Done()
	l.timer = nil
	now := l.now()
	late := l.expired(now)
	if l.dialling != nil && now.Sub(l.dialStart) >= DialTimeout {
		l.cancelDial() // run sees the failed dial
	}
	if !l.nextHello.IsZero() && !now.Before(l.nextHello) {
		l.nextHello = now.Add(l.session.Hello)
		l.do(Request{Cmd: protocol.CmdHello}, func(r Reply) { l.handler.Answered(protocol.CmdHello, r) })
	}
	if l.conn != nil && !l.probing && now.Sub(l.lastDown) >= SilenceLimit {
		l.alive()
	}
	if !l.nextDial.IsZero() && !now.Before(l.nextDial) && l.conn == nil && l.dialling == nil {
		l.dial(nothing)
	}
	l.schedule(now)
	l.mu.Unlock()
	for _, p := range late {
		p.done(Reply{Err: ErrTimeout})
	}
}

// schedule arms the timer for all that is to come; mu is held.
func (l *Link) schedule(now time.Time) {
	if len(l.pending) > 0 {
		l.arm(l.pending[0].at.Add(RequestTimeout))
	}
	if l.dialling != nil {
		if at := l.dialStart.Add(DialTimeout); at.After(now) {
			l.arm(at)
		}
	}
	if !l.nextHello.IsZero() {
		l.arm(l.nextHello)
	}
	if l.conn != nil && !l.probing {
		l.arm(l.lastDown.Add(SilenceLimit))
	}
	if !l.nextDial.IsZero() && l.conn == nil && l.dialling == nil {
		l.arm(l.nextDial)
	}
}

// alive sends a heartbeat unless one is under way; mu is held.
func (l *Link) alive() {
	if l.probing {
		return
	}
	l.probing = true
	l.do(Request{Cmd: protocol.CmdAlive}, l.aliveAnswered)
}

// aliveAnswered: any answer but an error says that the connection lives; an
// error or none makes the link reconnect, 60002 makes it give up.
func (l *Link) aliveAnswered(r Reply) {
	l.mu.Lock()
	l.probing = false
	report := nothing
	switch {
	case l.closed || r.OK():
		l.failures = 0
		if !l.closed {
			l.arm(l.lastDown.Add(SilenceLimit))
		}
	case r.Err == nil && r.ErrorCode == int(protocol.CodeHTTP):
		l.fatal = true
		report = l.changeState(Disconnected)
	case r.Err != nil:
		l.restart()
	case l.conn != nil: // an error: not at once, a server that always says so must not make us spin
		l.dropConn(CloseReplaced)
		report = l.changeState(Connecting)
		l.redialLater()
	}
	l.mu.Unlock()
	report()
	l.handler.Answered(protocol.CmdAlive, r)
}

func instID(body json.RawMessage) uint32 {
	return uint32(gjson.GetBytes(body, "InstId").Uint())
}
