package bench

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/imsim/imsim/fakeserver"
)

func TestEveryMessageIsCounted(t *testing.T) {
	relay, err := startRelay()
	if err != nil {
		t.Fatal(err)
	}
	defer relay.close()
	srv, other := fakeserver.Run(t), fakeserver.Run(t)
	for _, c := range []struct {
		name    string
		dialect dialect
		dial    Dial
	}{
		{"relay", relayDialect{}, DialTCP(relay.addr)},
		{"imsim", imsimDialect{start: true}, DialTCP(srv.Addr())},
		{"imsim in memory", imsimDialect{}, other.Dial},
	} {
		tally, err := run(t.Context(), c.dialect, c.dial, Load{Pairs: 4, InFlight: 8, Messages: 200})
		if err != nil || tally.Sent != 800 {
			t.Errorf("%s: %+v, %v", c.name, tally, err)
		}
	}
}

// A figure of a server that loses or doubles messages must not exist.
func TestRunsOfFaultyServersAreVoid(t *testing.T) {
	defer func(was time.Duration) { drainTime = was }(drainTime)
	drainTime = time.Second / 2
	for _, c := range []struct {
		name  string
		fault fakeserver.Fault
		want  string
	}{
		{"doubled", fakeserver.Fault{DoublePushes: []string{fakeserver.Any}, Skip: 20, Count: 1}, "Duplicated:1"},
		{"lost", fakeserver.Fault{DropPushes: []string{fakeserver.Any}, Skip: 20, Count: 1}, "Reordered:1"},
		{"last ones lost", fakeserver.Fault{DropPushes: []string{fakeserver.Any}, Skip: 95}, "lost"},
		{"acks lost", fakeserver.Fault{DropReplies: []string{"openim.sendmsg"}, Skip: 95}, "lost"},
	} {
		srv := fakeserver.Run(t)
		if err := srv.Fault(c.fault); err != nil {
			t.Fatal(err)
		}
		_, err := run(context.Background(), imsimDialect{}, srv.Dial, Load{Pairs: 1, InFlight: 8, Messages: 100})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestMessagesHaveTheFramesSize(t *testing.T) {
	srv := fakeserver.Run(t)
	s, err := imsimDialect{}.join(t.Context(), srv.Dial, "a0001", "b0001")
	if err != nil {
		t.Fatal(err)
	}
	defer s.wire().close()
	if n := len(s.message(nil, 1234567)); n != frameSize {
		t.Errorf("%d bytes, want %d", n, frameSize)
	}
	if n := len((&relaySession{padding: make([]byte, frameSize)}).message(nil, 1)); n != frameSize {
		t.Errorf("relay: %d bytes, want %d", n, frameSize)
	}
}

func TestServersInTheirOwnProcess(t *testing.T) {
	for _, kind := range []string{imsimServer, relayServer} {
		taken, err := messages(kind, 4, 100*time.Millisecond)(t.Context())
		if err != nil || taken.value <= 0 || taken.cpu <= 0 {
			t.Errorf("%s: %+v, %v", kind, taken, err)
		}
	}
}

func TestFiguresOfTheLoadGenerator(t *testing.T) {
	for name, measure := range map[string]func(context.Context) (sample, error){
		"generator": generatorCPU(openTalk(200 * time.Millisecond)), "bare loop": bareCPU(200 * time.Millisecond),
		"lateness": pacerLateness(100 * time.Millisecond),
	} {
		if taken, err := measure(t.Context()); err != nil || taken.value <= 0 {
			t.Errorf("%s: %+v, %v", name, taken, err)
		}
	}
}

// k6/check builds a k6 and names it.
func TestBaselinesOfK6(t *testing.T) {
	binary := os.Getenv("IMSIM_K6")
	if binary == "" {
		t.Skip("no k6 is at hand: make k6 builds one")
	}
	for name, measure := range map[string]func(context.Context) (sample, error){
		"memory": k6Memory(binary, 2, 22), "processor": k6CPU(binary, 500*time.Millisecond),
	} {
		if taken, err := measure(t.Context()); err != nil || taken.value <= 0 {
			t.Errorf("%s: %+v, %v", name, taken, err)
		}
	}
	if _, err := k6Memory("/nothing/here", 1, 2)(t.Context()); err == nil {
		t.Error("measured what is not there")
	}
}

func TestMemoryOfAProfileIsRead(t *testing.T) {
	m, err := readMemory(strings.NewReader("heap profile: 1: 2\n# HeapAlloc = 7\n# HeapInuse = 4096\n# Stack = 512 / 1024\n"))
	if err != nil || m.used() != 4096+512 {
		t.Errorf("%+v, %v", m, err)
	}
	if _, err := readMemory(strings.NewReader("404 page not found\n")); err == nil {
		t.Error("read memory from no profile")
	}
}
