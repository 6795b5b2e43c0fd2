package backend

import (
	"encoding/json"
	"time"

	"github.com/imsim/imsim/protocol"
)

// Outgoing is a message about to be sent, as Config.BeforeSend sees it.
type Outgoing struct {
	SDKAppID        uint32
	From, To        string
	MsgBody         json.RawMessage // read only
	CloudCustomData string
	OnlineOnly      bool
	REST            bool // sent by the REST API, not by a client
}

// Decision of Config.BeforeSend, like that of the service's webhook
// C2C.CallbackBeforeSendMsg. The zero value lets the message pass.
type Decision struct {
	// Refuse fails the send with this code: 20006, or an own one of
	// 120001 to 130000, as documented; Info is the text the sender gets.
	Refuse protocol.Code
	Info   string
	// Drop tells the sender it succeeded and delivers nothing.
	Drop bool
	// MsgBody and CloudCustomData replace what was sent, if not nil. The
	// receiver gets the changed version only, the sender MESSAGE_MODIFIED.
	MsgBody         json.RawMessage
	CloudCustomData *string
}

// verdict is what becomes of a message that was not refused.
type verdict int

const (
	passes verdict = iota
	dropped
	changed
)

// admit decides on a new message: a muted sender (20012), the app's hook, a
// sender whom the receiver has blocked. REST is checked by the hook only.
func (w *World) admit(m *message, rest bool) (verdict, error) {
	if !rest && m.from.mute.c2c(w.now) {
		return passes, protocol.NewError(protocol.CodeMuted)
	}
	if !rest && m.to.blocks(m.from.id) {
		if w.cfg.BlockedSenderGets20007 {
			return passes, protocol.NewError(protocol.CodeBlocked)
		}
		m.flags |= unseenByTo
	}
	if w.cfg.BeforeSend == nil {
		return passes, nil
	}
	d := w.cfg.BeforeSend(Outgoing{
		SDKAppID: w.appID, From: m.from.id, To: m.to.id, MsgBody: m.body, CloudCustomData: m.custom,
		OnlineOnly: m.is(onlineOnly), REST: rest,
	})
	switch {
	case d.Refuse != protocol.OK && d.Info != "":
		return passes, protocol.Errorf(d.Refuse, "%s", d.Info)
	case d.Refuse != protocol.OK:
		return passes, protocol.NewError(d.Refuse)
	case d.Drop:
		return dropped, nil
	case d.MsgBody == nil && d.CloudCustomData == nil:
		return passes, nil
	}
	if d.MsgBody != nil {
		if err := protocol.CheckMsgBody(d.MsgBody); err != nil {
			w.cfg.Log("the BeforeSend hook gave a body that is none: %v", err)
			return passes, protocol.NewError(protocol.CodeSendRefused)
		}
		m.body = d.MsgBody
	}
	if d.CloudCustomData != nil {
		m.custom = *d.CloudCustomData
	}
	m.flags |= modified
	return changed, nil
}

// tellChanged shows the instance that sent a message what became of it; all
// others get the changed version as their first.
func (w *World) tellChanged(m *message, sender *session) {
	w.tell(sender, m.changedEvent())
}

// changedEvent makes an instance that has the message fire MESSAGE_MODIFIED.
func (m *message) changedEvent() protocol.PushEvent {
	c := m.wire()
	c.MsgModifiedFlag = 1
	return protocol.PushEvent{Event: protocol.EventC2CMsg, C2CMsgArray: []*protocol.C2CMessage{c}}
}

// modifiedEvent does so from 2.27 on, by the version of the message.
func (m *message) modifiedEvent() protocol.PushEvent {
	return protocol.PushEvent{Event: protocol.EventC2CModified, C2CMsgModNotifys: []protocol.C2CModify{{
		FromAccount: m.from.id, ToAccount: m.to.id, MsgSeq: m.seq, MsgRandom: m.random, MsgTime: m.time,
		MsgVersion: m.version, MsgBody: m.body, CloudCustomData: m.custom,
	}}}
}

// muteForever as a mute's seconds has no end (semantics.md §7.3).
const muteForever = 1<<32 - 1

// mute is until when an account may not speak, in seconds; muteForever: never
// again, 0: it may.
type mute struct {
	C2CUntil   int64 `json:"c2cUntil,omitempty"`
	GroupUntil int64 `json:"groupUntil,omitempty"`
}

func (m mute) c2c(now time.Time) bool { return muteLeft(m.C2CUntil, now) > 0 }

// muteLeft is how many seconds of a mute are left.
func muteLeft(until int64, now time.Time) int64 {
	if until == muteForever {
		return muteForever
	}
	return max(until-now.Unix(), 0)
}

func muteUntil(seconds int64, now time.Time) int64 {
	switch {
	case seconds <= 0:
		return 0
	case seconds >= muteForever:
		return muteForever
	}
	return now.Unix() + seconds
}
