package backend

import "github.com/imsim/imsim/protocol"

// readC2C is openim.msgreaded: the peer's messages up to a second are read.
// The peer gets a receipt, the reader's other instances the new state.
func (w *World) readC2C(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.MsgReadedRequest](r)
	if err != nil {
		return nil, err
	}
	w.reply(r, &protocol.Status{})
	for _, item := range req.C2CMsgReaded.C2CMsgReadedItem {
		if peer := w.accounts[item.ToAccount]; peer != nil {
			w.read(r.user(), peer, min(item.LastedMsgTime, w.sec()), r.sess)
		}
	}
	return nil, errAnswered
}

func (w *World) read(reader, peer *account, second int64, by *session) {
	chat := w.chatIfAny(reader.id, peer.id)
	if chat == nil {
		return
	}
	side := chat.side(reader)
	to := chat.lastBy(second)
	if second <= side.ReadTime && to <= side.ReadTo {
		return
	}
	side.ReadTime, side.ReadTo = max(side.ReadTime, second), max(side.ReadTo, to)
	chat.recount(reader)
	if peer != reader {
		w.notify(peer, nil, protocol.PushEvent{Event: protocol.EventC2CNotify, C2CNotifyMsgArray: []protocol.C2CNotify{{
			C2CReadedReceipt: &protocol.ReadReceipt{ToAccount: reader.id, UinPairReadArray: []protocol.ReadTime{{LastReadTime: second}}},
		}}})
	}
	w.notify(reader, by, protocol.PushEvent{Event: protocol.EventC2CNotify, C2CNotifyMsgArray: []protocol.C2CNotify{{
		ReadC2CMsgNotify: &protocol.ReadSync{UinPairReadArray: []protocol.ReadTime{{FromAccount: peer.id, LastReadTime: second}}},
	}}})
}

// readAll is openim.read_all_unread_msg (from 2.27 on).
func (w *World) readAll(r *request) (protocol.Reply, error) {
	w.reply(r, &protocol.Status{})
	for _, c := range w.contactList(r.user()) {
		if c.key.kind != protocol.ContactC2C {
			continue
		}
		peer := w.accounts[c.key.id]
		if peer == nil {
			continue
		}
		if chat := w.chatIfAny(r.user().id, peer.id); chat != nil && chat.side(r.user()).Unread > 0 {
			w.read(r.user(), peer, w.sec(), r.sess)
		}
	}
	w.readAllGroups(r)
	return nil, errAnswered
}

// peerReadTime is openim.get_peer_read_time: up to when each peer has read.
func (w *World) peerReadTime(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.PeerReadTimeRequest](r)
	if err != nil {
		return nil, err
	}
	reply := &protocol.PeerReadTimeReply{ReadTime: []int64{}}
	for _, id := range req.ToAccount {
		var second int64
		if peer, chat := w.accounts[id], w.chatIfAny(r.user().id, id); peer != nil && chat != nil {
			second = chat.side(peer).ReadTime
		}
		reply.ReadTime = append(reply.ReadTime, second)
	}
	return reply, nil
}
