package backend

import (
	"encoding/json"
	"sort"

	"github.com/imsim/imsim/protocol"
)

// chatKey names the chat of two accounts, in the order of their IDs.
type chatKey struct{ a, b string }

func keyOf(x, y string) chatKey {
	if y < x {
		x, y = y, x
	}
	return chatKey{x, y}
}

// chat is what two accounts wrote each other (or one to itself).
type chat struct {
	key      chatKey
	messages []*message // in the order of arrival; times never go down
	index    map[messageKey]*message
	sides    [2]chatSide // of key.a and key.b
	// fleeting are the latest online-only messages: not kept, but known again
	// if their sender repeats them.
	fleeting []*message
}

// chatSide is how far one of the two has read, and how far the history was
// cleared for that one.
type chatSide struct {
	ReadTime  int64 `json:"readTime,omitempty"` // second up to which all is read, for receipts
	ReadTo    int64 `json:"readTo,omitempty"`   // number of the last read message
	Unread    int   `json:"unread,omitempty"`
	ClearedTo int64 `json:"clearedTo,omitempty"` // messages up to this one (by number) are gone
}

// messageKey finds a repeated send: same sender, sequence and random.
type messageKey struct {
	from        string
	seq, random uint32
}

// message is a stored C2C message.
type message struct {
	no          int64 // 1, 2, 3… in its world
	from, to    *account
	instID      uint32 // of the session that sent it
	seq, random uint32
	time        int64 // server's second
	clientTime  int64
	body        json.RawMessage
	custom      string
	flags       messageFlag
	version     int
	until       int64 // second up to which it waits for a receiver who is away; 0: no limit
}

type messageFlag uint16

const (
	revoked messageFlag = 1 << iota
	modified
	onlineOnly
	noUnread
	noLastMsg
	wantsReceipt
	deletedByFrom
	deletedByTo
	unseenByTo   // the receiver never gets it: the sender is blocked
	unseenByFrom // the sender's side never gets it: by REST, SyncOtherMachine 2
	receiptSent  // the receiver sent the read receipt that was asked for
	lapsed       // its MsgLifeTime ended before the receiver came
)

func (m *message) is(f messageFlag) bool { return m.flags&f != 0 }

func (m *message) key() protocol.MsgKey {
	return protocol.MsgKey{Seq: m.seq, Random: m.random, Time: m.time}
}

// deletedFor tells whether that side deleted the message for itself, or never
// got it.
func (m *message) deletedFor(a *account) bool {
	return m.from == a && m.is(deletedByFrom|unseenByFrom) || m.to == a && m.is(deletedByTo|unseenByTo)
}

// wire is the message as the receiver gets it.
func (m *message) wire() *protocol.C2CMessage {
	c := &protocol.C2CMessage{}
	m.fill(c)
	return c
}

func (m *message) fill(c *protocol.C2CMessage) {
	*c = protocol.C2CMessage{
		FromAccount: m.from.id, ToAccount: m.to.id, MsgSeq: m.seq, MsgRandom: m.random,
		MsgTimeStamp: m.time, TinyID: m.from.tiny, MsgClientTime: m.clientTime,
		FromAccountNick: m.from.text(protocol.TagNick), FromAccountHeadURL: m.from.text(protocol.TagAvatar),
		CloudCustomData: m.custom, MsgBody: m.body, MsgVersion: m.version,
	}
	if m.is(revoked) {
		c.MsgFlagBits = protocol.FlagC2CRecalled
	}
	if m.is(receiptSent) {
		c.IsPeerRead = 1
	}
	if m.is(onlineOnly) {
		c.MsgLifeTime = new(int64)
	}
	if m.is(wantsReceipt) {
		c.IsNeedReadReceipt = 1
	}
	if m.is(noUnread | noLastMsg) {
		c.SendMsgControl = map[string]int{}
		if m.is(noUnread) {
			c.SendMsgControl["NoUnread"] = 1
		}
		if m.is(noLastMsg) {
			c.SendMsgControl["NoLastMsg"] = 1
		}
	}
}

// wireFor is the message as an instance of the user gets it: a copy of an own
// one has From and To swapped (messages.md §3.1).
func (m *message) wireFor(user *account) *protocol.C2CMessage {
	c := &protocol.C2CMessage{}
	m.fillFor(c, user)
	return c
}

func (m *message) fillFor(c *protocol.C2CMessage, user *account) {
	m.fill(c)
	if m.from == user {
		c.FromAccount, c.ToAccount = c.ToAccount, c.FromAccount
		c.IsSyncMsg = 1
	}
}

func (m *message) identity() protocol.MsgIdentity {
	return protocol.MsgIdentity{
		FromAccount: m.from.id, ToAccount: m.to.id, MsgSeq: m.seq, MsgRandom: m.random,
		MsgTimeStamp: m.time, MsgClientTime: m.clientTime, TinyID: m.from.tiny,
	}
}

// chat returns the chat of two accounts; it is made if there is none.
func (w *World) chat(x, y string) *chat {
	if c := w.chatIfAny(x, y); c != nil {
		return c
	}
	c := &chat{key: keyOf(x, y), index: map[messageKey]*message{}}
	w.chats[c.key] = c
	return c
}

// chatIfAny returns the chat of two accounts, without what retention no longer
// keeps; nil if there is none.
func (w *World) chatIfAny(x, y string) *chat {
	c := w.chats[keyOf(x, y)]
	if c != nil {
		w.purge(c)
	}
	return c
}

func (c *chat) side(a *account) *chatSide {
	if c.key.a == a.id {
		return &c.sides[0]
	}
	return &c.sides[1]
}

// add stores a message at the end.
func (c *chat) add(m *message) {
	c.messages = append(c.messages, m)
	c.index[m.indexKey()] = m
}

// maxFleeting is how many online-only messages of a chat are known again.
const maxFleeting = 16

// sent finds a message that is being sent again.
func (c *chat) sent(key messageKey) *message {
	if m := c.index[key]; m != nil {
		return m
	}
	for _, m := range c.fleeting {
		if m.indexKey() == key {
			return m
		}
	}
	return nil
}

// addFleeting remembers an online-only message for a while.
func (c *chat) addFleeting(m *message) {
	if len(c.fleeting) == maxFleeting {
		c.fleeting = append(c.fleeting[:0], c.fleeting[1:]...)
	}
	c.fleeting = append(c.fleeting, m)
}

func (m *message) indexKey() messageKey { return messageKey{m.from.id, m.seq, m.random} }

// purge drops what is older than the retention allows; it no longer counts as
// unread either.
func (w *World) purge(c *chat) {
	oldest := w.oldest()
	if len(c.messages) == 0 || c.messages[0].time >= oldest {
		return
	}
	n := sort.Search(len(c.messages), func(i int) bool { return c.messages[i].time >= oldest })
	for _, m := range c.messages[:n] {
		if c.index[m.indexKey()] == m {
			delete(c.index, m.indexKey())
		}
	}
	clear(c.messages[:n]) // the array behind them stays until it grows
	c.messages = c.messages[n:]
	c.recount(w.accounts[c.key.a])
	c.recount(w.accounts[c.key.b])
}

// visible lists what an account may still see, oldest first.
func (c *chat) visible(a *account) func(yield func(*message) bool) {
	return func(yield func(*message) bool) {
		cleared := c.side(a).ClearedTo
		for _, m := range c.messages {
			if m.no > cleared && !m.deletedFor(a) && !yield(m) {
				return
			}
		}
	}
}

// last is the newest message that shows in a's conversation list.
func (c *chat) last(a *account) *message {
	cleared := c.side(a).ClearedTo
	for i := len(c.messages) - 1; i >= 0; i-- {
		m := c.messages[i]
		if m.no <= cleared {
			return nil
		}
		if !m.is(noLastMsg) && !m.deletedFor(a) {
			return m
		}
	}
	return nil
}

// countsFor tells whether the message counts as unread for a, whose side that
// is. What came after a read counts, if in the same second.
func (m *message) countsFor(a *account, side *chatSide) bool {
	return m.to == a && m.from != a && m.no > side.ReadTo && m.no > side.ClearedTo &&
		!m.is(revoked|noUnread|lapsed) && !m.deletedFor(a)
}

// recount brings the unread number of a side up to date.
func (c *chat) recount(a *account) {
	side := c.side(a)
	side.Unread = 0
	for i := len(c.messages) - 1; i >= 0; i-- {
		m := c.messages[i]
		if m.no <= side.ReadTo || m.no <= side.ClearedTo {
			return
		}
		if m.countsFor(a, side) {
			side.Unread++
		}
	}
}

// lastBy is the number of the newest message of that second or before.
func (c *chat) lastBy(second int64) int64 {
	n := sort.Search(len(c.messages), func(i int) bool { return c.messages[i].time > second })
	if n == 0 {
		return 0
	}
	return c.messages[n-1].no
}
