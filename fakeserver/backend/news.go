package backend

import (
	"slices"

	"github.com/imsim/imsim/protocol"
)

// news collects what a request changed in people's relations, to tell each of
// them once. It is told when all is changed, since the SDKs read again at
// once, and before the reply: the SDKs answer the caller with what the push
// said (relations.md §7).
type news struct {
	w      *World
	order  []*account
	byUser map[*account]*newsOf
}

// newsOf is for one account; its instances get it as one push.
type newsOf struct {
	added, deleted     []string // friends
	blocked, unblocked []string
	mods               []protocol.FriendListMod // the rest
	gone               []protocol.FriendListMod // applications that ended
}

func (w *World) news() *news { return &news{w: w, byUser: map[*account]*newsOf{}} }

func (n *news) of(a *account) *newsOf {
	if n.byUser[a] == nil {
		n.byUser[a] = &newsOf{}
		n.order = append(n.order, a)
	}
	return n.byUser[a]
}

// withdrawn says that an application of from is gone; peer is the other side
// as the one who is told sees it.
func (o *newsOf) withdrawn(from, peer *account) {
	o.gone = append(o.gone, protocol.FriendListMod{
		PushType: protocol.PendencyDeleted, FromAccount: from.id, PendencyDelAccount: []string{peer.id},
	})
}

// tell pushes the news to all instances of each account, the caller's too.
// except is for news that the caller's own instance knows already.
func (n *news) tell(r *request, except *session) {
	for _, a := range n.order {
		o := n.byUser[a]
		var whole []byte // the frame for instances that know all deleted friends
		for _, s := range a.sessions {
			if s == except || s.state != active {
				continue
			}
			deleted := s.known(o.deleted)
			frame := whole
			if frame == nil || len(deleted) != len(o.deleted) {
				mods := o.list(deleted)
				if len(mods) == 0 {
					continue
				}
				frame = n.w.pushFrame(protocol.CmdPush, protocol.Push{EventArray: []protocol.PushEvent{{
					Event: protocol.EventFriendList, FriendListMod: mods,
				}}})
				if len(deleted) == len(o.deleted) {
					whole = frame
				}
			}
			if n.w.handRelation(s, frame, s == r.sess) {
				s.learn(o.added, deleted)
			}
		}
	}
}

// list is the entries of the push. A new friend makes the SDKs read the
// applications again, so that their end need not be told then.
func (o *newsOf) list(deleted []string) []protocol.FriendListMod {
	var mods []protocol.FriendListMod
	if len(o.added) > 0 {
		mods = append(mods, protocol.FriendListMod{PushType: protocol.FriendsAdded, FriendAddAccount: o.added})
	}
	if len(deleted) > 0 {
		mods = append(mods, protocol.FriendListMod{PushType: protocol.FriendsDeleted, FriendDelAccount: deleted})
	}
	if len(o.added) == 0 {
		mods = append(mods, o.gone...)
	}
	if len(o.blocked) > 0 {
		mods = append(mods, protocol.FriendListMod{PushType: protocol.BlackListAdded, BlackListAddAccount: o.blocked})
	}
	if len(o.unblocked) > 0 {
		mods = append(mods, protocol.FriendListMod{PushType: protocol.BlackListDeleted, BlackListDelAccount: o.unblocked})
	}
	return append(mods, o.mods...)
}

// known filters friends for those that the instance's client has in its list.
// All genuine SDKs throw at the deletion of one they lack, and lose the rest
// of the push (relations.md §4.5).
func (s *session) known(friends []string) []string {
	for i, id := range friends {
		if !s.friends[id] {
			some := slices.Clone(friends[:i])
			for _, id := range friends[i+1:] {
				if s.friends[id] {
					some = append(some, id)
				}
			}
			return some
		}
	}
	return friends
}

// learn notes what the instance's client was told about its friends.
func (s *session) learn(added, deleted []string) {
	if s.friends == nil && len(added) > 0 {
		s.friends = map[string]bool{}
	}
	for _, id := range added {
		s.friends[id] = true
	}
	for _, id := range deleted {
		delete(s.friends, id)
	}
}

// handRelation hands a push about relations to an instance, and tells whether
// it gets it, now or after its return. What the caller itself is told does not
// wait for a sync: its answer needs it.
func (w *World) handRelation(s *session, frame []byte, caller bool) bool {
	if caller && s.conn != nil {
		w.flushRelations(s)
		w.emit(s, protocol.CmdPush, frame)
		return true
	}
	return w.hand(s, notice{frame, true})
}

// flushRelations hands out what waits for the instance about relations.
func (w *World) flushRelations(s *session) {
	s.missed = slices.DeleteFunc(s.missed, func(n notice) bool {
		if n.relation {
			w.emit(s, protocol.CmdPush, n.frame)
		}
		return n.relation
	})
}
