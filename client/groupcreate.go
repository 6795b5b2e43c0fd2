package client

import (
	"context"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/internal/link"
	"github.com/imsim/imsim/protocol"
)

// CreateGroupOptions are the group to be; Name and Type are required. The
// lengths are limits of the service.
type CreateGroupOptions struct {
	Name             string        `json:"name"` // up to 30 bytes
	Type             string        `json:"type"` // one of the Grp… constants
	GroupID          string        `json:"groupID,omitempty"`
	Introduction     string        `json:"introduction,omitempty"` // up to 240 bytes
	Notification     string        `json:"notification,omitempty"` // up to 300 bytes
	Avatar           string        `json:"avatar,omitempty"`       // URL, up to 100 bytes
	MaxMemberNum     int           `json:"maxMemberNum,omitempty"`
	JoinOption       string        `json:"joinOption,omitempty"` // public groups only, else ignored
	MemberList       []NewMember   `json:"memberList,omitempty"` // up to 500; ignored for live rooms
	GroupCustomField []CustomField `json:"groupCustomField,omitempty"`
}

// NewMember is a member of a group that is created.
type NewMember struct {
	UserID            string        `json:"userID"`
	Role              string        `json:"role,omitempty"`
	MemberCustomField []CustomField `json:"memberCustomField,omitempty"`
}

// CreateGroupResult is the new group, and those who are in too many groups to
// be in it.
type CreateGroupResult struct {
	Group               *Group   `json:"group"`
	OverLimitUserIDList []string `json:"overLimitUserIDList"`
}

// CreateGroup makes a group with oneself as the owner. GROUP_LIST_UPDATED
// fires, and a custom message tells the members; a live room is only made, and
// JoinGroup joins it. Errors: 2600 unknown type, 10015 GroupID not allowed,
// 10021 taken, 10025 taken by oneself, 10036 too many live rooms, 10037 one is
// in too many groups.
func (c *Client) CreateGroup(ctx context.Context, o CreateGroupOptions) (*CreateGroupResult, error) {
	return run(ctx, c, "createGroup", need("createGroup").text("name", o.Name).err(), func() (*CreateGroupResult, error) {
		return c.createGroup(o)
	})
}

func (c *Client) createGroup(o CreateGroupOptions) (*CreateGroupResult, error) {
	if !oneOf(GrpPrivate, GrpPublic, GrpChatRoom, GrpAVChatRoom)(o.Type) {
		return nil, fail(CodeGroupType)
	}
	if o.Type == GrpAVChatRoom {
		o.MemberList = nil
	}
	if o.Type != GrpPublic {
		o.JoinOption = ""
	}
	req := protocol.GroupCreateRequest{
		Type: o.Type, Name: o.Name, GroupID: o.GroupID, OwnerAccount: c.session.userID, Introduction: o.Introduction,
		Notification: o.Notification, FaceURL: o.Avatar, MaxMemberCount: o.MaxMemberNum, ApplyJoinOption: o.JoinOption,
		AppDefinedData: wireFields(o.GroupCustomField), WebPushFlag: 1,
	}
	for _, m := range o.MemberList {
		req.MemberList = append(req.MemberList, protocol.GroupMemberItem{
			MemberAccount: m.UserID, Role: m.Role, AppMemberDefinedData: wireFields(m.MemberCustomField),
		})
	}
	v, err := c.exchange(protocol.CmdGroupCreate, req)
	if err != nil {
		return nil, err
	}
	id, me := v.Get("GroupId").String(), c.session.userID
	meanwhile := c.mu.Unlock
	if o.Type != GrpAVChatRoom {
		c.groups.put(o.group(id))
		meanwhile = c.doing(c.announcement(id))
		c.groupsChangedAll()
	}
	r := c.askWhile(link.Request{Cmd: protocol.CmdGroupInfo, Body: encode(groupInfo(id, wholeGroup, nil))}, meanwhile)
	switch err := r.err(); {
	case err != nil:
		return nil, err
	case c.session.userID != me:
		return nil, fail(CodeNotReady)
	}
	g, err := c.gotGroupProfile(gjson.ParseBytes(r.Body))
	if err != nil {
		return nil, err
	}
	owner := func(g *Group) {
		g.SelfInfo.MessageRemindType, g.SelfInfo.Role = MsgRemindAcptAndNote, GrpMbrRoleOwner
	}
	if updated := c.updateGroup(id, owner); updated != nil {
		g = updated
	} else {
		owner(g) // nobody else has this one
	}
	return &CreateGroupResult{Group: g, OverLimitUserIDList: texts(v.Get("OverJoinedGroupLimit_Account"))}, nil
}

// group is what is known of a group from the wish to create it.
func (o *CreateGroupOptions) group(id string) *Group {
	g := newGroup(id)
	g.Name, g.Type, g.Avatar = o.Name, o.Type, o.Avatar
	g.Introduction, g.Notification, g.JoinOption = o.Introduction, o.Notification, o.JoinOption
	g.MaxMemberCount = o.MaxMemberNum
	g.GroupCustomField = withFields(g.GroupCustomField, o.GroupCustomField)
	return g
}

// announcement sends the message that tells of a new group. Whether it arrives
// is nobody's concern.
func (c *Client) announcement(id string) func() {
	r := c.draft(id, ConvGroup, "", "", MsgCustom, &CustomPayload{
		Data: "group_create", Extension: c.session.userID + "创建群组", // as the reference says it
	})
	return func() { _, _ = c.send(r.now(), SendOptions{}) }
}

// DismissGroup ends a group. It and its conversation are gone, with both list
// events; the members get a notice. Errors: 2622 a work group, 10007 no right,
// 10010 no such group.
func (c *Client) DismissGroup(ctx context.Context, groupID string) (*GroupIDResult, error) {
	return run(ctx, c, "dismissGroup", need("dismissGroup").text("groupID", groupID).err(), func() (*GroupIDResult, error) {
		if g := c.groups.get(groupID); g != nil && g.Type == GrpWork {
			return nil, fail(CodeDismissWork)
		}
		if _, err := c.exchange(protocol.CmdGroupDestroy, protocol.GroupRequest{GroupID: groupID}); err != nil {
			return nil, err
		}
		c.forgetGroup(groupID)
		c.rooms.leave(groupID)
		return &GroupIDResult{GroupID: groupID}, nil
	})
}

// ChangeGroupOwnerOptions name the group and who shall own it.
type ChangeGroupOwnerOptions struct {
	GroupID    string `json:"groupID"`
	NewOwnerID string `json:"newOwnerID"`
}

// ChangeGroupOwner gives a group to another member. GROUP_LIST_UPDATED fires;
// the members get a tip. Errors: 2620 a live room, 2621 to oneself, 2903 not in
// the local list, 10007 no right.
func (c *Client) ChangeGroupOwner(ctx context.Context, o ChangeGroupOwnerOptions) (*GroupResult, error) {
	valid := need("changeGroupOwner").text("groupID", o.GroupID).text("newOwnerID", o.NewOwnerID)
	return run(ctx, c, "changeGroupOwner", valid.err(), func() (*GroupResult, error) {
		if g := c.groups.get(o.GroupID); g != nil && g.Type == GrpAVChatRoom {
			return nil, fail(CodeRoomOwner)
		}
		if o.NewOwnerID == c.session.userID {
			return nil, fail(CodeOwnerAlready)
		}
		_, err := c.exchange(protocol.CmdGroupOwner, protocol.GroupOwnerRequest{GroupID: o.GroupID, NewOwnerAccount: o.NewOwnerID})
		if err != nil {
			return nil, err
		}
		g := c.updateGroup(o.GroupID, func(g *Group) {
			g.OwnerID = o.NewOwnerID
			// One's own role follows if the member is known.
			if c.members.get(o.GroupID, c.session.userID) != nil {
				g.SelfInfo.Role = GrpMbrRoleMember
			}
		})
		if g == nil {
			return nil, fail(CodeInternal)
		}
		c.members.update(o.GroupID, c.session.userID, func(m *GroupMember) { m.Role = GrpMbrRoleMember })
		c.members.update(o.GroupID, o.NewOwnerID, func(m *GroupMember) { m.Role = GrpMbrRoleOwner })
		c.groupsChanged()
		return &GroupResult{Group: g}, nil
	})
}
