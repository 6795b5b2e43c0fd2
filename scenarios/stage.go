package scenarios

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/imsim/imsim/control"
	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/reports"
)

// Stage is what a case acts on: a server of its own, and users on the port
// under test. Every failed step ends the case.
type Stage struct {
	ctx     context.Context
	fail    func(string)
	port    port.Port
	hello   port.Hello
	server  *control.Client
	url     string
	appID   uint32
	http    *http.Client // for what is asked beside the control API; nil until then
	users   []*User
	wait    time.Duration // for an event, in real time
	steps   []string
	outcome string // when a step ended the case other than by failing
	lacks   string // the method that the port does not have
	message string // why it ended
}

// Env is where cases run.
type Env struct {
	// Port is the implementation under test. It is asked for anew after a
	// breakdown.
	Port func(context.Context) (port.Port, error)
	// URL of a server that is there already (ws://…); empty: each case starts
	// its own.
	URL string
	// Patience is how long an event is waited for in real time; default 5 s.
	Patience time.Duration
	// AllFrames keeps and checks the frames of cases that pass, too.
	AllFrames bool
	// Limit is how long a case may take in real time; 0: CaseLimit.
	Limit time.Duration
	// Begin is told the ID of each case that begins; may be nil.
	Begin func(id string)
	// Report is given each case's result as soon as it is there.
	Report func(reports.Result)
}

// open prepares the server of a case; close ends it.
func (s *Stage) open(env Env, c Case) (closeServer func(), err error) {
	if env.URL != "" {
		s.url = env.URL
		s.server = control.New(httpURL(env.URL))
		health, err := s.server.Health(s.ctx)
		if err != nil {
			return nil, err
		}
		s.appID = health.SDKAppID
		return s.server.Close, s.server.Reset(s.ctx)
	}
	o := fakeserver.Options{}
	if c.Server != nil {
		c.Server(&o)
	}
	srv, err := fakeserver.Start(o)
	if err != nil {
		return nil, err
	}
	s.url, s.appID = srv.URL(), srv.AppID()
	s.server = control.New(srv.HTTP())
	return func() {
		s.server.Close()
		_ = srv.Close() // no state file: cannot fail
	}, nil
}

func httpURL(ws string) string { return "http" + ws[len("ws"):] }

// Server is the control API of the case's server.
func (s *Stage) Server() *control.Client { return s.server }

// Must ends the case if a step around the port failed.
func (s *Stage) Must(err error, doing string) {
	if err == nil {
		return
	}
	var broken *port.Breakdown
	var missing *port.NotImplementedError
	switch {
	case errors.As(err, &broken):
		s.outcome = broken.Cause
	case errors.As(err, &missing):
		s.outcome, s.lacks = reports.NotImplemented, missing.API
	}
	s.Failf("%s: %v", doing, err)
}

// Failf ends the case.
func (s *Stage) Failf(format string, args ...any) {
	s.message = reports.Mask(fmt.Sprintf(format, args...))
	s.fail(s.message)
}

// expected begins a step that says which expectation was met.
const expected = "✓ "

func (s *Stage) step(format string, args ...any) {
	const most = 600
	text := reports.Mask(fmt.Sprintf(format, args...))
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	s.steps = append(s.steps, text)
}

// UserSig issues a ticket that is valid for life (0: 180 days).
func (s *Stage) UserSig(userID string, life time.Duration) string {
	if life == 0 {
		life = 180 * 24 * time.Hour
	}
	sig, err := s.server.UserSig(s.ctx, userID, life)
	s.Must(err, "issue a UserSig")
	return sig
}

// CreateUsers makes accounts that did not log in yet.
func (s *Stage) CreateUsers(userIDs ...string) {
	s.Must(s.server.CreateUsers(s.ctx, userIDs...), "create users")
}

// Instance makes an SDK object that is not logged in.
func (s *Stage) Instance(userID string) *User {
	inst, err := s.port.Create(s.ctx, port.Options{SDKAppID: s.appID, URL: s.url})
	s.Must(err, "create an instance")
	u := &User{stage: s, inst: inst, ID: userID}
	s.users = append(s.users, u)
	s.step("%s: create", u.label())
	return u
}

// Login makes an SDK object, logs in and waits for SDK_READY.
func (s *Stage) Login(userID string) *User {
	u := s.Instance(userID)
	u.Login()
	return u
}

// Advance moves the server's clock and every instance's alike, a second at
// most at once, as the driver protocol says.
func (s *Stage) Advance(d time.Duration) {
	s.step("advance %s", d)
	for d > 0 {
		step := min(d, time.Second)
		d -= step
		s.Must(s.server.Advance(s.ctx, step), "advance the server")
		for _, u := range s.users {
			if !u.destroyed {
				s.Must(u.inst.Advance(s.ctx, step), "advance "+u.label())
			}
		}
	}
}

// AdvanceServer moves the server's clock alone.
func (s *Stage) AdvanceServer(d time.Duration) {
	s.step("advance the server %s", d)
	s.Must(s.server.Advance(s.ctx, d), "advance the server")
}

// Kick ends a user's sessions by the control API.
func (s *Stage) Kick(userID, reason string) {
	s.step("kick %s: %s", userID, reason)
	s.Must(s.server.Kick(s.ctx, userID, reason), "kick")
}

// Fault adds a rule of what goes wrong.
func (s *Stage) Fault(f fakeserver.Fault) {
	s.step("fault %+v", f)
	s.Must(s.server.Fault(s.ctx, f), "inject a fault")
}

// RefuseOnce has the user's next request of a command refused.
func (s *Stage) RefuseOnce(userID, servcmd string, code int) {
	s.Fault(fakeserver.Fault{UserID: userID, ErrorReplies: map[string]int{servcmd: code}, Count: 1})
}

// ClearFaults removes every rule.
func (s *Stage) ClearFaults() {
	s.step("clear faults")
	s.Must(s.server.ClearFaults(s.ctx), "clear the faults")
}

// Cut drops a user's connections, as a network does.
func (s *Stage) Cut(userID string) { s.Fault(fakeserver.Fault{UserID: userID, Disconnect: true}) }

// destroyUsers ends the instances of a case.
func (s *Stage) destroyUsers(ctx context.Context) error {
	var errs []error
	for _, u := range s.users {
		if !u.destroyed {
			errs = append(errs, u.inst.Destroy(ctx))
		}
	}
	return errors.Join(errs...)
}

// genuine is the major line of a genuine SDK: "2.14", "2.27", "3.6"; the Go
// client follows 2.14; "" for a foreign port.
func genuine(h port.Hello) string {
	switch {
	case h.Name == "imsim-go":
		return "2.14"
	case h.Name != "tim-js-sdk" && h.Name != "@tencentcloud/chat":
		return ""
	}
	for _, line := range []string{"2.14", "2.27", "3.6"} {
		if len(h.Version) >= len(line) && h.Version[:len(line)] == line {
			return line
		}
	}
	return ""
}

// Versions is an expectation in which the genuine SDKs differ. A foreign port
// may do as any of them.
type Versions[T any] struct{ V214, V227, V36 T }

// allowed lists what the port under test may do.
func (v Versions[T]) allowed(h port.Hello) []T {
	switch genuine(h) {
	case "2.14":
		return []T{v.V214}
	case "2.27":
		return []T{v.V227}
	case "3.6":
		return []T{v.V36}
	}
	return []T{v.V214, v.V227, v.V36}
}

// from227 says that 2.14 does a and later ones do b.
func from227[T any](a, b T) Versions[T] { return Versions[T]{a, b, b} }

// later tells whether the port is a genuine SDK after 2.14.
func (s *Stage) later() bool { g := genuine(s.hello); return g == "2.27" || g == "3.6" }
