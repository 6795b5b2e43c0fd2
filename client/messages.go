package client

// messageStore is what this instance knows of messages, by conversation.
type messageStore struct {
	lists     map[string]*messageList
	randoms   randomRing        // of messages sent here
	completed map[string]bool   // nothing older is on the server
	cursors   map[string]string // MsgKey to go on with
}

// messageList is the local list of a conversation, oldest first.
type messageList struct {
	order []*record
	byID  map[string]*record
	mine  *record // newest sent by me
	peer  *record // newest sent by the peer
}

func (s *messageStore) list(id string) *messageList {
	if l := s.lists[id]; l != nil {
		return l
	}
	return &messageList{}
}

func (s *messageStore) open(id string) *messageList {
	if s.lists == nil {
		s.lists = make(map[string]*messageList)
	}
	l := s.lists[id]
	if l == nil {
		l = &messageList{byID: make(map[string]*record)}
		s.lists[id] = l
	}
	return l
}

func (s *messageStore) has(m *Message) bool { return s.list(m.ConversationID).byID[m.ID] != nil }

// sentHere tells whether a message is known here: sent by this instance, or in
// the list.
func (s *messageStore) sentHere(m *Message) bool { return s.has(m) || s.randoms.has(m.Random) }

// push appends a message. A known one is refused, except that a modified
// version takes the place of one that was not modified before.
func (s *messageStore) push(r *record, modified bool) bool {
	m := r.now()
	l := s.open(m.ConversationID)
	if old := l.byID[m.ID]; old != nil {
		if !modified || old.now().IsModified {
			return false
		}
		for i := range l.order {
			if l.order[i] == old {
				l.order[i] = r
			}
		}
	} else {
		l.order = append(l.order, r)
	}
	l.byID[m.ID] = r
	l.newest(r)
	return true
}

func (l *messageList) newest(r *record) {
	if r.now().Flow == FlowOut {
		l.mine = r
	} else {
		l.peer = r
	}
}

// unshift puts a page of history, oldest first, before the list. A message
// that is known already keeps its identity and takes the page's place.
func (s *messageStore) unshift(id string, page []*record) {
	if len(page) == 0 {
		return
	}
	l := s.open(id)
	order := make([]*record, 0, len(page)+len(l.order))
	seen := make(map[string]bool, len(page))
	for _, r := range page {
		key := r.now().ID
		if seen[key] {
			continue
		}
		seen[key] = true
		if old := l.byID[key]; old != nil {
			r = old
		}
		order = append(order, r)
	}
	for _, r := range l.order {
		if !seen[r.now().ID] {
			order = append(order, r)
		}
	}
	l.order = order
	l.byID = make(map[string]*record, len(order))
	for _, r := range order {
		l.byID[r.now().ID] = r
		l.newest(r)
	}
}

// drop forgets a conversation's messages and how far its history is read.
func (s *messageStore) drop(id string) {
	delete(s.lists, id)
	delete(s.completed, id)
	delete(s.cursors, id)
}

// find is the message with this sequence and random, if not recalled.
func (l *messageList) find(sequence, random uint32) *record {
	for _, r := range l.order {
		if m := r.now(); m.Sequence == sequence && m.Random == random && !m.IsRevoked {
			return r
		}
	}
	return nil
}

// unread counts what keeps a conversation unread.
func (l *messageList) unread() int {
	n := 0
	for _, r := range l.order {
		if m := r.now(); !m.IsRead && !r.onlineOnly && !m.IsDeleted {
			n++
		}
	}
	return n
}

// rename shows a sender's present name in the older messages of one side.
func (l *messageList) rename(flow, nick, avatar string) {
	for _, r := range l.order {
		if m := r.now(); m.Flow == flow && (m.Nick != nick || m.Avatar != avatar) {
			r.update(func(m *Message) { m.Nick, m.Avatar = nick, avatar })
		}
	}
}

func (s *messageStore) renameMine(nick, avatar string) {
	for _, l := range s.lists {
		l.rename(FlowOut, nick, avatar)
	}
}

// randomRing remembers the last 100 randoms, as the reference does.
type randomRing struct {
	set  map[uint32]bool
	ring []uint32
	next int
}

const rememberedRandoms = 100

func (r *randomRing) has(n uint32) bool { return r.set[n] }

func (r *randomRing) add(n uint32) {
	if r.set == nil {
		r.set = make(map[uint32]bool)
	}
	if r.set[n] {
		return
	}
	if len(r.ring) < rememberedRandoms {
		r.ring = append(r.ring, n)
	} else {
		delete(r.set, r.ring[r.next])
		r.ring[r.next] = n
		r.next = (r.next + 1) % rememberedRandoms
	}
	r.set[n] = true
}

func (r *randomRing) remove(n uint32) { delete(r.set, n) }
