package client

import (
	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// syncState is how far C2C messages are synchronised (messages.md §6).
type syncState struct {
	cookie string
	online bool // a reconnect or a push with Flag 1 came: the last page is announced
}

// startSync asks for what is new since the cookie; flag is that of the page
// before.
func (c *Client) startSync(flag int) { c.syncPage(flag, 0) }

// startOnlineSync follows a push with Flag 1.
func (c *Client) startOnlineSync() {
	c.sync.online = true
	c.syncPage(0, 1)
}

// reconnected follows the repeated login: what was missed, of C2C and of the
// groups, whose list events fire again.
func (c *Client) reconnected() {
	c.sync.online = true
	c.syncPage(0, 0)
	c.catchUpGroups()
}

func (c *Client) syncPage(flag, online int) {
	body := encode(protocol.GetMsgRequest{Cookie: c.sync.cookie, SyncFlag: flag, NeedAbstract: 1, IsOnlineSync: online})
	c.askThen(protocol.CmdGetMsg, body, func(r reply) {
		if r.OK() && c.session.loggedIn {
			c.synced(gjson.ParseBytes(r.Body))
		}
	})
}

// synced takes a page: without a cookie it is dropped; only the last page of a
// sync after the login is announced.
func (c *Client) synced(v gjson.Result) {
	c.sync.cookie = v.Get("Cookie").String()
	if c.sync.cookie == "" {
		return
	}
	flag := int(v.Get("SyncFlag").Int())
	var unread []unreadCount
	v.Get("C2CRemainingUnreadCount").ForEach(func(_, v gjson.Result) bool {
		unread = append(unread, unreadCount{
			from: v.Get("From_Account").String(), count: int(v.Get("Count").Int()), time: v.Get("LastMsgTime").Int(),
		})
		return true
	})
	v.Get("EventArray").ForEach(func(_, event gjson.Result) bool {
		if tips := event.Get("GroupTips"); tips.Exists() {
			c.groupTips(int(event.Get("Event").Int()), tips, c.sync.online, flag == protocol.SyncDone)
		}
		return true
	})
	switch flag {
	case 0, 1:
		c.newC2C(v.Get("MsgList"), unread, false, false)
		c.syncPage(flag, 0)
	case protocol.SyncDone:
		c.newC2C(v.Get("MsgList"), unread, c.sync.online, false)
	}
}
