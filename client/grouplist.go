package client

import (
	"context"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// groupPage is how many groups one request asks for.
const groupPage = 50

// groupFields are the wire names of the fields for GroupProfileFilter.
var groupFields = map[string]string{
	GrpProfileOwnerID: "Owner_Account", GrpProfileCreateTime: "CreateTime", GrpProfileLastInfoTime: "LastInfoTime",
	GrpProfileMemberNum: "MemberNum", GrpProfileMaxMemberNum: "MaxMemberNum", GrpProfileJoinOption: "ApplyJoinOption",
	GrpProfileIntroduction: "Introduction", GrpProfileNotification: "Notification", GrpProfileMuteAllMbrs: "ShutUpAllMember",
}

// groupPages collects the pages of the list of one's groups.
type groupPages struct {
	fields []string
	items  []gjson.Result
	offset int
}

func newGroupPages(filter []string) *groupPages {
	p := &groupPages{fields: []string{"Type", "Name", "FaceUrl", "NextMsgSeq", "LastMsgTime"}}
	for _, f := range filter {
		if name := groupFields[f]; name != "" {
			p.fields = append(p.fields, name)
		}
	}
	return p
}

func (p *groupPages) request(me string) []byte {
	return encode(protocol.JoinedGroupsRequest{
		MemberAccount: me, Limit: groupPage, Offset: p.offset, ResponseFilter: protocol.GroupFilter{
			GroupBaseInfoFilter: p.fields, SelfInfoFilter: []string{"Role", "JoinTime", "MsgFlag"},
		},
	})
}

// add takes a page; more tells whether to ask on.
func (p *groupPages) add(r reply) (more bool, err error) {
	if err := r.err(); err != nil {
		return false, err
	}
	v := gjson.ParseBytes(r.Body)
	list := v.Get("GroupIdList")
	if !list.IsArray() {
		return false, fail(CodeInternal)
	}
	p.items = append(p.items, list.Array()...)
	p.offset += groupPage
	return v.Get("TotalCount").Int() > int64(p.offset), nil
}

// fetchGroups asks for the groups that one is in, at login.
func (c *Client) fetchGroups() {
	c.pageGroups(newGroupPages(nil), func(p *groupPages, err error) {
		if err != nil {
			c.started(startGroups, nil)
			return
		}
		c.mergeGroups(p)
		c.started(startGroups, c.groupsChangedAll)
	})
}

// pageGroups asks page after page; done gets all of them, or why not.
func (c *Client) pageGroups(p *groupPages, done func(*groupPages, error)) {
	c.askThen(protocol.CmdJoinedGroups, p.request(c.session.userID), func(r reply) {
		if !c.session.loggedIn {
			return
		}
		more, err := p.add(r)
		if more {
			c.pageGroups(p, done)
			return
		}
		done(p, err)
	})
}

// mergeGroups makes the list that of the server; joined live rooms, which it
// does not have, stay.
func (c *Client) mergeGroups(p *groupPages) {
	listed := make(map[string]bool, len(p.items))
	for _, v := range p.items {
		listed[v.Get("GroupId").String()] = true
	}
	c.groups.keep(func(id string) bool { return listed[id] || c.rooms.joined(id) })
	for _, v := range p.items {
		c.mergeGroup(v)
	}
}

// GetGroupListOptions say which fields are wanted besides type, name, avatar
// and one's own membership: GrpProfile… constants.
type GetGroupListOptions struct {
	GroupProfileFilter []string `json:"groupProfileFilter,omitempty"`
}

// GroupListResult is the whole list.
type GroupListResult struct {
	GroupList []*Group `json:"groupList"`
}

// GetGroupList asks the server for the groups that one is in, and returns them
// and the joined live room. GROUP_LIST_UPDATED fires, and
// CONVERSATION_LIST_UPDATED if there are conversations.
func (c *Client) GetGroupList(ctx context.Context, o GetGroupListOptions) (*GroupListResult, error) {
	return run(ctx, c, "getGroupList", nil, func() (*GroupListResult, error) { return c.getGroupList(o) })
}

func (c *Client) getGroupList(o GetGroupListOptions) (*GroupListResult, error) {
	me := c.session.userID
	p := newGroupPages(o.GroupProfileFilter)
	for more := true; more; {
		var err error
		more, err = p.add(c.ask(protocol.CmdJoinedGroups, p.request(me)))
		switch {
		case err != nil:
			return nil, err
		case c.session.userID != me:
			return nil, fail(CodeNotReady)
		}
	}
	c.mergeGroups(p)
	c.groupsChangedAll()
	return &GroupListResult{GroupList: c.groups.list()}, nil
}
