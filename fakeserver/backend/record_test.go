package backend

import (
	"bytes"
	"slices"
	"time"
)

// input is one thing that happened to a world: enough to let it happen again.
type input struct {
	at   time.Time
	what func(*World, time.Time) []Effect
	got  []Effect
}

// happen carries an input out, notes it with its effects, and hands them out.
func (w *testWorld) happen(what func(*World, time.Time) []Effect) {
	w.t.Helper()
	in := input{at: w.at, what: what, got: slices.Clone(what(w.World, w.at))}
	w.inputs = append(w.inputs, in)
	w.handOut(in.got)
}

// replay lets all inputs so far happen to a fresh world; everything must come
// out the same, byte for byte.
func (w *testWorld) replay() {
	w.t.Helper()
	again := New(w.appID, w.cfg)
	for i, in := range w.inputs {
		got := in.what(again, in.at)
		same := slices.EqualFunc(got, in.got, func(a, b Effect) bool {
			frames := bytes.Equal(a.Frame, b.Frame)
			a.Frame, b.Frame = nil, nil
			return frames && a.Conn == b.Conn && a.User == b.User && a.ServCmd == b.ServCmd && a.Push == b.Push && a.Close == b.Close && a.Reason == b.Reason
		})
		if !same {
			w.t.Fatalf("input %d of %d had other effects:\n%v\nfirst time:\n%v", i, len(w.inputs), got, in.got)
		}
	}
	if a, b := stateText(w.t, again, w.at), stateText(w.t, w.World, w.at); a != b {
		w.t.Fatalf("replayed world ends as\n%s\nfirst time\n%s", a, b)
	}
}
