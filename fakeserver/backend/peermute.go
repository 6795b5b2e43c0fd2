package backend

import (
	"sort"

	"github.com/imsim/imsim/protocol"
)

// maxPeerMutes is how many accounts one request may name; the SDKs cut at 30.
const maxPeerMutes = 30

func validRemind(how int) bool {
	return how >= protocol.RemindAcceptAndNotify && how <= protocol.RemindAcceptNotNotify
}

// setRemind stores how messages of a peer are announced.
func (a *account) setRemind(id string, how int) {
	if how == protocol.RemindAcceptAndNotify {
		delete(a.peerMute, id)
		return
	}
	if a.peerMute == nil {
		a.peerMute = map[string]int{}
	}
	a.peerMute[id] = how
}

// setPeerMute is openim.set_c2c_peer_mute_notifications: messageRemindType of
// conversations. It is kept for the clients, which act on it; the user's other
// instances are told.
func (w *World) setPeerMute(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.SetPeerMuteRequest](r)
	if err != nil {
		return nil, err
	}
	if !validRemind(req.MuteNotifications) || len(req.PeerAccount) == 0 || len(req.PeerAccount) > maxPeerMutes {
		return nil, protocol.Errorf(protocol.CodeBadPacket, "needs 1 to %d accounts and a value from 0 to 2", maxPeerMutes)
	}
	reply := &protocol.SetPeerMuteReply{UpdateSeq: w.sec()}
	var notices []protocol.C2CNotify
	for _, id := range req.PeerAccount {
		if w.accounts[id] == nil {
			reply.ErrorList = append(reply.ErrorList, protocol.PeerMuteError{PeerAccount: id, ErrorCode: protocol.CodeNoAccount})
			continue
		}
		if r.user().peerMute[id] == req.MuteNotifications {
			continue
		}
		r.user().setRemind(id, req.MuteNotifications)
		notices = append(notices, protocol.C2CNotify{MuteNotificationsSync: &protocol.MuteNotification{
			ToAccount: id, UpdateSeq: w.sec(), MuteNotifications: req.MuteNotifications,
		}})
	}
	w.reply(r, reply)
	if len(notices) > 0 {
		w.notify(r.user(), r.sess, protocol.PushEvent{Event: protocol.EventC2CNotify, C2CNotifyMsgArray: notices})
	}
	return nil, errAnswered
}

// getPeerMute is openim.get_c2c_peer_mute_notifications: all peers with a
// value other than the default, whatever UpdateSeq was asked with.
func (w *World) getPeerMute(r *request) (protocol.Reply, error) {
	reply := &protocol.GetPeerMuteReply{UpdateSeq: w.sec(), MuteNotificationsList: []protocol.PeerMute{}}
	for id, how := range r.user().peerMute {
		reply.MuteNotificationsList = append(reply.MuteNotificationsList, protocol.PeerMute{PeerAccount: id, MuteNotifications: how})
	}
	sort.Slice(reply.MuteNotificationsList, func(i, j int) bool {
		return reply.MuteNotificationsList[i].PeerAccount < reply.MuteNotificationsList[j].PeerAccount
	})
	return reply, nil
}
