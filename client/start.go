package client

import (
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// startup keeps the order of the first events. 2.14 fires the list events of a
// login in the order of these steps, then SDK_READY, when all replies are
// there at once (session.md §5). Replies may come in any order, fail or stay
// away: SDK_READY waits for none of them longer than readyGrace.
type startup struct {
	done     [startSteps]bool
	emit     [startSteps]func()
	next     int  // first step whose event is not out
	synced   bool // page_get has ended
	finished bool
}

const (
	startBlacklist = iota
	startApplications
	startFriends
	startGroups
	startSteps
)

// readyGrace is how long SDK_READY lets the list events go first.
const readyGrace = 50 * time.Millisecond

// start sends what 2.14 sends after a login, in its order.
func (c *Client) start() {
	me := c.session.userID
	c.startup = &startup{}
	c.fetchMyProfile()
	c.askThen(protocol.CmdBlackListGet,
		[]byte(`{"From_Account":`+quote(me)+`,"StartIndex":0,"MaxLimited":100,"LastSequence":0}`), c.gotBlacklist)
	c.pageConversations()
	c.fetchGroups()
	c.askThen(protocol.CmdAuthKey, nil, func(reply) {})
	c.startSync(0)
	c.fetchFriends(0, 0, 0)
	c.askThen(protocol.CmdFriendGroupGet,
		[]byte(`{"From_Account":`+quote(me)+`,"LastSequence":0,"NeedFriend":"Need_Friend_Type_Yes"}`), c.gotFriendGroups)
	c.fetchApplications()
	c.fetchConfig()
}

// started marks a step as done; emit, if any, fires its event in its turn.
func (c *Client) started(step int, emit func()) {
	s := c.startup
	if s == nil {
		return
	}
	if s.finished || step < s.next {
		if emit != nil {
			emit()
		}
		return
	}
	s.done[step], s.emit[step] = true, emit
	for s.next < startSteps && s.done[s.next] {
		if e := s.emit[s.next]; e != nil {
			e()
		}
		s.next++
	}
	if s.next == startSteps && s.synced {
		c.becomeReady()
	}
}

// before tells whether the event of a step is still to come.
func (s *startup) before(step int) bool { return s != nil && !s.finished && s.next <= step }

// conversationsSynced: the end of the first page_get, good or bad, together
// with the login, makes the client ready.
func (c *Client) conversationsSynced() {
	s := c.startup
	if s == nil || s.synced {
		return
	}
	s.synced = true
	if s.next == startSteps {
		c.becomeReady()
		return
	}
	c.opts.Clock.AfterFunc(readyGrace, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.startup == s {
			c.becomeReady()
		}
	})
}

func (c *Client) becomeReady() {
	s := c.startup
	if s.finished {
		return
	}
	s.finished = true
	for ; s.next < startSteps; s.next++ {
		if e := s.emit[s.next]; e != nil {
			e()
		}
	}
	c.session.ready = true
	c.emit(EventSDKReady, nil)
	for _, f := range c.convs.deferred {
		f()
	}
	c.convs.deferred = nil
}

// config is the cloud configuration: nothing of it matters here, but the
// requests are made as the reference makes them.
type config struct {
	timer   interface{ Stop() bool }
	version uint64
}

func (f *config) stop() {
	if f.timer != nil {
		f.timer.Stop()
	}
}

func (c *Client) fetchConfig() {
	body := `{"uint32_sdkappid":` + strconv.FormatUint(uint64(c.opts.SDKAppID), 10) +
		`,"uint64_version":` + strconv.FormatUint(c.config.version, 10) + `}`
	c.askThen(protocol.CmdFetchConfig, []byte(body), func(r reply) {
		if !c.session.loggedIn {
			return
		}
		if !r.OK() {
			c.refetchConfig(2 * time.Minute)
			return
		}
		c.gotConfig(gjson.ParseBytes(r.Body))
	})
}

// gotConfig takes a reply or a push_configv2 (session.md §13).
func (c *Client) gotConfig(v gjson.Result) {
	if !c.session.loggedIn {
		return
	}
	code := v.Get("int32_error_code")
	switch {
	case !code.Exists():
		c.refetchConfig(time.Hour)
	case code.Int() != 0:
		c.refetchConfig(2 * time.Minute)
	default:
		c.config.version = v.Get("uint64_version").Uint()
		c.refetchConfig(time.Duration(v.Get("uint32_expired_time").Int()) * time.Second)
	}
}

func (c *Client) refetchConfig(after time.Duration) {
	c.config.stop()
	me := c.session.tinyID
	c.config.timer = c.opts.Clock.AfterFunc(max(after, time.Second), func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.session.loggedIn && c.session.tinyID == me {
			c.fetchConfig()
		}
	})
}

func quote(s string) string { return string(protocol.AppendString(nil, s)) }
