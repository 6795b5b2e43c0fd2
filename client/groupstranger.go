package client

import (
	"time"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// stranger is what came from a group that is not in the list: it waits until it
// is known whether one is in it.
type stranger struct {
	items   []roomItem
	asking  bool
	seconds int // that it has waited
}

// strangerCache is the strangers by groupID.
type strangerCache struct {
	byID     map[string]*stranger
	watching bool // a timer looks after them
}

// strangerPatience is for how many seconds it waits if the server does not
// tell.
const strangerPatience = 5

// keepForLater keeps an item of an unknown group and asks what that is.
func (c *Client) keepForLater(id string, event int, v gjson.Result) {
	s := c.strangers.byID[id]
	if s == nil {
		s = &stranger{}
		if c.strangers.byID == nil {
			c.strangers.byID = make(map[string]*stranger)
		}
		c.strangers.byID[id] = s
		if !c.strangers.watching {
			c.watchStrangers()
		}
	}
	s.items = append(s.items, roomItem{event, v})
	if s.asking {
		return
	}
	s.asking = true
	c.askThen(protocol.CmdGroupInfo, encode(groupInfo(id, []string{"Type", "Name"}, nil)), func(r reply) {
		s.asking = false
		if !r.OK() || c.strangers.byID[id] != s {
			return
		}
		item, err := onlyGroup(gjson.ParseBytes(r.Body))
		switch {
		case err != nil:
		case item.Get("Type").String() != GrpAVChatRoom:
			c.mergeGroup(item)
			c.introduce(id)
		case c.groups.has(id):
			c.introduce(id)
		default: // a live room that one is not in, or that one is just joining: then its own tip of that waits
			if c.groups.strange == nil {
				c.groups.strange = make(map[string]bool)
			}
			c.groups.strange[id] = true
		}
	})
}

// introduce takes what waited for a group, each item by itself.
func (c *Client) introduce(id string) {
	s := c.strangers.byID[id]
	delete(c.strangers.byID, id)
	for _, v := range s.items {
		one := gjson.Parse("[" + v.Raw + "]")
		if v.event == protocol.EventGroupMsg {
			c.newGroupMessages(one)
		} else {
			c.newGroupTips(v.event, one)
		}
	}
}

// watchStrangers looks every second for groups that have come into the list by
// other ways.
func (c *Client) watchStrangers() {
	c.strangers.watching = true
	c.opts.Clock.AfterFunc(time.Second, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.strangers.watching = false
		for id, s := range c.strangers.byID {
			s.seconds++
			switch {
			case c.groups.has(id):
				c.introduce(id)
			case s.seconds >= strangerPatience:
				delete(c.strangers.byID, id)
			}
		}
		if len(c.strangers.byID) > 0 {
			c.watchStrangers()
		}
	})
}
