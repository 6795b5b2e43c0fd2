package scenarios

import (
	"slices"
	"strings"
)

// refusedBeforeReady are calls that must wait for SDK_READY.
func refusedBeforeReady(calls map[string]any) Case {
	var names []string
	for name := range calls {
		names = append(names, name)
	}
	slices.Sort(names)
	return Case{
		Name: strings.Join(names, ", ") + ": refused before SDK_READY", Covers: covers(append(names, "ERROR")...), Source: "relations.md §1",
		Run: func(s *Stage) {
			u := s.Instance("alice")
			for _, name := range names {
				if o := calls[name]; o != nil {
					u.FailsAs(notReady, name, o)
				} else {
					u.FailsAs(notReady, name)
				}
			}
			u.Expect("ERROR", "code", notReady.allowed(s.hello)[0])
		},
	}
}

// look has Sees and Never consider only what is fired from now on. Later SDKs
// hold list events back for a second: they fire first.
func (u *User) look() {
	u.Quiet()
	u.seen = u.inst.Stream().Len()
}

// look has all users look from now on.
func look(users ...*User) {
	for _, u := range users {
		u.look()
	}
}

// Sees waits for an event since the last look, in whatever order with others.
func (u *User) Sees(key string, ok func(Value) bool, about ...any) Value {
	mark := u.seen
	defer func() { u.seen = mark }()
	return u.ExpectThat(key, ok, about...)
}

// listOf is the values of a list at a path, sorted.
func (v Value) listOf(path string) []string {
	list := []string{}
	for _, r := range v.Get(path).Array() {
		list = append(list, r.String())
	}
	slices.Sort(list)
	return list
}

// SeesList waits for a list event in which exactly these IDs stand.
func (u *User) SeesList(key, path string, ids ...string) Value {
	slices.Sort(ids)
	return u.Sees(key, func(v Value) bool { return slices.Equal(v.listOf(path), ids) }, ids)
}

// SeesFriends waits until the friend list was announced with exactly these.
func (u *User) SeesFriends(ids ...string) Value {
	return u.SeesList("FRIEND_LIST_UPDATED", "#.userID", ids...)
}

// SeesApplications waits until the applications were announced with exactly
// these, and that many unread.
func (u *User) SeesApplications(unread int, ids ...string) Value {
	slices.Sort(ids)
	return u.Sees("FRIEND_APPLICATION_LIST_UPDATED", func(v Value) bool {
		return slices.Equal(v.listOf("friendApplicationList.#.userID"), ids) && same(v.Get("unreadCount").Result, unread)
	}, ids, "unread", unread)
}

// WantList compares a list at a path without regard to its order.
func (v Value) WantList(path string, want ...string) Value {
	slices.Sort(want)
	if got := v.listOf(path); !slices.Equal(got, want) && (len(got) > 0 || len(want) > 0) {
		v.stage.Failf("%s.%s is %v, want %v", v.what, path, got, want)
	}
	return v
}

// Friends is getFriendList; it must hold exactly these.
func (u *User) Friends(ids ...string) Value {
	return u.Call("getFriendList").WantList("#.userID", ids...)
}

// Friend is one entry of getFriendList.
func (u *User) Friend(id string) Value { return u.Call("getFriendList").Get(`#(userID=="` + id + `")`) }

// friendOptions are the options of addFriend.
func friendOptions(to string, more ...any) args {
	o := args{"to": to, "source": "AddSource_Type_Web"}
	for i := 0; i+1 < len(more); i += 2 {
		o[more[i].(string)] = more[i+1]
	}
	return o
}

// Befriend makes two users friends, who allow anybody, and waits until both
// know.
func (u *User) Befriend(other *User) {
	look(u, other)
	u.Call("addFriend", friendOptions(other.ID))
	for _, pair := range [][2]*User{{u, other}, {other, u}} {
		pair[0].Sees("FRIEND_LIST_UPDATED", func(v Value) bool { return slices.Contains(v.listOf("#.userID"), pair[1].ID) }, pair[1].ID)
	}
}

// NeedsConfirm has the user answer applications.
func (u *User) NeedsConfirm() *User {
	u.Call("updateMyProfile", args{"allowType": "AllowType_Type_NeedConfirm"})
	return u
}

// Applies has alice apply to bob, who needs to confirm.
func (u *User) Applies(to *User, more ...any) {
	look(u, to)
	u.Call("addFriend", friendOptions(to.ID, more...)).Want("code", 30539)
	to.Sees("FRIEND_APPLICATION_LIST_UPDATED", func(v Value) bool {
		return slices.Contains(v.listOf("friendApplicationList.#.userID"), u.ID)
	}, u.ID)
	u.Sees("FRIEND_APPLICATION_LIST_UPDATED", func(v Value) bool {
		return slices.Contains(v.listOf("friendApplicationList.#.userID"), to.ID)
	}, to.ID)
}

// CheckRelation is checkFriend of one user.
func (u *User) CheckRelation(other, kind, want string) {
	v := u.Call("checkFriend", args{"userIDList": []string{other}, "type": "CheckResult_Type_" + kind})
	v.Want("successUserIDList.0.userID", other).Want("successUserIDList.0.code", 0)
	v.Want("successUserIDList.0.relation", "CheckResult_Type_"+want).Want("failureUserIDList", []string{})
}
