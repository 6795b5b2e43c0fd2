package client

import (
	"context"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// FriendApplication is a request for friendship, received or sent.
type FriendApplication struct {
	UserID  string `json:"userID"` // the other side's
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

// applicationCache is the list and how far it was read; the values never
// change.
type applicationCache struct {
	list            []*FriendApplication
	unread          int
	start, sequence int64
}

func (s *applicationCache) index(user, kind string) int {
	return slices.IndexFunc(s.list, func(a *FriendApplication) bool { return a.UserID == user && a.Type == kind })
}

func (s *applicationCache) put(a *FriendApplication) {
	if i := s.index(a.UserID, a.Type); i >= 0 {
		s.list[i] = a
		return
	}
	s.list = append(s.list, a)
}

func (c *Client) applicationList() *FriendApplicationList {
	s := &c.applications
	return &FriendApplicationList{append([]*FriendApplication{}, s.list...), s.unread}
}

func (c *Client) applicationsChanged() {
	c.emit(EventFriendApplicationListUpdated, c.applicationList())
}

// fetchApplications asks for the whole list, at login and when a push says that
// it shrank; the reply replaces the cache (relations.md §5).
func (c *Client) fetchApplications() {
	s := &c.applications
	body := encode(struct {
		FromAccount  string `json:"From_Account"`
		PendencyType string
		StartTime    int64
		MaxLimited   int
		LastSequence int64
	}{c.session.userID, SNSApplicationTypeBoth, s.start, 100, s.sequence})
	c.askThen(protocol.CmdPendencyGet, body, func(r reply) {
		switch {
		case !c.session.loggedIn:
		case !r.OK():
			c.started(startApplications, nil)
		default:
			c.gotApplications(gjson.ParseBytes(r.Body))
			c.started(startApplications, c.applicationsChanged)
		}
	})
}

func (c *Client) gotApplications(v gjson.Result) {
	c.applications = applicationCache{
		unread: int(v.Get("UnreadPendencyCount").Int()), start: v.Get("StartTime").Int(), sequence: v.Get("CurrentSequence").Int(),
	}
	v.Get("PendencyItem").ForEach(func(_, v gjson.Result) bool {
		c.applications.put(&FriendApplication{
			UserID: v.Get("To_Account").String(), Nick: v.Get("Nick").String(), Avatar: v.Get("Image").String(),
			Time: v.Get("AddTime").Int(), Source: v.Get("AddSource").String(), Wording: v.Get("AddWording").String(),
			Type: v.Get("PendencyType").String(),
		})
		return true
	})
}

// applicationsPushed takes read reports, then new applications, then deleted
// ones, for which the list is asked for again, as it is after added friends.
func (c *Client) applicationsPushed(mods gjson.Result, friendsAdded bool) {
	s := &c.applications
	var added []gjson.Result
	read, from := false, ""
	mods.ForEach(func(_, v gjson.Result) bool {
		kind := v.Get("PushType").Int()
		if f := v.Get("From_Account").String(); f != "" && (kind == protocol.PendencyAdded || kind == protocol.PendencyDeleted) {
			from = f
		}
		added = append(added, v.Get("PendencyAdd").Array()...)
		read = read || kind == protocol.PendencyReported && v.Get("ReportTime").Int() != 0
		return true
	})
	if read {
		s.unread = 0
		c.applicationsChanged()
	}
	kind := SNSApplicationSentToMe
	if from == c.session.userID {
		kind = SNSApplicationSentByMe
	}
	for _, v := range added {
		user := v.Get("PendencyAdd_Account").String()
		if kind == SNSApplicationSentToMe && s.index(user, kind) < 0 {
			s.unread++
		}
		s.put(&FriendApplication{
			UserID: user, Nick: v.Get("ProfileImNick").String(), Avatar: v.Get("ProfileImImage").String(),
			Time: v.Get("AddTime").Int(), Source: v.Get("AddSource").String(), Wording: v.Get("AddWording").String(), Type: kind,
		})
	}
	if len(added) > 0 {
		c.applicationsChanged()
	}
	if friendsAdded || len(accountsIn(mods, "FrienPencydDel_Account")) > 0 {
		c.fetchApplications()
	}
}

// GetFriendApplicationList returns all applications, from the cache.
func (c *Client) GetFriendApplicationList(ctx context.Context) (*FriendApplicationList, error) {
	return run(ctx, c, "getFriendApplicationList", nil, func() (*FriendApplicationList, error) { return c.applicationList(), nil })
}

// AcceptFriendApplicationOptions say whose application, and how; UserID is
// required.
type AcceptFriendApplicationOptions struct {
	UserID string `json:"userID"`
	Remark string `json:"remark,omitempty"` // up to 96 bytes
	Tag    string `json:"tag,omitempty"`    // friend list for the new friend
	Type   string `json:"type,omitempty"`   // SNSApplicationAgreeAndAdd (default) or SNSApplicationAgree
}

// response is an item of sns.friend_response.
type response struct {
	ToAccount      string `json:"To_Account"`
	ResponseAction string
	Remark         string `json:",omitempty"`
	TagName        string `json:",omitempty"`
}

// AcceptFriendApplication accepts an application; the caches and events follow
// from pushes, on both sides. Errors are the server's: 30614 no such
// application.
func (c *Client) AcceptFriendApplication(ctx context.Context, o AcceptFriendApplicationOptions) error {
	return c.respond(ctx, "acceptFriendApplication", response{
		o.UserID, either(SNSApplicationAgreeAndAdd, SNSApplicationAgree, o.Type), o.Remark, o.Tag,
	})
}

// RefuseFriendApplicationOptions say whose application; UserID is required.
type RefuseFriendApplicationOptions struct {
	UserID string `json:"userID"`
}

// RefuseFriendApplication refuses an application; the caches and events follow
// from pushes, on both sides. Errors are the server's: 30614 no such
// application.
func (c *Client) RefuseFriendApplication(ctx context.Context, o RefuseFriendApplicationOptions) error {
	return c.respond(ctx, "refuseFriendApplication", response{ToAccount: o.UserID, ResponseAction: protocol.ResponseReject})
}

func (c *Client) respond(ctx context.Context, api string, item response) error {
	_, err := run(ctx, c, api, need(api).text("userID", item.ToAccount).err(), func() (struct{}, error) {
		_, err := c.exchangeOne(protocol.CmdFriendResponse, struct {
			FromAccount        string `json:"From_Account"`
			ResponseFriendItem []response
		}{c.session.userID, []response{item}})
		return struct{}{}, err
	})
	return err
}

// DeleteFriendApplicationOptions say which application; UserID is required.
type DeleteFriendApplicationOptions struct {
	UserID string `json:"userID"`
	Type   string `json:"type,omitempty"` // SNSApplicationSentToMe (default) or SNSApplicationSentByMe
}

// DeleteFriendApplication deletes an application from one's own list; the cache
// and FRIEND_APPLICATION_LIST_UPDATED follow from the server's push. Error: 2716
// no such application.
func (c *Client) DeleteFriendApplication(ctx context.Context, o DeleteFriendApplicationOptions) error {
	valid := need("deleteFriendApplication").text("userID", o.UserID)
	_, err := run(ctx, c, "deleteFriendApplication", valid.err(), func() (struct{}, error) {
		kind := either(SNSApplicationSentToMe, SNSApplicationSentByMe, o.Type)
		if c.applications.index(o.UserID, kind) < 0 {
			return struct{}{}, fail(CodeNoApplication)
		}
		_, err := c.exchangeOne(protocol.CmdPendencyDelete, protocol.PendencyDeleteRequest{
			FromAccount: c.session.userID, PendencyType: kind, ToAccount: []string{o.UserID},
		})
		return struct{}{}, err
	})
	return err
}

// SetFriendApplicationRead sets the number of unread applications to 0;
// FRIEND_APPLICATION_LIST_UPDATED comes from the server's push.
func (c *Client) SetFriendApplicationRead(ctx context.Context) error {
	_, err := run(ctx, c, "setFriendApplicationRead", nil, func() (struct{}, error) {
		_, err := c.exchange(protocol.CmdPendencyReport, protocol.PendencyReportRequest{
			FromAccount: c.session.userID, LatestPendencyTimeStamp: (c.now().UnixMilli() + 500) / 1000,
		})
		if err == nil {
			c.applications.unread = 0
		}
		return struct{}{}, err
	})
	return err
}
