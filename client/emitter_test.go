package client

import (
	"reflect"
	"testing"
)

// handled runs f and returns when all events are handled.
func (e *emitter) handled(t *testing.T) {
	t.Helper()
	done := make(chan struct{})
	e.mark(func() { close(done) })
	<-done
}

func TestHandlersRunInOrderAndPanicsAreContained(t *testing.T) {
	var e emitter
	var got []string
	note := func(s string) *Handler { return Handle(func(Event) { got = append(got, s) }) }
	a := note("a")
	e.on("x", a, false)
	e.on("x", Handle(func(Event) { panic("oops") }), false)
	e.on("x", a, false) // a second time: it runs twice
	e.on("x", note("once"), true)
	e.emit("x", nil)
	e.emit("x", nil)
	e.handled(t)
	if want := []string{"a", "a", "once", "a", "a"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	got = nil
	e.off("x", a) // removes both
	e.emit("x", nil)
	e.handled(t)
	if len(got) != 0 {
		t.Errorf("got %v after off", got)
	}
}

func TestHandlersMaySubscribeAndFire(t *testing.T) {
	var e emitter
	var got []any
	e.on("x", Handle(func(ev Event) {
		got = append(got, ev.Data)
		if ev.Data == 1 {
			e.on("y", Handle(func(ev Event) { got = append(got, ev.Data) }), false)
			e.emit("x", 2)
			e.emit("y", 3)
		}
	}), false)
	e.emit("y", 0) // nobody listens yet
	e.emit("x", 1)
	e.handled(t)
	e.handled(t)
	if want := []any{1, 2, 3}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
