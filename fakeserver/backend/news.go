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

// tell hands the news to all instances of each account, the caller's too.
// except is for news that the caller's own instance knows already.
func (n *news) tell(r *request, except *session) {
	for _, a := range n.order {
		o := n.byUser[a]
		var whole []byte // the frame for instances that know all deleted friends
		for _, s := range a.sessions {
			switch {
			case s == except || s.state != active:
				continue
			case s.conn == nil || s.sync.holding && s != r.sess:
				s.missNews(o)
				continue
			}
			n.w.catchUp(s) // what the caller itself is told waits for nothing: its answer needs it
			deleted := s.known(o.deleted)
			frame := whole
			if frame == nil || len(deleted) != len(o.deleted) {
				if frame = n.w.relationFrame(o.list(deleted)); frame == nil {
					continue
				}
				if len(deleted) == len(o.deleted) {
					whole = frame
				}
			}
			n.w.emit(s, protocol.CmdPush, frame)
			s.learn(o.added, deleted)
		}
	}
}

// relationFrame is nil if there is nothing to say.
func (w *World) relationFrame(mods []protocol.FriendListMod) []byte {
	if len(mods) == 0 {
		return nil
	}
	return w.pushFrame(protocol.CmdPush, protocol.Push{EventArray: []protocol.PushEvent{{
		Event: protocol.EventFriendList, FriendListMod: mods,
	}}})
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
// of the push (relations.md §4.5). A friend that is won and lost again before
// the SDK has read its profile still makes all three reject a promise that
// nobody handles: a defect of theirs, for which nothing is held back.
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

// missNews notes what an instance that is away was not told. Its friends are
// compared at its return, so that nobody is announced who came and went.
func (s *session) missNews(o *newsOf) {
	m := s.missedNews
	if m == nil {
		m = &newsOf{}
		s.missedNews = m
	}
	m.blocked = append(minus(m.blocked, o.unblocked), o.blocked...)
	m.unblocked = append(minus(m.unblocked, o.blocked), o.unblocked...)
	for _, mod := range append(slices.Clip(o.gone), o.mods...) {
		switch {
		case mod.PushType != protocol.FriendInfoChanged: // one makes the SDKs read all applications again
			m.gone = []protocol.FriendListMod{reread(mod)}
		case len(m.mods) < maxMissed:
			m.mods = append(m.mods, mod)
		}
	}
}

// reread is a push after which the SDKs read the applications again.
func reread(mod protocol.FriendListMod) protocol.FriendListMod {
	again := protocol.FriendListMod{PushType: protocol.PendencyDeleted, FromAccount: mod.FromAccount, PendencyDelAccount: mod.PendencyDelAccount}
	for _, p := range mod.PendencyAdd {
		again.PendencyDelAccount = []string{p.PendencyAddAccount}
	}
	if again.PendencyDelAccount == nil {
		again.PendencyDelAccount = []string{""} // a read mark names nobody
	}
	return again
}

func minus(list, gone []string) []string {
	return slices.DeleteFunc(list, func(id string) bool { return slices.Contains(gone, id) })
}

// catchUp tells a connected instance what it missed.
func (w *World) catchUp(s *session) {
	o := s.missedNews
	if o == nil {
		return
	}
	s.missedNews = nil
	friends := &s.user.relations.friends
	for _, f := range friends.list {
		if !s.friends[f.user.id] {
			o.added = append(o.added, f.user.id)
		}
	}
	for id := range s.friends {
		if !friends.has(id) {
			o.deleted = append(o.deleted, id)
		}
	}
	slices.Sort(o.deleted)
	if frame := w.relationFrame(o.list(o.deleted)); frame != nil {
		w.emit(s, protocol.CmdPush, frame)
		s.learn(o.added, o.deleted)
	}
}
