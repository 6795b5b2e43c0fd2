package backend

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sort"
	"strconv"
	"time"

	"github.com/imsim/imsim/protocol"
)

// State is everything of a world that outlives its connections, as JSON.
type State struct {
	SDKAppID uint32           `json:"sdkAppID"`
	Counters counters         `json:"counters"`
	Users    []userState      `json:"users"`
	Chats    []chatState      `json:"chats"`
	Groups   []groupState     `json:"groups,omitempty"`
	Relays   map[string]relay `json:"relays,omitempty"`
}

type userState struct {
	UserID        string         `json:"userID"`
	TinyID        string         `json:"tinyID"`
	Profile       []profileField `json:"profile,omitempty"`
	Conversations []contactState `json:"conversations,omitempty"`
	Relations     *relationState `json:"relations,omitempty"`
	PeerMute      map[string]int `json:"peerMute,omitempty"` // messageRemindType by userID
	Mute          *mute          `json:"mute,omitempty"`
	SigsFrom      int64          `json:"userSigsFrom,omitempty"`
	noticeState
}

type contactState struct {
	Type   int    `json:"type"`
	ID     string `json:"id"`
	Pinned bool   `json:"pinned,omitempty"`
	Hidden bool   `json:"hidden,omitempty"`
}

type chatState struct {
	Users    [2]string      `json:"users"`
	Sides    [2]chatSide    `json:"sides"`
	Messages []messageState `json:"messages"`
}

type messageState struct {
	No         int64           `json:"no"`
	From       string          `json:"from"`
	To         string          `json:"to"`
	Seq        uint32          `json:"seq"`
	Random     uint32          `json:"random"`
	Time       int64           `json:"time"`
	ClientTime int64           `json:"clientTime"`
	Body       json.RawMessage `json:"body"`
	Custom     string          `json:"cloudCustomData,omitempty"`
	Flags      messageFlag     `json:"flags,omitempty"`
	Version    int             `json:"version,omitempty"`
	Until      int64           `json:"until,omitempty"` // second up to which it waits for who is away
}

// State returns a copy of the world's state, sorted so that equal worlds give
// equal texts.
func (w *World) State(at time.Time) *State {
	w.begin(at)
	st := &State{SDKAppID: w.appID, Counters: w.counters, Users: []userState{}, Chats: []chatState{}, Relays: maps.Clone(w.relays)}
	for _, a := range w.sortedAccounts() {
		u := userState{
			UserID: a.id, TinyID: a.tiny, Profile: append([]profileField(nil), a.profile...),
			Relations: a.relations.state(), PeerMute: maps.Clone(a.peerMute), SigsFrom: a.sigsFrom,
			noticeState: a.noticeState(),
		}
		if a.mute != (mute{}) {
			still := a.mute
			u.Mute = &still
		}
		for _, c := range a.contacts {
			u.Conversations = append(u.Conversations, contactState{c.key.kind, c.key.id, c.pinned, c.hidden})
		}
		sort.Slice(u.Conversations, func(i, j int) bool {
			x, y := u.Conversations[i], u.Conversations[j]
			return x.Type < y.Type || x.Type == y.Type && x.ID < y.ID
		})
		st.Users = append(st.Users, u)
	}
	for _, c := range w.chats {
		w.purge(c)
		if len(c.messages) == 0 && c.sides == [2]chatSide{} {
			continue
		}
		cs := chatState{Users: [2]string{c.key.a, c.key.b}, Sides: c.sides, Messages: []messageState{}}
		for _, m := range c.messages {
			cs.Messages = append(cs.Messages, messageState{
				m.no, m.from.id, m.to.id, m.seq, m.random, m.time, m.clientTime, m.body, m.custom, m.flags, m.version, m.until,
			})
		}
		st.Chats = append(st.Chats, cs)
	}
	st.Groups = w.groupStates()
	sort.Slice(st.Chats, func(i, j int) bool {
		x, y := st.Chats[i].Users, st.Chats[j].Users
		return x[0] < y[0] || x[0] == y[0] && x[1] < y[1]
	})
	return st
}

// Load makes a world of a state. The error names what in it cannot be.
func Load(st *State, cfg Config) (*World, error) {
	w := New(st.SDKAppID, cfg)
	w.counters = st.Counters
	for i, u := range st.Users {
		if err := w.loadUser(u); err != nil {
			return nil, fmt.Errorf("users[%d]: %w", i, err)
		}
	}
	for i, u := range st.Users { // now that everybody is there
		if err := w.loadRelations(w.accounts[u.UserID], u.Relations); err != nil {
			return nil, fmt.Errorf("users[%d]: %w", i, err)
		}
	}
	var all []*message
	for i, cs := range st.Chats {
		messages, err := w.loadChat(cs)
		if err != nil {
			return nil, fmt.Errorf("chats[%d]: %w", i, err)
		}
		all = append(all, messages...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].no < all[j].no })
	for i, m := range all {
		if i > 0 && m.no == all[i-1].no {
			return nil, fmt.Errorf("chats: two messages have the no %d", m.no)
		}
		m.toInboxes()
		w.awaits(m)
	}
	if err := w.loadGroups(st.Groups); err != nil {
		return nil, err
	}
	w.orderGroups(st.Users)
	for key, saved := range st.Relays {
		if err := w.loadRelay(key, saved); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *World) loadUser(u userState) error {
	if err := validUserID(u.UserID); err != nil {
		return err
	}
	switch {
	case w.accounts[u.UserID] != nil:
		return fmt.Errorf("user %q stands twice", u.UserID)
	case w.byTiny[u.TinyID] != nil:
		return fmt.Errorf("user %q: tinyID %q is taken", u.UserID, u.TinyID)
	}
	if tiny, err := strconv.ParseUint(u.TinyID, 10, 64); err != nil || tiny > firstTinyID+w.counters.TinyID {
		return fmt.Errorf("user %q: tinyID %q is not a number up to %d and the counter", u.UserID, u.TinyID, uint64(firstTinyID))
	}
	for i, f := range u.Profile {
		if f.Tag == "" || !scalar(f.Value) {
			return fmt.Errorf("user %q: profile[%d] is not a tag and a string or number", u.UserID, i)
		}
	}
	a := &account{id: u.UserID, tiny: u.TinyID, profile: u.Profile, contacts: map[contactKey]*contact{}, notices: u.Notices, noticeSeq: u.LastNotice}
	if err := a.loadDecisions(u); err != nil {
		return fmt.Errorf("user %q: %w", u.UserID, err)
	}
	for _, c := range u.Conversations {
		key := contactKey{c.Type, c.ID}
		if c.Type != protocol.ContactC2C || validUserID(c.ID) != nil {
			return fmt.Errorf("user %q: conversation with %q has type %d", u.UserID, c.ID, c.Type)
		}
		a.contacts[key] = &contact{key: key, pinned: c.Pinned, hidden: c.Hidden}
	}
	w.accounts[a.id], w.byTiny[a.tiny] = a, a
	return nil
}

func (w *World) loadChat(cs chatState) ([]*message, error) {
	key := keyOf(cs.Users[0], cs.Users[1])
	switch {
	case key != chatKey{cs.Users[0], cs.Users[1]}:
		return nil, errors.New("users are not in the order of their IDs")
	case w.accounts[key.a] == nil || w.accounts[key.b] == nil:
		return nil, fmt.Errorf("chat of %q and %q: no such user", key.a, key.b)
	case w.chats[key] != nil:
		return nil, fmt.Errorf("chat of %q and %q stands twice", key.a, key.b)
	}
	c := w.chat(key.a, key.b)
	c.sides = cs.Sides
	for i, ms := range cs.Messages {
		m := &message{
			no: ms.No, from: w.accounts[ms.From], to: w.accounts[ms.To], seq: ms.Seq, random: ms.Random,
			time: ms.Time, clientTime: ms.ClientTime, body: ms.Body, custom: ms.Custom, flags: ms.Flags, version: ms.Version, until: ms.Until,
		}
		switch {
		case m.from == nil || m.to == nil || keyOf(ms.From, ms.To) != key:
			return nil, fmt.Errorf("messages[%d]: %q to %q is not of this chat", i, ms.From, ms.To)
		case i > 0 && (m.time < cs.Messages[i-1].Time || m.no <= cs.Messages[i-1].No):
			return nil, fmt.Errorf("messages[%d]: older than the one before", i)
		case m.no < 1 || m.no > w.counters.Message:
			return nil, fmt.Errorf("messages[%d]: no %d is not between 1 and the counter", i, m.no)
		}
		if err := protocol.CheckMsgBody(m.body); err != nil {
			return nil, fmt.Errorf("messages[%d]: %w", i, err)
		}
		c.add(m)
	}
	c.recount(w.accounts[key.a])
	c.recount(w.accounts[key.b])
	return c.messages, nil
}

// CloseAll closes every connection: the world is about to be replaced.
func (w *World) CloseAll(at time.Time, reason string) []Effect {
	w.begin(at)
	for id := range w.conns {
		w.out = append(w.out, Effect{Conn: id, Close: 1012, Reason: reason}) // 1012: service restart
	}
	sort.Slice(w.out, func(i, j int) bool { return w.out[i].Conn < w.out[j].Conn })
	return w.out
}
