package client

import (
	"context"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// Profile is a user's profile (relations.md §2.1).
type Profile struct {
	UserID             string        `json:"userID"`
	Nick               string        `json:"nick"`
	Gender             string        `json:"gender"`
	Birthday           int64         `json:"birthday"` // e.g. 19900102
	Location           string        `json:"location"`
	SelfSignature      string        `json:"selfSignature"`
	AllowType          string        `json:"allowType"`
	Language           int64         `json:"language"`
	Avatar             string        `json:"avatar"`
	MessageSettings    int64         `json:"messageSettings"`
	AdminForbidType    string        `json:"adminForbidType"`
	Level              int64         `json:"level"`
	Role               int64         `json:"role"`
	LastUpdatedTime    int64         `json:"lastUpdatedTime"` // milliseconds; 0 for users that are not cached
	ProfileCustomField []CustomField `json:"profileCustomField"`
}

// CustomField is a custom field of a profile, friend, group or member.
type CustomField struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func newProfile(userID string) *Profile {
	return &Profile{
		UserID: userID, AllowType: AllowTypeAllowAny, AdminForbidType: ForbidTypeNone,
		ProfileCustomField: []CustomField{},
	}
}

// profileCache holds oneself and friends; the values are never changed.
type profileCache struct{ byID map[string]*Profile }

func (p *profileCache) put(profile *Profile) {
	if p.byID == nil {
		p.byID = make(map[string]*Profile)
	}
	p.byID[profile.UserID] = profile
}

// tagValue is the value of a tag; in pushes it stands in ValueBytes or ValueNum.
func tagValue(item gjson.Result) gjson.Result {
	for _, key := range []string{"Value", "ValueBytes"} {
		if v := item.Get(key); v.Exists() {
			return v
		}
	}
	return item.Get("ValueNum")
}

// set changes one field by its tag; others are ignored.
func (p *Profile) set(item gjson.Result) {
	tag, v := item.Get("Tag").String(), tagValue(item)
	if strings.Contains(tag, "Tag_Profile_Custom") {
		p.ProfileCustomField = withField(p.ProfileCustomField, tag, v.String())
		return
	}
	switch tag {
	case protocol.TagNick:
		p.Nick = v.String()
	case protocol.TagGender:
		p.Gender = v.String()
	case protocol.TagBirthday:
		p.Birthday = v.Int()
	case protocol.TagLocation:
		p.Location = v.String()
	case protocol.TagSelfSignature:
		p.SelfSignature = v.String()
	case protocol.TagAllowType:
		p.AllowType = v.String()
	case protocol.TagLanguage:
		p.Language = v.Int()
	case protocol.TagAvatar:
		p.Avatar = v.String()
	case protocol.TagMsgSettings:
		p.MessageSettings = v.Int()
	case protocol.TagAdminForbid:
		p.AdminForbidType = v.String()
	case protocol.TagLevel:
		p.Level = v.Int()
	case protocol.TagRole:
		p.Role = v.Int()
	}
}

// updateProfile merges tags into what is known of a user, and keeps it if it
// is oneself or a friend.
func (c *Client) updateProfile(userID string, items gjson.Result) *Profile {
	p := newProfile(userID)
	old, known := c.profiles.byID[userID]
	if known {
		*p = *old
	}
	items.ForEach(func(_, item gjson.Result) bool {
		p.set(item)
		return true
	})
	if known || userID == c.session.userID || c.friends.get(userID) != nil {
		p.LastUpdatedTime = c.now().UnixMilli()
		c.keepProfile(old, p)
	}
	return p
}

// keepProfile puts p in the place of the cached old one. A conversation that
// shows the old one shows p: in the reference they are the same object.
func (c *Client) keepProfile(old, p *Profile) {
	c.profiles.put(p)
	if v := c.convs.get(ConvC2C + p.UserID); old != nil && v != nil && v.UserProfile == old {
		c.convs.update(v.ConversationID, func(v *Conversation) { v.UserProfile = p })
	}
}

// renamed is p under that name; where p is the cached one, it takes its place.
func (c *Client) renamed(p *Profile, nick, avatar string) *Profile {
	if p.Nick == nick && p.Avatar == avatar {
		return p
	}
	now := *p
	now.Nick, now.Avatar = nick, avatar
	if c.profiles.byID[p.UserID] == p {
		c.profiles.put(&now)
	}
	return &now
}

func (c *Client) profileRequest(users []string) []byte {
	dst := []byte(`{"From_Account":` + quote(c.session.userID) + `,"UserItem":[`)
	for i, u := range users {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, `{"To_Account":`, u)
		dst = append(dst, `,"StandardSequence":0,"CustomSequence":0}`...)
	}
	return append(dst, "]}"...)
}

// gotProfiles reads a reply; users that do not exist are missing in it.
func (c *Client) gotProfiles(r reply) []*Profile {
	out := []*Profile{}
	gjson.GetBytes(r.Body, "UserProfileItem").ForEach(func(_, v gjson.Result) bool {
		if id := v.Get("To_Account").String(); id != "" && id != protocol.NoSuchUser {
			out = append(out, c.updateProfile(id, v.Get("ProfileItem")))
		}
		return true
	})
	return out
}

func (c *Client) fetchMyProfile() {
	c.askThen(protocol.CmdProfileGet, c.profileRequest([]string{c.session.userID}), func(r reply) {
		if r.OK() && c.session.loggedIn {
			c.gotProfiles(r)
		}
	})
}

// fetchProfiles asks for users' profiles in the background and sets them in
// their conversations, which fires no event.
func (c *Client) fetchProfiles(users []string) {
	if len(users) == 0 {
		return
	}
	c.askThen(protocol.CmdProfileGet, c.profileRequest(users), func(r reply) {
		if !r.OK() || !c.session.loggedIn {
			return
		}
		for _, p := range c.gotProfiles(r) {
			c.convs.update(ConvC2C+p.UserID, func(v *Conversation) { v.UserProfile = p })
		}
	})
}

// GetMyProfile returns one's own profile, from the cache if it is there.
func (c *Client) GetMyProfile(ctx context.Context) (*Profile, error) {
	return run(ctx, c, "getMyProfile", nil, func() (*Profile, error) {
		if p := c.profiles.byID[c.session.userID]; p != nil {
			return p, nil
		}
		list, err := c.getProfiles([]string{c.session.userID})
		if err != nil || len(list) == 0 {
			return nil, err
		}
		return list[0], nil
	})
}

// maxProfiles is how many profiles one call gets; the rest is cut off.
const maxProfiles = 100

// GetUserProfileOptions name up to 100 users; the rest is cut off.
type GetUserProfileOptions struct {
	UserIDList []string `json:"userIDList"`
}

// GetUserProfile returns the profiles of the users that exist: those asked of
// the server first, then those of friends, which are cached.
func (c *Client) GetUserProfile(ctx context.Context, o GetUserProfileOptions) ([]*Profile, error) {
	return run(ctx, c, "getUserProfile", need("getUserProfile").that(o.UserIDList != nil, "userIDList", "is missing").err(),
		func() ([]*Profile, error) { return c.getProfiles(o.UserIDList) })
}

func (c *Client) getProfiles(users []string) ([]*Profile, error) {
	if len(users) > maxProfiles {
		users = users[:maxProfiles]
	}
	var ask []string
	known := []*Profile{}
	for _, u := range users {
		if p := c.profiles.byID[u]; p != nil && c.friends.get(u) != nil {
			known = append(known, p)
		} else {
			ask = append(ask, u)
		}
	}
	if len(ask) == 0 {
		return known, nil
	}
	r := c.ask(protocol.CmdProfileGet, c.profileRequest(ask))
	if err := r.err(); err != nil {
		return nil, err
	}
	if !gjson.GetBytes(r.Body, "UserProfileItem").IsArray() {
		return nil, fail(CodeInternal)
	}
	return append(c.gotProfiles(r), known...), nil
}

// profilesPushed: PROFILE_UPDATED, one Profile an entry, also of strangers and
// of what did not change, as in 2.14.
func (c *Client) profilesPushed(mods gjson.Result) {
	var out []*Profile
	mods.ForEach(func(_, v gjson.Result) bool {
		id := v.Get("Profile_Account").String()
		p := c.updateProfile(id, v.Get("ProfileList"))
		out = append(out, p)
		if id == c.session.userID {
			c.msgs.renameMine(p.Nick, p.Avatar)
		}
		c.members.rename(p)
		f := c.friends.update(id, func(f *Friend) {
			f.read(v.Get("ProfileList"), true)
			f.TimeStamp = c.now().UnixMilli()
		})
		if f != nil {
			c.msgs.list(ConvC2C+id).rename(FlowIn, p.Nick, p.Avatar)
			c.convs.update(ConvC2C+id, func(v *Conversation) { v.UserProfile = p })
		}
		return true
	})
	if len(out) > 0 {
		c.emit(EventProfileUpdated, out)
	}
}
