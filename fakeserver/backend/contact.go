package backend

import (
	"sort"

	"github.com/imsim/imsim/protocol"
)

// contactKey names a conversation of an account.
type contactKey struct {
	kind int // protocol.ContactC2C or ContactGroup
	id   string
}

// contact is a conversation in an account's list.
type contact struct {
	key    contactKey
	pinned bool
	hidden bool // deleted; the next message brings it back
	// seenTo is the newest message at the deletion: no catch-up repeats it. The
	// SDKs tell a repeated message by their list, which they drop with the
	// conversation.
	seenTo int64
}

// dismissed tells whether a message was in the conversation when the account
// deleted that.
func (m *message) dismissed(a *account) bool {
	peer := m.from
	if peer == a {
		peer = m.to
	}
	c := a.contacts[contactKey{protocol.ContactC2C, peer.id}]
	return c != nil && m.no <= c.seenTo
}

// touch puts a C2C conversation into the list, as a new message does.
func (w *World) touch(a *account, peer string) *contact {
	key := contactKey{protocol.ContactC2C, peer}
	c := a.contacts[key]
	if c == nil {
		c = &contact{key: key}
		a.contacts[key] = c
	}
	c.hidden = false
	return c
}

// contactList is the account's list: pinned first, then by the last message,
// the newest first; at most MaxConversations.
func (w *World) contactList(a *account) []*contact {
	type dated struct {
		*contact
		no int64 // of the last message: later is newer, also within a second
	}
	var list []dated
	for _, c := range a.contacts {
		if c.hidden {
			continue
		}
		d := dated{contact: c}
		if chat := w.chatIfAny(a.id, c.key.id); chat != nil {
			if m := chat.last(a); m != nil {
				d.no = m.no
			}
		}
		if d.no == 0 && !c.pinned {
			continue // its last message is no longer stored
		}
		list = append(list, d)
	}
	for m := range a.memberships {
		d := dated{contact: &contact{key: contactKey{protocol.ContactGroup, m.group.ID}, pinned: m.Pinned}}
		if last := m.lastShown(); last != nil {
			d.no = last.no
		}
		if d.no > 0 || m.Pinned {
			list = append(list, d)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		x, y := list[i], list[j]
		switch {
		case x.pinned != y.pinned:
			return x.pinned
		case x.no != y.no:
			return x.no > y.no
		}
		return x.key.id < y.key.id
	})
	if len(list) > w.cfg.MaxConversations {
		list = list[:w.cfg.MaxConversations]
	}
	contacts := make([]*contact, len(list))
	for i := range list {
		contacts[i] = list[i].contact
	}
	return contacts
}

// contactPage is recentcontact.page_get and .get: the whole list in one page.
func (w *World) contactPage(r *request) (protocol.Reply, error) {
	if _, err := decode[protocol.ContactPageRequest](r); err != nil {
		return nil, err
	}
	reply := &protocol.ContactPageReply{CompleteFlag: 1, SessionItem: []protocol.SessionItem{}}
	for _, c := range w.contactList(r.user()) {
		reply.SessionItem = append(reply.SessionItem, w.sessionItem(r.user(), c))
	}
	return reply, nil
}

func (w *World) sessionItem(user *account, c *contact) protocol.SessionItem {
	if g := w.groups[c.key.id]; c.key.kind == protocol.ContactGroup && g != nil {
		w.purgeGroup(g)
		return g.byID[user.id].contactItem()
	}
	item := protocol.SessionItem{Type: c.key.kind, ToAccountC2C: c.key.id}
	if c.pinned {
		item.TopFlags = 1
	}
	peer := w.accounts[c.key.id]
	if peer == nil {
		return item
	}
	item.C2CNick, item.C2CImage = peer.text(protocol.TagNick), peer.text(protocol.TagAvatar)
	chat := w.chatIfAny(user.id, peer.id)
	if chat == nil {
		return item
	}
	item.UnreadMsgCount = chat.side(user).Unread
	item.C2CPeerReadTime = chat.side(peer).ReadTime
	if m := chat.last(user); m != nil {
		item.MsgTimeStamp, item.MsgSeq, item.MsgRandom = m.time, m.seq, m.random
		item.LastC2CMsgFromAccount = m.from.id
		item.LastMsg = &protocol.LastMsg{MsgBody: m.body, CloudCustomData: m.custom}
		item.CloudCustomData = m.custom
		if m.is(revoked) {
			item.LastMsgFlags = protocol.FlagC2CRecalled
		}
	}
	return item
}

func (w *World) contactDelete(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.ContactDeleteRequest](r)
	if err != nil {
		return nil, err
	}
	w.reply(r, &protocol.Status{})
	w.deleteContacts(r, []protocol.ContactItem{req.ContactItem}, false)
	return nil, errAnswered
}

func (w *World) contactBatchDelete(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.ContactBatchDeleteRequest](r)
	if err != nil {
		return nil, err
	}
	reply := &protocol.ContactBatchDeleteReply{ResultItem: []protocol.ContactResult{}}
	for _, item := range req.ContactItem {
		reply.ResultItem = append(reply.ResultItem, protocol.ContactResult{ContactItem: item})
	}
	w.reply(r, reply)
	w.deleteContacts(r, req.ContactItem, req.ClearRamble == 1)
	return nil, errAnswered
}

// deleteContacts takes conversations off the list until the next message, and
// with clear also their history; the user's other instances are told.
func (w *World) deleteContacts(r *request, items []protocol.ContactItem, clear bool) {
	user := r.user()
	gone := &protocol.RecentContacts{}
	for _, item := range items {
		if item.Type == protocol.ContactGroup {
			gone.RecentContactList = append(gone.RecentContactList, w.hideGroup(user, item, clear)...)
			continue
		}
		c := user.contacts[contactKey{protocol.ContactC2C, item.ToAccount}]
		if c == nil || item.Type != protocol.ContactC2C {
			continue
		}
		c.hidden, c.pinned, c.seenTo = true, false, w.newest()
		if clear {
			w.clearHistory(user, item)
		} else if chat := w.chatIfAny(user.id, item.ToAccount); chat != nil {
			chat.recount(user)
		}
		gone.RecentContactList = append(gone.RecentContactList,
			protocol.RecentContact{Type: protocol.ContactC2C, UserAccount: item.ToAccount})
	}
	if len(gone.RecentContactList) > 0 {
		w.notify(user, r.sess, protocol.PushEvent{Event: protocol.EventContact, RecentContactMod: []protocol.RecentContactMod{{
			PushType: protocol.ContactDeleted, RecentContactDeleteItem: gone,
		}}})
	}
}

// contactClear is recentcontact.clear_msg (2.27 and later): the history goes,
// the conversation stays on the SDK's list, empty.
func (w *World) contactClear(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.ContactDeleteRequest](r)
	if err != nil {
		return nil, err
	}
	w.clearHistory(r.user(), req.ContactItem)
	return &protocol.Status{}, nil
}

// clearHistory takes all messages so far of a conversation from one side.
func (w *World) clearHistory(user *account, item protocol.ContactItem) {
	if m := w.memberOf(user, item); m != nil {
		m.ClearedTo = m.group.lastSeq()
	}
	if chat := w.chatIfAny(user.id, item.ToAccount); item.Type == protocol.ContactC2C && chat != nil {
		if n := len(chat.messages); n > 0 {
			chat.side(user).ClearedTo = chat.messages[n-1].no
		}
		chat.recount(user)
	}
}

// contactTop is recentcontact.top: pin or unpin; at most MaxPinned, else 51012.
func (w *World) contactTop(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.ContactTopRequest](r)
	if err != nil {
		return nil, err
	}
	user, pin := r.user(), req.OperationType == protocol.TopPin
	if !pin && req.OperationType != protocol.TopUnpin {
		return nil, protocol.Errorf(protocol.CodeContactParam, "OperationType must be 1 or 2")
	}
	pinned := map[string]bool{}
	for _, c := range user.contacts {
		if c.pinned {
			pinned[c.key.id] = true
		}
	}
	for _, m := range user.groups {
		if m.Pinned {
			pinned[m.group.ID] = true
		}
	}
	for _, item := range req.RecentContactItem { // all or nothing
		if item.Type == protocol.ContactGroup {
			if w.memberOf(user, item) == nil {
				return nil, protocol.NewError(protocol.CodeContactAccount)
			}
			if id := item.Group(); pin && !pinned[id] {
				if pinned[id] = true; len(pinned) > w.cfg.MaxPinned {
					return nil, protocol.NewError(protocol.CodePinsFull)
				}
			}
			continue
		}
		if item.Type != protocol.ContactC2C || w.accounts[item.ToAccount] == nil {
			return nil, protocol.NewError(protocol.CodeContactAccount)
		}
		if pin && !pinned[item.ToAccount] {
			if pinned[item.ToAccount] = true; len(pinned) > w.cfg.MaxPinned {
				return nil, protocol.NewError(protocol.CodePinsFull)
			}
		}
	}
	changed := &protocol.RecentContacts{}
	for _, item := range req.RecentContactItem {
		if m := w.memberOf(user, item); m != nil {
			if m.Pinned != pin {
				m.Pinned = pin
				changed.RecentContactList = append(changed.RecentContactList, protocol.RecentContact{Type: protocol.ContactGroup, GroupID: m.group.ID})
			}
			continue
		}
		c := user.contacts[contactKey{protocol.ContactC2C, item.ToAccount}]
		if pin && (c == nil || !c.pinned) {
			c = w.touch(user, item.ToAccount)
		}
		if c != nil && c.pinned != pin {
			c.pinned = pin
			changed.RecentContactList = append(changed.RecentContactList,
				protocol.RecentContact{Type: protocol.ContactC2C, UserAccount: item.ToAccount})
		}
	}
	w.reply(r, &protocol.Status{})
	if len(changed.RecentContactList) > 0 {
		mod := protocol.RecentContactMod{PushType: protocol.ContactUnpinned, RecentContactTopItem: changed}
		if pin {
			mod.PushType = protocol.ContactPinned
		}
		w.notify(user, r.sess, protocol.PushEvent{Event: protocol.EventContact, RecentContactMod: []protocol.RecentContactMod{mod}})
	}
	return nil, errAnswered
}
