package backend

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/imsim/imsim/protocol"
)

// visible tells whether a member may see a stored message.
func (m *member) visible(msg *groupMessage) bool {
	return msg.seq >= m.FromSeq && msg.seq > m.ClearedTo && !m.Deleted[msg.seq] && msg.isFor(m.account)
}

// groupMsgGet is group_msg_get: a page of history, newest first. Recalled
// messages keep their place, flagged. Behind the last one stands a placeholder
// with the sequence 1, by which 2.14 knows that nothing older comes.
func (w *World) groupMsgGet(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupMsgGetRequest](r)
	if err != nil {
		return nil, err
	}
	g, me, err := w.permitted(r.user(), req.GroupID, OpHistory)
	if err != nil {
		return nil, err
	}
	w.purgeGroup(g)
	reply := &protocol.GroupMsgGetReply{GroupID: g.ID, RspMsgList: []json.RawMessage{}, IsFinished: 1}
	limit := min(max(req.ReqMsgNumber, 1), maxRoamPage)
	from := req.ReqMsgSeq
	if from == 0 || from > g.lastSeq() {
		from = g.lastSeq()
	}
	lowest := uint32(0)
	for seq := from; seq > 0; seq-- {
		msg := g.find(seq)
		if msg == nil || seq < me.FromSeq || seq <= me.ClearedTo {
			break
		}
		if !me.visible(msg) || msg.is(revoked) && req.WithRecalledMsg == 0 {
			continue
		}
		if len(reply.RspMsgList) == limit {
			reply.IsFinished, reply.NextReqMsgSeq = 0, seq
			return reply, nil
		}
		place := 0
		if msg.is(revoked) {
			place = protocol.PlaceRecalled
		}
		reply.RspMsgList = append(reply.RspMsgList, g.item(msg, formFor(r.sess), place))
		lowest = seq
	}
	switch {
	case lowest == 0:
		reply.IsFinished = 2
	case lowest > 1:
		reply.RspMsgList = append(reply.RspMsgList, g.placeholder())
	}
	return reply, nil
}

// placeholder ends a history: it is at the first sequence and shows nothing.
func (g *group) placeholder() json.RawMessage {
	text, _ := json.Marshal(protocol.Fields{ // cannot fail
		{Name: "From_Account", Value: protocol.SystemAccount}, {Name: "ToGroupId", Value: g.ID}, {Name: "MsgSeq", Value: 1}, {Name: "MsgRandom", Value: 0},
		{Name: "ClientSeq", Value: 0}, {Name: "MsgTimeStamp", Value: g.Created}, {Name: "Event", Value: protocol.EventGroupMsg},
		{Name: "IsPlaceMsg", Value: protocol.PlaceGap}, {Name: "GroupInfo", Value: protocol.Fields{{Name: "GroupId", Value: g.ID}}},
		{Name: "MsgBody", Value: []string{}},
	})
	return text
}

// groupRecall is a message that was taken back.
type groupRecall struct {
	Seq    uint32 `json:"seq"`
	Random uint32 `json:"random"`
	By     string `json:"by"`
	Reason string `json:"reason,omitempty"`
	Time   int64  `json:"time"` // microseconds
}

func (c groupRecall) revoker() protocol.Fields {
	return protocol.Fields{{Name: "Revoker_Account", Value: c.By}, {Name: "Reason", Value: c.Reason}}
}

// maxRecalls is how many recalls of a group are remembered for those who were
// away.
const maxRecalls = 100

func (g *group) lastRecall() int64 {
	if n := len(g.recalls); n > 0 {
		return g.recalls[n-1].Time
	}
	return 0
}

// recallInGroup is group_msg_recall: each message has its own result.
func (w *World) recallInGroup(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupRecallRequest](r)
	if err != nil {
		return nil, err
	}
	g, me, err := w.permitted(r.user(), req.GroupID, OpRecallOwn)
	if err != nil {
		return nil, err
	}
	reply, gone := w.recallSeqs(g, me.who(), me.account, req.MsgSeqList)
	w.reply(r, reply)
	w.tellRecall(g, gone, groupRecall{By: me.account.id}, r.sess)
	return nil, errAnswered
}

// recallSeqs takes messages back. The app may do so at any time.
func (w *World) recallSeqs(g *group, who Who, by *account, list []protocol.GroupMsgSeq) (*protocol.GroupRecallReply, []*groupMessage) {
	reply := &protocol.GroupRecallReply{RecallRetList: []protocol.GroupRecallResult{}}
	var gone []*groupMessage
	for _, item := range list {
		code := protocol.OK
		msg := g.find(item.MsgSeq)
		if msg == nil && g.isRoom() {
			msg = g.fleetingAt(item.MsgSeq)
		}
		switch {
		case msg == nil || msg.is(revoked):
			code = protocol.CodeRecallGone
		case msg.is(isTip):
			code = protocol.CodeRecallRefused
		case msg.from != by && Permits(OpRecallOthers, g.Type, who) != nil:
			code = protocol.CodeGroupNoRight
		case who != App && !w.now.Before(time.Unix(msg.time, 0).Add(w.cfg.RecallWindow)):
			code = protocol.CodeRecallTooLate
		default:
			gone = append(gone, msg)
			msg.flags |= revoked
		}
		reply.RecallRetList = append(reply.RecallRetList, protocol.GroupRecallResult{MsgSeq: item.MsgSeq, RetCode: code})
	}
	return reply, gone
}

func (g *group) fleetingAt(seq uint32) *groupMessage {
	for _, m := range g.fleeting {
		if m.seq == seq && !m.is(onlineOnly) {
			return m
		}
	}
	return nil
}

// tellRecall tells all members but one instance, those too who come back; by
// has who took the messages back, and why.
func (w *World) tellRecall(g *group, gone []*groupMessage, by groupRecall, except *session) {
	if len(gone) == 0 {
		return
	}
	list := []protocol.Fields{}
	for _, m := range gone {
		by.Seq, by.Random, by.Time = m.seq, m.random, w.now.UnixMicro()
		g.recalls = append(g.recalls, by)
		item := protocol.Fields{
			{Name: "GroupId", Value: g.ID}, {Name: "MsgSeq", Value: m.seq}, {Name: "MsgRandom", Value: m.random}, {Name: "MsgTimeStamp", Value: m.time},
			{Name: "From_Account", Value: m.from.id}, {Name: "TinyId", Value: m.from.tiny}, {Name: "MsgClientTime", Value: m.clientTime},
		}
		if by.By != m.from.id {
			item = item.With("RevokerInfo", by.revoker())
		}
		list = append(list, item)
	}
	if extra := len(g.recalls) - maxRecalls; extra > 0 {
		g.recalls = append(g.recalls[:0:0], g.recalls[extra:]...)
	}
	w.tellMembers(g, except, groupEvent(protocol.EventGroupSystem, protocol.Fields{
		{Name: "ToGroupId", Value: g.ID}, {Name: "GroupInfo", Value: protocol.Fields{{Name: "GroupId", Value: g.ID}}},
		{Name: "MsgBody", Value: protocol.Fields{{Name: "GroupWithdrawInfoArray", Value: list}}},
	}))
}

// tellMembers pushes one frame to all members.
func (w *World) tellMembers(g *group, except *session, event protocol.PushEvent) {
	var frame []byte
	for _, m := range g.members {
		w.pushShared(m.account, except, &frame, func() []byte {
			return w.pushFrame(protocol.CmdPush, protocol.Push{EventArray: []protocol.PushEvent{event}})
		})
	}
}

// groupNotifies is get_group_notify and batch_get_group_notify: what was
// recalled while an instance was away (from 2.27 on).
func (w *World) groupNotifies(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupNotifyRequest](r)
	if err != nil {
		return nil, err
	}
	answer := func(q protocol.GroupNotifyRequest) protocol.GroupNotifies {
		a := protocol.GroupNotifies{GroupID: q.GroupID, NotifyMsgList: []protocol.Fields{}}
		g := w.groups[q.GroupID]
		if g == nil || g.byID[r.user().id] == nil {
			return a
		}
		for _, c := range g.recalls {
			if c.Time > q.BeginTime && (q.EndTime == 0 || c.Time <= q.EndTime) {
				a.NotifyMsgList = append(a.NotifyMsgList, protocol.Fields{
					{Name: "MsgSeq", Value: c.Seq}, {Name: "MsgRandom", Value: c.Random},
					{Name: "RevokerInfo", Value: c.revoker()},
				})
			}
		}
		return a
	}
	reply := &protocol.GroupNotifyReply{GroupNotifies: answer(*req)}
	for _, q := range req.NotifyReqList {
		reply.NotifyRspList = append(reply.NotifyRspList, answer(q))
	}
	return reply, nil
}

// deleteInGroup is delete_group_ramble_msg_by_seq: gone for the one who asks.
func (w *World) deleteInGroup(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupMsgDeleteRequest](r)
	if err != nil {
		return nil, err
	}
	g, me, err := w.permitted(r.user(), req.GroupID, OpDeleteMessage)
	if err != nil {
		return nil, err
	}
	for _, text := range req.Seqs {
		seq, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return nil, err
		}
		if g.find(uint32(seq)) != nil {
			if me.Deleted == nil {
				me.Deleted = map[uint32]bool{}
			}
			me.Deleted[uint32(seq)] = true
		}
	}
	return &protocol.Status{}, nil
}

// readGroup is msg_read_report: messages up to a sequence are read. The
// reader's other instances are told; mentions of these messages are done with
// by openim.deletemsg.
func (w *World) readGroup(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupReadRequest](r)
	if err != nil {
		return nil, err
	}
	g, err := w.findGroup(req.GroupID)
	if err != nil {
		return nil, err
	}
	me := g.byID[r.user().id]
	if me == nil {
		return nil, protocol.NewError(protocol.CodeGroupNoRight)
	}
	w.reply(r, &protocol.Status{})
	w.readTo(me, min(req.MsgReadedSeq, g.lastSeq()), r.sess)
	return nil, errAnswered
}

func (w *World) readTo(m *member, seq uint32, by *session) {
	if seq <= m.ReadSeq {
		return
	}
	m.ReadSeq = seq
	w.notify(m.account, by, groupEvent(protocol.EventGroupSystem, protocol.Fields{
		{Name: "GroupInfo", Value: protocol.Fields{{Name: "GroupId", Value: m.group.ID}}},
		{Name: "MsgBody", Value: protocol.Fields{{Name: "GroupReadInfoArray", Value: []protocol.Fields{
			{{Name: "GroupId", Value: m.group.ID}, {Name: "LastReadMsgSeq", Value: seq}},
		}}}},
	}))
}

// unread counts what others said since the member read last. Tips do not
// count; live rooms have no unread number.
func (m *member) unread() int {
	g, n := m.group, 0
	for i := len(g.messages) - 1; i >= 0; i-- {
		msg := g.messages[i]
		if msg.seq <= m.ReadSeq || msg.seq <= m.ClearedTo || msg.seq < m.FromSeq {
			break
		}
		if msg.from != nil && msg.from != m.account && !msg.is(revoked|noUnread) && !m.Deleted[msg.seq] {
			n++
		}
	}
	return n
}

// lastShown is the newest message that shows in the member's conversation
// list; nil if there is none, or the member took the conversation off.
func (m *member) lastShown() *groupMessage {
	messages := m.group.messages
	for i := len(messages) - 1; i >= 0; i-- {
		msg := messages[i]
		if msg.seq <= m.ClearedTo || msg.seq < m.FromSeq || msg.seq <= m.HiddenTo {
			return nil
		}
		if msg.from != nil && !msg.is(noLastMsg) && !m.Deleted[msg.seq] && msg.isFor(m.account) {
			return msg
		}
	}
	return nil
}

// contactItem is the conversation as recentcontact lists it. The sum of the
// read sequence and the unread number is the group's last sequence: 2.14
// computes that one from them.
func (m *member) contactItem() protocol.SessionItem {
	g, unread := m.group, m.unread()
	item := protocol.SessionItem{
		Type: protocol.ContactGroup, ToAccountGroup: g.ID, GroupNick: g.Name, GroupImage: g.Face,
		UnreadMsgCount: unread, MsgGroupReadedSeq: g.lastSeq() - uint32(unread),
	}
	if m.Pinned {
		item.TopFlags = 1
	}
	if msg := m.lastShown(); msg != nil {
		item.MsgTimeStamp, item.MsgSeq, item.MsgRandom = msg.time, msg.seq, msg.random
		item.MsgGroupFromAccount = msg.from.id
		item.LastMsg = &protocol.LastMsg{MsgBody: msg.body, CloudCustomData: msg.custom}
		item.CloudCustomData = msg.custom
		if msg.is(revoked) {
			item.LastMsgFlags = protocol.FlagGroupRecalled
		}
	}
	return item
}
