package client

import (
	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// UserRef names a user for whom a method succeeded.
type UserRef struct {
	UserID string `json:"userID"`
}

// FailedUser is a user for whom a method failed, and why; the method itself
// does not fail then.
type FailedUser struct {
	UserID  string `json:"userID"`
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// relationsPushed takes a FriendListMod. As in 2.14 the blocklist comes first,
// then applications, then added friends before deleted ones, each with one
// event for the whole push (relations.md §4.5, §5).
func (c *Client) relationsPushed(mods gjson.Result) {
	c.blacklistPushed(mods)
	added := accountsIn(mods, "FriendAdd_Account")
	c.applicationsPushed(mods, len(added) > 0)
	c.friendsAdded(added)
	c.friendsDeleted(accountsIn(mods, "FriendDel_Account"))
}

// accountsIn collects an array of all entries of a push.
func accountsIn(mods gjson.Result, key string) []string {
	var out []string
	mods.ForEach(func(_, v gjson.Result) bool {
		out = append(out, texts(v.Get(key))...)
		return true
	})
	return out
}

// texts reads an array of strings; it is never nil.
func texts(list gjson.Result) []string {
	out := []string{}
	for _, v := range list.Array() {
		out = append(out, v.String())
	}
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

// exchangeOne is exchange for requests about one user: it fails with the code
// of the only result, and with 2903 if there is none.
func (c *Client) exchangeOne(cmd string, body any) (gjson.Result, error) {
	v, err := c.exchange(cmd, body)
	if err != nil {
		return v, err
	}
	only := v.Get("ResultItem.0")
	if !only.Exists() {
		return v, fail(CodeInternal)
	}
	if code := only.Get("ResultCode").Int(); code != 0 {
		return only, &Error{Code: int(code), Message: only.Get("ResultInfo").String()}
	}
	return only, nil
}

// outcomes hands those who succeeded to ok and returns the others.
func outcomes(items gjson.Result, ok func(user string, v gjson.Result)) []FailedUser {
	failed := []FailedUser{}
	items.ForEach(func(_, v gjson.Result) bool {
		user, code := v.Get("To_Account").String(), int(v.Get("ResultCode").Int())
		if code == 0 {
			ok(user, v)
		} else {
			failed = append(failed, FailedUser{user, code, v.Get("ResultInfo").String()})
		}
		return true
	})
	return failed
}

// either is v if it is one of the two values, else the first.
func either(standard, other, v string) string {
	if v == other {
		return other
	}
	return standard
}

// strictly tells whether a result has the number 0: where 2.14 compares
// strictly, an absent code is a failure.
func strictly(v gjson.Result) bool {
	code := v.Get("ResultCode")
	return code.Type == gjson.Number && code.Num == 0
}

func notFriend(user string) FailedUser {
	return FailedUser{user, CodeNotMyFriend, codeTexts[CodeNotMyFriend]}
}

// sentTags are the tags that 2.14 asks friends' fields by.
var sentTags = []string{
	protocol.TagFriendGroup, protocol.TagFriendRemark, protocol.TagFriendSource, protocol.TagFriendWording,
	protocol.TagFriendTime, protocol.TagNick, protocol.TagGender, protocol.TagBirthday, protocol.TagLocation,
	protocol.TagSelfSignature, protocol.TagAllowType, protocol.TagLanguage, protocol.TagAvatar,
	protocol.TagMsgSettings, protocol.TagAdminForbid, protocol.TagLevel, protocol.TagRole,
}
