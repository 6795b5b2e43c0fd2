package client

import "slices"

// messageStore is what this instance knows of messages, by conversation.
type messageStore struct {
	lists     map[string]*messageList
	randoms   recent[uint32]    // of messages sent here
	completed map[string]bool   // nothing older is on the server
	cursors   map[string]string // MsgKey to go on with
}

// messageList is the local list of a conversation, oldest first.
type messageList struct {
	order []*record
	byID  map[string]*record
	mine  *record // newest sent by me
	peer  *record // newest sent by the peer

	lastSequence uint32 // of what was added last
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
	l.lastSequence = m.Sequence
	return true
}

// complete notes that nothing older of a conversation is on the server.
func (s *messageStore) complete(id string) {
	if s.completed == nil {
		s.completed = make(map[string]bool)
	}
	s.completed[id] = true
}

// modified notes that the message was modified.
func (s *messageStore) modified(m *Message) {
	if r := s.list(m.ConversationID).byID[m.ID]; r != nil {
		r.update(func(m *Message) { m.IsModified = true })
	}
}

// remove forgets one message.
func (s *messageStore) remove(m *Message) {
	l := s.list(m.ConversationID)
	if r := l.byID[m.ID]; r != nil {
		delete(l.byID, m.ID)
		l.order = slices.DeleteFunc(slices.Clone(l.order), func(other *record) bool { return other == r })
	}
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
	l.lastSequence = page[len(page)-1].now().Sequence
}

// drop forgets a conversation's messages and how far its history is read.
func (s *messageStore) drop(id string) {
	delete(s.lists, id)
	delete(s.completed, id)
	delete(s.cursors, id)
}

// find is the message with this sequence and random, if not recalled; without
// a random the sequence alone counts.
func (l *messageList) find(sequence uint32, random *uint32) *record {
	for _, r := range l.order {
		if m := r.now(); m.Sequence == sequence && (random == nil || m.Random == *random) && !m.IsRevoked {
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

// recent remembers the last 100 values, as the reference does.
type recent[T comparable] struct {
	set  map[T]bool
	ring []T
	next int
}

const remembered = 100

func (r *recent[T]) has(v T) bool { return r.set[v] }

func (r *recent[T]) add(v T) {
	if r.set == nil {
		r.set = make(map[T]bool)
	}
	if r.set[v] {
		return
	}
	if len(r.ring) < remembered {
		r.ring = append(r.ring, v)
	} else {
		delete(r.set, r.ring[r.next])
		r.ring[r.next] = v
		r.next = (r.next + 1) % remembered
	}
	r.set[v] = true
}

func (r *recent[T]) remove(v T) { delete(r.set, v) }
