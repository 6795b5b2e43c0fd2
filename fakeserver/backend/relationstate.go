package backend

import (
	"fmt"
	"slices"
)

// relationState is an account's relations as they are saved.
type relationState struct {
	Changes  int64              `json:"changes"`
	Friends  []friendState      `json:"friends,omitempty"`
	Groups   []string           `json:"groups,omitempty"`
	Blocked  []blockedUser      `json:"blocked,omitempty"`
	Received []applicationState `json:"received,omitempty"`
	Sent     []applicationState `json:"sent,omitempty"`
}

type friendState struct {
	No      int64          `json:"no"`
	UserID  string         `json:"userID"`
	Remark  string         `json:"remark,omitempty"`
	Groups  []string       `json:"groups,omitempty"`
	Source  string         `json:"source,omitempty"`
	Wording string         `json:"wording,omitempty"`
	AddTime int64          `json:"addTime"`
	Custom  []profileField `json:"custom,omitempty"`
}

type applicationState struct {
	No      int64  `json:"no"`
	UserID  string `json:"userID"` // the other side
	Time    int64  `json:"time"`
	Source  string `json:"source,omitempty"`
	Wording string `json:"wording,omitempty"`
	Read    bool   `json:"read,omitempty"`
	Remark  string `json:"remark,omitempty"`
	Group   string `json:"group,omitempty"`
}

// state is nil for an account without any relations so far.
func (r *relations) state() *relationState {
	if r.changes == 0 && len(r.groups) == 0 && len(r.blocked.list) == 0 {
		return nil
	}
	st := &relationState{Changes: r.changes, Groups: slices.Clone(r.groups)}
	for _, f := range r.friends.list {
		st.Friends = append(st.Friends, friendState{
			f.no, f.user.id, f.remark, slices.Clone(f.groups), f.source, f.wording, f.addTime, slices.Clone(f.custom),
		})
	}
	for _, b := range r.blocked.list {
		st.Blocked = append(st.Blocked, *b)
	}
	st.Received, st.Sent = applicationStates(r.received), applicationStates(r.sent)
	return st
}

func applicationStates(r roster[*application]) []applicationState {
	var list []applicationState
	for _, p := range r.list {
		list = append(list, applicationState{p.no, p.peer.id, p.time, p.source, p.wording, p.read, p.remark, p.group})
	}
	return list
}

// loadRelations gives an account its relations; all accounts are there.
func (w *World) loadRelations(a *account, st *relationState) error {
	if st == nil {
		return nil
	}
	r := &a.relations
	r.changes = st.Changes
	for i, name := range st.Groups {
		if validGroupName(name) != nil || slices.Contains(st.Groups[:i], name) {
			return fmt.Errorf("user %q: friend list %q is not valid or stands twice", a.id, name)
		}
	}
	r.groups = slices.Clone(st.Groups)
	for _, b := range st.Blocked {
		if r.blocked.has(b.UserID) || b.UserID == a.id || w.accounts[b.UserID] == nil {
			return fmt.Errorf("user %q: cannot have blocked %q", a.id, b.UserID)
		}
		r.blocked.put(&b)
	}
	last := int64(0)
	for _, f := range st.Friends {
		other := w.accounts[f.UserID]
		switch {
		case other == nil || other == a || r.friends.has(f.UserID) || r.blocked.has(f.UserID):
			return fmt.Errorf("user %q: cannot have the friend %q", a.id, f.UserID)
		case f.No <= last || f.No > st.Changes:
			return fmt.Errorf("user %q: friend %q has the no %d after %d, of %d", a.id, f.UserID, f.No, last, st.Changes)
		}
		last = f.No
		for i, name := range f.Groups {
			if !slices.Contains(r.groups, name) || slices.Contains(f.Groups[:i], name) {
				return fmt.Errorf("user %q: friend %q is in the unknown friend list %q, or twice", a.id, f.UserID, name)
			}
		}
		for _, c := range f.Custom {
			if c.Tag == "" || !scalar(c.Value) {
				return fmt.Errorf("user %q: friend %q has a custom field that is not a tag and a string", a.id, f.UserID)
			}
		}
		r.friends.put(&friend{f.No, other, f.Remark, slices.Clone(f.Groups), f.Source, f.Wording, f.AddTime, slices.Clone(f.Custom)})
		if other.relations.fans == nil {
			other.relations.fans = map[string]*account{}
		}
		other.relations.fans[a.id] = a
	}
	if err := w.loadApplications(a, &r.received, st.Received); err != nil {
		return err
	}
	return w.loadApplications(a, &r.sent, st.Sent)
}

func (w *World) loadApplications(a *account, list *roster[*application], st []applicationState) error {
	for _, p := range st {
		peer := w.accounts[p.UserID]
		if peer == nil || peer == a || list.has(p.UserID) || p.No < 1 || p.No > a.relations.changes {
			return fmt.Errorf("user %q: cannot have the application with %q", a.id, p.UserID)
		}
		list.put(&application{p.No, peer, p.Time, p.Source, p.Wording, p.Read, p.Remark, p.Group})
	}
	return nil
}
