package client

import (
	"encoding/json"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// Group is a group as it was at one moment; it never changes. What is not
// known yet is empty: the group list has type, name, avatar and one's own
// membership, GetGroupProfile has everything.
type Group struct {
	GroupID          string        `json:"groupID"`
	Name             string        `json:"name"`
	Avatar           string        `json:"avatar"`
	Type             string        `json:"type"` // one of the Grp… constants
	Introduction     string        `json:"introduction"`
	Notification     string        `json:"notification"`
	OwnerID          string        `json:"ownerID"`
	CreateTime       int64         `json:"createTime"` // seconds
	InfoSequence     int64         `json:"infoSequence"`
	LastInfoTime     int64         `json:"lastInfoTime"` // seconds
	SelfInfo         GroupSelfInfo `json:"selfInfo"`
	LastMessage      LastMessage   `json:"lastMessage"` // of its conversation
	NextMessageSeq   uint32        `json:"nextMessageSeq"`
	MemberCount      int           `json:"memberCount"` // as in 2.14 changed by GetGroupProfile and GetGroupList alone
	MaxMemberCount   int           `json:"maxMemberCount"`
	JoinOption       string        `json:"joinOption"` // one of the JoinOptions… constants
	GroupCustomField []CustomField `json:"groupCustomField"`
	MuteAllMembers   *bool         `json:"muteAllMembers,omitempty"` // nil: not known
	// GroupName is the new name that a tip told of. As in 2.14 Name stays until
	// the profile is fetched.
	GroupName string `json:"groupName,omitempty"`
}

// GroupSelfInfo is one's own membership.
type GroupSelfInfo struct {
	MessageRemindType string `json:"messageRemindType"` // one of the MsgRemind… constants
	JoinTime          int64  `json:"joinTime"`          // seconds
	NameCard          string `json:"nameCard"`
	Role              string `json:"role"` // one of the GrpMbrRole… constants
}

// unknownNumber is 0 for a number that is not known: the reference has "".
type unknownNumber int64

func (n unknownNumber) MarshalJSON() ([]byte, error) {
	if n == 0 {
		return []byte(`""`), nil
	}
	return json.Marshal(int64(n))
}

// MarshalJSON writes numbers that are not known as "", as the reference does.
func (g Group) MarshalJSON() ([]byte, error) {
	type plain Group
	var last any = g.LastMessage
	if g.LastMessage.Type == "" && g.LastMessage.LastSequence == 0 {
		last = struct {
			LastTime       unknownNumber `json:"lastTime"`
			LastSequence   string        `json:"lastSequence"`
			FromAccount    string        `json:"fromAccount"`
			MessageForShow string        `json:"messageForShow"`
		}{LastTime: unknownNumber(g.LastMessage.LastTime)}
	}
	return json.Marshal(struct {
		plain
		CreateTime     unknownNumber `json:"createTime"`
		InfoSequence   unknownNumber `json:"infoSequence"`
		LastInfoTime   unknownNumber `json:"lastInfoTime"`
		LastMessage    any           `json:"lastMessage"`
		NextMessageSeq unknownNumber `json:"nextMessageSeq"`
		MemberCount    unknownNumber `json:"memberCount"`
		MaxMemberCount unknownNumber `json:"maxMemberCount"`
		MemberNum      unknownNumber `json:"memberNum"`    // the older name of memberCount
		MaxMemberNum   unknownNumber `json:"maxMemberNum"` // … of maxMemberCount
	}{
		plain(g), unknownNumber(g.CreateTime), unknownNumber(g.InfoSequence), unknownNumber(g.LastInfoTime), last,
		unknownNumber(g.NextMessageSeq), unknownNumber(g.MemberCount), unknownNumber(g.MaxMemberCount),
		unknownNumber(g.MemberCount), unknownNumber(g.MaxMemberCount),
	})
}

// MarshalJSON writes a joining time that is not known as "".
func (s GroupSelfInfo) MarshalJSON() ([]byte, error) {
	type plain GroupSelfInfo
	return json.Marshal(struct {
		plain
		JoinTime unknownNumber `json:"joinTime"`
	}{plain(s), unknownNumber(s.JoinTime)})
}

func newGroup(id string) *Group { return &Group{GroupID: id, GroupCustomField: []CustomField{}} }

// parseGroup is a group of a reply, of which nothing was known before.
func parseGroup(v gjson.Result) *Group {
	g := newGroup(v.Get("GroupId").String())
	g.read(v)
	g.LastMessage = LastMessage{} // LastMsgTime counts for known groups alone
	return g
}

// read takes the fields that a reply has; custom fields are merged by key.
func (g *Group) read(v gjson.Result) {
	v.ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "Name":
			g.Name = v.String()
		case "FaceUrl":
			g.Avatar = v.String()
		case "Type":
			g.Type = v.String()
		case "Introduction":
			g.Introduction = v.String()
		case "Notification":
			g.Notification = v.String()
		case "Owner_Account":
			g.OwnerID = v.String()
		case "CreateTime":
			g.CreateTime = v.Int()
		case "InfoSeq":
			g.InfoSequence = v.Int()
		case "LastInfoTime":
			g.LastInfoTime = v.Int()
		case "LastMsgTime":
			if v.Int() != 0 {
				g.LastMessage.LastTime = v.Int()
			}
		case "NextMsgSeq":
			g.NextMessageSeq = uint32(v.Uint())
		case "MemberNum":
			g.MemberCount = int(v.Int())
		case "MaxMemberNum":
			g.MaxMemberCount = int(v.Int())
		case "ApplyJoinOption":
			g.JoinOption = v.String()
		case "ShutUpAllMember":
			g.MuteAllMembers = Given(v.String() == "On")
		case "AppDefinedData":
			g.GroupCustomField = withFields(g.GroupCustomField, fieldsIn(v))
		case "SelfInfo":
			g.SelfInfo.read(v)
		}
		return true
	})
}

func (s *GroupSelfInfo) read(v gjson.Result) {
	v.ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "MsgFlag":
			s.MessageRemindType = v.String()
		case "JoinTime":
			s.JoinTime = v.Int()
		case "NameCard":
			s.NameCard = v.String()
		case "Role":
			s.Role = v.String()
		}
		return true
	})
}

// fieldsIn reads an array of {Key, Value}.
func fieldsIn(v gjson.Result) []CustomField {
	fields := []CustomField{}
	for _, f := range v.Array() {
		fields = append(fields, CustomField{Key: f.Get("Key").String(), Value: f.Get("Value").String()})
	}
	return fields
}

// withFields is a copy of the fields with others merged in by key.
func withFields(fields, more []CustomField) []CustomField {
	for _, f := range more {
		fields = withField(fields, f.Key, f.Value)
	}
	return fields
}

// wireFields are custom fields as requests have them.
func wireFields(fields []CustomField) []protocol.KeyValue {
	var out []protocol.KeyValue
	for _, f := range fields {
		out = append(out, protocol.KeyValue{Key: f.Key, Value: f.Value})
	}
	return out
}

// GroupResult is the group that a method was about, as it is now; nil if it is
// not in the local list.
type GroupResult struct {
	Group *Group `json:"group,omitempty"`
}

// GroupIDResult names the group that a method was about.
type GroupIDResult struct {
	GroupID string `json:"groupID"`
}
