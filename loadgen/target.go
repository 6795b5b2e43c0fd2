package loadgen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/imsim/imsim/control"
	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/internal/link"
	"github.com/imsim/imsim/protocol"
)

// Targets beside a URL.
const (
	Memory   = "memory"   // an embedded server, without sockets
	Loopback = "loopback" // an embedded server, over TCP
)

// ErrNotOwned is why a target is refused that is not on this machine.
var ErrNotOwned = errors.New("the target is not on this machine: only put load on what you own (--i-own-the-target)")

// ErrBadTarget is a target that is no URL.
var ErrBadTarget = errors.New("no such target")

// target is what the load goes to.
type target struct {
	name   string
	url    string
	dial   link.NetDial
	appID  uint32
	secret string
	server *fakeserver.Server // embedded; else nil
	ours   bool               // to be closed
	remote *control.Client    // of an imsim elsewhere; else nil
}

// openTarget starts or reaches the target.
func openTarget(ctx context.Context, o *Options) (*target, error) {
	t := &target{name: o.Target, appID: o.SDKAppID, secret: o.Secret, server: o.Server}
	if t.appID == 0 {
		t.appID = fakeserver.DefaultSDKAppID
	}
	if t.name == "" {
		t.name = Memory
	}
	switch {
	case t.server != nil:
	case t.name == Memory || t.name == Loopback:
		var err error
		t.server, err = fakeserver.Start(fakeserver.Options{NoListener: t.name == Memory, Secret: o.Secret, Version: o.Version})
		if err != nil {
			return nil, err
		}
		t.ours = true
	default:
		return t, t.reach(ctx, o)
	}
	t.url = t.server.URL()
	if t.name == Memory {
		t.dial = func(ctx context.Context, _, _ string) (net.Conn, error) { return t.server.Dial(ctx) }
	}
	return t, nil
}

// reach checks a URL and finds out whether an imsim is there.
func (t *target) reach(ctx context.Context, o *Options) error {
	u, err := url.Parse(t.name)
	if err != nil || u.Scheme != "ws" && u.Scheme != "wss" || u.Host == "" || strings.Trim(u.Path, "/")+u.RawQuery+u.Fragment != "" {
		return fmt.Errorf("%w: %q: use %s, %s or a URL like ws://127.0.0.1:8090", ErrBadTarget, t.name, Memory, Loopback)
	}
	if !o.OwnTarget && !loopback(ctx, u.Hostname()) {
		return fmt.Errorf("target %s: %w", t.name, ErrNotOwned)
	}
	t.url = strings.TrimSuffix(t.name, "/")
	asking, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	// Virtual users would dial again and again; whoever gave the URL wants to know.
	port := u.Port()
	if port == "" {
		port = map[string]string{"ws": "80", "wss": "443"}[u.Scheme]
	}
	there, err := (&net.Dialer{}).DialContext(asking, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return fmt.Errorf("could not reach the target: %w", err)
	}
	_ = there.Close()
	c := control.New("http" + strings.TrimPrefix(t.url, "ws"))
	if _, err := c.Health(asking); err == nil {
		t.remote = c
		return nil
	}
	c.Close()
	return nil
}

func loopback(ctx context.Context, host string) bool {
	addrs, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	for _, a := range addrs {
		if !a.IP.IsLoopback() {
			return false
		}
	}
	return err == nil && len(addrs) > 0
}

func (t *target) close() {
	if t.remote != nil {
		t.remote.Close()
	}
	if t.ours {
		_ = t.server.Close()
	}
}

// userSig is a real one if there is a key, else any.
func (t *target) userSig(userID string) string {
	switch {
	case t.secret != "":
		return protocol.MakeUserSig(t.secret, t.appID, userID, now(), protocol.DefaultUserSigLife)
	}
	return "imsim-load"
}

// stats are a server's counters; nil if it is not ours.
func (t *target) stats(ctx context.Context) *fakeserver.Stats {
	switch {
	case t.server != nil:
		s := t.server.Stats()
		return &s
	case t.remote != nil:
		if s, err := t.remote.Stats(ctx); err == nil {
			return &s
		}
	}
	return nil
}
