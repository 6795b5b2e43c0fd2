package k6

import (
	"testing"

	"github.com/grafana/sobek"
	"go.k6.io/k6/lib"

	"github.com/imsim/imsim/loadgen"
)

func TestSegmentsAreThoseOfK6(t *testing.T) {
	for text, want := range map[string]loadgen.Segment{
		"0:1/2": {Index: 1, Count: 2}, "1/2:1": {Index: 2, Count: 2}, "1/3:2/3": {Index: 2, Count: 3}, "0:1": {},
	} {
		es, err := lib.NewExecutionSegmentFromString(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := segmentOf(es); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", text, got, err, want)
		}
	}
	es, _ := lib.NewExecutionSegmentFromString("0:2/3")
	if _, err := segmentOf(es); err == nil {
		t.Error("took segments of different lengths")
	}
}

func TestOptionsAreStrict(t *testing.T) {
	vm := sobek.New()
	value := func(js string) sobek.Value {
		v, err := vm.RunString("(" + js + ")")
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	spec, o, err := read(value(`{workload: 'c2c', users: 20, rate: 5.5, think: 3, duration: '2s', target: 'ws://127.0.0.1:1', result: undefined}`))
	if err != nil || spec.Workload != loadgen.C2C || spec.Users != 20 || spec.Rate != 5.5 || o.Target != "ws://127.0.0.1:1" {
		t.Errorf("%+v, %+v, %v", spec, o, err)
	}
	for _, wrong := range []string{`{workload: 'c2c', user: 20}`, `{duration: 5}`, `undefined`, `{target: 5}`} {
		if _, _, err := read(value(wrong)); err == nil {
			t.Errorf("took %s", wrong)
		}
	}
}
