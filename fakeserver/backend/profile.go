package backend

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/imsim/imsim/protocol"
)

// maxProfiles is how many accounts one request may name (relations.md §2.2).
const maxProfiles = 100

func (w *World) profileGet(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.ProfileGetRequest](r)
	if err != nil {
		return nil, err
	}
	if len(req.UserItem) > maxProfiles {
		return nil, protocol.Errorf(protocol.CodeProfileParam, "at most %d accounts a request", maxProfiles)
	}
	reply := &protocol.ProfileGetReply{UserProfileItem: []protocol.UserProfile{}}
	for _, item := range req.UserItem {
		reply.UserProfileItem = append(reply.UserProfileItem, w.userProfile(item.ToAccount))
	}
	return reply, nil
}

func (w *World) userProfile(id string) protocol.UserProfile {
	a := w.accounts[id]
	if a == nil {
		return protocol.UserProfile{
			ToAccount: protocol.NoSuchUser, ResultCode: protocol.CodeProfileNoUser,
			ResultInfo: protocol.CodeProfileNoUser.Text(), ProfileItem: []protocol.ProfileItem{},
		}
	}
	return protocol.UserProfile{ToAccount: id, ProfileItem: a.profileItems()}
}

func (a *account) profileItems() []protocol.ProfileItem {
	items := make([]protocol.ProfileItem, 0, len(a.profile))
	for _, f := range a.profile {
		items = append(items, protocol.ProfileItem{Tag: f.Tag, Value: f.Value})
	}
	return items
}

// profileSet is profile.portrait_set. The user's other instances and those who
// have the user as a friend are told, with all fields, since one may not have
// the profile at hand.
func (w *World) profileSet(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.ProfileSetRequest](r)
	if err != nil {
		return nil, err
	}
	for _, item := range req.ProfileItem { // all or none
		if item.Tag == "" || !scalar(item.Value) {
			return nil, protocol.Errorf(protocol.CodeProfileParam, "a profile item needs a Tag and a string or number Value")
		}
		if err := checkProfileItem(item); err != nil {
			return nil, err
		}
	}
	user := r.user()
	for _, item := range req.ProfileItem {
		user.setField(item.Tag, item.Value)
	}
	event := protocol.PushEvent{
		Event:          protocol.EventProfile,
		ProfileDataMod: []protocol.ProfileDataMod{{ProfileAccount: user.id, ProfileList: user.profileItems()}},
	}
	w.notify(user, r.sess, event)
	for _, id := range slices.Sorted(maps.Keys(user.relations.fans)) {
		w.notify(user.relations.fans[id], nil, event)
	}
	return &protocol.Status{}, nil
}

// scalar tells whether a JSON value is a string or a number.
func scalar(v json.RawMessage) bool {
	return len(v) > 0 && (v[0] == '"' || v[0] == '-' || v[0] >= '0' && v[0] <= '9')
}
