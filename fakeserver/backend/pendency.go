package backend

import (
	"sort"

	"github.com/imsim/imsim/protocol"
)

// apply makes an application, or brings one that waits up to date, and tells
// both sides. What was read stays read: the SDKs count only new ones.
func (w *World) apply(n *news, from, to *account, item protocol.FriendAddItem) protocol.Code {
	sent, received := &from.relations.sent, &to.relations.received
	if !received.has(from.id) && len(received.list) >= w.cfg.MaxApplications ||
		!sent.has(to.id) && len(sent.list) >= w.cfg.MaxApplications {
		return protocol.CodePendencyFull
	}
	one := application{
		time: w.sec(), source: item.AddSource, wording: item.AddWording, remark: item.Remark, group: item.GroupName,
	}
	renew(sent, &from.relations, to, one)
	renew(received, &to.relations, from, one)
	n.of(from).mods = append(n.of(from).mods, one.added(from, to))
	n.of(to).mods = append(n.of(to).mods, one.added(from, from))
	return protocol.CodeNeedsConsent
}

func renew(list *roster[*application], rel *relations, peer *account, one application) {
	one.peer = peer
	if old := list.get(peer.id); old != nil {
		one.no, one.read = old.no, old.read
		*old = one
		return
	}
	one.no = rel.nextNo()
	list.put(&one)
}

// added is the push about an application of from; peer is the other side as
// the one who is told sees it.
func (p *application) added(from, peer *account) protocol.FriendListMod {
	return protocol.FriendListMod{
		PushType: protocol.PendencyAdded, FromAccount: from.id,
		PendencyAdd: []protocol.PendencyAdd{{
			PendencyAddAccount: peer.id, ProfileImNick: peer.text(protocol.TagNick), ProfileImImage: peer.text(protocol.TagAvatar),
			AddSource: p.source, AddWording: p.wording, AddTime: p.time,
		}},
	}
}

// pendencyGet is sns.pendency_get: all applications at once, the oldest first.
func (w *World) pendencyGet(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.PendencyRequest](r)
	if err != nil {
		return nil, err
	}
	rel := &r.user().relations
	type numbered struct {
		no   int64
		item protocol.PendencyItem
	}
	var list []numbered
	add := func(kind string, from []*application) {
		if req.PendencyType != protocol.PendencyBoth && req.PendencyType != kind {
			return
		}
		for _, p := range from {
			list = append(list, numbered{p.no, protocol.PendencyItem{
				ToAccount: p.peer.id, PendencyType: kind,
				Nick: p.peer.text(protocol.TagNick), Image: p.peer.text(protocol.TagAvatar),
				AddTime: p.time, AddSource: p.source, AddWording: p.wording,
			}})
		}
	}
	switch req.PendencyType {
	case "":
		req.PendencyType = protocol.PendencyBoth
	case protocol.PendencyBoth, protocol.PendencyComeIn, protocol.PendencySendOut:
	default:
		return nil, protocol.Errorf(protocol.CodeSNSParam, "unknown PendencyType %q", req.PendencyType)
	}
	add(protocol.PendencyComeIn, rel.received.list)
	add(protocol.PendencySendOut, rel.sent.list)
	sort.Slice(list, func(i, j int) bool { return list[i].no < list[j].no })
	reply := &protocol.PendencyReply{PendencyItem: []protocol.PendencyItem{}, CurrentSequence: rel.changes}
	for _, l := range list {
		reply.PendencyItem = append(reply.PendencyItem, l.item)
	}
	for _, p := range rel.received.list {
		if !p.read {
			reply.UnreadPendencyCount++
		}
	}
	return reply, nil
}

// friendResponse is sns.friend_response: yes for the applicant, yes for both,
// or no.
func (w *World) friendResponse(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.FriendResponseRequest](r)
	if err == nil {
		err = checkBatch(len(req.ResponseFriendItem))
	}
	if err != nil {
		return nil, err
	}
	n := w.news()
	reply := &protocol.SNSResultReply{ResultItem: []protocol.SNSResult{}}
	for _, item := range req.ResponseFriendItem {
		code := protocol.CodeSNSParam
		if len(item.Remark) <= maxRemark && len(item.TagName) <= maxGroupName {
			code = w.respond(n, r.user(), item.ToAccount, item.ResponseAction, item.Remark, item.TagName)
		}
		reply.ResultItem = append(reply.ResultItem, snsResult(item.ToAccount, code))
	}
	n.tell(r, nil)
	return reply, nil
}

func (w *World) respond(n *news, user *account, from, action, remark, group string) protocol.Code {
	p := user.relations.received.get(from)
	mutual := action == protocol.ResponseAgreeAndAdd
	switch {
	case action != protocol.ResponseAgree && !mutual && action != protocol.ResponseReject:
		return protocol.CodeSNSParam
	case p == nil:
		return protocol.CodeNoApplication
	case action == protocol.ResponseReject:
		w.dropApplication(n, p.peer, user)
		return protocol.OK
	}
	applicant := p.peer
	mutual = mutual && !user.relations.friends.has(from)
	switch {
	case user.blocks(from):
		return protocol.CodePeerBlocked
	case applicant.blocks(user.id):
		return protocol.CodeBlockedByPeer
	case mutual && w.friendsFull(user):
		return protocol.CodeFriendsFull
	case w.friendsFull(applicant):
		return protocol.CodePeerFriendsFull
	case mutual && !w.hasRoomFor(user, group):
		return protocol.CodeFriendGroupsFull
	}
	w.befriend(n, applicant, user, friend{
		remark: p.remark, source: p.source, wording: p.wording, groups: w.enlist(applicant, p.group),
	})
	if mutual {
		w.befriend(n, user, applicant, friend{
			remark: remark, source: p.source, wording: p.wording, groups: w.enlist(user, group),
		})
	}
	return protocol.OK
}

// pendencyDelete is sns.pendency_delete: for the caller alone.
func (w *World) pendencyDelete(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.PendencyDeleteRequest](r)
	if err != nil {
		return nil, err
	}
	user := r.user()
	list := &user.relations.received
	switch req.PendencyType {
	case protocol.PendencyComeIn:
	case protocol.PendencySendOut:
		list = &user.relations.sent
	default:
		return nil, protocol.Errorf(protocol.CodeSNSParam, "unknown PendencyType %q", req.PendencyType)
	}
	return w.forEach(r, req.ToAccount, func(n *news, id string) protocol.Code {
		if !list.drop(id) {
			return protocol.CodeNoPendency
		}
		from := user
		if list == &user.relations.received {
			from = w.accounts[id]
		}
		n.of(user).withdrawn(from, w.accounts[id])
		return protocol.OK
	})
}

// pendencyReport is sns.pendency_report: everything received is read. The
// client's stamp is not looked at, since it sets its own count to 0 by the
// push, whatever the stamp.
func (w *World) pendencyReport(r *request) (protocol.Reply, error) {
	if _, err := decode[protocol.PendencyReportRequest](r); err != nil {
		return nil, err
	}
	for _, p := range r.user().relations.received.list {
		p.read = true
	}
	n := w.news()
	n.of(r.user()).mods = []protocol.FriendListMod{{PushType: protocol.PendencyReported, ReportTime: w.sec()}}
	n.tell(r, nil)
	return &protocol.Status{}, nil
}
