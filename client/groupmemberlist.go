package client

import (
	"context"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// Sizes of member lists: what is asked for by default and at most.
const (
	memberPage   = 15
	maxMembers   = 100
	maxSpecified = 50
)

// GetGroupMemberListOptions say which page of the members is wanted.
type GetGroupMemberListOptions struct {
	GroupID string `json:"groupID"`
	Count   int    `json:"count,omitempty"`  // default 15, at most 100
	Offset  int    `json:"offset,omitempty"` // default 0
}

// GroupMemberListResult is the members found.
type GroupMemberListResult struct {
	MemberList []*GroupMember `json:"memberList"`
}

// GetGroupMemberList returns a page of the members with their names. Error:
// 10007 no right.
func (c *Client) GetGroupMemberList(ctx context.Context, o GetGroupMemberListOptions) (*GroupMemberListResult, error) {
	valid := need("getGroupMemberList").text("groupID", o.GroupID).err()
	return run(ctx, c, "getGroupMemberList", valid, func() (*GroupMemberListResult, error) {
		count := min(o.Count, maxMembers)
		if count == 0 {
			count = memberPage
		}
		v, err := c.exchange(protocol.CmdGroupMembers, protocol.GroupMembersRequest{
			GroupID: o.GroupID, Limit: count, Offset: o.Offset, MemberInfoFilter: []string{"Role", "NameCard", "ShutUpUntil", "JoinTime"},
		})
		if err != nil {
			return nil, err
		}
		list, err := c.gotMembers(o.GroupID, v)
		if err != nil {
			return nil, err
		}
		return &GroupMemberListResult{MemberList: list}, nil
	})
}

// gotMembers takes a reply and asks for the names; who has no profile has no
// name, but without any profile the list is empty, as in 2.14.
func (c *Client) gotMembers(group string, v gjson.Result) ([]*GroupMember, error) {
	var users []string
	for _, item := range v.Get("MemberList").Array() {
		users = append(users, c.mergeMember(group, item).UserID)
	}
	if len(users) == 0 {
		return []*GroupMember{}, nil
	}
	profiles, err := c.getProfiles(users)
	if err != nil {
		return nil, err
	}
	for _, p := range profiles {
		c.members.name(group, p)
	}
	list := []*GroupMember{}
	if len(profiles) == 0 {
		return list, nil
	}
	for _, user := range users {
		if m := c.members.get(group, user); m != nil {
			list = append(list, m)
		}
	}
	return list, nil
}

// GetGroupMemberProfileOptions name members and the keys of the custom fields
// that are wanted.
type GetGroupMemberProfileOptions struct {
	GroupID                 string   `json:"groupID"`
	UserIDList              []string `json:"userIDList"` // up to 50; the rest is cut off
	MemberCustomFieldFilter []string `json:"memberCustomFieldFilter,omitempty"`
}

// GetGroupMemberProfile returns those of the users who are members. Error:
// 10007 no right.
func (c *Client) GetGroupMemberProfile(ctx context.Context, o GetGroupMemberProfileOptions) (*GroupMemberListResult, error) {
	valid := need("getGroupMemberProfile").text("groupID", o.GroupID).that(len(o.UserIDList) > 0, "userIDList", "is empty").err()
	return run(ctx, c, "getGroupMemberProfile", valid, func() (*GroupMemberListResult, error) {
		list, err := c.memberProfiles(o)
		if err != nil {
			return nil, err
		}
		return &GroupMemberListResult{MemberList: list}, nil
	})
}

// memberProfiles also returns those who are known from before.
func (c *Client) memberProfiles(o GetGroupMemberProfileOptions) ([]*GroupMember, error) {
	users := o.UserIDList[:min(len(o.UserIDList), maxSpecified)]
	v, err := c.exchange(protocol.CmdGroupSomeMembers, protocol.GroupMembersRequest{
		GroupID: o.GroupID, MemberListAccount: users, CustomFilter: o.MemberCustomFieldFilter,
		MemberInfoFilter: []string{"Role", "JoinTime", "NameCard", "ShutUpUntil"},
	})
	if err != nil {
		return nil, err
	}
	if _, err := c.gotMembers(o.GroupID, v); err != nil {
		return nil, err
	}
	list := []*GroupMember{}
	for _, user := range users {
		if m := c.members.get(o.GroupID, user); m != nil {
			list = append(list, m)
		}
	}
	return list, nil
}
