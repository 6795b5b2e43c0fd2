package client

import (
	"context"
	"time"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// roomCache is the live room that one is in. Its messages are in no local list:
// what comes twice, by push and by poll, is known by sequence and ID.
type roomCache struct {
	room      *liveRoom // nil: none
	sequences recent[uint32]
	ids       recent[string]
}

// liveRoom is a live room that one has joined.
type liveRoom struct {
	id      string
	owned   bool // by oneself: it cannot be quit
	online  *onlineCount
	polling *polling // nil: its messages are pushed
}

func (s *roomCache) joined(id string) bool { return s.room != nil && s.room.id == id }

// leave forgets a room, if one is in it.
func (s *roomCache) leave(id string) {
	if s.joined(id) {
		s.reset()
	}
}

func (s *roomCache) reset() {
	if s.room != nil && s.room.polling != nil {
		s.room.polling.stop()
	}
	*s = roomCache{}
}

// enterRoom joins a live room locally; the one before is left, on the server
// too unless one owns it. With a key its messages are polled.
func (c *Client) enterRoom(g *Group, key gjson.Result) error {
	if old := c.rooms.room; old != nil {
		if c.session.loggedIn && !old.owned {
			if err := c.quit(old.id); err != nil {
				return err
			}
		} else {
			c.forgetGroup(old.id)
		}
		c.rooms.leave(old.id)
	}
	c.rooms.room = &liveRoom{
		id: g.GroupID, owned: g.SelfInfo.Role == GrpMbrRoleOwner || g.OwnerID != "" && g.OwnerID == c.session.userID,
	}
	if !c.groups.has(g.GroupID) {
		c.groups.put(g)
	}
	delete(c.groups.strange, g.GroupID)
	c.groupsChanged()
	if key.Exists() {
		c.startPolling(key.String())
	}
	return nil
}

// roomItem is something that came from a live room.
type roomItem struct {
	event int
	gjson.Result
}

// roomMessages takes what came from the live room, in the order of the
// sequences: MESSAGE_MODIFIED, the list events, MESSAGE_RECEIVED. Attributes and
// the number of those online are taken from tips that are known already, too.
func (c *Client) roomMessages(items []roomItem) {
	var fresh, modified []*record
	var told newsList
	for _, v := range items {
		kind := ConvGroup
		switch v.event {
		case protocol.EventGroupSystem:
			kind = ConvSystem
		case protocol.EventGroupTips, protocol.EventGroupFleeting:
			c.roomTip(v.Get("GroupInfo.GroupId").String(), v.Get("MsgBody"))
		}
		m := parseGroupMessage(v.Result, c.session.userID, kind)
		if !c.session.loggedIn {
			m.Flow = "" // there is no oneself
		}
		if c.rooms.sequences.has(m.Sequence) || c.rooms.ids.has(m.ID) {
			continue
		}
		c.rooms.sequences.add(m.Sequence)
		c.rooms.ids.add(m.ID)
		r := newRecord(c, m.Message)
		if c.msgs.sentHere(r.now()) {
			if !m.modified {
				continue
			}
			r.update(func(m *Message) { m.IsModified = true })
			c.msgs.modified(r.now())
			modified = append(modified, r)
		} else {
			fresh = append(fresh, r)
		}
		told.add(r, m.Flow == FlowIn)
	}
	if len(modified) > 0 {
		c.emit(EventMessageModified, messages(modified))
	}
	if c.session.loggedIn {
		c.tell(told, true)
	}
	if len(fresh) > 0 {
		c.emit(EventMessageReceived, messages(fresh))
	}
}

// roomTip takes what a tip tells besides its message.
func (c *Client) roomTip(id string, body gjson.Result) {
	if info := body.Get("OnlineMemberInfo"); info.IsObject() && c.rooms.joined(id) {
		c.rooms.room.tippedOnline(info, c.now())
	}
	if option := body.Get("MsgGroupNewInfo.GroupAttrOption"); option.Exists() && body.Get("OpType").Int() == protocol.TipAttributes {
		c.attributesPushed(id, parseAttributeOption(option))
	}
}

// onlineCount is how many are in a live room, as last heard.
type onlineCount struct {
	n                int
	life             time.Duration // for which the server's answer may be taken from memory
	asked, got, told time.Time     // of the last request, answer, and news of any kind
}

// onlineLife is the life of a count if the server says nothing.
const onlineLife = time.Minute

func parseOnline(v gjson.Result) (n int, life time.Duration) {
	life = onlineLife
	if t := v.Get("ExpireTime"); t.Exists() {
		life = time.Duration(t.Int()) * time.Second
	}
	return int(v.Get("OnlineMemberNum").Int()), life
}

func (r *liveRoom) tippedOnline(v gjson.Result, now time.Time) {
	n, life := parseOnline(v)
	if r.online == nil {
		r.online = &onlineCount{life: life}
	}
	r.online.n, r.online.told = n, now
}

// fresh tells whether the count need not be asked for.
func (o *onlineCount) fresh(now time.Time) bool {
	return o != nil &&
		(now.Sub(o.got) <= o.life || now.Sub(o.told) <= 10*time.Second || now.Sub(o.asked) <= 3*time.Second)
}

// OnlineMemberCountResult is how many are in a live room.
type OnlineMemberCountResult struct {
	MemberCount int `json:"memberCount"`
}

// GetGroupOnlineMemberCount returns how many are in the live room that one has
// joined; 0 for any other group. It asks at most once in the time that the
// server says (60 s), and not within 10 s after a tip told the number.
func (c *Client) GetGroupOnlineMemberCount(ctx context.Context, groupID string) (*OnlineMemberCountResult, error) {
	return run(ctx, c, "getGroupOnlineMemberCount", nil, func() (*OnlineMemberCountResult, error) {
		room := c.rooms.room
		if !c.rooms.joined(groupID) {
			return &OnlineMemberCountResult{}, nil
		}
		if room.online.fresh(c.now()) {
			return &OnlineMemberCountResult{MemberCount: room.online.n}, nil
		}
		asked := c.now()
		if room.online != nil {
			room.online.asked = asked
		}
		v, err := c.exchange(protocol.CmdGroupOnline, protocol.GroupRequest{GroupID: groupID})
		if err != nil {
			return nil, err
		}
		n, life := parseOnline(v)
		room.online = &onlineCount{n: n, life: life, asked: asked, got: c.now(), told: c.now()}
		return &OnlineMemberCountResult{MemberCount: n}, nil
	})
}
