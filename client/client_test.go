package client_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/imsim/imsim/client"
	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of the tests; none is expected to be that long.
const patience = 10 * time.Second

// user is a client whose events are kept.
type user struct {
	*client.Client
	t     *testing.T
	ctx   context.Context
	srv   *fakeserver.Server
	clock *clock.Shiftable
	id    string

	mu      sync.Mutex
	events  []client.Event
	changed chan struct{}
	seen    int
}

func newUser(t *testing.T, srv *fakeserver.Server, id string) *user {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	u := &user{t: t, ctx: ctx, srv: srv, clock: clock.New(), id: id, changed: make(chan struct{})}
	c, err := client.Create(client.Options{
		SDKAppID: srv.AppID(), URL: srv.URL(), Dialer: client.DialVia(srv.Dial), Clock: u.clock, EventsFirst: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	u.Client = c
	keep := client.Handle(u.keep)
	for _, name := range client.Events {
		c.On(name, keep)
	}
	t.Cleanup(func() {
		_ = c.Destroy(ctx)
		u.clock.Stop()
		cancel()
	})
	return u
}

func (u *user) keep(e client.Event) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.events = append(u.events, e)
	close(u.changed)
	u.changed = make(chan struct{})
}

// online is a user after SDK_READY.
func online(t *testing.T, srv *fakeserver.Server, id string) *user {
	t.Helper()
	u := newUser(t, srv, id)
	u.login()
	return u
}

func (u *user) login() *client.LoginResult {
	u.t.Helper()
	res, err := u.Login(u.ctx, client.LoginOptions{UserID: u.id, UserSig: u.srv.UserSig(u.id)})
	if err != nil {
		u.t.Fatal(err)
	}
	u.expect(client.EventSDKReady)
	return res
}

// expect is the next event of that name, behind the last expected one.
func (u *user) expect(name string) client.Event {
	u.t.Helper()
	for {
		u.mu.Lock()
		for ; u.seen < len(u.events); u.seen++ {
			if e := u.events[u.seen]; e.Name == name {
				u.seen++
				u.mu.Unlock()
				return e
			}
		}
		changed := u.changed
		u.mu.Unlock()
		select {
		case <-changed:
		case <-u.ctx.Done():
			u.t.Fatalf("%s: %s did not come; got %v", u.id, name, u.names(0))
		}
	}
}

// names lists the events from a place on.
func (u *user) names(from int) []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	out := []string{}
	for _, e := range u.events[from:] {
		out = append(out, e.Name)
	}
	return out
}

func (u *user) mark() int { u.mu.Lock(); defer u.mu.Unlock(); return len(u.events) }

// settle waits for all that the server has sent.
func (u *user) settle() {
	u.t.Helper()
	if err := u.Settle(u.ctx); err != nil {
		u.t.Fatal(err)
	}
}

func (u *user) text(to, text string) *client.Message {
	u.t.Helper()
	m, err := u.CreateTextMessage(client.TextMessageOptions{
		To: to, ConversationType: client.ConvC2C, Payload: client.TextPayload{Text: text},
	})
	if err != nil {
		u.t.Fatal(err)
	}
	return m
}

func (u *user) say(to, text string) *client.Message {
	u.t.Helper()
	res, err := u.SendMessage(u.ctx, u.text(to, text))
	if err != nil {
		u.t.Fatal(err)
	}
	return res.Message
}

func wantCode(t *testing.T, err error, code int) *client.Error {
	t.Helper()
	var e *client.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("error %v, want code %d", err, code)
	}
	return e
}

func wantParam(t *testing.T, err error) {
	t.Helper()
	var e *client.ParamError
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want a ParamError", err)
	}
}

func textOf(m *client.Message) string {
	if p, ok := m.Payload.(*client.TextPayload); ok {
		return p.Text
	}
	return ""
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
