package backend

import (
	"errors"

	"github.com/imsim/imsim/protocol"
)

// groupService is the first part of the names of REST commands about groups.
const groupService = "group_open_http_svc/"

// restGroupCommands is every REST command about groups. The caller is the app:
// it may what the column App of the Matrix says, in groups that its account is
// not in too. Members see who called as the operator.
func restGroupCommands() map[string]restCommand {
	table := map[string]restCommand{
		"group_open_attr_http_svc/get_group_attr": {run: (*World).restGroupAttrs},
		"openim/modify_group_msg":                 {run: (*World).restModifyInGroup},
	}
	for name, run := range map[string]func(*World, *restRequest) (protocol.Reply, error){
		"create_group":                   (*World).restCreateGroup,
		"destroy_group":                  (*World).restDestroyGroup,
		"get_group_info":                 (*World).restGroupInfo,
		"modify_group_base_info":         (*World).restModifyGroup,
		"change_group_owner":             (*World).restChangeOwner,
		"add_group_member":               (*World).restAddMembers,
		"delete_group_member":            (*World).restRemoveMembers,
		"get_group_member_info":          (*World).restGroupMembers,
		"modify_group_member_info":       (*World).restModifyMember,
		"get_role_in_group":              (*World).restGroupRoles,
		"forbid_send_msg":                (*World).restForbid,
		"get_group_shutted_uin":          (*World).restShutted,
		"get_group_muted_account":        (*World).restMuted, // its newer name
		"send_group_msg":                 (*World).restSendToGroup,
		"send_group_system_notification": (*World).restNotifyGroup,
		"group_msg_recall":               (*World).restRecallInGroup,
		"group_msg_get_simple":           (*World).restGroupHistory,
		"group_msg_receipt":              (*World).restReceipt,
		"get_group_msg_receipt":          (*World).restReceipts,
		"get_group_msg_receipt_detail":   (*World).restReaders,
		"set_group_attr":                 restAttrs(attrInit),
		"modify_group_attr":              restAttrs(attrSet),
		"delete_group_attr":              restAttrs(attrDelete),
		"clear_group_attr":               restAttrs(attrClear),
	} {
		table[groupService+name] = restCommand{run: run}
	}
	for name, cmd := range table {
		cmd.bad = protocol.CodeGroupParam
		table[name] = cmd
	}
	return table
}

// forApp finds the group and asks the matrix whether the app may.
func (w *World) forApp(groupID string, op Operation) (*group, error) {
	g, err := w.findGroup(groupID)
	if err != nil {
		return nil, err
	}
	return g, Permits(op, g.Type, App)
}

// restCreateGroup is create_group. The owner is told by notice 6, the other
// members as those are whom a client puts in.
func (w *World) restCreateGroup(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.GroupCreateRequest](r)
	if err != nil {
		return nil, err
	}
	var owner *account
	if req.OwnerAccount != "" {
		if owner = w.accounts[req.OwnerAccount]; owner == nil {
			return nil, protocol.Errorf(protocol.CodeGroupNoAccount, "no account %q", req.OwnerAccount)
		}
	}
	switch {
	case req.Type == protocol.GroupAVChatRoom && len(req.MemberList) > 0:
		return nil, protocol.Errorf(protocol.CodeGroupNoRight, "nobody can be put into a live room")
	case req.ApplyJoinOption == "" && req.Type == protocol.GroupMeeting:
		req.ApplyJoinOption = protocol.JoinApproval // a client's meeting would be open
	}
	g, over, err := w.newGroup(App, owner, req)
	if err != nil {
		return nil, err
	}
	for _, m := range g.members {
		what := protocol.NoticeInvited
		if m.account == owner {
			what = protocol.NoticeCreated
		}
		w.notice(m.account, nil, g, what, r.admin, noticeText{})
	}
	return &protocol.GroupCreateReply{GroupID: g.ID, OverJoinedGroupAccount: over}, nil
}

// restDestroyGroup is destroy_group: the only way to end a work group.
func (w *World) restDestroyGroup(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.GroupRequest](r)
	if err != nil {
		return nil, err
	}
	g, err := w.forApp(req.GroupID, OpDismiss)
	if err != nil {
		return nil, err
	}
	w.dismiss(g, r.admin, nil)
	return nil, nil
}

// restGroupInfo is get_group_info; each group has its own ErrorCode.
func (w *World) restGroupInfo(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTGroupInfo](r)
	if err != nil {
		return nil, err
	}
	switch n := len(req.GroupIDList); {
	case n == 0:
		return nil, protocol.Errorf(protocol.CodeGroupParam, "GroupIdList is empty")
	case n > maxGroupInfos:
		return nil, protocol.NewError(protocol.CodeGroupTooMany)
	}
	reply := &protocol.GroupInfoReply{GroupInfo: []protocol.Fields{}}
	for _, id := range req.GroupIDList {
		item := protocol.Fields{{Name: "GroupId", Value: id}}
		g, err := w.forApp(id, OpReadProfile)
		var refused *protocol.Error
		if errors.As(err, &refused) {
			reply.GroupInfo = append(reply.GroupInfo, item.With("ErrorCode", refused.Code).With("ErrorInfo", refused.Info))
			continue
		}
		item = item.With("ErrorCode", 0).With("ErrorInfo", "").With("Appid", w.appID)
		all, filter := req.ResponseFilter == nil, protocol.GroupFilter{}
		var customOfMembers []string
		if !all {
			filter, customOfMembers = req.ResponseFilter.GroupFilter, req.ResponseFilter.CustomFilter
		}
		if all || len(filter.GroupBaseInfoFilter) > 0 {
			item = append(item, g.fields(w).Only(filter.GroupBaseInfoFilter)...)
		}
		if all || len(filter.AppDefinedDataFilterGroup) > 0 {
			item = item.With("AppDefinedData", wanted(g.Custom, filter.AppDefinedDataFilterGroup))
		}
		if (all || len(filter.MemberInfoFilter) > 0) && !g.isRoom() { // rooms keep no member data
			members := []protocol.Fields{}
			for _, m := range g.members {
				members = append(members, w.memberItem(m, &protocol.GroupMembersRequest{
					MemberInfoFilter: filter.MemberInfoFilter, CustomFilter: customOfMembers,
				}))
			}
			item = item.With("MemberList", members)
		}
		reply.GroupInfo = append(reply.GroupInfo, item)
	}
	return reply, nil
}

// restModifyGroup is modify_group_base_info.
func (w *World) restModifyGroup(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTGroupModify](r)
	if err != nil {
		return nil, err
	}
	g, err := w.findGroup(req.GroupID)
	if err != nil {
		return nil, err
	}
	if req.MaxMemberNum != nil {
		req.MaxMemberCount = req.MaxMemberNum
	}
	admin, err := w.adminAccount(r.admin)
	if err != nil {
		return nil, err
	}
	changed, err := w.modifyProfile(g, App, &req.GroupModifyRequest)
	if err != nil {
		return nil, err
	}
	w.tellProfile(g, admin, changed)
	return nil, nil
}

// restChangeOwner is change_group_owner; a group without an owner gets one.
func (w *World) restChangeOwner(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.GroupOwnerRequest](r)
	if err != nil {
		return nil, err
	}
	g, err := w.forApp(req.GroupID, OpTransfer)
	if err != nil {
		return nil, err
	}
	heir, err := g.named(req.NewOwnerAccount)
	if err != nil {
		return nil, err
	}
	admin, err := w.adminAccount(r.admin)
	if err != nil {
		return nil, err
	}
	w.transfer(g, heir, admin)
	return nil, nil
}

// restAttrs is the command that changes attributes in that way.
func restAttrs(kind int) func(*World, *restRequest) (protocol.Reply, error) {
	return func(w *World, r *restRequest) (protocol.Reply, error) {
		req, err := restBody[protocol.GroupAttrRequest](r)
		if err != nil {
			return nil, err
		}
		g, err := w.forApp(req.GroupID, OpEditAttributes)
		if err != nil {
			return nil, err
		}
		admin, err := w.adminAccount(r.admin)
		if err != nil {
			return nil, err
		}
		reply, tell, err := w.changeAttrs(g, admin, req, kind)
		if err != nil {
			return nil, err
		}
		tell()
		return reply, nil
	}
}

func (w *World) restGroupAttrs(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.GroupRequest](r)
	if err != nil {
		return nil, err
	}
	g, err := w.forApp(req.GroupID, OpReadAttributes)
	if err != nil {
		return nil, err
	}
	return g.attrReply(), nil
}
