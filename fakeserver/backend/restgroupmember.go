package backend

import (
	"maps"
	"slices"

	"github.com/imsim/imsim/protocol"
)

// Caps of accounts in one REST call about members.
const (
	maxRESTRemove = 100
	maxRESTForbid = 500
	maxRESTRoles  = 500
	maxRESTPage   = 6000
)

// restAddMembers is add_group_member: nobody is asked.
func (w *World) restAddMembers(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTGroupAdd](r)
	if err != nil {
		return nil, err
	}
	g, err := w.forApp(req.GroupID, OpInvite)
	if err != nil {
		return nil, err
	}
	if len(req.MemberList) == 0 {
		return nil, protocol.Errorf(protocol.CodeGroupParam, "MemberList is empty")
	}
	admin, err := w.adminAccount(r.admin)
	if err != nil {
		return nil, err
	}
	results, added, err := w.invite(g, req.MemberList)
	if err != nil {
		return nil, err
	}
	if req.Silence != 1 {
		w.tellInvited(g, added, admin)
	}
	return &protocol.GroupAddReply{MemberList: results}, nil
}

// restRemoveMembers is delete_group_member; who is no member does not matter.
func (w *World) restRemoveMembers(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTGroupDelete](r)
	if err != nil {
		return nil, err
	}
	g, err := w.findGroup(req.GroupID)
	switch {
	case err != nil:
		return nil, err
	case len(req.MemberToDel) == 0:
		return nil, protocol.Errorf(protocol.CodeGroupParam, "MemberToDel_Account is empty")
	case len(req.MemberToDel) > maxRESTRemove:
		return nil, protocol.NewError(protocol.CodeGroupTooMany)
	}
	admin, err := w.adminAccount(r.admin)
	if err != nil {
		return nil, err
	}
	gone, err := w.remove(g, App, req.MemberToDel)
	if err != nil {
		if g.isRoom() { // the call's document names this code for it
			err = protocol.Errorf(protocol.CodeGroupParam, "nobody can be removed from a live room")
		}
		return nil, err
	}
	if req.Silence == 1 && len(g.members) > 0 {
		w.tellGone(g, gone, admin, req.Reason)
	} else {
		w.tellRemoved(g, gone, admin, req.Reason)
	}
	return nil, nil
}

// restGroupMembers is get_group_member_info; without Limit all are listed.
func (w *World) restGroupMembers(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.GroupMembersRequest](r)
	if err != nil {
		return nil, err
	}
	g, err := w.forApp(req.GroupID, OpReadMembers)
	if err != nil {
		return nil, err
	}
	limit := req.Limit
	if limit <= 0 || limit > maxRESTPage {
		limit = maxRESTPage
	}
	return w.memberPage(g, req, limit), nil
}

// restModifyMember is modify_group_member_info.
func (w *World) restModifyMember(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.GroupModifyMemberRequest](r)
	if err != nil {
		return nil, err
	}
	g, err := w.findGroup(req.GroupID)
	if err != nil {
		return nil, err
	}
	target, err := g.named(req.MemberAccount)
	if err != nil {
		return nil, err
	}
	admin, err := w.adminAccount(r.admin)
	if err != nil {
		return nil, err
	}
	changes, err := w.memberChanges(target, App, admin, req)
	if err != nil {
		return nil, err
	}
	for _, change := range changes {
		change()
	}
	return nil, nil
}

func (w *World) restGroupRoles(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTGroupRoles](r)
	if err != nil {
		return nil, err
	}
	g, err := w.forApp(req.GroupID, OpReadMembers)
	switch {
	case err != nil:
		return nil, err
	case len(req.Users) == 0:
		return nil, protocol.Errorf(protocol.CodeGroupParam, "User_Account is empty")
	case len(req.Users) > maxRESTRoles:
		return nil, protocol.NewError(protocol.CodeGroupTooMany)
	}
	reply := &protocol.RESTGroupRolesReply{UserIDList: []protocol.RESTGroupRole{}}
	for _, id := range req.Users {
		role := protocol.RESTGroupRole{MemberAccount: id, Role: protocol.RoleNone}
		if m := g.byID[id]; m != nil {
			role.Role = m.Role
		}
		reply.UserIDList = append(reply.UserIDList, role)
	}
	return reply, nil
}

// restForbid is forbid_send_msg: all of them, or none if one may not be muted.
// Who is not in the group is muted when it comes back.
func (w *World) restForbid(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTGroupMute](r)
	if err != nil {
		return nil, err
	}
	seconds := req.ShutUpTime
	if seconds == nil {
		seconds = req.MuteTime
	}
	g, err := w.forApp(req.GroupID, OpMuteMember)
	switch {
	case err != nil:
		return nil, err
	case seconds == nil || *seconds < 0 || *seconds > muteForever:
		return nil, protocol.Errorf(protocol.CodeGroupParam, "ShutUpTime must be from 0 to %d seconds", int64(muteForever))
	case len(req.Members) == 0:
		return nil, protocol.Errorf(protocol.CodeGroupParam, "Members_Account is empty")
	case len(req.Members) > maxRESTForbid:
		return nil, protocol.NewError(protocol.CodeGroupTooMany)
	}
	var accounts []*account
	for _, id := range req.Members {
		a := w.accounts[id]
		if a == nil {
			return nil, protocol.Errorf(protocol.CodeGroupNoAccount, "no account %q", id)
		}
		if m := g.byID[id]; m != nil {
			if err := Permits(muteOps[m.who()], g.Type, App); err != nil {
				return nil, err
			}
		}
		accounts = append(accounts, a)
	}
	admin, err := w.adminAccount(r.admin)
	if err != nil {
		return nil, err
	}
	w.mute(g, accounts, *seconds, admin)
	return nil, nil
}

// mutedNow lists whose mute has not ended, by name.
func (w *World) mutedNow(r *restRequest) (*group, []string, error) {
	req, err := restBody[protocol.GroupRequest](r)
	if err != nil {
		return nil, nil, err
	}
	g, err := w.forApp(req.GroupID, OpMuteMember)
	if err != nil {
		return nil, nil, err
	}
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(g.muted)), func(id string) bool { return g.muted[id] <= w.sec() })
	return g, ids, nil
}

func (w *World) restShutted(r *restRequest) (protocol.Reply, error) {
	g, ids, err := w.mutedNow(r)
	if err != nil {
		return nil, err
	}
	reply := &protocol.RESTGroupMuted{GroupID: g.ID}
	for _, id := range ids {
		reply.ShuttedUinList = append(reply.ShuttedUinList, protocol.RESTShuttedMember{MemberAccount: id, ShuttedUntil: g.muted[id]})
	}
	return reply, nil
}

func (w *World) restMuted(r *restRequest) (protocol.Reply, error) {
	g, ids, err := w.mutedNow(r)
	if err != nil {
		return nil, err
	}
	reply := &protocol.RESTGroupMuted{GroupID: g.ID}
	for _, id := range ids {
		reply.MutedAccountList = append(reply.MutedAccountList, protocol.RESTMutedMember{MemberAccount: id, MutedUntil: g.muted[id]})
	}
	return reply, nil
}
