package backend

import (
	"encoding/json"
	"fmt"
	"sort"
	"time"

	"github.com/imsim/imsim/protocol"
)

// firstTinyID is below every tiny ID given out.
const firstTinyID = 144115200000000000

// MaxUserID is the longest userID in bytes (semantics.md §2.1).
const MaxUserID = 32

// account is a user. It appears at its first login, or by CreateUsers.
type account struct {
	id        string
	tiny      string
	profile   []profileField // in the order the tags were first set
	sessions  []*session     // oldest login first
	inbox     inbox
	contacts  map[contactKey]*contact
	relations relations
	peerMute  map[string]int // by userID, values other than 0
	mute      mute
	awaited   []*message // with a MsgLifeTime, since the last login
	// sigsFrom is the second before which issued UserSigs are no longer taken.
	sigsFrom   int64
	lastDelete time.Time
	groups     []*member    // in the order of joining
	notices    []*sysNotice // about groups, until it is done with them
	noticeSeq  uint32       // of the latest one
	absence    *dueItem     // it is away from its live rooms for too long; nil: it is not away
}

type profileField struct {
	Tag   string          `json:"tag"`
	Value json.RawMessage `json:"value"`
}

// validUserID wants printable ASCII of at most MaxUserID bytes, no spaces
// around.
func validUserID(id string) error {
	if id == "" || len(id) > MaxUserID {
		return protocol.Errorf(protocol.CodeAccountParam, "userID must have 1 to %d bytes", MaxUserID)
	}
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return protocol.Errorf(protocol.CodeAccountParam, "userID must be printable ASCII")
		}
	}
	return nil
}

func (w *World) newAccount(id string) *account {
	w.counters.TinyID++
	a := &account{id: id, tiny: fmt.Sprint(firstTinyID + w.counters.TinyID), contacts: map[contactKey]*contact{}}
	w.accounts[id] = a
	w.byTiny[a.tiny] = a
	return a
}

// text is a profile field that holds a string.
func (a *account) text(tag string) string {
	for _, f := range a.profile {
		if f.Tag == tag {
			var s string
			_ = json.Unmarshal(f.Value, &s) // not a string: as if unset
			return s
		}
	}
	return ""
}

func (a *account) setField(tag string, value json.RawMessage) {
	a.profile = setTag(a.profile, tag, value)
}

// setTag changes a tag of a list, or adds it at the end.
func setTag(list []profileField, tag string, value json.RawMessage) []profileField {
	for i := range list {
		if list[i].Tag == tag {
			list[i].Value = value
			return list
		}
	}
	return append(list, profileField{tag, value})
}

// sortedAccounts lists all accounts by userID, for whatever must not depend
// on the order of a map.
func (w *World) sortedAccounts() []*account {
	list := make([]*account, 0, len(w.accounts))
	for _, a := range w.accounts {
		list = append(list, a)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].id < list[j].id })
	return list
}
