package backend

import "github.com/imsim/imsim/protocol"

// memberOf is the membership behind a group conversation; nil if the item
// names none.
func (w *World) memberOf(user *account, item protocol.ContactItem) *member {
	if g := w.groups[item.Group()]; item.Type == protocol.ContactGroup && g != nil && !g.isRoom() {
		return g.byID[user.id]
	}
	return nil
}

// hideGroup takes a group's conversation off the list until the next message,
// and with clear also its history.
func (w *World) hideGroup(user *account, item protocol.ContactItem, clear bool) []protocol.RecentContact {
	m := w.memberOf(user, item)
	if m == nil {
		return nil
	}
	m.Pinned, m.HiddenTo = false, m.group.lastSeq()
	if clear {
		w.clearHistory(user, item)
	}
	return []protocol.RecentContact{{Type: protocol.ContactGroup, GroupID: m.group.ID}}
}

// readAllGroups marks every group as read.
func (w *World) readAllGroups(r *request) {
	for m := range r.user().memberships {
		if m.unread() > 0 {
			w.readTo(m, m.group.lastSeq(), r.sess)
		}
	}
}
