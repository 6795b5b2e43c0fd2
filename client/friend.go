package client

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf16"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// Limits that are checked here, in JavaScript's characters (api.md rows 36, 40).
const (
	maxSourceKey    = 8
	maxRemark       = 96
	maxFriendCustom = 8
	maxDeleted      = 1000 // users in one deleteFriend; the rest is cut off
	sourcePrefix    = "AddSource_Type_"
)

func characters(s string) int { return len(utf16.Encode([]rune(s))) }

// AddFriendOptions say whom to add, and how. To and Source are required.
type AddFriendOptions struct {
	To        string `json:"to"`
	Source    string `json:"source"`              // AddSource_Type_ and up to 8 characters
	Wording   string `json:"wording,omitempty"`   // up to 256 bytes, for the other side to read
	Type      string `json:"type,omitempty"`      // SNSAddTypeBoth (default) or SNSAddTypeSingle
	Remark    string `json:"remark,omitempty"`    // up to 96 characters
	GroupName string `json:"groupName,omitempty"` // friend list for the new friend, up to 30 bytes
}

// AddFriendResult is Code 0, or 30539 if the other side has to consent.
type AddFriendResult struct {
	UserID  string `json:"userID"`
	Code    int    `json:"code"`
	Message string `json:"message,omitempty"`
}

// AddFriend adds a friend or applies for it, as the other's AllowType says. The
// caches and FRIEND_LIST_UPDATED or FRIEND_APPLICATION_LIST_UPDATED follow from
// pushes, on both sides. Errors: 2701 a friend already; from the server 30001
// oneself, 30010 and 30014 friend list full, 30515 blocked by oneself, 30516 the
// other denies all, 30525 blocked by the other.
func (c *Client) AddFriend(ctx context.Context, o AddFriendOptions) (*AddFriendResult, error) {
	key, ok := strings.CutPrefix(o.Source, sourcePrefix)
	valid := need("addFriend").text("to", o.To).
		that(ok && characters(key) <= maxSourceKey, "source", "is not AddSource_Type_ and up to 8 characters").
		that(characters(o.Remark) <= maxRemark, "remark", "is longer than 96 characters")
	return run(ctx, c, "addFriend", valid.err(), func() (*AddFriendResult, error) {
		if c.friends.get(o.To) != nil {
			return nil, fail(CodeAlreadyMyFriend)
		}
		v, err := c.exchangeOne(protocol.CmdFriendAdd, protocol.FriendAddRequest{
			FromAccount: c.session.userID, AddType: either(SNSAddTypeBoth, SNSAddTypeSingle, o.Type),
			AddFriendItem: []protocol.FriendAddItem{{
				ToAccount: o.To, AddSource: o.Source, AddWording: o.Wording, Remark: o.Remark, GroupName: o.GroupName,
			}},
		})
		res := &AddFriendResult{UserID: v.Get("To_Account").String()}
		var waits *Error
		switch {
		case err == nil:
			return res, nil
		case errors.As(err, &waits) && waits.Code == int(protocol.CodeNeedsConsent) && v.Get("ResultCode").Exists():
			res.Code, res.Message = waits.Code, waits.Message
			return res, nil
		}
		return nil, err
	})
}

// DeleteFriendOptions say whom to delete.
type DeleteFriendOptions struct {
	UserIDList []string `json:"userIDList"`     // up to 1000, the rest is cut off; the service's limit is 100
	Type       string   `json:"type,omitempty"` // SNSDeleteTypeBoth (default) or SNSDeleteTypeSingle
}

// DeleteFriendResult is who was deleted and who was not.
type DeleteFriendResult struct {
	SuccessUserIDList []UserRef    `json:"successUserIDList"`
	FailureUserIDList []FailedUser `json:"failureUserIDList"`
}

// DeleteFriend deletes friends; the cache and FRIEND_LIST_UPDATED follow from
// the server's push. Who is no friend is a failure with 2700.
func (c *Client) DeleteFriend(ctx context.Context, o DeleteFriendOptions) (*DeleteFriendResult, error) {
	valid := need("deleteFriend").that(len(o.UserIDList) > 0, "userIDList", "is empty")
	return run(ctx, c, "deleteFriend", valid.err(), func() (*DeleteFriendResult, error) {
		res := &DeleteFriendResult{SuccessUserIDList: []UserRef{}, FailureUserIDList: []FailedUser{}}
		var friends []string
		for _, user := range o.UserIDList[:min(len(o.UserIDList), maxDeleted)] {
			if c.friends.get(user) == nil {
				res.FailureUserIDList = append(res.FailureUserIDList, notFriend(user))
			} else {
				friends = append(friends, user)
			}
		}
		if len(friends) == 0 {
			return res, nil
		}
		v, err := c.exchange(protocol.CmdFriendDelete, protocol.FriendDeleteRequest{
			FromAccount: c.session.userID, ToAccount: friends, DeleteType: either(SNSDeleteTypeBoth, SNSDeleteTypeSingle, o.Type),
		})
		if err != nil {
			return nil, err
		}
		res.FailureUserIDList = append(res.FailureUserIDList, outcomes(v.Get("ResultItem"), func(user string, _ gjson.Result) {
			res.SuccessUserIDList = append(res.SuccessUserIDList, UserRef{user})
		})...)
		return res, nil
	})
}

// CheckFriendOptions say whom to check.
type CheckFriendOptions struct {
	UserIDList []string `json:"userIDList"`     // up to 1000
	Type       string   `json:"type,omitempty"` // SNSCheckTypeBoth (default) or SNSCheckTypeSingle
}

// CheckedFriend is how a user stands to oneself: SNSTypeNoRelation,
// SNSTypeAWithB (in one's own list), SNSTypeBWithA (oneself in the other's),
// SNSTypeBothWay. A single check knows the first two only.
type CheckedFriend struct {
	UserID   string `json:"userID"`
	Code     int    `json:"code"`
	Relation string `json:"relation"`
}

// CheckFriendResult is who could be checked and who could not.
type CheckFriendResult struct {
	SuccessUserIDList []CheckedFriend `json:"successUserIDList"`
	FailureUserIDList []FailedUser    `json:"failureUserIDList"`
}

// CheckFriend asks the server how users stand to oneself.
func (c *Client) CheckFriend(ctx context.Context, o CheckFriendOptions) (*CheckFriendResult, error) {
	valid := need("checkFriend").that(len(o.UserIDList) > 0, "userIDList", "is empty")
	return run(ctx, c, "checkFriend", valid.err(), func() (*CheckFriendResult, error) {
		v, err := c.exchange(protocol.CmdFriendCheck, protocol.FriendListRequest{
			FromAccount: c.session.userID, ToAccount: o.UserIDList, CheckType: either(SNSCheckTypeBoth, SNSCheckTypeSingle, o.Type),
		})
		if err != nil {
			return nil, err
		}
		res := &CheckFriendResult{SuccessUserIDList: []CheckedFriend{}}
		res.FailureUserIDList = outcomes(v.Get("InfoItem"), func(user string, v gjson.Result) {
			res.SuccessUserIDList = append(res.SuccessUserIDList, CheckedFriend{UserID: user, Relation: v.Get("Relation").String()})
		})
		return res, nil
	})
}

// UpdateFriendOptions say what to change of a friend; nil fields stay.
type UpdateFriendOptions struct {
	UserID            string        `json:"userID"`
	Remark            *string       `json:"remark,omitempty"`            // up to 96 characters
	FriendCustomField []CustomField `json:"friendCustomField,omitempty"` // keys Tag_SNS_Custom…, values up to 8 characters
}

type friendUpdate struct {
	FromAccount string `json:"From_Account"`
	UpdateItem  []friendUpdateItem
}

type friendUpdateItem struct {
	ToAccount string `json:"To_Account"`
	SnsItem   json.RawMessage
}

// UpdateFriend changes a friend and returns it; FRIEND_LIST_UPDATED is fired
// here, and the remark is shown in the conversation. Error: 2700 no friend.
func (c *Client) UpdateFriend(ctx context.Context, o UpdateFriendOptions) (*Friend, error) {
	valid := need("updateFriend").text("userID", o.UserID).
		that(o.Remark == nil || characters(*o.Remark) <= maxRemark, "remark", "is longer than 96 characters")
	w := tagWriter{dst: []byte{'['}}
	w.text(protocol.TagFriendRemark, o.Remark, nil)
	for _, f := range o.FriendCustomField {
		valid.that(strings.Contains(f.Key, protocol.TagFriendCustom), "friendCustomField", "has a key without Tag_SNS_Custom").
			that(characters(f.Value) <= maxFriendCustom, "friendCustomField", "has a value longer than 8 characters")
		w.text(f.Key, &f.Value, nil)
	}
	items := append(w.dst, ']')
	return run(ctx, c, "updateFriend", valid.err(), func() (*Friend, error) {
		if c.friends.get(o.UserID) == nil {
			return nil, fail(CodeNotMyFriend)
		}
		v, err := c.exchangeOne(protocol.CmdFriendUpdate, friendUpdate{
			c.session.userID, []friendUpdateItem{{o.UserID, items}},
		})
		if err != nil {
			return nil, err
		}
		f := c.friends.update(v.Get("To_Account").String(), func(f *Friend) {
			if o.Remark != nil {
				f.Remark = *o.Remark
			}
			for _, field := range o.FriendCustomField {
				f.FriendCustomField = withField(f.FriendCustomField, field.Key, field.Value)
			}
		})
		if f != nil {
			c.friendsChanged()
		}
		return f, nil
	})
}
