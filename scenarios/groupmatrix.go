package scenarios

import (
	"fmt"
	"slices"

	"github.com/imsim/imsim/fakeserver/backend"
	"github.com/imsim/imsim/port"
)

// attempt is how an SDK tries an operation of the permission matrix.
type attempt struct {
	covers []string
	try    func(u *User, group string) (port.Answer, *port.CallError)
	// local are the codes with which SDKs refuse by themselves, in some version.
	local []int
	// quiet SDKs answer a stranger from memory, without asking (2.27 on).
	quiet bool
	// only these types; empty: all.
	only []string
	// before prepares a group; may be nil.
	before func(owner *User, group string)
}

// The people of a matrix case. The targets never act.
const (
	theOwner, anAdmin, aMember, aStranger = "owner", "admin", "member", "stranger"
	targetAdmin, targetMember, newcomer   = "admin2", "target", "newcomer"
)

// attempts is how each operation is tried. What an SDK cannot be made to ask
// is judged by the backend's own tests.
var attempts = map[backend.Operation]attempt{
	backend.OpDismiss:  {covers: covers("dismissGroup"), local: []int{2622, port.CodeNone}, try: call("dismissGroup", nil)},
	backend.OpTransfer: {covers: covers("changeGroupOwner"), local: []int{2620}, try: call("changeGroupOwner", args{"newOwnerID": targetMember})},
	backend.OpSetAdmin: {
		covers: covers("setGroupMemberRole"), local: []int{2681, 2682, port.CodeNone},
		try: call("setGroupMemberRole", args{"userID": targetMember, "role": "Admin"}),
	},
	backend.OpEditProfile: {covers: covers("updateGroupProfile"), try: call("updateGroupProfile", args{"introduction": "new"})},
	backend.OpJoinOption: {
		covers: covers("updateGroupProfile"), only: []string{groupPublic}, // others are not sent
		try: call("updateGroupProfile", args{"joinOption": "DisableApply"}),
	},
	backend.OpMuteAll:     {covers: covers("updateGroupProfile"), try: call("updateGroupProfile", args{"muteAllMembers": true})},
	backend.OpSearch:      {covers: covers("searchGroupByID"), try: func(u *User, g string) (port.Answer, *port.CallError) { return u.Try("searchGroupByID", g) }},
	backend.OpReadProfile: {covers: covers("getGroupProfile"), try: call("getGroupProfile", nil)},
	backend.OpReadMembers: {covers: covers("getGroupMemberList"), quiet: true, try: call("getGroupMemberList", nil)},
	backend.OpInvite: {
		covers: covers("addGroupMember"), local: []int{2661, port.CodeNone},
		try: call("addGroupMember", args{"userIDList": []string{newcomer}}),
	},
	backend.OpRemoveOwner:  remove(theOwner),
	backend.OpRemoveAdmin:  remove(targetAdmin),
	backend.OpRemoveMember: remove(targetMember),
	backend.OpMuteOwner:    muting(theOwner),
	backend.OpMuteAdmin:    muting(targetAdmin),
	backend.OpMuteMember:   muting(targetMember),
	backend.OpCardOwn:      {covers: covers("setGroupMemberNameCard"), try: call("setGroupMemberNameCard", args{"nameCard": "mine"})},
	backend.OpCardAdmin:    card(targetAdmin),
	backend.OpCardMember:   card(targetMember),
	backend.OpFieldsOwn: {covers: covers("setGroupMemberCustomField"), try: call("setGroupMemberCustomField", args{
		"memberCustomField": []args{{"key": "k", "value": "v"}},
	})},
	backend.OpFieldsOthers: {covers: covers("setGroupMemberCustomField"), try: call("setGroupMemberCustomField", args{
		"userID": targetMember, "memberCustomField": []args{{"key": "k", "value": "v"}},
	})},
	backend.OpRemind: {covers: covers("setMessageRemindType"), try: call("setMessageRemindType", args{"messageRemindType": "AcceptNotNotify"})},
	backend.OpQuit: {
		covers: covers("quitGroup"), local: []int{2623},
		try: func(u *User, g string) (port.Answer, *port.CallError) { return u.Try("quitGroup", g) },
	},
	backend.OpSend: {covers: covers("sendMessage"), local: []int{2100, 2101}, try: saying},
	backend.OpSpeakMuted: {
		covers: covers("sendMessage", "updateGroupProfile"), local: []int{2100, 2101}, try: saying,
		only: []string{groupPublic, groupMeeting, groupRoom},
		before: func(owner *User, g string) {
			owner.Call("updateGroupProfile", args{"groupID": g, "muteAllMembers": true})
		},
	},
	backend.OpReadAttributes: {
		covers: covers("getGroupAttributes"), local: []int{2642}, only: []string{groupRoom},
		try: call("getGroupAttributes", args{"keyList": []string{}}),
	},
	backend.OpEditAttributes: {
		covers: covers("initGroupAttributes"), local: []int{2642}, only: []string{groupRoom},
		try: call("initGroupAttributes", args{"groupAttributes": args{"k": "v"}}),
	},
}

// call tries a method that takes named arguments, or with nil the group alone.
func call(api string, more args) func(*User, string) (port.Answer, *port.CallError) {
	return func(u *User, g string) (port.Answer, *port.CallError) {
		if api == "dismissGroup" {
			return u.Try(api, g)
		}
		all := args{"groupID": g}
		for k, v := range more {
			all[k] = v
		}
		return u.Try(api, all)
	}
}

func saying(u *User, g string) (port.Answer, *port.CallError) {
	return u.Try("sendMessage", u.GroupText(g, "hello").Ref())
}

func remove(who string) attempt {
	return attempt{
		covers: covers("deleteGroupMember"), local: []int{2680, 3122, 2603, port.CodeNone},
		try: call("deleteGroupMember", args{"userIDList": []string{who}}),
	}
}

func muting(who string) attempt {
	return attempt{
		covers: covers("setGroupMemberMuteTime"), local: []int{2685},
		try: call("setGroupMemberMuteTime", args{"userID": who, "muteTime": 60}),
	}
}

func card(who string) attempt {
	return attempt{
		covers: covers("setGroupMemberNameCard"),
		try:    call("setGroupMemberNameCard", args{"userID": who, "nameCard": "theirs"}),
	}
}

var typeNames = map[string]string{groupWork: "Work", groupPublic: "Public", groupMeeting: "Meeting", groupRoom: "AVChatRoom"}

// matrixCases makes a case of every operation and type: each role tries it,
// and is let or refused as the table says.
func matrixCases() []Case {
	var cases []Case
	for _, rule := range backend.Matrix {
		how, tried := attempts[rule.Operation]
		if !tried {
			continue
		}
		for _, kind := range backend.GroupTypes {
			if len(how.only) > 0 && !slices.Contains(how.only, kind) {
				continue
			}
			if !possible(rule.Operation, kind) {
				continue
			}
			cases = append(cases, Case{
				Name:   fmt.Sprintf("%s: %s may %s", typeNames[kind], rule.In(kind)&^backend.App, rule.Operation),
				Covers: how.covers, Source: "semantics.md §1.1", Level: Extended,
				Run: func(s *Stage) { s.playMatrix(rule, how, kind) },
			})
		}
	}
	return cases
}

// possible tells whether there is such a target in groups of that type.
func possible(op backend.Operation, kind string) bool {
	admins := kind == groupPublic || kind == groupMeeting
	switch op {
	case backend.OpRemoveAdmin, backend.OpMuteAdmin, backend.OpCardAdmin:
		return admins
	case backend.OpCardMember, backend.OpFieldsOthers, backend.OpCardOwn, backend.OpFieldsOwn, backend.OpRemind:
		return kind != groupRoom // later SDKs answer such from memory
	}
	return true
}

func (s *Stage) playMatrix(rule backend.Rule, how attempt, kind string) {
	s.CreateUsers(targetAdmin, newcomer)
	users := map[string]*User{theOwner: s.Login(theOwner), aMember: s.Login(aMember), aStranger: s.Login(aStranger)}
	roles := []string{theOwner, aMember, aStranger}
	members := []string{aMember, targetMember}
	admins := kind == groupPublic || kind == groupMeeting
	if admins {
		users[anAdmin] = s.Login(anAdmin)
		roles = append(roles, anAdmin)
		members = append(members, anAdmin, targetAdmin)
	}
	var target *User
	if kind == groupRoom {
		target = s.Login(targetMember)
	} else {
		s.CreateUsers(targetMember)
	}
	slices.Sort(roles)
	who := map[string]backend.Who{theOwner: backend.Owner, anAdmin: backend.Admin, aMember: backend.Member, aStranger: backend.Stranger}
	for _, role := range roles {
		id := "g-" + role
		owner := users[theOwner]
		s.pause()
		if kind == groupRoom {
			owner.NewGroup(kind, id, nil)
			users[aMember].Call("joinGroup", args{"groupID": id})
			target.Call("joinGroup", args{"groupID": id})
		} else {
			owner.NewGroup(kind, id, nil, members...)
			users[aMember].Noticed(7)
		}
		if admins {
			users[anAdmin].Noticed(7)
			owner.Call("setGroupMemberRole", args{"groupID": id, "userID": anAdmin, "role": "Admin"})
			owner.Call("setGroupMemberRole", args{"groupID": id, "userID": targetAdmin, "role": "Admin"})
			users[anAdmin].Noticed(9)
		}
		if how.before != nil {
			how.before(owner, id)
		}
		actor := users[role]
		actor.Barrier()
		answer, failed := how.try(actor, id)
		s.judge(rule, how, kind, role, who[role], answer, failed)
	}
}

func (s *Stage) judge(rule backend.Rule, how attempt, kind, role string, who backend.Who, answer port.Answer, failed *port.CallError) {
	may := rule.In(kind)&who != 0
	switch {
	case may && failed != nil:
		s.Failf("%s: %s may %s, but was refused: %v", typeNames[kind], role, rule.Operation, failed)
	case may:
		return
	case failed == nil && how.quiet && who == backend.Stranger:
		return
	case failed == nil:
		s.Failf("%s: %s must not %s, but was answered %s", typeNames[kind], role, rule.Operation, answer.Value)
	}
	allowed := append([]int{int(rule.Refusal)}, how.local...)
	if who == backend.Stranger {
		allowed = append(allowed, 10007)
	}
	if !slices.Contains(allowed, failed.Code) {
		s.Failf("%s: %s was refused to %s with code %d (%s), want one of %v",
			typeNames[kind], role, rule.Operation, failed.Code, failed.Message, allowed)
	}
}
