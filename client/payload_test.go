package client

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

func TestPayloadsSurviveTheWire(t *testing.T) {
	cases := map[string]Payload{
		MsgText:   &TextPayload{Text: "a\"b<&>é\u2028"},
		MsgCustom: &CustomPayload{Data: "d", Description: "s", Extension: "e"},
		MsgFace:   &FacePayload{Index: 7, Data: "x"},
		MsgGeo:    &LocationPayload{Description: "d", Longitude: 113.5, Latitude: -22.25},
		MsgSound:  &SoundPayload{URL: "https://u", RemoteAudioURL: "https://u", UUID: "i", Second: 3, Size: 9, DownloadFlag: 2},
		MsgFile:   &FilePayload{DownloadFlag: 2, FileURL: "https://u", UUID: "i", FileName: "n", FileSize: 9},
		MsgVideo: &VideoPayload{
			RemoteVideoURL: "https://u", VideoURL: "https://u", VideoFormat: "mp4", VideoSecond: 2, VideoSize: 8,
			VideoDownloadFlag: 2, VideoUUID: "v", ThumbUUID: "t", ThumbFormat: "png", ThumbWidth: 1, ThumbHeight: 2,
			ThumbSize: 3, ThumbDownloadFlag: 2, ThumbURL: "https://t",
		},
		MsgMerger: &MergerPayload{
			MessageList: []MergerItem{{
				From: "a", MessageSender: "a", Time: 1, MessageSequence: 2, ClientSequence: 3, MessageRandom: 4,
				Nick: "n", Avatar: "h", ReceiverUserID: "b", MessageReceiver: "b",
				MessageBody: []MergerBody{{Type: MsgText, Payload: &TextPayload{Text: "x"}}},
			}},
			Title: "t", AbstractList: []string{"a"}, CompatibleText: "c",
		},
		"TIMOther": &RawPayload{JSON: json.RawMessage(`{"A":[1,2]}`)},
	}
	for msgType, p := range cases {
		wire := appendBody(nil, msgType, p)
		if !json.Valid(wire) {
			t.Errorf("%s: %s is no JSON", msgType, wire)
			continue
		}
		gotType, got := parseBody(gjson.ParseBytes(wire))
		if gotType != msgType || !reflect.DeepEqual(got, p) {
			t.Errorf("%s: got %s %+v, want %+v", msgType, gotType, got, p)
		}
	}
}

func TestMergerByKey(t *testing.T) {
	p := &MergerPayload{DownloadKey: "k", PbDownloadKey: "pb", Title: "t", AbstractList: []string{"a"}, CompatibleText: "c", number: 3}
	want := `{"PbMsgKey":"pb","JsonMsgKey":"k","Title":"t","AbstractList":["a"],"CompatibleText":"c","MsgNum":3}`
	if got := string(p.appendWire(nil)); got != want {
		t.Errorf("got %s", got)
	}
	got := parseMerger(gjson.Parse(want))
	if got.DownloadKey != "k" || len(got.MessageList) != 0 || got.Title != "t" {
		t.Errorf("got %+v", got)
	}
}

func TestImageVersions(t *testing.T) {
	p := &ImagePayload{ImageInfoArray: make([]ImageInfo, 3)}
	for i := range p.ImageInfoArray {
		p.ImageInfoArray[i].SizeType, p.ImageInfoArray[i].Type = i+1, i
	}
	p.uploaded("https://h/x", &File{Type: "image/png", Size: 8, Width: 640, Height: 480})
	// As the genuine 2.14.0 sent and showed a 640×480 image.
	wire := string(p.appendWire(nil))
	for _, part := range []string{
		`"ImageFormat":3`, `"Type":1,"MsgType":0,"Size":8,"Width":640,"Height":480,"URL":"https://h/x"`,
		`"Type":2,"MsgType":1,"Size":0,"Width":640,"Height":480,"URL":"https://h/x"`,
		`"Type":3,"MsgType":2,"Size":0,"Width":264,"Height":198,"URL":"https://h/x?imageView2/3/w/198/h/198"`,
	} {
		if !strings.Contains(wire, part) {
			t.Errorf("%s lacks %s", wire, part)
		}
	}
	got := parseImage(gjson.Parse(wire)).ImageInfoArray
	if got[1].SizeType != 3 || got[1].Type != 1 || got[1].Width != 264 || got[2].SizeType != 2 || got[2].Width != 640 {
		t.Errorf("shown %+v", got)
	}
}
