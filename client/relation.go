package client

import (
	"strconv"

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

// FriendGroup is one of the lists that a user sorts friends into.
type FriendGroup struct {
	Name       string   `json:"name"`
	UserIDList []string `json:"userIDList"`
	Count      int      `json:"count"`
}

// FriendApplication is a request for friendship, received or sent.
type FriendApplication struct {
	UserID  string `json:"userID"`
	Nick    string `json:"nick"`
	Avatar  string `json:"avatar"`
	Time    int64  `json:"time"` // seconds
	Source  string `json:"source"`
	Wording string `json:"wording"`
	Type    string `json:"type"` // SNSApplicationSentToMe or SNSApplicationSentByMe
}

// FriendApplicationList is all applications and the number of unread ones.
type FriendApplicationList struct {
	FriendApplicationList []*FriendApplication `json:"friendApplicationList"`
	UnreadCount           int                  `json:"unreadCount"`
}

// The lists are fetched once after a login (relations.md §1). A failed reply
// suppresses its event.

// relationsPushed takes the changes of the blocklist.
func (c *Client) relationsPushed(mods gjson.Result) {
	c.blacklistPushed(mods)
}

// accountsIn collects an array of all entries of a push.
func accountsIn(mods gjson.Result, key string) []string {
	var out []string
	mods.ForEach(func(_, v gjson.Result) bool {
		for _, user := range v.Get(key).Array() {
			out = append(out, user.String())
		}
		return true
	})
	return out
}

// exchange sends a request and reads its reply. It fails with 2999 if the
// session ended meanwhile: the caches are another's then.
func (c *Client) exchange(cmd string, body any) (gjson.Result, error) {
	me := c.session.userID
	r := c.ask(cmd, encode(body))
	if err := r.err(); err != nil {
		return gjson.Result{}, err
	}
	if c.session.userID != me {
		return gjson.Result{}, fail(CodeNotReady)
	}
	return gjson.ParseBytes(r.Body), nil
}

func (c *Client) gotApplications(r reply) {
	if !c.session.loggedIn {
		return
	}
	if !r.OK() {
		c.started(startApplications, nil)
		return
	}
	v := gjson.ParseBytes(r.Body)
	list := &FriendApplicationList{
		FriendApplicationList: []*FriendApplication{}, UnreadCount: int(v.Get("UnreadPendencyCount").Int()),
	}
	v.Get("PendencyItem").ForEach(func(_, v gjson.Result) bool {
		list.FriendApplicationList = append(list.FriendApplicationList, &FriendApplication{
			UserID: v.Get("To_Account").String(), Nick: v.Get("Nick").String(), Avatar: v.Get("Image").String(),
			Time: v.Get("AddTime").Int(), Source: v.Get("AddSource").String(), Wording: v.Get("AddWording").String(),
			Type: v.Get("PendencyType").String(),
		})
		return true
	})
	c.started(startApplications, func() { c.emit(EventFriendApplicationListUpdated, list) })
}

func (c *Client) gotFriendGroups(r reply) {
	if !c.session.loggedIn || !r.OK() {
		return
	}
	var list []*FriendGroup
	gjson.GetBytes(r.Body, "ResultItem").ForEach(func(_, v gjson.Result) bool {
		g := &FriendGroup{Name: v.Get("GroupName").String(), UserIDList: []string{}, Count: int(v.Get("FriendNumber").Int())}
		for _, u := range v.Get("To_Account").Array() {
			g.UserIDList = append(g.UserIDList, u.String())
		}
		list = append(list, g)
		return true
	})
	if len(list) > 0 {
		c.emit(EventFriendGroupListUpdated, list)
	}
}

// fetchFriends asks page after page, then for the profiles of all.
func (c *Client) fetchFriends(start, standard, custom int64, order []string) {
	body := []byte(`{"From_Account":` + quote(c.session.userID) + `,"StartIndex":` + strconv.FormatInt(start, 10) +
		`,"StandardSequence":` + strconv.FormatInt(standard, 10) + `,"CustomSequence":` + strconv.FormatInt(custom, 10) + `}`)
	c.askThen(protocol.CmdFriendGet, body, func(r reply) {
		if !c.session.loggedIn {
			return
		}
		if !r.OK() {
			c.started(startFriends, nil)
			return
		}
		v := gjson.ParseBytes(r.Body)
		v.Get("UserDataItem").ForEach(func(_, v gjson.Result) bool {
			f := c.friend(v)
			order = append(order, f.UserID)
			return true
		})
		if flag := v.Get("CompleteFlag"); flag.Exists() && flag.Int() == 0 && v.Get("NextStartIndex").Int() > start {
			c.fetchFriends(v.Get("NextStartIndex").Int(), v.Get("StandardSequence").Int(), v.Get("CustomSequence").Int(), order)
			return
		}
		c.fetchFriendProfiles(order, 0)
	})
}

// friend reads one entry of sns.friend_get into the cache.
func (c *Client) friend(v gjson.Result) *Friend {
	f := &Friend{
		UserID: v.Get("To_Account").String(), GroupList: []string{}, FriendCustomField: []CustomField{},
		TimeStamp: c.now().UnixMilli(),
	}
	if c.profiles.friends == nil {
		c.profiles.friends = make(map[string]*Friend)
	}
	c.profiles.friends[f.UserID] = f
	items := v.Get("ValueItem")
	items.ForEach(func(_, item gjson.Result) bool {
		value := item.Get("Value")
		switch tag := item.Get("Tag").String(); tag {
		case "Tag_SNS_IM_Group":
			for _, g := range value.Array() {
				f.GroupList = append(f.GroupList, g.String())
			}
		case "Tag_SNS_IM_Remark":
			f.Remark = value.String()
		case "Tag_SNS_IM_AddSource":
			f.Source = value.String()
		case "Tag_SNS_IM_AddTime":
			f.AddTime = value.Int()
		default:
			if len(tag) > 14 && tag[:14] == "Tag_SNS_Custom" {
				f.FriendCustomField = append(f.FriendCustomField, CustomField{Key: tag, Value: value.String()})
			}
		}
		return true
	})
	f.Profile = c.updateProfile(f.UserID, items)
	return f
}

// fetchFriendProfiles asks for the profiles by the hundred; then the list is
// complete. (2.14 itself miscounts beyond 100 friends.)
func (c *Client) fetchFriendProfiles(order []string, from int) {
	if from >= len(order) {
		c.started(startFriends, func() {
			list := make([]*Friend, 0, len(order))
			for _, id := range order {
				list = append(list, c.profiles.friends[id])
			}
			c.emit(EventFriendListUpdated, list)
			c.patchRemarks()
		})
		return
	}
	to := min(from+maxProfiles, len(order))
	c.askThen(protocol.CmdProfileGet, c.profileRequest(order[from:to]), func(r reply) {
		if !c.session.loggedIn {
			return
		}
		if r.OK() {
			for _, p := range c.gotProfiles(r) {
				if f := c.profiles.friends[p.UserID]; f != nil {
					changed := *f
					changed.Profile = p
					c.profiles.friends[p.UserID] = &changed
				}
			}
		}
		c.fetchFriendProfiles(order, to)
	})
}

// patchRemarks shows the friends' remarks in the conversations.
func (c *Client) patchRemarks() {
	changed := false
	for id, f := range c.profiles.friends {
		if v := c.convs.get(ConvC2C + id); v != nil && v.Remark != f.Remark {
			c.convs.update(v.ConversationID, func(v *Conversation) { v.Remark = f.Remark })
			changed = true
		}
	}
	if changed {
		c.conversationsChanged()
	}
}
