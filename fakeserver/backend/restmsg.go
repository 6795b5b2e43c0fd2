package backend

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/imsim/imsim/protocol"
)

const (
	maxBatch       = 500           // receivers of one batchsendmsg
	maxMsgLifeTime = 7 * 24 * 3600 // seconds
)

// Values of SyncOtherMachine: whether the sender's side gets the message.
// Left out, it goes into the sender's history but to no connected instance.
const (
	syncSender   = 1
	noSyncSender = 2
)

// restMessage is a message by REST before it has a receiver.
type restMessage struct {
	from  *account
	req   *protocol.SendMsgRequest
	extra *protocol.RESTSend
	flags messageFlag
}

// restParse reads what sendmsg and batchsendmsg share.
func (w *World) restParse(r *restRequest, body []byte, tooLong protocol.Code) (*restMessage, error) {
	req, err := protocol.ParseSendMsg(body)
	if err != nil {
		return nil, err
	}
	extra := new(protocol.RESTSend)
	if err := json.Unmarshal(body, extra); err != nil {
		return nil, err
	}
	if push := req.OfflinePushInfo; push != nil {
		var info *protocol.RESTOfflinePush
		if err := json.Unmarshal(push, &info); err != nil || info != nil && info.PushFlag != 0 && info.PushFlag != 1 {
			return nil, protocol.NewError(protocol.CodeOfflinePush)
		}
	}
	m := &restMessage{req: req, extra: extra, flags: sendFlags(req)}
	switch {
	case req.MsgLifeTime != nil && *req.MsgLifeTime < 0:
		return nil, protocol.NewError(protocol.CodeMsgLifeTime)
	case req.MsgLifeTime != nil && *req.MsgLifeTime > maxMsgLifeTime:
		return nil, protocol.NewError(protocol.CodeMsgLifeTooLong)
	case extra.SyncOtherMachine != nil && *extra.SyncOtherMachine != syncSender && *extra.SyncOtherMachine != noSyncSender:
		return nil, protocol.NewError(protocol.CodeSyncOther)
	case len(req.MsgBody)+len(req.CloudCustomData) > w.cfg.MaxMessage:
		return nil, protocol.Errorf(tooLong, "message has more than %d bytes", w.cfg.MaxMessage)
	}
	if extra.OnlineOnlyFlag == 1 {
		m.flags |= onlineOnly
	}
	if extra.SyncOtherMachine != nil && *extra.SyncOtherMachine == noSyncSender {
		m.flags |= unseenByFrom
	}
	if req.FromAccount == "" {
		m.from, err = w.adminAccount(r.admin)
	} else if m.from = w.accounts[req.FromAccount]; m.from == nil {
		err = protocol.Errorf(protocol.CodeMsgFromAccount, "From_Account %q is not an account", req.FromAccount)
	}
	if err != nil {
		return nil, err
	}
	if req.MsgSeq == 0 {
		w.counters.REST++
		req.MsgSeq = uint32(w.counters.REST)
	}
	return m, nil
}

// restDeliver stores and pushes it to one receiver; hook tells whether
// Config.BeforeSend is asked.
func (w *World) restDeliver(rm *restMessage, to *account, hook bool) (*message, error) {
	c := w.chat(rm.from.id, to.id)
	if sent := c.sent(messageKey{rm.from.id, rm.req.MsgSeq, rm.req.MsgRandom}); sent != nil {
		return sent, nil
	}
	m := &message{
		from: rm.from, to: to, seq: rm.req.MsgSeq, random: rm.req.MsgRandom, time: w.sec(), clientTime: w.sec(),
		body: bytes.Clone(rm.req.MsgBody), custom: rm.req.CloudCustomData, flags: rm.flags, until: w.lifetimeOf(rm.req),
	}
	if m.from == m.to {
		m.flags &^= unseenByFrom
	}
	if hook {
		verdict, err := w.admit(m, true)
		if err != nil || verdict == dropped {
			return m, err
		}
	}
	w.keep(c, m)
	w.deliverTo(m.to, m, nil)
	if sync := rm.extra.SyncOtherMachine; m.from != m.to && sync != nil && *sync == syncSender {
		w.deliverTo(m.from, m, nil)
	}
	return m, nil
}

// restSend is openim/sendmsg. Friendship, blocklist and mute are not looked
// at, as documented; the before-send hook is, unless forbidden.
func (w *World) restSend(r *restRequest) (protocol.Reply, error) {
	rm, err := w.restParse(r, r.body, protocol.CodePacketTooLong)
	if err != nil {
		return nil, err
	}
	to := w.accounts[rm.req.ToAccount]
	if to == nil {
		return nil, protocol.Errorf(protocol.CodeMsgToMissing, "To_Account %q is not an account", rm.req.ToAccount)
	}
	hook := !slices.Contains(rm.extra.ForbidCallbackControl, "ForbidBeforeSendMsgCallback")
	m, err := w.restDeliver(rm, to, hook)
	if err != nil {
		return nil, err
	}
	return &protocol.SendMsgReply{MsgTime: m.time, MsgKey: m.key().String()}, nil
}

// restBatchSend is openim/batchsendmsg: one message to many; no hook.
func (w *World) restBatchSend(r *restRequest) (protocol.Reply, error) {
	fields, err := restBody[map[string]json.RawMessage](r)
	if err != nil {
		return nil, err
	}
	var to []string
	if err := json.Unmarshal((*fields)["To_Account"], &to); err != nil {
		return nil, protocol.NewError(protocol.CodeBatchToType)
	}
	switch {
	case len(to) == 0:
		return nil, protocol.NewError(protocol.CodeBatchToEmpty)
	case len(to) > maxBatch:
		return nil, protocol.NewError(protocol.CodeBatchTooMany)
	}
	(*fields)["To_Account"] = json.RawMessage(`"-"`)
	one, err := json.Marshal(*fields)
	if err != nil {
		return nil, err
	}
	rm, err := w.restParse(r, one, protocol.CodeBatchTooLong)
	if err != nil {
		return nil, err
	}
	reply := &protocol.RESTBatchReply{
		MsgKey: protocol.MsgKey{Seq: rm.req.MsgSeq, Random: rm.req.MsgRandom, Time: w.sec()}.String(),
	}
	for _, id := range to {
		if w.accounts[id] == nil {
			reply.ErrorList = append(reply.ErrorList, protocol.RESTAccountError{ToAccount: id, ErrorCode: protocol.CodeAccountMissing})
			continue
		}
		if _, err := w.restDeliver(rm, w.accounts[id], false); err != nil {
			return nil, err
		}
	}
	return reply, nil
}

// restFind finds the message that a call names by MsgKey.
func (w *World) restFind(req *protocol.RESTMsgRef) (*message, error) {
	key, err := protocol.ParseMsgKey(req.MsgKey)
	if err != nil {
		return nil, err
	}
	switch {
	case req.FromAccount == "":
		return nil, protocol.NewError(protocol.CodeMsgFromAccount)
	case req.ToAccount == "":
		return nil, protocol.NewError(protocol.CodeMsgToAccount)
	}
	return w.messageBy(req.FromAccount, req.ToAccount, key)
}

// restRecall is openim/admin_msgwithdraw: no time limit; both sides are told.
func (w *World) restRecall(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTMsgRef](r)
	if err != nil {
		return nil, err
	}
	m, err := w.restFind(req)
	if err != nil {
		return nil, err
	}
	w.recall(w.chat(m.from.id, m.to.id), m, nil, &protocol.RevokerInfo{RevokerAccount: r.admin})
	return nil, nil
}

// restModify is openim/modify_c2c_msg: what is left out stays as it is.
func (w *World) restModify(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTMsgRef](r)
	if err != nil {
		return nil, err
	}
	m, err := w.restFind(req)
	if err != nil {
		return nil, err
	}
	body, custom := m.body, m.custom
	if len(req.MsgBody) > 0 {
		if err := protocol.CheckMsgBody(req.MsgBody); err != nil {
			return nil, err
		}
		body = req.MsgBody
	}
	if req.CloudCustomData != nil {
		custom = *req.CloudCustomData
	}
	if len(body)+len(custom) > w.cfg.MaxMessage {
		return nil, protocol.NewError(protocol.CodePacketTooLong)
	}
	w.change(m, body, custom, nil)
	return nil, nil
}

// restSetRead is openim/admin_set_msg_read.
func (w *World) restSetRead(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTSetRead](r)
	if err != nil {
		return nil, err
	}
	reader, peer := w.accounts[req.ReportAccount], w.accounts[req.PeerAccount]
	if reader == nil || peer == nil {
		return nil, protocol.NewError(protocol.CodeMsgToMissing)
	}
	second := w.sec()
	if req.MsgReadTime > 0 {
		second = min(second, req.MsgReadTime)
	}
	w.read(reader, peer, second, nil)
	return nil, nil
}

// maxUnreadPeers is how many peers one get_c2c_unread_msg_num may name.
const maxUnreadPeers = 10

func (w *World) restUnread(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTUnread](r)
	if err != nil {
		return nil, err
	}
	a := w.accounts[req.ToAccount]
	switch {
	case a == nil:
		return nil, protocol.NewError(protocol.CodeMsgToMissing)
	case len(req.PeerAccount) > maxUnreadPeers:
		return nil, protocol.NewError(protocol.CodeBatchTooMany)
	}
	unread := func(peer string) int {
		if chat := w.chatIfAny(a.id, peer); chat != nil {
			return chat.side(a).Unread
		}
		return 0
	}
	reply := &protocol.RESTUnreadReply{}
	for _, id := range req.PeerAccount {
		if w.accounts[id] == nil {
			reply.ErrorList = append(reply.ErrorList, protocol.RESTPeerError{PeerAccount: id, ErrorCode: protocol.CodeAccountMissing})
			continue
		}
		reply.C2CUnreadMsgNumList = append(reply.C2CUnreadMsgNumList, protocol.RESTUnreadPeer{PeerAccount: id, C2CUnreadMsgNum: unread(id)})
	}
	for _, c := range w.contactList(a) {
		reply.AllC2CUnreadMsgNum += unread(c.key.id)
	}
	return reply, nil
}
