package backend

import (
	"fmt"
	"strings"

	"github.com/imsim/imsim/protocol"
)

// Operation is something that may be done to a group or in it.
type Operation string

// Operations of the matrix, in the words of the documents. Where it matters
// whom it is done to, each such role is an operation of its own.
const (
	OpCreate         Operation = "create"
	OpDismiss        Operation = "dismiss"
	OpTransfer       Operation = "transfer ownership"
	OpSetAdmin       Operation = "set or unset an admin"
	OpEditProfile    Operation = "edit the profile"
	OpJoinOption     Operation = "change the join option"
	OpMuteAll        Operation = "mute all"
	OpJoin           Operation = "apply to join"
	OpHandle         Operation = "decide on an application"
	OpSearch         Operation = "find by ID"
	OpReadProfile    Operation = "read the profile"
	OpReadMembers    Operation = "read the member list"
	OpInvite         Operation = "invite"
	OpRemoveOwner    Operation = "remove the owner"
	OpRemoveAdmin    Operation = "remove an admin"
	OpRemoveMember   Operation = "remove a member"
	OpMuteOwner      Operation = "mute the owner"
	OpMuteAdmin      Operation = "mute an admin"
	OpMuteMember     Operation = "mute a member"
	OpCardOwn        Operation = "set one's own name card"
	OpCardOwner      Operation = "set the owner's name card"
	OpCardAdmin      Operation = "set an admin's name card"
	OpCardMember     Operation = "set a member's name card"
	OpFieldsOwn      Operation = "set one's own custom fields"
	OpFieldsOthers   Operation = "set another's custom fields"
	OpRemind         Operation = "choose what to be told"
	OpQuit           Operation = "quit"
	OpSend           Operation = "send"
	OpSpeakMuted     Operation = "send while all are muted"
	OpHistory        Operation = "read the history"
	OpRecallOwn      Operation = "recall an own message"
	OpRecallOthers   Operation = "recall another's message"
	OpDeleteMessage  Operation = "delete a message for oneself"
	OpReadAttributes Operation = "read attributes"
	OpEditAttributes Operation = "change attributes"
)

// Who is a set of those who may do something.
type Who uint8

// The roles that the matrix tells apart. App is the app's admin, who acts by
// REST and need not be in the group.
const (
	Owner Who = 1 << iota
	Admin
	Member
	Stranger
	App

	nobody   Who = 0
	insiders     = Owner | Admin | Member
	anyone       = insiders | Stranger | App
)

var whoNames = []struct {
	who  Who
	name string
}{{Owner, "owner"}, {Admin, "admin"}, {Member, "member"}, {Stranger, "stranger"}, {App, "app"}}

func (w Who) String() string {
	var names []string
	for _, n := range whoNames {
		if w&n.who != 0 {
			names = append(names, n.name)
		}
	}
	switch {
	case w == anyone:
		return "anyone"
	case len(names) == 0:
		return "nobody"
	}
	return strings.Join(names, ", ")
}

// Rule is a row of the matrix: who may do the operation in each type of
// group, and with which code others are refused.
type Rule struct {
	Operation                         Operation
	Work, Public, Meeting, AVChatRoom Who
	Refusal                           protocol.Code
}

// In is who may do it in a group of that type (by its name on the wire).
func (r Rule) In(groupType string) Who {
	switch groupType {
	case protocol.GroupWork:
		return r.Work
	case protocol.GroupPublic:
		return r.Public
	case protocol.GroupMeeting:
		return r.Meeting
	case protocol.GroupAVChatRoom:
		return r.AVChatRoom
	}
	return nobody
}

// GroupTypes in the order of the matrix's columns.
var GroupTypes = []string{protocol.GroupWork, protocol.GroupPublic, protocol.GroupMeeting, protocol.GroupAVChatRoom}

// Matrix is the documented permission matrix. The rules ask it and nothing
// else. A work group has no admins, a live room keeps no member data.
var Matrix = []Rule{
	//                 Work                   Public                 Meeting                AVChatRoom             refused with
	{OpCreate, anyone, anyone, anyone, anyone, protocol.CodeGroupNoRight},
	{OpDismiss, App, Owner | App, Owner | App, Owner | App, protocol.CodeGroupNoRight},
	{OpTransfer, Owner | App, Owner | App, Owner | App, nobody, protocol.CodeGroupNoRight},
	{OpSetAdmin, nobody, Owner | App, Owner | App, nobody, protocol.CodeGroupNoRight},
	{OpEditProfile, insiders | App, Owner | Admin | App, Owner | App, Owner | App, protocol.CodeGroupNoRight},
	{OpJoinOption, nobody, Owner | Admin | App, Owner | Admin | App, Owner | App, protocol.CodeGroupNoRight},
	{OpMuteAll, nobody, Owner | Admin | App, Owner | Admin | App, Owner | App, protocol.CodeGroupNoRight},
	{OpJoin, nobody, Stranger, Stranger, Stranger, protocol.CodeGroupNoRight},
	{OpHandle, nobody, Owner | Admin | App, Owner | Admin | App, nobody, protocol.CodeGroupNoRight},
	{OpSearch, nobody, anyone, anyone, anyone, protocol.CodeGroupNoRight},
	{OpReadProfile, insiders | App, insiders | App, insiders | App, anyone, protocol.CodeGroupNoRight},
	{OpReadMembers, insiders | App, insiders | App, insiders | App, insiders | App, protocol.CodeGroupNoRight},
	{OpInvite, insiders | App, App, App, nobody, protocol.CodeGroupNoRight},
	{OpRemoveOwner, nobody, nobody, nobody, nobody, protocol.CodeGroupNoRight},
	{OpRemoveAdmin, nobody, Owner | App, Owner | App, nobody, protocol.CodeGroupNoRight},
	{OpRemoveMember, Owner | App, Owner | Admin | App, Owner | Admin | App, nobody, protocol.CodeGroupNoRight},
	{OpMuteOwner, nobody, nobody, nobody, nobody, protocol.CodeGroupNoRight},
	{OpMuteAdmin, nobody, Owner | App, Owner | App, nobody, protocol.CodeGroupNoRight},
	{OpMuteMember, nobody, Owner | Admin | App, Owner | Admin | App, Owner | App, protocol.CodeGroupNoRight},
	{OpCardOwn, insiders, insiders, insiders, nobody, protocol.CodeGroupNoRight},
	{OpCardOwner, App, App, App, nobody, protocol.CodeGroupNoRight},
	{OpCardAdmin, nobody, Owner | App, Owner | App, nobody, protocol.CodeGroupNoRight},
	{OpCardMember, Owner | App, Owner | Admin | App, Owner | Admin | App, nobody, protocol.CodeGroupNoRight},
	{OpFieldsOwn, insiders, insiders, insiders, nobody, protocol.CodeGroupNoRight},
	{OpFieldsOthers, Owner | App, Owner | Admin | App, Owner | Admin | App, nobody, protocol.CodeGroupNoRight},
	{OpRemind, insiders | App, insiders | App, insiders | App, nobody, protocol.CodeGroupNoRight},
	{OpQuit, insiders, Admin | Member, Admin | Member, Admin | Member, protocol.CodeGroupOwner},
	{OpSend, insiders | App, insiders | App, insiders | App, insiders | App, protocol.CodeGroupNoRight},
	{OpSpeakMuted, Owner | App, Owner | Admin | App, Owner | Admin | App, Owner | App, protocol.CodeGroupMuted},
	{OpHistory, insiders | App, insiders | App, insiders | App, nobody, protocol.CodeGroupNoRoaming},
	{OpRecallOwn, insiders, insiders, insiders, insiders, protocol.CodeGroupNoRight},
	{OpRecallOthers, Owner | App, Owner | Admin | App, Owner | Admin | App, Owner | App, protocol.CodeGroupNoRight},
	{OpDeleteMessage, insiders, insiders, insiders, nobody, protocol.CodeGroupDeleteRoom},
	{OpReadAttributes, insiders | App, insiders | App, insiders | App, insiders | App, protocol.CodeGroupNoRight},
	{OpEditAttributes, insiders | App, insiders | App, insiders | App, insiders | App, protocol.CodeGroupNoRight},
}

var ruleOf = func() map[Operation]Rule {
	rules := map[Operation]Rule{}
	for _, r := range Matrix {
		rules[r.Operation] = r
	}
	return rules
}()

// Permits tells whether someone in that role may do it in a group of that
// type; the error is the documented refusal. Strangers are always refused with
// 10007, however the type stands to the operation.
func Permits(op Operation, groupType string, role Who) error {
	rule := ruleOf[op]
	switch {
	case rule.In(groupType)&role != 0:
		return nil
	case role == Stranger:
		return protocol.NewError(protocol.CodeGroupNoRight)
	}
	return protocol.NewError(rule.Refusal)
}

// Delivery of tips.
type tipPolicy int

const (
	tipsOff    tipPolicy = iota
	tipsOnline           // not stored
	tipsStored
)

type tipRule struct{ members, profile, roles tipPolicy }

// tipRules is which changes the members of a type are told of.
// Muting all and a changed join option are never told.
var tipRules = map[string]tipRule{
	protocol.GroupWork:       {members: tipsStored, profile: tipsStored, roles: tipsStored},
	protocol.GroupPublic:     {members: tipsStored, profile: tipsStored, roles: tipsStored},
	protocol.GroupMeeting:    {members: tipsOff, profile: tipsStored, roles: tipsOff},
	protocol.GroupAVChatRoom: {members: tipsOnline, profile: tipsOnline, roles: tipsOff},
}

func (p tipPolicy) String() string {
	return []string{"not told", "online", "stored"}[p]
}

// TipsMarkdown is what members of each type are told of, as a table for people.
func TipsMarkdown() string {
	var b strings.Builder
	b.WriteString("| change | Work | Public | Meeting | AVChatRoom |\n|---|---|---|---|---|\n")
	for _, row := range []struct {
		change string
		of     func(tipRule) tipPolicy
	}{
		{"somebody joined, quit, was removed", func(r tipRule) tipPolicy { return r.members }},
		{"name, introduction, notification, avatar, custom fields, owner", func(r tipRule) tipPolicy { return r.profile }},
		{"an admin was appointed or dismissed, a member muted", func(r tipRule) tipPolicy { return r.roles }},
	} {
		fmt.Fprintf(&b, "| %s |", row.change)
		for _, kind := range GroupTypes {
			fmt.Fprintf(&b, " %s |", row.of(tipRules[kind]))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// MatrixMarkdown is the matrix as a table for people.
func MatrixMarkdown() string {
	var b strings.Builder
	b.WriteString("| operation | Work | Public | Meeting | AVChatRoom | refused with |\n|---|---|---|---|---|---|\n")
	for _, r := range Matrix {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %d |\n", r.Operation, r.Work, r.Public, r.Meeting, r.AVChatRoom, int(r.Refusal))
	}
	return b.String()
}
