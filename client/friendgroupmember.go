package client

import (
	"context"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// FriendGroupMemberOptions are a friend list's name and friends; both are
// required. Who is no friend is left out silently.
type FriendGroupMemberOptions struct {
	Name       string   `json:"name"`
	UserIDList []string `json:"userIDList"`
}

// FailedMember is a friend who could not be put into a list or taken out of it.
// The key is "to" here, unlike elsewhere, as in the reference.
type FailedMember struct {
	To      string `json:"to"`
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// FriendGroupResult is a friend list as it is now.
type FriendGroupResult struct {
	FriendGroup       *FriendGroup   `json:"friendGroup"`
	FailureUserIDList []FailedMember `json:"failureUserIDList"`
}

// AddToFriendGroup puts friends into a list. As 2.14, and unlike its
// documentation, it fires no event. Error: 2711 no such list.
func (c *Client) AddToFriendGroup(ctx context.Context, o FriendGroupMemberOptions) (*FriendGroupResult, error) {
	return c.changeFriendGroup(ctx, "addToFriendGroup", o, protocol.GroupMemberAdd)
}

// RemoveFromFriendGroup takes friends out of a list. As 2.14, and unlike its
// documentation, it fires no event. Error: 2711 no such list.
func (c *Client) RemoveFromFriendGroup(ctx context.Context, o FriendGroupMemberOptions) (*FriendGroupResult, error) {
	return c.changeFriendGroup(ctx, "removeFromFriendGroup", o, protocol.GroupMemberDelete)
}

func (c *Client) changeFriendGroup(ctx context.Context, api string, o FriendGroupMemberOptions, change string) (*FriendGroupResult, error) {
	valid := need(api).text("name", o.Name).that(len(o.UserIDList) > 0, "userIDList", "is empty")
	return run(ctx, c, api, valid.err(), func() (*FriendGroupResult, error) {
		if c.friendGroups.get(o.Name) == nil {
			return nil, fail(CodeNoFriendGroup)
		}
		items := []protocol.FriendGroupUpdateItem{}
		for _, user := range o.UserIDList {
			if c.friends.get(user) != nil {
				items = append(items, protocol.FriendGroupUpdateItem{ToAccount: user, UpdateType: change})
			}
		}
		v, err := c.exchange(protocol.CmdFriendGroupSet, struct {
			FromAccount     string `json:"From_Account"`
			GroupOldName    string
			UpdateGroupItem []protocol.FriendGroupUpdateItem
		}{c.session.userID, o.Name, items})
		if err != nil {
			return nil, err
		}
		res := &FriendGroupResult{FailureUserIDList: []FailedMember{}}
		v.Get("ResultItem").ForEach(func(_, v gjson.Result) bool {
			user := v.Get("To_Account").String()
			switch kind := v.Get("UpdateType").String(); {
			case !strictly(v):
				res.FailureUserIDList = append(res.FailureUserIDList,
					FailedMember{user, int(v.Get("ResultCode").Int()), v.Get("ResultInfo").String()})
			case kind == protocol.GroupMemberAdd:
				c.friendGroups.add(o.Name, user)
				c.regroup([]string{user}, "", o.Name)
			case kind == protocol.GroupMemberDelete:
				c.friendGroups.drop(o.Name, user)
				c.regroup([]string{user}, o.Name, "")
			}
			return true
		})
		res.FriendGroup = c.friendGroups.get(o.Name)
		return res, nil
	})
}
