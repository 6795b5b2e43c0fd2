package scenarios

import (
	"fmt"
	"slices"

	"github.com/imsim/imsim/fakeserver/backend"
	"github.com/imsim/imsim/port"
)

// The people of a matrix case. The targets do only what a case is not about.
const (
	theOwner, anAdmin, aMember, aStranger, theApp = "owner", "admin", "member", "stranger", "app"
	targetAdmin, targetMember, newcomer           = "admin2", "target", "newcomer"
)

// matrixRoles are the roles that the matrix tells apart.
var matrixRoles = []struct {
	name string
	who  backend.Who
}{
	{theOwner, backend.Owner}, {anAdmin, backend.Admin}, {aMember, backend.Member}, {aStranger, backend.Stranger}, {theApp, backend.App},
}

var typeNames = map[string]string{groupWork: "Work", groupPublic: "Public", groupMeeting: "Meeting", groupRoom: "AVChatRoom"}

func hasAdmins(kind string) bool { return kind == groupPublic || kind == groupMeeting }

// matrixPlay is an operation in groups of a type, as it is played by all roles
// that can try it.
type matrixPlay struct {
	rule  backend.Rule
	how   attempt
	kind  string
	roles []string
}

// matrixPlays are generated from the matrix: a cell of it is played, or noCase
// has the reason why not.
func matrixPlays() []matrixPlay {
	var plays []matrixPlay
	for _, rule := range backend.Matrix {
		for _, kind := range backend.GroupTypes {
			play := matrixPlay{rule: rule, how: attempts[rule.Operation], kind: kind}
			for _, role := range matrixRoles {
				if noCase(rule.Operation, kind, role.who) == "" {
					play.roles = append(play.roles, role.name)
				}
			}
			if len(play.roles) > 0 {
				plays = append(plays, play)
			}
		}
	}
	return plays
}

// noCase is why a cell has no case here; empty: it has one. What SDKs do not
// ask the server is judged by the backend's own test of the matrix.
func noCase(op backend.Operation, kind string, who backend.Who) string {
	insider := who&(backend.Owner|backend.Admin|backend.Member) != 0
	switch {
	case who == backend.Admin && !hasAdmins(kind):
		return "there are no admins"
	case who == backend.App && attempts[op].rest == nil:
		return "the REST API has no such command"
	}
	switch op {
	case backend.OpRemoveAdmin, backend.OpMuteAdmin, backend.OpCardAdmin:
		if !hasAdmins(kind) {
			return "there is no admin to do it to"
		}
	case backend.OpCreate:
		if insider {
			return "nobody is in a group before it is made"
		}
	case backend.OpJoin:
		if insider {
			return "the SDKs answer AlreadyInGroup"
		}
	case backend.OpHandle:
		if !hasAdmins(kind) {
			return "nobody applies to such a group"
		}
	case backend.OpSpeakMuted:
		if kind == groupWork {
			return "nobody can mute all"
		}
	case backend.OpJoinOption:
		if kind != groupPublic && who != backend.App {
			return "the SDKs send it for public groups only"
		}
	case backend.OpReadAttributes, backend.OpEditAttributes:
		if kind != groupRoom && who != backend.App {
			return "2.14 has attributes in live rooms only"
		}
	}
	switch op {
	case backend.OpCardOwner:
		if who == backend.Owner {
			return "that is their own"
		}
		fallthrough
	case backend.OpCardOwn, backend.OpCardMember, backend.OpFieldsOwn, backend.OpFieldsOthers, backend.OpRemind:
		if kind == groupRoom && who != backend.App {
			return "later SDKs answer from memory"
		}
	}
	return ""
}

// matrixCases makes a case of every operation and type: each role tries it,
// and is let or refused as the table says.
func matrixCases() []Case {
	var cases []Case
	for _, play := range matrixPlays() {
		cases = append(cases, Case{
			Name:   fmt.Sprintf("%s: %s may %s", typeNames[play.kind], play.rule.In(play.kind), play.rule.Operation),
			Covers: play.how.covers, Source: "semantics.md §1.1", Level: Extended,
			Run: func(s *Stage) { s.playMatrix(play) },
		})
	}
	return cases
}

// played is one role's turn, in a group of its own.
type played struct {
	*Stage
	kind, role, group string
	people            map[string]*User
	owner             *User
	actor             *User  // nil: the app
	message           Value  // what the operation is about, as the actor has it
	said              uint32 // its sequence
}

// playMatrix gives each role its turn. In all but rooms the groups are ready
// before anybody but the owner logs in: who is away has no news to take in,
// and finds the groups at the login.
func (s *Stage) playMatrix(play matrixPlay) {
	s.CreateUsers(targetAdmin, targetMember, newcomer, aMember, anAdmin)
	kind, owner := play.kind, s.Login(theOwner)
	people := map[string]*User{theOwner: owner}
	if kind != groupRoom {
		for _, role := range play.roles {
			s.pause()
			owner.gatherGroup(kind, "g-"+role)
		}
	}
	for _, role := range play.roles {
		if role != theApp && people[role] == nil {
			people[role] = s.Login(role)
		}
	}
	if kind == groupRoom {
		people[targetMember] = s.Login(targetMember)
	}
	for _, role := range play.roles {
		s.pause()
		p := &played{Stage: s, kind: kind, role: role, group: "g-" + role, people: people, owner: people[theOwner], actor: people[role]}
		if kind == groupRoom { // one is in one room at a time
			p.gatherRoom()
		}
		if play.how.before != nil {
			play.how.before(p)
		}
		s.pause()
		if role == theApp {
			play.judgeApp(s, play.how.rest(p))
			continue
		}
		p.actor.Barrier()
		answer, failed := play.how.try(p)
		play.judge(s, role, answer, failed)
	}
}

// gatherRoom makes the room of a turn and lets in who is in it.
func (p *played) gatherRoom() {
	p.owner.NewGroup(p.kind, p.group, nil)
	for _, name := range []string{aMember, targetMember} {
		if u := p.people[name]; u != nil {
			u.Call("joinGroup", args{"groupID": p.group})
		}
	}
}

// gatherGroup makes the group of a turn with all its members.
func (u *User) gatherGroup(kind, group string) {
	if !hasAdmins(kind) {
		u.NewGroup(kind, group, nil, aMember, targetMember)
		return
	}
	u.NewGroup(kind, group, nil, aMember, targetMember, anAdmin, targetAdmin)
	for _, name := range []string{anAdmin, targetAdmin} {
		u.Call("setGroupMemberRole", args{"groupID": group, "userID": name, "role": "Admin"})
	}
}

// restCode is the code that a REST command answers with.
func (p *played) restCode(command string, body args) int {
	return int(p.REST("group_open_http_svc/"+command, body).Get("ErrorCode").Int())
}

// letIn makes the actor a member for a while, takeOut ends it.
func (p *played) letIn() {
	if p.kind == groupRoom {
		p.actor.Call("joinGroup", args{"groupID": p.group})
		return
	}
	p.groupREST("add_group_member", args{"GroupId": p.group, "MemberList": []args{{"Member_Account": p.role}}})
	p.actor.Noticed(7)
	p.actor.Barrier()
}

func (p *played) takeOut() {
	if p.kind == groupRoom {
		p.actor.Call("quitGroup", p.group)
		return
	}
	p.groupREST("delete_group_member", args{"GroupId": p.group, "MemberToDel_Account": []string{p.role}})
	p.actor.Noticed(4)
	p.actor.Barrier()
}

// insideOnce lets a stranger do as a member what others can do as what they
// are: the operation is about what comes of it.
func insideOnce(do func(*played)) func(*played) {
	return func(p *played) {
		if p.role != aStranger {
			do(p)
			return
		}
		p.letIn()
		do(p)
		p.takeOut()
	}
}

// hidden is the code for not finding in the history what was said.
const hidden = -1

// spoken is what the target says in the group.
func (p *played) spoken() string { return "what the target says in " + p.group }

func (p *played) targetSpeaks() {
	p.said = uint32(p.sayByREST(p.group, p.spoken(), args{"From_Account": targetMember}).Get("MsgSeq").Int())
}

func heardTarget(p *played) {
	p.targetSpeaks()
	if p.actor != nil {
		p.message = p.actor.Hears(p.spoken())
	}
}

// spokenBefore has the target speak before the actor logs in anew.
func spokenBefore(p *played) {
	p.targetSpeaks()
	if p.actor == nil {
		return
	}
	p.actor.Call("logout")
	p.actor = p.Login(p.role)
	p.people[p.role] = p.actor
	if p.kind == groupRoom && p.role != aStranger {
		p.actor.Call("joinGroup", args{"groupID": p.group})
	}
}

// applied has the newcomer apply, with the actor among those who are told. Who
// may not decide was an admin when it heard of the application.
func applied(p *played) {
	p.groupREST("modify_group_base_info", args{"GroupId": p.group, "ApplyJoinOption": "NeedPermission"})
	role := func(role string) {
		p.owner.Call("setGroupMemberRole", args{"groupID": p.group, "userID": p.role, "role": role})
	}
	demoted := p.role == aMember || p.role == aStranger
	if p.role == aStranger {
		p.letIn()
	}
	if demoted {
		role("Admin")
		p.actor.Noticed(9)
	}
	if p.people[newcomer] == nil {
		p.people[newcomer] = p.Login(newcomer)
	}
	p.people[newcomer].Call("joinGroup", args{"groupID": p.group}).Want("status", "WaitAdminApproval")
	p.message = p.actor.Got("notice 1 of "+p.group, func(m Value) bool {
		return m.Get("payload.operationType").Int() == 1 && m.Get("payload.groupProfile.groupID").Str == p.group
	})
	switch p.role {
	case aMember:
		role("Member")
		p.actor.Noticed(10)
	case aStranger:
		p.takeOut()
	}
}

func (play matrixPlay) judge(s *Stage, role string, answer port.Answer, failed *port.CallError) {
	who := roleNamed(role)
	may := play.rule.In(play.kind)&who != 0
	kind, op := typeNames[play.kind], play.rule.Operation
	switch {
	case may && failed != nil:
		s.Failf("%s: %s may %s, but was refused: %v", kind, role, op, failed)
	case may:
		return
	case failed == nil && play.how.quiet && who == backend.Stranger:
		return
	case failed == nil:
		s.Failf("%s: %s must not %s, but was answered %s", kind, role, op, answer.Value)
	}
	allowed := append([]int{int(play.rule.Refusal)}, play.how.local...)
	if who == backend.Stranger {
		allowed = append(allowed, 10007)
	}
	if !slices.Contains(allowed, failed.Code) {
		s.Failf("%s: %s was refused to %s with code %d (%s), want one of %v", kind, role, op, failed.Code, failed.Message, allowed)
	}
}

func (play matrixPlay) judgeApp(s *Stage, code int) {
	want := 0
	if play.rule.In(play.kind)&backend.App == 0 {
		want = int(play.rule.Refusal)
		if play.kind == groupRoom && play.how.roomCode != 0 {
			want = play.how.roomCode
		}
	}
	if code != want {
		s.Failf("%s: the app was answered %d when it wanted to %s, want %d", typeNames[play.kind], code, play.rule.Operation, want)
	}
}

func roleNamed(name string) backend.Who {
	for _, role := range matrixRoles {
		if role.name == name {
			return role.who
		}
	}
	panic("scenarios: no role " + name)
}
