package backend

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/imsim/imsim/protocol"
)

// groupMessage is a message or a tip in a group.
type groupMessage struct {
	no         int64 // its place among all messages of the world
	seq        uint32
	from       *account // nil: a tip
	clientSeq  uint32
	random     uint32
	time       int64
	clientTime int64
	priority   int
	body       json.RawMessage // of a tip: an object
	custom     string
	at         []protocol.GroupAt // as sent: AllFlag 0 or 1
	flags      messageFlag
	version    int
	only       []string // who alone gets it; empty: all
}

// isTip is a flag of group messages alone.
const isTip messageFlag = 1 << 15

// isFor tells whether a member is among those who get it.
func (m *groupMessage) isFor(a *account) bool {
	return len(m.only) == 0 || m.from == a || slices.Contains(m.only, a.id)
}

func (m *groupMessage) is(f messageFlag) bool { return m.flags&f != 0 }

// groupSend recognises a message that is sent again.
type groupSend struct {
	from   string
	random uint32
}

// maxMentioned is how many accounts a message may mention.
const maxMentioned = 30

var priorities = map[string]int{"High": 1, "Normal": 2, "Low": 3, "Lowest": 4}

// sendToGroup is send_group_msg.
func (w *World) sendToGroup(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupSendRequest](r)
	if err != nil {
		return nil, err
	}
	g, me, err := w.permitted(r.user(), req.GroupID, OpSend)
	if err != nil {
		return nil, err
	}
	if sent := g.sent(groupSend{me.account.id, req.Random}); sent != nil {
		w.answerGroupSend(r, sent) // a retry: it arrived the first time
		return nil, errAnswered
	}
	if err := w.maySpeak(g, me.who(), me.account); err != nil {
		return nil, err
	}
	m, err := w.newGroupMessage(g, me.account, req)
	if err != nil {
		return nil, err
	}
	w.say(g, m, req.OnlineOnlyFlag == 1, func() { w.answerGroupSend(r, m) }, r.sess)
	return nil, errAnswered
}

// newGroupMessage checks what somebody wants to say and makes a message of it.
func (w *World) newGroupMessage(g *group, from *account, req *protocol.GroupSendRequest) (*groupMessage, error) {
	if err := protocol.CheckMsgBody(req.MsgBody); err != nil {
		return nil, protocol.NewError(protocol.CodeGroupParam)
	}
	mentioned := 0
	for _, at := range req.GroupAtInfo {
		if at.AllFlag == 0 {
			mentioned++
		}
	}
	switch {
	case len(req.MsgBody)+len(req.CloudCustomData) > w.cfg.MaxMessage:
		return nil, protocol.Errorf(protocol.CodeTooLong, "message has more than %d bytes", w.cfg.MaxMessage)
	case mentioned > maxMentioned:
		return nil, protocol.NewError(protocol.CodeGroupAtMany)
	case req.NeedReadReceipt == 1 && len(g.members) > maxReceiptMembers:
		return nil, protocol.NewError(protocol.CodeReceiptMembers)
	case req.MsgPriority != "High" && w.tooFast(g):
		return nil, protocol.NewError(protocol.CodeGroupTooFast)
	}
	m := &groupMessage{
		from: from, clientSeq: req.ClientSeq, random: req.Random, time: w.sec(), clientTime: req.MsgClientTime,
		priority: priorities[req.MsgPriority], body: bytes.Clone(req.MsgBody), custom: req.CloudCustomData, at: req.GroupAtInfo,
		flags: sendFlags(&protocol.SendMsgRequest{SendMsgControl: req.SendMsgControl, IsNeedReadReceipt: req.NeedReadReceipt}),
	}
	if m.clientTime == 0 {
		m.clientTime = m.time
	}
	if m.priority == 0 {
		m.priority = priorities["Normal"]
	}
	return m, nil
}

// say puts a message into a group: numbered, kept, answered, delivered.
func (w *World) say(g *group, m *groupMessage, fleeting bool, answer func(), sender *session) {
	if fleeting && !g.isRoom() { // rooms keep nothing anyway
		m.flags |= onlineOnly
		m.seq = max(g.lastSeq(), 1)
		if len(g.fleeting) == maxFleeting {
			g.fleeting = append(g.fleeting[:0:0], g.fleeting[1:]...)
		}
		g.fleeting = append(g.fleeting, m)
	} else {
		w.storeInGroup(g, m, !g.isRoom())
	}
	answer()
	w.deliverToGroup(g, m, sender)
	if !m.is(onlineOnly) {
		w.mention(g, m)
	}
}

// maySpeak refuses who is muted, alone or with all.
func (w *World) maySpeak(g *group, who Who, from *account) error {
	if g.muted[from.id] > w.sec() || muteLeft(from.mute.GroupUntil, w.now) > 0 {
		return protocol.NewError(protocol.CodeGroupMuted)
	}
	if g.MuteAll {
		return Permits(OpSpeakMuted, g.Type, who)
	}
	return nil
}

// tooFast counts the messages of a second against the cap.
func (w *World) tooFast(g *group) bool {
	if w.cfg.Groups.MessagesSecond <= 0 {
		return false
	}
	if g.rate.second != w.sec() {
		g.rate.second, g.rate.n = w.sec(), 0
	}
	g.rate.n++
	return g.rate.n > w.cfg.Groups.MessagesSecond
}

func (w *World) answerGroupSend(r *request, m *groupMessage) {
	w.replyFrame(r, protocol.AppendGroupSendReply(make([]byte, 0, 160), r.ServCmd, r.Seq, m.time, m.seq))
}

func (g *group) sent(key groupSend) *groupMessage {
	if m := g.index[key]; m != nil {
		return m
	}
	for _, m := range g.fleeting {
		if (groupSend{m.from.id, m.random}) == key {
			return m
		}
	}
	return nil
}

// storeInGroup gives a message the next sequence; keep puts it into the
// history. Those of a room are known again for a while if they are repeated.
func (w *World) storeInGroup(g *group, m *groupMessage, keep bool) {
	m.seq = g.nextSeq
	g.nextSeq++
	w.counters.Message++
	m.no = w.counters.Message
	g.LastMsg = m.time
	switch {
	case keep:
		w.purgeGroup(g)
		g.messages = append(g.messages, m)
		if m.from != nil {
			g.index[groupSend{m.from.id, m.random}] = m
		}
	case m.from != nil:
		if len(g.fleeting) >= maxFleeting*4 {
			g.fleeting = append(g.fleeting[:0:0], g.fleeting[1:]...)
		}
		g.fleeting = append(g.fleeting, m)
	}
}

// purgeGroup drops what retention no longer keeps.
func (w *World) purgeGroup(g *group) {
	oldest, n := w.oldest(), 0
	for n < len(g.messages) && g.messages[n].time < oldest {
		if m := g.messages[n]; m.from != nil && g.index[groupSend{m.from.id, m.random}] == m {
			delete(g.index, groupSend{m.from.id, m.random})
		}
		delete(g.readers, g.messages[n].seq)
		n++
	}
	if n > 0 {
		g.messages = append(g.messages[:0:0], g.messages[n:]...)
	}
}

// find returns a stored message by its sequence; they have no gaps.
func (g *group) find(seq uint32) *groupMessage {
	if len(g.messages) == 0 || seq < g.messages[0].seq || seq > g.messages[len(g.messages)-1].seq {
		return nil
	}
	return g.messages[seq-g.messages[0].seq]
}

// deliverToGroup pushes a message to all members that are connected, but to
// the instance that sent it: one frame for all, or two if it mentions somebody. Who is away pulls what it
// missed by its sequence (messages.md §6).
func (w *World) deliverToGroup(g *group, m *groupMessage, sender *session) {
	if g.isRoom() {
		w.feedPolls(g, m.event(), g.item(m, form214, 0))
	}
	var frames [2][]byte // of the 2.14 form and the later one
	for _, to := range g.members {
		if to.Flag == protocol.FlagDiscard && m.from != nil || !m.isFor(to.account) || g.isRoom() && g.room.polls(to.account) {
			continue
		}
		for _, s := range to.account.sessions {
			if s == sender || s.state != active || s.conn == nil {
				continue
			}
			form := formFor(s)
			if len(m.at) == 0 {
				form = form214 // there is no difference
			}
			if frames[form] == nil {
				frames[form] = w.groupFrame(g, m, form)
			}
			frame := frames[form]
			if !s.sync.holding {
				w.emit(s, protocol.CmdPush, frame)
			} else if len(s.missed) < maxMissed {
				s.missed = append(s.missed, frame)
			}
		}
	}
}

func (m *groupMessage) event() int {
	if m.is(isTip) {
		return protocol.EventGroupTips
	}
	return protocol.EventGroupMsg
}

// itemForm is how a message is written. 2.14 and later SDKs differ in how a
// mention says whether it is of one or of all: 1 and 2, or 0 and 1.
type itemForm int

const (
	form214 itemForm = iota
	formLater
)

func formFor(s *session) itemForm {
	if s.later {
		return formLater
	}
	return form214
}

// groupFrame encodes the push of a message.
func (w *World) groupFrame(g *group, m *groupMessage, form itemForm) []byte {
	w.counters.Push++
	b := append(make([]byte, 0, len(m.body)+640), `{"head":{"servcmd":"im_open_push.msg_push","seq":`...)
	b = strconv.AppendUint(b, w.counters.Push, 10)
	b = append(b, `},"body":{"EventArray":[{"Event":`...)
	b = strconv.AppendInt(b, int64(m.event()), 10)
	if m.is(isTip) {
		b = append(b, `,"GroupTips":[`...)
	} else {
		b = append(b, `,"GroupMsgArray":[`...)
	}
	b = g.appendItem(b, m, form, 0, 0)
	return append(b, `]}]}}`...)
}

// item is a message as an answer or a poll lists it, with its event number.
func (g *group) item(m *groupMessage, form itemForm, place int) json.RawMessage {
	return g.appendItem(nil, m, form, m.event(), place)
}

// appendItem writes a message as JSON. event and place 0 are left out.
func (g *group) appendItem(b []byte, m *groupMessage, form itemForm, event, place int) []byte {
	number := func(name string, n int64) {
		b = append(append(append(b, `,"`...), name...), `":`...)
		b = strconv.AppendInt(b, n, 10)
	}
	text := func(name, v string) {
		b = append(append(append(b, `,"`...), name...), `":`...)
		b = protocol.AppendString(b, v)
	}
	from := protocol.SystemAccount
	if m.from != nil {
		from = m.from.id
	}
	b = append(b, `{"From_Account":`...)
	b = protocol.AppendString(b, from)
	text("ToGroupId", g.ID)
	number("MsgSeq", int64(m.seq))
	number("ClientSeq", int64(m.clientSeq))
	number("MsgRandom", int64(m.random))
	number("MsgTimeStamp", m.time)
	number("MsgPriority", int64(m.priority))
	if event != 0 {
		number("Event", int64(event))
		number("IsPlaceMsg", int64(place))
	}
	if m.is(isTip) {
		number("IsSystemMsg", 1)
		text("CloudCustomData", "")
		b = append(b, `,"GroupInfo":{"GroupId":`...)
		b = protocol.AppendString(b, g.ID)
		text("GroupName", g.Name)
		text("From_Account", from)
		b = append(append(b, `},"MsgBody":`...), m.body...)
		return append(b, '}')
	}
	text("TinyId", m.from.tiny)
	number("MsgClientTime", m.clientTime)
	if m.is(onlineOnly) {
		number("OnlineOnlyFlag", 1)
	}
	if m.is(wantsReceipt) {
		number("NeedReadReceipt", 1)
	}
	if m.version > 0 {
		number("MsgVersion", int64(m.version))
	}
	text("CloudCustomData", m.custom)
	if m.is(noUnread | noLastMsg) {
		b = append(b, `,"SendMsgControl":{`...)
		if m.is(noUnread) {
			b = append(b, `"NoUnread":1`...)
		}
		if m.is(noLastMsg) {
			if m.is(noUnread) {
				b = append(b, ',')
			}
			b = append(b, `"NoLastMsg":1`...)
		}
		b = append(b, '}')
	}
	if len(m.at) > 0 {
		at := make([]protocol.GroupAt, len(m.at))
		for i, a := range m.at {
			at[i] = a
			if form == form214 {
				at[i].AllFlag++
			}
		}
		list, _ := json.Marshal(at) // cannot fail
		b = append(append(b, `,"GroupAtInfo":`...), list...)
	}
	card := ""
	if member := g.byID[m.from.id]; member != nil {
		card = member.NameCard
	}
	b = append(b, `,"GroupInfo":{"GroupId":`...)
	b = protocol.AppendString(b, g.ID)
	text("GroupName", g.Name)
	text("From_Account", from)
	text("From_AccountNick", m.from.text(protocol.TagNick))
	text("From_AccountHeadurl", m.from.text(protocol.TagAvatar))
	b = append(b, `,"MsgFrom_AccountExtraInfo":{"NameCard":`...)
	b = protocol.AppendString(b, card)
	b = append(append(b, `}},"MsgBody":`...), m.body...)
	return append(b, '}')
}
