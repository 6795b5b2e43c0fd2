package backend

import (
	"slices"
	"strconv"

	"github.com/imsim/imsim/protocol"
)

const (
	maxReceiptMembers = 200 // of a group whose messages may ask for read receipts
	maxGroupReceipts  = 50  // messages that one request may confirm or ask about
	maxReaders        = 100 // members in one page
)

// groupReceipt is group_msg_receipt (2.27 and later): a member confirms
// messages that asked for it. What the member may not see, sent itself or
// confirmed already is passed over. Unread numbers stay as they are.
func (w *World) groupReceipt(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupReceiptRequest](r)
	if err != nil {
		return nil, err
	}
	g, me, err := w.receiptsOf(r.user(), req)
	if err != nil {
		return nil, err
	}
	w.reply(r, &protocol.Status{})
	w.confirm(g, me, req.MsgSeqList)
	return nil, errAnswered
}

// receiptsOf finds the group of a request that names messages.
func (w *World) receiptsOf(user *account, req *protocol.GroupReceiptRequest) (*group, *member, error) {
	g, me, err := w.permitted(user, req.GroupID, OpHistory)
	if err != nil {
		return nil, nil, err
	}
	return g, me, checkReceipts(req)
}

func checkReceipts(req *protocol.GroupReceiptRequest) error {
	if len(req.MsgSeqList) == 0 || len(req.MsgSeqList) > maxGroupReceipts {
		return protocol.Errorf(protocol.CodeGroupParam, "MsgSeqList needs 1 to %d messages", maxGroupReceipts)
	}
	return nil
}

// confirm notes a member as a reader, and tells each sender how many there are
// now.
func (w *World) confirm(g *group, me *member, list []protocol.GroupMsgSeq) {
	var senders []*account
	told := map[*account][]protocol.Fields{}
	for _, item := range list {
		m := g.asked(item.MsgSeq)
		if m == nil || m.from == me.account || !me.visible(m) || slices.Contains(g.readers[m.seq], me.account.id) {
			continue
		}
		g.readers[m.seq] = append(g.readers[m.seq], me.account.id)
		if told[m.from] == nil {
			senders = append(senders, m.from)
		}
		told[m.from] = append(told[m.from], protocol.Fields{
			{Name: "TinyId", Value: m.from.tiny}, {Name: "MsgClientTime", Value: m.clientTime}, {Name: "MsgRandom", Value: m.random},
			{Name: "MsgSeq", Value: m.seq}, {Name: "ReadNum", Value: len(g.readers[m.seq])}, {Name: "UnreadNum", Value: len(g.waiting(m))},
		})
	}
	for _, sender := range senders {
		w.notify(sender, nil, groupEvent(protocol.EventGroupSystem, protocol.Fields{
			{Name: "ToGroupId", Value: g.ID}, {Name: "GroupInfo", Value: protocol.Fields{{Name: "GroupId", Value: g.ID}}},
			{Name: "MsgBody", Value: protocol.Fields{{Name: "GroupMsgReceiptList", Value: told[sender]}}},
		}))
	}
}

// asked finds a stored message that asks for receipts and was not recalled.
func (g *group) asked(seq uint32) *groupMessage {
	if m := g.find(seq); m != nil && m.is(wantsReceipt) && !m.is(revoked) {
		return m
	}
	return nil
}

// waiting is the members who have not confirmed a message, in the order of
// joining.
func (g *group) waiting(m *groupMessage) []string {
	var ids []string
	for _, member := range g.members {
		id := member.account.id
		if member.account != m.from && member.visible(m) && !slices.Contains(g.readers[m.seq], id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// groupReceipts is get_group_msg_receipt: how many confirmed each message.
func (w *World) groupReceipts(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupReceiptRequest](r)
	if err != nil {
		return nil, err
	}
	g, _, err := w.receiptsOf(r.user(), req)
	if err != nil {
		return nil, err
	}
	return g.receipts(req.MsgSeqList), nil
}

func (g *group) receipts(list []protocol.GroupMsgSeq) *protocol.GroupReceiptReply {
	reply := &protocol.GroupReceiptReply{GroupMsgReceiptList: []protocol.GroupReceipt{}}
	for _, item := range list {
		receipt := protocol.GroupReceipt{Code: protocol.CodeNoReceipt, MsgSeq: item.MsgSeq}
		if m := g.asked(item.MsgSeq); m != nil {
			receipt.Code, receipt.ReadNum, receipt.UnreadNum = protocol.OK, len(g.readers[m.seq]), len(g.waiting(m))
		}
		reply.GroupMsgReceiptList = append(reply.GroupMsgReceiptList, receipt)
	}
	return reply
}

// groupReaders is get_group_msg_receipt_detail: who confirmed a message, or
// with Flag 1 who has not.
func (w *World) groupReaders(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupReadersRequest](r)
	if err != nil {
		return nil, err
	}
	g, _, err := w.permitted(r.user(), req.GroupID, OpHistory)
	if err != nil {
		return nil, err
	}
	return g.readersPage(req, maxReaders)
}

// readersPage takes the number of members before the page as its cursor.
func (g *group) readersPage(req *protocol.GroupReadersRequest, most int) (protocol.Reply, error) {
	m := g.asked(req.MsgSeq)
	if m == nil {
		return nil, protocol.NewError(protocol.CodeNoReceipt)
	}
	first := 0
	if req.Cursor != "" {
		n, err := strconv.Atoi(req.Cursor)
		if err != nil || n < 0 {
			return nil, protocol.Errorf(protocol.CodeGroupParam, "no cursor %q", req.Cursor)
		}
		first = n
	}
	if req.Num > 0 {
		most = min(most, req.Num)
	}
	ids := g.readers[m.seq]
	if req.Flag == 1 {
		ids = g.waiting(m)
	}
	end := min(first+most, len(ids))
	reply := &protocol.GroupReadersReply{ReadList: []protocol.GroupReader{}, UnreadList: []protocol.GroupWaiting{}}
	for _, id := range ids[min(first, end):end] {
		if req.Flag == 1 {
			reply.UnreadList = append(reply.UnreadList, protocol.GroupWaiting{UnreadAccount: id})
		} else {
			reply.ReadList = append(reply.ReadList, protocol.GroupReader{ReadAccount: id})
		}
	}
	if end == len(ids) {
		reply.IsFinish = 1
	} else {
		reply.Cursor = strconv.Itoa(end)
	}
	return reply, nil
}
