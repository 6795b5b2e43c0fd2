package loadgen

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// Collector shows a run to Prometheus while it is under way:
//
//	c := loadgen.NewCollector()
//	registry.MustRegister(c)
//	loadgen.Run(ctx, spec, loadgen.Options{Watch: c.Watch})
type Collector struct {
	mu   sync.Mutex
	live *Live

	counters map[string]*prometheus.Desc
	users    *prometheus.Desc
	pending  *prometheus.Desc
	errors   *prometheus.Desc
	latency  *prometheus.Desc
}

var _ prometheus.Collector = (*Collector)(nil)

// collected are the counters that a Collector shows.
var collected = []struct {
	name, help string
	value      func(*Live) int64
}{
	{"planned", "Operations that should have started.", func(l *Live) int64 { return l.planned.Load() }},
	{"started", "Operations that were started.", func(l *Live) int64 { return l.fleet.meter.started.Load() }},
	{"late", "Operations that were started late.", func(l *Live) int64 { return l.fleet.meter.late.Load() }},
	{"sent", "Messages sent.", func(l *Live) int64 { return l.fleet.meter.sent.Load() }},
	{"acked", "Messages acked.", func(l *Live) int64 { return l.fleet.meter.acked.Load() }},
	{"delivered", "Deliveries of messages.", func(l *Live) int64 { return l.fleet.meter.delivered.Load() }},
	{"duplicated", "Deliveries that came twice.", func(l *Live) int64 { return l.fleet.meter.duplicated.Load() }},
	{"out_of_order", "Deliveries that came behind later ones.", func(l *Live) int64 { return l.fleet.meter.outOfOrder.Load() }},
	{"unexpected", "Deliveries that nobody waited for.", func(l *Live) int64 { return l.fleet.meter.unexpected.Load() }},
	{"lost_connections", "Connections that were lost, but for those cut on purpose.", func(l *Live) int64 { return l.fleet.meter.lostConnections.Load() }},
}

// NewCollector returns a Collector without a run.
func NewCollector() *Collector {
	c := &Collector{
		counters: map[string]*prometheus.Desc{},
		users:    prometheus.NewDesc("imsim_load_users", "Users that are connected.", nil, nil),
		pending:  prometheus.NewDesc("imsim_load_pending_operations", "Operations under way.", nil, nil),
		errors:   prometheus.NewDesc("imsim_load_errors_total", "Errors by operation and code.", []string{"error"}, nil),
		latency:  prometheus.NewDesc("imsim_load_latency_seconds", "Latency from the intended start.", []string{"operation"}, nil),
	}
	for _, m := range collected {
		c.counters[m.name] = prometheus.NewDesc("imsim_load_"+m.name+"_total", m.help, nil, nil)
	}
	return c
}

// Watch is Options.Watch.
func (c *Collector) Watch(l *Live) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.live = l
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(out chan<- *prometheus.Desc) {
	for _, m := range collected {
		out <- c.counters[m.name]
	}
	out <- c.users
	out <- c.pending
	out <- c.errors
	out <- c.latency
}

// bounds of the latency's buckets, in seconds.
var bounds = []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 20, 50}

// Collect implements prometheus.Collector. Latencies are those up to the last
// whole second.
func (c *Collector) Collect(out chan<- prometheus.Metric) {
	c.mu.Lock()
	l := c.live
	c.mu.Unlock()
	if l == nil {
		return
	}
	for _, m := range collected {
		out <- prometheus.MustNewConstMetric(c.counters[m.name], prometheus.CounterValue, float64(m.value(l)))
	}
	f := l.fleet
	out <- prometheus.MustNewConstMetric(c.users, prometheus.GaugeValue, float64(f.meter.connected.Load()))
	out <- prometheus.MustNewConstMetric(c.pending, prometheus.GaugeValue, float64(f.pending.Load()))
	f.meter.mu.Lock()
	defer f.meter.mu.Unlock()
	for what, n := range f.meter.errors {
		out <- prometheus.MustNewConstMetric(c.errors, prometheus.CounterValue, float64(n), what)
	}
	for i, name := range latencies {
		h := f.meter.totals[i]
		if h == nil {
			continue
		}
		buckets := map[float64]uint64{}
		for _, bar := range h.Distribution() {
			for _, b := range bounds {
				if float64(bar.To) <= b*1e6 {
					buckets[b] += uint64(bar.Count)
				}
			}
		}
		out <- prometheus.MustNewConstHistogram(c.latency, uint64(h.TotalCount()), h.Mean()*float64(h.TotalCount())/1e6, buckets, name)
	}
}
