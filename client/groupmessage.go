package client

import (
	"sort"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// groupMessage is a message of the wire that comes from a group, a tip or a
// system notice, with what does not belong to Message.
type groupMessage struct {
	Message
	groupID    string
	onlineOnly bool // OnlineOnlyFlag 1
	modified   bool // MsgModifiedFlag 1
	system     bool // IsSystemMsg 1; counts in histories alone
}

// parseGroupMessage reads an item of GroupMsgArray or GroupTips, of a poll or of a
// history; kind is the conversation type.
func parseGroupMessage(v gjson.Result, me, kind string) groupMessage {
	var m groupMessage
	m.ConversationType, m.Priority, m.Status, m.Protocol = kind, PriorityNormal, StatusSuccess, "JSON"
	var info, body gjson.Result
	v.ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "From_Account":
			m.From = v.String()
		case "ToGroupId", "To_Account":
			m.To = v.String() // the later one counts (groups.md §5)
		case "MsgSeq":
			m.Sequence = uint32(v.Uint())
		case "ClientSeq":
			m.ClientSequence = uint32(v.Uint())
		case "MsgRandom":
			m.Random = uint32(v.Uint())
		case "MsgTimeStamp":
			m.Time = v.Int()
		case "MsgPriority":
			m.Priority = priorityOf(v.String())
		case "CloudCustomData":
			m.CloudCustomData = v.String()
		case "OnlineOnlyFlag":
			m.onlineOnly = v.Int() == 1
		case "MsgModifiedFlag":
			m.modified = v.Int() == 1
		case "IsPlaceMsg":
			m.IsPlaceMessage = int(v.Int())
		case "IsSystemMsg":
			m.system = v.Int() == 1
		case "GroupAtInfo":
			m.AtUserList = mentioned(v)
		case "GroupInfo":
			info = v
		case "MsgBody":
			body = v
		}
		return true
	})
	m.groupID = info.Get("GroupId").String()
	m.Nick, m.Avatar = info.Get("From_AccountNick").String(), info.Get("From_AccountHeadurl").String()
	m.NameCard = info.Get("MsgFrom_AccountExtraInfo.NameCard").String()
	switch {
	case kind == ConvSystem:
		m.Type, m.Payload = MsgGrpNotice, parseNotice(body, info)
	case body.IsObject():
		m.Type, m.Payload = MsgGrpTip, parseTip(body, info)
		m.nameTip(body)
	default:
		m.Type, m.Payload = parseBody(body)
	}
	if m.ClientSequence == 0 {
		m.ClientSequence = m.Sequence
	}
	m.IsRevoked = m.IsPlaceMessage == protocol.PlaceRecalled
	m.place(me)
	return m
}

// mentioned reads who is mentioned: 1 is a user, 2 is all (messages.md §3.2).
func mentioned(list gjson.Result) []string {
	out := []string{}
	for _, v := range list.Array() {
		switch v.Get("GroupAtAllFlag").Int() {
		case 1:
			out = append(out, v.Get("GroupAt_Account").String())
		case 2:
			out = append(out, MsgAtAll)
		}
	}
	return out
}

// bySequence are the items of an array in the order of their sequences.
func bySequence(list gjson.Result) []gjson.Result {
	items := list.Array()
	if len(items) > 1 {
		sort.SliceStable(items, func(i, j int) bool { return items[i].Get("MsgSeq").Uint() < items[j].Get("MsgSeq").Uint() })
	}
	return items
}

// known sorts out items: of live rooms one is in, of other groups in the list,
// and those of groups that are not known, which wait until it is found out.
func (c *Client) known(event int, items []gjson.Result) (common []gjson.Result, live []roomItem) {
	for _, v := range items {
		id := v.Get("GroupInfo.GroupId").String()
		switch {
		case c.groups.has(id) && c.rooms.joined(id):
			live = append(live, roomItem{event, v})
		case c.groups.has(id):
			common = append(common, v)
		case !c.groups.strange[id]:
			c.keepForLater(id, event, v)
		}
	}
	return common, live
}

// newGroupMessages takes messages that were pushed, or pulled after a
// reconnect: those of live rooms, MESSAGE_MODIFIED, the list events,
// MESSAGE_RECEIVED.
func (c *Client) newGroupMessages(list gjson.Result) {
	items, live := c.known(protocol.EventGroupMsg, bySequence(list))
	c.roomMessages(live)
	var fresh, modified []*record
	var told newsList
	for _, v := range items {
		m := parseGroupMessage(v, c.session.userID, ConvGroup)
		r := newRecord(c, m.Message)
		here := c.msgs.sentHere(r.now())
		isModified := here && m.modified
		if isModified {
			r.update(func(m *Message) { m.IsModified = true })
		}
		switch {
		case m.onlineOnly:
			r.onlineOnly = true
			fresh = append(fresh, r)
			continue
		case !c.msgs.push(r, isModified), c.msgs.randoms.has(m.Random) && !isModified:
			continue // known already
		case isModified:
			modified = append(modified, r)
		default:
			fresh = append(fresh, r)
		}
		told.add(r, m.Flow == FlowIn)
	}
	c.announce(told, modified, fresh)
}

// announce fires the events of new messages of groups, in the order of 2.14.
func (c *Client) announce(told newsList, modified, fresh []*record) {
	if len(modified) > 0 {
		c.emit(EventMessageModified, messages(modified))
	}
	c.tell(told, true)
	for _, n := range told {
		c.updateGroup(n.id[len(ConvGroup):], func(g *Group) { g.NextMessageSeq = n.last.now().Sequence + 1 })
	}
	if len(fresh) > 0 {
		c.emit(EventMessageReceived, messages(fresh))
	}
}

// newsList is news with one entry per conversation, in the order of the first
// message of each.
type newsList []news

func (l *newsList) add(r *record, unread bool) {
	id := r.now().ConversationID
	n := 0
	if unread {
		n = 1
	}
	for i := range *l {
		if (*l)[i].id == id {
			(*l)[i].last = r
			(*l)[i].unread += n
			return
		}
	}
	*l = append(*l, news{id: id, last: r, unread: n})
}
