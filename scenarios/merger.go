package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol"
)

// merge is the payload of createMergerMessage.
func merge(list []Value) args {
	return args{
		"messageList": refs(list), "title": "talk", "abstractList": []string{"alice: hi", "alice: you"}, "compatibleText": "please update",
	}
}

func mergerCases() []Case {
	creates := covers("createMergerMessage")
	sends := covers("createMergerMessage", "sendMessage", "MESSAGE_RECEIVED")
	downloads := covers("createMergerMessage", "downloadMergerMessage")
	// long are messages to carol that are too long together to be sent inline.
	long := func(s *Stage, u *User, n int) []Value {
		s.CreateUsers("carol")
		var list []Value
		for i := range n {
			list = append(list, u.Say("carol", fmt.Sprintf("%d %s", i, strings.Repeat("lorem ", 40))))
		}
		return list
	}
	short := func(s *Stage, u *User) []Value {
		s.CreateUsers("carol")
		return []Value{
			u.Send(u.Create("createTextMessage", "carol", args{"text": "hi"}, "cloudCustomData", "extra")),
			u.Send(u.Create("createCustomMessage", "carol", args{"data": "d", "description": "i", "extension": "e"})),
		}
	}
	return []Case{
		{
			Name: "a merger is created with the messages as items", Covers: creates,
			Source: "messages.md §1.3", Run: func(s *Stage) {
				alice, _ := pair(s)
				list := short(s, alice)
				m := alice.Create("createMergerMessage", "bob", merge(list), "cloudCustomData", "cc")
				m.Want("type", msgMerger).Want("status", "unSend").Want("cloudCustomData", "cc").Want("payload.title", "talk")
				m.Want("payload.abstractList", []string{"alice: hi", "alice: you"}).Want("payload.compatibleText", "please update")
				m.Want("payload.downloadKey", "").Want("payload.messageList.#", 2)
				m.Want("payload.messageList.0.messageBody.0.type", msgText).Want("payload.messageList.0.messageBody.0.payload.text", "hi")
				m.Want("payload.messageList.0.from", "alice").Want("payload.messageList.0.cloudCustomData", "extra")
				m.Want("payload.messageList.0.time", list[0].Get("time").Int()).Want("payload.messageList.0.receiverUserID", "carol")
			},
		},
		{
			Name: "bad arguments of createMergerMessage throw", Covers: creates,
			Source: "messages.md §1.2, api.md §1", Run: func(s *Stage) {
				alice, _ := pair(s)
				list := short(s, alice)
				without := func(name string) args { p := merge(list); delete(p, name); return p }
				alice.Throws("createMergerMessage", options("bob", without("messageList")))
				alice.Throws("createMergerMessage", options("bob", without("compatibleText")))
				alice.Throws("createMergerMessage", options("bob", merge(nil)))
				alice.Throws("createMergerMessage", options("", merge(list)))
				stranger := merge(list)
				stranger["messageList"] = []any{list[0].Ref(), args{"text": "no message"}}
				alice.Throws("createMergerMessage", options("bob", stranger))
			},
		},
		{
			Name: "a failed message cannot be merged: it throws", Covers: creates,
			Source: "api.md §1", Run: func(s *Stage) {
				alice, _ := pair(s)
				m := alice.Text("bob", "fails")
				s.RefuseOnce("alice", protocol.CmdSendMsg, 20006)
				alice.Fails(20006, "sendMessage", m.Ref())
				alice.Throws("createMergerMessage", options("bob", merge([]Value{m})))
			},
		},
		{
			Name: "a small merger arrives with its items", Covers: sends,
			Source: "messages.md §1.3, §2.6", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Send(alice.Create("createMergerMessage", "bob", merge(short(s, alice)))).Want("status", "success")
				m := bob.Receives().Want("type", msgMerger)
				p := m.Get("payload").Want("title", "talk").Want("compatibleText", "please update").Want("downloadKey", "").Want("messageList.#", 2)
				p.Want("abstractList", []string{"alice: hi", "alice: you"}).Want("layersOverLimit", false)
				p.Want("messageList.0.from", "alice").Want("messageList.0.messageBody.0.payload.text", "hi").Want("messageList.0.cloudCustomData", "extra")
				p.Want("messageList.1.messageBody.0.type", msgCustom).Want("messageList.1.messageBody.0.payload.data", "d")
				bob.Conversation("C2Calice").Want("lastMessage.messageForShow", "[聊天记录]").Want("lastMessage.type", msgMerger)
			},
		},
		{
			Name: "a small merger is sent inline, without an upload", Covers: sends,
			Source: "messages.md §2.6", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Send(alice.Create("createMergerMessage", "bob", merge(short(s, alice))))
				bob.Receives()
				alice.WantSent(protocol.CmdSaveRelay, 0)
				content := alice.request(protocol.CmdSendMsg).Get("MsgBody.0.MsgContent")
				content.Want("JsonMsgKey", "").Want("PbMsgKey", "").Want("MsgList.#", 2).Want("Title", "talk").Want("CompatibleText", "please update")
				content.Want("MsgList.0.From_Account", "alice").Want("MsgList.0.MsgBody.0.MsgContent.Text", "hi").Want("MsgList.0.CloudCustomData", "extra")
			},
		},
		{
			Name: "a merger over the limit is sent by key: 7,000 bytes in 2.14, 11,264 in later versions, its content counted twice", Covers: sends, Level: Extended,
			Source: "messages.md §2.6", Run: func(s *Stage) {
				alice, bob := pair(s)
				s.CreateUsers("carol")
				var list []Value
				for range 8 {
					list = append(list, alice.Say("carol", strings.Repeat("x", 500)))
				}
				inline := func(n int) bool {
					alice.Send(alice.Create("createMergerMessage", "bob", merge(list[:n])))
					return bob.Receives().Get("payload.downloadKey").Str == ""
				}
				got := []bool{inline(3), inline(5), inline(8)} // about 2,500, 4,100 and 6,500 bytes of content
				want := from227([]bool{true, false, false}, []bool{true, true, false}).allowed(s.hello)
				if !slices.ContainsFunc(want, func(w []bool) bool { return slices.Equal(w, got) }) {
					s.Failf("sent inline: %v, want %v", got, want)
				}
			},
		},
		{
			Name: "a merger of sixty long messages is sent by key", Covers: sends,
			Source: "messages.md §2.6", Run: func(s *Stage) {
				alice, bob := pair(s)
				sent := alice.Send(alice.Create("createMergerMessage", "bob", merge(long(s, alice, 60)), "cloudCustomData", "cc"))
				sent.Want("status", "success")
				alice.WantSent(protocol.CmdSaveRelay, 1)
				alice.request(protocol.CmdSaveRelay).Want("MsgList.#", 60)
				content := alice.request(protocol.CmdSendMsg).Get("MsgBody.0.MsgContent")
				content.WantSome("JsonMsgKey").Absent("MsgList").Want("Title", "talk").Want("MsgNum", 60)
				m := bob.Receives().Want("type", msgMerger).Want("cloudCustomData", "cc")
				m.Get("payload").WantSome("downloadKey").Want("messageList", []any{}).Want("title", "talk").Want("compatibleText", "please update")
			},
		},
		{
			Name: "downloadMergerMessage fills the message and resolves with it", Covers: downloads,
			Source: "messages.md §2.6", Run: func(s *Stage) {
				alice, bob := pair(s)
				list := long(s, alice, 60)
				alice.Send(alice.Create("createMergerMessage", "bob", merge(list)))
				m := bob.Receives()
				full := bob.Call("downloadMergerMessage", m.Ref())
				full.Want("ID", m.Get("ID").Str).Want("payload.messageList.#", 60).Want("payload.downloadKey", "")
				for _, i := range []int{0, 59} {
					full.Want(fmt.Sprintf("payload.messageList.%d.messageBody.0.payload.text", i), list[i].Get("payload.text").Str)
					full.Want(fmt.Sprintf("payload.messageList.%d.from", i), "alice")
				}
				bob.read(m).Want("payload.messageList.#", 60)
			},
		},
		{
			Name: "a merger by key is in the history and is downloaded from there", Covers: covers("createMergerMessage", "downloadMergerMessage", "getMessageList"),
			Source: "messages.md §2.6, §5.2", Run: func(s *Stage) {
				s.CreateUsers("bob")
				alice := s.Login("alice")
				alice.Send(alice.Create("createMergerMessage", "bob", merge(long(s, alice, 40))))
				bob := s.Login("bob")
				m := bob.History("C2Calice")[0]
				m.Get("payload").WantSome("downloadKey").Want("messageList", []any{})
				bob.Call("downloadMergerMessage", m.Ref()).Want("payload.messageList.#", 40)
			},
		},
		{
			Name: "only a merger can be downloaded: 2450", Covers: covers("downloadMergerMessage"),
			Source: "messages.md §1.2", Run: func(s *Stage) {
				alice, _ := pair(s)
				alice.Fails(2450, "downloadMergerMessage", alice.Say("bob", "x").Ref())
			},
		},
		{
			Name: "an inline merger has nothing to download: 2451", Covers: downloads,
			Source: "messages.md §1.2", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Send(alice.Create("createMergerMessage", "bob", merge(short(s, alice))))
				bob.Fails(2451, "downloadMergerMessage", bob.Receives().Ref())
				bob.WantSent(protocol.CmdGetRelay, 0)
			},
		},
		{
			Name: "a merger is downloaded once: then 2451", Covers: downloads,
			Source: "messages.md §2.6", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Send(alice.Create("createMergerMessage", "bob", merge(long(s, alice, 30))))
				m := bob.Receives()
				bob.Call("downloadMergerMessage", m.Ref())
				bob.Fails(2451, "downloadMergerMessage", m.Ref())
			},
		},
		{
			Name: "a download that the server refuses is 2452, and can be repeated", Covers: downloads,
			Source: "messages.md §2.6", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Send(alice.Create("createMergerMessage", "bob", merge(long(s, alice, 30))))
				m := bob.Receives()
				s.RefuseOnce("bob", protocol.CmdGetRelay, 70500)
				bob.Fails(2452, "downloadMergerMessage", m.Ref())
				bob.Call("downloadMergerMessage", m.Ref()).Want("payload.messageList.#", 30)
			},
		},
		{
			Name: "a merger of mergers keeps the inner one", Covers: sends, Level: Extended,
			Source: "messages.md §1.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				inner := alice.Send(alice.Create("createMergerMessage", "carol", merge(short(s, alice))))
				alice.Send(alice.Create("createMergerMessage", "bob", merge([]Value{inner})))
				item := bob.Receives().Get("payload.messageList.0.messageBody.0")
				item.Want("type", msgMerger).Want("payload.title", "talk").Want("payload.messageList.#", 2)
			},
		},
	}
}

func forwardCases() []Case {
	covered := covers("createForwardMessage", "sendMessage", "MESSAGE_RECEIVED")
	forward := func(u *User, to string, m Value, more ...any) Value {
		return u.Create("createForwardMessage", to, m.Ref(), more...)
	}
	return []Case{
		{
			Name: "a forwarded message is a message of one's own with the same element", Covers: covered,
			Source: "messages.md §1.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				carol := s.Login("carol")
				original := alice.Say("bob", "pass it on")
				m := forward(bob, "carol", bob.Receives())
				m.Want("type", msgText).Want("payload.text", "pass it on").Want("from", "bob").Want("to", "carol").Want("status", "unSend").Want("flow", "out")
				if m.Get("random").Int() == original.Get("random").Int() {
					s.Failf("the forwarded message has the original's random")
				}
				bob.Send(m)
				carol.Receives().Want("from", "bob").Want("payload.text", "pass it on").Want("conversationID", "C2Cbob")
			},
		},
		{
			Name: "a forwarded message keeps the original's custom data", Covers: covered,
			Source: "messages.md §1.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				original := alice.Send(alice.Create("createFaceMessage", "bob", args{"index": 5, "data": "f"}, "cloudCustomData", "first"))
				bob.Receives()
				alice.Send(forward(alice, "bob", original))
				bob.Receives().Want("type", msgFace).Want("payload", args{"index": 5, "data": "f"}).Want("cloudCustomData", "first")
			},
		},
		{
			Name: "custom data that is given replaces the original's", Covers: covered,
			Source: "messages.md §1.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				original := alice.Send(alice.Create("createCustomMessage", "bob", args{"data": "d"}, "cloudCustomData", "first"))
				bob.Receives()
				alice.Send(forward(alice, "bob", original, "cloudCustomData", "second"))
				bob.Receives().Want("type", msgCustom).Want("payload.data", "d").Want("cloudCustomData", "second")
			},
		},
		{
			Name: "on the wire a forward is an ordinary send", Covers: covered,
			Source: "messages.md §1.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				original := alice.Say("bob", "again")
				alice.Send(forward(alice, "bob", original))
				bob.ReceivesTexts("again", "again")
				r := alice.request(protocol.CmdSendMsg)
				r.Want("MsgBody", []args{{"MsgType": msgText, "MsgContent": args{"Text": "again"}}}).Want("To_Account", "bob")
				if r.Get("MsgRandom").Int() == original.Get("random").Int() {
					s.Failf("both sends have the same random")
				}
			},
		},
		{
			Name: "an inline merger can be forwarded", Covers: covers("createForwardMessage", "createMergerMessage", "MESSAGE_RECEIVED"),
			Source: "messages.md §1.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				carol := s.Login("carol")
				alice.Send(alice.Create("createMergerMessage", "bob", merge([]Value{alice.Say("carol", "hi")})))
				carol.Receives()
				bob.Send(forward(bob, "carol", bob.Receives()))
				carol.Receives().Want("type", msgMerger).Want("payload.title", "talk").Want("payload.messageList.0.messageBody.0.payload.text", "hi").Want("from", "bob")
			},
		},
		{
			Name: "a merger by key can be forwarded, and downloaded by who got it", Covers: covers("createForwardMessage", "downloadMergerMessage", "MESSAGE_RECEIVED"),
			Source: "messages.md §1.3, §2.6", Run: func(s *Stage) {
				alice, bob := pair(s)
				carol := s.Login("carol")
				var list []Value
				for i := range 30 {
					list = append(list, alice.Say("alice", fmt.Sprintf("%d %s", i, strings.Repeat("lorem ", 50))))
				}
				alice.Send(alice.Create("createMergerMessage", "bob", merge(list)))
				bob.Send(forward(bob, "carol", bob.Receives()))
				m := carol.Receives()
				m.Want("type", msgMerger).Get("payload").WantSome("downloadKey")
				carol.Call("downloadMergerMessage", m.Ref()).Want("payload.messageList.#", 30)
			},
		},
		{
			Name: "a location can be forwarded", Covers: covers("createForwardMessage", "getMessageList", "MESSAGE_RECEIVED"),
			Skip: func(h port.Hello) string {
				if h.Name == "tim-js-sdk" && genuine(h) == "2.14" {
					return "2.14 refuses to send it with 2403"
				}
				return ""
			},
			Source: "messages.md §1.3", Run: func(s *Stage) {
				s.CreateUsers("bob")
				carol, alice := s.Login("carol"), s.Login("alice")
				alice.Say("bob", "to be replaced")
				s.Modify("alice", "bob", msgLocation, args{"Desc": "here", "Longitude": 113.93, "Latitude": 22.54})
				bob := s.Login("bob")
				bob.Send(forward(bob, "carol", bob.History("C2Calice")[0]))
				carol.Receives().Want("type", msgLocation).Want("payload", args{"description": "here", "longitude": 113.93, "latitude": 22.54})
			},
		},
		{
			Name: "createForwardMessage without a message throws", Covers: covers("createForwardMessage"),
			Source: "messages.md §1.2", Run: func(s *Stage) {
				alice, _ := pair(s)
				alice.Throws("createForwardMessage")
				alice.Throws("createForwardMessage", args{"to": "bob", "conversationType": convC2C})
			},
		},
	}
}
