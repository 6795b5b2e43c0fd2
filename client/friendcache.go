package client

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// Friend is an entry of the friend list (relations.md §4.1).
type Friend struct {
	UserID            string        `json:"userID"`
	Remark            string        `json:"remark"`
	GroupList         []string      `json:"groupList"`
	Source            string        `json:"source"`
	AddTime           int64         `json:"addTime"` // seconds
	FriendCustomField []CustomField `json:"friendCustomField"`
	TimeStamp         int64         `json:"timestamp"` // milliseconds, of the last refresh
	Profile           *Profile      `json:"profile"`
}

// friendCache is the friend list in its order; the values never change.
type friendCache struct {
	byID  map[string]*Friend
	order []string
}

func (s *friendCache) get(user string) *Friend { return s.byID[user] }

// put adds a friend at the end; one who is there already keeps the place.
func (s *friendCache) put(f *Friend) {
	if s.byID == nil {
		s.byID = make(map[string]*Friend)
	}
	if s.byID[f.UserID] == nil {
		s.order = append(s.order, f.UserID)
	}
	s.byID[f.UserID] = f
}

// update changes a copy, which takes the place; nil for nobody's friend.
func (s *friendCache) update(user string, change func(*Friend)) *Friend {
	old := s.byID[user]
	if old == nil {
		return nil
	}
	f := *old
	change(&f)
	s.byID[user] = &f
	return &f
}

func (s *friendCache) remove(user string) *Friend {
	f := s.byID[user]
	if f != nil {
		delete(s.byID, user)
		s.order = slices.DeleteFunc(s.order, func(id string) bool { return id == user })
	}
	return f
}

func (s *friendCache) list() []*Friend {
	list := make([]*Friend, 0, len(s.order))
	for _, user := range s.order {
		list = append(list, s.byID[user])
	}
	return list
}

func newFriend(user string) *Friend {
	return &Friend{UserID: user, GroupList: []string{}, FriendCustomField: []CustomField{}, Profile: newProfile(user)}
}

// read sets the fields of a friend who is new, or refreshes those of one who
// is known. As in 2.14 a refresh changes custom fields but adds none, and a new
// friend's profile has none until it is fetched.
func (f *Friend) read(items gjson.Result, refresh bool) {
	p := *f.Profile
	f.Profile = &p
	items.ForEach(func(_, item gjson.Result) bool {
		v := tagValue(item)
		switch tag := item.Get("Tag").String(); {
		case strings.Contains(tag, protocol.TagFriendCustom):
			if !refresh || hasField(f.FriendCustomField, tag) {
				f.FriendCustomField = withField(f.FriendCustomField, tag, v.String())
			}
		case strings.Contains(tag, "Tag_Profile_Custom"):
			if refresh && hasField(p.ProfileCustomField, tag) {
				p.set(item)
			}
		case tag == protocol.TagFriendGroup:
			f.GroupList = texts(v)
		case tag == protocol.TagFriendRemark:
			f.Remark = v.String()
		case tag == protocol.TagFriendSource:
			f.Source = v.String()
		case tag == protocol.TagFriendTime:
			f.AddTime = v.Int()
		default:
			p.set(item)
		}
		return true
	})
}

func (f *Friend) join(group string) {
	if !slices.Contains(f.GroupList, group) {
		f.GroupList = append(slices.Clone(f.GroupList), group)
	}
}

func (f *Friend) leave(group string) {
	f.GroupList = without(f.GroupList, group)
}

// without is a copy of the list; it is never nil.
func without(list []string, v string) []string {
	out := make([]string, 0, len(list))
	for _, e := range list {
		if e != v {
			out = append(out, e)
		}
	}
	return out
}

func hasField(fields []CustomField, key string) bool {
	return slices.ContainsFunc(fields, func(f CustomField) bool { return f.Key == key })
}

// withField is a copy of the fields with one changed or added.
func withField(fields []CustomField, key, value string) []CustomField {
	fields = append([]CustomField{}, fields...)
	for i := range fields {
		if fields[i].Key == key {
			fields[i].Value = value
			return fields
		}
	}
	return append(fields, CustomField{Key: key, Value: value})
}
