package backend

import (
	"slices"

	"github.com/imsim/imsim/protocol"
)

const (
	maxRESTTargets = 50  // receivers of a message or notice that is not for all
	maxRESTRecall  = 10  // messages of one group_msg_recall
	maxRESTHistory = 20  // messages of one group_msg_get_simple
	sameRandom     = 300 // seconds in which a Random names the same message
)

// restSendToGroup is send_group_msg. The sender need not be in the group; a
// member that is muted is refused (10017). The same Random within five minutes
// is the same message.
func (w *World) restSendToGroup(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTGroupSend](r)
	if err != nil {
		return nil, err
	}
	g, err := w.forApp(req.GroupID, OpSend)
	if err != nil {
		return nil, err
	}
	fleeting := req.OnlineOnlyFlag == 1 || req.OlderOnlineOnly == 1
	switch {
	case req.Random == 0:
		return nil, protocol.Errorf(protocol.CodeGroupParam, "Random is missing")
	case len(req.ToAccount) > maxRESTTargets:
		return nil, protocol.NewError(protocol.CodeGroupTooMany)
	case len(req.ToAccount) > 0 && g.isRoom():
		return nil, protocol.Errorf(protocol.CodeGroupParam, "a live room has no messages for some members alone")
	case fleeting && len(req.SendMsgControl) > 0:
		return nil, protocol.Errorf(protocol.CodeGroupParam, "SendMsgControl is not for online-only messages")
	}
	from, who, err := w.speaksInGroup(g, req.FromAccount, r.admin)
	if err != nil {
		return nil, err
	}
	if sent := g.sent(groupSend{from.id, req.Random}); sent != nil && w.sec()-sent.time < sameRandom {
		return &protocol.RESTGroupSendReply{MsgTime: sent.time, MsgSeq: sent.seq}, nil
	}
	if err := w.maySpeak(g, who, from); err != nil {
		return nil, err
	}
	req.NeedReadReceipt = max(req.NeedReadReceipt, req.IsNeedReadReceipt)
	m, err := w.newGroupMessage(g, from, &req.GroupSendRequest)
	if err != nil {
		return nil, err
	}
	if m.only = req.ToAccount; len(m.only) > 0 {
		m.flags |= noUnread
	}
	w.say(g, m, fleeting, func() {}, nil)
	return &protocol.RESTGroupSendReply{MsgTime: m.time, MsgSeq: m.seq}, nil
}

// speaksInGroup is in whose name a message is, and as whom he speaks: a member
// as what it is, others as the app.
func (w *World) speaksInGroup(g *group, from, admin string) (*account, Who, error) {
	if from == "" {
		a, err := w.adminAccount(admin)
		return a, App, err
	}
	a := w.accounts[from]
	if a == nil {
		return nil, 0, protocol.Errorf(protocol.CodeGroupNoAccount, "no account %q", from)
	}
	if m := g.byID[from]; m != nil {
		return a, m.who(), nil
	}
	return a, App, nil
}

// restNotifyGroup is send_group_system_notification: notice 255 to members who
// are online; it is kept for nobody.
func (w *World) restNotifyGroup(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTGroupNotice](r)
	if err != nil {
		return nil, err
	}
	g, err := w.findGroup(req.GroupID)
	switch {
	case err != nil:
		return nil, err
	case req.Content == "":
		return nil, protocol.Errorf(protocol.CodeGroupParam, "Content is empty")
	case len(req.ToMembers) > maxRESTForbid:
		return nil, protocol.NewError(protocol.CodeGroupTooMany)
	case len(req.ToMembers) > 0 && g.isRoom():
		return nil, protocol.Errorf(protocol.CodeGroupParam, "a live room has notices for all members only")
	}
	text := noticeText{Defined: req.Content}
	for _, m := range g.members {
		if len(req.ToMembers) > 0 && !slices.Contains(req.ToMembers, m.account.id) || g.room.polls(m.account) {
			continue
		}
		var frame []byte
		for _, s := range m.account.sessions {
			if !s.online() {
				continue
			}
			if frame == nil {
				event := w.newNotice(m.account, g, protocol.NoticeCustom, r.admin, text).event(m.account)
				frame = w.pushFrame(protocol.CmdPush, protocol.Push{EventArray: []protocol.PushEvent{event}})
			}
			w.hand(s, frame)
		}
	}
	if len(g.room.pollers) > 0 {
		note := sysNotice{
			Seq: g.lastSeq() + firstNotice, Random: w.newRandom(), Time: w.sec(), Type: protocol.NoticeCustom,
			GroupID: g.ID, GroupName: g.Name, Operator: r.admin, noticeText: text,
		}
		w.feedPollsFields(g, protocol.EventGroupSystem, note.item(""))
	}
	return nil, nil
}

// restRecallInGroup is group_msg_recall: at any time, as long as the message is
// kept.
func (w *World) restRecallInGroup(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTGroupRecall](r)
	if err != nil {
		return nil, err
	}
	g, err := w.forApp(req.GroupID, OpRecallOthers)
	switch {
	case err != nil:
		return nil, err
	case len(req.MsgSeqList) == 0 || len(req.MsgSeqList) > maxRESTRecall:
		return nil, protocol.Errorf(protocol.CodeGroupParam, "MsgSeqList needs 1 to %d messages", maxRESTRecall)
	}
	w.purgeGroup(g)
	reply, gone := w.recallSeqs(g, App, nil, req.MsgSeqList)
	w.tellRecall(g, gone, groupRecall{By: r.admin, Reason: req.Reason}, nil)
	return reply, nil
}

// restGroupHistory is group_msg_get_simple: the history as the app sees it, of
// all times and for whomever.
func (w *World) restGroupHistory(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.GroupMsgGetRequest](r)
	if err != nil {
		return nil, err
	}
	g, err := w.forApp(req.GroupID, OpHistory)
	switch {
	case err != nil:
		return nil, err
	case req.ReqMsgNumber < 1:
		return nil, protocol.Errorf(protocol.CodeGroupParam, "ReqMsgNumber is missing or below 1")
	}
	w.purgeGroup(g)
	reply := &protocol.RESTGroupHistory{GroupID: g.ID, IsFinished: 1, RspMsgList: []protocol.RESTGroupMessage{}}
	limit := min(req.ReqMsgNumber, maxRESTHistory)
	seq := req.ReqMsgSeq
	if seq == 0 || seq > g.lastSeq() {
		seq = g.lastSeq()
	}
	for ; seq > 0; seq-- {
		m := g.find(seq)
		switch {
		case m == nil:
			reply.IsFinished = 2
			return reply, nil
		case m.is(revoked) && req.WithRecalledMsg == 0:
			continue
		case len(reply.RspMsgList) == limit:
			reply.IsFinished = 0
			return reply, nil
		}
		item := protocol.RESTGroupMessage{
			FromAccount: protocol.SystemAccount, MsgPriority: m.priority, MsgRandom: m.random, MsgSeq: m.seq, MsgTimeStamp: m.time,
			MsgBody: m.body, CloudCustomData: m.custom,
		}
		switch {
		case m.is(isTip):
			item.IsSystemMsg = 1
		default:
			item.FromAccount = m.from.id
		}
		if m.is(revoked) {
			item.IsPlaceMsg = protocol.PlaceRecalled
		}
		reply.RspMsgList = append(reply.RspMsgList, item)
	}
	return reply, nil
}
