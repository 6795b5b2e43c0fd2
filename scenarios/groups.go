package scenarios

import (
	"time"

	"fmt"

	"github.com/imsim/imsim/port"
)

// Group types as the SDKs name them.
const (
	groupWork    = "Private"
	groupPublic  = "Public"
	groupMeeting = "ChatRoom"
	groupRoom    = "AVChatRoom"
)

// Conversation and message types of groups.
const (
	convGroup = "GROUP"
	msgTip    = "TIMGroupTipElem"
	msgNotice = "TIMGroupSystemNoticeElem"
)

// NewGroup creates a group with these members; options are added.
func (u *User) NewGroup(kind, id string, options args, members ...string) Value {
	all := args{"type": kind, "name": "name of " + id, "groupID": id}
	list := []args{}
	for _, m := range members {
		list = append(list, args{"userID": m})
	}
	if len(list) > 0 {
		all["memberList"] = list
	}
	for k, v := range options {
		all[k] = v
	}
	created := u.Call("createGroup", all)
	if kind == groupRoom { // it is joined by joinGroup, by its owner too
		u.Call("joinGroup", args{"groupID": id})
	}
	return created
}

// pause lets the limits pass that 3.6 sets to calls by its own clock (2996).
func (s *Stage) pause() {
	if genuine(s.hello) != "3.6" {
		return
	}
	for _, u := range s.users {
		s.Must(u.inst.Advance(s.ctx, 5*time.Second), "advance "+u.label())
	}
}

// openGroup is a group that everybody may join at once.
var openGroup = args{"joinOption": "FreeAccess"}

// Crowd logs users in and makes the first of them create a group; the others
// join it as the type allows.
func (s *Stage) Crowd(kind, id string, names ...string) []*User {
	users := make([]*User, len(names))
	for i, name := range names {
		users[i] = s.Login(name)
	}
	var options args
	if kind == groupPublic {
		options = openGroup
	}
	switch kind {
	case groupWork, groupPublic, groupMeeting:
		users[0].NewGroup(kind, id, options, names[1:]...)
		for _, u := range users[1:] {
			u.Noticed(7)
		}
	default:
		users[0].NewGroup(kind, id, options)
		for _, u := range users[1:] {
			u.Call("joinGroup", args{"groupID": id}).Want("status", "JoinedSuccess")
		}
	}
	s.settle(users...)
	return users
}

// settle lets everything arrive, and forgets the events so far. What arrives
// may make the SDK ask for a group before it goes on: the first barrier is
// behind the arrival, the second behind the answer.
func (s *Stage) settle(users ...*User) {
	for _, u := range users {
		u.Barrier()
		u.Barrier()
		u.seen = u.inst.Stream().Len()
	}
}

// Noticed waits for a system notice about a group.
func (u *User) Noticed(kind int) Value {
	return u.Got(fmt.Sprintf("notice %d", kind), func(m Value) bool {
		return m.Get("type").Str == msgNotice && m.Get("payload.operationType").Int() == int64(kind)
	})
}

// Tipped waits for a tip.
func (u *User) Tipped(kind int) Value {
	return u.Got(fmt.Sprintf("tip %d", kind), func(m Value) bool {
		return m.Get("type").Str == msgTip && m.Get("payload.operationType").Int() == int64(kind)
	})
}

// Got waits for MESSAGE_RECEIVED with a message that satisfies a condition.
func (u *User) Got(about string, ok func(Value) bool) Value {
	find := func(list Value) (Value, bool) {
		for _, m := range list.Array() {
			if v := (Value{m, u.stage, "message"}); ok(v) {
				return v, true
			}
		}
		return Value{}, false
	}
	list := u.ExpectThat("MESSAGE_RECEIVED", func(v Value) bool { _, found := find(v); return found }, about)
	m, _ := find(list)
	return m
}

// NoMessage checks that no message that satisfies a condition came since the
// last Expect.
func (u *User) NoMessage(about string, ok func(Value) bool) {
	u.Barrier()
	name := eventName("MESSAGE_RECEIVED")
	for _, r := range u.inst.Stream().Since(u.seen) {
		if r.Kind != port.RecordEvent || r.Name != name {
			continue
		}
		for _, m := range u.value(r.Data, "messages").Array() {
			if ok(Value{m, u.stage, "message"}) {
				u.stage.Failf("%s received %s, but must not: %s", u.label(), about, m.Raw)
			}
		}
	}
}

func isTip(kind int) func(Value) bool {
	return func(m Value) bool {
		return m.Get("type").Str == msgTip && (kind == 0 || m.Get("payload.operationType").Int() == int64(kind))
	}
}

// GroupText creates a text for a group.
func (u *User) GroupText(groupID, text string) Value {
	return u.Call("createTextMessage", args{"to": groupID, "conversationType": convGroup, "payload": args{"text": text}})
}

// SayIn sends a text to a group.
func (u *User) SayIn(groupID, text string) Value { return u.Send(u.GroupText(groupID, text)) }

// Hears waits for a text.
func (u *User) Hears(text string) Value {
	return u.Got("text "+text, func(m Value) bool { return m.Get("payload.text").Str == text })
}

// WaitGroups waits until the SDK's group list holds exactly these.
func (u *User) WaitGroups(ids ...string) {
	has := func() string {
		got := []string{}
		for _, g := range u.Call("getGroupList").Get("groupList").Array() {
			got = append(got, g.Get("groupID").Str)
		}
		return fmt.Sprint(got)
	}
	u.Barrier()
	if len(ids) == 0 {
		ids = []string{}
	}
	if got := has(); got != fmt.Sprint(ids) {
		u.stage.Failf("%s: getGroupList gives %s, want %v", u.label(), got, ids)
	}
}

// Members reads the member list as userID→role.
func (u *User) Members(groupID string) map[string]string {
	list := map[string]string{}
	for _, m := range u.Call("getGroupMemberList", args{"groupID": groupID, "count": 100}).Get("memberList").Array() {
		list[m.Get("userID").Str] = m.Get("role").Str
	}
	return list
}

// WantMembers checks the roles of all members.
func (u *User) WantMembers(groupID string, want map[string]string) {
	if got := u.Members(groupID); fmt.Sprint(got) != fmt.Sprint(want) {
		u.stage.Failf("%s: members of %s are %v, want %v", u.label(), groupID, got, want)
	}
}
