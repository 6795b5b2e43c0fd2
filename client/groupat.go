package client

import (
	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// GroupAtInfo tells that somebody mentioned one in a group.
type GroupAtInfo struct {
	From            string `json:"from"`
	GroupID         string `json:"groupID"`
	MessageSequence uint32 `json:"messageSequence"`
	AtTypeArray     []int  `json:"atTypeArray"` // of the ConvAt… constants

	random, sequence uint32 // of the notice
}

// newMentions takes notices of mentions; they count when the first page of the
// conversation list is in.
func (c *Client) newMentions(list gjson.Result) {
	for _, v := range list.Array() {
		about := v.Get("GroupAtTips")
		if !about.Exists() {
			about = v.Get("MsgBody")
		}
		info := GroupAtInfo{
			From: about.Get("From_Account").String(), GroupID: about.Get("GroupId").String(),
			MessageSequence: uint32(about.Get("MsgSeq").Uint()),
			random:          uint32(v.Get("MsgRandom").Uint()), sequence: uint32(v.Get("ClientSeq").Uint()),
		}
		me, all := false, false
		for _, kind := range about.Get("GroupAtType").Array() {
			info.AtTypeArray = append(info.AtTypeArray, int(kind.Int()))
			me, all = me || kind.Int() == ConvAtMe, all || kind.Int() == ConvAtAll
		}
		if me && all {
			info.AtTypeArray = []int{ConvAtAllAtMe}
		}
		c.convs.mentions = append(c.convs.mentions, info)
	}
	if c.startup != nil && c.startup.synced {
		c.showMentions()
	}
}

// showMentions brings what has gathered into the conversations; those of
// unknown ones are lost.
func (c *Client) showMentions() {
	changed := false
	for _, info := range c.convs.mentions {
		if info.From == c.session.userID {
			continue
		}
		known := c.convs.update(ConvGroup+info.GroupID, func(v *Conversation) {
			v.GroupAtInfoList = append(v.GroupAtInfoList[:len(v.GroupAtInfoList):len(v.GroupAtInfoList)], info)
		})
		changed = changed || known != nil
	}
	c.convs.mentions = nil
	if changed {
		c.conversationsChanged()
	}
}

// clearMentions tells the server that one has seen a conversation's mentions,
// and forgets them then.
func (c *Client) clearMentions(v *Conversation) {
	var req protocol.DeleteNoticesRequest
	for _, info := range v.GroupAtInfoList {
		req.DelMsgList = append(req.DelMsgList, protocol.NoticeIdentity{
			FromAccount: info.From, ToAccount: c.session.userID, MsgSeq: info.sequence, MsgRandom: info.random, GroupID: info.GroupID,
		})
	}
	c.askThen(protocol.CmdDeleteMsg, encode(req), func(r reply) {
		if r.OK() && c.session.loggedIn {
			c.convs.update(v.ConversationID, func(v *Conversation) { v.GroupAtInfoList = []GroupAtInfo{} })
		}
	})
}
