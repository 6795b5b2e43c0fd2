package client

import (
	"time"

	"github.com/tidwall/gjson"
)

// GroupMember is a member of a group as he was at one moment; it never changes.
type GroupMember struct {
	UserID            string        `json:"userID"`
	Avatar            string        `json:"avatar"`
	Nick              string        `json:"nick"`
	Role              string        `json:"role"`            // one of the GrpMbrRole… constants
	JoinTime          int64         `json:"joinTime"`        // seconds
	LastSendMsgTime   string        `json:"lastSendMsgTime"` // always empty in 2.14
	NameCard          string        `json:"nameCard"`
	MuteUntil         int64         `json:"muteUntil"` // seconds; 0 never muted
	MemberCustomField []CustomField `json:"memberCustomField"`
}

// memberCache is what is known of the members of groups; the values never
// change.
type memberCache map[string]map[string]*GroupMember

func (s memberCache) get(group, user string) *GroupMember { return s[group][user] }

// update changes a copy, which takes the place; nil if he is not known.
func (s memberCache) update(group, user string, change func(*GroupMember)) *GroupMember {
	old := s[group][user]
	if old == nil {
		return nil
	}
	m := *old
	change(&m)
	s[group][user] = &m
	return &m
}

// merge takes a member of a reply. As in 2.14 what is empty or 0 does not
// replace what is known.
func (c *Client) mergeMember(group string, v gjson.Result) *GroupMember {
	user := v.Get("Member_Account").String()
	if c.members[group] == nil {
		if c.members == nil {
			c.members = make(memberCache)
		}
		c.members[group] = make(map[string]*GroupMember)
	}
	if c.members[group][user] == nil {
		c.members[group][user] = &GroupMember{UserID: user, MemberCustomField: []CustomField{}}
	}
	return c.members.update(group, user, func(m *GroupMember) {
		if role := v.Get("Role").String(); role != "" {
			m.Role = role
		}
		if at := v.Get("JoinTime").Int(); at != 0 {
			m.JoinTime = at
		}
		if card := v.Get("NameCard").String(); card != "" {
			m.NameCard = card
		}
		if until := v.Get("ShutUpUntil").Int(); until != 0 {
			m.MuteUntil = until
		}
		m.MemberCustomField = withFields(m.MemberCustomField, fieldsIn(v.Get("AppMemberDefinedData")))
	})
}

// rename shows a user's present name in all groups.
func (s memberCache) rename(p *Profile) {
	for group := range s {
		s.name(group, p)
	}
}

func (s memberCache) name(group string, p *Profile) {
	s.update(group, p.UserID, func(m *GroupMember) {
		if p.Nick != "" {
			m.Nick = p.Nick
		}
		if p.Avatar != "" {
			m.Avatar = p.Avatar
		}
	})
}

// muted sets the end of a mute that begins now.
func (m *GroupMember) muted(now time.Time, seconds int64) { m.MuteUntil = now.Unix() + seconds }
