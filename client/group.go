package client

import (
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// Group is a group that one is a member of, as the group list has it.
type Group struct {
	GroupID          string        `json:"groupID"`
	Name             string        `json:"name"`
	Avatar           string        `json:"avatar"`
	Type             string        `json:"type"`
	Introduction     string        `json:"introduction"`
	Notification     string        `json:"notification"`
	OwnerID          string        `json:"ownerID"`
	CreateTime       int64         `json:"createTime"` // seconds
	InfoSequence     int64         `json:"infoSequence"`
	LastInfoTime     int64         `json:"lastInfoTime"` // seconds
	SelfInfo         GroupSelfInfo `json:"selfInfo"`
	NextMessageSeq   uint32        `json:"nextMessageSeq"`
	MemberCount      int           `json:"memberCount"`
	MaxMemberCount   int           `json:"maxMemberCount"`
	JoinOption       string        `json:"joinOption"`
	GroupCustomField []CustomField `json:"groupCustomField"`
	LastMessageTime  int64         `json:"-"`
}

// GroupSelfInfo is one's own membership.
type GroupSelfInfo struct {
	MessageRemindType string `json:"messageRemindType"`
	JoinTime          int64  `json:"joinTime"` // seconds
	NameCard          string `json:"nameCard"`
	Role              string `json:"role"`
}

// groupPage is how many groups one request asks for.
const groupPage = 50

// fetchGroups asks for the groups that one is in, at login and after a
// reconnect: this client does not offer groups yet, but shows them in the
// conversation list.
func (c *Client) fetchGroups() { c.pageGroups(0, nil) }

func (c *Client) pageGroups(offset int, list []*Group) {
	body := []byte(`{"Member_Account":` + quote(c.session.userID) + `,"Limit":` + strconv.Itoa(groupPage) +
		`,"Offset":` + strconv.Itoa(offset) + `,"ResponseFilter":{"GroupBaseInfoFilter":["Type","Name","FaceUrl",` +
		`"NextMsgSeq","LastMsgTime"],"SelfInfoFilter":["Role","JoinTime","MsgFlag"]}}`)
	c.askThen(protocol.CmdJoinedGroups, body, func(r reply) {
		if !c.session.loggedIn {
			return
		}
		v := gjson.ParseBytes(r.Body)
		groups := v.Get("GroupIdList")
		if !r.OK() || !groups.IsArray() {
			c.started(startGroups, nil)
			return
		}
		groups.ForEach(func(_, v gjson.Result) bool {
			list = append(list, parseGroup(v))
			return true
		})
		if v.Get("TotalCount").Int() > int64(offset+groupPage) {
			c.pageGroups(offset+groupPage, list)
			return
		}
		c.started(startGroups, func() {
			c.emit(EventGroupListUpdated, append([]*Group{}, list...))
			c.groupsInConversations(list)
		})
	})
}

func parseGroup(v gjson.Result) *Group {
	return &Group{
		GroupID: v.Get("GroupId").String(), Name: v.Get("Name").String(), Avatar: v.Get("FaceUrl").String(),
		Type: v.Get("Type").String(), NextMessageSeq: uint32(v.Get("NextMsgSeq").Uint()),
		LastMessageTime: v.Get("LastMsgTime").Int(), GroupCustomField: []CustomField{},
		SelfInfo: GroupSelfInfo{
			MessageRemindType: v.Get("SelfInfo.MsgFlag").String(), JoinTime: v.Get("SelfInfo.JoinTime").Int(),
			Role: v.Get("SelfInfo.Role").String(), NameCard: v.Get("SelfInfo.NameCard").String(),
		},
	}
}

// groupsInConversations gives the group conversations their profiles; the list
// event fires if there are any conversations.
func (c *Client) groupsInConversations(list []*Group) {
	if len(list) == 0 {
		return
	}
	if c.convs.len() == 0 {
		c.convs.later(c, func() {
			if c.convs.len() > 0 {
				c.groupsInConversations(list)
			}
		})
		return
	}
	for _, g := range list {
		c.convs.update(ConvGroup+g.GroupID, func(v *Conversation) {
			v.GroupProfile, v.SubType = g, g.Type
			if v.LastMessage.LastSequence < g.NextMessageSeq {
				v.LastMessage.LastSequence = g.NextMessageSeq - 1
			}
		})
	}
	c.conversationsChanged()
}
