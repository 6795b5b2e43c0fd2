package bench

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/protocol"
)

// TestLiveRoomOf2000 counts that every message of a live room reaches every
// member, once and in order.
func TestLiveRoomOf2000(t *testing.T) {
	members, messages := 2000, 50
	if raceDetector { // which takes minutes for them
		members = 100
	}
	srv := fakeserver.Run(t)
	for name, dial := range map[string]Dial{"TCP": DialTCP(srv.Addr()), "memory": fakeserver.Run(t).Dial} {
		t.Run(name, func(t *testing.T) {
			tally, err := fanout(t.Context(), imsimGroup{protocol.GroupAVChatRoom}, dial, Fanout{Members: members, InFlight: 8, Messages: messages})
			if err != nil || tally.Delivered != members*messages {
				t.Fatalf("%+v, %v", tally, err)
			}
			t.Logf("%d deliveries in %v", tally.Delivered, tally.Elapsed)
		})
	}
}

func TestEveryDeliveryIsCounted(t *testing.T) {
	relay, err := startRelay()
	if err != nil {
		t.Fatal(err)
	}
	defer relay.close()
	for name, c := range map[string]struct {
		dialect groupDialect
		dial    Dial
	}{
		"relay": {relayGroup{}, DialTCP(relay.addr)}, "meeting": {imsimGroup{protocol.GroupMeeting}, fakeserver.Run(t).Dial},
		"public": {imsimGroup{protocol.GroupPublic}, fakeserver.Run(t).Dial},
	} {
		tally, err := fanout(t.Context(), c.dialect, c.dial, Fanout{Members: 20, InFlight: 8, Messages: 100})
		if err != nil || tally.Delivered != 2000 {
			t.Errorf("%s: %+v, %v", name, tally, err)
		}
	}
}

func TestFaultyFanoutsAreVoid(t *testing.T) {
	defer func(was time.Duration) { drainTime = was }(drainTime)
	drainTime = time.Second / 2
	for _, c := range []struct {
		name  string
		fault fakeserver.Fault
		want  string
	}{
		{"doubled", fakeserver.Fault{DoublePushes: []string{fakeserver.Any}, Skip: 20, Count: 1}, "Duplicated:1"},
		{"lost", fakeserver.Fault{DropPushes: []string{fakeserver.Any}, Skip: 20, Count: 1}, "Reordered:1"},
		{"acks lost", fakeserver.Fault{DropReplies: []string{protocol.CmdSendGroupMsg}, Skip: 95}, "lost"},
	} {
		srv := fakeserver.Run(t)
		if err := srv.Fault(c.fault); err != nil {
			t.Fatal(err)
		}
		_, err := fanout(context.Background(), imsimGroup{protocol.GroupMeeting}, srv.Dial, Fanout{Members: 3, InFlight: 8, Messages: 100})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// The baseline writes as many bytes to each member as imsim does.
func TestBaselinePushesFramesOfTheSameSize(t *testing.T) {
	srv := fakeserver.Run(t)
	writer, err := imsimGroup{protocol.GroupMeeting}.found(t.Context(), srv.Dial)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.wire().close()
	member, err := imsimGroup{protocol.GroupMeeting}.enter(t.Context(), srv.Dial, "m00001")
	if err != nil {
		t.Fatal(err)
	}
	defer member.wire().close()
	message := writer.message(nil, 1234567)
	if err := writer.wire().send(message); err != nil {
		t.Fatal(err)
	}
	frame, err := member.wire().next()
	if err != nil || len(frame) < pushSize*95/100 || len(frame) > pushSize*105/100 {
		t.Errorf("%d bytes up, %d bytes down, want about %d: %v\n%s", len(message), len(frame), pushSize, err, frame)
	}
}
