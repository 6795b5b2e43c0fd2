package link

import (
	"context"
	"time"

	"github.com/imsim/imsim/protocol"
)

// What follows a lost connection:
//
//   - a connection older than YoungSocket is redialled at once ("connecting");
//   - a younger one is not ("disconnected"), nor is a dial that failed: the next
//     comes after 1, 2, 4 … 30 s, each up to a fifth longer or shorter, or with
//     the next request, but never sooner than 1 s after the dial before it.
//
// 2.14.0 itself waits for the next request in the second case. It keeps
// "connecting" while redials fail, and so do we.

// dial starts to connect; before, it reports the state that led to it. mu is
// held.
func (l *Link) dial(before func()) {
	now := l.now()
	l.generation++
	l.nextDial = time.Time{}
	l.dialStart = now
	l.dialling = make(chan struct{})
	ctx, cancel := context.WithCancel(l.ctx)
	l.cancelDial = cancel
	l.arm(now.Add(DialTimeout))
	l.wg.Add(1)
	go l.run(ctx, cancel, l.generation, l.endpoint(), before)
}

// wantDial dials for a new request, if nothing is under way; mu is held.
func (l *Link) wantDial(now time.Time) {
	if l.conn != nil || l.dialling != nil || l.fatal || l.offline {
		return
	}
	l.redial = true
	if at := l.dialStart.Add(BackoffFirst); now.Before(at) {
		if l.nextDial.IsZero() || at.Before(l.nextDial) {
			l.nextDial = at
			l.arm(at)
		}
		return
	}
	l.dial(nothing)
}

func nothing() {}

// Reconnect gives up the present connection for a new one.
func (l *Link) Reconnect() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed && !l.fatal && !l.offline {
		l.restart()
	}
}

// SetOnline tells that the network has gone or is back. Without it the
// connection is cut, with no word to the server, and none is dialled: requests
// wait, and time out. Its return dials at once.
func (l *Link) SetOnline(online bool) {
	l.mu.Lock()
	if l.closed || l.offline == !online {
		l.mu.Unlock()
		return
	}
	l.offline = !online
	report := nothing
	switch {
	case online && !l.fatal:
		l.redial = true
		l.dial(l.changeState(Connecting))
	case !online:
		l.nextDial = time.Time{}
		if conn := l.conn; conn != nil {
			_ = conn.Close()
			l.conn = nil
		}
		l.dropConn(CloseReplaced)
		report = l.changeState(Disconnected)
	}
	l.mu.Unlock()
	report()
}

// restart does so; mu is held.
func (l *Link) restart() {
	if l.dialling != nil || l.offline {
		return
	}
	l.dropConn(CloseReplaced)
	l.redial = true
	l.dial(l.changeState(Connecting))
}

// dropConn lets go of the connection or the dial; mu is held.
func (l *Link) dropConn(code int) {
	l.generation++ // its goroutines see that they are no longer wanted
	if l.cancelDial != nil {
		l.cancelDial()
	}
	if l.dialling != nil {
		close(l.dialling)
		l.dialling = nil
	}
	if conn := l.conn; conn != nil {
		l.conn = nil
		l.wg.Add(1)
		go func() { // writing may block, and mu is held
			defer l.wg.Done()
			goodbye(conn, code)
		}()
	}
	l.out, l.writing = nil, false
	l.noPongs()
}

// changeState notes a state; the caller reports it without mu.
func (l *Link) changeState(s NetState) func() {
	if l.state == s {
		return nothing
	}
	l.state = s
	return func() { l.handler.NetState(s) }
}

// run is the goroutine of one connection, from its dial to its end.
func (l *Link) run(ctx context.Context, cancel context.CancelFunc, generation int, url string, before func()) {
	defer l.wg.Done()
	defer cancel()
	before()
	dial := l.cfg.Dial
	if dial == nil {
		dial = WebSocket(nil)
	}
	conn, err := dial(ctx, url)
	cancel() // the dial is over: give back what it held
	l.mu.Lock()
	if l.generation != generation {
		l.mu.Unlock()
		if conn != nil {
			_ = conn.Close()
		}
		return
	}
	close(l.dialling)
	l.dialling = nil
	if err != nil {
		l.log("dial failed", "error", err)
		s := l.state
		if l.opened.IsZero() {
			s = Disconnected
		}
		report := l.changeState(s)
		l.redialLater()
		l.mu.Unlock()
		report()
		return
	}
	report := l.open(conn)
	l.mu.Unlock()
	report()
	l.follow(conn, generation)
}

// follow reads a connection to its end.
func (l *Link) follow(conn Conn, generation int) {
	if l.read(conn, generation) {
		l.wg.Add(1)
		go func() {
			defer l.wg.Done()
			l.follow(conn, generation)
		}()
		return
	}
	l.lost(conn, generation)
}

// Slim lets the connection be read on by a goroutine with a fresh stack. A
// login takes more of it than what follows, and a stack hardly shrinks: who
// holds many links calls this once they are ready, within a reply function.
func (l *Link) Slim() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slim = true
}

// open takes a fresh connection into use: what is unanswered, then the login
// if there was one, then alive (session.md §7). mu is held.
func (l *Link) open(conn Conn) func() {
	now := l.now()
	conn.SetPongHandler(l.pong)
	l.conn, l.opened, l.lastDown = conn, now, now
	l.out, l.writing = nil, false
	l.resend(now)
	report := nothing
	if l.redial {
		if l.session.A2 != "" {
			l.do(Request{Cmd: protocol.CmdLogin, Body: []byte(`{"State":"Online"}`)}, l.relogged)
		}
		report = l.changeState(Connected)
	}
	l.alive()
	return report
}

func (l *Link) relogged(r Reply) {
	if r.OK() {
		if id := instID(r.Body); id != 0 {
			l.mu.Lock()
			l.session.InstID = id
			l.mu.Unlock()
		}
	}
	l.handler.Answered(protocol.CmdLogin, r)
}

// read reports frames until the connection ends, or until it should go on
// elsewhere.
func (l *Link) read(conn Conn, generation int) (goOn bool) {
	for {
		_, frame, err := conn.ReadMessage()
		if err != nil {
			return false
		}
		if frame, err = protocol.Inflate(frame); err == nil {
			var d protocol.Downlink
			if d, err = protocol.ParseDownlink(frame); err == nil {
				if !l.receive(d, generation) {
					return false
				}
				if l.tookSlim() {
					return true
				}
				continue
			}
		}
		l.log("frame ignored", "error", err)
	}
}

func (l *Link) tookSlim() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	slim := l.slim
	l.slim = false
	return slim
}

func (l *Link) receive(d protocol.Downlink, generation int) bool {
	l.mu.Lock()
	if l.generation != generation {
		l.mu.Unlock()
		return false
	}
	l.lastDown = l.now()
	p := l.take(&d)
	l.mu.Unlock()
	if p != nil {
		p.done(Reply{Downlink: d})
	} else {
		l.handler.Push(d)
	}
	return true
}

// lost follows the end of a connection that nobody gave up.
func (l *Link) lost(conn Conn, generation int) {
	_ = conn.Close()
	l.mu.Lock()
	if l.generation != generation {
		l.mu.Unlock()
		return
	}
	age := l.now().Sub(l.opened)
	l.generation++
	l.conn, l.out, l.writing = nil, nil, false
	report := nothing
	switch {
	case l.fatal:
	case age < YoungSocket:
		report = l.changeState(Disconnected)
		l.redialLater()
	default:
		l.failures = 0
		l.redial = true
		l.dial(l.changeState(Connecting))
	}
	l.noPongs()
	l.mu.Unlock()
	report()
}

// redialLater plans the next dial; mu is held.
func (l *Link) redialLater() {
	if l.fatal || l.offline {
		return
	}
	wait := BackoffMax
	if l.failures < 5 {
		wait = BackoffFirst << l.failures
	}
	l.failures++
	l.redial = true
	wait += wait * time.Duration(int64(l.random()%401)-200) / 1000 // ±20 %
	l.nextDial = l.now().Add(max(wait, BackoffFirst))
	l.arm(l.nextDial)
}
