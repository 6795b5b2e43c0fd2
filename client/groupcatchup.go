package client

import (
	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

const (
	// missedPage is how many missed messages one request asks for.
	missedPage = 15
	// maxMissed: a greater gap is left to GetMessageList.
	maxMissed = 300
)

// catchUpGroups asks for the group list after a reconnect, and then for the
// messages that were missed: of each conversation that has local ones and a gap
// (messages.md §6).
func (c *Client) catchUpGroups() {
	var list []string
	for _, v := range c.convs.list {
		if v.Type == ConvGroup && v.SubType != GrpAVChatRoom {
			list = append(list, v.ToAccount)
		}
	}
	c.attrs.reconnected()
	c.pageGroups(newGroupPages(nil), func(p *groupPages, err error) {
		if err != nil {
			return
		}
		c.mergeGroups(p)
		c.groupsChangedAll()
		for _, id := range list {
			g := c.groups.get(id)
			local := c.msgs.list(ConvGroup + id).lastSequence
			if g != nil && local > 0 && g.NextMessageSeq > local+1 && g.NextMessageSeq-1-local < maxMissed {
				c.pullMissed(id, local, g.NextMessageSeq-1)
			}
		}
	})
}

// pullMissed asks for a group's messages after one sequence, up to another, in
// steps.
func (c *Client) pullMissed(id string, local, remote uint32) {
	count := min(remote-local, missedPage)
	body := encode(protocol.GroupMsgGetRequest{
		GroupID: id, ReqMsgNumber: int(count), ReqMsgSeq: local + count, WithRecalledMsg: 1,
	})
	c.askThen(protocol.CmdGroupMsgGet, body, func(r reply) {
		if !r.OK() || !c.session.loggedIn {
			return
		}
		list := gjson.GetBytes(r.Body, "RspMsgList")
		if len(list.Array()) == 0 {
			return
		}
		if local+count < remote {
			c.pullMissed(id, local+count, remote)
		}
		c.newGroupMessages(list)
	})
}
