package scenarios

import (
	"fmt"
	"slices"
	"time"

	"github.com/imsim/imsim/fakeserver"
)

func groupMemberCases() []Case {
	return []Case{
		{
			Name: "joining an open group is told to all members", Covers: covers("joinGroup"), Source: "groups.md §3.6",
			Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				alice.NewGroup(groupPublic, "g1", openGroup)
				bob.Call("joinGroup", args{"groupID": "g1"}).Want("status", "JoinedSuccess").Get("group").Want("groupID", "g1")
				alice.Tipped(1).Want("payload.operatorID", "bob").Want("payload.userIDList", []string{"bob"}).Want("payload.memberNum", 2).
					Want("payload.groupJoinType", 1)
				bob.WaitGroups("g1")
				alice.WantMembers("g1", map[string]string{"alice": "Owner", "bob": "Member"})
				bob.Call("joinGroup", args{"groupID": "g1"}).Want("status", "AlreadyInGroup")
			},
		},
		{
			Name: "a meeting tells nobody who joins and quits", Covers: covers("joinGroup", "quitGroup"), Source: "semantics.md §1.1",
			Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				alice.NewGroup(groupMeeting, "m1", nil)
				s.settle(alice)
				bob.Call("joinGroup", args{"groupID": "m1"}).Want("status", "JoinedSuccess")
				bob.Call("quitGroup", "m1")
				alice.NoMessage("a tip", isTip(0))
			},
		},
		{
			Name: "a closed, an unknown and a work group cannot be joined", Covers: covers("joinGroup"), Source: "groups.md §3.6",
			Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				alice.NewGroup(groupPublic, "g1", args{"joinOption": "DisableApply"})
				alice.NewGroup(groupWork, "w1", nil)
				bob.Fails(10007, "joinGroup", args{"groupID": "g1"})
				bob.Fails(10007, "joinGroup", args{"groupID": "w1"})
				bob.Fails(10010, "joinGroup", args{"groupID": "nothing"})
			},
		},
		{
			// If the backend let an outsider read the profile, the SDKs would
			// take the group for one of their own and answer AlreadyInGroup.
			Name: "an outsider is refused, and can still join", Covers: covers("sendMessage", "getGroupProfile", "joinGroup"), Source: "semantics.md §1.1",
			Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				alice.NewGroup(groupPublic, "g1", openGroup)
				bob.Fails(10007, "sendMessage", bob.GroupText("g1", "let me in").Ref())
				bob.Fails(10007, "getGroupProfile", args{"groupID": "g1"})
				bob.Fails(10007, "sendMessage", bob.GroupText("g1", "please").Ref())
				bob.WaitGroups()
				bob.Call("joinGroup", args{"groupID": "g1"}).Want("status", "JoinedSuccess")
				bob.SayIn("g1", "thanks")
				alice.Hears("thanks")
			},
		},
		{
			Name: "a full group takes nobody", Covers: covers("joinGroup"), Source: "semantics.md §1.2", Level: Extended,
			Server: func(o *fakeserver.Options) { o.Groups.Members = 2 },
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				_ = users
				s.Login("carol").Fails(10014, "joinGroup", args{"groupID": "g1"})
			},
		},
		{
			Name: "who quits is gone, and the others are told", Covers: covers("quitGroup"), Source: "groups.md §3.4",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				bob.Call("quitGroup", "g1").Want("groupID", "g1")
				alice.Tipped(2).Want("payload.operatorID", "bob").Want("payload.memberNum", 1)
				bob.WaitGroups()
				alice.Fails(10009, "quitGroup", "g1")
				bob.Fails(2623, "quitGroup", "g1")
				bob.Fails(10007, "sendMessage", bob.GroupText("g1", "still here?").Ref())
			},
		},
		{
			Name: "the owner of a work group may quit; then it has none", Covers: covers("quitGroup"), Source: "semantics.md §1.1",
			Run: func(s *Stage) {
				users := s.Crowd(groupWork, "w1", "alice", "bob")
				users[0].Call("quitGroup", "w1")
				users[1].Tipped(2)
				users[1].WantMembers("w1", map[string]string{"bob": "Member"})
				users[1].Call("quitGroup", "w1")
				users[0].Fails(10010, "getGroupProfile", args{"groupID": "w1"})
			},
		},
		{
			Name: "addGroupMember tells what became of each account", Covers: covers("addGroupMember"), Source: "groups.md §3.10",
			Run: func(s *Stage) {
				users := s.Crowd(groupWork, "w1", "alice", "bob")
				carol := s.Login("carol")
				alice, bob := users[0], users[1]
				added := bob.Call("addGroupMember", args{"groupID": "w1", "userIDList": []string{"alice", "carol", "nobody"}})
				added.Want("successUserIDList", []string{"carol"}).Want("existedUserIDList", []string{"alice"}).
					Want("failureUserIDList", []string{"nobody"}).Want("overLimitUserIDList", []string{})
				carol.Noticed(7).Want("payload.operatorID", "bob")
				alice.Tipped(1).Want("payload.operatorID", "bob").Want("payload.userIDList", []string{"carol"}).Want("payload.groupJoinType", 2)
				carol.WaitGroups("w1")
			},
		},
		{
			Name: "who is in too many groups is not added", Covers: covers("addGroupMember", "createGroup"), Source: "semantics.md §1.3", Level: Extended,
			Server: func(o *fakeserver.Options) { o.Groups.GroupsOfUser = 1 },
			Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				bob.NewGroup(groupWork, "w1", nil)
				alice.NewGroup(groupWork, "w2", nil)
				alice.Call("addGroupMember", args{"groupID": "w2", "userIDList": []string{"bob"}}).Want("overLimitUserIDList", []string{"bob"})
				alice.Fails(10037, "createGroup", args{"type": groupWork, "name": "n"})
			},
		},
		{
			Name: "who is removed learns it last, the others by a tip", Covers: covers("deleteGroupMember"), Source: "groups.md §3.10",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob", "carol")
				alice, bob, carol := users[0], users[1], users[2]
				alice.Call("deleteGroupMember", args{"groupID": "g1", "userIDList": []string{"bob"}, "reason": "spam"}).Want("userIDList", []string{"bob"})
				bob.Noticed(4).Want("payload.operatorID", "alice")
				carol.Tipped(3).Want("payload.userIDList", []string{"bob"}).Want("payload.memberNum", 2)
				bob.WaitGroups()
				alice.SayIn("g1", "without bob")
				carol.Hears("without bob")
				bob.NoMessage("a message", func(m Value) bool { return m.Get("payload.text").Str == "without bob" })
			},
		},
		{
			Name: "a muted member cannot speak until the mute is over", Covers: covers("setGroupMemberMuteTime", "sendMessage"), Source: "groups.md §3.11",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				alice.Call("setGroupMemberMuteTime", args{"groupID": "g1", "userID": "bob", "muteTime": 60})
				bob.Tipped(7).Want("payload.memberList.0.userID", "bob").Want("payload.memberList.0.muteTime", 60)
				bob.Fails(10017, "sendMessage", bob.GroupText("g1", "no").Ref())
				s.AdvanceServer(61 * time.Second)
				bob.SayIn("g1", "yes")
				alice.Hears("yes")
				alice.Call("setGroupMemberMuteTime", args{"groupID": "g1", "userID": "bob", "muteTime": 600})
				bob.Fails(10017, "sendMessage", bob.GroupText("g1", "no").Ref())
				alice.Call("setGroupMemberMuteTime", args{"groupID": "g1", "userID": "bob", "muteTime": 0})
				bob.SayIn("g1", "again")
			},
		},
		{
			Name: "a mute outlives leaving and coming back", Covers: covers("setGroupMemberMuteTime", "quitGroup", "joinGroup"), Source: "semantics.md §1.2", Level: Extended,
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				alice.Call("setGroupMemberMuteTime", args{"groupID": "g1", "userID": "bob", "muteTime": 60})
				bob.Call("quitGroup", "g1")
				bob.Call("joinGroup", args{"groupID": "g1"}).Want("status", "JoinedSuccess")
				bob.Fails(10017, "sendMessage", bob.GroupText("g1", "no").Ref())
			},
		},
		{
			Name: "a member becomes an admin and a member again", Covers: covers("setGroupMemberRole"), Source: "groups.md §3.11",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob", "carol")
				alice, bob, carol := users[0], users[1], users[2]
				alice.Call("setGroupMemberRole", args{"groupID": "g1", "userID": "bob", "role": "Admin"}).Get("member").Want("role", "Admin")
				carol.Tipped(4).Want("payload.userIDList", []string{"bob"}).Want("payload.operatorID", "alice")
				bob.Noticed(9)
				carol.WantMembers("g1", map[string]string{"alice": "Owner", "bob": "Admin", "carol": "Member"})
				alice.Call("setGroupMemberRole", args{"groupID": "g1", "userID": "bob", "role": "Member"})
				carol.Tipped(5)
				bob.Noticed(10)
				carol.Fails(2681, "setGroupMemberRole", args{"groupID": "g1", "userID": "bob", "role": "Admin"})
			},
		},
		{
			Name: "name cards travel with messages", Covers: covers("setGroupMemberNameCard", "getGroupMemberProfile"), Source: "groups.md §3.11",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				bob.Call("setGroupMemberNameCard", args{"groupID": "g1", "nameCard": "Bobby"}).Get("member").Want("nameCard", "Bobby")
				alice.Call("getGroupMemberProfile", args{"groupID": "g1", "userIDList": []string{"bob", "nobody"}}).
					Want("memberList.#", 1).Want("memberList.0.nameCard", "Bobby")
				bob.SayIn("g1", "hi")
				alice.Hears("hi").Want("nameCard", "Bobby")
			},
		},
		{
			Name: "custom fields of members", Covers: covers("setGroupMemberCustomField", "getGroupMemberProfile"), Source: "groups.md §3.11",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				bob.Call("setGroupMemberCustomField", args{"groupID": "g1", "memberCustomField": []args{{"key": "k", "value": "v"}}})
				alice.Call("getGroupMemberProfile", args{"groupID": "g1", "userIDList": []string{"bob"}, "memberCustomFieldFilter": []string{"k"}}).
					Want("memberList.0.memberCustomField", []args{{"key": "k", "value": "v"}})
			},
		},
		{
			Name: "member lists come in pages", Covers: covers("getGroupMemberList"), Source: "groups.md §3.9",
			Run: func(s *Stage) {
				names := []string{}
				for i := range 20 {
					names = append(names, fmt.Sprintf("user%02d", i))
				}
				s.CreateUsers(names...)
				alice := s.Login("alice")
				alice.NewGroup(groupPublic, "g1", nil, names...)
				first := alice.Call("getGroupMemberList", args{"groupID": "g1"})
				first.Want("memberList.#", 15).Want("memberList.0.userID", "alice").Want("memberList.0.role", "Owner")
				rest := alice.Call("getGroupMemberList", args{"groupID": "g1", "count": 15, "offset": 15}).Want("memberList.#", 6)
				if s.later() {
					first.Want("offset", 15)
					rest.Want("offset", 0)
				}
			},
		},
		{
			Name: "the offset of a page leads to the next one", Covers: covers("getGroupMemberList"), Source: "api.md §3",
			Skip: onlyLater, Run: func(s *Stage) {
				names := []string{}
				for i := range 40 {
					names = append(names, fmt.Sprintf("user%02d", i))
				}
				s.CreateUsers(names...)
				alice := s.Login("alice")
				alice.NewGroup(groupPublic, "g1", nil, names...)
				var got []string
				for offset := any(0); ; {
					page := alice.Call("getGroupMemberList", args{"groupID": "g1", "count": 20, "offset": offset})
					for _, m := range page.Get("memberList").Array() {
						got = append(got, m.Get("userID").Str)
					}
					if page.Get("offset").Int() == 0 {
						break
					}
					offset = page.Get("offset").Value()
					s.pause()
				}
				if want := append([]string{"alice"}, names...); !slices.Equal(got, want) {
					s.Failf("the pages have %q, want %q", got, want)
				}
			},
		},
		{
			Name: "3.6 lists the members of a role", Covers: covers("getGroupMemberList"), Source: "semantics.md §1.4", Level: Extended,
			Skip: onlyFor("3.6", "the others have no option for it"), Run: func(s *Stage) {
				alice := s.Crowd(groupPublic, "g1", "alice", "bob", "carol")[0]
				alice.Call("setGroupMemberRole", args{"groupID": "g1", "userID": "carol", "role": "Admin"})
				for role, id := range map[string]string{"Owner": "alice", "Admin": "carol", "Member": "bob"} {
					alice.Call("getGroupMemberList", args{"groupID": "g1", "role": role}).Want("memberList.#", 1).Want("memberList.0.userID", id)
					s.pause()
				}
			},
		},
		{
			Name: "who discards a group's messages gets none", Covers: covers("setMessageRemindType"), Source: "semantics.md §3.3",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				bob.Call("setMessageRemindType", args{"groupID": "g1", "messageRemindType": "Discard"}).
					Get("group").Want("selfInfo.messageRemindType", "Discard")
				alice.SayIn("g1", "unheard")
				bob.NoMessage("the text", func(m Value) bool { return m.Get("payload.text").Str == "unheard" })
				bob.Call("setMessageRemindType", args{"groupID": "g1", "messageRemindType": "AcceptNotNotify"})
				alice.SayIn("g1", "heard")
				bob.Hears("heard")
			},
		},
	}
}

func groupApplicationCases() []Case {
	apply := func(s *Stage) (alice, bob, carol *User) {
		users := s.Crowd(groupPublic, "g1", "alice", "bob")
		alice, bob = users[0], users[1]
		alice.Call("updateGroupProfile", args{"groupID": "g1", "joinOption": "NeedPermission"})
		alice.Call("setGroupMemberRole", args{"groupID": "g1", "userID": "bob", "role": "Admin"})
		bob.Noticed(9)
		carol = s.Login("carol")
		carol.Call("joinGroup", args{"groupID": "g1", "applyMessage": "let me in"}).Want("status", "WaitAdminApproval")
		return alice, bob, carol
	}
	return []Case{
		{
			Name: "an application goes to owner and admins; the first who decides wins", Covers: covers("joinGroup", "handleGroupApplication"), Source: "groups.md §3.7",
			Run: func(s *Stage) {
				alice, bob, carol := apply(s)
				forAlice := alice.Noticed(1).Want("payload.operatorID", "carol").Want("payload.handleMessage", "let me in")
				forBob := bob.Noticed(1)
				alice.Call("handleGroupApplication", args{"handleAction": "Agree", "handleMessage": "welcome", "message": forAlice.Ref()}).
					Get("group").Want("groupID", "g1")
				carol.Noticed(2).Want("payload.operatorID", "alice")
				bob.Tipped(1).Want("payload.userIDList", []string{"carol"})
				carol.WaitGroups("g1")
				bob.Fails(10024, "handleGroupApplication", args{"handleAction": "Reject", "message": forBob.Ref()})
			},
		},
		{
			Name: "a rejected applicant is told and stays out", Covers: covers("handleGroupApplication"), Source: "groups.md §3.7",
			Run: func(s *Stage) {
				alice, bob, carol := apply(s)
				notice := bob.Noticed(1)
				bob.Call("handleGroupApplication", args{"handleAction": "Reject", "handleMessage": "sorry", "message": notice.Ref()})
				carol.Noticed(3).Want("payload.operatorID", "bob").Want("payload.handleMessage", "sorry")
				alice.WantMembers("g1", map[string]string{"alice": "Owner", "bob": "Admin"})
				carol.Call("joinGroup", args{"groupID": "g1"}).Want("status", "WaitAdminApproval")
			},
		},
	}
}
