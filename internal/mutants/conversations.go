package mutants

// conversationMutants break the list of conversations.
var conversationMutants = []Mutant{
	{
		Name:  "counts one unread message too many",
		Cases: []string{"c2c-text/the receiver's conversation counts the message and shows it"}, Says: "unreadCount is 3",
		Break: listed(func(c object) {
			if n, _ := number(c["unreadCount"]); n > 0 {
				c["unreadCount"] = n + 1
			}
		}),
	},
	{
		Name:  "shows no text of the last message",
		Cases: []string{"c2c-text/the receiver's conversation counts the message and shows it"}, Says: "lastMessage.messageForShow is",
		Break: listed(func(c object) { c["lastMessage"].(object)["messageForShow"] = "" }),
	},
	{
		Name:  "lists the conversations of the login for good",
		Cases: []string{"delete/the last message moves to the newest that is left"}, Says: "getConversationList has no C2Cbob",
		Break: stale("getConversationList"),
	},
	{
		Name:  "puts pinned conversations last",
		Cases: []string{"conversation/a pinned conversation comes first", "conversation/several pinned ones are in the order of their messages"},
		Says:  "getConversationList has",
		Break: answer("getConversationList", func(data object) {
			var pinned, others []any
			for _, c := range objects(data["conversationList"]) {
				if c["isPinned"] == true {
					pinned = append(pinned, c)
				} else {
					others = append(others, c)
				}
			}
			data["conversationList"] = append(others, pinned...)
		}),
	},
	{
		Name:  "pins without telling the server",
		Cases: []string{"conversation/a pin stays over a new login"}, Says: "getConversationList",
		Break: idle("pinConversation", `{"conversationID":"C2Cbob"}`),
	},
	{
		Name:  "reads without telling the server",
		Cases: []string{"c2c-text/setMessageRead clears the unread number and tells the peer"}, Says: "has unreadCount 1, want 0",
		Break: idle("setMessageRead", `{}`),
	},
	{
		Name:  "keeps deleted conversations",
		Cases: []string{"conversation/deleteConversation resolves with the ID, and the conversation is gone"}, Says: "no event CONVERSATION_LIST_UPDATED",
		Break: idle("deleteConversation", `{"conversationID":"C2Cbob"}`),
	},
	{
		Name:  "lists conversations by age",
		Cases: []string{"conversation/the conversation with the newest message comes first"}, Says: "getConversationList has",
		Break: answer("getConversationList", func(data object) {
			list := objects(data["conversationList"])
			var turned []any
			for _, c := range list {
				turned = append([]any{c}, turned...)
			}
			data["conversationList"] = turned
		}),
	},
	{
		Name:  "fires no list event for news",
		Cases: []string{"c2c-text/the receiver's conversation counts the message and shows it"}, Says: "no event CONVERSATION_LIST_UPDATED",
		Break: never("CONVERSATION_LIST_UPDATED"),
	},
}

// listed changes each conversation of getConversationList.
func listed(change func(c object)) Break {
	return answer("getConversationList", func(data object) {
		for _, c := range objects(data["conversationList"]) {
			change(c)
		}
	})
}
