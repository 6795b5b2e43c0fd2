package scenarios

import "time"

// groupREST calls a REST command about groups that must succeed.
func (s *Stage) groupREST(command string, body args) Value {
	return s.MustREST("group_open_http_svc/"+command, body)
}

// sayByREST sends a text to a group by REST.
func (s *Stage) sayByREST(group, text string, more args) Value {
	body := args{"GroupId": group, "Random": 1000 + len(s.steps), "MsgBody": textBody(text)}
	for k, v := range more {
		body[k] = v
	}
	return s.groupREST("send_group_msg", body)
}

func heardText(text string) func(Value) bool {
	return func(m Value) bool { return m.Get("payload.text").Str == text }
}

func restGroupCases() []Case {
	cases := []Case{
		{
			Name: "a group created by REST is its members' like another", Covers: covers("getGroupList", "getGroupProfile"), Source: "semantics.md §7.3",
			Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				s.groupREST("create_group", args{
					"Type": "Public", "Name": "by REST", "GroupId": "g1", "Owner_Account": "alice", "Introduction": "intro",
					"MemberList": []args{{"Member_Account": "bob", "Role": "Admin"}},
				}).Want("GroupId", "g1")
				alice.Noticed(6).Want("payload.operatorID", restAdmin)
				bob.Noticed(7).Want("payload.operatorID", restAdmin)
				bob.WaitGroups("g1")
				group := bob.Call("getGroupProfile", args{"groupID": "g1"}).Get("group")
				group.Want("name", "by REST").Want("ownerID", "alice").Want("introduction", "intro").Want("joinOption", "NeedPermission")
				bob.WantMembers("g1", map[string]string{"alice": "Owner", "bob": "Admin"})
				bob.SayIn("g1", "hello")
				alice.Hears("hello")
				alice.WaitGroups("g1")
			},
		},
		{
			Name: "a message to a group by REST reaches all members", Covers: covers("MESSAGE_RECEIVED", "getMessageList"), Source: "semantics.md §7.3",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				first := alice.SayIn("g1", "first")
				s.sayByREST("g1", "by REST", args{"CloudCustomData": "extra"}).Want("MsgSeq", first.Get("sequence").Int()+1)
				for _, u := range users {
					u.Hears("by REST").Want("from", restAdmin).Want("flow", "in").Want("cloudCustomData", "extra").Want("conversationID", "GROUPg1")
				}
				s.sayByREST("g1", "as alice", args{"From_Account": "alice"})
				bob.Hears("as alice").Want("from", "alice").Want("flow", "in")
				alice.Hears("as alice").Want("flow", "out")
				bob.Call("logout")
				s.Login("bob").GroupHistory("g1", "first", "by REST", "as alice")
			},
		},
		{
			Name: "a message by REST for some members is seen by nobody else", Covers: covers("MESSAGE_RECEIVED", "getMessageList"), Source: "semantics.md §3.4", Level: Extended,
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob", "carol")
				bob, carol := users[1], users[2]
				s.sayByREST("g1", "for bob", args{"To_Account": []string{"bob"}})
				bob.Hears("for bob")
				users[0].SayIn("g1", "for all")
				carol.Hears("for all")
				carol.NoMessage("the message for bob", heardText("for bob"))
				carol.Call("logout")
				s.Login("carol").GroupHistory("g1", "for all")
			},
		},
		{
			Name: "the app puts accounts into a public group and takes them out", Covers: covers("GROUP_LIST_UPDATED"), Source: "semantics.md §1.1",
			Run: func(s *Stage) {
				alice := s.Crowd(groupPublic, "g1", "alice")[0]
				bob := s.Login("bob")
				s.groupREST("add_group_member", args{"GroupId": "g1", "MemberList": []args{{"Member_Account": "bob"}, {"Member_Account": "nobody"}}}).
					Want("MemberList", []args{{"Member_Account": "bob", "Result": 1}, {"Member_Account": "nobody", "Result": 0}})
				bob.Noticed(7)
				alice.Tipped(1).Want("payload.operatorID", restAdmin).Want("payload.userIDList", []string{"bob"}).Want("payload.groupJoinType", 2)
				bob.WaitGroups("g1")
				s.groupREST("delete_group_member", args{"GroupId": "g1", "MemberToDel_Account": []string{"bob"}, "Reason": "spam"})
				bob.Noticed(4).Want("payload.operatorID", restAdmin)
				alice.Tipped(3).Want("payload.userIDList", []string{"bob"})
				bob.WaitGroups()
			},
		},
		{
			Name: "a silent invitation is told to nobody", Covers: covers("joinGroup"), Source: "semantics.md §7.3", Level: Extended,
			Run: func(s *Stage) {
				alice := s.Crowd(groupPublic, "g1", "alice")[0]
				bob := s.Login("bob")
				s.groupREST("add_group_member", args{"GroupId": "g1", "Silence": 1, "MemberList": []args{{"Member_Account": "bob"}}})
				alice.SayIn("g1", "hello")
				bob.Hears("hello")
				bob.NoMessage("a notice", func(m Value) bool { return m.Get("type").Str == msgNotice })
				alice.NoMessage("a tip", isTip(0))
			},
		},
		{
			Name: "the app dismisses a work group", Covers: covers("GROUP_LIST_UPDATED", "dismissGroup"), Source: "semantics.md §1.1",
			Run: func(s *Stage) {
				users := s.Crowd(groupWork, "w1", "alice", "bob")
				s.groupREST("destroy_group", args{"GroupId": "w1"})
				for _, u := range users {
					u.Noticed(5).Want("payload.operatorID", restAdmin)
					u.WaitGroups()
				}
			},
		},
		{
			Name: "the app recalls a group message, whenever it is", Covers: covers("MESSAGE_REVOKED"), Source: "semantics.md §3.5",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				seq := alice.SayIn("g1", "oops").Get("sequence").Int()
				bob.Hears("oops")
				s.AdvanceServer(recallWindow + time.Minute)
				s.groupREST("group_msg_recall", args{"GroupId": "g1", "MsgSeqList": []args{{"MsgSeq": seq}}}).
					Want("RecallRetList", []args{{"MsgSeq": seq, "RetCode": 0}})
				for _, u := range users {
					u.Expect("MESSAGE_REVOKED", "0.sequence", seq, "0.isRevoked", true)
				}
			},
		},
		{
			Name: "the app appoints another owner", Covers: covers("changeGroupOwner", "getGroupProfile"), Source: "semantics.md §1.1",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob", "carol")
				s.groupREST("change_group_owner", args{"GroupId": "g1", "NewOwner_Account": "bob"})
				users[2].Tipped(6).Want("payload.operatorID", restAdmin).Want("payload.newGroupProfile.ownerID", "bob")
				users[2].Call("getGroupProfile", args{"groupID": "g1"}).Get("group").Want("ownerID", "bob")
				users[2].WantMembers("g1", map[string]string{"alice": "Member", "bob": "Owner", "carol": "Member"})
			},
		},
		{
			Name: "the app mutes a member and lets it speak again", Covers: covers("sendMessage"), Source: "semantics.md §7.3",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				s.groupREST("forbid_send_msg", args{"GroupId": "g1", "Members_Account": []string{"bob"}, "ShutUpTime": 60})
				bob.Tipped(7).Want("payload.memberList.0.userID", "bob").Want("payload.memberList.0.muteTime", 60)
				bob.Fails(10017, "sendMessage", bob.GroupText("g1", "no").Ref())
				s.AdvanceServer(61 * time.Second)
				bob.SayIn("g1", "yes")
				alice.Hears("yes")
				s.groupREST("forbid_send_msg", args{"GroupId": "g1", "Members_Account": []string{"bob"}, "ShutUpTime": 600})
				bob.Fails(10017, "sendMessage", bob.GroupText("g1", "no").Ref())
				s.groupREST("forbid_send_msg", args{"GroupId": "g1", "Members_Account": []string{"bob"}, "ShutUpTime": 0})
				bob.SayIn("g1", "again")
			},
		},
		{
			Name: "a system notification of the app is a notice 255", Covers: covers("MESSAGE_RECEIVED"), Source: "groups.md §5.2",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				s.groupREST("send_group_system_notification", args{"GroupId": "g1", "Content": "for all"})
				for _, u := range users {
					u.Noticed(255).Want("payload.userDefinedField", "for all").Want("payload.groupProfile.groupID", "g1").Want("conversationID", "@TIM#SYSTEM")
				}
				s.groupREST("send_group_system_notification", args{"GroupId": "g1", "Content": "for bob", "ToMembers_Account": []string{"bob"}})
				users[1].Noticed(255).Want("payload.userDefinedField", "for bob")
				users[0].NoMessage("the notice for bob", func(m Value) bool { return m.Get("payload.userDefinedField").Str == "for bob" })
			},
		},
		{
			Name: "get_group_info tells of a group that an SDK made", Covers: covers("createGroup", "updateGroupProfile"), Source: "semantics.md §7.3",
			Run: func(s *Stage) {
				alice := s.Crowd(groupPublic, "g1", "alice", "bob")[0]
				alice.Call("updateGroupProfile", args{"groupID": "g1", "introduction": "new"})
				info := s.groupREST("get_group_info", args{"GroupIdList": []string{"g1", "nothing"}})
				info.Want("GroupInfo.0.Introduction", "new").Want("GroupInfo.0.Owner_Account", "alice").Want("GroupInfo.0.MemberNum", 2).
					Want("GroupInfo.0.MemberList.#", 2).Want("GroupInfo.0.MemberList.1.Role", "Member").Want("GroupInfo.1.ErrorCode", 10010)
			},
		},
	}
	for _, way := range roomWays {
		cases = append(cases, Case{
			Name: "messages and notifications of the app reach a live room " + way.name, Covers: covers("MESSAGE_RECEIVED"),
			Source: "groups.md §6.2", Server: way.server, Run: func(s *Stage) {
				users := s.Crowd(groupRoom, "room", "alice", "bob")
				s.sayByREST("room", "by REST", nil)
				for _, u := range users {
					u.Hears("by REST").Want("from", restAdmin)
				}
				s.groupREST("send_group_system_notification", args{"GroupId": "room", "Content": "for all"})
				for _, u := range users {
					u.Noticed(255).Want("payload.userDefinedField", "for all")
				}
			},
		})
	}
	return cases
}
