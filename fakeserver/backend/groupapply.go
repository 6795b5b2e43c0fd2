package backend

import (
	"fmt"

	"github.com/imsim/imsim/protocol"
)

// groupApplication is a wish to join that owner and admins decide on.
type groupApplication struct {
	Applicant string `json:"applicant"`
	Auth      string `json:"auth"`
	MsgKey    int64  `json:"msgKey"`
	Handled   int    `json:"handled,omitempty"` // 1 agreed, 2 rejected
}

// maxApplications is how many applications of a group are remembered.
const maxApplications = 50

// applyToGroup files an application and tells those who may decide. Who applies
// again renews the one that is open.
func (w *World) applyToGroup(g *group, user *account, text string) {
	a := g.pending(user.id)
	if a == nil {
		w.counters.Notice++
		a = &groupApplication{Applicant: user.id, Auth: fmt.Sprintf("auth-%d", w.counters.Notice), MsgKey: w.now.UnixMilli()*1000 + int64(w.counters.Notice%1000)}
		g.applications = append(g.applications, a)
		if len(g.applications) > maxApplications {
			g.applications = append(g.applications[:0:0], g.applications[1:]...)
		}
	}
	for _, m := range g.members {
		if Permits(OpHandle, g.Type, m.who()) == nil {
			w.notice(m.account, nil, g, protocol.NoticeApplied, user.id, noticeText{Remark: text, Authentication: a.Auth, MsgKey: a.MsgKey})
		}
	}
}

func (g *group) pending(applicant string) *groupApplication {
	for _, a := range g.applications {
		if a.Applicant == applicant && a.Handled == 0 {
			return a
		}
	}
	return nil
}

// handleApplication is handle_apply_join_group: the first to decide wins.
func (w *World) handleApplication(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupHandleRequest](r)
	if err != nil {
		return nil, err
	}
	g, _, err := w.permitted(r.user(), req.GroupID, OpHandle)
	if err != nil {
		return nil, err
	}
	applicant, a := w.accounts[req.ApplicantAccount], g.pending(req.ApplicantAccount)
	switch {
	case req.HandleMsg != "Agree" && req.HandleMsg != "Reject":
		return nil, protocol.Errorf(protocol.CodeGroupParam, "HandleMsg %q is neither Agree nor Reject", req.HandleMsg)
	case applicant == nil || a == nil || req.MsgKey != 0 && a.MsgKey != req.MsgKey:
		return nil, protocol.NewError(protocol.CodeGroupHandled)
	}
	if req.HandleMsg == "Reject" {
		a.Handled = 2
		w.reply(r, &protocol.Status{})
		w.notice(applicant, nil, g, protocol.NoticeRejected, r.user().id, noticeText{Remark: req.ApprovalMsg})
		return nil, errAnswered
	}
	switch {
	case g.byID[applicant.id] != nil:
		a.Handled = 1
		return nil, protocol.NewError(protocol.CodeGroupMember)
	case len(g.members) >= w.capacity(g):
		return nil, protocol.NewError(protocol.CodeGroupFull)
	case applicant.joinedGroups() >= w.cfg.Groups.GroupsOfUser:
		return nil, protocol.NewError(protocol.CodeGroupsOfUser)
	}
	a.Handled = 1
	w.enter(g, applicant, protocol.RoleMember)
	w.reply(r, &protocol.Status{})
	w.notice(applicant, nil, g, protocol.NoticeAccepted, r.user().id, noticeText{Remark: req.ApprovalMsg})
	w.tip(g, tipRules[g.Type].members, tip{op: protocol.TipJoined, by: applicant, about: []*account{applicant}, joinType: 1})
	return nil, errAnswered
}

// groupPendency is get_pendency: the applications in the groups where the
// account may decide.
func (w *World) groupPendency(r *request) (protocol.Reply, error) {
	reply := &protocol.GroupPendencyReply{PendencyList: []protocol.GroupPendency{}}
	for _, m := range r.user().groups {
		if Permits(OpHandle, m.group.Type, m.who()) != nil {
			continue
		}
		for _, a := range m.group.applications {
			reply.PendencyList = append(reply.PendencyList, protocol.GroupPendency{
				FromAccount: a.Applicant, GroupID: m.group.ID, ToAccount: m.account.id, Handled: a.Handled,
			})
		}
	}
	return reply, nil
}
