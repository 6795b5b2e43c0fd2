package backend

import (
	"errors"
	"slices"

	"github.com/imsim/imsim/protocol"
)

// createGroup is create_group: the caller owns the group; the members named
// are in it at once and told so by notice 7.
func (w *World) createGroup(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupCreateRequest](r)
	if err != nil {
		return nil, err
	}
	g, over, err := w.newGroup(Stranger, r.user(), req)
	if err != nil {
		return nil, err
	}
	w.reply(r, &protocol.GroupCreateReply{GroupID: g.ID, OverJoinedGroupAccount: over})
	for _, m := range g.members[1:] {
		w.notice(m.account, nil, g, protocol.NoticeInvited, r.user().id, noticeText{})
	}
	return nil, errAnswered
}

// newGroup checks and makes a group; over names who is in too many groups. The
// app may make one without an owner (nil).
func (w *World) newGroup(who Who, owner *account, req *protocol.GroupCreateRequest) (g *group, over []string, err error) {
	if !slices.Contains(GroupTypes, req.Type) {
		if req.Type == "Community" {
			return nil, nil, protocol.NewError(protocol.CodeCommunityOff)
		}
		return nil, nil, protocol.Errorf(protocol.CodeGroupParam, "no group type %q", req.Type)
	}
	if err := Permits(OpCreate, req.Type, who); err != nil {
		return nil, nil, err
	}
	if req.FaceURL == "FaceUrl" { // what 2.14 sends for none
		req.FaceURL = ""
	}
	p := groupProfile{
		Type: req.Type, Name: req.Name, Intro: req.Introduction, Notice: req.Notification, Face: req.FaceURL,
		Custom: mergeFields(nil, req.AppDefinedData), InfoSeq: 1, MaxMembers: req.MaxMemberCount, JoinOption: req.ApplyJoinOption,
	}
	if p.Name == "" {
		return nil, nil, protocol.Errorf(protocol.CodeGroupParam, "a group needs a name")
	}
	if p.JoinOption == "" {
		p.JoinOption = map[string]string{
			protocol.GroupWork: protocol.JoinDisabled, protocol.GroupPublic: protocol.JoinApproval,
		}[p.Type]
		if p.JoinOption == "" {
			p.JoinOption = protocol.JoinFree
		}
	}
	if err := w.checkProfile(&p); err != nil {
		return nil, nil, err
	}
	if req.GroupID != "" {
		if err := w.checkNewGroupID(owner, req.GroupID); err != nil {
			return nil, nil, err
		}
	}
	limits := w.cfg.Groups
	switch {
	case p.Type == protocol.GroupAVChatRoom && limits.Rooms > 0 && w.countRooms() >= limits.Rooms:
		return nil, nil, protocol.NewError(protocol.CodeGroupRooms)
	case p.Type != protocol.GroupAVChatRoom && owner != nil && owner.joinedGroups() >= limits.GroupsOfUser:
		return nil, nil, protocol.NewError(protocol.CodeGroupsOfUser)
	case len(req.MemberList) > limits.CreateMembers:
		return nil, nil, protocol.NewError(protocol.CodeGroupTooMany)
	}
	for _, item := range req.MemberList {
		if w.accounts[item.MemberAccount] == nil {
			return nil, nil, protocol.Errorf(protocol.CodeGroupNoAccount, "no account %q", item.MemberAccount)
		}
	}
	if p.ID = req.GroupID; p.ID == "" {
		p.ID = w.newGroupID()
	}
	p.Created, p.LastInfo = w.sec(), w.sec()
	g = makeGroup(p)
	w.groups[g.ID] = g
	if owner != nil {
		w.enter(g, owner, protocol.RoleOwner)
	}
	if g.isRoom() {
		return g, nil, nil // nobody is put into a live room
	}
	for _, item := range req.MemberList {
		a := w.accounts[item.MemberAccount]
		switch {
		case g.byID[a.id] != nil:
		case len(g.members) >= w.capacity(g):
			return g, over, nil
		case a.joinedGroups() >= limits.GroupsOfUser:
			over = append(over, a.id)
		default:
			role := protocol.RoleMember
			if item.Role == protocol.RoleAdmin && Permits(OpSetAdmin, g.Type, Owner) == nil {
				role = protocol.RoleAdmin
			}
			w.enter(g, a, role).Custom = mergeFields(nil, item.AppMemberDefinedData)
		}
	}
	return g, over, nil
}

func makeGroup(p groupProfile) *group {
	return &group{
		groupProfile: p, byID: map[string]*member{}, muted: map[string]int64{}, nextSeq: 1,
		index: map[groupSend]*groupMessage{}, readers: map[uint32][]string{}, room: room{next: 1},
	}
}

// capacity is how many members a group takes.
func (w *World) capacity(g *group) int {
	if g.isRoom() {
		return 1 << 30
	}
	if g.MaxMembers > 0 && g.MaxMembers < w.cfg.Groups.Members {
		return g.MaxMembers
	}
	return w.cfg.Groups.Members
}

func (w *World) countRooms() int {
	n := 0
	for _, g := range w.groups {
		if g.isRoom() {
			n++
		}
	}
	return n
}

// checkProfile judges the fields of a profile as they would be.
func (w *World) checkProfile(p *groupProfile) error {
	l := w.cfg.Groups
	for _, f := range []struct {
		name, text string
		most       int
	}{
		{"Name", p.Name, l.Name}, {"Introduction", p.Intro, l.Introduction},
		{"Notification", p.Notice, l.Notification}, {"FaceUrl", p.Face, l.FaceURL},
	} {
		if len(f.text) > f.most {
			return protocol.Errorf(protocol.CodeGroupParam, "%s has more than %d bytes", f.name, f.most)
		}
	}
	if !slices.Contains([]string{protocol.JoinFree, protocol.JoinApproval, protocol.JoinDisabled}, p.JoinOption) {
		return protocol.Errorf(protocol.CodeGroupParam, "no join option %q", p.JoinOption)
	}
	for _, kv := range p.Custom {
		if kv.Key == "" || len(kv.Key) > maxGroupKey || len(kv.Value) > maxGroupField {
			return protocol.Errorf(protocol.CodeGroupParam, "custom field %q too long", kv.Key)
		}
	}
	return nil
}

// Sizes of custom fields in bytes.
const (
	maxGroupKey    = 32
	maxGroupField  = 512
	maxMemberField = 64
)

// dismissGroup is destroy_group; all members are told by notice 5.
func (w *World) dismissGroup(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupRequest](r)
	if err != nil {
		return nil, err
	}
	g, _, err := w.permitted(r.user(), req.GroupID, OpDismiss)
	if err != nil {
		return nil, err
	}
	w.reply(r, &protocol.Status{})
	w.dismiss(g, r.user().id, r.sess)
	return nil, errAnswered
}

// dismiss ends a group. The notice is the last that its members hear of it.
func (w *World) dismiss(g *group, by string, except *session) {
	delete(w.groups, g.ID)
	members := append([]*member(nil), g.members...)
	for _, m := range members {
		w.leave(m)
	}
	for _, m := range members {
		w.notice(m.account, except, g, protocol.NoticeDismissed, by, noticeText{})
	}
	w.closeRoom(g)
}

// joinedGroupList is get_joined_group_list; live rooms do not stand in it.
func (w *World) joinedGroupList(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.JoinedGroupsRequest](r)
	if err != nil {
		return nil, err
	}
	reply := &protocol.JoinedGroupsReply{GroupIDList: []protocol.Fields{}}
	f := req.ResponseFilter
	for m := range r.user().memberships {
		reply.TotalCount++
		if reply.TotalCount <= req.Offset || req.Limit > 0 && len(reply.GroupIDList) >= req.Limit {
			continue
		}
		item := protocol.Fields{{Name: "GroupId", Value: m.group.ID}}
		item = append(item, m.group.fields(w).Only(f.GroupBaseInfoFilter)...)
		reply.GroupIDList = append(reply.GroupIDList, item.With("SelfInfo", w.memberFields(m).Only(f.SelfInfoFilter)))
	}
	return reply, nil
}

// noCommunities answers for communities: there are none.
func (w *World) noCommunities(*request) (protocol.Reply, error) {
	return &protocol.JoinedGroupsReply{GroupIDList: []protocol.Fields{}}, nil
}

// fields is the profile as the wire names it.
func (g *group) fields(w *World) protocol.Fields {
	onOff := "Off"
	if g.MuteAll {
		onOff = "On"
	}
	most := g.MaxMembers
	if most == 0 || most > w.cfg.Groups.Members {
		most = w.cfg.Groups.Members
	}
	return protocol.Fields{
		{Name: "Type", Value: g.Type}, {Name: "Name", Value: g.Name}, {Name: "Introduction", Value: g.Intro},
		{Name: "Notification", Value: g.Notice}, {Name: "FaceUrl", Value: g.Face}, {Name: "Owner_Account", Value: g.ownerID()},
		{Name: "CreateTime", Value: g.Created}, {Name: "InfoSeq", Value: g.InfoSeq}, {Name: "LastInfoTime", Value: g.LastInfo},
		{Name: "LastMsgTime", Value: g.LastMsg}, {Name: "MemberNum", Value: len(g.members)}, {Name: "MaxMemberNum", Value: most},
		{Name: "ApplyJoinOption", Value: g.JoinOption}, {Name: "NextMsgSeq", Value: g.nextSeq},
		{Name: "ShutUpAllMember", Value: onOff}, {Name: "LastRecallTime", Value: g.lastRecall()},
	}
}

// groupInfo is get_group_info and get_group_self_member_info.
func (w *World) groupInfo(r *request) (protocol.Reply, error) {
	return w.groupInfos(r, OpReadProfile)
}

// groupPublicInfo is get_group_public_info: finding a group by its ID.
func (w *World) groupPublicInfo(r *request) (protocol.Reply, error) {
	return w.groupInfos(r, OpSearch)
}

func (w *World) groupInfos(r *request, op Operation) (protocol.Reply, error) {
	req, err := decode[protocol.GroupInfoRequest](r)
	if err != nil {
		return nil, err
	}
	if len(req.GroupIDList) > maxGroupInfos {
		return nil, protocol.NewError(protocol.CodeGroupTooMany)
	}
	reply := &protocol.GroupInfoReply{GroupInfo: []protocol.Fields{}}
	f := req.ResponseFilter
	for _, id := range req.GroupIDList {
		item := protocol.Fields{{Name: "GroupId", Value: id}}
		g, m, err := w.permitted(r.user(), id, op)
		if err != nil {
			var refused *protocol.Error
			if !errors.As(err, &refused) {
				return nil, err
			}
			reply.GroupInfo = append(reply.GroupInfo, item.With("ErrorCode", refused.Code).With("ErrorInfo", refused.Info))
			continue
		}
		item = item.With("ErrorCode", 0).With("ErrorInfo", "")
		if op == OpSearch {
			item = append(item, g.fields(w).Only(f.GroupBasePublicInfoFilter)...)
		} else {
			whole := len(f.GroupBaseInfoFilter) == 0 && len(f.MemberInfoFilter) == 0
			if whole || len(f.GroupBaseInfoFilter) > 0 {
				item = append(item, g.fields(w).Only(f.GroupBaseInfoFilter)...)
			}
			if !whole && !slices.Contains(f.GroupBaseInfoFilter, "Type") {
				item = item.With("Type", g.Type) // the SDK cannot do without
			}
			if m != nil && (len(f.MemberInfoFilter) > 0 || r.ServCmd == protocol.CmdGroupSelfInfo) {
				item = item.With("SelfInfo", w.memberFields(m).Only(f.MemberInfoFilter))
			}
		}
		item = item.With("AppDefinedData", wanted(g.Custom, f.AppDefinedDataFilterGroup))
		reply.GroupInfo = append(reply.GroupInfo, item)
	}
	return reply, nil
}

// maxGroupInfos is how many groups one request may name.
const maxGroupInfos = 50

// wanted are the custom fields asked for; all if none is named.
func wanted(have []protocol.KeyValue, keys []string) []protocol.KeyValue {
	list := []protocol.KeyValue{}
	for _, kv := range have {
		if len(keys) == 0 || slices.Contains(keys, kv.Key) {
			list = append(list, kv)
		}
	}
	return list
}

// modifyGroup is modify_group_base_info: all or nothing. Members are told by
// tip 6, but not of muting all and of the join option.
func (w *World) modifyGroup(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupModifyRequest](r)
	if err != nil {
		return nil, err
	}
	g, err := w.findGroup(req.GroupID)
	if err != nil {
		return nil, err
	}
	me := g.byID[r.user().id]
	changed, err := w.modifyProfile(g, me.who(), req)
	if err != nil {
		return nil, err
	}
	w.reply(r, &protocol.Status{})
	w.tellProfile(g, r.user(), changed)
	return nil, errAnswered
}

// tellProfile tells what changed in a profile, if it is anything to be told.
func (w *World) tellProfile(g *group, by *account, changed protocol.Fields) {
	if len(changed) > 0 {
		w.tip(g, tipRules[g.Type].profile, tip{
			op: protocol.TipProfile, by: by, more: protocol.Fields{{Name: "MsgGroupNewInfo", Value: changed}},
		})
	}
}

// modifyProfile changes a profile and returns what a tip tells of it.
func (w *World) modifyProfile(g *group, who Who, req *protocol.GroupModifyRequest) (protocol.Fields, error) {
	p := g.groupProfile
	var told protocol.Fields
	text := func(dst *string, v *string, name string) {
		if v != nil {
			*dst = *v
			told = told.With(name, *v)
		}
	}
	text(&p.Name, req.Name, "GroupName")
	text(&p.Intro, req.Introduction, "GroupIntroduction")
	text(&p.Notice, req.Notification, "GroupNotification")
	text(&p.Face, req.FaceURL, "GroupFaceUrl")
	if req.AppDefinedData != nil {
		p.Custom = mergeFields(p.Custom, req.AppDefinedData)
		told = told.With("MsgAppDefinedData", p.Custom) // receivers replace theirs
	}
	ops := []Operation{}
	if len(told) > 0 || req.MaxMemberCount != nil {
		ops = append(ops, OpEditProfile)
	}
	if req.MaxMemberCount != nil {
		if *req.MaxMemberCount < 1 || *req.MaxMemberCount > w.cfg.Groups.Members {
			return nil, protocol.NewError(protocol.CodeGroupMemberCap)
		}
		p.MaxMembers = *req.MaxMemberCount
	}
	if req.ApplyJoinOption != nil {
		ops = append(ops, OpJoinOption)
		p.JoinOption = *req.ApplyJoinOption
	}
	if req.ShutUpAllMember != nil {
		if *req.ShutUpAllMember != "On" && *req.ShutUpAllMember != "Off" {
			return nil, protocol.Errorf(protocol.CodeGroupParam, "ShutUpAllMember is On or Off, not %q", *req.ShutUpAllMember)
		}
		ops = append(ops, OpMuteAll)
		p.MuteAll = *req.ShutUpAllMember == "On"
	}
	if len(ops) == 0 && who == Stranger {
		return nil, protocol.NewError(protocol.CodeGroupNoRight)
	}
	for _, op := range ops {
		if err := Permits(op, g.Type, who); err != nil {
			return nil, err
		}
	}
	if p.Name == "" {
		return nil, protocol.Errorf(protocol.CodeGroupParam, "a group needs a name")
	}
	if err := w.checkProfile(&p); err != nil {
		return nil, err
	}
	p.InfoSeq++
	p.LastInfo = w.sec()
	g.groupProfile = p
	return told, nil
}

// changeOwner is change_group_owner: the old owner becomes a member.
func (w *World) changeOwner(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupOwnerRequest](r)
	if err != nil {
		return nil, err
	}
	g, _, err := w.permitted(r.user(), req.GroupID, OpTransfer)
	if err != nil {
		return nil, err
	}
	heir, err := g.named(req.NewOwnerAccount)
	if err != nil {
		return nil, err
	}
	w.reply(r, &protocol.Status{})
	w.transfer(g, heir, r.user())
	return nil, errAnswered
}

func (w *World) transfer(g *group, heir *member, by *account) {
	if old := g.owner(); old != nil {
		old.Role = protocol.RoleMember
	}
	heir.Role = protocol.RoleOwner
	delete(g.muted, heir.account.id)
	w.tip(g, tipRules[g.Type].profile, tip{op: protocol.TipProfile, by: by, more: protocol.Fields{
		{Name: "MsgGroupNewInfo", Value: protocol.Fields{{Name: "Owner_Account", Value: heir.account.id}}},
	}})
}
