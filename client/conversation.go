package client

import (
	"encoding/json"
	"sort"
)

// Conversation is an entry of the conversation list as it was at one moment;
// it never changes.
type Conversation struct {
	ConversationID  string        `json:"conversationID"` // C2C<userID>, GROUP<groupID>, @TIM#SYSTEM
	Type            string        `json:"type"`           // one of the Conv… constants
	SubType         string        `json:"subType"`        // type of the group, else empty
	UnreadCount     int           `json:"unreadCount"`
	LastMessage     LastMessage   `json:"lastMessage"`
	GroupAtInfoList []GroupAtInfo `json:"groupAtInfoList"` // who mentioned one; until it is read
	PeerReadTime    int64         `json:"peerReadTime"`    // seconds; 0 never
	Remark          string        `json:"remark"`          // of the friend
	IsPinned        bool          `json:"isPinned"`
	UserProfile     *Profile      `json:"userProfile,omitempty"`
	GroupProfile    *Group        `json:"groupProfile,omitempty"`
	ToAccount       string        `json:"toAccount"` // userID or groupID

	complete bool // the profile was fetched in full
}

// LastMessage is what a conversation list shows of the newest message.
type LastMessage struct {
	LastTime        int64   `json:"lastTime"` // seconds
	LastSequence    uint32  `json:"lastSequence"`
	FromAccount     string  `json:"fromAccount"`
	MessageForShow  string  `json:"messageForShow"` // the text, or the kind in brackets
	Type            string  `json:"type"`
	Payload         Payload `json:"payload"`
	IsRevoked       bool    `json:"isRevoked"`
	CloudCustomData string  `json:"cloudCustomData"`
	OnlineOnlyFlag  bool    `json:"onlineOnlyFlag"`
}

// MarshalJSON writes the fromAccount of a conversation without any message as
// the number 0, as the reference does.
func (l LastMessage) MarshalJSON() ([]byte, error) {
	type plain LastMessage
	if l.FromAccount != "" || l.LastSequence != 0 || l.Type != "" {
		return json.Marshal(plain(l))
	}
	return json.Marshal(struct {
		plain
		FromAccount int `json:"fromAccount"`
	}{plain: plain(l)})
}

func lastMessage(m *Message, onlineOnly bool) LastMessage {
	return LastMessage{
		LastTime: m.Time, LastSequence: m.Sequence, FromAccount: m.From, MessageForShow: show(m.Type, m.Payload),
		Type: m.Type, Payload: m.Payload, IsRevoked: m.IsRevoked, CloudCustomData: m.CloudCustomData,
		OnlineOnlyFlag: onlineOnly,
	}
}

// newConversation is one without messages.
func newConversation(id string) *Conversation {
	v := &Conversation{ConversationID: id, GroupAtInfoList: []GroupAtInfo{}}
	switch {
	case isC2C(id):
		v.Type, v.ToAccount = ConvC2C, id[len(ConvC2C):]
		v.UserProfile = newProfile(v.ToAccount)
	case isGroup(id):
		v.Type, v.ToAccount = ConvGroup, id[len(ConvGroup):]
		v.GroupProfile = newGroup(v.ToAccount)
	default:
		v.Type = ConvSystem
	}
	return v
}

// setGroup gives a group's conversation its profile.
func (v *Conversation) setGroup(g *Group) { v.GroupProfile, v.SubType = g, g.Type }

// conversationStore is the list in its order. Its Conversations are replaced,
// never changed.
type conversationStore struct {
	list     []*Conversation // this slice, too, is replaced
	byID     map[string]*Conversation
	cursor   pageCursor
	failed   bool             // page_get failed; the next getConversationList tries again
	peerRead map[string]int64 // seconds, by conversation
	deferred []func()         // for when the client is ready
	mentions []GroupAtInfo    // not yet in their conversations
}

func (s *conversationStore) len() int                    { return len(s.list) }
func (s *conversationStore) get(id string) *Conversation { return s.byID[id] }

// later runs f when the first page of the list is in: now, or right after
// SDK_READY.
func (s *conversationStore) later(c *Client, f func()) {
	if c.startup != nil && c.startup.synced {
		f()
		return
	}
	s.deferred = append(s.deferred, f)
}

// update replaces a conversation, if it is there, in its place.
func (s *conversationStore) update(id string, change func(*Conversation)) *Conversation {
	old := s.byID[id]
	if old == nil {
		return nil
	}
	v := *old
	change(&v)
	s.byID[id] = &v
	list := make([]*Conversation, len(s.list))
	for i, e := range s.list {
		if e == old {
			e = &v
		}
		list[i] = e
	}
	s.list = list
	return &v
}

// put moves conversations, new or changed, to the front; sort brings them to
// their places.
func (s *conversationStore) put(front ...*Conversation) {
	if s.byID == nil {
		s.byID = make(map[string]*Conversation)
	}
	moved := make(map[string]bool, len(front))
	list := make([]*Conversation, 0, len(s.list)+len(front))
	for _, v := range front {
		s.byID[v.ConversationID] = v
		moved[v.ConversationID] = true
		list = append(list, v)
	}
	for _, v := range s.list {
		if !moved[v.ConversationID] {
			list = append(list, v)
		}
	}
	s.list = list
}

// sort: pinned first, each part by the last message's time, newest first;
// equals stay as they are (messages.md §7.2).
func (s *conversationStore) sort() {
	list := append([]*Conversation(nil), s.list...)
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if a.IsPinned != b.IsPinned {
			return a.IsPinned
		}
		return a.LastMessage.LastTime > b.LastMessage.LastTime
	})
	s.list = list
}

func (s *conversationStore) remove(id string) bool {
	if s.byID[id] == nil {
		return false
	}
	delete(s.byID, id)
	list := make([]*Conversation, 0, len(s.list))
	for _, v := range s.list {
		if v.ConversationID != id {
			list = append(list, v)
		}
	}
	s.list = list
	return true
}

// recordPeerRead notes up to when a peer has read; it never goes back.
func (s *conversationStore) recordPeerRead(id string, at int64) {
	if s.peerRead == nil {
		s.peerRead = make(map[string]int64)
	}
	s.peerRead[id] = max(s.peerRead[id], at)
}

// conversationsChanged fires the list event: the whole list, at once.
func (c *Client) conversationsChanged() {
	list := c.convs.list
	if list == nil {
		list = []*Conversation{}
	}
	c.emit(EventConversationListUpdated, list)
}

// news is what sent or received messages mean for one conversation.
type news struct {
	id     string
	last   *record // newest message; nil: only unread ones are known
	unread int     // to be added
	time   int64   // without last: of the newest message
}

// tell brings news into the list, in their order, and fires the list event.
// Instant news replace the last message also of a known conversation.
func (c *Client) tell(list []news, instant bool) {
	if len(list) == 0 {
		return
	}
	if c.startup == nil || !c.startup.synced {
		c.convs.later(c, func() { c.tell(list, instant) })
		return
	}
	var front []*Conversation
	var strangers []string
	for _, n := range list {
		old := c.convs.get(n.id)
		var v *Conversation
		if old == nil {
			v = newConversation(n.id)
			v.LastMessage.LastTime = n.time
			if n.last != nil {
				v.LastMessage = lastMessage(n.last.now(), n.last.onlineOnly)
			}
			if f := c.friends.get(v.ToAccount); f != nil && v.Type == ConvC2C {
				v.Remark = f.Remark
			}
			if v.Type == ConvC2C {
				strangers = append(strangers, v.ToAccount)
			}
			if g := c.groups.get(v.ToAccount); g != nil && v.Type == ConvGroup {
				v.setGroup(g)
			}
		} else {
			changed := *old
			v = &changed
			if instant && n.last != nil {
				v.LastMessage = lastMessage(n.last.now(), n.last.onlineOnly)
			}
		}
		v.UnreadCount += n.unread
		if v.SubType == GrpAVChatRoom {
			v.UnreadCount = 0
		}
		front = append(front, v)
	}
	c.fetchPeerRead(strangers)
	c.convs.put(front...)
	c.convs.sort()
	c.fetchProfiles(strangers)
	c.groupsFollow()
	c.conversationsChanged()
}
