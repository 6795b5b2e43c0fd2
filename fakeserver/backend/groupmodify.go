package backend

import (
	"bytes"

	"github.com/imsim/imsim/protocol"
)

// modifyInGroup is modify_group_msg (2.27 and later): any member changes a
// stored message. It must know the latest version, else it gets 20027 and the
// content now valid. All members but this instance are told.
func (w *World) modifyInGroup(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupMsgModify](r)
	if err != nil {
		return nil, err
	}
	g, me, err := w.permitted(r.user(), req.GroupID, OpHistory)
	if err != nil {
		return nil, err
	}
	m, err := g.modifiable(req.MsgSeq)
	switch {
	case err != nil:
		return nil, err
	case !me.visible(m):
		return nil, protocol.NewError(protocol.CodeRecallGone)
	}
	now := func(status protocol.Status) protocol.Reply {
		return &protocol.ModifyReply{Status: status, MsgVersion: m.version, MsgBody: m.body, CloudCustomData: m.custom}
	}
	if req.MsgVersion != m.version {
		return now(*protocol.Fail(protocol.NewError(protocol.CodeModifyConflict))), nil
	}
	if err := w.changeInGroup(g, m, req.MsgBody, req.CloudCustomData, r.sess); err != nil {
		return nil, err
	}
	return now(protocol.Status{}), nil
}

// modifiable finds a stored message of a member that was not recalled.
func (g *group) modifiable(seq uint32) (*groupMessage, error) {
	m := g.find(seq)
	if m == nil || m.from == nil || m.is(revoked) {
		return nil, protocol.Errorf(protocol.CodeRecallGone, "message to modify not found")
	}
	return m, nil
}

// changeInGroup gives a message new content, the next version, and tells all
// members but one instance. No body leaves the elements as they are.
func (w *World) changeInGroup(g *group, m *groupMessage, body []byte, custom string, by *session) error {
	if len(body) == 0 || string(body) == "null" {
		body = m.body
	} else if protocol.CheckMsgBody(body) != nil {
		return protocol.NewError(protocol.CodeGroupParam)
	}
	if len(body)+len(custom) > w.cfg.MaxMessage {
		return protocol.Errorf(protocol.CodeTooLong, "message has more than %d bytes", w.cfg.MaxMessage)
	}
	m.body, m.custom = bytes.Clone(body), custom
	m.version++
	event := protocol.PushEvent{Event: protocol.EventGroupModified, GroupMsgModNotifys: []protocol.GroupModified{{
		FromAccount: m.from.id, GroupID: g.ID, MsgSeq: m.seq, MsgRandom: m.random, MsgTime: m.time,
		MsgVersion: m.version, MsgBody: m.body, CloudCustomData: m.custom,
	}}}
	var frame []byte
	for _, member := range g.members {
		if member.visible(m) {
			w.pushShared(member.account, by, &frame, func() []byte {
				return w.pushFrame(protocol.CmdPush, protocol.Push{EventArray: []protocol.PushEvent{event}})
			})
		}
	}
	return nil
}
