package loadgen

import (
	"fmt"
	"sync/atomic"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/internal/link"
	"github.com/imsim/imsim/protocol"
)

// catchUp fetches what was missed: chats by the sync, which after a login on
// another instance brings nothing and is helped by the history; groups by
// their history, but for live rooms, which have none. done is called once all
// is there.
func (s *session) catchUp(instead bool, done func()) {
	u := s.user
	u.mu.Lock()
	u.catching++
	pulls := []*pull{}
	for _, b := range u.in {
		g, grouped := b.conv.group()
		if grouped && u.fleet.plan.Groups[g].Type == protocol.GroupAVChatRoom {
			continue
		}
		if grouped || instead {
			pulls = append(pulls, &pull{session: s, conv: b.conv, known: append([]uint32(nil), b.upTo...)})
		}
	}
	u.mu.Unlock()
	left := atomic.Int32{}
	left.Store(int32(len(pulls)) + 1)
	one := func() {
		if left.Add(-1) == 0 {
			u.mu.Lock()
			u.catching--
			u.mu.Unlock()
			done()
		}
	}
	if instead { // the sync was part of the login
		one()
	} else {
		s.sync(0, 1, one)
	}
	for _, p := range pulls {
		p.done = one
		p.next(0, 0, "")
	}
}

// pull reads a history from its newest message back, up to what is known.
type pull struct {
	session *session
	conv    Conv
	known   []uint32 // by sender, what had come before
	done    func()
}

// pullPage is how many messages a page of history has: that of the SDKs.
const pullPage = 15

// next asks for a page; seq is where one of a group begins, time and key where
// one of a chat goes on.
func (p *pull) next(seq, time int64, key string) {
	u := p.session.user
	f := u.fleet
	req := f.historyRequest(p.conv, seq, time, key)
	p.session.link.Do(req, func(r link.Reply) {
		if !f.answered("catch-up", r) {
			p.done()
			return
		}
		met := false
		var page []mark
		scanMarks(r.Body, f.plan.Spec.Run, func(m mark) {
			sender := 0
			if g, grouped := m.to.group(); grouped {
				sender, _ = f.plan.position(g, m.from)
			} else if m.from == u.no {
				return
			}
			if sender < len(p.known) && m.n <= p.known[sender] && m.from != u.no {
				met = true
			}
			page = append(page, m)
		})
		for i := range page { // of a group newest first, of a chat oldest first: the order does not matter to a pull
			u.receive(page[i], false)
		}
		v := gjson.ParseBytes(r.Body)
		switch _, grouped := p.conv.group(); {
		case met:
			p.done()
		case grouped && v.Get("IsFinished").Int() == 0 && v.Get("NextReqMsgSeq").Int() > 0:
			p.next(v.Get("NextReqMsgSeq").Int(), 0, "")
		case !grouped && v.Get("Complete").Int() == 0 && v.Get("MsgKey").Str != "" && v.Get("MsgKey").Str != key:
			p.next(0, v.Get("LastMsgTime").Int(), v.Get("MsgKey").Str)
		default:
			p.done()
		}
	})
}

// historyRequest asks for a page of history; the zero values mean the newest.
func (f *fleet) historyRequest(conv Conv, seq, time int64, key string) link.Request {
	if g, grouped := conv.group(); grouped {
		return link.Request{Cmd: protocol.CmdGroupMsgGet, Body: fmt.Appendf(nil,
			`{"GroupId":%q,"ReqMsgNumber":%d,"ReqMsgSeq":%d,"WithRecalledMsg":1}`, f.plan.GroupID(g), pullPage, seq)}
	}
	return link.Request{Cmd: protocol.CmdGetRoamMsg, Body: fmt.Appendf(nil,
		`{"Peer_Account":%q,"MaxCnt":%d,"LastMsgTime":%d,"MsgKey":%q,"WithRecalledMsg":1}`, f.plan.UserID(int32(conv)), pullPage, time, key)}
}
