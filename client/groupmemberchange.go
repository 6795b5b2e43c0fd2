package client

import (
	"context"

	"github.com/imsim/imsim/protocol"
)

// unknownGroup is what methods say that need the group in the local list: the
// reference throws a TypeError, without a code.
func unknownGroup(api string) error {
	return &ParamError{API: api, Param: "groupID", Why: "is of no group in the local list"}
}

// AddGroupMemberOptions name users to be added.
type AddGroupMemberOptions struct {
	GroupID    string   `json:"groupID"`
	UserIDList []string `json:"userIDList"`
}

// AddGroupMemberResult tells what became of each user. Group is nil if nobody
// was added.
type AddGroupMemberResult struct {
	SuccessUserIDList   []string `json:"successUserIDList"`
	FailureUserIDList   []string `json:"failureUserIDList"`
	ExistedUserIDList   []string `json:"existedUserIDList"`
	OverLimitUserIDList []string `json:"overLimitUserIDList"` // in too many groups
	Group               *Group   `json:"group,omitempty"`
}

// AddGroupMember adds users to a group of the local list; the members get a
// tip, the users a notice. Errors: 2661 a live room, 10007 no right, 10014 full.
func (c *Client) AddGroupMember(ctx context.Context, o AddGroupMemberOptions) (*AddGroupMemberResult, error) {
	valid := need("addGroupMember").text("groupID", o.GroupID).that(len(o.UserIDList) > 0, "userIDList", "is empty").err()
	return run(ctx, c, "addGroupMember", valid, func() (*AddGroupMemberResult, error) {
		g := c.groups.get(o.GroupID)
		switch {
		case g == nil:
			return nil, unknownGroup("addGroupMember")
		case g.Type == GrpAVChatRoom:
			return nil, fail(CodeAddToRoom)
		}
		req := protocol.GroupAddRequest{GroupID: o.GroupID}
		for _, user := range o.UserIDList {
			req.MemberList = append(req.MemberList, protocol.GroupMemberItem{MemberAccount: user})
		}
		v, err := c.exchange(protocol.CmdGroupAddMember, req)
		if err != nil {
			return nil, err
		}
		if !v.Get("MemberList").IsArray() {
			return nil, fail(CodeInternal)
		}
		res := &AddGroupMemberResult{
			SuccessUserIDList: []string{}, FailureUserIDList: []string{}, ExistedUserIDList: []string{}, OverLimitUserIDList: []string{},
		}
		lists := map[int64]*[]string{
			protocol.Added: &res.SuccessUserIDList, protocol.AddFailed: &res.FailureUserIDList,
			protocol.AddExisted: &res.ExistedUserIDList, protocol.AddOver: &res.OverLimitUserIDList,
		}
		for _, item := range v.Get("MemberList").Array() {
			if list := lists[item.Get("Result").Int()]; list != nil { // else an invitation is pending
				*list = append(*list, item.Get("Member_Account").String())
			}
		}
		if len(res.SuccessUserIDList) > 0 {
			res.Group = c.groups.get(o.GroupID)
		}
		return res, nil
	})
}

// DeleteGroupMemberOptions name members to be removed.
type DeleteGroupMemberOptions struct {
	GroupID    string   `json:"groupID"`
	UserIDList []string `json:"userIDList"`
	Reason     string   `json:"reason,omitempty"`
}

// DeleteGroupMemberResult names those who were to be removed.
type DeleteGroupMemberResult struct {
	Group      *Group   `json:"group,omitempty"`
	UserIDList []string `json:"userIDList"`
}

// DeleteGroupMember removes members of a group of the local list; those who
// stay get a tip, the others a notice. Errors: 2680 a live room, 10007 no right.
func (c *Client) DeleteGroupMember(ctx context.Context, o DeleteGroupMemberOptions) (*DeleteGroupMemberResult, error) {
	valid := need("deleteGroupMember").text("groupID", o.GroupID).that(o.UserIDList != nil, "userIDList", "is missing").err()
	return run(ctx, c, "deleteGroupMember", valid, func() (*DeleteGroupMemberResult, error) {
		g := c.groups.get(o.GroupID)
		switch {
		case g == nil:
			return nil, unknownGroup("deleteGroupMember")
		case g.Type == GrpAVChatRoom:
			return nil, fail(CodeRemoveFromRoom)
		}
		_, err := c.exchange(protocol.CmdGroupDeleteMember, protocol.GroupDeleteRequest{
			GroupID: o.GroupID, MemberToDel: o.UserIDList, Reason: o.Reason,
		})
		if err != nil {
			return nil, err
		}
		for _, user := range o.UserIDList {
			delete(c.members[o.GroupID], user)
		}
		if now := c.groups.get(o.GroupID); now != nil {
			g = now
		}
		return &DeleteGroupMemberResult{Group: g, UserIDList: append([]string{}, o.UserIDList...)}, nil
	})
}

// GroupMemberResult is a member who was changed, and the group.
type GroupMemberResult struct {
	Group  *Group       `json:"group,omitempty"`
	Member *GroupMember `json:"member,omitempty"`
}

// changeMember sends a change and applies it to the member, if he is known;
// else he is fetched.
func (c *Client) changeMember(req protocol.GroupModifyMemberRequest, change func(*GroupMember)) (*GroupMemberResult, error) {
	if _, err := c.exchange(protocol.CmdGroupModifyMember, req); err != nil {
		return nil, err
	}
	m := c.members.update(req.GroupID, req.MemberAccount, change)
	if m == nil {
		list, err := c.memberProfiles(GetGroupMemberProfileOptions{GroupID: req.GroupID, UserIDList: []string{req.MemberAccount}})
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			m = list[0]
		}
	}
	return &GroupMemberResult{Group: c.groups.get(req.GroupID), Member: m}, nil
}

// SetGroupMemberMuteTimeOptions say for how long a member must not speak.
type SetGroupMemberMuteTimeOptions struct {
	GroupID  string `json:"groupID"`
	UserID   string `json:"userID"`
	MuteTime int64  `json:"muteTime"` // seconds; 0 unmutes
}

// SetGroupMemberMuteTime mutes or unmutes a member; the members get a tip.
// Errors: 2685 oneself, 10007 no right.
func (c *Client) SetGroupMemberMuteTime(ctx context.Context, o SetGroupMemberMuteTimeOptions) (*GroupMemberResult, error) {
	valid := need("setGroupMemberMuteTime").text("groupID", o.GroupID).text("userID", o.UserID).that(o.MuteTime >= 0, "muteTime", "is negative").err()
	return run(ctx, c, "setGroupMemberMuteTime", valid, func() (*GroupMemberResult, error) {
		if o.UserID == c.session.userID {
			return nil, fail(CodeMuteOneself)
		}
		req := protocol.GroupModifyMemberRequest{GroupID: o.GroupID, MemberAccount: o.UserID, ShutUpTime: &o.MuteTime}
		return c.changeMember(req, func(m *GroupMember) { m.muted(c.now(), o.MuteTime) })
	})
}

// SetGroupMemberRoleOptions say what a member shall be.
type SetGroupMemberRoleOptions struct {
	GroupID string `json:"groupID"`
	UserID  string `json:"userID"`
	Role    string `json:"role"` // GrpMbrRoleAdmin or GrpMbrRoleMember
}

// SetGroupMemberRole appoints an admin or makes him a member again; the members
// get a tip, he a notice. Errors: 2681 one is not the owner, 2682 a work group
// or a live room, 2683 no such role, 2684 oneself.
func (c *Client) SetGroupMemberRole(ctx context.Context, o SetGroupMemberRoleOptions) (*GroupMemberResult, error) {
	valid := need("setGroupMemberRole").text("groupID", o.GroupID).text("userID", o.UserID).text("role", o.Role).err()
	return run(ctx, c, "setGroupMemberRole", valid, func() (*GroupMemberResult, error) {
		g := c.groups.get(o.GroupID)
		switch {
		case g == nil:
			return nil, unknownGroup("setGroupMemberRole")
		case g.SelfInfo.Role != GrpMbrRoleOwner:
			return nil, fail(CodeNotOwner)
		case g.Type == GrpWork || g.Type == GrpAVChatRoom:
			return nil, fail(CodeRolesOfType)
		case o.Role != GrpMbrRoleAdmin && o.Role != GrpMbrRoleMember:
			return nil, fail(CodeUnknownRole)
		case o.UserID == c.session.userID:
			return nil, fail(CodeRoleOfOneself)
		}
		req := protocol.GroupModifyMemberRequest{GroupID: o.GroupID, MemberAccount: o.UserID, Role: &o.Role}
		return c.changeMember(req, func(m *GroupMember) { m.Role = o.Role })
	})
}

// SetGroupMemberNameCardOptions are a name for one group. UserID is oneself by
// default.
type SetGroupMemberNameCardOptions struct {
	GroupID  string `json:"groupID"`
	UserID   string `json:"userID,omitempty"`
	NameCard string `json:"nameCard"` // up to 50 bytes; may be empty
}

// SetGroupMemberNameCard gives oneself or another member a name for this group.
// Error: 10007 no right.
func (c *Client) SetGroupMemberNameCard(ctx context.Context, o SetGroupMemberNameCardOptions) (*GroupMemberResult, error) {
	return run(ctx, c, "setGroupMemberNameCard", need("setGroupMemberNameCard").text("groupID", o.GroupID).err(), func() (*GroupMemberResult, error) {
		me := c.session.userID
		if o.UserID == "" {
			o.UserID = me
		}
		req := protocol.GroupModifyMemberRequest{GroupID: o.GroupID, MemberAccount: o.UserID, NameCard: &o.NameCard}
		res, err := c.changeMember(req, func(m *GroupMember) { m.NameCard = o.NameCard })
		if err == nil && o.UserID == me {
			res.Group = c.updateGroup(o.GroupID, func(g *Group) { g.SelfInfo.NameCard = o.NameCard })
		}
		return res, err
	})
}

// SetGroupMemberCustomFieldOptions are custom fields of a member. UserID is
// oneself by default.
type SetGroupMemberCustomFieldOptions struct {
	GroupID           string        `json:"groupID"`
	UserID            string        `json:"userID,omitempty"`
	MemberCustomField []CustomField `json:"memberCustomField"`
}

// SetGroupMemberCustomField sets custom fields of oneself or another member.
// Error: 10007 no right.
func (c *Client) SetGroupMemberCustomField(ctx context.Context, o SetGroupMemberCustomFieldOptions) (*GroupMemberResult, error) {
	valid := need("setGroupMemberCustomField").text("groupID", o.GroupID).that(len(o.MemberCustomField) > 0, "memberCustomField", "is empty").err()
	return run(ctx, c, "setGroupMemberCustomField", valid, func() (*GroupMemberResult, error) {
		if o.UserID == "" {
			o.UserID = c.session.userID
		}
		req := protocol.GroupModifyMemberRequest{
			GroupID: o.GroupID, MemberAccount: o.UserID, AppMemberDefinedData: wireFields(o.MemberCustomField),
		}
		return c.changeMember(req, func(m *GroupMember) {
			m.MemberCustomField = withFields(m.MemberCustomField, o.MemberCustomField)
		})
	})
}

// SetMessageRemindTypeOptions say how one wants to be told of messages.
type SetMessageRemindTypeOptions struct {
	GroupID           string `json:"groupID"`
	MessageRemindType string `json:"messageRemindType"` // one of the MsgRemind… constants
}

// SetMessageRemindType sets how one is told of a group's messages. Error: 10007
// not a member.
func (c *Client) SetMessageRemindType(ctx context.Context, o SetMessageRemindTypeOptions) (*GroupResult, error) {
	valid := need("setMessageRemindType").text("groupID", o.GroupID).text("messageRemindType", o.MessageRemindType).err()
	return run(ctx, c, "setMessageRemindType", valid, func() (*GroupResult, error) {
		req := protocol.GroupModifyMemberRequest{
			GroupID: o.GroupID, MemberAccount: c.session.userID, MsgFlag: &o.MessageRemindType,
		}
		if _, err := c.changeMember(req, func(*GroupMember) {}); err != nil {
			return nil, err
		}
		return &GroupResult{Group: c.updateGroup(o.GroupID, func(g *Group) { g.SelfInfo.MessageRemindType = o.MessageRemindType })}, nil
	})
}
