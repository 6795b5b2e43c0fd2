package backend

import (
	"github.com/imsim/imsim/protocol"
)

// maxBlocked is how many accounts a blocklist holds, and a request may name
// (semantics.md §4.3); more is 30013.
const maxBlocked = 1000

// blockedUser is an entry of a blocklist, in the order of blocking.
type blockedUser struct {
	UserID string `json:"userID"`
	Time   int64  `json:"time"`
}

func (a *account) blocks(id string) bool {
	for i := range a.blocked {
		if a.blocked[i].UserID == id {
			return true
		}
	}
	return false
}

// blackList is sns.black_list_get: always the whole list, since 2.14 and 2.27
// never ask for a second page.
func (w *World) blackList(r *request) (protocol.Reply, error) {
	reply := &protocol.BlackListReply{BlackListItem: []protocol.BlackListItem{}}
	for _, b := range r.user().blocked {
		reply.BlackListItem = append(reply.BlackListItem, protocol.BlackListItem{ToAccount: b.UserID, AddBlackTimeStamp: b.Time})
	}
	return reply, nil
}

// blackListAdd is sns.black_list_add. All of the user's instances are told,
// the calling one too and before the reply: the SDKs learn it from the push.
func (w *World) blackListAdd(r *request) (protocol.Reply, error) {
	return w.changeBlackList(r, func(user *account, id string) protocol.Code {
		switch {
		case w.accounts[id] == nil:
			return protocol.CodeSNSNoUser
		case id == user.id:
			return protocol.CodeSNSParam
		case user.blocks(id):
			return protocol.OK
		case len(user.blocked) >= maxBlocked:
			return protocol.CodeBlackListFull
		}
		user.blocked = append(user.blocked, blockedUser{id, w.sec()})
		return protocol.OK
	}, func(ids []string) protocol.FriendListMod {
		return protocol.FriendListMod{PushType: protocol.BlackListAdded, BlackListAddAccount: ids}
	})
}

// blackListDelete is sns.black_list_delete, told like an addition.
func (w *World) blackListDelete(r *request) (protocol.Reply, error) {
	return w.changeBlackList(r, func(user *account, id string) protocol.Code {
		for i := range user.blocked {
			if user.blocked[i].UserID == id {
				user.blocked = append(user.blocked[:i:i], user.blocked[i+1:]...)
				break
			}
		}
		return protocol.OK
	}, func(ids []string) protocol.FriendListMod {
		return protocol.FriendListMod{PushType: protocol.BlackListDeleted, BlackListDelAccount: ids}
	})
}

func (w *World) changeBlackList(r *request, change func(*account, string) protocol.Code,
	mod func([]string) protocol.FriendListMod,
) (protocol.Reply, error) {
	req, err := decode[protocol.BlackListRequest](r)
	if err != nil {
		return nil, err
	}
	if len(req.ToAccount) == 0 || len(req.ToAccount) > maxBlocked {
		return nil, protocol.Errorf(protocol.CodeSNSParam, "To_Account must name 1 to %d accounts", maxBlocked)
	}
	reply := &protocol.SNSResultReply{ResultItem: []protocol.SNSResult{}}
	var changed []string
	for _, id := range req.ToAccount {
		had := r.user().blocks(id)
		code := change(r.user(), id)
		result := protocol.SNSResult{ToAccount: id, ResultCode: code}
		if code != protocol.OK {
			result.ResultInfo = code.Text()
			reply.FailAccount = append(reply.FailAccount, id)
		} else if had != r.user().blocks(id) {
			changed = append(changed, id)
		}
		reply.ResultItem = append(reply.ResultItem, result)
	}
	if len(changed) > 0 {
		w.notify(r.user(), nil, protocol.PushEvent{Event: protocol.EventFriendList, FriendListMod: []protocol.FriendListMod{mod(changed)}})
	}
	return reply, nil
}
