package backend

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/imsim/imsim/protocol"
)

// friendGet is sns.friend_get: the friend list, page by page. A place is the
// number of the last friend that was given, so that changes between two pages
// neither repeat nor skip anybody.
func (w *World) friendGet(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.FriendGetRequest](r)
	if err != nil {
		return nil, err
	}
	if req.StartIndex < 0 {
		return nil, protocol.Errorf(protocol.CodeSNSParam, "StartIndex is below 0")
	}
	rel := &r.user().relations
	if req.StartIndex == 0 { // what waits is part of the list, or off it
		if r.sess.conn == r.conn {
			w.catchUp(r.sess)
		}
		r.sess.friends = nil
	}
	list := rel.friends.list
	from, found := slices.BinarySearchFunc(list, req.StartIndex, func(f *friend, no int64) int { return int(f.no - no) })
	if found {
		from++
	}
	to := min(from+w.cfg.FriendPage, len(list))
	reply := &protocol.FriendGetReply{
		UserDataItem: []protocol.FriendData{}, FriendNum: len(list), CompleteFlag: 1,
		StandardSequence: rel.changes, CustomSequence: rel.changes,
	}
	page := make([]string, 0, to-from)
	for _, f := range list[from:to] {
		reply.UserDataItem = append(reply.UserDataItem, protocol.FriendData{ToAccount: f.user.id, ValueItem: f.items()})
		page = append(page, f.user.id)
	}
	if to < len(list) {
		reply.CompleteFlag, reply.NextStartIndex = 0, list[to-1].no
	}
	r.sess.learn(page, nil)
	return reply, nil
}

// items are all tags of a friend, the profile's too: 2.14 has them then though
// it miscounts the profiles to fetch (relations.md §4.2).
func (f *friend) items() []protocol.SNSItem {
	groups := f.groups
	if groups == nil {
		groups = []string{}
	}
	items := []protocol.SNSItem{
		{Tag: protocol.TagFriendGroup, Value: jsonOf(groups)},
		{Tag: protocol.TagFriendRemark, Value: jsonOf(f.remark)},
		{Tag: protocol.TagFriendSource, Value: jsonOf(f.source)},
		{Tag: protocol.TagFriendTime, Value: jsonOf(f.addTime)},
		{Tag: protocol.TagFriendWording, Value: jsonOf(f.wording)},
	}
	for _, c := range f.custom {
		items = append(items, protocol.SNSItem(c))
	}
	for _, p := range f.user.profile {
		items = append(items, protocol.SNSItem(p))
	}
	return items
}

// jsonOf is a value of a tag.
func jsonOf(v any) json.RawMessage {
	text, _ := json.Marshal(v) // strings, numbers and lists of them always encode
	return text
}

// friendGetList is sns.friend_get_list and sns.friend_get_specified: some
// friends with all tags.
func (w *World) friendGetList(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.FriendListRequest](r)
	if err == nil {
		err = checkBatch(len(req.ToAccount))
	}
	if err != nil {
		return nil, err
	}
	reply := &protocol.FriendListReply{InfoItem: []protocol.FriendInfo{}}
	for _, id := range req.ToAccount {
		info := protocol.FriendInfo{SNSProfileItem: []protocol.SNSItem{}}
		f := r.user().relations.friends.get(id)
		switch {
		case f != nil:
			info.SNSResult, info.SNSProfileItem = snsResult(id, protocol.OK), f.items()
		case w.accounts[id] == nil:
			info.SNSResult = snsResult(id, protocol.CodeSNSNoUser)
		default:
			info.SNSResult = snsResult(id, protocol.CodeSNSParam)
		}
		reply.InfoItem = append(reply.InfoItem, info)
	}
	return reply, nil
}

// friendCheck is sns.friend_check.
func (w *World) friendCheck(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.FriendListRequest](r)
	if err == nil {
		err = checkBatch(len(req.ToAccount))
	}
	if err != nil {
		return nil, err
	}
	reply := &protocol.FriendCheckReply{InfoItem: []protocol.FriendRelation{}}
	for _, id := range req.ToAccount {
		item := protocol.FriendRelation{SNSResult: snsResult(id, protocol.OK), Relation: protocol.NoRelation}
		if other := w.accounts[id]; other == nil {
			item.SNSResult = snsResult(id, protocol.CodeSNSNoUser)
		} else {
			item.Relation = relationOf(r.user(), other, req.CheckType == protocol.CheckSingle)
		}
		reply.InfoItem = append(reply.InfoItem, item)
	}
	return reply, nil
}

// relationOf tells how a stands to b; single looks into a's list alone.
func relationOf(a, b *account, single bool) string {
	mine := a.relations.friends.has(b.id)
	his := !single && b.relations.friends.has(a.id)
	switch {
	case mine && his:
		return protocol.BothWay
	case mine:
		return protocol.AWithB
	case his:
		return protocol.BWithA
	}
	return protocol.NoRelation
}

// friendDelete is sns.friend_delete, on the own side or on both.
func (w *World) friendDelete(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.FriendDeleteRequest](r)
	if err != nil {
		return nil, err
	}
	user := r.user()
	return w.forEach(r, req.ToAccount, func(n *news, id string) protocol.Code {
		other := w.accounts[id]
		if other == nil || !w.unfriend(n, user, other) {
			return protocol.CodeNotFriend
		}
		if req.DeleteType != protocol.DeleteSingle {
			w.unfriend(n, other, user)
		}
		return protocol.OK
	})
}

const (
	maxRemark    = 96  // bytes; the SDKs count characters
	maxWording   = 256 // bytes
	maxSource    = 8   // bytes behind sourcePrefix
	sourcePrefix = "AddSource_Type_"
	maxCustomKey = 8   // bytes behind the prefix of a custom tag
	maxCustom    = 500 // bytes of a custom value
)

// friendUpdate is sns.friend_update: the remark and custom fields. The caller
// changes its list by itself, the user's other instances are told.
func (w *World) friendUpdate(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.FriendUpdateRequest](r)
	if err == nil {
		err = checkBatch(len(req.UpdateItem))
	}
	if err != nil {
		return nil, err
	}
	n := w.news()
	reply := &protocol.SNSResultReply{ResultItem: []protocol.SNSResult{}}
	for _, item := range req.UpdateItem {
		result := snsResult(item.ToAccount, protocol.OK)
		if f := r.user().relations.friends.get(item.ToAccount); f == nil {
			result = snsResult(item.ToAccount, protocol.CodeSNSParam)
			result.ResultInfo = "not a friend"
		} else if why := f.update(item.SNSItem); why != "" {
			result.ResultCode, result.ResultInfo = protocol.CodeSNSParam, why
		} else {
			n.of(r.user()).mods = append(n.of(r.user()).mods, protocol.FriendListMod{
				PushType:     protocol.FriendInfoChanged,
				FriendUpInfo: []protocol.FriendUpInfo{{FriendAccount: item.ToAccount, SNS: item.SNSItem}},
			})
		}
		reply.ResultItem = append(reply.ResultItem, result)
	}
	n.tell(r, r.sess)
	return reply, nil
}

// update changes tags, all or none; it returns why it cannot.
func (f *friend) update(items []protocol.SNSItem) string {
	changed := *f
	changed.custom = slices.Clone(f.custom)
	for _, item := range items {
		var value string
		if len(item.Value) == 0 || item.Value[0] != '"' || json.Unmarshal(item.Value, &value) != nil {
			return item.Tag + " needs a string"
		}
		switch {
		case item.Tag == protocol.TagFriendRemark:
			if len(value) > maxRemark {
				return "remark is longer than 96 bytes"
			}
			changed.remark = value
		case customKey(item.Tag, protocol.TagFriendCustom):
			if len(value) > maxCustom {
				return item.Tag + " is longer than 500 bytes"
			}
			changed.custom = setTag(changed.custom, item.Tag, item.Value)
		default:
			return "unknown tag " + item.Tag
		}
	}
	*f = changed
	return ""
}

// customKey tells whether a tag is a custom one: the prefix, then a key of 1
// to 8 bytes.
func customKey(tag, prefix string) bool {
	key, ok := strings.CutPrefix(tag, prefix+"_")
	return ok && key != "" && len(key) <= maxCustomKey
}
