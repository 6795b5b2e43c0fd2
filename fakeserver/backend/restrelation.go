package backend

import (
	"slices"
	"strings"

	"github.com/imsim/imsim/protocol"
)

type userCommand = func(*World, *request) (protocol.Reply, error)

// restRelationCommands is every REST command about profiles, friends and
// blocklists: what the user's own command of that name does.
func restRelationCommands() map[string]restCommand {
	table := map[string]restCommand{
		"profile/portrait_get": {(*World).restProfileGet, protocol.CodeProfileParam},
		"profile/portrait_set": {forUser((*World).profileSet, protocol.CodeProfileParam, protocol.CodeProfileNoUser), protocol.CodeProfileParam},
	}
	for name, run := range map[string]userCommand{
		"friend_add":        (*World).restFriendAdd,
		"friend_import":     (*World).restFriendImport,
		"friend_delete":     (*World).friendDelete,
		"friend_delete_all": (*World).restFriendDeleteAll,
		"friend_check":      (*World).friendCheck,
		"friend_get":        (*World).restFriendGet,
		"friend_get_list":   (*World).restFriendGetList,
		"friend_update":     (*World).friendUpdate,
		"black_list_add":    (*World).blackListAdd,
		"black_list_delete": (*World).blackListDelete,
		"black_list_get":    (*World).blackList,
		"black_list_check":  (*World).restBlackCheck,
		"group_add":         (*World).friendGroupAdd,
		"group_delete":      (*World).friendGroupDelete,
		"group_get":         (*World).friendGroupGet,
	} {
		table["sns/"+name] = restCommand{forUser(run, protocol.CodeSNSParam, protocol.CodeSNSNoUser), protocol.CodeSNSParam}
	}
	return table
}

// forUser carries out a command for From_Account. It comes from an instance of
// its own that is nowhere listed, so that all of the user's are told.
func forUser(run userCommand, param, missing protocol.Code) func(*World, *restRequest) (protocol.Reply, error) {
	return func(w *World, r *restRequest) (protocol.Reply, error) {
		req, err := restBody[protocol.RESTFrom](r)
		if err != nil {
			return nil, err
		}
		user := w.accounts[req.FromAccount]
		switch {
		case req.FromAccount == "":
			return nil, protocol.Errorf(param, "From_Account is missing")
		case user == nil:
			return nil, protocol.Errorf(missing, "no account %q", req.FromAccount)
		}
		return run(w, &request{sess: &session{user: user}, body: r.body})
	}
}

// restProfileGet is profile/portrait_get.
func (w *World) restProfileGet(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTProfileGet](r)
	if err != nil {
		return nil, err
	}
	if len(req.ToAccount) == 0 || len(req.ToAccount) > maxProfiles {
		return nil, protocol.Errorf(protocol.CodeProfileParam, "needs 1 to %d accounts", maxProfiles)
	}
	reply := &protocol.RESTProfileGetReply{UserProfileItem: []protocol.UserProfile{}}
	for _, id := range req.ToAccount {
		p := w.userProfile(id)
		if p.ResultCode != protocol.OK {
			p.ToAccount = id
			reply.FailAccount = append(reply.FailAccount, id)
		}
		p.ProfileItem = slices.DeleteFunc(p.ProfileItem, func(item protocol.ProfileItem) bool {
			return len(req.TagList) > 0 && !slices.Contains(req.TagList, item.Tag)
		})
		reply.UserProfileItem = append(reply.UserProfileItem, p)
	}
	return reply, nil
}

// restFriendAdd is sns/friend_add; only the app can add by force.
func (w *World) restFriendAdd(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.RESTFriendAdd](r)
	if err != nil {
		return nil, err
	}
	return w.addFriends(r, &req.FriendAddRequest, req.ForceAddFlags == 1)
}

// restFriendImport is sns/friend_import: the user's list alone grows, and
// nobody is asked.
func (w *World) restFriendImport(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.RESTFriendImport](r)
	if err == nil {
		err = checkBatch(len(req.AddFriendItem))
	}
	if err != nil {
		return nil, err
	}
	items := req.AddFriendItem
	next := 0
	ids := make([]string, 0, len(items))
	for _, item := range items {
		ids = append(ids, item.ToAccount)
	}
	return w.forEach(r, ids, func(n *news, _ string) protocol.Code { // in the order of ids
		next++
		return w.importFriend(n, r.user(), items[next-1])
	})
}

func (w *World) importFriend(n *news, user *account, item protocol.RESTFriendItem) protocol.Code {
	other := w.accounts[item.ToAccount]
	f := friend{remark: item.Remark, source: item.AddSource, wording: item.AddWording, addTime: item.AddTime}
	switch {
	case other == user || item.AddTime < 0 ||
		!validAddition(protocol.FriendAddItem{AddSource: item.AddSource, AddWording: item.AddWording, Remark: item.Remark}) ||
		slices.ContainsFunc(item.GroupName, func(name string) bool { return validGroupName(name) != nil }) ||
		f.update(item.CustomItem) != "":
		return protocol.CodeSNSParam
	case other == nil:
		return protocol.CodeSNSNoUser
	case user.relations.friends.has(other.id):
		return protocol.CodeSNSParam
	case user.blocks(other.id):
		return protocol.CodePeerBlocked
	case other.blocks(user.id):
		return protocol.CodeBlockedByPeer
	case w.friendsFull(user):
		return protocol.CodeFriendsFull
	}
	missing := 0
	var names []string
	for _, name := range item.GroupName {
		if slices.Contains(names, name) {
			continue
		}
		names = append(names, name)
		if !slices.Contains(user.relations.groups, name) {
			missing++
		}
	}
	if len(user.relations.groups)+missing > w.cfg.MaxFriendGroups {
		return protocol.CodeFriendGroupsFull
	}
	for _, name := range names {
		f.groups = append(f.groups, w.enlist(user, name)...)
	}
	w.befriend(n, user, other, f)
	return protocol.OK
}

// restFriendDeleteAll is sns/friend_delete_all.
func (w *World) restFriendDeleteAll(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.FriendDeleteRequest](r)
	if err != nil {
		return nil, err
	}
	n, user := w.news(), r.user()
	for _, f := range slices.Clone(user.relations.friends.list) {
		w.unfriend(n, user, f.user)
		if req.DeleteType == protocol.DeleteBoth {
			w.unfriend(n, f.user, user)
		}
	}
	n.tell(r, nil)
	return &protocol.Status{}, nil
}

// restFriendGet is sns/friend_get, without profiles.
func (w *World) restFriendGet(r *request) (protocol.Reply, error) {
	reply, err := w.friendGet(r)
	if page, ok := reply.(*protocol.FriendGetReply); ok {
		for i := range page.UserDataItem {
			data := &page.UserDataItem[i]
			data.ValueItem = slices.DeleteFunc(data.ValueItem, func(item protocol.SNSItem) bool { return !strings.HasPrefix(item.Tag, "Tag_SNS_") })
		}
	}
	return reply, err
}

// restFriendGetList is sns/friend_get_list: the fields of TagList.
func (w *World) restFriendGetList(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.RESTFriendList](r)
	if err != nil {
		return nil, err
	}
	reply, err := w.friendGetList(r)
	if list, ok := reply.(*protocol.FriendListReply); ok && len(req.TagList) > 0 {
		for i := range list.InfoItem {
			info := &list.InfoItem[i]
			info.SNSProfileItem = slices.DeleteFunc(info.SNSProfileItem, func(item protocol.SNSItem) bool { return !slices.Contains(req.TagList, item.Tag) })
		}
	}
	return reply, err
}

// restBlackCheck is sns/black_list_check.
func (w *World) restBlackCheck(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.FriendListRequest](r)
	if err == nil {
		err = checkBatch(len(req.ToAccount))
	}
	if err != nil {
		return nil, err
	}
	if req.CheckType != protocol.BlackCheckSingle && req.CheckType != protocol.BlackCheckBoth {
		return nil, protocol.Errorf(protocol.CodeSNSParam, "unknown CheckType %q", req.CheckType)
	}
	reply := &protocol.RESTBlackCheckReply{BlackListCheckItem: []protocol.FriendRelation{}}
	for _, id := range req.ToAccount {
		item := protocol.FriendRelation{SNSResult: snsResult(id, protocol.OK), Relation: protocol.BlackNone}
		other := w.accounts[id]
		mine := r.user().blocks(id)
		his := other != nil && req.CheckType == protocol.BlackCheckBoth && other.blocks(r.user().id)
		switch {
		case other == nil:
			item.SNSResult = snsResult(id, protocol.CodeSNSNoUser)
			reply.FailAccount = append(reply.FailAccount, id)
		case mine && his:
			item.Relation = protocol.BlackBothWay
		case mine:
			item.Relation = protocol.BlackAWithB
		case his:
			item.Relation = protocol.BlackBWithA
		}
		reply.BlackListCheckItem = append(reply.BlackListCheckItem, item)
	}
	return reply, nil
}
