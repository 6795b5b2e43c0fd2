package loadgen

import (
	"fmt"
	"time"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/internal/link"
	"github.com/imsim/imsim/protocol"
)

// poll follows a live room whose members must ask for its messages: a request
// that the target answers once it has some, and then the next.
type poll struct {
	session *session
	key     string
	next    int64 // StartSeq
}

// pollPause is how long the SDKs wait after a poll that failed.
const pollPause = 2 * time.Second

func (p *poll) ask() {
	u := p.session.user
	f := u.fleet
	body := fmt.Appendf(nil, `{"USP":1,"StartSeq":%d,"HoldTime":90,"Key":%q}`, p.next, p.key)
	p.session.link.Do(link.Request{Cmd: protocol.CmdGroupPoll, Body: body}, func(r link.Reply) {
		u.mu.Lock()
		current := u.session == p.session && !p.session.left
		u.mu.Unlock()
		switch {
		case !current || f.isOver():
			return
		case !f.answered("poll", r):
			f.after(pollPause, p.ask)
			return
		}
		scanMarks(r.Body, f.plan.Spec.Run, func(m mark) { u.receive(m, true) })
		v := gjson.ParseBytes(r.Body)
		if key, next := v.Get("Key"), v.Get("NextSeq"); key.Type == gjson.String && next.Type == gjson.Number {
			p.key, p.next = key.Str, next.Int()
		}
		p.ask()
	})
}
