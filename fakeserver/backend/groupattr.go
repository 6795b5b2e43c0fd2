package backend

import (
	"slices"

	"github.com/imsim/imsim/protocol"
)

// Limits of group attributes.
const (
	maxAttrs     = 16
	maxAttrKey   = 32
	maxAttrValue = 4000
	maxAttrSum   = 16000
)

// Kinds of changes in the push of attributes.
const (
	attrInit   = 1
	attrSet    = 2
	attrClear  = 3
	attrDelete = 4
)

func (w *World) attrsGet(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GroupAttrRequest](r)
	if err != nil {
		return nil, err
	}
	g, _, err := w.permitted(r.user(), req.GroupID, OpReadAttributes)
	if err != nil {
		return nil, err
	}
	return g.attrReply(), nil
}

func (g *group) attrReply() *protocol.GroupAttrReply {
	return &protocol.GroupAttrReply{AttrMainSeq: g.attrSeq, GroupAttrAry: append([]protocol.GroupAttr{}, g.attrs...)}
}

func (w *World) attrsInit(r *request) (protocol.Reply, error)   { return w.attrsChange(r, attrInit) }
func (w *World) attrsSet(r *request) (protocol.Reply, error)    { return w.attrsChange(r, attrSet) }
func (w *World) attrsDelete(r *request) (protocol.Reply, error) { return w.attrsChange(r, attrDelete) }
func (w *World) attrsClear(r *request) (protocol.Reply, error)  { return w.attrsChange(r, attrClear) }

// attrsChange writes attributes. A writer that has not heard of the latest
// change is refused with 10056. All members are told, the writer too.
func (w *World) attrsChange(r *request, kind int) (protocol.Reply, error) {
	req, err := decode[protocol.GroupAttrRequest](r)
	if err != nil {
		return nil, err
	}
	g, me, err := w.permitted(r.user(), req.GroupID, OpEditAttributes)
	if err != nil {
		return nil, err
	}
	reply, tell, err := w.changeAttrs(g, me.account, req, kind)
	if err != nil {
		return nil, err
	}
	w.reply(r, reply)
	tell()
	return nil, errAnswered
}

// changeAttrs carries a change out; tell then tells the members.
func (w *World) changeAttrs(g *group, by *account, req *protocol.GroupAttrRequest, kind int) (_ *protocol.GroupAttrReply, tell func(), _ error) {
	if slices.Contains(req.AttrControl, "RaceConflict") && req.AttrMainSeq != g.attrSeq {
		return nil, nil, protocol.NewError(protocol.CodeAttrConflict)
	}
	attrs, keys, err := changedAttrs(g.attrs, req.GroupAttr, kind)
	if err != nil {
		return nil, nil, err
	}
	g.attrs = attrs
	g.attrSeq++
	reply := &protocol.GroupAttrReply{AttrMainSeq: g.attrSeq, GroupAttrAry: []protocol.GroupAttr{}}
	told := []protocol.Fields{}
	for _, a := range g.attrs {
		if (kind == attrInit || kind == attrSet) && slices.Contains(keys, a.Key) {
			reply.GroupAttrAry = append(reply.GroupAttrAry, protocol.GroupAttr{Key: a.Key, Value: a.Value, Seq: a.Seq})
			told = append(told, protocol.Fields{{Name: "Key", Value: a.Key}, {Name: "Val", Value: a.Value}, {Name: "SubKeySeq", Value: a.Seq}})
		}
	}
	if kind == attrDelete || kind == attrClear {
		for _, key := range keys {
			told = append(told, protocol.Fields{{Name: "Key", Value: key}, {Name: "Val", Value: ""}, {Name: "SubKeySeq", Value: 0}})
		}
	}
	return reply, func() { w.tellAttrs(g, by, kind, told, keys) }, nil
}

// changedAttrs are the attributes after a change, and the keys it touched.
func changedAttrs(have, items []protocol.GroupAttr, kind int) (attrs []protocol.GroupAttr, keys []string, err error) {
	attrs, keys = []protocol.GroupAttr{}, []string{}
	if kind == attrSet || kind == attrDelete {
		attrs = append(attrs, have...)
	}
	if kind == attrClear {
		for _, a := range have {
			keys = append(keys, a.Key)
		}
		return attrs, keys, nil
	}
	for _, item := range items {
		at := slices.IndexFunc(attrs, func(a protocol.GroupAttr) bool { return a.Key == item.Key })
		keys = append(keys, item.Key)
		switch {
		case kind == attrDelete && at < 0:
			return nil, nil, protocol.NewError(protocol.CodeAttrMissing)
		case kind == attrDelete:
			attrs = slices.Delete(attrs, at, at+1)
		case item.Key == "" || len(item.Key) > maxAttrKey:
			return nil, nil, protocol.NewError(protocol.CodeAttrKeyLong)
		case len(item.Value) > maxAttrValue:
			return nil, nil, protocol.NewError(protocol.CodeAttrValueLong)
		case at >= 0:
			attrs[at].Value = item.Value
			attrs[at].Seq++
		default:
			attrs = append(attrs, protocol.GroupAttr{Key: item.Key, Value: item.Value, Seq: 1})
		}
	}
	sum := 0
	for _, a := range attrs {
		sum += len(a.Key) + len(a.Value)
	}
	switch {
	case len(attrs) > maxAttrs:
		return nil, nil, protocol.NewError(protocol.CodeAttrKeys)
	case sum > maxAttrSum:
		return nil, nil, protocol.NewError(protocol.CodeAttrSum)
	}
	return attrs, keys, nil
}

// tellAttrs pushes the change outside the message sequence: with a sequence
// that the members have heard of, so that 2.14 makes no message of it.
func (w *World) tellAttrs(g *group, by *account, kind int, told []protocol.Fields, keys []string) {
	item := protocol.Fields{
		{Name: "From_Account", Value: protocol.SystemAccount}, {Name: "ToGroupId", Value: g.ID}, {Name: "MsgSeq", Value: g.lastSeq()},
		{Name: "MsgRandom", Value: w.newRandom()}, {Name: "MsgTimeStamp", Value: w.sec()},
		{Name: "GroupInfo", Value: protocol.Fields{{Name: "GroupId", Value: g.ID}, {Name: "GroupName", Value: g.Name}}},
		{Name: "MsgBody", Value: protocol.Fields{
			{Name: "OpType", Value: protocol.TipAttributes}, {Name: "Operator_Account", Value: by.id},
			{Name: "MsgGroupNewInfo", Value: protocol.Fields{{Name: "GroupAttrOption", Value: protocol.Fields{
				{Name: "GroupAttrSeq", Value: g.attrSeq}, {Name: "PushChangedAttrValFlag", Value: 1}, {Name: "OpType", Value: kind},
				{Name: "GroupAttrInfo", Value: told}, {Name: "BytesChangedKeys", Value: keys},
			}}}},
		}},
	}
	w.tellMembers(g, nil, groupEvent(protocol.EventGroupFleeting, item))
	w.feedPollsFields(g, protocol.EventGroupFleeting, item)
}
