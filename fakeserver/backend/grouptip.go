package backend

import (
	"encoding/json"
	"slices"

	"github.com/imsim/imsim/protocol"
)

// tip tells the members of a change in their group.
type tip struct {
	op       int // protocol.TipJoined…
	by       *account
	about    []*account // List_Account
	joinType int        // 1 applied, 2 invited
	more     protocol.Fields
}

// tip tells all members of a group, who stay or came in, the actor too.
func (w *World) tip(g *group, policy tipPolicy, t tip) {
	if policy == tipsOff || len(g.members) == 0 || g.isRoom() && w.roomIsBusy(g, t.op) {
		return
	}
	body := protocol.Fields{{Name: "OpType", Value: t.op}, {Name: "Operator_Account", Value: t.by.id}}
	if len(t.about) > 0 {
		ids, extra := []string{}, []protocol.Fields{}
		for _, a := range t.about {
			ids = append(ids, a.id)
			extra = append(extra, a.extraInfo())
		}
		body = body.With("List_Account", ids).With("MsgMemberExtraInfo", extra)
	}
	if t.joinType != 0 {
		body = body.With("GroupJoinType", t.joinType)
	}
	switch t.op {
	case protocol.TipJoined, protocol.TipQuit, protocol.TipKicked:
		body = body.With("MemberNum", len(g.members))
		if g.isRoom() {
			body = body.With("OnlineMemberInfo", protocol.Fields{
				{Name: "OnlineMemberNum", Value: g.online(w.now)}, {Name: "ExpireTime", Value: onlineLife},
			})
		}
	}
	body = append(body.With("MsgOperatorMemberExtraInfo", t.by.extraInfo()), t.more...)
	text, err := json.Marshal(body)
	if err != nil {
		w.cfg.Log("encode a tip: %v", err)
		return
	}
	m := &groupMessage{body: text, priority: 1, flags: isTip, random: w.newRandom(), time: w.sec()}
	m.clientSeq = g.nextSeq
	w.storeInGroup(g, m, policy == tipsStored)
	w.deliverToGroup(g, m, nil)
}

func (a *account) extraInfo() protocol.Fields {
	return protocol.Fields{
		{Name: "User_Account", Value: a.id}, {Name: "NickName", Value: a.text(protocol.TagNick)}, {Name: "ImageUrl", Value: a.text(protocol.TagAvatar)},
	}
}

// newRandom numbers what has no random of a client.
func (w *World) newRandom() uint32 {
	w.counters.Notice++
	return uint32(w.counters.Notice*2654435761%(1<<31)) + 3
}

// sysNotice is a system notice about a group, kept for an account until it
// says that it is done with it.
type sysNotice struct {
	No        int64  `json:"no"` // its place among all messages
	Seq       uint32 `json:"seq"`
	Random    uint32 `json:"random"`
	Time      int64  `json:"time"`
	Type      int    `json:"type"`
	GroupID   string `json:"groupID"`
	GroupName string `json:"groupName"`
	Operator  string `json:"operator"`
	noticeText
}

type noticeText struct {
	Remark         string `json:"remark,omitempty"`
	Authentication string `json:"authentication,omitempty"`
	MsgKey         int64  `json:"msgKey,omitempty"`
	Defined        string `json:"defined,omitempty"`
}

// maxNotices is how many notices are kept for an account.
const maxNotices = 200

// notice tells one account something about a group, at all instances but one.
func (w *World) notice(to *account, except *session, g *group, what int, operator string, text noticeText) {
	n := w.newNotice(to, g, what, operator, text)
	if what != protocol.NoticeQuit { // that one is for other instances only
		to.notices = append(to.notices, n)
		if len(to.notices) > maxNotices {
			to.notices = append(to.notices[:0:0], to.notices[1:]...)
		}
	}
	w.notify(to, except, n.event(to))
}

func (w *World) newNotice(to *account, g *group, what int, operator string, text noticeText) *sysNotice {
	to.noticeSeq++
	w.counters.Message++
	return &sysNotice{
		No: w.counters.Message, Seq: to.noticeSeq + firstNotice, Random: w.newRandom(), Time: w.sec(), Type: what,
		GroupID: g.ID, GroupName: g.Name, Operator: operator, noticeText: text,
	}
}

// firstNotice is above the numbers that the SDK replaces by its own.
const firstNotice = 100

func (n *sysNotice) event(to *account) protocol.PushEvent {
	return groupEvent(protocol.EventGroupSystem, n.item(to.id))
}

// item is the notice for one account, or for all that poll a room ("").
func (n *sysNotice) item(to string) protocol.Fields {
	body := protocol.Fields{{Name: "ReportType", Value: n.Type}, {Name: "Operator_Account", Value: n.Operator}}
	body = body.With("RemarkInfo", n.Remark)
	if n.Authentication != "" {
		body = body.With("Authentication", n.Authentication)
	}
	if n.MsgKey != 0 {
		body = body.With("MsgKey", n.MsgKey)
	}
	body = body.With("UserDefinedField", n.Defined)
	info := protocol.Fields{
		{Name: "GroupId", Value: n.GroupID}, {Name: "GroupName", Value: n.GroupName}, {Name: "From_Account", Value: protocol.SystemAccount},
	}
	item := protocol.Fields{{Name: "From_Account", Value: protocol.SystemAccount}, {Name: "ToGroupId", Value: n.GroupID}}
	if to != "" { // behind ToGroupId: the SDK takes the later one as "to"
		item, info = item.With("To_Account", to), info.With("To_Account", to)
	}
	return append(item, protocol.Fields{
		{Name: "MsgSeq", Value: n.Seq}, {Name: "ClientSeq", Value: n.Seq}, {Name: "MsgRandom", Value: n.Random}, {Name: "MsgTimeStamp", Value: n.Time},
		{Name: "GroupInfo", Value: info}, {Name: "MsgBody", Value: body},
	}...)
}

// groupEvent is a push item with one entry in GroupTips.
func groupEvent(event int, item protocol.Fields) protocol.PushEvent {
	text, _ := json.Marshal(item) // strings and numbers: cannot fail
	return protocol.PushEvent{Event: event, GroupTips: []json.RawMessage{text}}
}

// mention is a notice that somebody was named in a message.
type mention struct {
	No      int64  `json:"no"`
	From    string `json:"from"`
	Types   []int  `json:"types"` // 1 the member, 2 all
	MsgSeq  uint32 `json:"msgSeq"`
	Seq     uint32 `json:"seq"`
	Random  uint32 `json:"random"`
	Written int64  `json:"time"`
}

func (m mention) event(g *group) protocol.PushEvent {
	return groupEvent(protocol.EventGroupAt, protocol.Fields{
		{Name: "From_Account", Value: m.From}, {Name: "ToGroupId", Value: g.ID}, {Name: "MsgRandom", Value: m.Random},
		{Name: "ClientSeq", Value: m.Seq}, {Name: "MsgSeq", Value: m.Seq}, {Name: "MsgTimeStamp", Value: m.Written},
		{Name: "GroupInfo", Value: protocol.Fields{{Name: "GroupId", Value: g.ID}}},
		{Name: "GroupAtTips", Value: protocol.Fields{
			{Name: "From_Account", Value: m.From}, {Name: "GroupId", Value: g.ID}, {Name: "GroupAtType", Value: m.Types}, {Name: "MsgSeq", Value: m.MsgSeq},
		}},
	})
}

// maxMentions is how many mentions of a member are kept.
const maxMentions = 50

// mention tells those who were named in a message, or all; the notice of each
// kind is encoded once.
func (w *World) mention(g *group, m *groupMessage) {
	all, named := false, map[string]bool{}
	for _, at := range m.at {
		if at.AllFlag == 1 {
			all = true
		} else {
			named[at.Account] = true
		}
	}
	if !all && len(named) == 0 {
		return
	}
	frames := map[int]*noticeFrame{}
	for _, to := range g.members {
		if to.account == m.from || !all && !named[to.account.id] || to.Flag == protocol.FlagDiscard || !m.isFor(to.account) {
			continue
		}
		var types []int
		kind := 0
		if named[to.account.id] {
			types, kind = append(types, 1), kind+1
		}
		if all {
			types, kind = append(types, 2), kind+2
		}
		f := frames[kind]
		if f == nil {
			random := w.newRandom()
			note := mention{No: m.no, From: m.from.id, Types: types, MsgSeq: m.seq, Seq: random >> 4, Random: random, Written: m.time}
			f = &noticeFrame{note: note}
			frames[kind] = f
		}
		to.Mentions = append(to.Mentions, f.note)
		if len(to.Mentions) > maxMentions {
			to.Mentions = slices.Clone(to.Mentions[1:])
		}
		w.pushShared(to.account, nil, &f.frame, func() []byte {
			return w.pushFrame(protocol.CmdPush, protocol.Push{EventArray: []protocol.PushEvent{f.note.event(g)}})
		})
	}
}

type noticeFrame struct {
	note  mention
	frame []byte
}

// pushShared is notify with a frame that several accounts share: it is made
// when the first instance needs it.
func (w *World) pushShared(to *account, except *session, frame *[]byte, encode func() []byte) {
	for _, s := range to.sessions {
		if s == except || s.state != active {
			continue
		}
		if *frame == nil {
			*frame = encode()
		}
		switch {
		case s.conn != nil && !s.sync.holding:
			w.emit(s, protocol.CmdPush, *frame)
		case len(s.missed) < maxMissed:
			s.missed = append(s.missed, *frame)
		}
	}
}

// deleteNotices is openim.deletemsg: the account is done with notices.
func (w *World) deleteNotices(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.DeleteNoticesRequest](r)
	if err != nil {
		return nil, err
	}
	user := r.user()
	for _, gone := range req.DelMsgList {
		user.notices = slices.DeleteFunc(user.notices, func(n *sysNotice) bool { return n.Seq == gone.MsgSeq && n.Random == gone.MsgRandom })
		for _, m := range user.groups {
			m.Mentions = slices.DeleteFunc(m.Mentions, func(n mention) bool { return n.Seq == gone.MsgSeq && n.Random == gone.MsgRandom })
		}
	}
	return &protocol.Status{}, nil
}

// keptNotices are those of before the session's login, for its first sync.
func (w *World) keptNotices(s *session) []protocol.PushEvent {
	events := []protocol.PushEvent{}
	for _, n := range s.user.notices {
		if n.No <= s.sync.start {
			events = append(events, n.event(s.user))
		}
	}
	for _, m := range s.user.groups {
		for _, note := range m.Mentions {
			if note.No <= s.sync.start {
				events = append(events, note.event(m.group))
			}
		}
	}
	return events
}
