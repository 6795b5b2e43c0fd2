package backend

import (
	"time"

	"github.com/imsim/imsim/protocol"
)

// recallC2C is openim.msgwithdraw: the sender takes a message back within the
// window. The peer and the sender's other instances are told.
func (w *World) recallC2C(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.MsgWithdrawRequest](r)
	if err != nil {
		return nil, err
	}
	user, id := r.user(), req.MsgInfo
	chat := w.chatIfAny(user.id, id.ToAccount)
	var m *message
	if chat != nil {
		m = chat.index[messageKey{user.id, id.MsgSeq, id.MsgRandom}]
	}
	switch {
	case m == nil:
		return nil, protocol.NewError(protocol.CodeC2CRecallGone)
	case m.is(revoked):
		return nil, protocol.NewError(protocol.CodeC2CRecallTwice)
	case !w.now.Before(time.Unix(m.time, 0).Add(w.cfg.RecallWindow)):
		return nil, protocol.NewError(protocol.CodeC2CRecallLate)
	}
	w.reply(r, &protocol.Status{})
	w.recall(chat, m, r.sess, nil)
	return nil, errAnswered
}

// recall takes a message back; both sides are told, but for the session that
// asked for it. The revoker is named if it is not the sender.
func (w *World) recall(c *chat, m *message, by *session, revoker *protocol.RevokerInfo) {
	m.flags |= revoked
	c.recount(m.to)
	event := protocol.PushEvent{Event: protocol.EventC2CNotify, C2CNotifyMsgArray: []protocol.C2CNotify{{
		FromAccount: m.from.id, ToAccount: m.to.id,
		WithdrawC2CMsgNotify: &protocol.WithdrawNotify{C2CWithdrawInfoArray: []protocol.WithdrawInfo{{MsgIdentity: m.identity(), RevokerInfo: revoker}}},
	}}}
	if !m.is(unseenByTo) {
		w.notify(m.to, by, event)
	}
	if m.from != m.to && !m.is(unseenByFrom) {
		w.notify(m.from, by, event)
	}
}

// deleteC2C is openim.delete_c2c_msg_ramble: the messages are gone for the
// account that asks, and for nobody else; nobody is told.
func (w *World) deleteC2C(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.DeleteC2CRequest](r)
	if err != nil {
		return nil, err
	}
	user := r.user()
	if every := w.cfg.DeleteEvery; every > 0 {
		if w.now.Sub(user.lastDelete) < every {
			return nil, protocol.NewError(protocol.CodeTooFrequent)
		}
		user.lastDelete = w.now
	}
	keys := make([]protocol.MsgKey, 0, len(req.MsgKeyList))
	for _, s := range req.MsgKeyList {
		key, err := protocol.ParseMsgKey(s)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	chat := w.chatIfAny(user.id, req.ToAccount)
	if chat == nil {
		return &protocol.Status{}, nil
	}
	for _, key := range keys {
		for _, from := range []string{user.id, req.ToAccount} {
			m := chat.index[messageKey{from, key.Seq, key.Random}]
			if m == nil || m.time != key.Time {
				continue
			}
			if m.from == user {
				m.flags |= deletedByFrom
			}
			if m.to == user {
				m.flags |= deletedByTo
			}
		}
	}
	chat.recount(user)
	return &protocol.Status{}, nil
}
