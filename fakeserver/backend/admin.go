package backend

import (
	"encoding/json"
	"fmt"
	"sort"
	"time"

	"github.com/imsim/imsim/protocol"
)

// Reasons for Kick: the values of KICKED_OUT's data.type.
const (
	MultipleAccount = "multipleAccount"
	MultipleDevice  = "multipleDevice"
	UserSigExpired  = "userSigExpired"
	RESTAPIKick     = "REST_API_Kick" // from SDK 2.27 on
)

// Kick ends all sessions of a user. It reports how many there were.
func (w *World) Kick(at time.Time, userID, reason string) (int, []Effect, error) {
	w.begin(at)
	user := w.accounts[userID]
	if user == nil {
		return 0, w.out, protocol.Errorf(protocol.CodeAccountMissing, "no account %q", userID)
	}
	kicks := map[string]protocol.KickType{
		MultipleAccount: protocol.KickMultipleAccount, MultipleDevice: protocol.KickMultipleDevice, RESTAPIKick: protocol.KickRESTAPI,
	}
	kick, known := kicks[reason]
	if !known && reason != UserSigExpired {
		return 0, w.out, protocol.Errorf(protocol.CodeRESTParam, "unknown reason %q: use %s, %s, %s or %s",
			reason, MultipleAccount, MultipleDevice, UserSigExpired, RESTAPIKick)
	}
	n := 0
	for _, s := range append([]*session(nil), user.sessions...) {
		if s.state != active {
			continue
		}
		n++
		if reason == UserSigExpired {
			w.expire(s)
		} else {
			w.kick(s, kick)
		}
	}
	return n, w.out, nil
}

// CreateUsers makes accounts that do not exist yet.
func (w *World) CreateUsers(at time.Time, userIDs []string) (created, existed []string, err error) {
	w.begin(at)
	w.changes++
	for _, id := range userIDs {
		if err := validUserID(id); err != nil {
			return nil, nil, fmt.Errorf("%q: %w", id, err)
		}
	}
	created, existed = []string{}, []string{}
	for _, id := range userIDs {
		if w.accounts[id] != nil {
			existed = append(existed, id)
			continue
		}
		w.newAccount(id)
		created = append(created, id)
	}
	return created, existed, nil
}

// Modification changes a stored message, as an app's callback would. Fields
// left out stay as they are.
type Modification struct {
	From            string          `json:"from"`
	To              string          `json:"to"`
	MsgKey          string          `json:"msgKey"` // <seq>_<random>_<time>; empty: the newest from From to To
	MsgBody         json.RawMessage `json:"msgBody,omitempty"`
	CloudCustomData *string         `json:"cloudCustomData,omitempty"`
}

// Modify carries a Modification out, so that MESSAGE_MODIFIED fires: for the
// sender in all versions, for the receiver from 2.27 on (2.14 would count the
// message as unread once more).
func (w *World) Modify(at time.Time, mod Modification) ([]Effect, error) {
	w.begin(at)
	w.changes++
	chat := w.chatIfAny(mod.From, mod.To)
	if chat == nil {
		return w.out, protocol.Errorf(protocol.CodeC2CRecallGone, "no messages between %q and %q", mod.From, mod.To)
	}
	if mod.MsgBody != nil {
		if err := protocol.CheckMsgBody(mod.MsgBody); err != nil {
			return w.out, err
		}
	}
	m, err := chat.find(mod.From, mod.MsgKey)
	if err != nil {
		return w.out, err
	}
	if mod.MsgBody != nil {
		m.body = mod.MsgBody
	}
	if mod.CloudCustomData != nil {
		m.custom = *mod.CloudCustomData
	}
	m.flags |= modified
	m.version++
	w.notify(m.from, nil, m.changedEvent())
	if !m.is(unseenByTo) {
		w.notify(m.to, nil, m.modifiedEvent())
	}
	return w.out, nil
}

// find returns the message with that key, or the newest that from sent.
func (c *chat) find(from, msgKey string) (*message, error) {
	if msgKey == "" {
		for i := len(c.messages) - 1; i >= 0; i-- {
			if c.messages[i].from.id == from {
				return c.messages[i], nil
			}
		}
		return nil, protocol.Errorf(protocol.CodeC2CRecallGone, "%q sent no message here", from)
	}
	key, err := protocol.ParseMsgKey(msgKey)
	if err != nil {
		return nil, err
	}
	m := c.index[messageKey{from, key.Seq, key.Random}]
	if m == nil || m.time != key.Time {
		return nil, protocol.Errorf(protocol.CodeC2CRecallGone, "%q sent no message %s", from, msgKey)
	}
	return m, nil
}

// User is what can be seen of an account from outside.
type User struct {
	UserID   string                     `json:"userID"`
	TinyID   string                     `json:"tinyID"`
	Online   int                        `json:"online"` // connected instances
	Profile  map[string]json.RawMessage `json:"profile"`
	Sessions []Session                  `json:"sessions"`
	Friends  []string                   `json:"friends,omitempty"` // in its own list
	Blocked  []string                   `json:"blocked,omitempty"`
}

// Session is what can be seen of a logged-in instance.
type Session struct {
	InstanceID string `json:"instanceID"`
	InstID     uint32 `json:"instID"`
	Connected  bool   `json:"connected"`
	Conn       Conn   `json:"-"`
}

// User looks an account up.
func (w *World) User(userID string) (User, bool) {
	a := w.accounts[userID]
	if a == nil {
		return User{}, false
	}
	u := User{UserID: a.id, TinyID: a.tiny, Profile: map[string]json.RawMessage{}, Sessions: []Session{}}
	for _, f := range a.profile {
		u.Profile[f.Tag] = f.Value
	}
	for _, f := range a.relations.friends.list {
		u.Friends = append(u.Friends, f.user.id)
	}
	for _, b := range a.relations.blocked.list {
		u.Blocked = append(u.Blocked, b.UserID)
	}
	for _, s := range a.sessions {
		if s.state != active {
			continue
		}
		seen := Session{InstanceID: s.instanceID, InstID: s.instID, Connected: s.conn != nil}
		if s.conn != nil {
			seen.Conn = s.conn.id
			u.Online++
		}
		u.Sessions = append(u.Sessions, seen)
	}
	return u, true
}

// ConnsOf lists the connections of a user's sessions, of every state.
func (w *World) ConnsOf(userID string) []Conn {
	var conns []Conn
	if a := w.accounts[userID]; a != nil {
		for _, s := range a.sessions {
			if s.conn != nil {
				conns = append(conns, s.conn.id)
			}
		}
	}
	sort.Slice(conns, func(i, j int) bool { return conns[i] < conns[j] })
	return conns
}

// UserOfInstance finds who logged in last with that instanceid; empty: nobody,
// or no more.
func (w *World) UserOfInstance(instanceID string) string {
	if s := w.instances[instanceID]; s != nil {
		return s.user.id
	}
	return ""
}

// Messages lists what two accounts wrote each other, oldest first.
func (w *World) Messages(x, y string) []*protocol.C2CMessage {
	var list []*protocol.C2CMessage
	if chat := w.chatIfAny(x, y); chat != nil {
		for _, m := range chat.messages {
			list = append(list, m.wire())
		}
	}
	return list
}

// Changes grows with every input that may have changed the State.
func (w *World) Changes() uint64 { return w.changes }

// Requester is whose request the last Receive carried out; empty if nobody
// was logged in.
func (w *World) Requester() string { return w.requester }

// Lost tells whether a fault took the last request before it was carried out.
func (w *World) Lost() bool { return w.lost }

// Group is what can be seen of a group from outside.
type Group struct {
	GroupID    string        `json:"groupID"`
	Type       string        `json:"type"` // as on the wire: Private, Public, ChatRoom, AVChatRoom
	Name       string        `json:"name"`
	OwnerID    string        `json:"ownerID,omitempty"`
	JoinOption string        `json:"joinOption"`
	MuteAll    bool          `json:"muteAllMembers"`
	LastSeq    uint32        `json:"lastSeq"` // of the newest message; 0: none
	Members    []GroupMember `json:"members"` // in the order of joining
}

// GroupMember is what can be seen of a membership.
type GroupMember struct {
	UserID   string `json:"userID"`
	Role     string `json:"role"` // Owner, Admin, Member
	NameCard string `json:"nameCard,omitempty"`
}

// Group looks a group up.
func (w *World) Group(groupID string) (Group, bool) {
	g := w.groups[groupID]
	if g == nil {
		return Group{}, false
	}
	seen := Group{
		GroupID: g.ID, Type: g.Type, Name: g.Name, OwnerID: g.ownerID(), JoinOption: g.JoinOption,
		MuteAll: g.MuteAll, LastSeq: g.lastSeq(), Members: []GroupMember{},
	}
	for _, m := range g.members {
		seen.Members = append(seen.Members, GroupMember{m.account.id, m.Role, m.NameCard})
	}
	return seen, true
}
