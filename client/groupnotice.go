package client

import (
	"encoding/json"
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// Kinds of system notices about groups (GroupNoticePayload.OperationType).
const (
	GrpNoticeApplied    = protocol.NoticeApplied    // somebody wants to join: to owner and admins
	GrpNoticeAccepted   = protocol.NoticeAccepted   // one's own application was accepted
	GrpNoticeRejected   = protocol.NoticeRejected   // … rejected
	GrpNoticeKicked     = protocol.NoticeKicked     // one was removed
	GrpNoticeDismissed  = protocol.NoticeDismissed  // the group is gone
	GrpNoticeCreated    = protocol.NoticeCreated    // one has created the group
	GrpNoticeInvited    = protocol.NoticeInvited    // one was added
	GrpNoticeQuit       = protocol.NoticeQuit       // one has quit, at another instance
	GrpNoticeAdminSet   = protocol.NoticeAdminSet   // one is an admin now
	GrpNoticeAdminUnset = protocol.NoticeAdminUnset // … not any more
	GrpNoticeCustom     = protocol.NoticeCustom     // of the app itself: UserDefinedField
)

// noticeRead is a notice that is never shown.
const noticeRead = 15

// GroupNoticePayload is the content of MsgGrpNotice: a message of the service
// in the system conversation.
type GroupNoticePayload struct {
	OperationType    int         `json:"operationType"` // one of the GrpNotice… constants
	OperatorID       string      `json:"operatorID"`    // of an application: the applicant
	HandleMessage    string      `json:"handleMessage"`
	Authentication   string      `json:"authentication,omitempty"`
	MessageKey       int64       `json:"messageKey,omitempty"`
	UserDefinedField string      `json:"userDefinedField"`
	GroupProfile     NoticeGroup `json:"groupProfile"`

	wire json.RawMessage
}

// NoticeGroup is the group that a notice is about.
type NoticeGroup struct {
	GroupID string `json:"groupID"`
	Name    string `json:"name"`
	From    string `json:"from"`
	To      string `json:"to"` // whom it is for
}

func (p *GroupNoticePayload) appendWire(dst []byte) []byte { return append(dst, p.wire...) }
func (p *GroupNoticePayload) sendable() bool               { return true }

func parseNotice(v, info gjson.Result) *GroupNoticePayload {
	return &GroupNoticePayload{
		OperationType: int(v.Get("ReportType").Int()), OperatorID: v.Get("Operator_Account").String(),
		HandleMessage: v.Get("RemarkInfo").String(), Authentication: v.Get("Authentication").String(),
		MessageKey: v.Get("MsgKey").Int(), UserDefinedField: v.Get("UserDefinedField").String(),
		GroupProfile: NoticeGroup{
			GroupID: info.Get("GroupId").String(), Name: info.Get("GroupName").String(),
			From: info.Get("From_Account").String(), To: info.Get("To_Account").String(),
		},
		wire: json.RawMessage(v.Raw),
	}
}

// systemTips takes the items of event 5: recalls, reads of other instances and
// notices. Instant ones are of now; the others of a login's sync, at whose end
// applications that were decided on are sorted out.
func (c *Client) systemTips(list gjson.Result, instant, ended bool) {
	var notices, recalls, reads []gjson.Result
	for _, v := range list.Array() {
		body := v.Get("MsgBody")
		switch {
		case body.Get("GroupWithdrawInfoArray").IsArray():
			recalls = append(recalls, body.Get("GroupWithdrawInfoArray").Array()...)
		case body.Get("GroupReadInfoArray").IsArray():
			reads = append(reads, body.Get("GroupReadInfoArray").Array()...)
		default:
			notices = append(notices, v)
		}
	}
	if len(recalls) > 0 {
		c.groupRecalled(recalls)
	}
	for _, v := range reads {
		id := ConvGroup + v.Get("GroupId").String()
		c.markRead(id, func(m *Message) bool { return m.Sequence <= uint32(v.Get("LastReadMsgSeq").Uint()) })
		c.recountUnread(id)
	}
	if len(notices) > 0 {
		c.newNotices(notices, instant)
		if !instant && ended {
			c.sortOutApplications(0, nil)
		}
	}
}

// newNotices: the list events, those of what the notices tell, then
// MESSAGE_RECEIVED; notices of before the login are read and not announced.
func (c *Client) newNotices(items []gjson.Result, instant bool) {
	var fresh []*record
	unread := 0
	for _, v := range items {
		m := parseGroupMessage(v, c.session.userID, ConvSystem)
		p, _ := m.Payload.(*GroupNoticePayload)
		if p.OperationType == noticeRead {
			continue
		}
		m.IsSystemMessage = true
		if m.Sequence == m.Random && (m.Sequence == 1 || m.Sequence == 2) { // may be there twice
			m.Sequence, m.Random = uint32(c.opts.Rand()%100_000_000), uint32(c.opts.Rand()%100_000_000)
			m.place(c.session.userID)
		}
		r := newRecord(c, m.Message)
		if !c.msgs.push(r, false) || c.msgs.randoms.has(m.Random) {
			continue // known already
		}
		if instant {
			unread++
		} else {
			r.update(func(m *Message) { m.IsRead = true })
		}
		fresh = append(fresh, r)
	}
	if len(fresh) == 0 {
		return
	}
	c.tell([]news{{id: ConvSystem, last: fresh[len(fresh)-1], unread: unread}}, instant)
	if !instant {
		return
	}
	for _, r := range fresh {
		if p, ok := r.now().Payload.(*GroupNoticePayload); ok {
			c.noticed(p)
		}
	}
	c.emit(EventMessageReceived, messages(fresh))
}

// noticed does what a notice means.
func (c *Client) noticed(p *GroupNoticePayload) {
	id := p.GroupProfile.GroupID
	switch p.OperationType {
	case GrpNoticeAccepted, GrpNoticeInvited:
		if !c.groups.has(id) {
			c.fetchNewGroup(id)
		}
	case GrpNoticeKicked, GrpNoticeDismissed, GrpNoticeQuit:
		if c.groups.has(id) {
			c.forgetGroup(id)
		}
		if p.OperationType == GrpNoticeDismissed {
			c.rooms.leave(id)
		}
	case GrpNoticeAdminSet:
		c.members.update(id, p.GroupProfile.To, func(m *GroupMember) { m.Role = GrpMbrRoleAdmin })
	case GrpNoticeAdminUnset:
		c.members.update(id, p.GroupProfile.To, func(m *GroupMember) { m.Role = GrpMbrRoleMember })
	}
}

// fetchNewGroup asks for a group that one has just come into; the list events
// come with it.
func (c *Client) fetchNewGroup(id string) {
	me := c.session.userID
	c.askOn(protocol.CmdGroupInfo, encode(groupInfo(id, wholeGroup, nil)), func(r reply) {
		if !r.OK() || c.session.userID != me {
			return
		}
		g, err := c.gotGroupProfile(gjson.ParseBytes(r.Body))
		if err != nil {
			return
		}
		if !c.groups.has(id) {
			c.groups.put(g)
		}
		c.groupsChangedAll()
	})
}

// sortOutApplications asks, page after page, which applications somebody has
// decided on, and deletes their notices.
func (c *Client) sortOutApplications(from int64, handled map[string]bool) {
	body := `{"StartTime":` + strconv.FormatInt(from, 10) + `,"Limit":10,"Handle_Account":` + quote(c.session.userID) + `}`
	c.askThen(protocol.CmdGroupPendency, []byte(body), func(r reply) {
		if !r.OK() || !c.session.loggedIn {
			return
		}
		if handled == nil {
			handled = make(map[string]bool)
		}
		v := gjson.ParseBytes(r.Body)
		for _, p := range v.Get("PendencyList").Array() {
			if p.Get("Handled").Int() != 0 {
				handled[applicationKey(p.Get("From_Account").String(), p.Get("GroupId").String(), p.Get("To_Account").String())] = true
			}
		}
		if next := v.Get("NextStartTime").Int(); next != 0 && next != from {
			c.sortOutApplications(next, handled)
			return
		}
		var done []*Message
		for _, r := range c.msgs.list(ConvSystem).order {
			p, ok := r.now().Payload.(*GroupNoticePayload)
			if ok && p.OperationType == GrpNoticeApplied && handled[applicationKey(p.OperatorID, p.GroupProfile.GroupID, p.GroupProfile.To)] {
				done = append(done, r.now())
			}
		}
		c.deleteNotices(done)
	})
}

func applicationKey(from, group, to string) string { return from + "\x00" + group + "\x00" + to }

// deleteNotices tells the server that notices are done with, and forgets them
// then.
func (c *Client) deleteNotices(list []*Message) {
	if len(list) == 0 {
		return
	}
	var req protocol.DeleteNoticesRequest
	for _, m := range list {
		req.DelMsgList = append(req.DelMsgList, protocol.NoticeIdentity{
			FromAccount: ConvSystem, MsgSeq: m.ClientSequence, MsgRandom: m.Random,
		})
	}
	c.askThen(protocol.CmdDeleteMsg, encode(req), func(r reply) {
		if r.OK() && c.session.loggedIn {
			for _, m := range list {
				c.msgs.remove(m)
			}
		}
	})
}
