package mutants

// relationMutants break profiles, the blocklist and friends.
var relationMutants = []Mutant{
	{
		Name:  "shows a stale profile",
		Cases: []string{"profile/updateMyProfile sets every standard field and resolves the profile"},
		Says:  "getMyProfile",
		Break: stale("getMyProfile"),
	},
	{
		Name:  "does not tell of changed profiles",
		Cases: []string{"profile/a friend gets PROFILE_UPDATED, a stranger does not"}, Says: "no event PROFILE_UPDATED",
		Break: never("PROFILE_UPDATED"),
	},
	{
		Name:  "does not tell of the blocklist",
		Cases: []string{"blocklist/both changes reach all instances of the user"}, Says: "no event BLACKLIST_UPDATED",
		Break: never("BLACKLIST_UPDATED"),
	},
	{
		Name:  "tells of the blocklist twice",
		Cases: []string{"blocklist/removeFromBlacklist resolves the whole list and fires BLACKLIST_UPDATED once"}, Says: "fired 2 times, want once",
		Break: event("BLACKLIST_UPDATED", func() func(any) []any {
			return func(data any) []any { return []any{data, data} }
		}),
	},
	{
		Name:  "blocks nobody",
		Cases: []string{"blocked/a blocked sender succeeds, and nothing arrives"}, Says: "MESSAGE_RECEIVED",
		Break: idle("addToBlacklist", `["alice"]`),
	},
	{
		Name:  "shows a stale friend list",
		Cases: []string{"friend/addFriend of who allows anybody makes both friends at once", "friend/deleteFriend takes each off the other's list"},
		Says:  "getFriendList",
		Break: stale("getFriendList"),
	},
	{
		Name:  "does not tell of new friends",
		Cases: []string{"friend/addFriend of who allows anybody makes both friends at once"}, Says: "no event FRIEND_LIST_UPDATED",
		Break: never("FRIEND_LIST_UPDATED"),
	},
	{
		Name:  "keeps applications that were answered",
		Cases: []string{"friend-application/refusing ends the application on both sides"}, Says: "no event FRIEND_APPLICATION_LIST_UPDATED",
		Break: event("FRIEND_APPLICATION_LIST_UPDATED", func() func(any) []any {
			var kept []any
			return func(data any) []any {
				d := data.(object)
				if list := d["friendApplicationList"].([]any); len(list) >= len(kept) {
					kept = list
				}
				d["friendApplicationList"] = kept
				return []any{d}
			}
		}),
	},
	{
		Name:  "does not tell of applications",
		Cases: []string{"friend-application/an application reaches all instances of both users"}, Says: "no event FRIEND_APPLICATION_LIST_UPDATED",
		Break: never("FRIEND_APPLICATION_LIST_UPDATED"),
	},
	{
		Name:  "does not tell of friend lists",
		Cases: []string{"friend-group/createFriendGroup makes an empty list and fires FRIEND_GROUP_LIST_UPDATED"}, Says: "no event FRIEND_GROUP_LIST_UPDATED",
		Break: never("FRIEND_GROUP_LIST_UPDATED"),
	},
	{
		Name:  "deletes friends on one side only",
		Cases: []string{"friend/deleteFriend takes each off the other's list"}, Says: "bob@",
		Break: Break{Up: func() func(Frame) []Frame {
			return func(f Frame) []Frame {
				if f.Body["DeleteType"] != nil {
					f.Body["DeleteType"] = "Delete_Type_Single"
				}
				return []Frame{f}
			}
		}},
	},
}
