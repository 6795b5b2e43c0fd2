package client

import (
	"slices"
	"sort"

	"github.com/tidwall/gjson"
)

// groupCache is the group list in its order; the values never change.
type groupCache struct {
	byID  map[string]*Group
	order []string
	// strange are live rooms that one did not join: what comes from them is
	// ignored until JoinGroup.
	strange map[string]bool
}

func (s *groupCache) get(id string) *Group { return s.byID[id] }

func (s *groupCache) has(id string) bool { return s.byID[id] != nil }

// put adds a group at the end, or takes the place of the one that was there.
func (s *groupCache) put(g *Group) {
	if s.byID == nil {
		s.byID = make(map[string]*Group)
	}
	if s.byID[g.GroupID] == nil {
		s.order = append(s.order, g.GroupID)
	}
	s.byID[g.GroupID] = g
}

// update changes a copy, which takes the place; nil if there is no such group.
func (s *groupCache) update(id string, change func(*Group)) *Group {
	old := s.byID[id]
	if old == nil {
		return nil
	}
	g := *old
	change(&g)
	s.byID[id] = &g
	return &g
}

func (s *groupCache) remove(id string) {
	if s.byID[id] != nil {
		delete(s.byID, id)
		s.order = slices.DeleteFunc(s.order, func(g string) bool { return g == id })
	}
}

// keep drops all groups but those.
func (s *groupCache) keep(wanted func(id string) bool) {
	s.order = slices.DeleteFunc(s.order, func(id string) bool {
		if wanted(id) {
			return false
		}
		delete(s.byID, id)
		return true
	})
}

// sort puts the group with the newest message first.
func (s *groupCache) sort() {
	sort.SliceStable(s.order, func(i, j int) bool {
		return s.byID[s.order[i]].LastMessage.LastTime > s.byID[s.order[j]].LastMessage.LastTime
	})
}

func (s *groupCache) list() []*Group {
	list := make([]*Group, 0, len(s.order))
	for _, id := range s.order {
		list = append(list, s.byID[id])
	}
	return list
}

// updateGroup changes a group, and the profile of its conversation with it; nil
// if there is no such group.
func (c *Client) updateGroup(id string, change func(*Group)) *Group {
	g := c.groups.update(id, change)
	if g != nil {
		c.convs.update(ConvGroup+id, func(v *Conversation) { v.setGroup(g) })
	}
	return g
}

// mergeGroup takes a group of a reply into the list.
func (c *Client) mergeGroup(v gjson.Result) *Group {
	if g := c.updateGroup(v.Get("GroupId").String(), func(g *Group) { g.read(v) }); g != nil {
		return g
	}
	g := parseGroup(v)
	c.groups.put(g)
	return g
}

// groupsChanged fires the list event: the whole list, at once.
func (c *Client) groupsChanged() { c.emit(EventGroupListUpdated, c.groups.list()) }

// groupsChangedAll also brings the groups into their conversations, which fires
// CONVERSATION_LIST_UPDATED if there are any.
func (c *Client) groupsChangedAll() {
	c.groupsChanged()
	c.groupsInConversations(c.groups.list())
}

// groupsFollow gives the groups the last messages of their conversations; if
// there are such, the newest comes first and the list event fires. In 2.14 this
// goes before each CONVERSATION_LIST_UPDATED that a message causes; at a login
// the list itself is told first.
func (c *Client) groupsFollow() {
	if c.startup.before(startGroups) {
		return
	}
	found := false
	for _, id := range c.groups.order {
		if v := c.convs.get(ConvGroup + id); v != nil {
			found = true
			if v.LastMessage != c.groups.get(id).LastMessage {
				c.updateGroup(id, func(g *Group) { g.LastMessage = v.LastMessage })
			}
		}
	}
	if found {
		c.groups.sort()
		c.groupsChanged()
	}
}

// updateLast changes a last message in its place: a group that has it sees so,
// as in 2.14, where the two share it.
func (c *Client) updateLast(v *Conversation, change func(*LastMessage)) {
	before := v.LastMessage
	c.convs.update(v.ConversationID, func(v *Conversation) { change(&v.LastMessage) })
	if v.Type != ConvGroup {
		return
	}
	g := c.groups.get(v.ToAccount) // its time may be from a newer profile
	if g != nil && g.LastMessage.LastSequence == before.LastSequence && g.LastMessage.Payload == before.Payload {
		c.updateGroup(v.ToAccount, func(g *Group) { change(&g.LastMessage) })
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
		v := c.convs.update(ConvGroup+g.GroupID, func(v *Conversation) { v.setGroup(g) })
		if v != nil && v.LastMessage.LastSequence < g.NextMessageSeq {
			c.updateLast(v, func(l *LastMessage) { l.LastSequence = g.NextMessageSeq - 1 })
		}
	}
	c.conversationsChanged()
}

// forgetGroup removes a group, its members and its conversation, with both list
// events.
func (c *Client) forgetGroup(id string) {
	c.groups.remove(id)
	delete(c.members, id)
	c.forgetConversation(ConvGroup + id)
	c.groupsChanged()
}
