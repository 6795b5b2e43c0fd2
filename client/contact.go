package client

import (
	"cmp"
	"context"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// pageCursor is how far recentcontact.page_get has got.
type pageCursor struct {
	time, topTime   int64
	start, topStart int
}

// pageConversations asks for the conversation list, page after page. The end of
// the first page, failed or not, lets the client become ready; later pages fire
// the list event (messages.md §7.1).
func (c *Client) pageConversations() {
	at := c.convs.cursor
	body := encode(protocol.ContactPageRequest{
		FromAccount: c.session.userID, TimeStamp: at.time, StartIndex: at.start, TopTimeStamp: at.topTime,
		TopStartIndex: at.start, // sic: 2.14 repeats StartIndex
		OrderType:     1, MsgAssistFlags: 4, AssistFlags: 7,
	})
	c.askThen(protocol.CmdContactPage, body, func(r reply) {
		if !c.session.loggedIn {
			return
		}
		first := !c.startup.synced
		defer c.conversationsSynced()
		if !r.OK() {
			c.convs.failed = true
			return
		}
		v := gjson.ParseBytes(r.Body)
		c.gotContacts(v.Get("SessionItem"))
		if !first {
			c.groupsFollow()
			c.conversationsChanged()
		}
		c.convs.cursor = pageCursor{
			time: v.Get("TimeStamp").Int(), start: int(v.Get("StartIndex").Int()),
			topTime: v.Get("TopTimeStamp").Int(), topStart: int(v.Get("TopStartIndex").Int()),
		}
		if v.Get("CompleteFlag").Int() != 1 {
			c.pageConversations()
			return
		}
		c.showMentions()
		c.recordPeerReadTimes()
		c.patchRemarks()
	})
}

func (c *Client) recordPeerReadTimes() {
	for _, v := range c.convs.list {
		if v.Type == ConvC2C {
			c.convs.recordPeerRead(v.ConversationID, v.PeerReadTime)
		}
	}
}

// gotContacts merges a list of the server. Of a known conversation it changes
// the names, the peer's read time and a group's unread count, but not the last
// message, which is known better here. Items without LastMsg are skipped.
func (c *Client) gotContacts(items gjson.Result) {
	var front []*Conversation
	var unknown []string
	items.ForEach(func(_, item gjson.Result) bool {
		last := item.Get("LastMsg")
		if !last.IsObject() {
			return true
		}
		remote := contact(item, last)
		old := c.convs.get(remote.ConversationID)
		if remote.Type == ConvC2C && c.friends.get(remote.ToAccount) == nil {
			if p := c.profiles.byID[remote.ToAccount]; p == nil || p.Nick != remote.UserProfile.Nick || p.Avatar != remote.UserProfile.Avatar {
				unknown = append(unknown, remote.ToAccount)
			}
		}
		if old == nil {
			if f := c.friends.get(remote.ToAccount); f != nil && remote.Type == ConvC2C {
				remote.Remark = f.Remark
			}
			if g := c.groups.get(remote.ToAccount); g != nil && remote.Type == ConvGroup {
				remote.setGroup(g)
			}
			front = append(front, remote)
			return true
		}
		v := *old
		if remote.Type == ConvGroup && v.SubType != GrpAVChatRoom {
			v.UnreadCount = remote.UnreadCount
		}
		v.PeerReadTime = max(v.PeerReadTime, remote.PeerReadTime)
		if p := v.UserProfile; p != nil && remote.UserProfile != nil {
			v.UserProfile = c.renamed(p, cmp.Or(remote.UserProfile.Nick, p.Nick), cmp.Or(remote.UserProfile.Avatar, p.Avatar))
		}
		if v.LastMessage.CloudCustomData != remote.LastMessage.CloudCustomData {
			v.LastMessage.CloudCustomData = remote.LastMessage.CloudCustomData
		}
		front = append(front, &v)
		return true
	})
	c.convs.put(front...)
	c.convs.sort()
	// Asked for the cache's sake; the conversations keep the list's names.
	if len(unknown) > 0 {
		c.askThen(protocol.CmdProfileGet, c.profileRequest(unknown[:min(len(unknown), maxProfiles)]), func(r reply) {
			if r.OK() && c.session.loggedIn {
				c.gotProfiles(r)
			}
		})
	}
}

// contact is one SessionItem (messages.md §7.1).
func contact(item, last gjson.Result) *Conversation {
	var v *Conversation
	recalled := int64(protocol.FlagC2CRecalled)
	if item.Get("Type").Int() == protocol.ContactC2C {
		v = newConversation(ConvC2C + item.Get("To_Account").String())
		v.UserProfile.Nick, v.UserProfile.Avatar = item.Get("C2cNick").String(), item.Get("C2cImage").String()
		v.LastMessage.FromAccount = item.Get("LastC2CMsgFrom_Account").String()
		v.LastMessage.LastSequence = uint32(item.Get("MsgSeq").Uint())
		v.PeerReadTime = item.Get("C2cPeerReadTime").Int()
	} else {
		recalled = protocol.FlagGroupRecalled
		v = newConversation(ConvGroup + item.Get("ToAccount").String())
		v.GroupProfile.Name, v.GroupProfile.Avatar = item.Get("GroupNick").String(), item.Get("GroupImage").String()
		v.LastMessage.FromAccount = item.Get("MsgGroupFrom_Account").String()
		v.UnreadCount = int(item.Get("UnreadMsgCount").Int())
		v.LastMessage.LastSequence = uint32(item.Get("MsgGroupReadedSeq").Uint()) + uint32(v.UnreadCount)
	}
	l := &v.LastMessage
	l.LastTime = item.Get("MsgTimeStamp").Int()
	l.Type, l.Payload = parseBody(last.Get("MsgBody"))
	l.MessageForShow = show(l.Type, l.Payload)
	l.CloudCustomData = item.Get("CloudCustomData").String()
	l.IsRevoked = item.Get("LastMsgFlags").Int() == recalled
	v.IsPinned = item.Get("TopFlags").Int() == 1
	return v
}

// ConversationListResult is the whole list, sorted.
type ConversationListResult struct {
	ConversationList []*Conversation `json:"conversationList"`
}

// GetConversationList asks the server for the list, merges it into the local
// one and returns that. It fires no event.
func (c *Client) GetConversationList(ctx context.Context) (*ConversationListResult, error) {
	return run(ctx, c, "getConversationList", nil, func() (*ConversationListResult, error) {
		if c.convs.failed {
			c.convs.failed = false
			c.pageConversations()
		}
		r := c.ask(protocol.CmdContactGet, []byte(`{"From_Account":`+quote(c.session.userID)+`,"Count":0}`))
		if err := r.err(); err != nil {
			return nil, err
		}
		c.gotContacts(gjson.GetBytes(r.Body, "SessionItem"))
		c.recordPeerReadTimes()
		return &ConversationListResult{ConversationList: append([]*Conversation{}, c.convs.list...)}, nil
	})
}

// ConversationResult is one conversation.
type ConversationResult struct {
	Conversation *Conversation `json:"conversation"`
}

// GetConversationProfile returns a conversation with its profile in full, which
// is fetched once. An unknown one is added to the list. Errors: 2501 no such
// user, of groups see GetGroupProfile.
func (c *Client) GetConversationProfile(ctx context.Context, conversationID string) (*ConversationResult, error) {
	valid := need("getConversationProfile").conversation(conversationID).err()
	return run(ctx, c, "getConversationProfile", valid, func() (*ConversationResult, error) {
		v := c.convs.get(conversationID)
		if v != nil && (v.complete || v.Type == ConvSystem) {
			return &ConversationResult{Conversation: v}, nil
		}
		if v == nil {
			v = newConversation(conversationID)
		}
		fill, err := c.conversationProfile(v)
		if err != nil {
			return nil, err
		}
		if known := c.convs.update(conversationID, fill); known != nil {
			return &ConversationResult{Conversation: known}, nil
		}
		fill(v)
		c.convs.put(v)
		c.conversationsChanged()
		return &ConversationResult{Conversation: v}, nil
	})
}

// conversationProfile fetches what fills a conversation.
func (c *Client) conversationProfile(v *Conversation) (fill func(*Conversation), err error) {
	if v.Type != ConvC2C { // sic: of a system conversation without notices the group "" is asked for
		g, err := c.groupProfile(GetGroupProfileOptions{GroupID: v.ToAccount})
		if err != nil {
			return nil, err
		}
		return func(v *Conversation) {
			v.setGroup(g)
			v.complete = true
		}, nil
	}
	list, err := c.getProfiles([]string{v.ToAccount})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fail(CodeUserOrGroupNotFound)
	}
	return func(v *Conversation) {
		v.UserProfile, v.complete = list[0], true
		if f := c.friends.get(v.ToAccount); f != nil {
			v.Remark = f.Remark
		}
	}, nil
}

// ConversationIDResult names the conversation that a method was about.
type ConversationIDResult struct {
	ConversationID string `json:"conversationID"`
}

// DeleteConversation reads a conversation, removes it from the server's list,
// and forgets it and its messages here; the history stays on the server, but
// for the notices of the system conversation. Error: 2500 not in the local
// list.
func (c *Client) DeleteConversation(ctx context.Context, conversationID string) (*ConversationIDResult, error) {
	valid := need("deleteConversation").conversation(conversationID).err()
	return run(ctx, c, "deleteConversation", valid, func() (*ConversationIDResult, error) {
		v := c.convs.get(conversationID)
		if v == nil {
			return nil, fail(CodeConversationNotFound)
		}
		req := protocol.ContactDeleteRequest{FromAccount: c.session.userID}
		switch v.Type {
		case ConvC2C:
			req.ContactItem = protocol.ContactItem{Type: protocol.ContactC2C, ToAccount: v.ToAccount}
		case ConvGroup:
			req.ContactItem = protocol.ContactItem{Type: protocol.ContactGroup, ToGroupID: v.ToAccount}
		default:
			c.deleteNotices(messages(c.msgs.list(conversationID).order))
			c.forgetConversation(conversationID)
			return &ConversationIDResult{ConversationID: conversationID}, nil
		}
		if err := c.setRead(conversationID); err != nil {
			return nil, err
		}
		if err := c.ask(protocol.CmdContactDelete, encode(req)).err(); err != nil {
			return nil, err
		}
		c.forgetConversation(conversationID)
		return &ConversationIDResult{ConversationID: conversationID}, nil
	})
}

func (c *Client) forgetConversation(id string) {
	if c.convs.remove(id) {
		c.msgs.drop(id)
		c.conversationsChanged()
	}
}

// PinConversationOptions say what to pin or unpin.
type PinConversationOptions struct {
	ConversationID string `json:"conversationID"`
	IsPinned       bool   `json:"isPinned"`
}

// PinConversation pins or unpins a conversation; nothing is asked if it is so
// already. Errors: 2500 not in the local list, 51012 too many.
func (c *Client) PinConversation(ctx context.Context, o PinConversationOptions) (*ConversationIDResult, error) {
	valid := need("pinConversation").conversation(o.ConversationID).err()
	return run(ctx, c, "pinConversation", valid, func() (*ConversationIDResult, error) {
		v := c.convs.get(o.ConversationID)
		if v == nil {
			return nil, fail(CodeConversationNotFound)
		}
		result := &ConversationIDResult{ConversationID: o.ConversationID}
		if v.IsPinned == o.IsPinned {
			return result, nil
		}
		req := protocol.ContactTopRequest{FromAccount: c.session.userID, OperationType: protocol.TopUnpin}
		if o.IsPinned {
			req.OperationType = protocol.TopPin
		}
		item := protocol.ContactItem{Type: protocol.ContactC2C, ToAccount: v.ToAccount}
		if v.Type == ConvGroup {
			item = protocol.ContactItem{Type: protocol.ContactGroup, GroupID: v.ToAccount}
		}
		req.RecentContactItem = []protocol.ContactItem{item}
		if err := c.ask(protocol.CmdContactTop, encode(req)).err(); err != nil {
			return nil, err
		}
		if c.pin(o.ConversationID, o.IsPinned) {
			c.convs.sort()
			c.conversationsChanged()
		}
		return result, nil
	})
}

// pin reports whether that changed anything.
func (c *Client) pin(id string, pinned bool) bool {
	v := c.convs.get(id)
	if v == nil || v.IsPinned == pinned {
		return false
	}
	c.convs.update(id, func(v *Conversation) { v.IsPinned = pinned })
	return true
}

// contactsChanged takes the push about conversations that another instance of
// this account deleted or pinned.
func (c *Client) contactsChanged(mods gjson.Result) {
	mods.ForEach(func(_, v gjson.Result) bool {
		kind := v.Get("PushType").Int()
		list := v.Get("RecentContactTopItem.RecentContactList")
		if kind == protocol.ContactDeleted {
			list = v.Get("RecentContactDeleteItem.RecentContactList")
		}
		changed := false
		list.ForEach(func(_, v gjson.Result) bool {
			id := contactID(v)
			switch kind {
			case protocol.ContactDeleted:
				c.forgetConversation(id)
			case protocol.ContactPinned, protocol.ContactUnpinned:
				changed = c.pin(id, kind == protocol.ContactPinned) || changed
			}
			return true
		})
		if changed {
			c.convs.sort()
			c.conversationsChanged()
		}
		return true
	})
}

// contactID reads a conversation's name in a push; three keys are known for
// the user.
func contactID(v gjson.Result) string {
	if v.Get("Type").Int() == protocol.ContactGroup {
		return ConvGroup + v.Get("GroupId").String()
	}
	for _, key := range []string{"User_Account", "UserId", "Peer_Account"} {
		if u := v.Get(key); u.Exists() {
			return ConvC2C + u.String()
		}
	}
	return ""
}
