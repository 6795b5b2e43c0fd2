package scenarios

import "github.com/imsim/imsim/port"

// laterEvents are events that SDKs after 2.14 have besides those of the
// reference.
var laterEvents = map[string]string{"MESSAGE_READ_RECEIPT_RECEIVED": "onMessageReadReceiptReceived"}

// onlyLater skips a case for the reference and its ports.
func onlyLater(h port.Hello) string {
	if g := genuine(h); g == "2.27" || g == "3.6" {
		return ""
	}
	return "the reference, 2.14.0, has no such method"
}

// AsksIn says something in a conversation that asks for a read receipt.
func (u *User) AsksIn(conversation, to, text string) Value {
	options := textOptions(to, text)
	options["conversationType"], options["needReadReceipt"] = conversation, true
	return u.Send(u.Call("createTextMessage", options))
}

func isText(text string) func(Value) bool {
	return func(m Value) bool { return m.Get("payload.text").Str == text }
}

// laterMessageCases are about read receipts of single messages, messages that
// are modified, in groups by the app for all SDKs and by the methods of those
// that have them, and histories that are cleared.
func laterMessageCases() []Case {
	return []Case{
		{
			Name: "the app modifies a group message: the history has the new content, and SDKs from 2.27 on tell at once", Source: "messages.md §8",
			Covers: covers("MESSAGE_MODIFIED", "getMessageList", "getConversationList"), Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				m := alice.SayIn("g1", "darn")
				bob.Hears("darn")
				s.MustREST("openim/modify_group_msg", args{"GroupId": "g1", "MsgSeq": m.Get("sequence").Int(), "MsgBody": textBody("****")})
				for _, u := range users {
					if s.later() {
						u.Expect("MESSAGE_MODIFIED", "#", 1, "0.payload.text", "****", "0.isModified", true, "0.sequence", m.Get("sequence").Int())
					} else {
						u.Never("MESSAGE_MODIFIED")
					}
				}
				bob.Call("logout")
				bob = s.Login("bob")
				bob.GroupHistory("g1", "****")
				bob.Conversation("GROUPg1").Want("lastMessage.messageForShow", "****")
			},
		},
		{
			Name: "any member modifies a group message, and all are told", Source: "messages.md §8", Level: Extended,
			Covers: covers("MESSAGE_MODIFIED"), Skip: onlyLater, Run: func(s *Stage) {
				users := s.Crowd(groupMeeting, "g1", "alice", "bob", "carol")
				alice, bob, carol := users[0], users[1], users[2]
				alice.SayIn("g1", "draft")
				heard := bob.Got("the draft", isText("draft"))
				carol.Hears("draft")
				bob.Call("modifyMessage", heard.Ref()).Get("message").Want("version", 1).Want("isModified", true).Want("from", "alice")
				for _, u := range users {
					u.Expect("MESSAGE_MODIFIED", "#", 1, "0.version", 1, "0.from", "alice", "0.payload.text", "draft")
				}
				alice.Revoke(alice.History("GROUPg1")[1])
				bob.Fails(10030, "modifyMessage", heard.Ref())
			},
		},
		{
			Name: "a receiver modifies a C2C message, and the sender is told", Source: "messages.md §8", Level: Extended,
			Covers: covers("MESSAGE_MODIFIED"), Skip: onlyLater, Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Say("bob", "draft")
				heard := bob.Receives()
				bob.Call("modifyMessage", heard.Ref()).Get("message").Want("version", 1)
				alice.Expect("MESSAGE_MODIFIED", "#", 1, "0.version", 1, "0.flow", "out")
			},
		},
		{
			Name: "the sender of a group message is told how many have read it", Source: "messages.md §8", Level: Extended,
			Covers: covers("sendMessage", "MESSAGE_RECEIVED"), Skip: onlyLater, Run: func(s *Stage) {
				users := s.Crowd(groupWork, "g1", "alice", "bob", "carol")
				alice, bob, carol := users[0], users[1], users[2]
				m := alice.AsksIn(convGroup, "g1", "read me").Want("needReadReceipt", true)
				counts := func(read, unread int) {
					alice.Call("getMessageReadReceiptList", []any{m.Ref()}).Get("messageList.0.readReceiptInfo").
						Want("readCount", read).Want("unreadCount", unread)
				}
				members := func(filter int, list string, want ...string) {
					alice.Call("getGroupMessageReadMemberList", args{"message": m.Ref(), "filter": filter, "cursor": "", "count": 100}).
						Want("isCompleted", true).Want(list, want)
				}
				counts(0, 2)
				for i, u := range []*User{carol, bob} {
					heard := u.Got("what asks for a receipt", isText("read me")).Want("needReadReceipt", true)
					u.Call("sendMessageReadReceipt", []any{heard.Ref()})
					alice.Expect("MESSAGE_READ_RECEIPT_RECEIVED", "#", 1, "0.groupID", "g1", "0.messageID", m.Get("ID").Str,
						"0.readCount", i+1, "0.unreadCount", 1-i)
					if u == carol {
						counts(1, 1)
						members(0, "readUserIDList", "carol")
						members(1, "unreadUserIDList", "bob")
					}
				}
				counts(2, 0)
				members(0, "readUserIDList", "carol", "bob")
				bob.Never("MESSAGE_READ_RECEIPT_RECEIVED")
				alice.Fails(10062, "getGroupMessageReadMemberList", args{"message": alice.SayIn("g1", "plain").Ref(), "filter": 0, "cursor": "", "count": 100})
			},
		},
		{
			Name: "the sender of a C2C message is told that it was read", Source: "messages.md §8", Level: Extended,
			Covers: covers("sendMessage", "MESSAGE_RECEIVED"), Skip: onlyLater, Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.AsksIn("C2C", "bob", "read me")
				heard := bob.Receives().Want("needReadReceipt", true)
				bob.Call("sendMessageReadReceipt", []any{heard.Ref()})
				alice.Expect("MESSAGE_READ_RECEIPT_RECEIVED", "#", 1, "0.userID", "bob", "0.messageID", m.Get("ID").Str, "0.isPeerRead", true)
			},
		},
		{
			Name: "a history that is cleared is gone for the one who cleared it", Source: "semantics.md §3.7", Level: Extended,
			Covers: covers("getMessageList", "getConversationList"), Skip: onlyLater, Run: func(s *Stage) {
				users := s.Crowd(groupWork, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				alice.Say("bob", "one")
				bob.Hears("one")
				alice.SayIn("g1", "two")
				bob.Hears("two")
				for _, id := range []string{"C2Calice", "GROUPg1"} {
					bob.Call("clearHistoryMessage", id).Want("conversationID", id)
					bob.Conversation(id).Want("unreadCount", 0).Want("lastMessage.messageForShow", "")
					s.pause()
				}
				alice.Say("bob", "three")
				bob.Hears("three")
				alice.SayIn("g1", "four")
				bob.Hears("four")
				bob.Call("logout")
				bob = s.Login("bob")
				bob.HistoryTexts("C2Calice", "three")
				bob.GroupHistory("g1", "four")
				alice.HistoryTexts("C2Cbob", "one", "three")
				alice.GroupHistory("g1", "two", "four")
			},
		},
	}
}
