package clock

import (
	"reflect"
	"testing"
	"time"
)

var start = time.Unix(1_700_000_000, 0)

func TestAdvanceRunsWhatIsDueInOrder(t *testing.T) {
	c := NewAt(start)
	var got []string
	note := func(s string) func() { return func() { got = append(got, s+c.Now().Sub(start).String()) } }
	c.AfterFunc(3*time.Second, note("c"))
	c.AfterFunc(time.Second, func() {
		note("a")()
		c.AfterFunc(time.Second, note("b")) // set on the way, due on the way
	})
	c.AfterFunc(10*time.Second, note("late"))
	stopped := c.AfterFunc(2*time.Second, note("stopped"))
	if !stopped.Stop() || stopped.Stop() {
		t.Error("Stop must report true once")
	}
	settled := 0
	c.Advance(5*time.Second, func() { settled++ })
	if want := []string{"a1s", "b2s", "c3s"}; !reflect.DeepEqual(got, want) {
		t.Errorf("ran %v, want %v", got, want)
	}
	if settled != 3 {
		t.Errorf("settled %d times, want after each of 3", settled)
	}
	if now := c.Now(); !now.Equal(start.Add(5 * time.Second)) {
		t.Errorf("now %v", now)
	}
}

func TestEqualInstantsKeepTheirOrder(t *testing.T) {
	c := NewAt(start)
	var got []int
	for i := range 20 {
		c.AfterFunc(time.Second, func() { got = append(got, i) })
	}
	c.Advance(time.Second, nil)
	for i := range got {
		if got[i] != i {
			t.Fatalf("order %v", got)
		}
	}
	if len(got) != 20 {
		t.Fatalf("ran %d of 20", len(got))
	}
}

func TestRealTimeFiresByItself(t *testing.T) {
	c := New()
	defer c.Stop()
	done := make(chan struct{})
	c.AfterFunc(time.Millisecond, func() { close(done) })
	<-done
}

func TestStopForgetsPending(t *testing.T) {
	c := NewAt(start)
	c.AfterFunc(time.Second, func() { t.Error("ran after Stop") })
	c.Stop()
	c.Advance(time.Minute, nil)
}
