package client

import (
	"context"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// FriendGroup is one of the lists that a user sorts friends into.
type FriendGroup struct {
	Name       string   `json:"name"`
	UserIDList []string `json:"userIDList"`
	Count      int      `json:"count"`
}

func newFriendGroup(name string, users []string) *FriendGroup {
	return &FriendGroup{Name: name, UserIDList: users, Count: len(users)}
}

// friendGroupCache is the friend lists in their order; the values never
// change. There is no push for them: other instances see changes at their next
// login (relations.md §6).
type friendGroupCache struct{ list []*FriendGroup }

func (s *friendGroupCache) index(name string) int {
	return slices.IndexFunc(s.list, func(g *FriendGroup) bool { return g.Name == name })
}

func (s *friendGroupCache) get(name string) *FriendGroup {
	if i := s.index(name); i >= 0 {
		return s.list[i]
	}
	return nil
}

func (s *friendGroupCache) put(g *FriendGroup) {
	if i := s.index(g.Name); i >= 0 {
		s.list[i] = g
		return
	}
	s.list = append(s.list, g)
}

func (s *friendGroupCache) remove(name string) {
	s.list = slices.DeleteFunc(s.list, func(g *FriendGroup) bool { return g.Name == name })
}

func (s *friendGroupCache) add(name, user string) {
	if g := s.get(name); g != nil && !slices.Contains(g.UserIDList, user) {
		s.put(newFriendGroup(name, append(slices.Clone(g.UserIDList), user)))
	}
}

func (s *friendGroupCache) drop(name, user string) {
	if g := s.get(name); g != nil && slices.Contains(g.UserIDList, user) {
		s.put(newFriendGroup(name, without(g.UserIDList, user)))
	}
}

// joined puts a new friend into the lists that its groupList names, and left
// takes a deleted one out. Neither fires an event in 2.14.
func (s *friendGroupCache) joined(f *Friend) {
	for _, name := range f.GroupList {
		s.add(name, f.UserID)
	}
}

func (s *friendGroupCache) left(f *Friend) {
	for _, name := range f.GroupList {
		s.drop(name, f.UserID)
	}
}

func (c *Client) friendGroupList() []*FriendGroup {
	return append([]*FriendGroup{}, c.friendGroups.list...)
}

func (c *Client) friendGroupsChanged() { c.emit(EventFriendGroupListUpdated, c.friendGroupList()) }

// gotFriendGroups reads the lists at login; the event is fired if there is any.
func (c *Client) gotFriendGroups(r reply) {
	if !c.session.loggedIn || !r.OK() {
		return
	}
	gjson.GetBytes(r.Body, "ResultItem").ForEach(func(_, v gjson.Result) bool {
		c.friendGroups.put(newFriendGroup(v.Get("GroupName").String(), texts(v.Get("To_Account"))))
		return true
	})
	if len(c.friendGroups.list) > 0 {
		c.friendGroupsChanged()
	}
}

// GetFriendGroupList returns the friend lists, from the cache. Lists that the
// server made itself, for AddFriend's GroupName or an accepted application's
// Tag, are in it after the next login only.
func (c *Client) GetFriendGroupList(ctx context.Context) ([]*FriendGroup, error) {
	return run(ctx, c, "getFriendGroupList", nil, func() ([]*FriendGroup, error) { return c.friendGroupList(), nil })
}

// CreateFriendGroupOptions are a friend list's name and who is in it.
type CreateFriendGroupOptions struct {
	Name       string   `json:"name"` // required, up to 30 bytes
	UserIDList []string `json:"userIDList,omitempty"`
}

// CreateFriendGroupResult is the new list and who could not be put into it.
type CreateFriendGroupResult struct {
	FriendGroup       *FriendGroup `json:"friendGroup"`
	FailureUserIDList []FailedUser `json:"failureUserIDList"`
}

// CreateFriendGroup makes a friend list; FRIEND_GROUP_LIST_UPDATED is fired
// here. Error: 2710 there is such a list.
func (c *Client) CreateFriendGroup(ctx context.Context, o CreateFriendGroupOptions) (*CreateFriendGroupResult, error) {
	valid := need("createFriendGroup").text("name", o.Name)
	return run(ctx, c, "createFriendGroup", valid.err(), func() (*CreateFriendGroupResult, error) {
		if c.friendGroups.get(o.Name) != nil {
			return nil, fail(CodeFriendGroupExists)
		}
		v, err := c.exchange(protocol.CmdFriendGroupAdd, protocol.FriendGroupRequest{
			FromAccount: c.session.userID, GroupName: []string{o.Name}, ToAccount: o.UserIDList,
		})
		if err != nil {
			return nil, err
		}
		users := []string{}
		failed := outcomes(v.Get("ResultItem"), func(user string, _ gjson.Result) { users = append(users, user) })
		g := newFriendGroup(o.Name, users)
		c.friendGroups.put(g)
		c.regroup(users, "", o.Name)
		c.friendGroupsChanged()
		return &CreateFriendGroupResult{g, failed}, nil
	})
}

// regroup changes Friend.GroupList, without FRIEND_LIST_UPDATED as in 2.14;
// either name may be empty.
func (c *Client) regroup(users []string, from, to string) {
	for _, user := range users {
		c.friends.update(user, func(f *Friend) {
			if from != "" {
				f.leave(from)
			}
			if to != "" {
				f.join(to)
			}
		})
	}
}

// DeleteFriendGroupOptions name a friend list.
type DeleteFriendGroupOptions struct {
	Name string `json:"name"`
}

// DeleteFriendGroup deletes a friend list, not the friends, and returns it
// without users; Count keeps the old number. FRIEND_GROUP_LIST_UPDATED is fired
// here. Error: 2711 no such list.
func (c *Client) DeleteFriendGroup(ctx context.Context, o DeleteFriendGroupOptions) (*FriendGroup, error) {
	valid := need("deleteFriendGroup").text("name", o.Name)
	return run(ctx, c, "deleteFriendGroup", valid.err(), func() (*FriendGroup, error) {
		if c.friendGroups.get(o.Name) == nil {
			return nil, fail(CodeNoFriendGroup)
		}
		_, err := c.exchange(protocol.CmdFriendGroupDel, protocol.FriendGroupRequest{
			FromAccount: c.session.userID, GroupName: []string{o.Name},
		})
		if err != nil {
			return nil, err
		}
		var gone *FriendGroup
		if g := c.friendGroups.get(o.Name); g != nil {
			c.regroup(g.UserIDList, o.Name, "")
			c.friendGroups.remove(o.Name)
			gone = &FriendGroup{Name: g.Name, UserIDList: []string{}, Count: g.Count}
		}
		c.friendGroupsChanged()
		return gone, nil
	})
}

// RenameFriendGroupOptions are both names of a friend list.
type RenameFriendGroupOptions struct {
	OldName string `json:"oldName"`
	NewName string `json:"newName"` // up to 30 bytes
}

// RenameFriendGroup renames a friend list and returns it;
// FRIEND_GROUP_LIST_UPDATED is fired here. Error: 2711 no such list.
func (c *Client) RenameFriendGroup(ctx context.Context, o RenameFriendGroupOptions) (*FriendGroup, error) {
	valid := need("renameFriendGroup").text("oldName", o.OldName).text("newName", o.NewName)
	return run(ctx, c, "renameFriendGroup", valid.err(), func() (*FriendGroup, error) {
		if c.friendGroups.get(o.OldName) == nil {
			return nil, fail(CodeNoFriendGroup)
		}
		_, err := c.exchange(protocol.CmdFriendGroupSet, protocol.FriendGroupUpdateRequest{
			FromAccount: c.session.userID, GroupOldName: o.OldName, GroupNewName: o.NewName,
		})
		if err != nil {
			return nil, err
		}
		old := c.friendGroups.get(o.OldName)
		if old == nil {
			return nil, nil
		}
		g := newFriendGroup(o.NewName, old.UserIDList)
		c.friendGroups.remove(o.OldName) // the new name comes last
		c.friendGroups.put(g)
		c.regroup(g.UserIDList, o.OldName, o.NewName)
		c.friendGroupsChanged()
		return g, nil
	})
}
