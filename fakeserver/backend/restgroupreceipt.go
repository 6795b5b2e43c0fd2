package backend

import "github.com/imsim/imsim/protocol"

// maxRESTReaders is how many members one get_group_msg_receipt_detail lists.
const maxRESTReaders = 200

// restModifyInGroup is openim/modify_group_msg: what is left out stays as it is.
func (w *World) restModifyInGroup(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTGroupModifyMsg](r)
	if err != nil {
		return nil, err
	}
	g, err := w.forApp(req.GroupID, OpHistory)
	if err != nil {
		return nil, err
	}
	m, err := g.modifiable(req.MsgSeq)
	if err != nil {
		return nil, err
	}
	custom := m.custom
	if req.CloudCustomData != nil {
		custom = *req.CloudCustomData
	}
	return nil, w.changeInGroup(g, m, req.MsgBody, custom, nil)
}

// restReceipt is group_msg_receipt: a member confirms messages.
func (w *World) restReceipt(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTGroupReceipt](r)
	if err != nil {
		return nil, err
	}
	g, err := w.receiptsForApp(&req.GroupReceiptRequest)
	if err != nil {
		return nil, err
	}
	me, err := g.named(req.FromAccount)
	if err != nil {
		return nil, err
	}
	w.confirm(g, me, req.MsgSeqList)
	return nil, nil
}

// restReceipts is get_group_msg_receipt.
func (w *World) restReceipts(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.GroupReceiptRequest](r)
	if err != nil {
		return nil, err
	}
	g, err := w.receiptsForApp(req)
	if err != nil {
		return nil, err
	}
	return g.receipts(req.MsgSeqList), nil
}

func (w *World) receiptsForApp(req *protocol.GroupReceiptRequest) (*group, error) {
	g, err := w.forApp(req.GroupID, OpHistory)
	if err != nil {
		return nil, err
	}
	return g, checkReceipts(req)
}

// restReaders is get_group_msg_receipt_detail.
func (w *World) restReaders(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTGroupReaders](r)
	if err != nil {
		return nil, err
	}
	g, err := w.forApp(req.GroupID, OpHistory)
	if err != nil {
		return nil, err
	}
	req.Flag, req.Num = req.Filter, req.Count
	return g.readersPage(&req.GroupReadersRequest, maxRESTReaders)
}
