package loadgen

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Threshold is a condition on a result, like delivered.p99<50ms or lost==0.
type Threshold struct {
	text, metric, field, op string
	bound                   float64 // of latencies in milliseconds
}

// Verdict is whether a threshold holds.
type Verdict struct {
	Threshold string  `json:"threshold"`
	Value     float64 `json:"value"` // of latencies in milliseconds
	Holds     bool    `json:"holds"`
	Note      string  `json:"note,omitempty"`
}

var thresholdForm = regexp.MustCompile(`^\s*([A-Za-z]+)(?:\.([A-Za-z0-9.]+))?\s*(<=|>=|==|!=|<|>)\s*(\S+)\s*$`)

// latencyFields are what is known of a latency.
var latencyFields = []string{"count", "min", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"}

// counters are the metrics without a field.
var counters = map[string]func(*Result) float64{
	"planned":         func(r *Result) float64 { return float64(r.Planned) },
	"started":         func(r *Result) float64 { return float64(r.Began) },
	"late":            func(r *Result) float64 { return float64(r.Late) },
	"skipped":         func(r *Result) float64 { return float64(r.Skipped) },
	"errors":          func(r *Result) float64 { return float64(r.ErrorCount()) },
	"lostConnections": func(r *Result) float64 { return float64(r.LostConnections) },
	"keptUp": func(r *Result) float64 {
		if r.KeptUp {
			return 1
		}
		return 0
	},
	"sent":       func(r *Result) float64 { return float64(r.Account.Sent) },
	"acked":      func(r *Result) float64 { return float64(r.Account.Acked) },
	"delivered":  func(r *Result) float64 { return float64(r.Account.Delivered) },
	"failed":     func(r *Result) float64 { return float64(r.Account.Failed) },
	"unanswered": func(r *Result) float64 { return float64(r.Account.Unanswered) },
	"expected":   func(r *Result) float64 { return float64(r.Account.Expected) },
	"lost":       func(r *Result) float64 { return float64(r.Account.Lost) },
	"duplicated": func(r *Result) float64 { return float64(r.Account.Duplicated) },
	"outOfOrder": func(r *Result) float64 { return float64(r.Account.OutOfOrder) },
	"unexpected": func(r *Result) float64 { return float64(r.Account.Unexpected) },
}

// rates are what may be asked for a second: sent.rate>=1000.
var rates = map[string]func(*Result) int64{
	"sent":      func(r *Result) int64 { return r.Account.Sent },
	"acked":     func(r *Result) int64 { return r.Account.Acked },
	"delivered": func(r *Result) int64 { return r.Account.Delivered },
	"started":   func(r *Result) int64 { return r.Began },
}

// ParseThreshold reads a threshold. Metrics are the latencies with a field
// (delivered.p99), rates (sent.rate, a second), counters (lost), and
// errors.CODE.
func ParseThreshold(text string) (Threshold, error) {
	m := thresholdForm.FindStringSubmatch(text)
	if m == nil {
		return Threshold{}, fmt.Errorf("threshold %q: write it like delivered.p99<50ms or lost==0", text)
	}
	t := Threshold{text: strings.TrimSpace(text), metric: m[1], field: m[2], op: m[3]}
	_, latency := latencyIndex[t.metric]
	inTime := false
	switch {
	case t.field == "" && counters[t.metric] != nil,
		t.field == "rate" && rates[t.metric] != nil,
		t.field != "" && t.metric == "errors":
	case latency && slices.Contains(latencyFields, t.field):
		inTime = t.field != "count"
	case latency && t.field != "":
		return t, fmt.Errorf("threshold %q: %s has %s", text, t.metric, strings.Join(latencyFields, ", "))
	default:
		names := slices.Sorted(maps.Keys(counters))
		return t, fmt.Errorf("threshold %q: no such metric; latencies are %s, with a field like p99; counters are %s, errors.CODE, sent.rate, acked.rate, delivered.rate, started.rate",
			text, strings.Join(latencies, ", "), strings.Join(names, ", "))
	}
	value := m[4]
	switch {
	case inTime:
		d, err := time.ParseDuration(value)
		if err != nil {
			return t, fmt.Errorf("threshold %q: %q is no duration like 50ms", text, value)
		}
		t.bound = float64(d) / float64(time.Millisecond)
	case t.metric == "keptUp" && (value == "true" || value == "false"):
		if value == "true" {
			t.bound = 1
		}
	default:
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return t, fmt.Errorf("threshold %q: %q is no number", text, value)
		}
		t.bound = v
	}
	return t, nil
}

// value is the metric's; ok is false for a latency of which there is none.
func (t Threshold) value(r *Result) (v float64, ok bool) {
	switch {
	case t.field == "":
		return counters[t.metric](r), true
	case t.field == "rate":
		if r.Seconds <= 0 {
			return 0, true
		}
		return float64(rates[t.metric](r)) / r.Seconds, true
	case t.metric == "errors":
		var n int64
		for what, count := range r.Errors {
			if strings.HasSuffix(what, " "+t.field) {
				n += count
			}
		}
		return float64(n), true
	}
	l, ok := r.Latency[t.metric]
	if !ok {
		return 0, t.field == "count"
	}
	return map[string]float64{
		"count": float64(l.Count), "min": l.Min, "mean": l.Mean, "p50": l.P50, "p90": l.P90, "p95": l.P95, "p99": l.P99, "p99.9": l.P999, "max": l.Max,
	}[t.field], true
}

// Apply judges a result.
func (t Threshold) Apply(r *Result) Verdict {
	v, ok := t.value(r)
	verdict := Verdict{Threshold: t.text, Value: v}
	if !ok { // nothing was measured: that is no success
		verdict.Note = "nothing was measured"
		return verdict
	}
	switch t.op {
	case "<":
		verdict.Holds = v < t.bound
	case "<=":
		verdict.Holds = v <= t.bound
	case ">":
		verdict.Holds = v > t.bound
	case ">=":
		verdict.Holds = v >= t.bound
	case "==":
		verdict.Holds = v == t.bound
	case "!=":
		verdict.Holds = v != t.bound
	}
	return verdict
}

// Judge applies the thresholds and sets Thresholds; texts replace those of the
// Spec if there are any.
func (r *Result) Judge(texts ...string) error {
	if len(texts) > 0 {
		r.Spec.Thresholds = texts
	}
	r.Thresholds = []Verdict{}
	for _, text := range r.Spec.Thresholds {
		t, err := ParseThreshold(text)
		if err != nil {
			return err
		}
		r.Thresholds = append(r.Thresholds, t.Apply(r))
	}
	return nil
}
