package client

import (
	"encoding/json"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// GroupTipPayload is the content of MsgGrpTip: something happened in a group.
type GroupTipPayload struct {
	OperationType   int              `json:"operationType"` // one of the GrpTip… constants
	OperatorID      string           `json:"operatorID"`
	UserIDList      []string         `json:"userIDList"`                // whom it is about
	MemberNum       *int             `json:"memberNum,omitempty"`       // of joining and leaving
	MemberCount     *int             `json:"memberCount,omitempty"`     // the same
	GroupJoinType   int              `json:"groupJoinType,omitempty"`   // of joining: 1 applied, 2 invited
	NewGroupProfile *NewGroupProfile `json:"newGroupProfile,omitempty"` // of a changed profile
	MemberList      []MutedMember    `json:"memberList,omitempty"`      // of muting
	GroupProfile    TipGroup         `json:"groupProfile"`

	wire json.RawMessage
}

// TipGroup is the group that a tip is about.
type TipGroup struct {
	GroupID   string `json:"groupID"`
	GroupName string `json:"groupName,omitempty"`
	From      string `json:"from,omitempty"`
	To        string `json:"to,omitempty"`
}

// NewGroupProfile is what changed of a group; what did not is nil.
type NewGroupProfile struct {
	GroupName            *string               `json:"groupName,omitempty"`
	Introduction         *string               `json:"introduction,omitempty"`
	Notification         *string               `json:"notification,omitempty"`
	Avatar               *string               `json:"avatar,omitempty"`
	JoinOption           *string               `json:"joinOption,omitempty"`
	OwnerID              *string               `json:"ownerID,omitempty"`
	ShutupAll            *int                  `json:"shutupAll,omitempty"` // 1 all are muted
	GroupCustomField     []CustomField         `json:"groupCustomField,omitempty"`
	GroupAttributeOption *GroupAttributeOption `json:"groupAttributeOption,omitempty"`
}

// MutedMember is a member who was muted, or not any more.
type MutedMember struct {
	UserID   string `json:"userID"`
	MuteTime int64  `json:"muteTime"` // seconds; 0 not any more
}

func (p *GroupTipPayload) appendWire(dst []byte) []byte { return append(dst, p.wire...) }
func (p *GroupTipPayload) sendable() bool               { return true }

func parseTip(v, info gjson.Result) *GroupTipPayload {
	p := &GroupTipPayload{
		OperationType: int(v.Get("OpType").Int()), OperatorID: v.Get("Operator_Account").String(),
		GroupJoinType: int(v.Get("GroupJoinType").Int()),
		GroupProfile: TipGroup{
			GroupID: info.Get("GroupId").String(), GroupName: info.Get("GroupName").String(),
			From: info.Get("From_Account").String(), To: info.Get("To_Account").String(),
		},
		wire: json.RawMessage(v.Raw),
	}
	if list := v.Get("List_Account"); list.Exists() {
		p.UserIDList = texts(list)
	} else {
		p.UserIDList = []string{p.OperatorID}
	}
	if n := v.Get("MemberNum"); n.Exists() {
		p.MemberNum, p.MemberCount = Given(int(n.Int())), Given(int(n.Int()))
	}
	if changed := v.Get("MsgGroupNewInfo"); changed.IsObject() {
		p.NewGroupProfile = parseNewGroupProfile(changed)
	}
	if list := v.Get("MsgMemberInfo"); list.Exists() {
		p.MemberList = []MutedMember{}
		for _, m := range list.Array() {
			p.MemberList = append(p.MemberList, MutedMember{m.Get("User_Account").String(), m.Get("ShutupTime").Int()})
		}
	}
	return p
}

func parseNewGroupProfile(v gjson.Result) *NewGroupProfile {
	p := &NewGroupProfile{}
	texts := map[string]**string{
		"GroupName": &p.GroupName, "GroupIntroduction": &p.Introduction, "GroupNotification": &p.Notification,
		"GroupFaceUrl": &p.Avatar, "GroupApplyJoinOption": &p.JoinOption, "Owner_Account": &p.OwnerID,
	}
	v.ForEach(func(key, v gjson.Result) bool {
		switch field := texts[key.Str]; {
		case field != nil:
			*field = Given(v.String())
		case key.Str == "ShutupAll":
			p.ShutupAll = Given(int(v.Int()))
		case key.Str == "MsgAppDefinedData":
			p.GroupCustomField = fieldsIn(v)
		case key.Str == "GroupAttrOption":
			p.GroupAttributeOption = parseAttributeOption(v)
		}
		return true
	})
	return p
}

// nameTip gives a tip the name of the user that it is about, or of who did it.
func (m *groupMessage) nameTip(body gjson.Result) {
	who := body.Get("MsgOperatorMemberExtraInfo")
	if about := body.Get("MsgMemberExtraInfo.0"); about.Exists() {
		who = gjson.Result{}
		switch body.Get("OpType").Int() {
		case protocol.TipJoined, protocol.TipKicked, protocol.TipAdminSet, protocol.TipAdminUnset:
			who = about
		}
	}
	if v := who.Get("NickName"); v.Type == gjson.String {
		m.Nick = v.Str
	}
	if v := who.Get("ImageUrl"); v.Type == gjson.String {
		m.Avatar = v.Str
	}
}

// newGroupTips takes tips. Those of event 6 are outside the sequence: they are
// shown, and nothing else, unless the conversation is new.
func (c *Client) newGroupTips(event int, list gjson.Result) {
	items, live := c.known(event, list.Array())
	fleeting := event == protocol.EventGroupFleeting
	var fresh []*record
	var told newsList
	for _, v := range items {
		m := parseGroupMessage(v, c.session.userID, ConvGroup)
		r := newRecord(c, m.Message)
		r.onlineOnly = fleeting
		if !fleeting && (!c.msgs.push(r, false) || c.msgs.randoms.has(m.Random)) {
			continue // known already
		}
		fresh = append(fresh, r)
		if !fleeting || c.convs.get(m.ConversationID) == nil {
			told.add(r, m.Flow == FlowIn && !fleeting)
		}
	}
	c.roomMessages(live)
	c.announce(told, nil, fresh)
	for _, r := range fresh {
		if p, ok := r.now().Payload.(*GroupTipPayload); ok {
			c.tipped(p)
		}
	}
}

// tipped brings what a tip tells into the caches. The number of members stays,
// as in 2.14.
func (c *Client) tipped(p *GroupTipPayload) {
	id := p.GroupProfile.GroupID
	role := func(role string) {
		for _, user := range p.UserIDList {
			c.members.update(id, user, func(m *GroupMember) { m.Role = role })
		}
	}
	switch p.OperationType {
	case GrpTipMbrQuit, GrpTipMbrKickedOut:
		for _, user := range p.UserIDList {
			delete(c.members[id], user)
		}
	case GrpTipMbrSetAdmin:
		role(GrpMbrRoleAdmin)
	case GrpTipMbrCanceledAdmin:
		role(GrpMbrRoleMember)
	case GrpTipGrpProfileUpdated:
		if p.NewGroupProfile != nil {
			c.updateGroup(id, p.NewGroupProfile.apply)
			if p.NewGroupProfile.OwnerID == nil { // 2.14 fails inside at a new owner
				c.groupsChangedAll()
			}
		}
	case GrpTipMbrProfileUpdated:
		for _, muted := range p.MemberList {
			if muted.MuteTime > 0 { // 2.14 does not see the end of a mute
				c.members.update(id, muted.UserID, func(m *GroupMember) { m.muted(c.now(), muted.MuteTime) })
			}
		}
	}
}

// apply copies the changes into the group. As in 2.14 a new name and a new
// owner are not among them: the profile has to be fetched.
func (p *NewGroupProfile) apply(g *Group) {
	for field, v := range map[*string]*string{
		&g.GroupName: p.GroupName, &g.Introduction: p.Introduction, &g.Notification: p.Notification,
		&g.Avatar: p.Avatar, &g.JoinOption: p.JoinOption,
	} {
		if v != nil {
			*field = *v
		}
	}
	if p.GroupCustomField != nil {
		g.GroupCustomField = append([]CustomField{}, p.GroupCustomField...)
	}
}
