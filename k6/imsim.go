// Package k6 is imsim's load engine as the k6 module k6/x/imsim: one k6 user
// runs a fleet of virtual users, at the price of imsim load and not at that of
// a k6 user each.
//
//	import { fleet } from 'k6/x/imsim';
//	export default function () {
//	  const r = fleet({ workload: 'c2c', users: 1000, rate: 500, duration: '30s', target: 'ws://127.0.0.1:8090' });
//	}
//
// The options are those of an imsim load --spec file, and target, secret,
// sdkAppID, iOwnTheTarget and result. Processes started with
// --execution-segment share the fleet; imsim merge adds their result files.
package k6

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"strings"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/js/common"
	"go.k6.io/k6/js/modules"
	"go.k6.io/k6/lib"
	"go.k6.io/k6/metrics"

	"github.com/imsim/imsim/loadgen"
)

func init() { modules.Register("k6/x/imsim", module{}) }

type module struct{}

// NewModuleInstance implements modules.Module.
func (module) NewModuleInstance(vu modules.VU) modules.Instance {
	m, err := registerMetrics(vu)
	if err != nil {
		common.Throw(vu.Runtime(), err)
	}
	return &instance{vu: vu, metrics: m}
}

type instance struct {
	vu      modules.VU
	metrics *measures
}

// Exports implements modules.Instance.
func (i *instance) Exports() modules.Exports {
	return modules.Exports{Named: map[string]any{"fleet": i.fleet}}
}

// options are what a script gives beside the load itself.
type options struct {
	Target        string `json:"target"`
	Secret        string `json:"secret"`
	SDKAppID      uint32 `json:"sdkAppID"`
	IOwnTheTarget bool   `json:"iOwnTheTarget"`
	Result        string `json:"result"` // file for imsim merge
}

// fleet runs a load and returns its result, as in report.json.
func (i *instance) fleet(arg sobek.Value) (any, error) {
	state := i.vu.State()
	if state == nil {
		return nil, errors.New("fleet: call it in the test, not while the script is loaded")
	}
	spec, o, err := read(arg)
	if err != nil {
		return nil, fmt.Errorf("fleet: %w", err)
	}
	if spec.Segment, err = segmentOf(state.Options.ExecutionSegment); err != nil {
		return nil, fmt.Errorf("fleet: %w", err)
	}
	var told loadgen.Point // the sums that k6 knows
	r, err := loadgen.Run(i.vu.Context(), spec, loadgen.Options{
		Target: o.Target, OwnTarget: o.IOwnTheTarget, Secret: o.Secret, SDKAppID: o.SDKAppID, Version: "k6",
		Progress: func(p loadgen.Progress) {
			if p.Point != nil {
				told = i.metrics.count(i.vu, state, told, *p.Point)
			}
		},
	})
	if err != nil {
		return nil, fmt.Errorf("fleet: %w", err)
	}
	// What came after the last whole second.
	i.metrics.count(i.vu, state, told, loadgen.Point{
		Started: r.Began - told.Started, Sent: r.Account.Sent - told.Sent, Acked: r.Account.Acked - told.Acked,
		Delivered: r.Account.Delivered + r.Account.Elsewhere - told.Delivered, Errors: r.ErrorCount() - told.Errors,
	})
	i.metrics.end(i.vu, state, r)
	if o.Result != "" {
		if err := write(o.Result, r); err != nil {
			return nil, fmt.Errorf("fleet: result: %w", err)
		}
	}
	return plain(r)
}

// own are the names of the fields of options.
var own = []string{"target", "secret", "sdkAppID", "iOwnTheTarget", "result"}

// read splits what a script gives; the load is read as strictly as a file.
func read(arg sobek.Value) (spec loadgen.Spec, o options, err error) {
	if arg == nil || sobek.IsUndefined(arg) || sobek.IsNull(arg) {
		return spec, o, errors.New("options are missing: fleet({workload: 'c2c', users: 100, rate: 50})")
	}
	fields, ok := arg.Export().(map[string]any)
	if !ok {
		return spec, o, errors.New("options must be an object")
	}
	mine := map[string]any{}
	for _, name := range own {
		if v, given := fields[name]; given {
			if v != nil {
				mine[name] = v
			}
			delete(fields, name)
		}
	}
	for name, v := range fields {
		if v == nil { // an environment variable that is not set
			delete(fields, name)
		}
	}
	text, err := json.Marshal(mine)
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	if err != nil {
		return spec, o, err
	}
	if text, err = json.Marshal(fields); err != nil {
		return spec, o, err
	}
	spec, err = loadgen.ReadSpec(bytes.NewReader(text)) // JSON is YAML
	return spec, o, err
}

// segmentOf is the part of the fleet that k6's --execution-segment means. All
// segments must be of one length.
func segmentOf(es *lib.ExecutionSegment) (loadgen.Segment, error) {
	if es == nil {
		return loadgen.Segment{}, nil
	}
	text, end, found := strings.Cut(es.String(), ":")
	if !found {
		text, end = "0", es.String()
	}
	from, ok1 := new(big.Rat).SetString(text)
	to, ok2 := new(big.Rat).SetString(end)
	if !ok1 || !ok2 || from.Cmp(to) >= 0 {
		return loadgen.Segment{}, fmt.Errorf("execution segment %s", es)
	}
	count := new(big.Rat).Inv(new(big.Rat).Sub(to, from))
	index := new(big.Rat).Mul(from, count)
	if !count.IsInt() || !index.IsInt() {
		return loadgen.Segment{}, fmt.Errorf("execution segment %s: all segments must be of one length, like 0:1/2 and 1/2:1", es)
	}
	s := loadgen.Segment{Index: int(index.Num().Int64()) + 1, Count: int(count.Num().Int64())}
	if s.Count == 1 {
		return loadgen.Segment{}, nil
	}
	return s, nil
}

func write(name string, r *loadgen.Result) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := r.WriteJSON(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// plain is the result as a script sees it.
func plain(r *loadgen.Result) (any, error) {
	text, err := json.Marshal(r.Plain())
	if err != nil {
		return nil, err
	}
	var v any
	return v, json.Unmarshal(text, &v)
}

// measures are the metrics that k6 shows and applies thresholds to.
type measures struct {
	counters  map[string]*metrics.Metric
	latencies map[string]*metrics.Metric
}

func registerMetrics(vu modules.VU) (*measures, error) {
	m := &measures{counters: map[string]*metrics.Metric{}, latencies: map[string]*metrics.Metric{}}
	env := vu.InitEnv()
	for _, name := range []string{"started", "sent", "acked", "deliveries", "errors", "lost", "duplicated", "out_of_order", "unexpected", "late"} {
		metric, err := env.Registry.NewMetric("imsim_"+name, metrics.Counter)
		if err != nil {
			return nil, err
		}
		m.counters[name] = metric
	}
	for _, name := range loadgen.Latencies() {
		metric, err := env.Registry.NewMetric("imsim_latency_"+name, metrics.Trend, metrics.Time)
		if err != nil {
			return nil, err
		}
		m.latencies[name] = metric
	}
	return m, nil
}

// samples collects values for k6.
type samples struct {
	state *lib.State
	at    time.Time
	list  metrics.Samples
}

func (s *samples) add(m *metrics.Metric, v float64) {
	tags := s.state.Tags.GetCurrentValues()
	s.list = append(s.list, metrics.Sample{
		TimeSeries: metrics.TimeSeries{Metric: m, Tags: tags.Tags}, Time: s.at, Metadata: tags.Metadata, Value: v,
	})
}

// count adds what happened in one second to what k6 knows.
func (m *measures) count(vu modules.VU, state *lib.State, told, p loadgen.Point) loadgen.Point {
	s := samples{state: state, at: time.Now()}
	for name, n := range map[string]int64{"started": p.Started, "sent": p.Sent, "acked": p.Acked, "deliveries": p.Delivered, "errors": p.Errors} {
		s.add(m.counters[name], float64(n))
	}
	metrics.PushIfNotDone(vu.Context(), state.Samples, s.list)
	told.Started += p.Started
	told.Sent += p.Sent
	told.Acked += p.Acked
	told.Delivered += p.Delivered
	told.Errors += p.Errors
	return told
}

// quantiles of a latency stand for all its values: k6 would keep each of
// millions.
const quantiles = 1000

// end adds the account, and the latencies of the whole run.
func (m *measures) end(vu modules.VU, state *lib.State, r *loadgen.Result) {
	s := samples{state: state, at: time.Now()}
	a := r.Account
	for name, n := range map[string]int64{
		"lost": a.Lost, "duplicated": a.Duplicated, "out_of_order": a.OutOfOrder, "unexpected": a.Unexpected, "late": r.Late,
	} {
		s.add(m.counters[name], float64(n))
	}
	for name, metric := range m.latencies {
		for _, v := range r.Quantiles(name, quantiles) {
			s.add(metric, float64(v)/float64(time.Millisecond))
		}
	}
	metrics.PushIfNotDone(vu.Context(), state.Samples, s.list)
}
