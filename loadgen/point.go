package loadgen

import (
	"fmt"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// Point is one second of a run. The last one may be shorter, or up to half a
// second longer: it begins where the one before ends.
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
	// Histograms are those of Latency, in the form of the Result's; of a part of
	// a fleet, for merging.
	Histograms map[string][]byte `json:"histograms,omitempty"`
}

// Window is the latency of one second, in milliseconds.
type Window struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// count adds what happened in another point.
func (p *Point) count(o Point) {
	p.Started += o.Started
	p.Sent += o.Sent
	p.Acked += o.Acked
	p.Delivered += o.Delivered
	p.Errors += o.Errors
}

// windows are the histograms of a second, by latency.
type windows map[string]*hdr.Histogram

// of finds or makes a histogram.
func (w windows) of(name string) *hdr.Histogram {
	h := w[name]
	if h == nil {
		h = newHistogram()
		w[name] = h
	}
	return h
}

// add merges encoded histograms.
func (w windows) add(encoded map[string][]byte) error {
	for name, text := range encoded {
		h, err := hdr.Decode(text)
		if err != nil {
			return fmt.Errorf("histogram %s: %w", name, err)
		}
		w.of(name).Merge(h)
	}
	return nil
}

// see adds what was seen of other processes' operations.
func (w windows) see(list []sight) {
	for _, s := range list {
		_ = w.of(s.latency).RecordValue(inRange(s.after))
	}
}

// describe sets a point's latencies; whole says with their histograms.
func (w windows) describe(p *Point, whole bool) {
	p.Latency, p.Histograms = map[string]Window{}, map[string][]byte{}
	for name, h := range w {
		p.Latency[name] = Window{Count: h.TotalCount(), P50: ms(h.ValueAtQuantile(50)), P99: ms(h.ValueAtQuantile(99)), Max: ms(h.Max())}
		if whole {
			p.Histograms[name] = encodeHistogram(h)
		}
	}
}
