package backend

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"

	"github.com/imsim/imsim/protocol"
)

// groupState is a group in a saved state.
type groupState struct {
	groupProfile
	Members      []memberState        `json:"members"`
	Muted        map[string]int64     `json:"muted,omitempty"`
	NextSeq      uint32               `json:"nextSeq"`
	Messages     []groupMessageState  `json:"messages"`
	Recalls      []groupRecall        `json:"recalls,omitempty"`
	Readers      map[uint32][]string  `json:"readers,omitempty"` // by sequence
	Applications []*groupApplication  `json:"applications,omitempty"`
	Attributes   []protocol.GroupAttr `json:"attributes,omitempty"`
	AttrSeq      int64                `json:"attributesSeq,omitempty"`
}

type memberState struct {
	UserID string `json:"userID"`
	memberData
}

type groupMessageState struct {
	No         int64              `json:"no"`
	Seq        uint32             `json:"seq"`
	From       string             `json:"from,omitempty"` // empty: a tip
	ClientSeq  uint32             `json:"clientSeq"`
	Random     uint32             `json:"random"`
	Time       int64              `json:"time"`
	ClientTime int64              `json:"clientTime,omitempty"`
	Priority   int                `json:"priority"`
	Body       json.RawMessage    `json:"body"`
	Custom     string             `json:"cloudCustomData,omitempty"`
	At         []protocol.GroupAt `json:"at,omitempty"`
	Flags      messageFlag        `json:"flags,omitempty"`
	Version    int                `json:"version,omitempty"`
	Only       []string           `json:"only,omitempty"` // who alone gets it
}

// noticeState is what an account keeps of system notices.
type noticeState struct {
	LastNotice uint32       `json:"lastNotice,omitempty"`
	Notices    []*sysNotice `json:"notices,omitempty"`
	Groups     []string     `json:"groups,omitempty"` // in the order of joining
}

func (a *account) noticeState() noticeState {
	st := noticeState{LastNotice: a.noticeSeq, Notices: slices.Clone(a.notices)}
	for _, m := range a.groups {
		st.Groups = append(st.Groups, m.group.ID)
	}
	return st
}

// groupStates lists the groups by ID.
func (w *World) groupStates() []groupState {
	list := []groupState{}
	for _, g := range w.groups {
		w.purgeGroup(g)
		st := groupState{
			groupProfile: g.groupProfile, Members: []memberState{}, Muted: maps.Clone(g.muted), NextSeq: g.nextSeq,
			Messages: []groupMessageState{}, Recalls: slices.Clone(g.recalls), Attributes: slices.Clone(g.attrs), AttrSeq: g.attrSeq,
		}
		for seq, ids := range g.readers {
			if st.Readers == nil {
				st.Readers = map[uint32][]string{}
			}
			st.Readers[seq] = slices.Clone(ids)
		}
		for _, a := range g.applications {
			copied := *a
			st.Applications = append(st.Applications, &copied)
		}
		for _, m := range g.members {
			data := m.memberData
			data.Deleted, data.Mentions = maps.Clone(m.Deleted), slices.Clone(m.Mentions)
			st.Members = append(st.Members, memberState{m.account.id, data})
		}
		for _, m := range g.messages {
			ms := groupMessageState{
				m.no, m.seq, "", m.clientSeq, m.random, m.time, m.clientTime, m.priority, m.body, m.custom, m.at, m.flags, m.version, m.only,
			}
			if m.from != nil {
				ms.From = m.from.id
			}
			st.Messages = append(st.Messages, ms)
		}
		list = append(list, st)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].ID < list[j].ID })
	return list
}

// loadGroups makes the groups of a state; the accounts are there already.
func (w *World) loadGroups(list []groupState) error {
	for i, st := range list {
		if err := w.loadGroup(st); err != nil {
			return fmt.Errorf("groups[%d]: %w", i, err)
		}
	}
	return nil
}

// orderGroups puts each account's groups in the order of joining.
func (w *World) orderGroups(users []userState) {
	for _, u := range users {
		a, place := w.accounts[u.UserID], map[string]int{}
		for i, id := range u.Groups {
			place[id] = i
		}
		sort.SliceStable(a.groups, func(i, j int) bool { return place[a.groups[i].group.ID] < place[a.groups[j].group.ID] })
	}
}

func (w *World) loadGroup(st groupState) error {
	switch {
	case !wellFormedGroupID(st.ID) || w.groups[st.ID] != nil:
		return fmt.Errorf("group ID %q is not valid or stands twice", st.ID)
	case !slices.Contains(GroupTypes, st.Type):
		return fmt.Errorf("group %q: no type %q", st.ID, st.Type)
	case st.NextSeq < 1:
		return fmt.Errorf("group %q: nextSeq must be 1 or more", st.ID)
	}
	g := makeGroup(st.groupProfile)
	g.nextSeq, g.recalls, g.applications, g.attrs, g.attrSeq = st.NextSeq, st.Recalls, st.Applications, st.Attributes, st.AttrSeq
	if st.Readers != nil {
		g.readers = st.Readers
	}
	if st.Muted != nil {
		g.muted = st.Muted
	}
	for _, ms := range st.Members {
		a := w.accounts[ms.UserID]
		if a == nil || g.byID[ms.UserID] != nil {
			return fmt.Errorf("group %q: member %q is no user or stands twice", st.ID, ms.UserID)
		}
		if !slices.Contains([]string{protocol.RoleOwner, protocol.RoleAdmin, protocol.RoleMember}, ms.Role) {
			return fmt.Errorf("group %q: member %q has the role %q", st.ID, ms.UserID, ms.Role)
		}
		w.enter(g, a, ms.Role).memberData = ms.memberData
	}
	for i, ms := range st.Messages {
		m := &groupMessage{
			no: ms.No, seq: ms.Seq, from: w.accounts[ms.From], clientSeq: ms.ClientSeq, random: ms.Random, time: ms.Time,
			clientTime: ms.ClientTime, priority: ms.Priority, body: ms.Body, custom: ms.Custom, at: ms.At, flags: ms.Flags, version: ms.Version, only: ms.Only,
		}
		switch {
		case m.is(isTip) != (ms.From == "") || ms.From != "" && m.from == nil:
			return fmt.Errorf("group %q: messages[%d] is from %q", st.ID, i, ms.From)
		case m.seq >= g.nextSeq || m.no > w.counters.Message || i > 0 && m.seq != st.Messages[i-1].Seq+1:
			return fmt.Errorf("group %q: messages[%d] is out of sequence", st.ID, i)
		}
		if m.from != nil {
			if err := protocol.CheckMsgBody(m.body); err != nil {
				return fmt.Errorf("group %q: messages[%d]: %w", st.ID, i, err)
			}
			g.index[groupSend{m.from.id, m.random}] = m
		}
		g.messages = append(g.messages, m)
	}
	w.groups[g.ID] = g
	return nil
}
