package client

import (
	"context"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// wholeGroup are the fields that GetGroupProfile asks for.
var wholeGroup = []string{
	"Type", "Name", "Introduction", "Notification", "FaceUrl", "Owner_Account", "CreateTime", "InfoSeq", "LastInfoTime",
	"LastMsgTime", "MemberNum", "MaxMemberNum", "ApplyJoinOption", "NextMsgSeq", "ShutUpAllMember",
}

// publicGroup are those that SearchGroupByID asks for.
var publicGroup = []string{
	"Type", "Name", "Introduction", "Notification", "FaceUrl", "CreateTime", "Owner_Account", "LastInfoTime",
	"LastMsgTime", "NextMsgSeq", "MemberNum", "MaxMemberNum", "ApplyJoinOption",
}

// GetGroupProfileOptions name a group and the keys of the custom fields that
// are wanted.
type GetGroupProfileOptions struct {
	GroupID                string   `json:"groupID"`
	GroupCustomFieldFilter []string `json:"groupCustomFieldFilter,omitempty"`
}

// GetGroupProfile fetches a group in full, and one's own membership if the name
// card is not known. As in 2.14 the group is in the local list then, unless it
// is a live room that one did not join. Errors: 10007 no right, 10010 no such
// group; Data.GroupID is the group.
func (c *Client) GetGroupProfile(ctx context.Context, o GetGroupProfileOptions) (*GroupResult, error) {
	return run(ctx, c, "getGroupProfile", need("getGroupProfile").text("groupID", o.GroupID).err(), func() (*GroupResult, error) {
		g, err := c.groupProfile(o)
		if err != nil {
			return nil, err
		}
		return &GroupResult{Group: g}, nil
	})
}

func groupInfo(id string, fields, custom []string) protocol.GroupInfoRequest {
	return protocol.GroupInfoRequest{
		GroupIDList:    []string{id},
		ResponseFilter: protocol.GroupFilter{GroupBaseInfoFilter: fields, AppDefinedDataFilterGroup: custom},
	}
}

// onlyGroup is the item of a reply about one group, or the item's error.
func onlyGroup(v gjson.Result) (gjson.Result, error) {
	item := v.Get("GroupInfo.0")
	if !item.Exists() {
		return item, fail(CodeInternal)
	}
	if code := int(item.Get("ErrorCode").Int()); code != 0 {
		return item, &Error{
			Code: code, Message: item.Get("ErrorInfo").String(), Data: ErrorData{GroupID: item.Get("GroupId").String()},
		}
	}
	return item, nil
}

func (c *Client) groupProfile(o GetGroupProfileOptions) (*Group, error) {
	v, err := c.exchange(protocol.CmdGroupInfo, groupInfo(o.GroupID, wholeGroup, o.GroupCustomFieldFilter))
	if err != nil {
		return nil, err
	}
	return c.gotGroupProfile(v)
}

// gotGroupProfile takes the reply; the group is fetched in full then.
func (c *Client) gotGroupProfile(v gjson.Result) (*Group, error) {
	item, err := onlyGroup(v)
	if err != nil {
		return nil, err
	}
	var g *Group
	stranger := item.Get("Type").String() == GrpAVChatRoom && !c.groups.has(item.Get("GroupId").String())
	if stranger {
		g = parseGroup(item)
	} else {
		g = c.mergeGroup(item)
	}
	if g.SelfInfo.NameCard != "" {
		return g, nil
	}
	list, err := c.memberProfiles(GetGroupMemberProfileOptions{GroupID: g.GroupID, UserIDList: []string{c.session.userID}})
	if err != nil {
		return nil, err
	}
	known := func(g *Group) {
		if len(list) > 0 {
			g.SelfInfo.merge(list[0])
		}
	}
	if updated := c.updateGroup(g.GroupID, known); updated != nil {
		return updated, nil
	}
	known(g) // nobody else has this one
	return g, nil
}

// merge takes what a member profile says of oneself; what is empty there does
// not count.
func (s *GroupSelfInfo) merge(m *GroupMember) {
	if m.NameCard != "" {
		s.NameCard = m.NameCard
	}
	if m.JoinTime != 0 {
		s.JoinTime = m.JoinTime
	}
	if m.Role != "" {
		s.Role = m.Role
	}
}

// UpdateGroupProfileOptions are the properties to change; nil ones stay as they
// are. The lengths are limits of the service.
type UpdateGroupProfileOptions struct {
	GroupID          string        `json:"groupID"`
	Name             *string       `json:"name,omitempty"`         // up to 30 bytes
	Avatar           *string       `json:"avatar,omitempty"`       // URL, up to 100 bytes
	Introduction     *string       `json:"introduction,omitempty"` // up to 240 bytes
	Notification     *string       `json:"notification,omitempty"` // up to 300 bytes
	MaxMemberNum     *int          `json:"maxMemberNum,omitempty"`
	JoinOption       *string       `json:"joinOption,omitempty"` // public groups only, else ignored
	GroupCustomField []CustomField `json:"groupCustomField,omitempty"`
	MuteAllMembers   *bool         `json:"muteAllMembers,omitempty"`
}

// UpdateGroupProfile changes a group; the members get a tip, but not of muting.
// Errors: 10004 a value is not allowed, 10007 no right, 10010 no such group.
func (c *Client) UpdateGroupProfile(ctx context.Context, o UpdateGroupProfileOptions) (*GroupResult, error) {
	return run(ctx, c, "updateGroupProfile", need("updateGroupProfile").text("groupID", o.GroupID).err(), func() (*GroupResult, error) {
		if g := c.groups.get(o.GroupID); g != nil && g.Type != GrpPublic {
			o.JoinOption = nil
		}
		req := protocol.GroupModifyRequest{
			GroupID: o.GroupID, Name: o.Name, Introduction: o.Introduction, Notification: o.Notification, FaceURL: o.Avatar,
			MaxMemberCount: o.MaxMemberNum, ApplyJoinOption: o.JoinOption, AppDefinedData: wireFields(o.GroupCustomField),
		}
		if o.MuteAllMembers != nil {
			req.ShutUpAllMember = Given(map[bool]string{true: "On", false: "Off"}[*o.MuteAllMembers])
		}
		if _, err := c.exchange(protocol.CmdGroupModify, req); err != nil {
			return nil, err
		}
		return &GroupResult{Group: c.updateGroup(o.GroupID, o.apply)}, nil
	})
}

func (o *UpdateGroupProfileOptions) apply(g *Group) {
	set := func(field, value *string) {
		if value != nil {
			*field = *value
		}
	}
	set(&g.Name, o.Name)
	set(&g.Avatar, o.Avatar)
	set(&g.Introduction, o.Introduction)
	set(&g.Notification, o.Notification)
	set(&g.JoinOption, o.JoinOption)
	if o.MaxMemberNum != nil {
		g.MaxMemberCount = *o.MaxMemberNum
	}
	if o.MuteAllMembers != nil {
		g.MuteAllMembers = Given(*o.MuteAllMembers)
	}
	g.GroupCustomField = withFields(g.GroupCustomField, o.GroupCustomField)
}

// SearchGroupByID finds a group that one may join. Errors: 10007 a work group,
// 10010 no such group.
func (c *Client) SearchGroupByID(ctx context.Context, groupID string) (*GroupResult, error) {
	return run(ctx, c, "searchGroupByID", need("searchGroupByID").text("groupID", groupID).err(), func() (*GroupResult, error) {
		v, err := c.exchange(protocol.CmdGroupPublicInfo, protocol.GroupInfoRequest{
			GroupIDList: []string{groupID}, ResponseFilter: protocol.GroupFilter{GroupBasePublicInfoFilter: publicGroup},
		})
		if err != nil {
			return nil, err
		}
		item := v.Get("GroupInfo.0")
		if code := item.Get("ErrorCode"); code.Type != gjson.Number || code.Num != 0 { // strictly, as in 2.14
			return nil, &Error{Code: int(code.Int()), Message: item.Get("ErrorInfo").String()}
		}
		return &GroupResult{Group: parseGroup(item)}, nil
	})
}
