package backend

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// sender is a world in which alice writes to bob, both online: frame makes the
// request that sends her n-th message, a short text of SDK 2.14.
func sender() (w *World, at time.Time, frame func(n int) []byte) {
	w = New(1400000000, Config{})
	at = time.Unix(1700000000, 0)
	var a2, tiny string
	for i, user := range []string{"alice", "bob"} {
		w.Connect(at, Conn(i+1), ConnInfo{InstanceID: user})
		w.Receive(at, Conn(i+1), fmt.Appendf(nil,
			`{"head":{"servcmd":"im_open_status.wslogin","seq":1,"identifier":%q,"usersig":"x"},"body":{}}`, user))
		s := w.accounts[user].sessions[0]
		if i == 0 {
			a2, tiny = s.a2, s.user.tiny
		}
	}
	return w, at, func(n int) []byte {
		return fmt.Appendf(nil, `{"head":{"ver":"v4","platform":7,"websdkappid":537048168,"websdkversion":"1.7.3","a2":%q,"tinyid":%q,`+
			`"status_instid":1,"sdkappid":1400000000,"contenttype":"json","reqtime":1700000000,"servcmd":"openim.sendmsg","seq":%d,"sdkability":2,"tjgID":""},`+
			`"body":{"From_Account":"alice","To_Account":"bob","MsgTimeStamp":1700000000,"MsgSeq":%d,"MsgRandom":%d,`+
			`"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":%q}}],"CloudCustomData":"","From_AccountNick":"","From_AccountHeadurl":"",`+
			`"OfflinePushInfo":{"PushFlag":0,"Title":"","Desc":"","Ext":"","ApnsInfo":{"BadgeMode":0},"AndroidInfo":{"OPPOChannelID":""}}}}`,
			a2, tiny, n, n, n*7919%4294967291, strings.Repeat("x", 20))
	}
}

// BenchmarkSendC2C is a message without a network: parsed, checked, stored,
// answered and pushed.
func BenchmarkSendC2C(b *testing.B) {
	w, at, frame := sender()
	frames := make([][]byte, 1<<12)
	for i := range frames {
		frames[i] = frame(i + 1)
	}
	b.SetBytes(int64(len(frames[0])))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if n == len(frames) { // what is stored is let go, so that the heap stays
			n = 0
			b.StopTimer()
			w.chats = map[chatKey]*chat{}
			w.accounts["alice"].inbox, w.accounts["bob"].inbox = inbox{}, inbox{}
			b.StartTimer()
		}
		if effects := w.Receive(at, 1, frames[n]); len(effects) != 2 {
			b.Fatalf("%d effects: %s", len(effects), effects[0].Frame)
		}
		n++
	}
}

// BenchmarkHistory is the same with all of the history kept, and the heap that
// a stored message takes: in the chat, in the index of sends, in both inboxes.
func BenchmarkHistory(b *testing.B) {
	w, at, frame := sender()
	heap := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	before := heap()
	stored := 0
	for b.Loop() {
		stored++
		if effects := w.Receive(at, 1, frame(stored)); len(effects) != 2 {
			b.Fatalf("%d effects: %s", len(effects), effects[0].Frame)
		}
	}
	b.StopTimer()
	b.ReportMetric((heap()-before)/float64(stored), "heapB/message")
	if n := len(w.Messages("alice", "bob")); n != stored {
		b.Fatalf("%d messages are kept, %d were sent", n, stored)
	}
}
