package loadgen

import (
	"sync"
	"sync/atomic"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// Names of latencies, beside the kinds of operations.
const (
	Acked      = "acked"      // send to ack
	Delivered  = "delivered"  // send to each delivery
	RecallSeen = "recallSeen" // recall to its notice at the other side
	Receipt    = "receipt"    // read to its receipt at the sender
	Ready      = "ready"      // login to ready
	CaughtUp   = "caughtUp"   // lost connection (its intended return) to all that was missed
	Lateness   = "lateness"   // intended to real start of operations: the generator's own delay
)

// latencies are all names, in the order of reports.
var latencies = []string{
	Acked, Delivered, string(Login), Ready, string(Recall), RecallSeen, string(Read), Receipt,
	string(History), string(Join), string(Kick), CaughtUp, Lateness,
}

var latencyIndex = func() map[string]int {
	index := make(map[string]int, len(latencies))
	for i, name := range latencies {
		index[name] = i
	}
	return index
}()

// Range and precision of every histogram: microseconds up to a hundred
// seconds, within a thousandth.
const (
	lowest  = 1
	highest = 100_000_000
	digits  = 3
)

func newHistogram() *hdr.Histogram { return hdr.New(lowest, highest, digits) }

// meter counts and measures. Values go into one of several shards, so that
// users do not wait for each other, and are gathered every second.
type meter struct {
	shards []*shard

	started, late                   atomic.Int64
	sent, acked, failed, unanswered atomic.Int64
	delivered, repeated             atomic.Int64
	duplicated, outOfOrder          atomic.Int64
	unexpected, skipped             atomic.Int64
	connected                       atomic.Int64
	lostConnections                 atomic.Int64
	expected                        atomic.Int64 // deliveries, of local senders to local receivers
	dueHere                         atomic.Int64 // deliveries that came of those

	mu     sync.Mutex
	totals []*hdr.Histogram // by latency; nil until there is a value
	errors map[string]int64 // "message 20003", "login timeout"
	points []Point
	last   counts
}

type shard struct {
	mu   sync.Mutex
	hist []*hdr.Histogram
}

// counts are the counters of a moment.
type counts struct{ started, sent, acked, delivered, errors int64 }

func newMeter(shards int) *meter {
	m := &meter{shards: make([]*shard, shards), totals: make([]*hdr.Histogram, len(latencies)), errors: map[string]int64{}}
	for i := range m.shards {
		m.shards[i] = &shard{hist: make([]*hdr.Histogram, len(latencies))}
	}
	return m
}

// record notes a latency; user only chooses a shard.
func (m *meter) record(name string, user int32, d time.Duration) {
	i := latencyIndex[name]
	s := m.shards[int(user)%len(m.shards)]
	us := min(max(d.Microseconds(), lowest), highest)
	s.mu.Lock()
	if s.hist[i] == nil {
		s.hist[i] = newHistogram()
	}
	_ = s.hist[i].RecordValue(us) // is within the range
	s.mu.Unlock()
}

func (m *meter) fail(what string) {
	m.mu.Lock()
	m.errors[what]++
	m.mu.Unlock()
}

// Point is one second of a run.
type Point struct {
	Second    float64 `json:"second"` // after the start, at its end
	Started   int64   `json:"started"`
	Sent      int64   `json:"sent"`
	Acked     int64   `json:"acked"`
	Delivered int64   `json:"delivered"`
	Errors    int64   `json:"errors"`
	Users     int64   `json:"users"` // connected at its end
	// Latency has the percentiles of what ended in this second.
	Latency map[string]Window `json:"latency,omitempty"`
}

// Window is the latency of one second, in milliseconds.
type Window struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// gather moves the shards' values to the totals and notes what happened since
// the last call as a point.
func (m *meter) gather(at time.Duration) Point {
	p := Point{Second: at.Seconds(), Users: m.connected.Load(), Latency: map[string]Window{}}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, name := range latencies {
		var window *hdr.Histogram
		for _, s := range m.shards {
			s.mu.Lock()
			if h := s.hist[i]; h != nil && h.TotalCount() > 0 {
				if window == nil {
					window = newHistogram()
				}
				window.Merge(h)
				h.Reset()
			}
			s.mu.Unlock()
		}
		if window == nil {
			continue
		}
		p.Latency[name] = Window{
			Count: window.TotalCount(), P50: ms(window.ValueAtQuantile(50)), P99: ms(window.ValueAtQuantile(99)), Max: ms(window.Max()),
		}
		if m.totals[i] == nil {
			m.totals[i] = newHistogram()
		}
		m.totals[i].Merge(window)
	}
	now := counts{started: m.started.Load(), sent: m.sent.Load(), acked: m.acked.Load(), delivered: m.delivered.Load()}
	for _, n := range m.errors {
		now.errors += n
	}
	p.Started, p.Sent, p.Acked = now.started-m.last.started, now.sent-m.last.sent, now.acked-m.last.acked
	p.Delivered, p.Errors = now.delivered-m.last.delivered, now.errors-m.last.errors
	m.last = now
	return p
}

// tick is gather, kept for the report.
func (m *meter) tick(at time.Duration) Point {
	p := m.gather(at)
	m.mu.Lock()
	m.points = append(m.points, p)
	m.mu.Unlock()
	return p
}

func ms(us int64) float64 { return float64(us) / 1000 }

// Latencies are the names of all latencies, in the order of reports.
func Latencies() []string { return append([]string(nil), latencies...) }
