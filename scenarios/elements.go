package scenarios

import (
	"github.com/imsim/imsim/protocol"
)

// Message types of the reference API.
const (
	msgCustom   = "TIMCustomElem"
	msgFace     = "TIMFaceElem"
	msgImage    = "TIMImageElem"
	msgSound    = "TIMSoundElem"
	msgVideo    = "TIMVideoFileElem"
	msgFile     = "TIMFileElem"
	msgLocation = "TIMLocationElem"
	msgMerger   = "TIMRelayElem"
)

// atAll mentions everybody; the reference SDK spells it so.
const atAll = "__kImSDK_MesssageAtALL__"

func createElementCases() []Case {
	var list []Case
	add := func(name, source string, covered []string, run func(*Stage, *User)) {
		list = append(list, Case{Name: name, Covers: covered, Source: source, Run: func(s *Stage) { run(s, s.Login("alice")) }})
	}
	// Each create method takes the common options alike.
	for _, kind := range []struct {
		api, msgType string
		payload      any
	}{
		{"createCustomMessage", msgCustom, args{"data": "d", "description": "i", "extension": "e"}},
		{"createFaceMessage", msgFace, args{"index": 3, "data": "smile"}},
		{"createTextAtMessage", msgText, args{"text": "@bob hi", "atUserList": []string{"bob"}}},
	} {
		add(kind.api+" returns an unsent message with the documented defaults", "messages.md §1.1, §1.3", covers(kind.api), func(s *Stage, u *User) {
			m := u.Create(kind.api, "bob", kind.payload)
			m.Want("type", kind.msgType).Want("conversationID", "C2Cbob").Want("conversationType", convC2C)
			m.Want("from", "alice").Want("to", "bob").Want("flow", "out").Want("status", "unSend").Want("priority", "Normal")
			m.Want("isRead", true).Want("isPeerRead", false).Want("isRevoked", false).Want("isDeleted", false).Want("isModified", false)
			m.Want("cloudCustomData", "").WantSome("ID").WantSome("time").WantSome("sequence").WantSome("random")
		})
		add(kind.api+" takes priority and cloudCustomData", "messages.md §1.1", covers(kind.api), func(s *Stage, u *User) {
			m := u.Create(kind.api, "bob", kind.payload, "priority", "Lowest", "cloudCustomData", "extra")
			m.Want("priority", "Lowest").Want("cloudCustomData", "extra")
		})
		add(kind.api+" throws when a common option is missing or of the wrong type", "api.md §1, messages.md §1.2", covers(kind.api), func(s *Stage, u *User) {
			u.Throws(kind.api)
			u.Throws(kind.api, options("", kind.payload))
			u.Throws(kind.api, options("bob", args{}))
			u.Throws(kind.api, args{"to": "bob", "payload": kind.payload})
			u.Throws(kind.api, args{"to": "bob", "conversationType": convC2C})
			u.Throws(kind.api, args{"to": 7, "conversationType": convC2C, "payload": kind.payload})
		})
	}
	list = append(list, locationCase())
	for _, priority := range []string{"High", "Normal", "Low", "Lowest"} {
		add("priority "+priority+" is taken over", "messages.md §1.1", covers("createTextMessage"), func(s *Stage, u *User) {
			u.Create("createTextMessage", "bob", args{"text": "x"}, "priority", priority).Want("priority", priority)
		})
	}
	add("a text-at message keeps whom it mentions, everybody too", "messages.md §1.1", covers("createTextAtMessage"), func(s *Stage, u *User) {
		m := u.Create("createTextAtMessage", "bob", args{"text": "@all", "atUserList": []string{"bob", atAll}})
		m.Want("atUserList", []string{"bob", atAll}).Want("payload.text", "@all")
	})
	add("a text-at message throws without a text", "api.md §1", covers("createTextAtMessage"), func(s *Stage, u *User) {
		u.Throws("createTextAtMessage", options("bob", args{"text": "", "atUserList": []string{"bob"}}))
		u.Throws("createTextAtMessage", options("bob", args{"atUserList": []string{"bob"}}))
		u.Throws("createTextAtMessage", options("bob", args{"text": 5}))
	})
	add("parts of a custom message that are not given are empty", "messages.md §1.3", covers("createCustomMessage"), func(s *Stage, u *User) {
		m := u.Create("createCustomMessage", "bob", args{"data": "only"})
		m.Want("payload", args{"data": "only", "description": "", "extension": ""})
	})
	add("a custom message throws when a part is no string", "messages.md §1.2", covers("createCustomMessage"), func(s *Stage, u *User) {
		u.Throws("createCustomMessage", options("bob", args{"data": 1}))
		u.Throws("createCustomMessage", options("bob", args{"data": "x", "description": 1}))
		u.Throws("createCustomMessage", options("bob", args{"data": "x", "extension": args{}}))
	})
	add("a custom message that says nothing is refused with 2403 when sent", "messages.md §1.2", covers("createCustomMessage", "sendMessage"), func(s *Stage, u *User) {
		m := u.Create("createCustomMessage", "alice", args{"data": "", "description": "", "extension": ""})
		u.Fails(2403, "sendMessage", m.Ref())
		u.WantSent(protocol.CmdSendMsg, 0)
	})
	add("a face message throws without an index or with data that is no string", "messages.md §1.2", covers("createFaceMessage"), func(s *Stage, u *User) {
		u.Throws("createFaceMessage", options("bob", args{"data": "x"}))
		u.Throws("createFaceMessage", options("bob", args{"index": "1", "data": "x"}))
		u.Throws("createFaceMessage", options("bob", args{"index": 1, "data": 2}))
	})
	add("a face of index 0 is one", "messages.md §1.3", covers("createFaceMessage"), func(s *Stage, u *User) {
		u.Create("createFaceMessage", "bob", args{"index": 0, "data": "zero"}).Want("payload", args{"index": 0, "data": "zero"})
	})
	return list
}

func sendElementCases() []Case {
	var list []Case
	add := func(name, source string, covered []string, run func(s *Stage, alice, bob *User)) {
		list = append(list, Case{Name: name, Covers: covered, Source: source, Run: func(s *Stage) {
			alice, bob := pair(s)
			run(s, alice, bob)
		}})
	}
	for _, kind := range []struct {
		name, api, msgType string
		payload            any
	}{
		{"custom message", "createCustomMessage", msgCustom, args{"data": `{"a":1}`, "description": "说明", "extension": "ext"}},
		{"face", "createFaceMessage", msgFace, args{"index": 7, "data": "smile"}},
	} {
		add("a "+kind.name+" arrives with its payload", "messages.md §1.3", covers(kind.api, "sendMessage", "MESSAGE_RECEIVED"), func(s *Stage, alice, bob *User) {
			sent := alice.Send(alice.Create(kind.api, "bob", kind.payload, "cloudCustomData", "extra"))
			sent.Want("status", "success").Want("payload", kind.payload)
			m := bob.Receives()
			m.Want("type", kind.msgType).Want("payload", kind.payload).Want("cloudCustomData", "extra").Want("flow", "in")
			bob.Conversation("C2Calice").Want("lastMessage.type", kind.msgType).Want("lastMessage.payload", kind.payload).
				Want("lastMessage.cloudCustomData", "extra")
		})
		add("a "+kind.name+" is the same in the history", "messages.md §5.2", covers(kind.api, "getMessageList"), func(s *Stage, alice, bob *User) {
			s.CreateUsers("carl")
			alice.Send(alice.Create(kind.api, "carl", kind.payload, "cloudCustomData", "extra"))
			carl := s.Login("carl")
			carl.page("C2Calice", "").Get("messageList.0").Want("type", kind.msgType).Want("payload", kind.payload).
				Want("cloudCustomData", "extra").Want("flow", "in").Want("status", "success")
		})
		add("a refused "+kind.name+" is failed and can be sent again", "messages.md §2.3, §2.4", covers(kind.api, "sendMessage", "resendMessage"), func(s *Stage, alice, bob *User) {
			m := alice.Create(kind.api, "bob", kind.payload)
			s.RefuseOnce("alice", protocol.CmdSendMsg, 20006)
			alice.Fails(20006, "sendMessage", m.Ref())
			alice.read(m).Want("status", "fail")
			alice.Call("resendMessage", m.Ref()).Want("message.status", "success").Want("message.isResend", true)
			bob.Receives().Want("payload", kind.payload)
		})
	}
	add("a text-at message to a user arrives as a text", "messages.md §2.2", covers("createTextAtMessage", "sendMessage", "MESSAGE_RECEIVED"), func(s *Stage, alice, bob *User) {
		alice.Send(alice.Create("createTextAtMessage", "bob", args{"text": "@bob hi", "atUserList": []string{"bob"}}))
		bob.Receives().Want("type", msgText).Want("payload.text", "@bob hi").Want("atUserList", []string{})
	})
	add("elements are on the wire as the reference has them", "messages.md §1.3", covers("createTextMessage", "createCustomMessage", "createFaceMessage", "sendMessage"), func(s *Stage, alice, bob *User) {
		alice.Say("bob", "hello")
		alice.request(protocol.CmdSendMsg).Want("MsgBody", []args{{"MsgType": msgText, "MsgContent": args{"Text": "hello"}}})
		alice.Send(alice.Create("createCustomMessage", "bob", args{"data": "d", "extension": "e"}))
		alice.request(protocol.CmdSendMsg).Want("MsgBody", []args{{"MsgType": msgCustom, "MsgContent": args{"Data": "d", "Desc": "", "Ext": "e"}}})
		alice.Send(alice.Create("createFaceMessage", "bob", args{"index": 2, "data": "f"}))
		alice.request(protocol.CmdSendMsg).Want("MsgBody", []args{{"MsgType": msgFace, "MsgContent": args{"Index": 2, "Data": "f"}}})
	})
	add("a send names the parties, the sequence, the random and the custom data", "messages.md §2.1", covers("sendMessage"), func(s *Stage, alice, bob *User) {
		m := alice.Send(alice.Create("createTextMessage", "bob", args{"text": "x"}, "cloudCustomData", "extra"))
		r := alice.request(protocol.CmdSendMsg)
		r.Want("From_Account", "alice").Want("To_Account", "bob").Want("CloudCustomData", "extra")
		r.Want("MsgSeq", m.Get("sequence").Int()).Want("MsgRandom", m.Get("random").Int())
		r.Absent("MsgLifeTime")
	})
	return append(list, pushInfoCases()...)
}

func pushInfoCases() []Case {
	info := func(name string, given any, want ...any) Case {
		return Case{
			Name: name, Covers: covers("sendMessage"), Source: "messages.md §2.1",
			Run: func(s *Stage) {
				alice, bob := pair(s)
				m := alice.Text("bob", "x")
				if given == nil {
					alice.Send(m)
				} else {
					alice.Send(m, given)
				}
				r := alice.request(protocol.CmdSendMsg)
				for i := 0; i+1 < len(want); i += 2 {
					r.Want("OfflinePushInfo."+want[i].(string), want[i+1])
				}
				bob.ReceivesTexts("x")
			},
		}
	}
	push := func(o args) any { return args{"offlinePushInfo": o} }
	return []Case{
		info("without options the offline push is on and says nothing", nil,
			"PushFlag", 0, "Title", "", "Desc", "", "Ext", "", "ApnsInfo.BadgeMode", 0, "AndroidInfo.OPPOChannelID", ""),
		info("title, description and extension of the offline push are sent along",
			push(args{"title": "t", "description": "d", "extension": "e"}), "PushFlag", 0, "Title", "t", "Desc", "d", "Ext", "e"),
		info("disablePush turns the offline push off", push(args{"disablePush": true}), "PushFlag", 1),
		info("ignoreIOSBadge and androidOPPOChannelID are sent along",
			push(args{"ignoreIOSBadge": true, "androidOPPOChannelID": "ch"}), "ApnsInfo.BadgeMode", 1, "AndroidInfo.OPPOChannelID", "ch"),
		info("an online-only message has no offline push", args{"onlineUserOnly": true}, "PushFlag", 1),
	}
}

// receivedElementCases put elements into a message at the server: what a port
// cannot create on every platform it must still show.
func receivedElementCases() []Case {
	shown := func(name, msgType string, content any, want ...any) Case {
		return Case{
			Name: name + " has the documented payload where it is received", Covers: covers("getMessageList", "login"),
			Source: "messages.md §1.3", Run: func(s *Stage) {
				s.CreateUsers("bob")
				s.Login("alice").Say("bob", "to be replaced")
				s.Modify("alice", "bob", msgType, content)
				bob := s.Login("bob")
				m := bob.page("C2Calice", "").Get("messageList.0").Want("type", msgType)
				last := bob.Conversation("C2Calice").Want("lastMessage.type", msgType)
				for i := 0; i+1 < len(want); i += 2 {
					if path := want[i].(string); path == "messageForShow" {
						last.Want("lastMessage."+path, want[i+1])
					} else {
						m.Want("payload."+path, want[i+1])
					}
				}
			},
		}
	}
	picture := func(kind, size int) args {
		return args{"Type": kind, "Size": 1000, "Width": size, "Height": size, "URL": "https://example.com/a.png"}
	}
	return []Case{
		shown("a text", msgText, args{"Text": "hi"}, "text", "hi", "messageForShow", "hi"),
		shown("a custom message", msgCustom, args{"Data": "d", "Desc": "i", "Ext": "e"},
			"data", "d", "description", "i", "extension", "e", "messageForShow", "[自定义消息]"),
		shown("a face", msgFace, args{"Index": 4, "Data": "f"}, "index", 4, "data", "f", "messageForShow", "[动画表情]"),
		shown("a location", msgLocation, args{"Desc": "here", "Longitude": 113.93, "Latitude": 22.54},
			"description", "here", "longitude", 113.93, "latitude", 22.54, "messageForShow", "[位置]"),
		shown("an image", msgImage, args{"UUID": "u1", "ImageFormat": 3, "ImageInfoArray": []args{picture(1, 1000), picture(2, 720), picture(3, 198)}},
			"uuid", "u1", "imageFormat", 3, "imageInfoArray.#", 3, "imageInfoArray.0.sizeType", 1, "imageInfoArray.0.width", 1000,
			"imageInfoArray.0.height", 1000, "imageInfoArray.0.url", "https://example.com/a.png",
			"imageInfoArray.0.imageUrl", "https://example.com/a.png", "imageInfoArray.1.width", 198, "imageInfoArray.2.width", 720,
			"messageForShow", "[图片]"),
		shown("a sound", msgSound, args{"UUID": "u2", "Url": "https://example.com/a.mp3", "Size": 10, "Second": 3, "Download_Flag": 2},
			"uuid", "u2", "url", "https://example.com/a.mp3", "remoteAudioUrl", "https://example.com/a.mp3", "size", 10, "second", 3,
			"downloadFlag", 2, "messageForShow", "[语音]"),
		shown("a file", msgFile, args{"UUID": "u3", "Url": "https://example.com/a.txt", "FileName": "a.txt", "FileSize": 11, "Download_Flag": 2},
			"uuid", "u3", "fileUrl", "https://example.com/a.txt", "fileName", "a.txt", "fileSize", 11, "downloadFlag", 2,
			"messageForShow", "[文件]"),
		shown("a video", msgVideo, args{
			"VideoUrl": "https://example.com/v.mp4", "VideoUUID": "u4", "VideoFormat": "mp4", "VideoSecond": 5, "VideoSize": 12, "VideoDownloadFlag": 2,
			"ThumbUrl": "https://example.com/t.png", "ThumbUUID": "u5", "ThumbFormat": "PNG", "ThumbSize": 6, "ThumbWidth": 20, "ThumbHeight": 10, "ThumbDownloadFlag": 2,
		}, "videoUUID", "u4", "videoUrl", "https://example.com/v.mp4", "remoteVideoUrl", "https://example.com/v.mp4", "videoFormat", "mp4",
			"videoSecond", 5, "videoSize", 12, "thumbUUID", "u5", "thumbUrl", "https://example.com/t.png", "thumbWidth", 20, "thumbHeight", 10,
			"messageForShow", "[视频]"),
		shown("an inline merger", msgMerger, args{
			"JsonMsgKey": "", "PbMsgKey": "", "Title": "talk", "AbstractList": []string{"a: hi"}, "CompatibleText": "old", "Version": 0,
			"LayersOverLimit": false, "MsgList": []args{{
				"From_Account": "carol", "To_Account": "dan", "MsgTimeStamp": 1700000000, "MsgSeq": 5, "ClientSeq": 5, "MsgRandom": 6,
				"CloudCustomData": "cc", "From_AccountNick": "Carol", "From_AccountHeadurl": "face",
				"MsgBody": []args{{"MsgType": msgText, "MsgContent": args{"Text": "hi"}}},
			}},
		}, "title", "talk", "abstractList", []string{"a: hi"}, "compatibleText", "old", "downloadKey", "", "messageList.#", 1,
			"messageList.0.from", "carol", "messageList.0.nick", "Carol", "messageList.0.avatar", "face", "messageList.0.time", 1700000000,
			"messageList.0.messageBody.0.type", msgText, "messageList.0.messageBody.0.payload.text", "hi", "messageForShow", "[聊天记录]"),
	}
}
