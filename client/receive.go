package client

import (
	"log/slog"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/internal/link"
	"github.com/imsim/imsim/protocol"
)

// receive takes a push. Its items are recognised by their keys; the number in
// Event matters for group tips only (messages.md §3).
func (c *Client) receive(f protocol.Downlink) {
	if c.destroyed {
		return
	}
	body := gjson.ParseBytes(f.Body)
	if strings.HasSuffix(f.ServCmd, ".push_configv2") {
		c.gotConfig(body)
		return
	}
	if body.Get("NeedAck").Int() == 1 {
		ack := []byte("{}")
		if data := body.Get("SessionData"); data.Exists() {
			ack = append(append([]byte(`{"SessionData":`), data.Raw...), '}')
		}
		c.link.Tell(link.Request{Cmd: protocol.CmdPushAck, Body: ack})
	}
	c.dispatch(body.Get("EventArray"), body.Get("Flag").Int() == 1)
}

// dispatch handles the events of a push or of a sync's reply.
func (c *Client) dispatch(events gjson.Result, online bool) {
	events.ForEach(func(_, event gjson.Result) bool {
		event.ForEach(func(key, v gjson.Result) bool {
			switch key.Str {
			case "C2cMsgArray":
				if online {
					c.startOnlineSync()
				}
				c.newC2C(v, nil, true, true)
			case "C2cNotifyMsgArray":
				c.notified(v)
			case "RecentContactMod":
				c.contactsChanged(v)
			case "ProfileDataMod":
				c.profilesPushed(v)
			case "FriendListMod":
				c.relationsPushed(v)
			case "GroupMsgArray":
				c.newGroupMessages(v)
			case "GroupTips":
				c.groupTips(int(event.Get("Event").Int()), v, true, false)
			default:
				return true
			}
			return false
		})
		return true
	})
}

// groupTips takes what comes under GroupTips, by the number of its event.
func (c *Client) groupTips(event int, list gjson.Result, instant, ended bool) {
	switch event {
	case protocol.EventGroupTips, protocol.EventGroupFleeting:
		c.newGroupTips(event, list)
	case protocol.EventGroupSystem:
		c.systemTips(list, instant, ended)
	case protocol.EventGroupAt:
		c.newMentions(list)
	default:
		c.log(slog.LevelDebug, "group tips ignored", "event", event)
	}
}

// unreadCount is an item of C2CRemainingUnreadCount.
type unreadCount struct {
	from  string
	count int
	time  int64
}

// newC2C takes C2C messages of a push (instant), of an online sync (instant) or
// of the sync at login: MESSAGE_MODIFIED, then CONVERSATION_LIST_UPDATED, then
// MESSAGE_RECEIVED. Only pushes swap the copies for other instances.
func (c *Client) newC2C(list gjson.Result, unread []unreadCount, instant, push bool) {
	me := c.session.userID
	var fresh, modified []*record
	var told []news
	place := make(map[string]int)
	list.ForEach(func(_, v gjson.Result) bool {
		m, ok := parseC2C(v, me, push)
		if !ok {
			return true
		}
		r := newRecord(c, m.Message)
		id := m.ConversationID
		if instant {
			changed := c.senderRenamed(r.now())
			here := c.msgs.sentHere(r.now())
			if here && m.modified {
				r.update(func(m *Message) { m.IsModified = true })
			}
			isModified := here && m.modified
			switch {
			case m.onlineOnly:
				r.onlineOnly = true
				fresh = append(fresh, r)
				return true
			case !c.msgs.push(r, isModified), c.msgs.randoms.has(m.Random) && !isModified:
				return true // known already
			case isModified:
				modified = append(modified, r)
			default:
				fresh = append(fresh, r)
			}
			if changed {
				c.peerRenamed(r.now())
			}
		} else if m.onlineOnly {
			return true
		}
		i, ok := place[id]
		if !ok {
			i = len(told)
			place[id] = i
			told = append(told, news{id: id})
		}
		told[i].last = r
		if m.Flow == FlowIn {
			told[i].unread++
		}
		return true
	})
	for _, u := range unread {
		id := ConvC2C + u.from
		if i, ok := place[id]; ok {
			told[i].unread += u.count
			continue
		}
		told = append(told, news{id: id, unread: u.count, time: u.time})
	}
	if len(modified) > 0 {
		c.emit(EventMessageModified, messages(modified))
	}
	c.tell(told, instant)
	if instant && len(fresh) > 0 {
		c.emit(EventMessageReceived, messages(fresh))
	}
}

// senderRenamed reports whether the peer's name differs from that in the newest
// message known of the peer; one's own new name is shown at once.
func (c *Client) senderRenamed(m *Message) bool {
	l := c.msgs.list(m.ConversationID)
	if m.Flow == FlowOut {
		if l.mine != nil {
			l.rename(FlowOut, m.Nick, m.Avatar)
		}
		return false
	}
	if l.peer == nil {
		return false
	}
	old := l.peer.now()
	return old.Nick != m.Nick || old.Avatar != m.Avatar
}

// peerRenamed shows a peer's new name in the older messages and in the
// conversation.
func (c *Client) peerRenamed(m *Message) {
	c.msgs.list(m.ConversationID).rename(FlowIn, m.Nick, m.Avatar)
	v := c.convs.update(m.ConversationID, func(v *Conversation) {
		if v.UserProfile != nil {
			v.UserProfile = c.renamed(v.UserProfile, m.Nick, m.Avatar)
		}
	})
	if v != nil {
		c.conversationsChanged()
	}
}

// notified handles recalls, receipts, read syncs and kicks.
func (c *Client) notified(list gjson.Result) {
	list.ForEach(func(_, v gjson.Result) bool {
		switch {
		case v.Get("KickoutMsgNotify").Exists():
			c.kicked(protocol.KickType(v.Get("KickoutMsgNotify.KickType").Int()))
		case v.Get("WithdrawC2cMsgNotify").Exists():
			c.recalled(v.Get("WithdrawC2cMsgNotify.C2cWithdrawInfoArray"))
		case v.Get("C2cReadedReceipt").Exists():
			c.readByPeer(v.Get("C2cReadedReceipt"))
		case v.Get("ReadC2cMsgNotify").Exists():
			c.readElsewhere(v.Get("ReadC2cMsgNotify.UinPairReadArray"))
		}
		return true
	})
}
