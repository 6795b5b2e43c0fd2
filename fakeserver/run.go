// Package fakeserver is the Tencent Cloud IM backend as one value in your
// process. The unmodified web SDKs log in to it, and so does the Go client.
//
//	func TestChat(t *testing.T) {
//		srv := fakeserver.Run(t) // closes with the test
//		sig := srv.UserSig("alice")
//		// … point a client at srv.URL() …
//		srv.Advance(2 * time.Minute) // recall window over
//		srv.Kick("alice", fakeserver.MultipleDevice)
//		srv.Disconnect("bob")
//	}
package fakeserver

import (
	"time"

	"github.com/imsim/imsim/fakeserver/backend"
	"github.com/imsim/imsim/protocol"
)

// Reasons for Kick: the values of KICKED_OUT's data.type.
const (
	MultipleAccount = backend.MultipleAccount
	MultipleDevice  = backend.MultipleDevice
	UserSigExpired  = backend.UserSigExpired
	RESTAPIKick     = backend.RESTAPIKick
)

// TB is the part of testing.TB that Run needs.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Run starts a server that ends with the test. At most one Options is taken.
func Run(t TB, o ...Options) *Server {
	t.Helper()
	var opts Options
	if len(o) > 0 {
		opts = o[0]
	}
	s, err := Start(opts)
	if err != nil {
		t.Fatalf("start fakeserver: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Fatalf("close fakeserver: %v", err)
		}
	})
	return s
}

// App is the part of a server that serves one SDKAppID. The methods of Server
// itself mean the app of AppID.
type App struct {
	server *Server
	id     uint32
}

// App returns the part of an app; its world is made when it is first used.
func (s *Server) App(sdkAppID uint32) *App { return &App{s, sdkAppID} }

func (s *Server) app() *App { return s.App(s.AppID()) }

// UserSig issues a ticket that is valid from the server's clock on, for life
// (default: 180 days).
func (a *App) UserSig(userID string, life ...time.Duration) string {
	secret, valid := a.server.opts.Secret, protocol.DefaultUserSigLife
	if secret == "" {
		secret = devSecret
	}
	if len(life) > 0 {
		valid = life[0]
	}
	return protocol.MakeUserSig(secret, a.id, userID, a.server.clock.Now(), valid)
}

// CreateUsers makes accounts that did not log in yet.
func (a *App) CreateUsers(userIDs ...string) (created, existed []string, err error) {
	a.see(func(at time.Time, w *backend.World) { created, existed, err = w.CreateUsers(at, userIDs) })
	return created, existed, err
}

// Kick ends the sessions of a user; it reports how many there were.
func (a *App) Kick(userID, reason string) (int, error) {
	return a.server.host(a.id).kick(userID, reason)
}

// Disconnect cuts the connections of a user ("": of everybody), as a network
// does. The SDKs come back by themselves.
func (a *App) Disconnect(userID string) int { return a.server.host(a.id).cut(userID) }

// Modify changes a stored message, as an app's callback would.
func (a *App) Modify(mod backend.Modification) (err error) {
	a.server.host(a.id).do(func(at time.Time, w *backend.World) (effects []backend.Effect) {
		effects, err = w.Modify(at, mod)
		return effects
	})
	return err
}

// User looks an account up.
func (a *App) User(userID string) (u backend.User, ok bool) {
	a.see(func(_ time.Time, w *backend.World) { u, ok = w.User(userID) })
	return u, ok
}

// Group looks a group up.
func (a *App) Group(groupID string) (g backend.Group, ok bool) {
	a.see(func(_ time.Time, w *backend.World) { g, ok = w.Group(groupID) })
	return g, ok
}

// Messages lists what two users wrote each other and is still stored, oldest
// first.
func (a *App) Messages(userID, peer string) (list []*protocol.C2CMessage) {
	a.see(func(_ time.Time, w *backend.World) { list = w.Messages(userID, peer) })
	return list
}

// see runs f on the world; f has no effects on connections.
func (a *App) see(f func(time.Time, *backend.World)) {
	a.server.host(a.id).do(func(at time.Time, w *backend.World) []backend.Effect {
		f(at, w)
		return nil
	})
}

// UserSig issues a ticket; see App.UserSig.
func (s *Server) UserSig(userID string, life ...time.Duration) string {
	return s.app().UserSig(userID, life...)
}

// CreateUsers makes accounts; see App.CreateUsers.
func (s *Server) CreateUsers(userIDs ...string) (created, existed []string, err error) {
	return s.app().CreateUsers(userIDs...)
}

// Kick ends the sessions of a user; see App.Kick.
func (s *Server) Kick(userID, reason string) (int, error) { return s.app().Kick(userID, reason) }

// Disconnect cuts connections; see App.Disconnect.
func (s *Server) Disconnect(userID string) int { return s.app().Disconnect(userID) }

// User looks an account up; see App.User.
func (s *Server) User(userID string) (backend.User, bool) { return s.app().User(userID) }

// Group looks a group up; see App.Group.
func (s *Server) Group(groupID string) (backend.Group, bool) { return s.app().Group(groupID) }

// Messages lists a chat; see App.Messages.
func (s *Server) Messages(userID, peer string) []*protocol.C2CMessage {
	return s.app().Messages(userID, peer)
}

// Now is the server's clock: real time plus all that was advanced.
func (s *Server) Now() time.Time { return s.clock.Now() }

// Advance moves the server's clock; what came due has been carried out when it
// returns. No connection times out by it.
func (s *Server) Advance(d time.Duration) {
	s.clock.Advance(d, nil)
	s.mu.Lock()
	hosts := s.hostList()
	s.mu.Unlock()
	for _, h := range hosts { // what a request under way planned, while the clock moved
		h.do(func(at time.Time, w *backend.World) []backend.Effect { return w.Tick(at) })
	}
}

// Fault adds a rule of what goes wrong in the app; see Fault.
func (a *App) Fault(f Fault) error {
	if err := f.check(); err != nil {
		return err
	}
	if f.Disconnect {
		a.Disconnect(f.UserID)
		return nil
	}
	if f.Stall > 0 {
		a.server.stall(time.Duration(f.Stall))
		return nil
	}
	a.server.faultsOf(a.id).add(f)
	return nil
}

// ClearFaults removes every rule of the app.
func (a *App) ClearFaults() { a.server.faultsOf(a.id).clear() }

// Fault adds a rule of what goes wrong; see App.Fault.
func (s *Server) Fault(f Fault) error { return s.app().Fault(f) }

// ClearFaults removes every rule; see App.ClearFaults.
func (s *Server) ClearFaults() { s.app().ClearFaults() }
