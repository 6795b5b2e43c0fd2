package scenarios

import (
	"maps"
	"slices"
)

// groupCheckCases are what the SDK refuses by itself (groups.md §7).
func groupCheckCases() []Case {
	throws := map[string][]any{
		"getGroupList":           {args{"groupProfileFilter": "ownerID"}},
		"getGroupProfile":        {args{}, args{"groupID": 7}},
		"createGroup":            {args{"type": groupPublic}, args{"type": groupPublic, "name": ""}},
		"dismissGroup":           {"", 7},
		"updateGroupProfile":     {args{"name": "n"}, args{"groupID": "g1", "muteAllMembers": "yes"}},
		"joinGroup":              {args{}, args{"groupID": "g1", "type": 7}, args{"groupID": "g1", "applyMessage": 7}},
		"quitGroup":              {"", 7},
		"searchGroupByID":        {"", 7},
		"changeGroupOwner":       {args{"groupID": "g1"}, args{"newOwnerID": "bob"}},
		"initGroupAttributes":    {args{"groupID": "g1", "groupAttributes": args{}}, args{"groupID": "g1", "groupAttributes": args{"k": 1}}},
		"setGroupAttributes":     {args{"groupID": "g1", "groupAttributes": args{}}, args{"groupAttributes": args{"k": "v"}}},
		"deleteGroupAttributes":  {args{"groupID": "g1"}, args{"groupID": "g1", "keyList": "k"}, args{"groupID": "g1", "keyList": []int{1}}},
		"getGroupAttributes":     {args{"groupID": "g1"}, args{"keyList": []string{}}, args{"groupID": "g1", "keyList": []int{1}}},
		"getGroupMemberProfile":  {args{"groupID": "g1"}, args{"groupID": "g1", "userIDList": []string{}}},
		"addGroupMember":         {args{"groupID": "g1"}, args{"userIDList": []string{"bob"}}},
		"deleteGroupMember":      {args{"userIDList": []string{"bob"}}},
		"setGroupMemberMuteTime": {args{"groupID": "g1", "userID": "bob", "muteTime": -1}, args{"groupID": "g1", "userID": "bob", "muteTime": "60"}},
		"setGroupMemberRole":     {args{"groupID": "g1", "userID": "bob"}, args{"groupID": "g1", "role": "Admin"}},
		"setGroupMemberNameCard": {args{"nameCard": "n"}, args{"groupID": "g1", "nameCard": 7}},
		"setGroupMemberCustomField": {
			args{"groupID": "g1", "memberCustomField": []args{}}, args{"memberCustomField": []args{{"key": "k", "value": "v"}}},
		},
	}
	// Later SDKs take these, or some of them.
	lenient := map[string][]any{
		"getGroupMemberList":   {args{}, args{"groupID": "g1", "count": "15"}, args{"groupID": "g1", "offset": "0"}},
		"setMessageRemindType": {args{"messageRemindType": "Discard"}, args{"groupID": "g1"}},
	}
	return []Case{
		refusedBeforeReady(map[string]any{
			"getGroupList": nil, "getGroupProfile": args{"groupID": "g1"}, "createGroup": args{"name": "n", "type": groupPublic},
			"dismissGroup": "g1", "updateGroupProfile": args{"groupID": "g1"}, "searchGroupByID": "g1",
			"changeGroupOwner": args{"groupID": "g1", "newOwnerID": "bob"}, "getGroupMemberList": args{"groupID": "g1"},
			"setMessageRemindType": args{"groupID": "g1", "messageRemindType": "Discard"},
		}),
		{
			Name: "group methods throw on arguments that are missing or of the wrong type", Covers: covers(
				"getGroupProfile", "createGroup", "updateGroupProfile", "joinGroup", "initGroupAttributes", "setGroupAttributes", "deleteGroupAttributes",
				"getGroupAttributes", "getGroupMemberList", "getGroupMemberProfile", "addGroupMember", "setGroupMemberMuteTime", "setGroupMemberRole",
				"setGroupMemberNameCard", "setGroupMemberCustomField", "changeGroupOwner",
			), Source: "groups.md §7",
			Run: func(s *Stage) {
				alice := s.Login("alice")
				check := func(calls map[string][]any) {
					for _, api := range slices.Sorted(maps.Keys(calls)) {
						for _, bad := range calls[api] {
							alice.Throws(api, bad)
						}
					}
				}
				check(throws)
				if !s.later() {
					check(lenient)
				}
			},
		},
		{
			Name: "what a role may be, and oneself, is checked before a request", Covers: covers("setGroupMemberRole", "setGroupMemberMuteTime", "changeGroupOwner"), Source: "groups.md §7",
			Run: func(s *Stage) {
				alice := s.Crowd(groupPublic, "g1", "alice", "bob")[0]
				alice.Fails(2683, "setGroupMemberRole", args{"groupID": "g1", "userID": "bob", "role": "Owner"})
				alice.Fails(2684, "setGroupMemberRole", args{"groupID": "g1", "userID": "alice", "role": "Member"})
				alice.Fails(2685, "setGroupMemberMuteTime", args{"groupID": "g1", "userID": "alice", "muteTime": 60})
				alice.Fails(2621, "changeGroupOwner", args{"groupID": "g1", "newOwnerID": "alice"})
			},
		},
	}
}
