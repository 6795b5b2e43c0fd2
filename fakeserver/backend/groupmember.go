package backend

import (
	"slices"

	"github.com/imsim/imsim/protocol"
)

// joinGroup is apply_join_group: at once where the group is open, by an
// application where its admins decide.
func (w *World) joinGroup(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupJoinRequest](r)
	if err != nil {
		return nil, err
	}
	user := r.user()
	g, err := w.findGroup(req.GroupID)
	if err != nil {
		return nil, err
	}
	if g.byID[user.id] != nil {
		if g.isRoom() { // its owner, or an instance that forgot
			return w.roomReply(g, user), nil
		}
		return nil, protocol.NewError(protocol.CodeGroupMember)
	}
	if err := Permits(OpJoin, g.Type, Stranger); err != nil {
		return nil, err
	}
	if g.isRoom() {
		w.reply(r, w.roomReply(g, user))
		w.enter(g, user, protocol.RoleMember)
		w.tip(g, tipRules[g.Type].members, tip{op: protocol.TipJoined, by: user, about: []*account{user}, joinType: 1})
		return nil, errAnswered
	}
	switch {
	case g.JoinOption == protocol.JoinDisabled:
		return nil, protocol.NewError(protocol.CodeGroupNoRight)
	case len(g.members) >= w.capacity(g):
		return nil, protocol.NewError(protocol.CodeGroupFull)
	case user.joinedGroups() >= w.cfg.Groups.GroupsOfUser:
		return nil, protocol.NewError(protocol.CodeGroupsOfUser)
	case g.JoinOption == protocol.JoinApproval:
		w.reply(r, &protocol.GroupJoinReply{JoinedStatus: protocol.JoinWaiting})
		w.applyToGroup(g, user, req.ApplyMsg)
		return nil, errAnswered
	}
	w.enter(g, user, protocol.RoleMember)
	w.reply(r, &protocol.GroupJoinReply{JoinedStatus: protocol.Joined})
	w.tip(g, tipRules[g.Type].members, tip{op: protocol.TipJoined, by: user, about: []*account{user}, joinType: 1})
	return nil, errAnswered
}

// quitGroup is quit_group. A group that all have left is dismissed.
func (w *World) quitGroup(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupRequest](r)
	if err != nil {
		return nil, err
	}
	g, me, err := w.permitted(r.user(), req.GroupID, OpQuit)
	if err != nil {
		return nil, err
	}
	w.leave(me)
	w.reply(r, &protocol.Status{})
	if !g.isRoom() {
		w.notice(me.account, r.sess, g, protocol.NoticeQuit, me.account.id, noticeText{})
	}
	w.left(g, tip{op: protocol.TipQuit, by: me.account, about: []*account{me.account}})
	return nil, errAnswered
}

// left tells those who stay, or dismisses the empty group.
func (w *World) left(g *group, t tip) {
	if len(g.members) == 0 {
		w.dismiss(g, t.by.id, nil)
		return
	}
	w.tip(g, tipRules[g.Type].members, t)
}

// addMembers is add_group_member: each account has its own result.
func (w *World) addMembers(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupAddRequest](r)
	if err != nil {
		return nil, err
	}
	g, _, err := w.permitted(r.user(), req.GroupID, OpInvite)
	if err != nil {
		return nil, err
	}
	results, added, err := w.invite(g, req.MemberList)
	if err != nil {
		return nil, err
	}
	w.reply(r, &protocol.GroupAddReply{MemberList: results})
	w.tellInvited(g, added, r.user())
	return nil, errAnswered
}

func (w *World) invite(g *group, list []protocol.GroupMemberItem) (results []protocol.GroupAdded, added []*account, err error) {
	results = []protocol.GroupAdded{}
	if len(list) > w.cfg.Groups.AddMembers {
		return nil, nil, protocol.NewError(protocol.CodeGroupTooMany)
	}
	full := false
	for _, item := range list {
		result := protocol.Added
		a := w.accounts[item.MemberAccount]
		switch {
		case a == nil:
			result = protocol.AddFailed
		case g.byID[a.id] != nil:
			result = protocol.AddExisted
		case a.joinedGroups() >= w.cfg.Groups.GroupsOfUser:
			result = protocol.AddOver
		case len(g.members) >= w.capacity(g):
			result, full = protocol.AddFailed, true
		default:
			w.enter(g, a, protocol.RoleMember)
			added = append(added, a)
		}
		results = append(results, protocol.GroupAdded{MemberAccount: item.MemberAccount, Result: result})
	}
	if full && len(added) == 0 {
		return nil, nil, protocol.NewError(protocol.CodeGroupFull)
	}
	return results, added, nil
}

func (w *World) tellInvited(g *group, added []*account, by *account) {
	if len(added) == 0 {
		return
	}
	for _, a := range added {
		w.notice(a, nil, g, protocol.NoticeInvited, by.id, noticeText{})
	}
	w.tip(g, tipRules[g.Type].members, tip{op: protocol.TipJoined, by: by, about: added, joinType: 2})
}

var (
	removeOps = map[Who]Operation{Owner: OpRemoveOwner, Admin: OpRemoveAdmin, Member: OpRemoveMember}
	muteOps   = map[Who]Operation{Owner: OpMuteOwner, Admin: OpMuteAdmin, Member: OpMuteMember}
	cardOps   = map[Who]Operation{Owner: OpCardOwner, Admin: OpCardAdmin, Member: OpCardMember}
)

// removeMembers is delete_group_member: all that are members, or none if one
// of them may not be removed.
func (w *World) removeMembers(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupDeleteRequest](r)
	if err != nil {
		return nil, err
	}
	g, err := w.findGroup(req.GroupID)
	if err != nil {
		return nil, err
	}
	me := g.byID[r.user().id]
	gone, err := w.remove(g, me.who(), req.MemberToDel)
	if err != nil {
		return nil, err
	}
	w.reply(r, &protocol.Status{})
	w.tellRemoved(g, gone, r.user(), req.Reason)
	return nil, errAnswered
}

func (w *World) remove(g *group, who Who, ids []string) ([]*account, error) {
	if err := Permits(OpRemoveMember, g.Type, who); err != nil {
		return nil, err
	}
	var gone []*account
	for _, id := range ids {
		target := g.byID[id]
		if target == nil {
			continue
		}
		if err := Permits(removeOps[target.who()], g.Type, who); err != nil {
			return nil, err
		}
		if !slices.Contains(gone, target.account) {
			gone = append(gone, target.account)
		}
	}
	for _, a := range gone {
		w.leave(g.byID[a.id])
	}
	return gone, nil
}

// tellRemoved sends the tip to those who stay and the notice to those gone:
// the last that they hear of the group.
func (w *World) tellRemoved(g *group, gone []*account, by *account, reason string) {
	if len(gone) == 0 {
		return
	}
	w.tellGone(g, gone, by, reason)
	w.left(g, tip{op: protocol.TipKicked, by: by, about: gone})
}

func (w *World) tellGone(g *group, gone []*account, by *account, reason string) {
	for _, a := range gone {
		w.notice(a, nil, g, protocol.NoticeKicked, by.id, noticeText{Remark: reason})
	}
}

// Sizes of member list pages.
const (
	maxMemberPage    = 100
	maxNamedMembers  = 50
	defaultMemberNum = 15
)

// groupMembers is get_group_member_info: a page of the list.
func (w *World) groupMembers(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupMembersRequest](r)
	if err != nil {
		return nil, err
	}
	g, _, err := w.permitted(r.user(), req.GroupID, OpReadMembers)
	if err != nil {
		return nil, err
	}
	limit := min(req.Limit, maxMemberPage)
	if limit <= 0 {
		limit = defaultMemberNum
	}
	return w.memberPage(g, req, limit), nil
}

// memberPage lists members, or those with certain roles, the longest members
// first. No Next goes with it, which is for communities: SDKs from 2.27 on
// count the offset themselves, and would send a Next as the offset.
func (w *World) memberPage(g *group, req *protocol.GroupMembersRequest, limit int) *protocol.GroupMembersReply {
	reply := &protocol.GroupMembersReply{MemberNum: len(g.members), MemberList: []protocol.Fields{}}
	skip := req.Offset
	for _, m := range g.members {
		if len(req.MemberRoleFilter) > 0 && !slices.Contains(req.MemberRoleFilter, m.Role) {
			continue
		}
		if skip--; skip >= 0 {
			continue
		}
		if len(reply.MemberList) == limit {
			break
		}
		reply.MemberList = append(reply.MemberList, w.memberItem(m, req))
	}
	return reply
}

// someMembers is get_specified_group_member_info. Asking for oneself goes with
// reading the profile: 2.14 does so for groups that it is not in.
func (w *World) someMembers(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupMembersRequest](r)
	if err != nil {
		return nil, err
	}
	op := OpReadMembers
	if len(req.MemberListAccount) == 1 && req.MemberListAccount[0] == r.user().id {
		op = OpReadProfile
	}
	g, _, err := w.permitted(r.user(), req.GroupID, op)
	if err != nil {
		return nil, err
	}
	reply := &protocol.GroupMembersReply{MemberNum: len(g.members), MemberList: []protocol.Fields{}}
	for i, id := range req.MemberListAccount {
		if m := g.byID[id]; m != nil && i < maxNamedMembers {
			reply.MemberList = append(reply.MemberList, w.memberItem(m, req))
		}
	}
	return reply, nil
}

func (w *World) memberItem(m *member, req *protocol.GroupMembersRequest) protocol.Fields {
	item := protocol.Fields{{Name: "Member_Account", Value: m.account.id}}
	item = append(item, w.memberFields(m).Only(req.MemberInfoFilter)...)
	return item.With("AppMemberDefinedData", wanted(m.Custom, req.CustomFilter))
}

func (w *World) memberFields(m *member) protocol.Fields {
	until := m.group.muted[m.account.id]
	if until <= w.sec() {
		until = 0
	}
	online := "Offline"
	if m.account.connected() {
		online = "Online"
	}
	return protocol.Fields{
		{Name: "Role", Value: m.Role}, {Name: "JoinTime", Value: m.Joined}, {Name: "MsgSeq", Value: m.group.lastSeq() - uint32(m.unread())},
		{Name: "MsgFlag", Value: m.Flag}, {Name: "NameCard", Value: m.NameCard}, {Name: "ShutUpUntil", Value: until},
		{Name: "OnlineStatus", Value: online},
	}
}

func (a *account) connected() bool {
	return slices.ContainsFunc(a.sessions, (*session).online)
}

// modifyMember is modify_group_member_info.
func (w *World) modifyMember(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupModifyMemberRequest](r)
	if err != nil {
		return nil, err
	}
	g, err := w.findGroup(req.GroupID)
	if err != nil {
		return nil, err
	}
	me := g.byID[r.user().id]
	if me == nil {
		return nil, protocol.NewError(protocol.CodeGroupNoRight)
	}
	id := req.MemberAccount
	if id == "" {
		id = me.account.id
	}
	target, err := g.named(id)
	if err != nil {
		return nil, err
	}
	changes, err := w.memberChanges(target, me.who(), me.account, req)
	if err != nil {
		return nil, err
	}
	w.reply(r, &protocol.Status{})
	for _, change := range changes {
		change()
	}
	return nil, errAnswered
}

// memberChanges checks all that somebody in that role asks for a member, and
// returns what then to do.
func (w *World) memberChanges(target *member, who Who, by *account, req *protocol.GroupModifyMemberRequest) ([]func(), error) {
	var changes []func()
	g := target.group
	may := func(op Operation, change func()) error {
		changes = append(changes, change)
		return Permits(op, g.Type, who)
	}
	own := who != App && by == target.account
	if req.ShutUpTime != nil {
		if *req.ShutUpTime < 0 {
			return nil, protocol.Errorf(protocol.CodeGroupParam, "ShutUpTime is negative")
		}
		if err := may(muteOps[target.who()], func() { w.mute(g, []*account{target.account}, *req.ShutUpTime, by) }); err != nil {
			return nil, err
		}
	}
	if req.Role != nil {
		if own || target.Role == protocol.RoleOwner || *req.Role != protocol.RoleAdmin && *req.Role != protocol.RoleMember {
			if err := Permits(OpSetAdmin, g.Type, who); err != nil {
				return nil, err
			}
			return nil, protocol.Errorf(protocol.CodeGroupParam, "the role of %q cannot become %q", target.account.id, *req.Role)
		}
		if err := may(OpSetAdmin, func() { w.setRole(target, *req.Role, by) }); err != nil {
			return nil, err
		}
	}
	if req.NameCard != nil {
		if len(*req.NameCard) > w.cfg.Groups.NameCard {
			return nil, protocol.Errorf(protocol.CodeGroupParam, "NameCard has more than %d bytes", w.cfg.Groups.NameCard)
		}
		op := OpCardOwn
		if !own {
			op = cardOps[target.who()]
		}
		if err := may(op, func() { target.NameCard = *req.NameCard }); err != nil {
			return nil, err
		}
	}
	if req.AppMemberDefinedData != nil {
		for _, kv := range req.AppMemberDefinedData {
			if kv.Key == "" || len(kv.Key) > maxGroupKey || len(kv.Value) > maxMemberField {
				return nil, protocol.Errorf(protocol.CodeGroupParam, "custom field %q too long", kv.Key)
			}
		}
		op := OpFieldsOwn
		if !own {
			op = OpFieldsOthers
		}
		if err := may(op, func() { target.Custom = mergeFields(target.Custom, req.AppMemberDefinedData) }); err != nil {
			return nil, err
		}
	}
	if req.MsgFlag != nil {
		if !own && who != App {
			return nil, protocol.NewError(protocol.CodeGroupNoRight)
		}
		if !slices.Contains([]string{protocol.FlagNotify, protocol.FlagSilent, protocol.FlagDiscard}, *req.MsgFlag) {
			return nil, protocol.Errorf(protocol.CodeGroupParam, "no MsgFlag %q", *req.MsgFlag)
		}
		if err := may(OpRemind, func() { target.Flag = *req.MsgFlag }); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

// mute forbids accounts to send for so many seconds; 0 allows it again.
func (w *World) mute(g *group, accounts []*account, seconds int64, by *account) {
	list := []protocol.Fields{}
	for _, a := range accounts {
		if seconds == 0 {
			delete(g.muted, a.id)
		} else {
			g.muted[a.id] = w.sec() + seconds
		}
		list = append(list, protocol.Fields{{Name: "User_Account", Value: a.id}, {Name: "ShutupTime", Value: seconds}})
	}
	w.tip(g, tipRules[g.Type].roles, tip{
		op: protocol.TipMuted, by: by, about: accounts, more: protocol.Fields{{Name: "MsgMemberInfo", Value: list}},
	})
}

func (w *World) setRole(target *member, role string, by *account) {
	if target.Role == role {
		return
	}
	target.Role = role
	g, what, notice := target.group, protocol.TipAdminSet, protocol.NoticeAdminSet
	if role == protocol.RoleMember {
		what, notice = protocol.TipAdminUnset, protocol.NoticeAdminUnset
	}
	w.tip(g, tipRules[g.Type].roles, tip{op: what, by: by, about: []*account{target.account}})
	w.notice(target.account, nil, g, notice, by.id, noticeText{})
}
