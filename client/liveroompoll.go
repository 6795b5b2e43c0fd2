package client

import (
	"time"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// pollPause is how long a poll that failed waits for the next.
const pollPause = 2 * time.Second

// pollHold is for how many seconds the server may hold a poll. (A request is
// given up after 15 s all the same.)
const pollHold = 90

// polling asks for a live room's news, poll after poll, as long as one is in
// the room.
type polling struct {
	client *Client
	key    string
	next   int64 // StartSeq of the next poll
	pause  interface{ Stop() bool }
	ended  bool
}

func (c *Client) startPolling(key string) {
	p := &polling{client: c, key: key}
	c.rooms.room.polling = p
	p.poll()
}

func (p *polling) stop() {
	p.ended = true
	if p.pause != nil {
		p.pause.Stop()
	}
}

func (p *polling) poll() {
	c := p.client
	cmd := protocol.CmdGroupPoll
	if !c.session.loggedIn {
		cmd = protocol.CmdGroupPollAnonymous
	}
	c.askThen(cmd, p.request(), func(r reply) {
		if p.ended {
			return
		}
		if !r.OK() {
			p.pause = c.opts.Clock.AfterFunc(pollPause, func() {
				c.mu.Lock()
				defer c.mu.Unlock()
				if !p.ended {
					p.poll()
				}
			})
			return
		}
		p.polled(gjson.ParseBytes(r.Body))
		if !p.ended {
			p.poll()
		}
	})
}

func (p *polling) request() []byte {
	dst := appendNumber(nil, `{"USP":1,"StartSeq":`, p.next)
	dst = appendNumber(dst, `,"HoldTime":`, pollHold)
	return append(appendText(dst, `,"Key":`, p.key), '}')
}

// polled takes the news. A dismissal that comes so is shown and nothing else,
// as in 2.14.
func (p *polling) polled(v gjson.Result) {
	key, next := v.Get("Key"), v.Get("NextSeq")
	if key.Type == gjson.String && next.Type == gjson.Number {
		p.key, p.next = key.Str, next.Int()
	}
	var items []roomItem
	for _, v := range bySequence(v.Get("RspMsgList")) {
		switch event := int(v.Get("Event").Int()); event {
		case protocol.EventGroupMsg, protocol.EventGroupTips, protocol.EventGroupSystem, protocol.EventGroupFleeting:
			items = append(items, roomItem{event, v})
		}
	}
	p.client.roomMessages(items)
}
