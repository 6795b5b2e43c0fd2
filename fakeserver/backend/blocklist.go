package backend

import "github.com/imsim/imsim/protocol"

// maxSNSBatch is how many accounts one request may name (semantics.md §4.3,
// api.md rows 33–38).
const maxSNSBatch = 1000

// blackList is sns.black_list_get: always the whole list, since 2.14 and 2.27
// never ask for a second page.
func (w *World) blackList(r *request) (protocol.Reply, error) {
	reply := &protocol.BlackListReply{BlackListItem: []protocol.BlackListItem{}}
	for _, b := range r.user().relations.blocked.list {
		reply.BlackListItem = append(reply.BlackListItem, protocol.BlackListItem{ToAccount: b.UserID, AddBlackTimeStamp: b.Time})
	}
	return reply, nil
}

// blackListAdd is sns.black_list_add. It ends a friendship in both lists. All
// instances of both are told before the reply: the SDKs learn it from the push
// alone.
func (w *World) blackListAdd(r *request) (protocol.Reply, error) {
	user := r.user()
	return w.changeBlackList(r, func(n *news, id string) protocol.Code {
		other := w.accounts[id]
		blocked := &user.relations.blocked
		switch {
		case other == nil:
			return protocol.CodeSNSNoUser
		case other == user:
			return protocol.CodeSNSParam
		case blocked.has(id):
			return protocol.OK
		case len(blocked.list) >= w.cfg.MaxBlocked:
			return protocol.CodeBlackListFull
		}
		blocked.put(&blockedUser{id, w.sec()})
		w.unfriend(n, user, other)
		w.unfriend(n, other, user)
		n.of(user).blocked = append(n.of(user).blocked, id)
		return protocol.OK
	})
}

// blackListDelete is sns.black_list_delete. It restores no friendship.
func (w *World) blackListDelete(r *request) (protocol.Reply, error) {
	user := r.user()
	return w.changeBlackList(r, func(n *news, id string) protocol.Code {
		if user.relations.blocked.drop(id) {
			n.of(user).unblocked = append(n.of(user).unblocked, id)
		}
		return protocol.OK
	})
}

func (w *World) changeBlackList(r *request, change func(*news, string) protocol.Code) (protocol.Reply, error) {
	req, err := decode[protocol.BlackListRequest](r)
	if err != nil {
		return nil, err
	}
	return w.forEach(r, req.ToAccount, change)
}

// forEach changes something for each account that a request names, tells the
// news, and answers what became of each.
func (w *World) forEach(r *request, ids []string, change func(*news, string) protocol.Code) (protocol.Reply, error) {
	if err := checkBatch(len(ids)); err != nil {
		return nil, err
	}
	n := w.news()
	reply := &protocol.SNSResultReply{ResultItem: []protocol.SNSResult{}}
	for _, id := range ids {
		result := snsResult(id, change(n, id))
		if result.ResultCode != protocol.OK {
			reply.FailAccount = append(reply.FailAccount, id)
		}
		reply.ResultItem = append(reply.ResultItem, result)
	}
	n.tell(r, nil)
	return reply, nil
}

func checkBatch(n int) error {
	if n == 0 || n > maxSNSBatch {
		return protocol.Errorf(protocol.CodeSNSParam, "a request names 1 to %d accounts", maxSNSBatch)
	}
	return nil
}

func snsResult(id string, code protocol.Code) protocol.SNSResult {
	result := protocol.SNSResult{ToAccount: id, ResultCode: code}
	if code != protocol.OK {
		result.ResultInfo = code.Text()
	}
	return result
}
