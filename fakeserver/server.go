package fakeserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imsim/imsim/fakeserver/backend"
	"github.com/imsim/imsim/internal/clock"
	"github.com/imsim/imsim/internal/memnet"
	"github.com/imsim/imsim/protocol"
)

// DefaultSDKAppID is the app that is meant where none is named.
const DefaultSDKAppID = 1400000000

// devSecret signs the UserSigs that a server without a Secret issues.
const devSecret = "imsim-development-key"

// Values of Options.Limits.
const (
	LimitsOff        = "off"
	LimitsDocumented = "documented"
)

// Options of a server. The zero value serves every SDKAppID and takes any
// UserSig, on a free port of the loopback.
type Options struct {
	// Addr to listen on, host:port; empty: 127.0.0.1:0.
	Addr string
	// NoListener serves Dial only: no socket is opened.
	NoListener bool
	// SDKAppID pins the server to one app: logins of others get 70020. 0: every
	// app is served, each its own world.
	SDKAppID uint32
	// Secret verifies UserSigs; see backend.Config.
	Secret string
	// WebInstances of a user that may be online; default 1.
	WebInstances int
	// RecallWindow, default 2 minutes.
	RecallWindow time.Duration
	// Retention of messages, default 7 days.
	Retention time.Duration
	// Limits is LimitsOff (default) or LimitsDocumented: a user may call
	// deleteMessage once a second, else 10006.
	Limits string
	// MaxMessage is the size limit of MsgBody and custom data in bytes; default
	// 12 KiB, more is refused with 80002, by REST with 93000.
	MaxMessage int
	// BlockedSenderGets20007 tells a blocked sender so. Default, as with the
	// service: success for the sender, nothing for the receiver.
	BlockedSenderGets20007 bool
	// MaxFriends, MaxFriendGroups, MaxApplications and MaxBlocked are caps of a
	// user's relations; default and documented 3,000, 32, 100 and 1,000.
	MaxFriends, MaxFriendGroups, MaxApplications, MaxBlocked int
	// Admins may use the REST API under /v4/; default "administrator".
	Admins []string
	// BeforeSend decides on each new message, as the service's before-send
	// webhook does; may be nil. It runs inside of the rules, one call at a time
	// per app: it must not block, nor call the server.
	BeforeSend func(Outgoing) Decision
	// MaxFile is the longest file that may be uploaded in bytes; default and
	// documented 100 MiB, a longer one gets HTTP 413.
	MaxFile int64
	// MediaCap is how many bytes of uploaded files are kept in memory, over all
	// apps; default 256 MiB. Beyond it the oldest files go. Files are no part of
	// the state.
	MediaCap int64
	// Groups are the caps of groups; LimitsDocumented adds 40 messages a second.
	Groups backend.GroupLimits
	// LongPolling makes the members of live rooms poll; by default they get
	// pushes.
	LongPolling bool
	// State is a file that holds the worlds: read at the start if it exists,
	// written at Close, and every SaveEvery if something changed.
	State string
	// SaveEvery, default 5 seconds of real time; negative: at Close only.
	SaveEvery time.Duration
	// MaxFrame is the longest frame taken from a client in bytes, default
	// 4 MiB; a longer one closes the connection with 1009.
	MaxFrame int64
	// MaxBacklog is how many bytes may wait for a client that does not read
	// before it is cut; default 16 MiB.
	MaxBacklog int
	// NoTrace keeps no frames for GET /_imsim/trace.
	NoTrace bool
	// Seed of the faults' chance.
	Seed uint64
	// Logger gets what deserves a note; default: none.
	Logger *slog.Logger
	// Version shown by /_imsim/health.
	Version string

	tap func(tapped) // told of every input of a world; for tests
}

// Server is a running backend. All methods may be called at any time from any
// goroutine.
type Server struct {
	opts   Options
	clock  *clock.Shiftable
	faults sync.Map // *faults of each app, by SDKAppID
	http   *http.Server
	tcp    net.Listener // nil with NoListener
	mem    *memnet.Listener
	nextID atomic.Uint64
	log    *slog.Logger
	media  *mediaStore
	counters
	saving sync.Mutex // above mu and every world's lock: one save at a time

	scaling sync.Mutex // a leaf: one thumbnail is made at a time

	mu      sync.Mutex
	hosts   map[uint32]*host
	closed  bool
	hanging chan struct{} // closed at Close: unanswered upgrades end
	readers readers
	running sync.WaitGroup
}

// Start runs a server until Close.
func Start(o Options) (*Server, error) {
	if o.MaxFrame <= 0 {
		o.MaxFrame = 4 << 20
	}
	if o.MaxBacklog <= 0 {
		o.MaxBacklog = 16 << 20
	}
	if o.MaxFile <= 0 {
		o.MaxFile = 100 << 20
	}
	if o.MediaCap <= 0 {
		o.MediaCap = 256 << 20
	}
	if o.Retention <= 0 {
		o.Retention = 7 * 24 * time.Hour
	}
	if o.SaveEvery == 0 {
		o.SaveEvery = 5 * time.Second
	}
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Limits != "" && o.Limits != LimitsOff && o.Limits != LimitsDocumented {
		return nil, fmt.Errorf("limits %q: use %s or %s", o.Limits, LimitsOff, LimitsDocumented)
	}
	s := &Server{
		opts: o, clock: clock.New(), mem: memnet.Listen(), log: o.Logger,
		hosts: map[uint32]*host{}, hanging: make(chan struct{}),
		media: newMediaStore(o.MediaCap, o.Retention),
	}
	s.readers = readers{next: make(chan func()), closed: s.hanging, running: &s.running}
	if err := s.loadFile(); err != nil {
		return nil, err
	}
	s.http = &http.Server{
		Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
	}
	listeners := []net.Listener{s.mem}
	if !o.NoListener {
		tcp, err := net.Listen("tcp", o.Addr)
		if err != nil {
			return nil, err
		}
		s.tcp = tcp
		listeners = append(listeners, tcp)
	}
	if o.State != "" && o.SaveEvery > 0 {
		s.running.Go(s.saveLoop)
	}
	for _, l := range listeners {
		s.running.Go(func() {
			if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				s.log.Error("serve", "error", err)
			}
		})
	}
	return s, nil
}

// Close ends the server: every client is disconnected, the state is saved,
// nothing of it runs any more. Further calls do nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.hanging)
	hosts := s.hostList()
	s.mu.Unlock()
	err := s.saveFile()
	_ = s.http.Close()
	for _, h := range hosts {
		h.cut("")
		h.stop()
	}
	s.running.Wait()
	for _, h := range hosts { // again: connections that ended have planned anew
		h.stop()
	}
	s.clock.Stop()
	return err
}

// Addr is host:port of the listener; empty with NoListener.
func (s *Server) Addr() string {
	if s.tcp == nil {
		return ""
	}
	return s.tcp.Addr().String()
}

// URL is what an SDK's proxyServer option takes: ws://host:port. A server on
// every interface is named by loopback. With NoListener it only names the
// server for Dial.
func (s *Server) URL() string {
	if s.tcp == nil {
		return "ws://imsim.invalid"
	}
	return "ws://" + reachable(s.Addr())
}

// reachable is an address that clients on this machine can dial.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}

// HTTP is the base URL of the control API.
func (s *Server) HTTP() string { return "http" + strings.TrimPrefix(s.URL(), "ws") }

// Dial connects to the server in memory, without a socket.
func (s *Server) Dial(ctx context.Context) (net.Conn, error) { return s.mem.Dial(ctx) }

// AppID is the app that is meant where none is named.
func (s *Server) AppID() uint32 {
	if s.opts.SDKAppID != 0 {
		return s.opts.SDKAppID
	}
	return DefaultSDKAppID
}

// config makes the rules of an app's world.
func (s *Server) config(appID uint32) backend.Config {
	return backend.Config{
		Secret: s.opts.Secret, WebInstances: s.opts.WebInstances,
		MaxMessage: s.opts.MaxMessage, BlockedSenderGets20007: s.opts.BlockedSenderGets20007,
		MaxFriends: s.opts.MaxFriends, MaxFriendGroups: s.opts.MaxFriendGroups,
		MaxApplications: s.opts.MaxApplications, MaxBlocked: s.opts.MaxBlocked,
		Admins: s.opts.Admins, BeforeSend: s.opts.BeforeSend, UploadKey: s.uploadKey(), DeleteEvery: s.deleteEvery(),
		RecallWindow: s.opts.RecallWindow, Retention: s.opts.Retention,
		RejectUnknownApp: s.opts.SDKAppID != 0 && s.opts.SDKAppID != appID,
		Groups:           s.groupLimits(), LongPolling: s.opts.LongPolling,
		Faults: s.faultsOf(appID),
		Log: func(format string, args ...any) {
			s.log.Warn(fmt.Sprintf(format, args...), "sdkAppID", appID)
		},
	}
}

// groupLimits are the caps of groups; rates are limited only if asked for.
func (s *Server) groupLimits() backend.GroupLimits {
	limits := s.opts.Groups
	if s.opts.Limits == LimitsDocumented && limits.MessagesSecond == 0 {
		limits.MessagesSecond = 40
	}
	return limits
}

// faultsOf are the rules of an app of what goes wrong.
func (s *Server) faultsOf(appID uint32) *faults {
	if f, any := s.faults.Load(appID); any {
		return f.(*faults)
	}
	f, _ := s.faults.LoadOrStore(appID, newFaults(s.opts.Seed))
	return f.(*faults)
}

// host finds or makes the world of an app.
func (s *Server) host(appID uint32) *host {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hosts[appID]
	if h == nil {
		h = newHost(s, appID)
		s.hosts[appID] = h
	}
	return h
}

// hostList returns all worlds; mu is held.
func (s *Server) hostList() []*host {
	list := make([]*host, 0, len(s.hosts))
	for _, h := range s.hosts {
		list = append(list, h)
	}
	return list
}

// connect upgrades an SDK's connection and reads it on a goroutine of its
// own, so that the HTTP server's is free again.
func (s *Server) connect(w http.ResponseWriter, r *http.Request) {
	if !websocketRequest(r) {
		http.Error(w, "this is the WebSocket of the IM SDK: point its proxyServer option at "+s.URL(), http.StatusUpgradeRequired)
		return
	}
	query := r.URL.Query()
	appID, err := parseAppID(query)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h := s.host(appID)
	instance := query.Get("instanceid")
	h.mu.Lock()
	user := h.world.UserOfInstance(instance)
	h.mu.Unlock()
	refuse, release := h.faults.onConnect(user)
	if release != nil {
		select {
		case <-release:
		case <-s.hanging:
			return
		case <-r.Context().Done():
			return
		}
	}
	if refuse {
		http.Error(w, "injected fault: connections are refused", http.StatusServiceUnavailable)
		return
	}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	nc := ws.NetConn()
	c := &conn{
		id: backend.Conn(s.nextID.Add(1)), host: h, net: nc,
		in: newFrameReader(nc, s.opts.MaxFrame), out: newOutbox(nc, s.opts.MaxBacklog),
		binary: r.URL.Path == protocol.PathBinary, instance: strings.Clone(instance), baseURL: baseURL(r),
	}
	c.gzip = c.binary && query.Get("compress") == "gzip"
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = c.out.Close()
		return
	}
	s.accepted.Add(1)
	s.connections.Add(1)
	h.accept(c)
	s.running.Add(1) // until c.close
	go c.read()
}

func websocketRequest(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// parseAppID reads the app of an SDK's upgrade request.
func parseAppID(query url.Values) (uint32, error) {
	text := query.Get("sdkappid")
	appID, err := strconv.ParseUint(text, 10, 32)
	if err != nil || appID == 0 {
		return 0, fmt.Errorf("query parameter sdkappid %q is not an SDKAppID", text)
	}
	return uint32(appID), nil
}
