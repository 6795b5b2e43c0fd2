package client

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/internal/link"
	"github.com/imsim/imsim/protocol"
)

// session is who is logged in.
type session struct {
	userID    string
	tinyID    string
	instID    uint32 // 0: userSigExpired never fires
	loggedIn  bool
	ready     bool
	lastLogin time.Time // of a login that has not succeeded
	kicking   bool      // the wslogout of a kick is under way
}

// LoginOptions are the user and the ticket; both are required.
type LoginOptions struct {
	UserID  string `json:"userID"`
	UserSig string `json:"userSig"`
}

// LoginResult is what the server answered.
type LoginResult struct {
	ActionStatus  string `json:"actionStatus"`
	ErrorCode     int    `json:"errorCode"`
	ErrorInfo     string `json:"errorInfo"`
	TinyID        string `json:"tinyID,omitempty"`
	A2Key         string `json:"a2Key,omitempty"`
	InstanceID    uint32 `json:"instanceID,omitempty"`
	HelloInterval int    `json:"helloInterval,omitempty"` // seconds
	TimeStamp     int64  `json:"timeStamp,omitempty"`     // the server's seconds
	ExpireTime    int64  `json:"expireTime"`
	RepeatLogin   bool   `json:"repeatLogin,omitempty"` // somebody was logged in already and stays
}

// MarshalJSON leaves all but the status out of a repeated login's result.
func (r LoginResult) MarshalJSON() ([]byte, error) {
	if r.RepeatLogin {
		return json.Marshal(map[string]any{
			"actionStatus": r.ActionStatus, "errorCode": r.ErrorCode, "errorInfo": r.ErrorInfo, "repeatLogin": true,
		})
	}
	type plain LoginResult
	return json.Marshal(plain(r))
}

// loginPause: a login within this time after one that has not succeeded is
// refused with 2025 (session.md §4).
const loginPause = 15 * time.Second

// Login logs a user in; SDK_READY follows. When somebody is logged in already
// it succeeds at once with RepeatLogin, and that user stays. Errors: 2025 login
// under way or failed less than 15 s ago, 2022 and 2023 reply without TinyId or
// A2Key, 2801 no reply within 15 s, 2903 client destroyed, 70001…70052 about the
// UserSig.
func (c *Client) Login(ctx context.Context, o LoginOptions) (*LoginResult, error) {
	return run(ctx, c, "login", need("login").text("userID", o.UserID).text("userSig", o.UserSig).err(),
		func() (*LoginResult, error) { return c.login(o) })
}

func (c *Client) login(o LoginOptions) (*LoginResult, error) {
	s := &c.session
	if s.loggedIn {
		return &LoginResult{ActionStatus: "OK", ErrorInfo: "already logged in as " + s.userID, RepeatLogin: true}, nil
	}
	if !s.lastLogin.IsZero() && c.now().Sub(s.lastLogin) <= loginPause {
		return nil, fail(CodeRepeatLogin)
	}
	s.lastLogin = c.now()
	s.userID = o.UserID
	c.link.SetSession(link.Session{UserID: o.UserID, UserSig: o.UserSig})
	r := c.ask(protocol.CmdLogin, []byte(`{"State":"Online"}`))
	if err := r.err(); err != nil {
		return nil, err
	}
	if c.destroyed {
		return nil, fail(CodeNotReady)
	}
	s.lastLogin = time.Time{}
	var body protocol.LoginReply
	v := gjson.ParseBytes(r.Body)
	body.TinyID, body.A2Key = v.Get("TinyId").String(), v.Get("A2Key").String()
	body.InstID = uint32(v.Get("InstId").Uint())
	body.HelloInterval = int(v.Get("HelloInterval").Int())
	switch {
	case body.TinyID == "":
		return nil, fail(CodeNoTinyID)
	case body.A2Key == "":
		return nil, fail(CodeNoA2Key)
	}
	c.link.SetSession(link.Session{
		UserID: o.UserID, UserSig: o.UserSig, A2: body.A2Key, TinyID: body.TinyID, InstID: body.InstID,
		Hello: time.Duration(body.HelloInterval) * time.Second,
	})
	s.tinyID, s.instID, s.loggedIn = body.TinyID, body.InstID, true
	c.plugins.upload = c.plugins.registered
	c.start()
	return &LoginResult{
		ActionStatus: v.Get("ActionStatus").String(), ErrorInfo: r.ErrorInfo,
		TinyID: body.TinyID, A2Key: body.A2Key, InstanceID: body.InstID, HelloInterval: body.HelloInterval,
		TimeStamp: v.Get("TimeStamp").Int(), ExpireTime: v.Get("ExpireTime").Int(),
	}, nil
}

// Logout ends the session, whatever the server answers, and clears all caches;
// SDK_NOT_READY is fired. The connection stays. Error: 2024 not logged in.
func (c *Client) Logout(ctx context.Context) error {
	_, err := run(ctx, c, "logout", nil, func() (struct{}, error) { return struct{}{}, c.logout(0) })
	return err
}

// logout with type 0 is the user's wish, with 1 the answer to a kick.
func (c *Client) logout(kind int) error {
	if !c.session.loggedIn {
		return fail(CodeNotLoggedIn)
	}
	c.ask(protocol.CmdLogout, encode(protocol.LogoutRequest{Type: kind}))
	if kind == 0 {
		c.endSession()
	}
	return nil
}

// endSession forgets the user.
func (c *Client) endSession() {
	if !c.session.loggedIn {
		return
	}
	c.reset()
	c.link.SetSession(link.Session{})
	c.emit(EventSDKNotReady, nil)
}

// DestroyData is Data of EventSDKDestroy.
type DestroyData struct {
	SDKAppID uint32 `json:"SDKAppID"`
}

// Destroy logs out, fires SDK_DESTROY and closes the connection with code 4000.
// All the client's goroutines have ended when it returns, but for the one that
// runs handlers, which ends when the last has returned. The client cannot be
// used again; a second call does nothing. Error: 2024 if nobody was logged in;
// the instance is destroyed all the same.
func (c *Client) Destroy(ctx context.Context) error {
	c.mu.Lock()
	if c.destroyed {
		c.mu.Unlock()
		return nil
	}
	c.mu.Unlock()
	err := c.Logout(ctx)
	c.mu.Lock()
	if c.destroyed {
		c.mu.Unlock()
		return nil
	}
	c.destroyed = true
	c.reset()
	c.emit(EventSDKDestroy, &DestroyData{SDKAppID: c.opts.SDKAppID})
	handled := c.finish()
	c.mu.Unlock()
	c.cancel()
	c.link.Close()
	c.tasks.Wait()
	<-handled
	return err
}
