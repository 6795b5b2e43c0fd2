package backend

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/imsim/imsim/protocol"
)

const (
	// onlineLife is for how many seconds the number of those online may be
	// taken from memory.
	onlineLife = 60
	// pollHold is how long a poll waits for news. The SDK gives a request up
	// after 15 s.
	pollHold = 10 * time.Second
	// pollerLife is after how long without a poll a poller is forgotten.
	pollerLife = 2 * time.Minute
	// maxPollLog is how many items of a room wait for slow pollers.
	maxPollLog = 200
	// roomAbsence is after how long without a connection a member is out of a
	// live room: that is when the service takes a user for gone.
	roomAbsence = 400 * time.Second
	// roomTips is how many comings and goings a second a live room tells of, and
	// roomTipPushes how many pushes they may take: a large room tells of fewer.
	roomTips      = 40
	roomTipPushes = 10_000
)

// room is what only a live room has.
type room struct {
	log     []json.RawMessage
	next    int64 // number of the next item; the first is 1
	pollers []*poller
	polling map[*account]int // how many pollers a member has
	second  int64            // the second in which tips are counted
	tips    int
}

// poller is an instance that asks for a room's news, of a member or of
// somebody who did not log in.
type poller struct {
	key     string
	account *account // nil: anonymous
	from    int64    // the first item it gets at StartSeq 0
	seen    time.Time
	waiting *request
	end     *dueItem
}

// roomReply tells an instance that it is in a live room, and with LongPolling
// how to poll it.
func (w *World) roomReply(g *group, a *account) *protocol.GroupJoinReply {
	reply := &protocol.GroupJoinReply{JoinedStatus: protocol.Joined, HugeGroupFlag: 1, AVChatRoomKey: "room-" + g.ID}
	if w.cfg.LongPolling {
		reply.LongPollingKey = w.newPoller(g, a).key
	}
	return reply
}

func (w *World) newPoller(g *group, a *account) *poller {
	w.counters.Poller++
	p := &poller{key: fmt.Sprintf("poll-%d-%s", w.counters.Poller, g.ID), account: a, from: g.room.next, seen: w.now}
	g.room.pollers = append(g.room.pollers, p)
	if a != nil {
		if g.room.polling == nil {
			g.room.polling = map[*account]int{}
		}
		g.room.polling[a]++
	}
	w.pollers[p.key] = pollerOf{g, p}
	return p
}

// forgetPoller takes a poller's key back; it is no longer in the room's list.
func (w *World) forgetPoller(g *group, p *poller) {
	delete(w.pollers, p.key)
	if p.account == nil {
		return
	}
	if g.room.polling[p.account]--; g.room.polling[p.account] == 0 {
		delete(g.room.polling, p.account)
	}
}

type pollerOf struct {
	group  *group
	poller *poller
}

// polls tells whether a member gets the room's news by polling.
func (r *room) polls(a *account) bool { return r.polling[a] > 0 }

// dropPollers ends the polling of a member who left; an open poll is answered.
func (w *World) dropPollers(g *group, a *account) {
	g.room.pollers = slices.DeleteFunc(g.room.pollers, func(p *poller) bool {
		if p.account != a {
			return false
		}
		w.answerPoll(g, p, p.from)
		w.forgetPoller(g, p)
		return true
	})
}

// joinAnonymously lets somebody without a login listen to a live room.
func (w *World) joinAnonymously(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupJoinRequest](r)
	if err != nil {
		return nil, err
	}
	g, err := w.findGroup(req.GroupID)
	switch {
	case err != nil:
		return nil, err
	case !g.isRoom(): // no key: the SDK says 2662
		return &protocol.GroupJoinReply{JoinedStatus: protocol.Joined}, nil
	}
	reply := w.roomReply(g, nil)
	if reply.LongPollingKey == "" {
		reply.LongPollingKey = w.newPoller(g, nil).key
	}
	return reply, nil
}

// pollRoom is get_msg: answered at once if there is news, else when there is
// some or after pollHold.
func (w *World) pollRoom(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupPollRequest](r)
	if err != nil {
		return nil, err
	}
	of, known := w.pollers[req.Key]
	if !known {
		return nil, protocol.Errorf(protocol.CodeGroupParam, "no such Key")
	}
	p := of.poller
	p.seen = w.now
	w.endPoll(p)
	start := req.StartSeq
	if start <= 0 {
		start = p.from // also what came between the join and the first poll
	}
	if reply := of.group.room.since(start, p.key); len(reply.RspMsgList) > 0 || w.groups[of.group.ID] != of.group {
		return reply, nil
	}
	held := *r // the world reuses its request
	p.waiting = &held
	p.end = w.plan(w.now.Add(pollHold), func(w *World) { w.answerPoll(of.group, p, start) })
	p.from = start
	return nil, errAnswered
}

// since lists what a poller has not seen; NextSeq is never 0.
func (r *room) since(start int64, key string) *protocol.GroupPollReply {
	first := r.next - int64(len(r.log))
	n := min(max(start-first, 0), int64(len(r.log)))
	return &protocol.GroupPollReply{Key: key, NextSeq: r.next, RspMsgList: append([]json.RawMessage{}, r.log[n:]...)}
}

func (w *World) answerPoll(g *group, p *poller, start int64) {
	r := p.waiting
	p.waiting = nil
	w.cancel(p.end)
	p.end = nil
	p.seen = w.now
	if r != nil && w.conns[r.conn.id] == r.conn {
		w.reply(r, g.room.since(start, p.key))
	}
}

// endPoll gives up a poll that is repeated.
func (w *World) endPoll(p *poller) {
	p.waiting = nil
	w.cancel(p.end)
	p.end = nil
}

// feedPolls gives an item to all who poll the room.
func (w *World) feedPolls(g *group, _ int, item json.RawMessage) {
	room := &g.room
	if len(room.pollers) == 0 {
		return
	}
	kept := room.pollers[:0]
	for _, p := range room.pollers {
		if p.waiting == nil && w.now.Sub(p.seen) > pollerLife {
			w.forgetPoller(g, p)
			continue
		}
		kept = append(kept, p)
	}
	clear(room.pollers[len(kept):])
	room.pollers = kept
	room.log = append(room.log, item)
	if len(room.log) > maxPollLog {
		room.log = append(room.log[:0:0], room.log[len(room.log)-maxPollLog:]...)
	}
	room.next++
	for _, p := range room.pollers {
		if p.waiting != nil {
			w.answerPoll(g, p, p.from)
		}
	}
}

func (w *World) feedPollsFields(g *group, event int, item protocol.Fields) {
	text, _ := json.Marshal(item.With("Event", event)) // strings and numbers: cannot fail
	w.feedPolls(g, event, text)
}

// closeRoom answers the polls of a room that was dismissed.
func (w *World) closeRoom(g *group) {
	for _, p := range g.room.pollers {
		w.answerPoll(g, p, p.from)
		w.forgetPoller(g, p)
	}
	g.room.pollers = nil
}

// online counts the members that are connected and those who only listen.
func (g *group) online(now time.Time) int {
	n := 0
	for _, m := range g.members {
		if m.account.connected() {
			n++
		}
	}
	for _, p := range g.room.pollers {
		if p.account == nil && (p.waiting != nil || now.Sub(p.seen) < pollHold*3) {
			n++
		}
	}
	return n
}

// groupOnline is get_online_member_num.
func (w *World) groupOnline(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupRequest](r)
	if err != nil {
		return nil, err
	}
	g, _, err := w.permitted(r.user(), req.GroupID, OpReadMembers)
	if err != nil {
		return nil, err
	}
	return &protocol.GroupOnlineReply{OnlineMemberNum: g.online(w.now), ExpireTime: onlineLife}, nil
}

// roomIsBusy tells whether a live room has told of enough comings and goings
// in this second: each goes to everybody, and thousands may come at once.
func (w *World) roomIsBusy(g *group, op int) bool {
	if op == protocol.TipProfile {
		return false
	}
	if g.room.second != w.sec() {
		g.room.second, g.room.tips = w.sec(), 0
	}
	g.room.tips++
	return g.room.tips > min(roomTips, max(1, roomTipPushes/len(g.members)))
}

// watchAbsence plans that an account without any connection leaves its live
// rooms, unless it comes back in time.
func (w *World) watchAbsence(a *account) {
	inRoom := func(m *member) bool { return m.group.isRoom() && m.Role != protocol.RoleOwner }
	if a.connected() || !slices.ContainsFunc(a.groups, inRoom) {
		return
	}
	w.cancel(a.absence)
	a.absence = w.plan(w.now.Add(roomAbsence), func(w *World) { w.leaveRooms(a) })
}

// leaveRooms takes an account that is gone, or whose last instance logged out,
// from its live rooms; an owner stays the owner.
func (w *World) leaveRooms(a *account) {
	for _, m := range append([]*member(nil), a.groups...) {
		if m.group.isRoom() && m.Role != protocol.RoleOwner {
			w.leave(m)
			w.left(m.group, tip{op: protocol.TipQuit, by: a, about: []*account{a}})
		}
	}
}
