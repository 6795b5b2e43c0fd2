package backend

import (
	"fmt"
	"strings"

	"github.com/imsim/imsim/protocol"
)

// GroupLimits are the caps of groups. The zero value is the documented
// largest edition.
type GroupLimits struct {
	Members        int // of a group, not of a live room; default 6000
	CreateMembers  int // named at creation; default 500
	AddMembers     int // named in one invitation; default 500
	GroupsOfUser   int // live rooms do not count; default 5000
	Rooms          int // live rooms of the app; 0: any number
	Name           int // bytes; default 30
	Introduction   int // bytes; default 240
	Notification   int // bytes; default 300
	FaceURL        int // bytes; default 100
	NameCard       int // bytes; default 50
	MessagesSecond int // of a group; 0: any number
}

func (l GroupLimits) withDefaults() GroupLimits {
	for _, d := range []struct {
		v *int
		n int
	}{
		{&l.Members, 6000}, {&l.CreateMembers, 500}, {&l.AddMembers, 500}, {&l.GroupsOfUser, 5000},
		{&l.Name, 30}, {&l.Introduction, 240}, {&l.Notification, 300}, {&l.FaceURL, 100}, {&l.NameCard, 50},
	} {
		if *d.v <= 0 {
			*d.v = d.n
		}
	}
	return l
}

// maxGroupID is the longest group ID in bytes.
const maxGroupID = 48

// generatedGroup begins the IDs that the service makes.
const generatedGroup = "@TGS#"

// group is a group of any type.
type group struct {
	groupProfile
	members []*member // in the order of joining
	byID    map[string]*member
	muted   map[string]int64 // second at which each one's mute ends; outlives a membership

	nextSeq      uint32
	messages     []*groupMessage // stored ones; sequences have no gap
	index        map[groupSend]*groupMessage
	fleeting     []*groupMessage
	recalls      []groupRecall
	readers      map[uint32][]string // by sequence: who confirmed a message that asks for it
	applications []*groupApplication
	attrs        []protocol.GroupAttr // in the order of their first setting
	attrSeq      int64
	room         room
	rate         struct {
		second int64
		n      int
	}
}

// groupProfile is what is told of a group; JSON is its form in a saved state.
type groupProfile struct {
	ID         string              `json:"groupID"`
	Type       string              `json:"type"`
	Name       string              `json:"name"`
	Intro      string              `json:"introduction,omitempty"`
	Notice     string              `json:"notification,omitempty"`
	Face       string              `json:"faceURL,omitempty"`
	Created    int64               `json:"created"`
	InfoSeq    int64               `json:"infoSeq"`
	LastInfo   int64               `json:"lastInfoTime"`
	LastMsg    int64               `json:"lastMsgTime,omitempty"`
	MaxMembers int                 `json:"maxMembers,omitempty"`
	JoinOption string              `json:"joinOption"`
	MuteAll    bool                `json:"muteAll,omitempty"`
	Custom     []protocol.KeyValue `json:"custom,omitempty"`
}

// member is an account in a group.
type member struct {
	group   *group
	account *account
	memberData
}

type memberData struct {
	Role      string              `json:"role"`
	Joined    int64               `json:"joined"`
	NameCard  string              `json:"nameCard,omitempty"`
	Flag      string              `json:"flag"`
	Custom    []protocol.KeyValue `json:"custom,omitempty"`
	ReadSeq   uint32              `json:"readSeq,omitempty"`
	FromSeq   uint32              `json:"fromSeq"`             // the first message he may see
	ClearedTo uint32              `json:"clearedTo,omitempty"` // messages up to this one are gone for him
	Deleted   map[uint32]bool     `json:"deleted,omitempty"`   // and these
	HiddenTo  uint32              `json:"hiddenTo,omitempty"`  // the conversation shows again after this one
	Pinned    bool                `json:"pinned,omitempty"`
	Mentions  []mention           `json:"mentions,omitempty"`
}

func (m *member) who() Who {
	if m == nil {
		return Stranger
	}
	switch m.Role {
	case protocol.RoleOwner:
		return Owner
	case protocol.RoleAdmin:
		return Admin
	}
	return Member
}

func (g *group) isRoom() bool { return g.Type == protocol.GroupAVChatRoom }

// owner is nil after the owner of a work group quit.
func (g *group) owner() *member {
	for _, m := range g.members {
		if m.Role == protocol.RoleOwner {
			return m
		}
	}
	return nil
}

func (g *group) ownerID() string {
	if m := g.owner(); m != nil {
		return m.account.id
	}
	return ""
}

// named finds a member that a request is about.
func (g *group) named(userID string) (*member, error) {
	m := g.byID[userID]
	if m == nil {
		return nil, protocol.Errorf(protocol.CodeGroupNoRight, "%q is not in the group", userID)
	}
	return m, nil
}

// lastSeq is the sequence of the newest message; 0 if there is none.
func (g *group) lastSeq() uint32 { return g.nextSeq - 1 }

// findGroup looks a group up: 10015 for an ID that cannot be one, 10010 for
// one that there is not (any more).
func (w *World) findGroup(id string) (*group, error) {
	if g := w.groups[id]; g != nil {
		return g, nil
	}
	if !wellFormedGroupID(id) {
		return nil, protocol.NewError(protocol.CodeGroupBadID)
	}
	return nil, protocol.NewError(protocol.CodeGroupMissing)
}

// wellFormedGroupID wants printable ASCII; generated IDs are longer than
// chosen ones may be.
func wellFormedGroupID(id string) bool {
	if id == "" || len(id) > 2*maxGroupID {
		return false
	}
	for i := range len(id) {
		if id[i] < ' ' || id[i] > '~' {
			return false
		}
	}
	return true
}

// permitted finds the group and asks the matrix whether the user may.
func (w *World) permitted(user *account, groupID string, op Operation) (*group, *member, error) {
	g, err := w.findGroup(groupID)
	if err != nil {
		return nil, nil, err
	}
	m := g.byID[user.id]
	return g, m, Permits(op, g.Type, m.who())
}

// newGroupID makes an ID as the service does.
func (w *World) newGroupID() string {
	for {
		w.counters.Group++
		id := fmt.Sprintf("%s1IMSIM%08X", generatedGroup, w.counters.Group*2654435761%(1<<32))
		if w.groups[id] == nil {
			return id
		}
	}
}

// checkNewGroupID judges an ID that was chosen for a group of an owner.
func (w *World) checkNewGroupID(owner *account, id string) error {
	if !wellFormedGroupID(id) || len(id) > maxGroupID || strings.HasPrefix(id, generatedGroup) {
		return protocol.NewError(protocol.CodeGroupBadID)
	}
	switch g := w.groups[id]; {
	case g == nil:
		return nil
	case owner != nil && g.ownerID() == owner.id:
		return protocol.NewError(protocol.CodeGroupOwnID)
	}
	return protocol.NewError(protocol.CodeGroupTaken)
}

// enter makes an account a member.
func (w *World) enter(g *group, a *account, role string) *member {
	m := &member{group: g, account: a, memberData: memberData{
		Role: role, Joined: w.sec(), Flag: protocol.FlagNotify, FromSeq: g.nextSeq, ReadSeq: g.lastSeq(), HiddenTo: g.lastSeq(),
	}}
	if g.Type == protocol.GroupMeeting {
		m.FromSeq = 1 // meetings show newcomers what was said before
	}
	g.members = append(g.members, m)
	g.byID[a.id] = m
	a.groups = append(a.groups, m)
	return m
}

// leave ends a membership.
func (w *World) leave(m *member) {
	g := m.group
	delete(g.byID, m.account.id)
	g.members = withoutMember(g.members, m)
	m.account.groups = withoutMember(m.account.groups, m)
	w.dropPollers(g, m.account)
}

func withoutMember(list []*member, m *member) []*member {
	for i := range list {
		if list[i] == m {
			return append(list[:i:i], list[i+1:]...)
		}
	}
	return list
}

// joinedGroups counts those that count for the cap and stand in the list.
func (a *account) joinedGroups() int {
	n := 0
	for _, m := range a.groups {
		if !m.group.isRoom() {
			n++
		}
	}
	return n
}

// memberships is where the account is a member, in the order of joining, rooms
// left out.
func (a *account) memberships(yield func(*member) bool) {
	for _, m := range a.groups {
		if !m.group.isRoom() && !yield(m) {
			return
		}
	}
}

// mergeFields sets custom fields by key; an empty value stays, as a field.
func mergeFields(have, set []protocol.KeyValue) []protocol.KeyValue {
	merged := append([]protocol.KeyValue(nil), have...)
next:
	for _, kv := range set {
		for i := range merged {
			if merged[i].Key == kv.Key {
				merged[i].Value = kv.Value
				continue next
			}
		}
		merged = append(merged, kv)
	}
	return merged
}
