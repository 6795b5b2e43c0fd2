package loadgen

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// encodeHistogram writes the HdrHistogram V2 form, compressed.
func encodeHistogram(h *hdr.Histogram) []byte {
	text, err := h.Encode(hdr.V2CompressedEncodingCookieBase)
	if err != nil {
		return nil // a histogram in memory can be encoded
	}
	return text
}

// Merge adds the results of the processes of one fleet, one for each segment:
// counters and histograms by adding, messages by comparing what was sent in
// one process with what was received in the others. The thresholds, or the
// Spec's if none are given, are applied again. A second of the time series
// takes each process's second that is nearest.
func Merge(results []*Result, thresholds ...string) (*Result, error) {
	if len(results) == 0 {
		return nil, errors.New("merge: no results")
	}
	first := results[0]
	spec := first.Spec
	count := max(spec.Segment.Count, 1)
	seen := map[int]bool{}
	for _, r := range results {
		if r.Ledger == nil {
			return nil, errors.New("merge: a result without its ledger (is it a report.json, or merged already?)")
		}
		own := r.Spec
		seen[own.Segment.Index] = true
		if max(own.Segment.Count, 1) != count {
			return nil, fmt.Errorf("merge: segments %s and %s are not of one fleet", spec.Segment, own.Segment)
		}
		own.Segment, own.Thresholds = spec.Segment, spec.Thresholds
		if fmt.Sprintf("%+v", own) != fmt.Sprintf("%+v", spec) {
			return nil, errors.New("merge: the results are of different loads (run, seed, users, rate … must be the same)")
		}
	}
	if len(results) != count || len(seen) != count {
		return nil, fmt.Errorf("merge: %d results with %d segments, of a fleet of %d", len(results), len(seen), count)
	}
	whole := spec
	whole.Segment = Segment{}
	plan, err := NewPlan(whole)
	if err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	for _, r := range results {
		if !r.Ledger.fits(plan) {
			return nil, errors.New("merge: a result whose ledger is not of its load: the file was changed, or is damaged")
		}
	}
	m := &Result{
		Format: ResultFormat, Kind: ResultKind, Version: first.Version, Spec: whole, Target: first.Target,
		Started: first.Started, Latency: map[string]Latency{}, Errors: map[string]int64{}, Generator: Usage{Shared: first.Generator.Shared},
	}
	end := first.Started
	totals := windows{}
	var parts []part
	var ledgers []*Ledger
	for _, r := range results {
		ledgers = append(ledgers, r.Ledger)
		parts = append(parts, part{r.Spec.Segment, r.Ledger})
		if r.Started.Before(m.Started) {
			m.Started = r.Started
		}
		if e := r.Started.Add(time.Duration(r.Seconds * float64(time.Second))); e.After(end) {
			end = e
		}
		m.Processes += r.Processes
		m.Users += r.Users
		m.Planned += r.Planned
		m.Began += r.Began
		m.Late += r.Late
		m.Skipped += r.Skipped
		m.LostConnections += r.LostConnections
		m.Generator.add(r.Generator)
		m.Server = m.Server.most(r.Server)
		for what, n := range r.Errors {
			m.Errors[what] += n
		}
		if err := totals.add(r.Histograms); err != nil {
			return nil, fmt.Errorf("merge: %w", err)
		}
	}
	noticed := sights(ledgers)
	for _, list := range noticed {
		totals.see(list)
	}
	m.Seconds = end.Sub(m.Started).Seconds()
	for name, h := range totals {
		m.Latency[name] = latencyOf(h)
	}
	if m.Points, err = mergePoints(m.Started, results, noticed); err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	m.Account = *plan.account(parts...)
	m.judge()
	for _, r := range results {
		if !r.KeptUp && m.KeptUp {
			m.KeptUp = false
			m.Warnings = append(m.Warnings, fmt.Sprintf("the generator of segment %s could not keep up", r.Spec.Segment))
		}
		// What its numbers do not show, as that it was interrupted, stands behind
		// what they do.
		own := *r
		own.judge()
		for _, w := range r.Warnings[min(len(own.Warnings), len(r.Warnings)):] {
			if r.Spec.Segment.Count > 0 {
				w = fmt.Sprintf("segment %s: %s", r.Spec.Segment, w)
			}
			m.Warnings = append(m.Warnings, w)
		}
	}
	m.Spec.Thresholds = spec.Thresholds
	return m, m.Judge(thresholds...)
}

func (u *Usage) add(o Usage) {
	u.CPU += o.CPU
	u.Cores += o.Cores
	u.HeapMB += o.HeapMB
	u.ResidentMB += o.ResidentMB
	u.Goroutines += o.Goroutines
}

// most takes the larger counters: the processes looked at the same server over
// nearly the same time.
func (c *ServerCounters) most(o *ServerCounters) *ServerCounters {
	if c == nil || o == nil {
		if c == nil {
			return o
		}
		return c
	}
	return &ServerCounters{
		Connections: max(c.Connections, o.Connections), Accepted: max(c.Accepted, o.Accepted), Received: max(c.Received, o.Received),
		Replies: max(c.Replies, o.Replies), Pushes: max(c.Pushes, o.Pushes), Faults: max(c.Faults, o.Faults),
		CPU: max(c.CPU, o.CPU), ResidentMB: max(c.ResidentMB, o.ResidentMB),
	}
}

// moment is the points of several processes that are of one second.
type moment struct {
	Point
	parts []Point
	seen  []sight
}

// mergePoints adds the seconds of several processes, by real time.
func mergePoints(start time.Time, results []*Result, seen [][]sight) ([]Point, error) {
	if len(results) == 1 {
		return results[0].Points, nil
	}
	bySecond := map[int]*moment{}
	for i, r := range results {
		shift := r.Started.Sub(start).Seconds()
		slices.SortFunc(seen[i], func(a, b sight) int { return a.at.Compare(b.at) })
		for j, p := range r.Points {
			n := int(math.Ceil(p.Second + shift - 0.5))
			sum := bySecond[n]
			if sum == nil {
				sum = &moment{}
				bySecond[n] = sum
			}
			sum.count(p)
			sum.Users += p.Users
			sum.Second = max(sum.Second, p.Second+shift)
			sum.parts = append(sum.parts, p)
			until := r.Started.Add(time.Duration(p.Second * float64(time.Second)))
			k := 0
			for k < len(seen[i]) && (seen[i][k].at.Before(until) || j == len(r.Points)-1) {
				k++
			}
			sum.seen = append(sum.seen, seen[i][:k]...)
			seen[i] = seen[i][k:]
		}
	}
	points := []Point{}
	for _, n := range slices.Sorted(maps.Keys(bySecond)) {
		sum := bySecond[n]
		w := windows{}
		for _, p := range sum.parts {
			if err := w.add(p.Histograms); err != nil {
				return nil, err
			}
		}
		w.see(sum.seen)
		w.describe(&sum.Point, false)
		points = append(points, sum.Point)
	}
	return points, nil
}
