package loadgen

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/imsim/imsim/fakeserver"
)

// together runs the segments of a load at the same time, on one server.
func together(t *testing.T, spec Spec, processes int) []*Result {
	t.Helper()
	srv := fakeserver.Run(t, fakeserver.Options{NoListener: true})
	results := make([]*Result, processes)
	var running sync.WaitGroup
	for i := range processes {
		part := spec
		part.Segment = Segment{i + 1, processes}
		running.Go(func() {
			r, err := Run(t.Context(), part, Options{Server: srv, Target: Memory})
			if err != nil {
				t.Error(err)
				return
			}
			var file bytes.Buffer // through a file, as processes do
			if err := r.WriteJSON(&file); err != nil {
				t.Error(err)
				return
			}
			valid(t, ResultSchema, file.Bytes())
			if results[i], err = ReadResult(&file); err != nil {
				t.Error(err)
			}
		})
	}
	running.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return results
}

// valid checks a JSON text against one of the schemas.
func valid(t *testing.T, schema, text []byte) {
	t.Helper()
	c := jsonschema.NewCompiler()
	for url, schema := range map[string][]byte{
		"https://github.com/imsim/imsim/loadgen/spec.schema.json": Schema, "https://github.com/imsim/imsim/loadgen/result.schema.json": ResultSchema,
	} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
		if err == nil {
			err = c.AddResource(url, doc)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var id struct {
		ID string `json:"$id"`
	}
	if err := json.Unmarshal(schema, &id); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile(id.ID)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(doc); err != nil {
		t.Error(err)
	}
}

// Processes that share a fleet come to what one process alone comes to, also
// when senders and receivers are in different ones.
func TestMergedIsAsOneAlone(t *testing.T) {
	for _, c := range []struct {
		workload, pairs string
		processes       int
	}{{C2C, Far, 2}, {Group, Near, 3}, {LiveRoom, Near, 2}} {
		t.Run(c.workload, func(t *testing.T) {
			t.Parallel()
			spec := quickly(c.workload)
			spec.Run, spec.Rate, spec.Pairs = "merged", 100, c.pairs
			spec.Thresholds = []string{"lost==0", "delivered.count>0"}
			alone, err := Run(t.Context(), spec, Options{})
			if err != nil {
				t.Fatal(err)
			}
			parts := together(t, spec, c.processes)
			elsewhere := int64(0)
			for _, p := range parts {
				elsewhere += p.Account.Elsewhere
			}
			if elsewhere == 0 {
				t.Error("no message went from process to process")
			}
			merged, err := Merge(parts)
			if err != nil {
				t.Fatal(err)
			}
			a, m := alone.Account, merged.Account
			a.Repeated, m.Repeated = 0, 0
			if text, want := m.Summary(), a.Summary(); text != want || !m.Clean() || len(m.Messages) > 0 {
				t.Errorf("merged %s\nalone  %s\n%+v", text, want, m.Messages)
			}
			if merged.Planned != alone.Planned || merged.Began != alone.Began || merged.Users != alone.Users || merged.Processes != c.processes {
				t.Errorf("merged %d of %d operations of %d users, alone %d of %d of %d",
					merged.Began, merged.Planned, merged.Users, alone.Began, alone.Planned, alone.Users)
			}
			for _, name := range []string{Acked, Delivered, Lateness} {
				if merged.Latency[name].Count != alone.Latency[name].Count {
					t.Errorf("%s: %d values merged, %d alone", name, merged.Latency[name].Count, alone.Latency[name].Count)
				}
				seconds := int64(0)
				for _, p := range merged.Points {
					seconds += p.Latency[name].Count
				}
				if seconds != merged.Latency[name].Count {
					t.Errorf("%s: %d values over time, %d in all", name, seconds, merged.Latency[name].Count)
				}
			}
			if !merged.OK() || len(merged.Thresholds) != 2 {
				t.Errorf("thresholds %+v", merged.Thresholds)
			}
			// Whoever leaves a part out is told.
			if _, err := Merge(parts[1:]); err == nil {
				t.Error("merged without a part")
			}
		})
	}
}

// Recalls and reads whose two ends live in different processes are measured
// when these are merged, each as often as it was seen.
func TestRecallsAndReadsAreMeasuredAcrossProcesses(t *testing.T) {
	for _, c := range []struct {
		name  string
		share float64 // of groups
	}{{"chats", 1e-9}, {"groups", 1}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			spec := quickly(Mixed)
			spec.Run, spec.Pairs, spec.GroupShare = "notices", Far, c.share
			spec.Weights = Weights{Message: 60, Recall: 20, Read: 20}
			spec.GroupSize = fixed("5")
			parts := together(t, spec, 2)
			merged, err := Merge(parts)
			if err != nil {
				t.Fatal(err)
			}
			begun, apart := map[string]int64{}, map[string]int64{}
			for _, p := range parts {
				for key := range p.Ledger.Begun {
					name, _, _ := strings.Cut(key, " ")
					begun[name]++
				}
				for _, name := range []string{RecallSeen, Receipt} {
					apart[name] += p.Latency[name].Count
				}
			}
			recalls := merged.Latency[string(Recall)].Count
			if recalls == 0 || begun[RecallSeen] != recalls {
				t.Fatalf("%d recalls, %d of them listed", recalls, begun[RecallSeen])
			}
			seenBy, receipts := int64(1), begun[Receipt]
			if c.share == 1 {
				seenBy, receipts = 4, 0 // all but who recalls; groups have no receipts
			} else if apart[RecallSeen]+apart[Receipt] > 0 || receipts == 0 {
				t.Errorf("alone %v, receipts expected: %d", apart, receipts)
			}
			if l := merged.Latency[RecallSeen]; l.Count != recalls*seenBy || l.P50 <= 0 || l.Max > 2000 {
				t.Errorf("%d recalls by %d each: %+v", recalls, seenBy, l)
			}
			if l := merged.Latency[Receipt]; l.Count != receipts {
				t.Errorf("%d reads: %+v", receipts, l)
			}
			inPoints := int64(0)
			for _, p := range merged.Points {
				inPoints += p.Latency[RecallSeen].Count
			}
			if inPoints != merged.Latency[RecallSeen].Count {
				t.Errorf("%d in the time series, %d in all", inPoints, merged.Latency[RecallSeen].Count)
			}
		})
	}
}

// Histograms that were recorded apart are, merged, the one that was recorded
// together.
func TestMergedPercentilesAreThoseOfOne(t *testing.T) {
	all, halves := newHistogram(), []*Result{}
	spec := Spec{Workload: LoginStorm, Users: 4, Run: "r"}
	for i := range 2 {
		half := newHistogram()
		r := source(1, uint64(i))
		for range 10_000 {
			v := int64(1000 * math.Exp(r.NormFloat64()*2))
			_ = all.RecordValue(v)
			_ = half.RecordValue(v)
		}
		part := spec
		part.Segment = Segment{i + 1, 2}
		if err := part.Complete(); err != nil {
			t.Fatal(err)
		}
		halves = append(halves, &Result{
			Spec: part, Ledger: &Ledger{}, Processes: 1, Started: time.Unix(0, 0), Histograms: map[string][]byte{Ready: encodeHistogram(half)},
		})
	}
	merged, err := Merge(halves, "ready.p99>0ms")
	if err != nil {
		t.Fatal(err)
	}
	got, want := merged.Latency[Ready], latencyOf(all)
	if got.Count != want.Count || got.P50 != want.P50 || got.P99 != want.P99 || got.P999 != want.P999 || got.Max != want.Max {
		t.Errorf("merged %+v\nwant   %+v", got, want)
	}
	if len(merged.Thresholds) != 1 || !merged.Thresholds[0].Holds {
		t.Errorf("thresholds %+v", merged.Thresholds)
	}
	halves[1].Spec.Seed++
	if _, err := Merge(halves); err == nil || !strings.Contains(err.Error(), "different loads") {
		t.Errorf("merged different loads: %v", err)
	}
}

func TestSpecFilesAreStrictAndDocumented(t *testing.T) {
	var spec Spec
	var err error
	text := "workload: mixed\nusers: 50\nrate: 20\nstages: [{duration: 10s, rate: 100}]\nthink: exp(2s)\nmessageSize: 40\n" +
		"groupSize: uniform(3,9)\nweights: {message: 10, kick: 1}\nstorm: {every: 2s}\nthresholds: ['lost==0']\n"
	if spec, err = ReadSpec(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	if err := spec.Complete(); err != nil || spec.Users != 50 || spec.Stages[0].Rate != 100 || spec.MessageSize.a != 40 || spec.Storm.Share != 0.5 {
		t.Errorf("%+v, %v", spec, err)
	}
	written, err := SpecYAML(spec)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadSpec(bytes.NewReader(written))
	if err != nil {
		t.Fatalf("%v\n%s", err, written)
	}
	asJSON, _ := json.Marshal(again)
	valid(t, Schema, asJSON)
	if before, _ := json.Marshal(spec); string(before) != string(asJSON) {
		t.Errorf("read %s\nwant %s", asJSON, before)
	}
	for _, wrong := range []string{"workload: c2c\nuser: 5\n", "duration: fast\n", "think: exp(\n", "segment: 3/2\n"} {
		if _, err := ReadSpec(strings.NewReader(wrong)); err == nil {
			t.Errorf("read %q", wrong)
		}
	}
	for _, c := range []struct{ text, says string }{
		{"workload: chat", "workload"}, {"users: 1", "users 1"}, {"workload: c2c\nrate: -1", "rate -1"}, {"rate: .nan", "rate NaN"},
		{"storm: {share: .inf}", "share +Inf"},
		{"workload: c2c\nsegment: 1/2", "need a run"}, {"workload: c2c\nthresholds: ['lost=0']", "threshold"},
		{"workload: mixed\nweights: {message: -1}", "weight"}, {"workload: c2c\nstages: [{duration: 1s, rate: 0}]", "nothing would be done"},
	} {
		spec, err := ReadSpec(strings.NewReader(c.text))
		if err == nil {
			err = spec.Complete()
		}
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.text, err, c.says)
		}
	}
}

func TestThresholds(t *testing.T) {
	r := &Result{
		Seconds: 10, Began: 100, KeptUp: true, Account: Account{Sent: 100, Delivered: 90, Lost: 2}, Errors: map[string]int64{"message 20003": 3, "login timeout": 1},
		Latency: map[string]Latency{Delivered: {Count: 90, P50: 5, P99: 49.9, P999: 51}},
	}
	for text, want := range map[string]bool{
		"delivered.p99<50ms": true, "delivered.p99.9<50ms": false, "delivered.p50 <= 5ms": true, "delivered.count>=90": true,
		"lost==0": false, "lost!=0": true, "sent>99": true, "sent.rate>=10": true, "delivered.rate>9": false, "errors<5": true,
		"errors.20003==3": true, "errors.timeout==1": true, "errors.5==0": true, "keptUp==true": true, "keptUp==false": false,
		"acked.p99<1s": false, // nothing was measured
	} {
		if err := r.Judge(text); err != nil {
			t.Errorf("%s: %v", text, err)
		} else if r.Thresholds[0].Holds != want {
			t.Errorf("%s: %+v", text, r.Thresholds[0])
		}
	}
	for _, wrong := range []string{"", "lost", "lost=0", "lots==0", "delivered<5ms", "delivered.p98<5ms", "delivered.p99<5", "lost==none", "lost.p99<5ms", "planned.rate>1"} {
		if _, err := ParseThreshold(wrong); err == nil {
			t.Errorf("took %q", wrong)
		}
	}
}
