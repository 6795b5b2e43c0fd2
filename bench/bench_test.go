package bench

import (
	"context"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/imsim/imsim/fakeserver"
)

func TestMain(m *testing.M) {
	Child()
	code := m.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		println(err.Error())
		code = 1
	}
	os.Exit(code)
}

// place is where a server is reached in the single-operation benchmarks.
type place struct {
	name   string
	memory bool
}

var places = []place{{"memory", true}, {"tcp", false}}

func (p place) start(b *testing.B) Dial {
	srv := fakeserver.Run(b, fakeserver.Options{NoListener: p.memory})
	if p.memory {
		return srv.Dial
	}
	return DialTCP(srv.Addr())
}

// BenchmarkLogin is a connection, the login and all that SDK 2.14 asks until
// it is ready. raw-x is its time in times of the baseline's: a connection and
// as many echoes in as many turns.
func BenchmarkLogin(b *testing.B) {
	for _, p := range places {
		b.Run(p.name, func(b *testing.B) {
			dial := p.start(b)
			raw := echoes(b, func(echo Dial) {
				s, err := open(b.Context(), echo, "/echo")
				if err != nil {
					b.Fatal(err)
				}
				defer s.close()
				frame := make([]byte, frameSize)
				for _, n := range []int{2, len(startUp)} {
					for range n {
						s.gather(frame)
					}
					exchange(b, s, n)
				}
			})
			for b.Loop() {
				s, err := imsimDialect{start: true}.join(b.Context(), dial, "alice", "bob")
				if err != nil {
					b.Fatal(err)
				}
				s.wire().close()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/raw, "raw-x")
		})
	}
}

// BenchmarkSend is one message after the other, to its ack or to its delivery.
// echo-x is the time in times of a raw echo of a frame of that size over TCP,
// relay-x in times of the raw relay's round, which wakes two clients as well.
func BenchmarkSend(b *testing.B) {
	for _, p := range places {
		for _, until := range []struct {
			name string
			kind kind
		}{{"ack", ack}, {"delivered", delivery}} {
			b.Run(p.name+"/"+until.name, func(b *testing.B) {
				dial := p.start(b)
				to, err := imsimDialect{}.join(b.Context(), dial, "bob", "alice")
				if err != nil {
					b.Fatal(err)
				}
				defer to.wire().close()
				from, err := imsimDialect{}.join(b.Context(), dial, "alice", "bob")
				if err != nil {
					b.Fatal(err)
				}
				defer from.wire().close()
				echo, relay := rawEcho(b), rawRelay(b)
				awaited, other := from, to
				if until.kind == delivery {
					awaited, other = to, from
				}
				drained := make(chan struct{})
				go func() { // the other side reads too, or its backlog would grow
					defer close(drained)
					for {
						frame, err := other.wire().next()
						if err != nil {
							return
						}
						if _, _, err := other.read(frame); err != nil {
							return
						}
					}
				}()
				var buf []byte
				n := 0
				for b.Loop() {
					n++
					buf = from.message(buf[:0], n)
					if err := from.wire().send(buf); err != nil {
						b.Fatal(err)
					}
					frame, err := awaited.wire().next()
					if err != nil {
						b.Fatal(err)
					}
					if is, got, err := awaited.read(frame); err != nil || is != until.kind || got != n {
						b.Fatalf("message %d: %v %d %v", n, is, got, err)
					}
				}
				took := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
				b.ReportMetric(took/echo, "echo-x")
				b.ReportMetric(took/relay, "relay-x")
				other.wire().close()
				<-drained
			})
		}
	}
}

// BenchmarkEmbedded is a whole small test: start, 2 logins, a message, stop.
func BenchmarkEmbedded(b *testing.B) {
	for name, one := range map[string]func(context.Context) error{
		"memory": imsimMemoryCase, "tcp": imsimCase, "raw": rawCase,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := one(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFigures takes the table's quick figures once and shortly; go run
// ./bench/figures takes them well.
func BenchmarkFigures(b *testing.B) {
	for _, f := range Figures(300*time.Millisecond, "") {
		if f.Slow {
			continue
		}
		b.Run(f.Name, func(b *testing.B) {
			r, err := f.Measure(b.Context(), 1) // whatever b.N: the figure is what counts
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(r.Ours, "ours-"+f.Unit)
			b.ReportMetric(r.Base, "baseline-"+f.Unit)
			b.ReportMetric(r.Ratio, "ratio")
		})
	}
}

// rawEcho is the nanoseconds of one echo by the usual gorilla server.
func rawEcho(b *testing.B) float64 {
	var s *socket
	frame := make([]byte, frameSize)
	took := echoes(b, func(echo Dial) {
		if s == nil {
			var err error
			if s, err = open(b.Context(), echo, "/echo"); err != nil {
				b.Fatal(err)
			}
		}
		s.gather(frame)
		exchange(b, s, 1)
	})
	s.close()
	return took
}

// rawRelay is the nanoseconds of one message through the relay, acked and
// delivered.
func rawRelay(b *testing.B) float64 {
	r, err := startRelay()
	if err != nil {
		b.Fatal(err)
	}
	defer r.close()
	tally, err := run(b.Context(), relayDialect{}, DialTCP(r.addr), Load{Pairs: 1, InFlight: 1, Messages: 1000})
	if err != nil {
		b.Fatal(err)
	}
	return 1e9 / tally.Rate()
}

// echoes runs do for a while against the baseline; it returns the nanoseconds
// of the best tenth.
func echoes(b *testing.B, do func(echo Dial)) float64 {
	r, err := startRelay()
	if err != nil {
		b.Fatal(err)
	}
	defer r.close()
	const turns, each = 10, 30
	best := time.Duration(0)
	for range turns {
		start := time.Now()
		for range each {
			do(DialTCP(r.addr))
		}
		if took := time.Since(start); best == 0 || took < best {
			best = took
		}
	}
	return float64(best.Nanoseconds()) / each
}

// exchange sends what was gathered and reads the n echoes.
func exchange(b *testing.B, s *socket, n int) {
	err := s.flush()
	for ; n > 0 && err == nil; n-- {
		_, err = s.next()
	}
	if err != nil {
		b.Fatal(err)
	}
}
