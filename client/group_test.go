package client_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/imsim/imsim/client"
	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/protocol"
)

// found makes a group and returns its ID.
func (u *user) found(kind, id string, members ...string) string {
	u.t.Helper()
	o := client.CreateGroupOptions{Type: kind, Name: id, GroupID: id}
	if kind == client.GrpPublic {
		o.JoinOption = client.JoinOptionsFreeAccess
	}
	for _, m := range members {
		o.MemberList = append(o.MemberList, client.NewMember{UserID: m})
	}
	if _, err := u.CreateGroup(u.ctx, o); err != nil {
		u.t.Fatal(err)
	}
	if kind == client.GrpAVChatRoom {
		u.join(id)
	}
	return id
}

func (u *user) join(id string) {
	u.t.Helper()
	res, err := u.JoinGroup(u.ctx, client.JoinGroupOptions{GroupID: id})
	if err != nil || res.Status != client.JoinStatusSuccess {
		u.t.Fatalf("%s joins %s: %+v, %v", u.id, id, res, err)
	}
}

func (u *user) sayIn(group, text string) *client.Message {
	u.t.Helper()
	m, err := u.CreateTextMessage(client.TextMessageOptions{
		To: group, ConversationType: client.ConvGroup, Payload: client.TextPayload{Text: text},
	})
	if err != nil {
		u.t.Fatal(err)
	}
	res, err := u.SendMessage(u.ctx, m)
	if err != nil {
		u.t.Fatal(err)
	}
	return res.Message
}

// hears waits for a text.
func (u *user) hears(text string) *client.Message {
	u.t.Helper()
	return u.receives(func(m *client.Message) bool { return textOf(m) == text })
}

func (u *user) receives(what func(*client.Message) bool) *client.Message {
	u.t.Helper()
	for {
		for _, m := range u.expect(client.EventMessageReceived).Messages() {
			if what(m) {
				return m
			}
		}
	}
}

// invite makes a public group with others, and waits until they know of it:
// the notice and the message of its creation have arrived.
func (u *user) invite(id string, others ...*user) {
	u.t.Helper()
	var names []string
	for _, o := range others {
		names = append(names, o.id)
	}
	u.found(client.GrpPublic, id, names...)
	for _, o := range others {
		o.receives(func(m *client.Message) bool { return m.Type == client.MsgCustom && m.To == id })
		o.settle()
	}
}

func (u *user) fault(f fakeserver.Fault) {
	u.t.Helper()
	f.UserID = u.id
	if err := u.srv.Fault(f); err != nil {
		u.t.Fatal(err)
	}
}

func TestGroupListComesInPages(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	const groups = 52 // a page has 50
	for n := range groups {
		alice.found(client.GrpWork, fmt.Sprint("g", n))
	}
	if err := alice.Logout(alice.ctx); err != nil {
		t.Fatal(err)
	}
	alice.login()
	res, err := alice.GetGroupList(alice.ctx, client.GetGroupListOptions{GroupProfileFilter: []string{client.GrpProfileOwnerID, "nothing"}})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "groups", len(res.GroupList), groups)
	equal(t, "ownerID", res.GroupList[0].OwnerID, "alice")
}

func TestGroupPicturesDoNotChange(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	alice.found(client.GrpPublic, "g")
	before, err := alice.GetGroupProfile(alice.ctx, client.GetGroupProfileOptions{GroupID: "g"})
	if err != nil {
		t.Fatal(err)
	}
	after, err := alice.UpdateGroupProfile(alice.ctx, client.UpdateGroupProfileOptions{
		GroupID: "g", Introduction: client.Given("new"), MuteAllMembers: client.Given(true),
		GroupCustomField: []client.CustomField{{Key: "k", Value: "v"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "introduction before", before.Group.Introduction, "")
	equal(t, "muteAllMembers before", *before.Group.MuteAllMembers, false)
	equal(t, "custom fields before", len(before.Group.GroupCustomField), 0)
	equal(t, "introduction", after.Group.Introduction, "new")
	equal(t, "muteAllMembers", *after.Group.MuteAllMembers, true)
	equal(t, "custom field", after.Group.GroupCustomField[0].Value, "v")
}

func TestErrorsOfGroups(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	_, err := alice.GetGroupProfile(alice.ctx, client.GetGroupProfileOptions{GroupID: "none"})
	e := wantCode(t, err, 10010)
	equal(t, "error.data.groupID", e.Data.GroupID, "none")
	_, err = alice.AddGroupMember(alice.ctx, client.AddGroupMemberOptions{GroupID: "none", UserIDList: []string{"bob"}})
	wantParam(t, err)
	_, err = alice.ChangeGroupOwner(alice.ctx, client.ChangeGroupOwnerOptions{GroupID: "none"})
	wantParam(t, err)
	alice.found(client.GrpWork, "w")
	_, err = alice.DismissGroup(alice.ctx, "w")
	wantCode(t, err, client.CodeDismissWork)
	_, err = alice.HandleGroupApplication(alice.ctx, client.HandleGroupApplicationOptions{Message: alice.sayIn("w", "no notice")})
	wantParam(t, err)
}

func TestMissedAttributesAreFetched(t *testing.T) {
	srv := fakeserver.Run(t)
	alice, bob := online(t, srv, "alice"), online(t, srv, "bob")
	alice.found(client.GrpAVChatRoom, "room")
	bob.join("room")
	bob.settle()
	set := func(u *user, key, value string) error {
		_, err := u.SetGroupAttributes(u.ctx, client.GroupAttributesOptions{GroupID: "room", GroupAttributes: map[string]string{key: value}})
		u.settle()
		return err
	}
	bob.fault(fakeserver.Fault{DropPushes: []string{protocol.CmdPush}, Count: 1})
	if err := set(alice, "a", "1"); err != nil {
		t.Fatal(err)
	}
	bob.settle()
	wantCode(t, set(bob, "b", "2"), 10056) // he has not heard of the first change
	if err := set(alice, "c", "3"); err != nil {
		t.Fatal(err)
	}
	told := bob.expect(client.EventGroupAttributesUpdated).Data.(*client.GroupAttributesData)
	equal(t, "attributes of the event behind a gap", len(told.GroupAttributes), 0)
	res, err := bob.GetGroupAttributes(bob.ctx, client.GroupAttributeKeysOptions{GroupID: "room", KeyList: []string{}})
	if err != nil || len(res.GroupAttributes) != 2 || res.GroupAttributes["a"] != "1" || res.GroupAttributes["c"] != "3" {
		t.Errorf("attributes %v, %v", res, err)
	}
	if err := set(bob, "a", "4"); err != nil {
		t.Error(err)
	}
	equal(t, "alice's", alice.expect(client.EventGroupAttributesUpdated).Data.(*client.GroupAttributesData).GroupID, "room")
	// Within 30 s the answer needs no request.
	bob.fault(fakeserver.Fault{ErrorReplies: map[string]int{protocol.CmdGroupAttrGet: 10002}})
	ask := func() error {
		_, err := bob.GetGroupAttributes(bob.ctx, client.GroupAttributeKeysOptions{GroupID: "room", KeyList: []string{"a"}})
		return err
	}
	if err := ask(); err != nil {
		t.Error(err)
	}
	bob.clock.Advance(30*time.Second, bob.settle)
	wantCode(t, ask(), 10002)
}

func TestAFailedPollIsRepeated(t *testing.T) {
	srv := fakeserver.Run(t, fakeserver.Options{LongPolling: true})
	alice, bob := online(t, srv, "alice"), online(t, srv, "bob")
	alice.found(client.GrpAVChatRoom, "room")
	bob.fault(fakeserver.Fault{ErrorReplies: map[string]int{protocol.CmdGroupPoll: 10002}, Count: 2})
	bob.join("room")
	alice.sayIn("room", "hello")
	for range 2 {
		bob.settle()
		bob.clock.Advance(2*time.Second, bob.settle)
	}
	bob.hears("hello")
	if _, err := bob.QuitGroup(bob.ctx, "room"); err != nil {
		t.Fatal(err)
	}
	alice.sayIn("room", "without bob")
	alice.sayIn("room", "still")
	from := bob.mark()
	bob.settle()
	equal(t, "events after quitting", len(bob.names(from)), 0)
}

func TestPushesThatComeTwiceAreOneMessage(t *testing.T) {
	srv := fakeserver.Run(t)
	alice, bob := online(t, srv, "alice"), online(t, srv, "bob")
	alice.found(client.GrpAVChatRoom, "room")
	bob.join("room")
	alice.invite("g", bob)
	bob.fault(fakeserver.Fault{DoublePushes: []string{protocol.CmdPush}})
	for _, group := range []string{"room", "g"} {
		from := bob.mark()
		alice.sayIn(group, "once")
		bob.settle()
		got := 0
		for _, name := range bob.names(from) {
			if name == client.EventMessageReceived {
				got++
			}
		}
		equal(t, "MESSAGE_RECEIVED of "+group, got, 1)
	}
}

func TestOnlineCountIsTakenFromMemory(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := online(t, srv, "alice")
	alice.found(client.GrpAVChatRoom, "room")
	count := func() (int, error) {
		res, err := alice.GetGroupOnlineMemberCount(alice.ctx, "room")
		if err != nil {
			return 0, err
		}
		return res.MemberCount, nil
	}
	if n, err := count(); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	alice.fault(fakeserver.Fault{ErrorReplies: map[string]int{protocol.CmdGroupOnline: 10002}})
	alice.clock.Advance(59*time.Second, alice.settle)
	if n, err := count(); n != 1 || err != nil {
		t.Error(n, err)
	}
	alice.seen = alice.mark()
	online(t, srv, "bob").join("room")
	alice.expect(client.EventMessageReceived) // his reply may come before her tip
	alice.settle()
	if n, err := count(); n != 2 || err != nil { // by a tip
		t.Error(n, err)
	}
	alice.clock.Advance(11*time.Second, alice.settle)
	_, err := count()
	wantCode(t, err, 10002)
}

func TestALongGapIsPulledInSteps(t *testing.T) {
	srv := fakeserver.Run(t)
	alice, bob := online(t, srv, "alice"), online(t, srv, "bob")
	alice.invite("g", bob)
	alice.sayIn("g", "first")
	bob.hears("first")
	bob.older()
	if err := srv.Fault(fakeserver.Fault{UserID: "bob", HangConnections: true}); err != nil {
		t.Fatal(err)
	}
	srv.Disconnect("bob")
	const missed = 40 // a step has 15
	for n := range missed {
		alice.sayIn("g", fmt.Sprint(n))
	}
	srv.ClearFaults()
	bob.clock.Advance(3*time.Second, nil)
	var got []string
	events := 0
	for len(got) < missed {
		events++
		for _, m := range bob.expect(client.EventMessageReceived).Messages() {
			got = append(got, textOf(m))
		}
	}
	for n, text := range got {
		equal(t, "text", text, fmt.Sprint(n))
	}
	equal(t, "events", events, 3)
}

func TestGroupMethodsFromManyGoroutines(t *testing.T) {
	srv := fakeserver.Run(t)
	alice, bob := online(t, srv, "alice"), online(t, srv, "bob")
	alice.invite("g", bob)
	var all sync.WaitGroup
	do := func(f func() error) {
		all.Add(1)
		go func() {
			defer all.Done()
			if err := f(); err != nil {
				t.Error(err)
			}
		}()
	}
	const each = 5
	for n := range each {
		do(func() error { alice.sayIn("g", fmt.Sprint(n)); return nil })
		do(func() error {
			_, err := bob.GetGroupMemberList(bob.ctx, client.GetGroupMemberListOptions{GroupID: "g"})
			return err
		})
		do(func() error { _, err := bob.GetGroupList(bob.ctx, client.GetGroupListOptions{}); return err })
		do(func() error {
			_, err := bob.SetGroupMemberNameCard(bob.ctx, client.SetGroupMemberNameCardOptions{GroupID: "g", NameCard: fmt.Sprint(n)})
			return err
		})
		do(func() error {
			_, err := bob.GetMessageList(bob.ctx, client.GetMessageListOptions{ConversationID: "GROUPg"})
			return err
		})
	}
	all.Wait()
	bob.settle()
	res, err := bob.GetMessageList(bob.ctx, client.GetMessageListOptions{ConversationID: "GROUPg"})
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]int{}
	for _, m := range res.MessageList {
		texts[textOf(m)]++
	}
	for n := range each {
		equal(t, "messages "+fmt.Sprint(n), texts[fmt.Sprint(n)], 1)
	}
}

func TestAPanickingOnProgressDoesNoHarm(t *testing.T) {
	srv := fakeserver.Run(t)
	alice := newUser(t, srv, "alice")
	alice.RegisterPlugin(client.UploadPluginName, client.HTTPUpload{})
	alice.login()
	called := false
	m, err := alice.CreateFileMessage(client.MediaMessageOptions{
		To: "alice", ConversationType: client.ConvC2C,
		Payload: client.MediaContent{File: &client.File{
			Name: "a.txt", Size: 1, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader([]byte("x"))), nil },
		}},
		OnProgress: func(float64) { called = true; panic(errors.New("oops")) },
	})
	if err != nil {
		t.Fatal(err)
	}
	res, err := alice.SendMessage(alice.ctx, m)
	if err != nil || res.Message.Status != client.StatusSuccess || !called {
		t.Errorf("%+v, %v, called %v", res, err, called)
	}
}

func TestTheServerTellsOfItsGroups(t *testing.T) {
	srv := fakeserver.Run(t)
	alice, bob := online(t, srv, "alice"), online(t, srv, "bob")
	alice.found(client.GrpPublic, "g1")
	bob.join("g1")
	bob.sayIn("g1", "hello")
	g, ok := srv.Group("g1")
	if !ok || g.OwnerID != "alice" || len(g.Members) != 2 || g.Members[1].UserID != "bob" || g.Members[1].Role != protocol.RoleMember {
		t.Errorf("%+v, %v", g, ok)
	}
	if g.LastSeq == 0 {
		t.Error("nothing was said in it")
	}
	if _, ok := srv.Group("g2"); ok {
		t.Error("there is no g2")
	}
}
