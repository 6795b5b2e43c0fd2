package scenarios

import (
	"strings"

	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol"
)

// toGroup are the arguments of a create… method for a group.
func toGroup(group string, payload any, more ...any) args {
	return options(group, payload, append(more, "conversationType", convGroup)...)
}

// groupElementCases are messages of all kinds in groups.
func groupElementCases() []Case {
	var list []Case
	for _, kind := range []struct {
		name, api, msgType, show string
		payload                  any
		needs                    []string
	}{
		{"custom message", "createCustomMessage", msgCustom, "[自定义消息]", args{"data": "d", "description": "i", "extension": "e"}, nil},
		{"face", "createFaceMessage", msgFace, "[动画表情]", args{"index": 7, "data": "smile"}, nil},
		{"file", "createFileMessage", msgFile, "[文件]", with(file("a.txt", "text/plain", []byte("x"))), []string{port.CapFiles, port.CapUpload}},
		{"image", "createImageMessage", msgImage, "[图片]", with(file("a.png", "image/png", picture())), []string{port.CapFiles, port.CapUpload}},
	} {
		list = append(list, Case{
			Name:   "a " + kind.name + " reaches the members with priority and custom data",
			Covers: covers(kind.api, "sendMessage", "MESSAGE_RECEIVED", "CONVERSATION_LIST_UPDATED"), Source: "messages.md §1.3, §3.2", Needs: kind.needs,
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				alice.Send(alice.Call(kind.api, toGroup("g1", kind.payload, "priority", "High", "cloudCustomData", "extra"))).Want("status", "success")
				m := bob.Got(kind.name, func(m Value) bool { return m.Get("type").Str == kind.msgType })
				m.Want("priority", "High").Want("cloudCustomData", "extra").Want("conversationID", "GROUPg1").Want("flow", "in")
				if kind.needs == nil {
					m.Want("payload", kind.payload)
				}
				bob.Conversation("GROUPg1").Want("lastMessage.messageForShow", kind.show).Want("lastMessage.cloudCustomData", "extra")
			},
		})
	}
	return append(list,
		Case{
			Name: "a merger of group messages is read by the members", Covers: covers("createMergerMessage", "sendMessage"), Source: "messages.md §1.3, §2.6",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				one := alice.SayIn("g1", "one")
				alice.Send(alice.Call("createMergerMessage", toGroup("g1", merge([]Value{one}))))
				p := bob.Got("a merger", func(m Value) bool { return m.Get("type").Str == msgMerger }).Get("payload")
				p.Want("title", "talk").Want("messageList.#", 1).Want("messageList.0.messageBody.0.payload.text", "one").
					Want("messageList.0.receiverGroupID", "g1")
			},
		},
		Case{
			Name: "a long merger in a group travels by key", Covers: covers("createMergerMessage", "downloadMergerMessage"), Source: "messages.md §2.6", Level: Extended,
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				text := strings.Repeat("lorem ", 2000)
				alice.Send(alice.Call("createMergerMessage", toGroup("g1", merge([]Value{alice.SayIn("g1", text)}))))
				m := bob.Got("a merger", func(m Value) bool { return m.Get("type").Str == msgMerger })
				m.Get("payload").WantSome("downloadKey").Want("messageList.#", 0)
				bob.Call("downloadMergerMessage", m.Ref()).Want("payload.messageList.0.messageBody.0.payload.text", text)
			},
		},
		Case{
			Name: "what was heard in a group is forwarded to a user, and back", Covers: covers("createForwardMessage", "sendMessage"), Source: "messages.md §1.3",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				alice.SayIn("g1", "pass it on")
				heard := bob.Hears("pass it on")
				bob.Send(bob.Create("createForwardMessage", "alice", heard.Ref()))
				again := alice.Got("the forward", func(m Value) bool { return m.Get("conversationType").Str == convC2C })
				again.Want("payload.text", "pass it on").Want("from", "bob")
				alice.Send(alice.Call("createForwardMessage", toGroup("g1", again.Ref())))
				bob.Hears("pass it on").Want("from", "alice").Want("conversationID", "GROUPg1")
			},
		},
		Case{
			Name: "a tip cannot be forwarded", Covers: covers("createForwardMessage"), Source: "messages.md §1.2",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				users[0].Call("updateGroupProfile", args{"groupID": "g1", "notification": "note"})
				tip := users[1].Tipped(6)
				users[1].Fails(2453, "createForwardMessage", toGroup("g1", tip.Ref()))
			},
		},
		Case{
			Name: "all are mentioned", Covers: covers("createTextAtMessage", "getConversationList"), Source: "messages.md §3.4",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob", "carol")
				alice, bob, carol := users[0], users[1], users[2]
				alice.Send(alice.Call("createTextAtMessage", toGroup("g1", args{"text": "@all", "atUserList": []string{atAll, "bob"}})))
				bob.Hears("@all").Want("atUserList", []string{atAll, "bob"})
				carol.Hears("@all")
				bob.Barrier()
				carol.Barrier()
				bob.Conversation("GROUPg1").Want("groupAtInfoList.0.atTypeArray", []int{3})
				carol.Conversation("GROUPg1").Want("groupAtInfoList.0.atTypeArray", []int{2})
				alice.Conversation("GROUPg1").Want("groupAtInfoList.#", 0)
			},
		},
		Case{
			Name: "tips are in the history", Covers: covers("getMessageList"), Source: "messages.md §5.3",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				users[0].Call("updateGroupProfile", args{"groupID": "g1", "notification": "note"})
				users[1].Tipped(6)
				users[1].Call("logout")
				for _, m := range s.Login("bob").History("GROUPg1") {
					if m.Get("type").Str == msgTip {
						m.Want("payload.operationType", 6).Want("payload.operatorID", "alice").Want("payload.newGroupProfile.notification", "note")
						return
					}
				}
				s.Failf("there is no tip in the history")
			},
		},
		Case{
			Name: "what a group is asked for goes out as documented", Covers: covers("sendMessage", "setMessageRead", "revokeMessage", "deleteMessage"), Source: "messages.md §2.2, §4, §5",
			Run: func(s *Stage) {
				users := s.Crowd(groupPublic, "g1", "alice", "bob")
				alice, bob := users[0], users[1]
				one := alice.Send(alice.GroupText("g1", "one"), args{"offlinePushInfo": args{"title": "t", "disablePush": true}})
				alice.request(protocol.CmdSendGroupMsg).Want("MsgPriority", "Normal").Want("OnlineOnlyFlag", 0).
					Want("OfflinePushInfo.PushFlag", 1).Want("OfflinePushInfo.Title", "t").Want("GroupAtInfo", []any{})
				bob.Hears("one")
				bob.Call("setMessageRead", args{"conversationID": "GROUPg1"})
				bob.request(protocol.CmdGroupMsgRead).Want("GroupId", "g1").Want("MsgReadedSeq", one.Get("sequence").Int())
				alice.Call("deleteMessage", []any{one.Ref()})
				alice.request(protocol.CmdGroupMsgDelete).Want("GroupId", "g1").Want("Deleter_Account", "alice")
				alice.Call("revokeMessage", alice.SayIn("g1", "two").Ref())
				alice.request(protocol.CmdGroupMsgRecall).Want("MsgSeqList.0.MsgSeq", one.Get("sequence").Int()+1)
			},
		},
	)
}
