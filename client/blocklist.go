package client

import (
	"context"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// gotBlacklist reads the list at login. It comes whole: there are no pages.
func (c *Client) gotBlacklist(r reply) {
	if !c.session.loggedIn {
		return
	}
	if !r.OK() {
		c.started(startBlacklist, nil)
		return
	}
	gjson.GetBytes(r.Body, "BlackListItem").ForEach(func(_, v gjson.Result) bool {
		c.block(v.Get("To_Account").String())
		return true
	})
	c.started(startBlacklist, c.blacklistChanged)
}

func (c *Client) block(user string) bool {
	if slices.Contains(c.blacklist, user) {
		return false
	}
	c.blacklist = append(c.blacklist, user)
	return true
}

func (c *Client) unblock(user string) bool {
	i := slices.Index(c.blacklist, user)
	if i < 0 {
		return false
	}
	c.blacklist = slices.Delete(c.blacklist, i, i+1)
	return true
}

func (c *Client) blacklistCopy() []string { return append([]string{}, c.blacklist...) }

func (c *Client) blacklistChanged() { c.emit(EventBlacklistUpdated, c.blacklistCopy()) }

// blacklistPushed: BLACKLIST_UPDATED once for all that left the list and once
// for all that came, if any really did (relations.md §3).
func (c *Client) blacklistPushed(mods gjson.Result) {
	for _, side := range []struct {
		key    string
		change func(string) bool
	}{{"BlackListDel_Account", c.unblock}, {"BlackListAdd_Account", c.block}} {
		changed := false
		for _, user := range accountsIn(mods, side.key) {
			changed = side.change(user) || changed
		}
		if changed {
			c.blacklistChanged()
		}
	}
}

// GetBlacklist returns the userIDs of the blocklist, from the cache.
func (c *Client) GetBlacklist(ctx context.Context) ([]string, error) {
	return run(ctx, c, "getBlacklist", nil, func() ([]string, error) { return c.blacklistCopy(), nil })
}

// BlacklistOptions name the users to block or unblock; the service takes up to
// 1000.
type BlacklistOptions struct {
	UserIDList []string `json:"userIDList"`
}

// AddToBlacklist blocks users and returns the whole list. The list changes,
// here and at the user's other instances, by the server's push:
// BLACKLIST_UPDATED. One's own userID among others is left out. Errors: 2742
// one's own userID alone, 30001.
func (c *Client) AddToBlacklist(ctx context.Context, o BlacklistOptions) ([]string, error) {
	valid := need("addToBlacklist").that(len(o.UserIDList) > 0, "userIDList", "is empty")
	return run(ctx, c, "addToBlacklist", valid.err(), func() ([]string, error) {
		me := c.session.userID
		if len(o.UserIDList) == 1 && o.UserIDList[0] == me {
			return nil, fail(CodeBlockingOneself)
		}
		users := slices.DeleteFunc(slices.Clone(o.UserIDList), func(user string) bool { return user == me })
		_, err := c.exchange(protocol.CmdBlackListAdd, protocol.BlackListRequest{FromAccount: me, ToAccount: users})
		if err != nil {
			return nil, err
		}
		return c.blacklistCopy(), nil
	})
}

// RemoveFromBlacklist unblocks users and returns the whole list; users that
// are not in it are no error. BLACKLIST_UPDATED comes from the server's push.
// Errors: 2741 no list given, 30001.
func (c *Client) RemoveFromBlacklist(ctx context.Context, o BlacklistOptions) ([]string, error) {
	var invalid error
	if o.UserIDList == nil {
		invalid = fail(CodeUnblockParam)
	}
	return run(ctx, c, "removeFromBlacklist", invalid, func() ([]string, error) {
		v, err := c.exchange(protocol.CmdBlackListDelete,
			protocol.BlackListRequest{FromAccount: c.session.userID, ToAccount: o.UserIDList})
		if err != nil {
			return nil, err
		}
		v.Get("ResultItem").ForEach(func(_, v gjson.Result) bool {
			if v.Get("ResultCode").Int() == 0 {
				c.unblock(v.Get("To_Account").String())
			}
			return true
		})
		return c.blacklistCopy(), nil
	})
}
