package backend

import (
	"slices"
	"strings"

	"github.com/imsim/imsim/protocol"
)

// Values of the profile that decide about applications.
const (
	allowNeedConfirm = "AllowType_Type_NeedConfirm"
	allowDenyAny     = "AllowType_Type_DenyAny"
	forbidSendOut    = "AdminForbid_Type_SendOut"
)

// friendAdd is sns.friend_add: friends at once, or an application.
func (w *World) friendAdd(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.FriendAddRequest](r)
	if err != nil {
		return nil, err
	}
	return w.addFriends(r, req, false)
}

// addFriends adds each of a request; by force nobody is asked.
func (w *World) addFriends(r *request, req *protocol.FriendAddRequest, force bool) (protocol.Reply, error) {
	if err := checkBatch(len(req.AddFriendItem)); err != nil {
		return nil, err
	}
	n := w.news()
	reply := &protocol.SNSResultReply{ResultItem: []protocol.SNSResult{}}
	for _, item := range req.AddFriendItem {
		code := w.addFriend(n, r.user(), item, req.AddType != protocol.AddSingle, force)
		reply.ResultItem = append(reply.ResultItem, snsResult(item.ToAccount, code))
	}
	n.tell(r, nil)
	return reply, nil
}

// addFriend checks in the order of relations.md §4.4.
func (w *World) addFriend(n *news, user *account, item protocol.FriendAddItem, both, force bool) protocol.Code {
	other := w.accounts[item.ToAccount]
	switch {
	case !validAddition(item) || other == user:
		return protocol.CodeSNSParam
	case other == nil:
		return protocol.CodeSNSNoUser
	case !force && user.text(protocol.TagAdminForbid) == forbidSendOut:
		return protocol.CodeFriendForbidden
	case user.blocks(other.id):
		return protocol.CodePeerBlocked
	case other.blocks(user.id):
		return protocol.CodeBlockedByPeer
	case user.relations.friends.has(other.id): // as the public service says
		return protocol.CodeSNSParam
	case w.friendsFull(user):
		return protocol.CodeFriendsFull
	}
	mutual := both && !other.relations.friends.has(user.id)
	if mutual && w.friendsFull(other) {
		return protocol.CodePeerFriendsFull
	}
	switch allow := other.text(protocol.TagAllowType); {
	case force:
	case allow == allowDenyAny:
		return protocol.CodePeerDenies
	case allow == allowNeedConfirm:
		return w.apply(n, user, other, item)
	}
	if !w.hasRoomFor(user, item.GroupName) {
		return protocol.CodeFriendGroupsFull
	}
	w.befriend(n, user, other, friend{
		remark: item.Remark, source: item.AddSource, wording: item.AddWording, groups: w.enlist(user, item.GroupName),
	})
	if mutual {
		w.befriend(n, other, user, friend{source: item.AddSource, wording: item.AddWording})
	}
	return protocol.OK
}

func validAddition(item protocol.FriendAddItem) bool {
	source, ok := strings.CutPrefix(item.AddSource, sourcePrefix)
	return ok && len(source) <= maxSource && len(item.Remark) <= maxRemark &&
		len(item.AddWording) <= maxWording && len(item.GroupName) <= maxGroupName
}

func (w *World) friendsFull(a *account) bool {
	return len(a.relations.friends.list) >= w.cfg.MaxFriends
}

// hasRoomFor tells whether the friend list of that name exists or can be made.
func (w *World) hasRoomFor(a *account, group string) bool {
	return group == "" || slices.Contains(a.relations.groups, group) || len(a.relations.groups) < w.cfg.MaxFriendGroups
}

// enlist is the friend lists of a new friend; one that is missing is made.
func (w *World) enlist(a *account, group string) []string {
	if group == "" || !w.hasRoomFor(a, group) {
		return nil
	}
	if !slices.Contains(a.relations.groups, group) {
		a.relations.groups = append(a.relations.groups, group)
	}
	return []string{group}
}
