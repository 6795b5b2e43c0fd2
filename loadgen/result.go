package loadgen

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// Result is what came of a run, or of several that were merged.
type Result struct {
	Format  int       `json:"imsimReport"` // version of this form
	Kind    string    `json:"kind"`        // load
	Version string    `json:"version"`
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"` // from the first intended start to the end of the last operation
	Spec    Spec      `json:"spec"`
	Target  string    `json:"target"`
	Users   int       `json:"users"` // of this process
	// Processes that the result is of.
	Processes int `json:"processes"`

	Planned int64 `json:"planned"` // operations; of the closed model: those started
	Began   int64 `json:"begun"`
	// Late operations started later than Spec.LateAfter.
	Late int64 `json:"late"`
	// Skipped operations had nothing to do: no message to recall or to read.
	Skipped int64 `json:"skipped"`
	// KeptUp tells that the generator was not the bottleneck. Otherwise Warnings
	// says why, and the latencies are partly its own.
	KeptUp   bool     `json:"keptUp"`
	Warnings []string `json:"warnings"`

	Account Account            `json:"account"`
	Latency map[string]Latency `json:"latency"`
	// Errors by operation and code: "message 20003", "login timeout".
	Errors          map[string]int64 `json:"errors"`
	LostConnections int64            `json:"lostConnections"`
	Points          []Point          `json:"points"`
	Generator       Usage            `json:"generator"`
	Server          *ServerCounters  `json:"server,omitempty"` // where the target is ours
	Thresholds      []Verdict        `json:"thresholds"`

	// What merging needs.
	Ledger     *Ledger           `json:"ledger,omitempty"`
	Histograms map[string][]byte `json:"histograms,omitempty"` // HdrHistogram V2, compressed
}

// ResultFormat is the version of the form that this package writes.
const ResultFormat = 1

// ResultKind is Result.Kind.
const ResultKind = "load"

// Latency describes a histogram, in milliseconds.
type Latency struct {
	Count int64   `json:"count"`
	Min   float64 `json:"min"`
	Mean  float64 `json:"mean"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P95   float64 `json:"p95"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p99.9"`
	Max   float64 `json:"max"`
	// Curve has the percentiles for a chart.
	Curve []Quantile `json:"curve"`
}

// Quantile is a point of a percentile curve.
type Quantile struct {
	Percent float64 `json:"percent"`
	Value   float64 `json:"value"` // milliseconds
}

var curvePercents = []float64{0, 10, 25, 50, 75, 90, 95, 98, 99, 99.5, 99.9, 99.95, 99.99, 99.999, 100}

func latencyOf(h *hdr.Histogram) Latency {
	l := Latency{
		Count: h.TotalCount(), Min: ms(h.Min()), Mean: h.Mean() / 1000, P50: ms(h.ValueAtQuantile(50)), P90: ms(h.ValueAtQuantile(90)),
		P95: ms(h.ValueAtQuantile(95)), P99: ms(h.ValueAtQuantile(99)), P999: ms(h.ValueAtQuantile(99.9)), Max: ms(h.Max()),
	}
	for _, percent := range curvePercents {
		l.Curve = append(l.Curve, Quantile{percent, ms(h.ValueAtQuantile(percent))})
	}
	return l
}

// Usage is what a process used.
type Usage struct {
	CPU        float64 `json:"cpuSeconds"` // from the first intended start on
	Cores      float64 `json:"cores"`      // CPU a second
	HeapMB     float64 `json:"heapMB"`     // at the end
	ResidentMB float64 `json:"residentMB"` // at the end; 0 where the system does not tell
	Goroutines int     `json:"goroutines"`
	// Shared tells that the server ran in the same process, and is in these
	// numbers.
	Shared bool `json:"sharedWithServer"`
}

// ServerCounters are a server's own, over the run.
type ServerCounters struct {
	Connections int64   `json:"connections"` // at the end of the load
	Accepted    int64   `json:"accepted"`
	Received    int64   `json:"received"` // frames
	Replies     int64   `json:"replies"`
	Pushes      int64   `json:"pushes"`
	Faults      int64   `json:"faults"` // times an injected fault struck
	CPU         float64 `json:"cpuSeconds,omitempty"`
	ResidentMB  float64 `json:"residentMB,omitempty"`
}

// OK tells whether all thresholds hold.
func (r *Result) OK() bool {
	for _, v := range r.Thresholds {
		if !v.Holds {
			return false
		}
	}
	return true
}

// ErrorCount is the number of errors of all kinds.
func (r *Result) ErrorCount() (n int64) {
	for _, count := range r.Errors {
		n += count
	}
	return n
}

// Late and missing starts above these shares mean that the generator, not the
// target, decided what was measured.
const (
	tolerableLate    = 0.01
	tolerableMissing = 0.001
)

// judge sets KeptUp and Warnings.
func (r *Result) judge() {
	r.KeptUp, r.Warnings = true, []string{}
	warn := func(format string, args ...any) { r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...)) }
	if missing := r.Planned - r.Began; float64(missing) > tolerableMissing*float64(r.Planned) {
		r.KeptUp = false
		warn("%d of %d planned operations were not started: the generator, or its machine, was the bottleneck", missing, r.Planned)
	}
	if float64(r.Late) > tolerableLate*float64(r.Began) {
		r.KeptUp = false
		warn("%d of %d operations (%.1f %%) started more than %s late: the generator could not keep up, and latencies contain its own delay",
			r.Late, r.Began, 100*float64(r.Late)/float64(r.Began), r.Spec.LateAfter)
	}
	if r.Generator.Shared {
		warn("the server ran in the generator's process: both share its processors")
	}
	if r.Account.Elsewhere > 0 || r.Spec.Segment.Count > r.Processes {
		warn("this is a part of a fleet: what other processes sent and received is not in its account; merge the results")
	}
}

// Plain is the result without what only merging needs.
func (r *Result) Plain() *Result {
	plain := *r
	plain.Ledger, plain.Histograms = nil, nil
	plain.Points = slices.Clone(r.Points)
	for i := range plain.Points {
		plain.Points[i].Histograms = nil
	}
	return &plain
}

// WriteJSON writes the result as it is.
func (r *Result) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// ReadResult reads what WriteJSON wrote.
func ReadResult(in io.Reader) (*Result, error) {
	r := &Result{}
	dec := json.NewDecoder(in)
	if err := dec.Decode(r); err != nil {
		return nil, fmt.Errorf("not the result of a load run: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not the result of a load run: there is more behind it")
	}
	if r.Kind != ResultKind || r.Format != ResultFormat {
		return nil, fmt.Errorf("not the result of a load run: kind %q, format %d", r.Kind, r.Format)
	}
	return r, nil
}

// Summary is a line about the account.
func (a *Account) Summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d sent, %d acked, %d delivered of %d, %d lost, %d duplicated, %d out of order, %d unexpected",
		a.Sent, a.Acked, a.Delivered, a.Expected, a.Lost, a.Duplicated, a.OutOfOrder, a.Unexpected)
	for _, more := range []struct {
		n    int64
		what string
	}{{a.Failed, "refused"}, {a.Unanswered, "unanswered"}, {a.Recalled, "recalled"}, {a.Elsewhere, "from other processes"}} {
		if more.n > 0 {
			fmt.Fprintf(&b, ", %d %s", more.n, more.what)
		}
	}
	return b.String()
}

// Fields are Min, Mean and the percentiles in the order of reports.
func (l Latency) Fields() []float64 {
	return []float64{l.Min, l.Mean, l.P50, l.P90, l.P95, l.P99, l.P999, l.Max}
}

// Quantiles are n values of a latency, evenly spaced among all that were
// measured; none if there are none, or the result came without histograms.
func (r *Result) Quantiles(name string, n int) []time.Duration {
	h, err := hdr.Decode(r.Histograms[name])
	if len(r.Histograms[name]) == 0 || err != nil {
		return nil
	}
	list := make([]time.Duration, n)
	for i := range list {
		list[i] = time.Duration(h.ValueAtQuantile(100*(float64(i)+0.5)/float64(n))) * time.Microsecond
	}
	return list
}
