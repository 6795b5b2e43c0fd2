package backend

import (
	"bytes"

	"github.com/imsim/imsim/protocol"
)

// sendC2C is openim.sendmsg: check, recognise a repetition, store, answer,
// tell the receiver's instances and the sender's other ones.
func (w *World) sendC2C(r *request) (protocol.Reply, error) {
	req, err := r.send.req, r.send.err
	if err != nil {
		return nil, err
	}
	from := r.user()
	to := w.accounts[req.ToAccount]
	if to == nil {
		return nil, protocol.NewError(protocol.CodeNoAccount)
	}
	if len(req.MsgBody)+len(req.CloudCustomData) > w.cfg.MaxMessage {
		return nil, protocol.Errorf(protocol.CodeTooLong, "message has more than %d bytes", w.cfg.MaxMessage)
	}
	c := w.chat(from.id, to.id)
	if sent := c.sent(messageKey{from.id, req.MsgSeq, req.MsgRandom}); sent != nil {
		w.answerSend(r, sent) // a retry: it arrived the first time
		return nil, errAnswered
	}
	m := &message{
		from: from, to: to, instID: r.sess.instID, seq: req.MsgSeq, random: req.MsgRandom,
		time: w.sec(), clientTime: req.MsgClientTime, body: bytes.Clone(req.MsgBody), custom: req.CloudCustomData,
		until: w.lifetimeOf(req),
	}
	if m.clientTime == 0 { // 2.14 sends none; made up once and kept
		m.clientTime = m.time
	}
	m.flags = sendFlags(req)
	verdict, err := w.admit(m, false)
	if err != nil {
		return nil, err
	}
	if verdict == dropped { // the sender must not notice
		w.answerSend(r, m)
		return nil, errAnswered
	}
	w.keep(c, m)
	w.answerSend(r, m)
	w.deliver(m, r.sess)
	if verdict == changed {
		w.tellChanged(m, r.sess)
	}
	return nil, errAnswered
}

func sendFlags(req *protocol.SendMsgRequest) messageFlag {
	var f messageFlag
	if req.OnlineOnly() {
		f |= onlineOnly
	}
	if req.IsNeedReadReceipt == 1 {
		f |= wantsReceipt
	}
	for _, control := range req.SendMsgControl {
		switch control {
		case "NoUnread":
			f |= noUnread
		case "NoLastMsg":
			f |= noLastMsg
		}
	}
	return f
}

func (w *World) answerSend(r *request, m *message) {
	w.replyFrame(r, protocol.AppendSendMsgReply(make([]byte, 0, 192), r.ServCmd, r.Seq, m.time, m.key().String()))
}

// keep stores a message, or only remembers it if it is for online receivers.
func (w *World) keep(c *chat, m *message) {
	if m.is(onlineOnly) {
		c.addFleeting(m)
	} else {
		w.store(c, m)
	}
}

// store keeps a message for the sides that get it: history, sync, unread
// number, list.
func (w *World) store(c *chat, m *message) {
	w.counters.Message++
	m.no = w.counters.Message
	c.add(m)
	m.toInboxes()
	w.awaits(m)
	if side := c.side(m.to); m.countsFor(m.to, side) {
		side.Unread++
	}
	if m.is(noLastMsg) {
		return
	}
	if !m.is(unseenByFrom) {
		w.touch(m.from, m.to.id)
	}
	if !m.is(unseenByTo) {
		w.touch(m.to, m.from.id)
	}
}

// toInboxes lists a stored message for the sync of both sides.
func (m *message) toInboxes() {
	if !m.is(unseenByTo) {
		m.to.inbox.add(m)
	}
	if m.from != m.to && !m.is(unseenByFrom) {
		m.from.inbox.add(m)
	}
}

// deliver pushes a message to all instances that are connected, but for the
// one that sent it; the others find it in their sync.
func (w *World) deliver(m *message, sender *session) {
	if !m.is(unseenByTo) {
		w.deliverTo(m.to, m, sender)
	}
	if m.from != m.to && !m.is(unseenByFrom) {
		w.deliverTo(m.from, m, sender)
	}
}

func (w *World) deliverTo(user *account, m *message, sender *session) {
	var frame []byte
	for _, s := range user.sessions {
		if s != sender {
			w.pushMessage(s, m, &frame)
		}
	}
}

// pushMessage hands a message to one instance; frame is shared by the
// instances of a user.
func (w *World) pushMessage(s *session, m *message, frame *[]byte) {
	if !s.online() || s.sync.holding && !m.is(onlineOnly) {
		return
	}
	ack := s.sync.ackDue(m)
	if ack == "" && *frame != nil {
		w.emit(s, protocol.CmdPush, *frame)
		return
	}
	w.counters.Push++
	m.fillFor(&w.push, s.user)
	encoded := protocol.AppendC2CPush(make([]byte, 0, len(m.body)+len(m.custom)+512), w.counters.Push, &w.push, ack)
	if ack == "" {
		*frame = encoded
	}
	w.emit(s, protocol.CmdPush, encoded)
}
