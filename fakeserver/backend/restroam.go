package backend

import "github.com/imsim/imsim/protocol"

// restRoamBytes is the documented size of one answer; the caller goes on with
// LastMsgKey and MaxTime = LastMsgTime.
const restRoamBytes = 13 << 10

// restRoam is openim/admin_getroammsg: what From_Account sees of its chat with
// To_Account between two seconds, the newest that fit, oldest first.
func (w *World) restRoam(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTRoam](r)
	if err != nil {
		return nil, err
	}
	from := w.accounts[req.FromAccount]
	switch {
	case from == nil:
		return nil, protocol.NewError(protocol.CodeMsgFromAccount)
	case w.accounts[req.ToAccount] == nil:
		return nil, protocol.NewError(protocol.CodeMsgToMissing)
	case req.MaxCnt < 1 || req.MaxTime < req.MinTime:
		return nil, protocol.Errorf(protocol.CodeMsgFormat, "MaxCnt, MinTime and MaxTime are missing or wrong")
	}
	reply := &protocol.RESTRoamReply{Complete: 1, MsgList: []protocol.RESTRoamMsg{}}
	chat := w.chatIfAny(req.FromAccount, req.ToAccount)
	if chat == nil {
		return reply, nil
	}
	end, err := chat.before(&protocol.GetRoamMsgRequest{MsgKey: req.LastMsgKey, LastMsgTime: req.MaxTime})
	if err != nil {
		return nil, err
	}
	bytes := 0
	for i := end - 1; i >= 0; i-- {
		m := chat.messages[i]
		if m.time < max(req.MinTime, w.oldest()) || m.no <= chat.side(from).ClearedTo {
			break
		}
		if m.time > req.MaxTime || m.deletedFor(from) {
			continue
		}
		bytes += len(m.body) + len(m.custom)
		if len(reply.MsgList) == min(req.MaxCnt, maxRoamPage) || len(reply.MsgList) > 0 && bytes > restRoamBytes {
			reply.Complete = 0
			break
		}
		reply.MsgList = append(reply.MsgList, roamMsg(chat, m))
	}
	for i, j := 0, len(reply.MsgList)-1; i < j; i, j = i+1, j-1 {
		reply.MsgList[i], reply.MsgList[j] = reply.MsgList[j], reply.MsgList[i]
	}
	if reply.MsgCnt = len(reply.MsgList); reply.MsgCnt > 0 {
		reply.LastMsgTime, reply.LastMsgKey = reply.MsgList[0].MsgTimeStamp, reply.MsgList[0].MsgKey
	}
	return reply, nil
}

func roamMsg(c *chat, m *message) protocol.RESTRoamMsg {
	item := protocol.RESTRoamMsg{
		FromAccount: m.from.id, ToAccount: m.to.id, MsgSeq: m.seq, MsgRandom: m.random, MsgTimeStamp: m.time,
		MsgKey: m.key().String(), MsgBody: m.body, CloudCustomData: m.custom,
	}
	if m.is(revoked) {
		item.MsgFlagBits = protocol.FlagC2CRecalled
	}
	if m.time <= c.side(m.to).ReadTime {
		item.IsPeerRead = 1
	}
	return item
}
