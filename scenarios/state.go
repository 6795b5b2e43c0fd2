package scenarios

import "fmt"

// persistenceCases save the state, empty the server, and load the state again.
func persistenceCases() []Case {
	// restart is what becomes of a server that is stopped and started with its
	// state; nobody is logged in meanwhile.
	restart := func(s *Stage, users ...*User) {
		for _, u := range users {
			u.Call("logout")
			u.Expect("SDK_NOT_READY")
		}
		state, err := s.server.State(s.ctx)
		s.Must(err, "get the state")
		s.Must(s.server.Reset(s.ctx), "reset the server")
		s.Must(s.server.SetState(s.ctx, state), "put the state")
	}
	return []Case{
		{
			Name: "history, recalls, receipts, unread numbers and pins outlive the server", Source: "messages.md §5, §7",
			Covers: covers("getMessageList", "getConversationList", "revokeMessage", "setMessageRead", "pinConversation", "deleteMessage", "deleteConversation"),
			Run: func(s *Stage) {
				alice, bob := pair(s)
				s.CreateUsers("carol", "dave")
				alice.Say("bob", "one")
				alice.Revoke(alice.Say("bob", "two"))
				bob.Read("alice")
				alice.Expect("MESSAGE_READ_BY_PEER")
				deleted := alice.Say("bob", "three")
				alice.Delete(deleted)
				alice.Send(alice.Create("createCustomMessage", "bob", args{"data": "four"}, "cloudCustomData", "extra"))
				bob.Say("carol", "to carol")
				bob.Say("dave", "to dave")
				bob.Call("pinConversation", args{"conversationID": "C2Calice", "isPinned": true})
				bob.Call("deleteConversation", "C2Cdave")
				s.settle(alice, bob)
				restart(s, alice, bob)
				alice, bob = pair(s)
				bob.WantConversations("C2Calice", "C2Ccarol")
				bob.WantUnread("C2Calice", 2)
				bob.Conversation("C2Calice").Want("isPinned", true)
				bob.WantEach("C2Calice", "isRevoked", []bool{false, true, false, false})
				bob.WantEach("C2Calice", "cloudCustomData", []string{"", "", "", "extra"})
				alice.WantEach("C2Cbob", "isRevoked", []bool{false, true, false})
				if first := alice.History("C2Cbob")[0]; !first.Get("isPeerRead").Bool() {
					s.Failf("the first message is no longer read by the peer: %s", first.Raw)
				}
				alice.Say("bob", "five")
				bob.Hears("five")
				bob.WantUnread("C2Calice", 3)
			},
		},
		{
			Name: "profiles, friends, friend lists, applications and blocks outlive the server", Source: "relations.md §1",
			Covers: covers("getMyProfile", "getFriendList", "getFriendGroupList", "getFriendApplicationList", "getBlacklist", "login"),
			Run: func(s *Stage) {
				alice, bob := pair(s)
				carol, eve := s.Login("carol"), s.Login("eve")
				alice.Call("updateMyProfile", args{"nick": "Al", "selfSignature": "still here"})
				carol.Call("updateMyProfile", args{"allowType": "AllowType_Type_NeedConfirm"})
				alice.Call("addFriend", args{"to": "bob", "source": "AddSource_Type_Web", "remark": "Bobby", "type": "Add_Type_Both"})
				alice.Call("createFriendGroup", args{"name": "work", "userIDList": []string{"bob"}})
				alice.Applies(carol)
				alice.Call("addToBlacklist", args{"userIDList": []string{"eve"}})
				s.settle(alice, bob, carol)
				restart(s, alice, bob, carol, eve)
				alice, carol = s.Login("alice"), s.Login("carol")
				alice.Call("getMyProfile").Want("nick", "Al").Want("selfSignature", "still here")
				alice.Friends("bob").Want("0.remark", "Bobby")
				alice.Call("getFriendGroupList").Want("0.name", "work").Want("0.userIDList", []string{"bob"})
				if got := fmt.Sprint(alice.Call("getBlacklist").Value()); got != "[eve]" {
					s.Failf("the blocklist is %s, want [eve]", got)
				}
				carol.Applications(1, "alice")
			},
		},
	}
}
