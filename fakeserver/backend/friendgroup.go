package backend

import (
	"slices"

	"github.com/imsim/imsim/protocol"
)

// maxGroupName is the longest name of a friend list, in bytes.
const maxGroupName = 30

// friendGroupGet is sns.group_get: all friend lists with their members.
func (w *World) friendGroupGet(r *request) (protocol.Reply, error) {
	rel := &r.user().relations
	reply := &protocol.FriendGroupReply{ResultItem: []protocol.FriendGroup{}, CurrentSequence: rel.changes}
	place := map[string]int{}
	for i, name := range rel.groups {
		place[name] = i
		reply.ResultItem = append(reply.ResultItem, protocol.FriendGroup{GroupName: name, ToAccount: []string{}})
	}
	for _, f := range rel.friends.list {
		for _, name := range f.groups {
			g := &reply.ResultItem[place[name]]
			g.ToAccount = append(g.ToAccount, f.user.id)
			g.FriendNumber++
		}
	}
	return reply, nil
}

// friendGroupAdd is sns.group_add: new friend lists, with first members. No
// push tells of friend lists: other instances see them after their next login.
func (w *World) friendGroupAdd(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.FriendGroupRequest](r)
	if err == nil {
		err = checkBatch(len(req.GroupName))
	}
	if err != nil {
		return nil, err
	}
	rel := &r.user().relations
	for i, name := range req.GroupName { // all or none
		if err := validGroupName(name); err != nil {
			return nil, err
		}
		if slices.Contains(rel.groups, name) || slices.Contains(req.GroupName[:i], name) {
			return nil, protocol.Errorf(protocol.CodeSNSParam, "friend list %q exists", name)
		}
	}
	if len(rel.groups)+len(req.GroupName) > w.cfg.MaxFriendGroups {
		return nil, protocol.NewError(protocol.CodeFriendGroupsFull)
	}
	if len(req.ToAccount) > maxSNSBatch {
		return nil, checkBatch(len(req.ToAccount))
	}
	rel.groups = append(rel.groups, req.GroupName...)
	reply := &protocol.SNSResultReply{ResultItem: []protocol.SNSResult{}}
	for _, id := range req.ToAccount {
		code := protocol.OK
		for _, name := range req.GroupName {
			code = rel.changeMember(name, id, protocol.GroupMemberAdd)
		}
		reply.ResultItem = append(reply.ResultItem, snsResult(id, code))
	}
	return reply, nil
}

func validGroupName(name string) error {
	if name == "" || len(name) > maxGroupName {
		return protocol.Errorf(protocol.CodeSNSParam, "a friend list's name has 1 to %d bytes", maxGroupName)
	}
	return nil
}

// friendGroupDelete is sns.group_delete; the friends stay friends.
func (w *World) friendGroupDelete(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.FriendGroupRequest](r)
	if err == nil {
		err = checkBatch(len(req.GroupName))
	}
	if err != nil {
		return nil, err
	}
	rel := &r.user().relations
	for _, name := range req.GroupName {
		if !slices.Contains(rel.groups, name) {
			return nil, noSuchFriendGroup(name)
		}
	}
	gone := func(name string) bool { return slices.Contains(req.GroupName, name) }
	rel.groups = slices.DeleteFunc(rel.groups, gone)
	for _, f := range rel.friends.list {
		f.groups = slices.DeleteFunc(f.groups, gone)
	}
	return &protocol.Status{}, nil
}

func noSuchFriendGroup(name string) error {
	return protocol.Errorf(protocol.CodeSNSParam, "no friend list %q", name)
}

// friendGroupUpdate is sns.group_update: another name, or other members.
func (w *World) friendGroupUpdate(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.FriendGroupUpdateRequest](r)
	if err != nil {
		return nil, err
	}
	rel := &r.user().relations
	name := req.GroupOldName
	at := slices.Index(rel.groups, name)
	if at < 0 {
		return nil, noSuchFriendGroup(name)
	}
	if len(req.UpdateGroupItem) > maxSNSBatch {
		return nil, checkBatch(len(req.UpdateGroupItem))
	}
	if to := req.GroupNewName; to != "" && to != name {
		if err := validGroupName(to); err != nil {
			return nil, err
		}
		if slices.Contains(rel.groups, to) {
			return nil, protocol.Errorf(protocol.CodeSNSParam, "friend list %q exists", to)
		}
		rel.groups[at] = to
		for _, f := range rel.friends.list {
			if i := slices.Index(f.groups, name); i >= 0 {
				f.groups[i] = to
			}
		}
		name = to
	}
	reply := &protocol.FriendGroupUpdateReply{ResultItem: []protocol.FriendGroupUpdateResult{}}
	for _, item := range req.UpdateGroupItem {
		code := rel.changeMember(name, item.ToAccount, item.UpdateType)
		reply.ResultItem = append(reply.ResultItem, protocol.FriendGroupUpdateResult{
			SNSResult: snsResult(item.ToAccount, code), UpdateType: item.UpdateType,
		})
	}
	return reply, nil
}

// changeMember puts a friend into a friend list or takes it off; what is so
// already is success.
func (r *relations) changeMember(name, id, how string) protocol.Code {
	f := r.friends.get(id)
	if f == nil {
		return protocol.CodeSNSParam
	}
	at := slices.Index(f.groups, name)
	switch {
	case how == protocol.GroupMemberAdd && at < 0:
		f.groups = append(f.groups, name)
	case how == protocol.GroupMemberDelete && at >= 0:
		f.groups = slices.Delete(f.groups, at, at+1)
	case how != protocol.GroupMemberAdd && how != protocol.GroupMemberDelete:
		return protocol.CodeSNSParam
	}
	return protocol.OK
}
