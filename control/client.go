// Package control is the client of a server's control API, in the same
// process or elsewhere.
//
//	c := control.New("http://127.0.0.1:8090")
//	sig, err := c.UserSig(ctx, "alice", time.Hour)
//	err = c.Advance(ctx, 2*time.Minute)
package control

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/fakeserver/backend"
)

// Client calls one server. Its calls mean the app AppID.
type Client struct {
	base  string
	http  *http.Client
	appID uint32
}

// New returns a client of the server at an http:// URL.
func New(base string) *Client {
	return &Client{base: base, http: &http.Client{Transport: &http.Transport{}}}
}

// ForApp returns a client whose calls mean another app than the server's own.
func (c *Client) ForApp(sdkAppID uint32) *Client {
	other := *c
	other.appID = sdkAppID
	return &other
}

// Close gives the client's connections back.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Health is the server's answer to who it is.
type Health struct {
	Status   string `json:"status"`
	Version  string `json:"version"`
	SDKAppID uint32 `json:"sdkAppID"`
}

// Health asks whether the server is there.
func (c *Client) Health(ctx context.Context) (h Health, err error) {
	return h, c.call(ctx, http.MethodGet, "health", nil, &h)
}

// Stats reads the server's counters.
func (c *Client) Stats(ctx context.Context) (stats fakeserver.Stats, err error) {
	return stats, c.call(ctx, http.MethodGet, "stats", nil, &stats)
}

// UserSig issues a ticket at the server's clock.
func (c *Client) UserSig(ctx context.Context, userID string, life time.Duration) (string, error) {
	var reply struct {
		UserSig string `json:"userSig"`
	}
	err := c.call(ctx, http.MethodPost, "usersig", map[string]string{"userID": userID, "expire": life.String()}, &reply)
	return reply.UserSig, err
}

// CreateUsers makes accounts that did not log in yet.
func (c *Client) CreateUsers(ctx context.Context, userIDs ...string) error {
	return c.call(ctx, http.MethodPost, "users", map[string]any{"userIDs": userIDs}, nil)
}

// Advance moves the server's clock; what came due has happened when it returns.
func (c *Client) Advance(ctx context.Context, d time.Duration) error {
	return c.call(ctx, http.MethodPost, "clock", map[string]string{"advance": d.String()}, nil)
}

// Now is the server's clock, in seconds.
func (c *Client) Now(ctx context.Context) (int64, error) {
	var reply struct {
		Now int64 `json:"now"`
	}
	err := c.call(ctx, http.MethodGet, "clock", nil, &reply)
	return reply.Now, err
}

// Kick ends a user's sessions for one of the reasons of KICKED_OUT.
func (c *Client) Kick(ctx context.Context, userID, reason string) error {
	return c.call(ctx, http.MethodPost, "kick", map[string]string{"userID": userID, "reason": reason}, nil)
}

// Modify changes a stored message, as an app's callback would.
func (c *Client) Modify(ctx context.Context, mod backend.Modification) error {
	return c.call(ctx, http.MethodPost, "modify", mod, nil)
}

// Fault adds a rule of what goes wrong.
func (c *Client) Fault(ctx context.Context, f fakeserver.Fault) error {
	return c.call(ctx, http.MethodPost, "faults", f, nil)
}

// ClearFaults removes every rule.
func (c *Client) ClearFaults(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "faults", struct{}{}, nil)
}

// Reset empties the world of the app and clears the faults.
func (c *Client) Reset(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "reset", struct{}{}, nil)
}

// State is everything that outlives connections, of all apps, for SetState.
func (c *Client) State(ctx context.Context) (state json.RawMessage, err error) {
	return state, c.call(ctx, http.MethodGet, "state", nil, &state)
}

// SetState replaces the worlds of the server, as GET /_imsim/state tells them;
// every client is disconnected.
func (c *Client) SetState(ctx context.Context, state any) error {
	return c.call(ctx, http.MethodPut, "state", state, nil)
}

// Trace returns the latest frames of a user ("": of all) as newline-delimited
// JSON, tickets masked.
func (c *Client) Trace(ctx context.Context, userID string) ([]byte, error) {
	var text json.RawMessage
	err := c.call(ctx, http.MethodGet, "trace?userID="+url.QueryEscape(userID), nil, &text)
	return text, err
}

// Follow calls each for every frame of the app as a JSON line, remembered ones
// first, until it returns false or ctx ends.
func (c *Client) Follow(ctx context.Context, each func(frame []byte) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/_imsim/trace?follow", nil)
	if err != nil {
		return fmt.Errorf("control trace: %w", err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("control trace: %w", err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("control trace: %w", err)
		}
		if !each(line) {
			return nil
		}
	}
}

// call makes one call; into may be a *json.RawMessage for the text as it is.
func (c *Client) call(ctx context.Context, method, path string, body, into any) error {
	var send io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("control %s: %w", path, err)
		}
		send = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+"/_imsim/"+path, send)
	if err != nil {
		return fmt.Errorf("control %s: %w", path, err)
	}
	if c.appID != 0 {
		q := req.URL.Query()
		q.Set("sdkappid", strconv.FormatUint(uint64(c.appID), 10))
		req.URL.RawQuery = q.Encode()
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("control %s: %w", path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("control %s: %w", path, err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("control %s: HTTP %d: %s", path, resp.StatusCode, bytes.TrimSpace(text))
	}
	switch dst := into.(type) {
	case nil:
		return nil
	case *json.RawMessage:
		*dst = text
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("control %s: %w", path, err)
	}
	return nil
}
