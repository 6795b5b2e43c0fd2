package backend

import (
	"bytes"

	"github.com/imsim/imsim/protocol"
)

// modifyC2C is openim.modify_c2c_msg (2.27 and later): either side changes a
// stored message. It must know the latest version, else it gets 20027 and the
// content now valid. Everybody else who has the message is told.
func (w *World) modifyC2C(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.C2CModify](r)
	if err != nil {
		return nil, err
	}
	user := r.user()
	if user.id != req.FromAccount && user.id != req.ToAccount {
		return nil, protocol.NewError(protocol.CodeMsgFromAccount)
	}
	m, err := w.messageBy(req.FromAccount, req.ToAccount, protocol.MsgKey{Seq: req.MsgSeq, Random: req.MsgRandom, Time: req.MsgTime})
	if err != nil {
		return nil, err
	}
	if m.deletedFor(user) {
		return nil, protocol.NewError(protocol.CodeC2CRecallGone)
	}
	now := func(status protocol.Status) protocol.Reply {
		return &protocol.ModifyReply{Status: status, MsgVersion: m.version, MsgBody: m.body, CloudCustomData: m.custom}
	}
	if req.MsgVersion != m.version {
		return now(*protocol.Fail(protocol.NewError(protocol.CodeModifyConflict))), nil
	}
	body, custom := m.body, req.CloudCustomData
	if len(req.MsgBody) > 0 && string(req.MsgBody) != "null" {
		if err := protocol.CheckMsgBody(req.MsgBody); err != nil {
			return nil, err
		}
		body = bytes.Clone(req.MsgBody)
	}
	if len(body)+len(custom) > w.cfg.MaxMessage {
		return nil, protocol.Errorf(protocol.CodeTooLong, "message has more than %d bytes", w.cfg.MaxMessage)
	}
	w.change(m, body, custom, r.sess)
	return now(protocol.Status{}), nil
}

// change gives a message new content and the next version, and tells all
// instances but one.
func (w *World) change(m *message, body []byte, custom string, by *session) {
	m.body, m.custom = body, custom
	m.flags |= modified
	m.version++
	if !m.is(unseenByTo) {
		w.notify(m.to, by, m.modifiedEvent())
	}
	if m.from != m.to && !m.is(unseenByFrom) {
		w.notify(m.from, by, m.modifiedEvent())
	}
}

// messageBy finds a stored message that was not recalled.
func (w *World) messageBy(from, to string, key protocol.MsgKey) (*message, error) {
	var m *message
	if chat := w.chatIfAny(from, to); chat != nil {
		m = chat.index[messageKey{from, key.Seq, key.Random}]
	}
	switch {
	case m == nil || m.time != key.Time || m.to.id != to:
		return nil, protocol.NewError(protocol.CodeC2CRecallGone)
	case m.is(revoked):
		return nil, protocol.NewError(protocol.CodeC2CRecallTwice)
	}
	return m, nil
}
