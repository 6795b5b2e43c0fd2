package backend

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
	"pgregory.net/rapid"
)

// groupModel is what must come of a run of operations in one group, told as
// simply as can be. Who may do what it looks up in the Matrix.
type groupModel struct {
	w       *testWorld
	t       *rapid.T
	users   []string
	clients []*groupClient
	// reloaded tells that the world was once saved and loaded.
	reloaded bool

	kind, option string // "" kind: there is no group
	muteAll      bool
	roles        map[string]string
	muted        map[string]int64
	log          []*modelEntry // its place is the sequence less one
	from, read   map[string]int
	deleted      map[string]map[int]bool
	applied      []string
}

type modelEntry struct {
	from, text string // a tip has neither
	time       int64
	recalled   bool
}

// groupClient is an instance, with what it must be pushed next.
type groupClient struct {
	*client
	due []string
}

const groupApp = "administrator"

func (m *groupModel) who(user string) Who {
	switch m.roles[user] {
	case protocol.RoleOwner:
		return Owner
	case protocol.RoleAdmin:
		return Admin
	case protocol.RoleMember:
		return Member
	}
	if user == groupApp {
		return App
	}
	return Stranger
}

// may is the code for an operation by itself.
func (m *groupModel) may(user string, op Operation) protocol.Code {
	rule := Matrix[slices.IndexFunc(Matrix, func(r Rule) bool { return r.Operation == op })]
	switch {
	case m.kind == "":
		return protocol.CodeGroupMissing
	case rule.In(m.kind)&m.who(user) != 0:
		return protocol.OK
	case m.who(user) == Stranger:
		return protocol.CodeGroupNoRight
	}
	return rule.Refusal
}

// tell has an instance pushed a line: now, or at its return if it is kept.
func (m *groupModel) tell(user string, except *groupClient, kept bool, line string) {
	for _, c := range m.clients {
		if c.user == user && c != except && (kept || c.conn != 0) {
			c.due = append(c.due, line)
		}
	}
}

func (m *groupModel) notice(user string, except *groupClient, what int, by, text string) {
	line := fmt.Sprintf("g notice %d by %s", what, by)
	if text != "" {
		line += " " + text
	}
	m.tell(user, except, true, line)
}

// tellAll is for messages and tips: who is away pulls them later.
func (m *groupModel) tellAll(except *groupClient, kept bool, line string) {
	for user := range m.roles {
		m.tell(user, except, kept, line)
	}
}

func (m *groupModel) tip(policy tipPolicy, what int, by string, about ...string) {
	if policy == tipsOff {
		return
	}
	m.log = append(m.log, &modelEntry{})
	line := fmt.Sprintf("g #%d tip %d by %s", len(m.log), what, by)
	for i, id := range about {
		line += []string{": ", " "}[min(i, 1)] + id
	}
	m.tellAll(nil, false, line)
}

func (m *groupModel) rules() tipRule { return tipRules[m.kind] }

func (m *groupModel) enter(user, role string) {
	m.roles[user] = role
	m.from[user], m.read[user], m.deleted[user] = len(m.log)+1, len(m.log), map[int]bool{}
	if m.kind == protocol.GroupMeeting {
		m.from[user] = 1
	}
}

// leave takes a member out and tells the rest; an empty group is gone.
func (m *groupModel) leave(user string, what int, by string) {
	delete(m.roles, user)
	if len(m.roles) == 0 {
		m.kind = ""
		return
	}
	m.tip(m.rules().members, what, by, user)
}

func (m *groupModel) create(c *groupClient, kind, option string, with []string) protocol.Code {
	switch {
	case m.kind != "" && m.roles[c.user] == protocol.RoleOwner:
		return protocol.CodeGroupOwnID
	case m.kind != "":
		return protocol.CodeGroupTaken
	}
	*m = groupModel{
		w: m.w, t: m.t, users: m.users, clients: m.clients, reloaded: m.reloaded, kind: kind, option: option, roles: map[string]string{}, muted: map[string]int64{},
		from: map[string]int{}, read: map[string]int{}, deleted: map[string]map[int]bool{},
	}
	m.enter(c.user, protocol.RoleOwner)
	for _, user := range with {
		if kind != protocol.GroupAVChatRoom && m.roles[user] == "" {
			m.enter(user, protocol.RoleMember)
			m.notice(user, nil, protocol.NoticeInvited, c.user, "")
		}
	}
	return protocol.OK
}

func (m *groupModel) join(user string) protocol.Code {
	code := m.may(user, OpJoin)
	switch {
	case m.kind == protocol.GroupAVChatRoom && m.roles[user] != "":
		return protocol.OK
	case m.kind != "" && m.roles[user] != "":
		return protocol.CodeGroupMember
	case code != protocol.OK:
		return code
	case m.kind == protocol.GroupPublic && m.option == protocol.JoinApproval:
		if !slices.Contains(m.applied, user) {
			m.applied = append(m.applied, user)
		}
		for other := range m.roles {
			if m.may(other, OpHandle) == protocol.OK {
				m.notice(other, nil, protocol.NoticeApplied, user, "please")
			}
		}
		return protocol.OK
	}
	m.enter(user, protocol.RoleMember)
	m.tip(m.rules().members, protocol.TipJoined, user, user)
	return protocol.OK
}

func (m *groupModel) handle(by, applicant string, agree bool) protocol.Code {
	if code := m.may(by, OpHandle); code != protocol.OK {
		return code
	}
	at := slices.Index(m.applied, applicant)
	if at < 0 {
		return protocol.CodeGroupHandled
	}
	m.applied = slices.Delete(slices.Clone(m.applied), at, at+1)
	switch {
	case !agree:
		m.notice(applicant, nil, protocol.NoticeRejected, by, "why")
	case m.roles[applicant] != "":
		return protocol.CodeGroupMember
	default:
		m.enter(applicant, protocol.RoleMember)
		m.notice(applicant, nil, protocol.NoticeAccepted, by, "why")
		m.tip(m.rules().members, protocol.TipJoined, applicant, applicant)
	}
	return protocol.OK
}

func (m *groupModel) quit(c *groupClient) protocol.Code {
	if code := m.may(c.user, OpQuit); code != protocol.OK {
		return code
	}
	if m.kind != protocol.GroupAVChatRoom {
		m.notice(c.user, c, protocol.NoticeQuit, c.user, "")
	}
	m.leave(c.user, protocol.TipQuit, c.user)
	return protocol.OK
}

func (m *groupModel) invite(by, user string) protocol.Code {
	code := m.may(by, OpInvite)
	if code == protocol.OK && m.roles[user] == "" {
		m.enter(user, protocol.RoleMember)
		m.notice(user, nil, protocol.NoticeInvited, by, "")
		m.tip(m.rules().members, protocol.TipJoined, by, user)
	}
	return code
}

func (m *groupModel) remove(by, user string) protocol.Code {
	code := m.may(by, OpRemoveMember)
	if code == protocol.OK && m.roles[user] != "" {
		code = m.may(by, removeOps[m.who(user)])
	}
	if by == groupApp && m.kind == protocol.GroupAVChatRoom {
		return protocol.CodeGroupParam
	}
	if code == protocol.OK && m.roles[user] != "" {
		m.notice(user, nil, protocol.NoticeKicked, by, "")
		m.leave(user, protocol.TipKicked, by)
	}
	return code
}

// about is the code for changes of a member, if the member is not there.
func (m *groupModel) about(by, user string) protocol.Code {
	switch {
	case m.kind == "":
		return protocol.CodeGroupMissing
	case m.who(by) == Stranger || m.roles[user] == "":
		return protocol.CodeGroupNoRight
	}
	return protocol.OK
}

func (m *groupModel) setRole(by, user, role string) protocol.Code {
	if code := m.about(by, user); code != protocol.OK {
		return code
	}
	switch code := m.may(by, OpSetAdmin); {
	case code != protocol.OK:
		return code
	case by == user || m.roles[user] == protocol.RoleOwner:
		return protocol.CodeGroupParam
	case m.roles[user] == role:
		return protocol.OK
	}
	m.roles[user] = role
	tip, notice := protocol.TipAdminSet, protocol.NoticeAdminSet
	if role == protocol.RoleMember {
		tip, notice = protocol.TipAdminUnset, protocol.NoticeAdminUnset
	}
	m.tip(m.rules().roles, tip, by, user)
	m.notice(user, nil, notice, by, "")
	return protocol.OK
}

func (m *groupModel) mute(by, user string, seconds int64) protocol.Code {
	if code := m.about(by, user); code != protocol.OK {
		return code
	}
	code := m.may(by, muteOps[m.who(user)])
	if code == protocol.OK {
		m.muted[user] = m.w.at.Unix() + seconds
		m.tip(m.rules().roles, protocol.TipMuted, by, user)
	}
	return code
}

func (m *groupModel) transfer(by, heir string) protocol.Code {
	code := m.may(by, OpTransfer)
	if code == protocol.OK && m.roles[heir] == "" {
		return protocol.CodeGroupNoRight
	}
	if code == protocol.OK {
		for user, role := range m.roles {
			if role == protocol.RoleOwner {
				m.roles[user] = protocol.RoleMember
			}
		}
		m.roles[heir] = protocol.RoleOwner
		delete(m.muted, heir)
		m.tip(m.rules().profile, protocol.TipProfile, by)
	}
	return code
}

func (m *groupModel) dismiss(by string, except *groupClient) protocol.Code {
	code := m.may(by, OpDismiss)
	if code == protocol.OK {
		for user := range m.roles {
			m.notice(user, except, protocol.NoticeDismissed, by, "")
		}
		m.kind, m.roles = "", map[string]string{}
	}
	return code
}

func (m *groupModel) send(by, text string, except *groupClient) protocol.Code {
	code := m.may(by, OpSend)
	switch {
	case code != protocol.OK:
		return code
	case m.muted[by] > m.w.at.Unix():
		return protocol.CodeGroupMuted
	case m.muteAll && m.may(by, OpSpeakMuted) != protocol.OK:
		return protocol.CodeGroupMuted
	}
	m.log = append(m.log, &modelEntry{from: by, text: text, time: m.w.at.Unix()})
	m.tellAll(except, false, fmt.Sprintf("g #%d %s: %s", len(m.log), by, text))
	return protocol.OK
}

func (m *groupModel) recall(by string, seq int, except *groupClient) protocol.Code {
	if by != groupApp || m.kind == "" {
		if code := m.may(by, OpRecallOwn); code != protocol.OK {
			return code
		}
	}
	switch {
	case seq > len(m.log) || m.log[seq-1].recalled || m.log[seq-1].text == "" && m.kind == protocol.GroupAVChatRoom:
		return protocol.CodeRecallGone
	case m.log[seq-1].text == "":
		return protocol.CodeRecallRefused
	case m.log[seq-1].from != by && m.may(by, OpRecallOthers) != protocol.OK:
		return protocol.CodeGroupNoRight
	case by != groupApp && m.w.at.Unix()-m.log[seq-1].time >= 120:
		return protocol.CodeRecallTooLate
	}
	m.log[seq-1].recalled = true
	m.tellAll(except, true, fmt.Sprintf("g recall #%d", seq))
	return protocol.OK
}

func (m *groupModel) reads(c *groupClient) protocol.Code {
	switch {
	case m.kind == "":
		return protocol.CodeGroupMissing
	case m.roles[c.user] == "":
		return protocol.CodeGroupNoRight
	}
	if last := len(m.log); last > m.read[c.user] {
		m.read[c.user] = last
		m.tell(c.user, c, true, fmt.Sprintf("g read #%d", last))
	}
	return protocol.OK
}

// login makes an instance.
func (m *groupModel) login(user string) {
	m.clients = append(m.clients, &groupClient{client: m.w.login(user)})
}

// logout ends an instance; with the last one its user leaves live rooms.
func (m *groupModel) logout(c *groupClient) {
	c.must(protocol.CmdLogout, protocol.LogoutRequest{Type: 1})
	c.disconnect()
	m.clients = slices.DeleteFunc(m.clients, func(o *groupClient) bool { return o == c })
	left := !slices.ContainsFunc(m.clients, func(o *groupClient) bool { return o.user == c.user })
	if left && m.kind == protocol.GroupAVChatRoom && m.who(c.user) == Member {
		m.leave(c.user, protocol.TipQuit, c.user)
	}
}

// check compares what was pushed, and all that a member can ask.
func (m *groupModel) check() {
	for _, c := range m.clients {
		if c.conn != 0 {
			if got := c.take(); !slices.Equal(got, c.due) {
				m.t.Fatalf("%s was pushed %q\nwant %q", c.user, got, c.due)
			}
			c.due = nil
		}
	}
}

func (m *groupModel) checkMembers() {
	for _, c := range m.clients {
		if m.kind == "" || m.roles[c.user] == "" || c.conn == 0 {
			continue
		}
		roles := map[string]string{}
		reply := ask[struct{ MemberList []protocol.GroupMemberItem }](c.client, protocol.CmdGroupMembers, fields{"GroupId": "g", "Limit": 100})
		for _, item := range reply.MemberList {
			roles[item.MemberAccount] = item.Role
		}
		if !maps.Equal(roles, m.roles) {
			m.t.Fatalf("members %v, want %v", roles, m.roles)
		}
		if m.kind == protocol.GroupAVChatRoom {
			continue
		}
		history, unread := []string{}, 0
		for i, e := range m.log {
			seq := i + 1
			if e.text == "" || seq < m.from[c.user] || m.deleted[c.user][seq] {
				continue
			}
			history = append(history, fmt.Sprintf("g #%d %s: %s", seq, e.from, e.text))
			if seq > m.read[c.user] && e.from != c.user && !e.recalled {
				unread++
			}
		}
		if got := c.groupHistory("g"); !slices.Equal(got, history) {
			m.t.Fatalf("history of %s is %q\nwant %q", c.user, got, history)
		}
		got := 0
		if item := c.groupContact("g"); item != nil {
			got = item.UnreadMsgCount
			if int(item.MsgGroupReadedSeq)+got != len(m.log) {
				m.t.Fatalf("%s: read up to %d and %d unread, of %d", c.user, item.MsgGroupReadedSeq, got, len(m.log))
			}
		}
		if got != unread {
			m.t.Fatalf("%s has %d unread, want %d", c.user, got, unread)
		}
	}
}

func TestGroupAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &groupModel{w: newWorld(t, Config{WebInstances: 2}), t: t, users: []string{"alice", "bob", "carol", "dave"}}
		for _, user := range append(m.users, "alice", groupApp) {
			m.login(user)
		}
		if got, want := m.byClient(m.clients[0], "create", "", 0); got != want {
			t.Fatalf("create: code %d, want %d", got, want)
		}
		m.check()
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			m.step(i)
			m.check()
		}
		m.checkMembers()
		saved := stateText(t, m.w.World, m.w.at)
		if !m.reloaded { // the inputs are those since
			m.w.replay()
		}
		m.w.reload()
		if loaded := stateText(t, m.w.World, m.w.at); loaded != saved {
			t.Fatalf("loaded\n%s\nsaved\n%s", loaded, saved)
		}
	})
}

// step does one thing by somebody, if it can, and compares its code.
func (m *groupModel) step(i int) {
	t := m.t
	c := m.clients[rapid.IntRange(0, len(m.clients)-1).Draw(t, "client")]
	if c.conn == 0 {
		c.comeBack()
		m.w.advance(syncTime)
		return
	}
	other := rapid.SampledFrom(m.users).Draw(t, "other")
	op := rapid.SampledFrom([]string{
		"create", "dismiss", "join", "join", "quit", "invite", "invite", "remove", "promote", "demote", "transfer", "mute", "mute all",
		"send", "send", "send", "recall", "read", "delete", "agree", "reject", "away", "time", "logout", "reload",
	}).Draw(t, "op")
	var got, want protocol.Code
	if c.user == groupApp {
		got, want = m.byREST(op, other, i)
	} else {
		got, want = m.byClient(c, op, other, i)
	}
	if got != want {
		t.Fatalf("%s by %s about %s in a %q: code %d, want %d; members %v", op, c.user, other, m.kind, got, want, m.roles)
	}
}

func (m *groupModel) drawSeq() int { return rapid.IntRange(1, len(m.log)+1).Draw(m.t, "seq") }

func (m *groupModel) byClient(c *groupClient, op, other string, i int) (got, want protocol.Code) {
	t := m.t
	naming := func(cmd string, more fields) protocol.Code {
		body := fields{"GroupId": "g"}
		maps.Copy(body, more)
		return c.code(cmd, body)
	}
	switch op {
	case "create":
		kind, option := rapid.SampledFrom(GroupTypes).Draw(t, "kind"), ""
		if kind == protocol.GroupPublic {
			option = rapid.SampledFrom([]string{protocol.JoinFree, protocol.JoinApproval}).Draw(t, "option")
		}
		with := rapid.SliceOfN(rapid.SampledFrom(m.users), 0, 3).Draw(t, "with")
		want = m.create(c, kind, option, with)
		list := []protocol.GroupMemberItem{}
		for _, user := range with {
			list = append(list, protocol.GroupMemberItem{MemberAccount: user})
		}
		got = c.code(protocol.CmdGroupCreate, protocol.GroupCreateRequest{Type: kind, Name: "n", GroupID: "g", ApplyJoinOption: option, MemberList: list})
	case "dismiss":
		want, got = m.dismiss(c.user, c), naming(protocol.CmdGroupDestroy, nil)
	case "join":
		want, got = m.join(c.user), naming(protocol.CmdGroupJoin, fields{"ApplyMsg": "please"})
	case "quit":
		want, got = m.quit(c), naming(protocol.CmdGroupQuit, nil)
	case "invite":
		want, got = m.invite(c.user, other), naming(protocol.CmdGroupAddMember, fields{"MemberList": []protocol.GroupMemberItem{{MemberAccount: other}}})
	case "remove":
		want, got = m.remove(c.user, other), naming(protocol.CmdGroupDeleteMember, fields{"MemberToDel_Account": []string{other}})
	case "promote", "demote":
		role := map[string]string{"promote": protocol.RoleAdmin, "demote": protocol.RoleMember}[op]
		want, got = m.setRole(c.user, other, role), naming(protocol.CmdGroupModifyMember, fields{"Member_Account": other, "Role": role})
	case "transfer":
		want, got = m.transfer(c.user, other), naming(protocol.CmdGroupOwner, fields{"NewOwner_Account": other})
	case "mute":
		want, got = m.mute(c.user, other, 60), naming(protocol.CmdGroupModifyMember, fields{"Member_Account": other, "ShutUpTime": 60})
	case "mute all":
		on := rapid.SampledFrom([]string{"On", "Off"}).Draw(t, "on")
		if want = m.may(c.user, OpMuteAll); want == protocol.OK {
			m.muteAll = on == "On"
		}
		got = naming(protocol.CmdGroupModify, fields{"ShutUpAllMember": on})
	case "send":
		text := fmt.Sprint("text ", i)
		want = m.send(c.user, text, c)
		r := ask[protocol.RESTGroupSendReply](c.client, protocol.CmdSendGroupMsg, c.groupSend("g", text))
		if got = r.ErrorCode; got == protocol.OK && int(r.MsgSeq) != len(m.log) {
			t.Fatalf("sent as #%d, want #%d", r.MsgSeq, len(m.log))
		}
	case "recall":
		seq := m.drawSeq()
		want = m.recall(c.user, seq, c)
		r := ask[protocol.GroupRecallReply](c.client, protocol.CmdGroupMsgRecall, fields{"GroupId": "g", "MsgSeqList": []fields{{"MsgSeq": seq}}})
		if got = r.ErrorCode; got == protocol.OK {
			got = r.RecallRetList[0].RetCode
		}
	case "read":
		want, got = m.reads(c), naming(protocol.CmdGroupMsgRead, fields{"MsgReadedSeq": len(m.log)})
	case "delete":
		seq := m.drawSeq()
		if want = m.may(c.user, OpDeleteMessage); want == protocol.OK && seq <= len(m.log) {
			m.deleted[c.user][seq] = true
		}
		got = c.code(protocol.CmdGroupMsgDelete, fields{"GroupId": "g", "Seqs": []string{fmt.Sprint(seq)}})
	case "agree", "reject":
		agree := map[string]string{"agree": "Agree", "reject": "Reject"}[op]
		want, got = m.handle(c.user, other, op == "agree"), naming(protocol.CmdGroupHandle, fields{
			"Applicant_Account": other, "HandleMsg": agree, "ApprovalMsg": "why",
		})
	case "away":
		c.disconnect()
	case "time":
		wait := time.Duration(rapid.IntRange(1, 130).Draw(t, "seconds")) * time.Second
		if m.w.at.Add(wait).Sub(start) < roomAbsence*9/10 { // longer absences have their own test
			m.w.advance(wait)
		}
	case "logout":
		m.logout(c)
		m.login(c.user)
	case "reload":
		m.w.reload()
		m.reloaded = true
		if m.kind == protocol.GroupAVChatRoom { // nothing of it was stored
			for _, e := range m.log {
				e.text = ""
			}
		}
		users := []string{}
		for _, c := range m.clients {
			users = append(users, c.user)
		}
		m.clients = nil
		for _, user := range users {
			m.login(user)
		}
	}
	return got, want
}

// byREST is the same by the app, as far as the REST API goes.
func (m *groupModel) byREST(op, other string, i int) (got, want protocol.Code) {
	app := &matrixTurn{testWorld: m.w}
	naming := func(command string, more fields) protocol.Code {
		body := fields{"GroupId": "g"}
		maps.Copy(body, more)
		return app.restCode(groupREST+command, body)
	}
	switch op {
	case "dismiss":
		want, got = m.dismiss(groupApp, nil), naming("destroy_group", nil)
	case "invite":
		want, got = m.invite(groupApp, other), naming("add_group_member", fields{"MemberList": []protocol.GroupMemberItem{{MemberAccount: other}}})
	case "remove":
		want, got = m.remove(groupApp, other), naming("delete_group_member", fields{"MemberToDel_Account": []string{other}})
	case "promote", "demote":
		role := map[string]string{"promote": protocol.RoleAdmin, "demote": protocol.RoleMember}[op]
		want, got = m.setRole(groupApp, other, role), naming("modify_group_member_info", fields{"Member_Account": other, "Role": role})
	case "transfer":
		want, got = m.transfer(groupApp, other), naming("change_group_owner", fields{"NewOwner_Account": other})
	case "mute":
		want, got = m.mute(groupApp, other, 60), naming("modify_group_member_info", fields{"Member_Account": other, "ShutUpTime": 60})
	case "mute all":
		if want = m.may(groupApp, OpMuteAll); want == protocol.OK {
			m.muteAll = true
		}
		got = naming("modify_group_base_info", fields{"ShutUpAllMember": "On"})
	case "send":
		text := fmt.Sprint("text ", i)
		want, got = m.send(groupApp, text, nil), naming("send_group_msg", fields{"Random": 1000 + i, "MsgBody": textBody(text)})
	case "recall":
		seq := m.drawSeq()
		want = m.recall(groupApp, seq, nil)
		answer := app.restAnswer(groupREST+"group_msg_recall", fields{"GroupId": "g", "MsgSeqList": []fields{{"MsgSeq": seq}}})
		if got = answer.ErrorCode; got == protocol.OK {
			got = answer.RecallRetList[0].RetCode
		}
	}
	return got, want
}
