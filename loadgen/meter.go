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
	shards   []*shard
	forMerge bool // points keep their histograms

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
	window windows // of the last point
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
	s.mu.Lock()
	if s.hist[i] == nil {
		s.hist[i] = newHistogram()
	}
	_ = s.hist[i].RecordValue(inRange(d))
	s.mu.Unlock()
}

// inRange is a duration as every histogram takes it.
func inRange(d time.Duration) int64 { return min(max(d.Microseconds(), lowest), highest) }

func (m *meter) fail(what string) {
	m.mu.Lock()
	m.errors[what]++
	m.mu.Unlock()
}

// gather moves the shards' values to the totals and returns what happened since
// the last call as a point.
func (m *meter) gather(at time.Duration) Point {
	p := Point{Second: at.Seconds(), Users: m.connected.Load()}
	w := windows{}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, name := range latencies {
		for _, s := range m.shards {
			s.mu.Lock()
			if h := s.hist[i]; h != nil && h.TotalCount() > 0 {
				w.of(name).Merge(h)
				h.Reset()
			}
			s.mu.Unlock()
		}
		if w[name] == nil {
			continue
		}
		if m.totals[i] == nil {
			m.totals[i] = newHistogram()
		}
		m.totals[i].Merge(w[name])
	}
	w.describe(&p, m.forMerge)
	m.window = w
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

// shortest is how long the last point must be to stand alone: of less, a rate
// says nothing.
const shortest = 0.5 // seconds

// finish takes what came after the last whole second: a point of its own, or
// the end of the one before.
func (m *meter) finish(at time.Duration) {
	before := m.window
	rest := m.gather(at)
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(m.points)
	if n == 0 || rest.Second-m.points[n-1].Second >= shortest {
		m.points = append(m.points, rest)
		return
	}
	for name, h := range m.window {
		before.of(name).Merge(h)
	}
	last := &m.points[n-1]
	last.count(rest)
	last.Second, last.Users = rest.Second, rest.Users
	before.describe(last, m.forMerge)
}

func ms(us int64) float64 { return float64(us) / 1000 }

// Latencies are the names of all latencies, in the order of reports.
func Latencies() []string { return append([]string(nil), latencies...) }
