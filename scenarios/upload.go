package scenarios

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"image"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol"
)

// file is a File argument with that content.
func file(name, mimeType string, content []byte) any {
	return args{"$file": args{"name": name, "type": mimeType, "base64": base64.StdEncoding.EncodeToString(content)}}
}

// zeros is a File argument of that many zero bytes.
func zeros(name, mimeType string, size int) any {
	return args{"$file": args{"name": name, "type": mimeType, "size": size}}
}

func with(f any) args { return args{"file": f} }

// picture is a PNG of 20 × 10.
func picture() []byte { return pictureOf(20, 10) }

func pictureOf(width, height int) []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))) // a buffer takes everything
	return b.Bytes()
}

type imageFormat struct {
	name    string
	number  int // imageFormat of the payload
	content []byte
}

// pictures are images of 20 × 10 in all formats that may be sent.
func pictures() []imageFormat {
	whole := image.NewPaletted(image.Rect(0, 0, 20, 10), palette.WebSafe)
	var jpg, animated bytes.Buffer
	_ = jpeg.Encode(&jpg, whole, nil) // a buffer takes everything
	_ = gif.Encode(&animated, whole, nil)
	bmp := append([]byte("BM"), make([]byte, 52+20*10*3)...)
	for at, n := range map[int]uint32{2: uint32(len(bmp)), 10: 54, 14: 40, 18: 20, 22: 10, 26: 1 | 24<<16} {
		binary.LittleEndian.PutUint32(bmp[at:], n)
	}
	return []imageFormat{{"jpeg", 1, jpg.Bytes()}, {"gif", 2, animated.Bytes()}, {"png", 3, picture()}, {"bmp", 4, bmp}}
}

func uploadCases() []Case {
	files, upload := []string{port.CapFiles}, []string{port.CapFiles, port.CapUpload}
	var list []Case
	add := func(name, source string, needs, covered []string, run func(s *Stage, alice, bob *User)) {
		list = append(list, Case{Name: name, Needs: needs, Covers: covered, Source: source, Run: func(s *Stage) {
			alice, bob := pair(s)
			run(s, alice, bob)
		}})
	}
	kinds := []struct {
		api, msgType, name, mimeType string
		fileType                     int
	}{
		{"createImageMessage", msgImage, "a.png", "image/png", 1},
		{"createVideoMessage", msgVideo, "a.mp4", "video/mp4", 2},
		{"createFileMessage", msgFile, "a.txt", "text/plain", 255},
	}
	for _, kind := range kinds {
		add(kind.api+" returns an unsent message, nothing uploaded", "api.md §1", files, covers(kind.api), func(s *Stage, alice, _ *User) {
			m := alice.Create(kind.api, "bob", with(file(kind.name, kind.mimeType, []byte("content"))), "cloudCustomData", "extra")
			m.Want("type", kind.msgType).Want("status", "unSend").Want("flow", "out").Want("from", "alice").Want("to", "bob").
				Want("conversationID", "C2Cbob").Want("cloudCustomData", "extra").WantSome("ID")
			alice.WantSent(protocol.CmdPreSig, 0)
		})
		add(kind.api+" throws without a file", "messages.md §1.2", files, covers(kind.api), func(s *Stage, alice, _ *User) {
			alice.Throws(kind.api, options("bob", args{}))
			alice.Throws(kind.api, options("bob", with(nil)))
			alice.Throws(kind.api, args{"to": "bob", "conversationType": convC2C})
			alice.Throws(kind.api, options("", with(file(kind.name, kind.mimeType, []byte("x")))))
		})
		add(kind.api+": the upload asks for a place by type, once", "messages.md §1.4", upload, covers(kind.api, "sendMessage"), func(s *Stage, alice, bob *User) {
			alice.Send(alice.Create(kind.api, "bob", with(file(kind.name, kind.mimeType, picture()))))
			bob.Receives().Want("type", kind.msgType)
			alice.WantSent(protocol.CmdPreSig, 1)
			alice.request(protocol.CmdPreSig).Want("file_type", kind.fileType).WantSome("file_name")
		})
		add(kind.api+": a place that is refused twice fails the message", "messages.md §1.2, session.md §12", upload, covers(kind.api, "sendMessage"), func(s *Stage, alice, bob *User) {
			m := alice.Create(kind.api, "bob", with(file(kind.name, kind.mimeType, picture())))
			s.Fault(fakeserver.Fault{UserID: "alice", ErrorReplies: map[string]int{protocol.CmdPreSig: 20004}})
			code := 2041
			if kind.msgType == msgVideo {
				code = 2350
			}
			failed := alice.Fails(code, "sendMessage", m.Ref())
			alice.value(failed.Data, "error.data").Want("message.status", "fail")
			alice.read(m).Want("status", "fail")
			alice.WantSent(protocol.CmdSendMsg, 0)
			bob.Never("MESSAGE_RECEIVED")
		})
	}
	add("an image arrives with its size, format and content", "messages.md §1.3, session.md §12", upload, covers("createImageMessage", "sendMessage", "MESSAGE_RECEIVED"), func(s *Stage, alice, bob *User) {
		alice.Send(alice.Create("createImageMessage", "bob", with(file("a.png", "image/png", picture())))).Want("status", "success")
		m := bob.Receives().Want("type", msgImage)
		p := m.Get("payload").Want("imageFormat", 3).WantSome("uuid").Want("imageInfoArray.#", 3)
		p.Want("imageInfoArray.0.width", 20).Want("imageInfoArray.0.height", 10).Want("imageInfoArray.0.size", len(picture()))
		s.WantContent(p.Get("imageInfoArray.0.url").Str, picture())
		bob.Conversation("C2Calice").Want("lastMessage.messageForShow", "[图片]")
	})
	add("an image is served in the three sizes that the message tells", "messages.md §1.3, session.md §12", upload, covers("createImageMessage", "MESSAGE_RECEIVED"), func(s *Stage, alice, bob *User) {
		photo := pictureOf(1100, 800)
		sent := alice.Send(alice.Create("createImageMessage", "bob", with(file("a.png", "image/png", photo)))).Want("status", "success")
		sent.Want("payload.imageInfoArray.#.width", []int{1100, 273, 990}).Want("payload.imageInfoArray.#.type", []int{0, 1, 2})
		sent.Want("payload.imageInfoArray.#.sizeType", []int{1, 3, 2})
		p := bob.Receives().Get("payload")
		for i, size := range []image.Point{{1100, 800}, {273, 198}, {990, 720}} {
			info := p.Get(fmt.Sprintf("imageInfoArray.%d", i)).Want("width", size.X).Want("height", size.Y)
			served := s.content(info.Get("imageUrl").Str)
			config, format, err := image.DecodeConfig(bytes.NewReader(served))
			s.Must(err, "read an image that is served")
			if config.Width != size.X || config.Height != size.Y || format != "png" {
				s.Failf("%s serves a %s of %d×%d pixels, want png and %v", info.Get("imageUrl").Str, format, config.Width, config.Height, size)
			}
		}
	})
	for _, format := range pictures() {
		add("an image/"+format.name+" is measured", "messages.md §1.3", upload, covers("createImageMessage", "sendMessage"), func(s *Stage, alice, bob *User) {
			alice.Send(alice.Create("createImageMessage", "bob", with(file("a."+format.name, "image/"+format.name, format.content))))
			bob.Receives().Get("payload").Want("imageFormat", format.number).
				Want("imageInfoArray.0.width", 20).Want("imageInfoArray.0.height", 10)
		})
	}
	add("a file arrives with its name, size and content", "messages.md §1.3", upload, covers("createFileMessage", "sendMessage", "MESSAGE_RECEIVED"), func(s *Stage, alice, bob *User) {
		content := []byte("the quick brown fox\x00\xff")
		alice.Send(alice.Create("createFileMessage", "bob", with(file("Füchse 1.txt", "text/plain", content))))
		p := bob.Receives().Want("type", msgFile).Get("payload")
		p.Want("fileName", "Füchse 1.txt").Want("fileSize", len(content)).WantSome("uuid")
		s.WantContent(p.Get("fileUrl").Str, content)
		bob.Conversation("C2Calice").Want("lastMessage.messageForShow", "[文件]")
	})
	add("a video arrives with its format, size and content", "messages.md §1.3", upload, covers("createVideoMessage", "sendMessage", "MESSAGE_RECEIVED"), func(s *Stage, alice, bob *User) {
		content := []byte("no film at all")
		alice.Send(alice.Create("createVideoMessage", "bob", with(file("a.mp4", "video/mp4", content))))
		p := bob.Receives().Want("type", msgVideo).Get("payload")
		p.Want("videoSize", len(content)).Want("videoFormat", "mp4").WantSome("videoUUID")
		s.WantContent(p.Get("remoteVideoUrl").Str, content)
		bob.Conversation("C2Calice").Want("lastMessage.messageForShow", "[视频]")
	})
	add("media is the same in the history of a later login", "messages.md §5.2", upload, covers("createFileMessage", "createImageMessage", "getMessageList"), func(s *Stage, alice, bob *User) {
		alice.Send(alice.Create("createFileMessage", "bob", with(file("a.txt", "text/plain", []byte("x")))))
		url := bob.Receives().Get("payload.fileUrl").Str
		bob.Call("logout")
		s.Login("bob").History("C2Calice")[0].Want("type", msgFile).Want("payload.fileName", "a.txt").Want("payload.fileUrl", url)
	})
	add("a forwarded file is not uploaded again", "messages.md §1.3", upload, covers("createForwardMessage", "createFileMessage"), func(s *Stage, alice, bob *User) {
		alice.Send(alice.Create("createFileMessage", "bob", with(file("a.txt", "text/plain", []byte("once")))))
		m := bob.Receives()
		bob.Send(bob.Create("createForwardMessage", "alice", m.Ref()))
		got := alice.Receives().Want("type", msgFile).Want("payload.fileName", "a.txt")
		bob.WantSent(protocol.CmdPreSig, 0)
		s.WantContent(got.Get("payload.fileUrl").Str, []byte("once"))
	})
	add("a failed upload can be sent again", "messages.md §2.4", upload, covers("createFileMessage", "resendMessage"), func(s *Stage, alice, bob *User) {
		m := alice.Create("createFileMessage", "bob", with(file("a.txt", "text/plain", []byte("x"))))
		s.Fault(fakeserver.Fault{UserID: "alice", ErrorReplies: map[string]int{protocol.CmdPreSig: 20004}, Count: 2})
		alice.Fails(2041, "sendMessage", m.Ref())
		alice.Call("resendMessage", m.Ref()).Want("message.status", "success")
		bob.Receives().Want("payload.fileName", "a.txt")
	})
	list = append(list, Case{
		Name: "onProgress is told of the upload, 1 at its end", Needs: append(slices.Clone(upload), port.CapCallbacks), Covers: covers("createFileMessage", "sendMessage"),
		Source: "session.md §12", Run: func(s *Stage) {
			alice, bob := pair(s)
			mark := alice.inst.Stream().Len()
			alice.Send(alice.Create("createFileMessage", "bob", with(file("a.txt", "text/plain", []byte("x"))), "onProgress", fn("progress")))
			bob.Receives()
			var last Value
			for _, r := range alice.inst.Stream().Since(mark) {
				if r.Kind == port.RecordCallback && r.Name == "progress" {
					last = alice.value(r.Data, "onProgress's arguments")
				}
			}
			if last.stage == nil {
				s.Failf("onProgress was never called")
			}
			last.Want("0", 1)
		},
	}, Case{
		Name: "a file that the store refuses fails with 2400", Needs: upload, Covers: covers("createFileMessage", "sendMessage"), Level: Extended,
		Server: func(o *fakeserver.Options) { o.MaxFile = 1000 }, Source: "session.md §12", Run: func(s *Stage) {
			alice, bob := pair(s)
			m := alice.Create("createFileMessage", "bob", with(zeros("a.bin", "", 1001)))
			alice.Fails(2400, "sendMessage", m.Ref())
			alice.read(m).Want("status", "fail")
			alice.WantSent(protocol.CmdPreSig, 1)
			bob.Never("MESSAGE_RECEIVED")
			alice.Send(alice.Create("createFileMessage", "bob", with(zeros("a.bin", "", 1000))))
			bob.Receives()
		},
	})
	// Checks that the SDK makes itself, when the message is sent.
	for _, check := range []struct {
		name, api string
		file      any
		code      int
	}{
		{"an image that is none is refused with 2252", "createImageMessage", file("a.txt", "text/plain", []byte("x")), 2252},
		{"an image of 20 MB is refused with 2253", "createImageMessage", zeros("a.png", "image/png", 20<<20), 2253},
		{"an empty image is refused with 2108", "createImageMessage", file("a.png", "image/png", nil), 2108},
		{"an empty file is refused with 2108", "createFileMessage", file("a.txt", "text/plain", nil), 2108},
		{"a file over 100 MB is refused with 2402", "createFileMessage", zeros("a.bin", "", 100<<20+1), 2402},
		{"a video that is no mp4 is refused with 2352", "createVideoMessage", file("a.avi", "video/avi", []byte("x")), 2352},
		{"a video over 100 MB is refused with 2351", "createVideoMessage", zeros("a.mp4", "video/mp4", 100<<20+1), 2351},
	} {
		add(check.name+", without a request", "messages.md §1.2", files, covers(check.api, "sendMessage"), func(s *Stage, alice, bob *User) {
			m := alice.Create(check.api, "bob", with(check.file))
			failed := alice.Fails(check.code, "sendMessage", m.Ref())
			alice.value(failed.Data, "error.data").Want("message.status", "fail")
			alice.WantSent(protocol.CmdPreSig, 0)
			alice.WantSent(protocol.CmdSendMsg, 0)
		})
	}
	return append(list, Case{
		Name: "createAudioMessage returns nothing outside mini programs in 2.14; later versions send audio", Needs: upload,
		Covers: covers("createAudioMessage", "sendMessage"), Source: "messages.md §1.3, session.md §12", Run: func(s *Stage) {
			alice, bob := pair(s)
			m := alice.Create("createAudioMessage", "bob", with(file("a.mp3", "audio/mpeg", []byte("la la"))))
			if !m.Exists() && genuine(s.hello) == "2.14" {
				return
			}
			alice.Send(m)
			p := bob.Receives().Want("type", msgSound).Get("payload").Want("size", 5).WantSome("uuid")
			s.WantContent(p.Get("url").Str, []byte("la la"))
			bob.Conversation("C2Calice").Want("lastMessage.messageForShow", "[语音]")
		},
	})
}

// content is what a media URL serves. 2.14 makes every URL https, so the scheme
// is not looked at.
func (s *Stage) content(url string) []byte {
	_, rest, found := strings.Cut(url, "://")
	if !found {
		s.Failf("%q is no URL", url)
	}
	got, err := s.get("http://" + rest)
	s.Must(err, "get an uploaded file")
	return got
}

// WantContent checks what a media URL serves.
func (s *Stage) WantContent(url string, want []byte) {
	if got := s.content(url); !bytes.Equal(got, want) {
		s.Failf("%s serves %d bytes, want the %d that were uploaded", url, len(got), len(want))
	}
}
