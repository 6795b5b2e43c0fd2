package client

import (
	"context"
	"time"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// fetchFriends asks page after page, then for the profiles of all. This is done
// once after a login; later the list changes by pushes alone.
func (c *Client) fetchFriends(start, standard, custom int64) {
	body := encode(protocol.FriendGetRequest{
		FromAccount: c.session.userID, StartIndex: start, StandardSequence: standard, CustomSequence: custom,
	})
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
			f := newFriend(v.Get("To_Account").String())
			f.read(v.Get("ValueItem"), false)
			c.friends.put(f)
			return true
		})
		next := v.Get("NextStartIndex").Int()
		if flag := v.Get("CompleteFlag"); flag.Exists() && flag.Int() == 0 && next > start {
			c.fetchFriends(next, v.Get("StandardSequence").Int(), v.Get("CustomSequence").Int())
			return
		}
		c.fetchFriendProfiles(append([]string{}, c.friends.order...))
	})
}

// fetchFriendProfiles asks for the profiles by the hundred; then the list is
// complete. (2.14 itself miscounts beyond 100 friends.)
func (c *Client) fetchFriendProfiles(users []string) {
	if len(users) == 0 {
		c.started(startFriends, c.friendsChanged)
		return
	}
	n := min(len(users), maxProfiles)
	c.askThen(protocol.CmdProfileGet, c.profileRequest(users[:n]), func(r reply) {
		if !c.session.loggedIn {
			return
		}
		if r.OK() {
			for _, p := range c.gotProfiles(r) {
				c.friends.update(p.UserID, func(f *Friend) { f.Profile, f.TimeStamp = p, c.now().UnixMilli() })
			}
		}
		c.fetchFriendProfiles(users[n:])
	})
}

// friendsChanged: FRIEND_LIST_UPDATED, then the remarks in the conversations.
func (c *Client) friendsChanged() {
	c.emit(EventFriendListUpdated, c.friends.list())
	c.patchRemarks()
}

// patchRemarks shows the friends' remarks in the conversations. The remark of
// who is no friend any more stays, as in 2.14.
func (c *Client) patchRemarks() {
	changed := false
	for _, f := range c.friends.list() {
		if v := c.convs.get(ConvC2C + f.UserID); v != nil && v.Remark != f.Remark {
			c.convs.update(v.ConversationID, func(v *Conversation) { v.Remark = f.Remark })
			changed = true
		}
	}
	if changed {
		c.conversationsChanged()
	}
}

// friendsAdded takes the push: the fields are asked for, and the event comes
// with them.
func (c *Client) friendsAdded(users []string) {
	if len(users) == 0 {
		return
	}
	for _, user := range users {
		c.friends.put(newFriend(user))
	}
	c.askThen(protocol.CmdFriendGetList, c.friendRequest(users), func(r reply) {
		if !r.OK() || !c.session.loggedIn {
			return
		}
		c.gotFriends(gjson.ParseBytes(r.Body))
		for _, user := range users {
			if f := c.friends.get(user); f != nil {
				c.friendGroups.joined(f)
			}
		}
		c.friendsChanged()
	})
}

// friendsDeleted takes the push. 2.14 fails inside if one of the users is no
// friend; here such users are passed over.
func (c *Client) friendsDeleted(users []string) {
	changed := false
	for _, user := range users {
		if f := c.friends.remove(user); f != nil {
			c.friendGroups.left(f)
			changed = true
		}
	}
	if changed {
		c.friendsChanged()
	}
}

func (c *Client) friendRequest(users []string) []byte {
	return encode(struct {
		protocol.FriendListRequest
		TagList []string
	}{protocol.FriendListRequest{FromAccount: c.session.userID, ToAccount: users}, sentTags})
}

// gotFriends reads a reply about some friends into the cache.
func (c *Client) gotFriends(v gjson.Result) (got []*Friend, failed []FailedUser) {
	failed = outcomes(v.Get("InfoItem"), func(user string, v gjson.Result) {
		items := v.Get("SnsProfileItem")
		f := c.friends.update(user, func(f *Friend) {
			f.read(items, true)
			f.TimeStamp = c.now().UnixMilli()
		})
		if f == nil {
			f = newFriend(user)
			f.read(items, false)
			c.friends.put(f)
		}
		got = append(got, f)
	})
	return got, failed
}

// GetFriendList returns the friends, from the cache.
func (c *Client) GetFriendList(ctx context.Context) ([]*Friend, error) {
	return run(ctx, c, "getFriendList", nil, func() ([]*Friend, error) { return c.friends.list(), nil })
}

// GetFriendProfileOptions name friends.
type GetFriendProfileOptions struct {
	UserIDList []string `json:"userIDList"`
}

// FriendProfileResult is the friends found; all others are failures.
type FriendProfileResult struct {
	FriendList        []*Friend    `json:"friendList"`
	FailureUserIDList []FailedUser `json:"failureUserIDList"`
}

// friendFresh is how long a friend is answered from the cache.
const friendFresh = 3 * time.Minute

// GetFriendProfile returns friends with their profiles: those of the cache
// first, which are at most 3 minutes old, then those asked of the server. Who
// is no friend is a failure with 2700.
func (c *Client) GetFriendProfile(ctx context.Context, o GetFriendProfileOptions) (*FriendProfileResult, error) {
	valid := need("getFriendProfile").that(len(o.UserIDList) > 0, "userIDList", "is empty")
	return run(ctx, c, "getFriendProfile", valid.err(), func() (*FriendProfileResult, error) {
		res := &FriendProfileResult{FriendList: []*Friend{}, FailureUserIDList: []FailedUser{}}
		var ask []string
		for _, user := range o.UserIDList {
			switch f := c.friends.get(user); {
			case f == nil:
				res.FailureUserIDList = append(res.FailureUserIDList, notFriend(user))
			case c.now().UnixMilli()-f.TimeStamp < friendFresh.Milliseconds():
				res.FriendList = append(res.FriendList, f)
			default:
				ask = append(ask, user)
			}
		}
		if len(ask) == 0 {
			return res, nil
		}
		me := c.session.userID
		r := c.ask(protocol.CmdFriendGetList, c.friendRequest(ask))
		if err := r.err(); err != nil {
			return nil, err
		}
		v := gjson.ParseBytes(r.Body)
		switch {
		case c.session.userID != me:
			return nil, fail(CodeNotReady)
		case !v.Get("InfoItem").IsArray():
			return nil, fail(CodeInternal)
		}
		got, failed := c.gotFriends(v)
		res.FriendList = append(res.FriendList, got...)
		res.FailureUserIDList = append(res.FailureUserIDList, failed...)
		return res, nil
	})
}
