// Package link is the connection of one SDK instance to the backend: dial,
// framing, matching replies to requests, time-outs, heartbeats, reconnect and
// the repeated login. It knows nothing of messages, caches or events, so that
// the Go client and the load generator can share it; an idle link costs one
// goroutine and a few kilobytes.
//
//	l := link.New(&link.Config{SDKAppID: 1400000000, URL: srv.URL(), Clock: clock.New()}, handler)
//	defer l.Close()
//	l.Do(link.Request{Cmd: protocol.CmdSendMsg, Body: body}, func(r link.Reply) { … })
//
// Everything that a link reports (replies, pushes, states) is reported from its
// own goroutines with no lock held. Replies and pushes of one connection come
// in the order of their frames, each after the report before it has returned.
//
// Lock order: a caller's locks, then Link.mu. A link calls nobody while it
// holds Link.mu.
package link

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/imsim/imsim/internal/clock"
	"github.com/imsim/imsim/protocol"
)

// Times of the 2.14.0 web SDK (session.md §7), and our own for redialling.
const (
	RequestTimeout = 15 * time.Second // then a request fails with ErrTimeout
	SilenceLimit   = 10 * time.Second // without a downlink frame, then alive is sent
	YoungSocket    = time.Second      // a socket that closes earlier is not redialled at once
	DialTimeout    = 20 * time.Second // then a dial counts as failed
	BackoffFirst   = time.Second      // wait before the second dial in a row; doubles each time
	BackoffMax     = 30 * time.Second
	MaxSimple      = 100 // frames without reply that are kept while disconnected
)

// WebSocket close codes of the SDK.
const (
	CloseOnPurpose = 4000
	CloseReplaced  = 4001
)

// NetState is what NET_STATE_CHANGE tells.
type NetState string

// Net states.
const (
	Connected    NetState = "connected"
	Connecting   NetState = "connecting"
	Disconnected NetState = "disconnected"
)

// Reasons why a request has no reply.
var (
	ErrTimeout = errors.New("no reply within the time limit")
	ErrClosed  = errors.New("the link is closed")
)

// Config is shared by all links that are alike.
type Config struct {
	SDKAppID uint32
	URL      string       // ws://host:port, without path
	Binary   bool         // /binfo with binary frames instead of /info with text
	Dial     Dialer       // default: WebSocket(nil)
	Clock    clock.Clock  // required
	Logger   *slog.Logger // default: none
	Rand     func() uint64
}

// Handler is told what a link receives that nobody asked for.
type Handler interface {
	// Push takes a downlink frame that is no reply.
	Push(protocol.Downlink)
	// NetState takes a changed state. A link counts as connected from the
	// start, so the first connection is not reported.
	NetState(NetState)
	// Answered takes the reply to a request that the link made by itself:
	// heartbeat.alive, wshello, and the wslogin after a reconnect.
	Answered(cmd string, r Reply)
}

// Link is a connection that comes back when it is lost.
type Link struct {
	cfg        *Config
	handler    Handler
	instanceID string
	ctx        context.Context
	cancel     context.CancelFunc
	wg         sync.WaitGroup // dialling, reading and writing goroutines

	mu      sync.Mutex
	closed  bool
	seq     uint64
	pending []*pending // by seq, and so by time
	simple  [][]byte   // frames without reply, kept while disconnected
	session Session

	// The present connection; generation counts the dials.
	generation int
	conn       Conn
	dialling   chan struct{} // closed at the end of the present dial; else nil
	dialStart  time.Time
	cancelDial context.CancelFunc
	slim       bool      // the reader should go on with a fresh stack
	opened     time.Time // when the last connection came up; zero: never
	redial     bool      // the present dial is not the first
	state      NetState  // as last reported
	fatal      bool      // the server told us to give up
	offline    bool      // there is no network, as told by SetOnline
	failures   int       // dials in a row that led nowhere
	nextDial   time.Time // zero: none is planned

	lastDown  time.Time
	probing   bool // an alive is unanswered
	nextHello time.Time

	timer    clock.Timer
	timerDue time.Time

	out     []outgoing
	writing bool
	pings   map[string]chan struct{}
	pingNo  uint64
}

// New makes a link and starts to dial.
func New(cfg *Config, h Handler) *Link {
	ctx, cancel := context.WithCancel(context.Background())
	l := &Link{cfg: cfg, handler: h, ctx: ctx, cancel: cancel, state: Connected}
	l.instanceID = hex128(l.random(), l.random())
	l.seq = l.random()%100_000_000 + 1
	l.mu.Lock()
	l.dial(nothing)
	l.mu.Unlock()
	return l
}

// Close ends the connection with code 4000, fails what is pending with
// ErrClosed and waits for the link's goroutines. It must not be called from a
// Handler method or a reply function. A second call does nothing.
func (l *Link) Close() {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		l.wg.Wait()
		return
	}
	l.closed = true
	pending := l.pending
	l.pending, l.simple, l.out = nil, nil, nil
	if l.timer != nil {
		l.timer.Stop()
	}
	l.dropConn(CloseOnPurpose)
	l.mu.Unlock()
	l.cancel()
	for _, p := range pending {
		p.done(Reply{Err: ErrClosed})
	}
	l.wg.Wait()
}

func (l *Link) random() uint64 {
	if l.cfg.Rand != nil {
		return l.cfg.Rand()
	}
	return rand.Uint64()
}

func (l *Link) now() time.Time { return l.cfg.Clock.Now() }

func (l *Link) log(msg string, args ...any) {
	if l.cfg.Logger != nil {
		l.cfg.Logger.Debug(msg, args...)
	}
}
