package backend

import "github.com/imsim/imsim/protocol"

// maxReceipts is how many messages one request may confirm; the SDKs cut at 30.
const maxReceipts = 30

// readReceipt is openim.c2c_msg_read_receipt (2.27 and later): the receiver
// confirms messages that asked for it, and their sender is told once of each.
func (w *World) readReceipt(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.ReadReceiptRequest](r)
	if err != nil {
		return nil, err
	}
	if len(req.C2CMsgInfo) > maxReceipts {
		return nil, protocol.Errorf(protocol.CodeBadPacket, "at most %d messages a request", maxReceipts)
	}
	reader, sender := r.user(), w.accounts[req.PeerAccount]
	if sender == nil {
		return nil, protocol.NewError(protocol.CodeNoAccount)
	}
	var confirmed []protocol.MsgIdentity
	for _, info := range req.C2CMsgInfo {
		m, err := w.messageBy(sender.id, reader.id, protocol.MsgKey{Seq: info.MsgSeq, Random: info.MsgRandom, Time: info.MsgTime})
		if err != nil || !m.is(wantsReceipt) || m.is(receiptSent) || m.deletedFor(reader) {
			continue
		}
		m.flags |= receiptSent
		id := m.identity()
		id.MsgTime, id.MsgTimeStamp = m.time, 0
		confirmed = append(confirmed, id)
	}
	w.reply(r, &protocol.Status{})
	if len(confirmed) > 0 {
		w.notify(sender, nil, protocol.PushEvent{Event: protocol.EventC2CReceipt, UserAccount: reader.id, C2CMsgInfo: confirmed})
	}
	return nil, errAnswered
}
