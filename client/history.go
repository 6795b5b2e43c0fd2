package client

import (
	"context"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// Sizes of pages of history: what one call returns by default and at most, and
// what one request asks for.
const (
	historyPage    = 15
	historyRequest = 20
)

// GetMessageListOptions say which page of history is wanted.
type GetMessageListOptions struct {
	ConversationID   string `json:"conversationID"`
	NextReqMessageID string `json:"nextReqMessageID,omitempty"` // of the result before; empty: the newest page
	Count            int    `json:"count,omitempty"`            // default and maximum 15
}

// MessageListResult is a page of history.
type MessageListResult struct {
	MessageList      []*Message `json:"messageList"`      // oldest first
	NextReqMessageID string     `json:"nextReqMessageID"` // for the next older page
	IsCompleted      bool       `json:"isCompleted"`      // nothing older is left
}

// GetMessageList returns a page of a conversation's history. Pages are cut from
// the local list; the server is asked while there are fewer than Count older
// messages in it. An unknown NextReqMessageID gives the whole local list but
// its last message. Live rooms have no history.
func (c *Client) GetMessageList(ctx context.Context, o GetMessageListOptions) (*MessageListResult, error) {
	valid := need("getMessageList").conversation(o.ConversationID).that(o.Count >= 0, "count", "is not positive").err()
	return run(ctx, c, "getMessageList", valid, func() (*MessageListResult, error) {
		id := o.ConversationID
		if v := c.convs.get(id); v != nil && v.SubType == GrpAVChatRoom {
			return &MessageListResult{MessageList: []*Message{}, IsCompleted: true}, nil
		}
		count := min(o.Count, historyPage)
		if count == 0 {
			count = historyPage
		}
		left := c.msgs.list(id).before(o.NextReqMessageID)
		if id != ConvSystem && left < count && !c.msgs.completed[id] {
			fetch := c.fetchHistory
			if isGroup(id) {
				fetch = func(id string) error { return c.fetchGroupHistory(id, o.NextReqMessageID) }
			}
			if err := fetch(id); err != nil {
				return nil, err
			}
			left = c.msgs.list(id).before(o.NextReqMessageID)
		} else if isC2C(id) {
			c.refreshNames(id)
		}
		return c.cutHistory(id, o.NextReqMessageID, count, left), nil
	})
}

// before is how many messages are older than the one named; -1 if there is no
// such message.
func (l *messageList) before(id string) int {
	if id == "" {
		return len(l.order)
	}
	for i, r := range l.order {
		if r.now().ID == id {
			return i
		}
	}
	return -1
}

func (c *Client) cutHistory(id, next string, count, left int) *MessageListResult {
	order := c.msgs.list(id).order
	end := left
	if next == "" {
		end = len(order)
	}
	start := 0
	if end > count {
		start = end - count
	}
	if end < 0 {
		end = max(len(order)-1, 0) // as slice(0, -1) does
	}
	page := order[start:end]
	res := &MessageListResult{MessageList: messages(page), IsCompleted: left <= count && c.msgs.completed[id]}
	if res.IsCompleted {
		page = order
	}
	if len(page) > 0 {
		res.NextReqMessageID = page[0].now().ID
	}
	return res
}

// fetchHistory asks for the next older page of a C2C conversation.
func (c *Client) fetchHistory(id string) error {
	peer := id[len(ConvC2C):]
	req := protocol.GetRoamMsgRequest{PeerAccount: peer, MaxCnt: historyRequest, WithRecalledMsg: 1}
	if key, ok := c.msgs.cursors[id]; ok {
		req.MsgKey = key
		if order := c.msgs.list(id).order; len(order) > 0 {
			req.LastMsgTime = order[0].now().Time
		}
	}
	r := c.ask(protocol.CmdGetRoamMsg, encode(req))
	if err := r.err(); err != nil {
		return err
	}
	v := gjson.ParseBytes(r.Body)
	if v.Get("Complete").Int() == 1 {
		c.msgs.complete(id)
	}
	var page []*record
	v.Get("MsgList").ForEach(func(_, v gjson.Result) bool {
		// A place holder, and a message without content, vanish.
		m, ok := parseC2C(v, c.session.userID, false)
		if ok && m.IsPlaceMessage != 1 && m.Type != "" {
			r := newRecord(c, m.Message)
			r.onlineOnly = m.onlineOnly
			page = append(page, r)
		}
		return true
	})
	c.msgs.unshift(id, page)
	c.refreshNames(id)
	c.markHistoryRead(id)
	if c.msgs.cursors == nil {
		c.msgs.cursors = make(map[string]string)
	}
	c.msgs.cursors[id] = v.Get("MsgKey").String()
	if at := c.convs.peerRead[id]; at > 0 {
		c.markPeerRead(id, at)
		return nil
	}
	c.askThen(protocol.CmdGetPeerReadTime, encode(protocol.PeerReadTimeRequest{ToAccount: []string{peer}}), func(r reply) {
		if r.OK() && c.session.loggedIn {
			c.gotPeerRead([]string{peer}, r)
			c.markPeerRead(id, c.convs.peerRead[id])
		}
	})
	return nil
}

// refreshNames shows the present names of both sides in the list: the newest
// known of the peer, and one's own.
func (c *Client) refreshNames(id string) {
	l := c.msgs.list(id)
	if l.peer != nil {
		p := l.peer.now()
		l.rename(FlowIn, p.Nick, p.Avatar)
	}
	var nick, avatar string
	if self := c.profiles.byID[c.session.userID]; self != nil {
		nick, avatar = self.Nick, self.Avatar
	}
	l.rename(FlowOut, nick, avatar)
}
