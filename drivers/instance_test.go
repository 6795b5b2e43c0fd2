package drivers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/imsim/imsim/port"
)

func TestArgumentsArriveAsTheyAre(t *testing.T) {
	asked := make(chan string, 10)
	d := scene(t, Options{}, func(s *stage, r request) bool {
		if r.Method == "call" {
			asked <- fmt.Sprint(r.Params["args"])
		}
		return false
	})
	i := create(t, d)
	for want, args := range map[string][]any{
		"[]":                         nil,
		"[<nil>]":                    {nil},
		"[map[a:<b>&]]":              {map[string]any{"a": "<b>&"}},
		"[map[$undefined:true] [1]]": {map[string]any{"$undefined": true}, []int{1}},
	} {
		if _, err := i.Call(t.Context(), "x", args...); err != nil {
			t.Fatal(err)
		}
		equal(t, "args", <-asked, want)
	}
	if _, err := i.Call(t.Context(), "x", func() {}); err == nil || !strings.Contains(err.Error(), "encode its arguments") {
		t.Fatalf("got %v", err)
	}
	equal(t, "pending", len(d.pending), 0)
}

func TestRead(t *testing.T) {
	d := scene(t, Options{}, func(s *stage, r request) bool {
		if r.Method == "read" {
			s.answer(r, fmt.Sprintf(`{"$ref":%q,"isRead":true}`, r.Params["ref"]))
			return true
		}
		return false
	})
	fields, err := create(t, d).Read(t.Context(), "i1.m7")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "fields", string(fields), `{"$ref":"i1.m7","isRead":true}`)
}

func TestAdvanceGoesInSteps(t *testing.T) {
	var steps []any
	d := scene(t, Options{}, func(s *stage, r request) bool {
		if r.Method == "advance" {
			steps = append(steps, r.Params["ms"])
		}
		return false
	})
	i := create(t, d)
	if err := i.Advance(t.Context(), 2500*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	equal(t, "steps", fmt.Sprint(steps), "[1000 1000 500]")
	if err := i.Advance(t.Context(), 0); err != nil { // lets due timers run
		t.Fatal(err)
	}
	equal(t, "steps", len(steps), 4)
	if err := i.Advance(t.Context(), -1); err == nil {
		t.Fatal("a clock went back")
	}
}

func TestAdvanceNeedsItsCapability(t *testing.T) {
	d, err := Host(t.Context(), acting(func(s *stage) error {
		s.answer(s.next(), strings.Replace(helloResult, `"clock"`, "", 1))
		return s.polite(nil)
	}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	var missing *port.NotImplementedError
	if err := create(t, d).Advance(t.Context(), time.Second); !errors.As(err, &missing) {
		t.Fatalf("got %v", err)
	}
}

func TestDestroyAnswersWhatIsPending(t *testing.T) {
	var call request
	called := make(chan struct{})
	d := scene(t, Options{Strict: true}, func(s *stage, r request) bool {
		switch r.Method {
		case "call":
			call = r
			close(called)
			return true
		case "destroy":
			s.event(r.instance(), 1, "sdkDestroy")
			s.fail(call, `{"code":-32012,"message":"destroyed"}`)
		}
		return false
	})
	i := create(t, d)
	ended := make(chan error)
	go func() {
		_, err := i.Call(t.Context(), "login")
		ended <- err
	}()
	<-called
	if err := i.Destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
	protocolCode(t, <-ended, port.CodeDestroyed)
	_, err := i.Call(t.Context(), "login")
	protocolCode(t, err, port.CodeDestroyed)
	if err := i.Destroy(t.Context()); err != nil { // again
		t.Fatal(err)
	}
	_, n, err := i.Stream().Wait(t.Context(), 0, port.EventNamed("sdkDestroy"))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = i.Stream().Wait(t.Context(), n, port.EventNamed("never"))
	protocolCode(t, err, port.CodeDestroyed)
	create(t, d)
}

func TestDestroyThatForgetsAPendingCall(t *testing.T) {
	for _, strict := range []bool{false, true} {
		called := make(chan struct{})
		n := newNotes()
		d := scene(t, Options{Strict: strict, Log: n.log}, func(_ *stage, r request) bool {
			if r.Method == "call" {
				close(called)
				return true
			}
			return false
		})
		i := create(t, d)
		ended := make(chan error)
		go func() {
			_, err := i.Call(t.Context(), "login")
			ended <- err
		}()
		<-called
		err := i.Destroy(t.Context())
		if strict {
			breakdown(t, err, port.BrokenProtocol, "without an answer to call login of i1")
			breakdown(t, <-ended, port.BrokenProtocol, "")
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		protocolCode(t, <-ended, port.CodeDestroyed)
		n.contains(t, "without an answer to call login of i1")
	}
}

func TestNothingFollowsADestroyedInstance(t *testing.T) {
	d := scene(t, Options{}, func(s *stage, r request) bool {
		if r.Method == "create" && r.instance() == "i2" {
			s.event("i1", 1, "late")
		}
		return false
	})
	if err := create(t, d).Destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := d.Create(t.Context(), port.Options{})
	breakdown(t, err, port.BrokenProtocol, `no instance "i1"`)
}

// An expired case still cleans up.
func TestDestroyUnderAnExpiredContext(t *testing.T) {
	destroyed := false
	d := scene(t, Options{}, func(_ *stage, r request) bool {
		destroyed = destroyed || r.Method == "destroy"
		return false
	})
	i := create(t, d)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := i.Destroy(ctx); err != nil {
		t.Fatal(err)
	}
	equal(t, "destroyed", destroyed, true)
}

func TestACallGivenUpByItsCaller(t *testing.T) {
	n := newNotes()
	var held request
	ctx, cancel := context.WithCancel(t.Context())
	d := scene(t, Options{Log: n.log, Strict: true}, func(s *stage, r request) bool {
		switch r.Params["api"] {
		case "login":
			held = r
			cancel()
		case "logout":
			s.answer(held, `{"sync":false,"seq":1}`) // late, and its seq counts
			s.answer(r, `{"sync":false,"seq":2}`)
		default:
			return false
		}
		return true
	})
	i := create(t, d)
	if _, err := i.Call(ctx, "login"); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	a, err := i.Call(t.Context(), "logout")
	if err != nil || a.Seq != 2 {
		t.Fatalf("got %+v, %v", a, err)
	}
	n.contains(t, "late answer to call login of i1 (id 3)")
	equal(t, "records", names(i.Stream().Since(0)), "answer login 1, answer logout 2")
	if _, err := i.Call(ctx, "never asked"); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func TestAHangEndsTheInstanceOnly(t *testing.T) {
	for name, limit := range map[string]time.Duration{"the driver's limit": 0, "the caller's deadline": 3 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var held request
				d := scene(t, Options{Strict: true}, func(s *stage, r request) bool {
					switch {
					case r.Params["api"] == "login":
						held = r
						return true
					case r.Method == "destroy" && held.ID != 0:
						s.fail(held, `{"code":-32012,"message":"destroyed"}`)
					}
					return false
				})
				alice, bob := create(t, d), create(t, d)
				ctx, want := t.Context(), 10*time.Second
				if limit != 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, limit)
					defer cancel()
					want = limit
				}
				begun := time.Now()
				_, err := alice.Call(ctx, "login")
				breakdown(t, err, port.Hang, "call login of i1 unanswered")
				equal(t, "after", time.Since(begun), want)
				_, err = alice.Call(t.Context(), "logout")
				breakdown(t, err, port.Hang, "i1 was destroyed")
				_, _, err = alice.Stream().Wait(t.Context(), 0, port.EventNamed("never"))
				breakdown(t, err, port.Hang, "i1 was destroyed")
				if _, err := bob.Call(t.Context(), "logout"); err != nil {
					t.Fatal(err)
				}
				create(t, d)
				if err := d.Close(); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

func TestTwoHangsDestroyOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		destroyed := 0
		d := scene(t, Options{}, func(_ *stage, r request) bool {
			if r.Method == "destroy" {
				destroyed++
			}
			return r.Method == "call"
		})
		i := create(t, d)
		errs := make(chan error)
		for range 2 {
			go func() {
				_, err := i.Call(t.Context(), "login")
				errs <- err
			}()
		}
		breakdown(t, <-errs, port.Hang, "login")
		breakdown(t, <-errs, port.Hang, "login")
		equal(t, "destroyed", destroyed, 1)
		_ = d.Close()
	})
}

func TestAHangOfDestroyKills(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := script(t, Options{}, func(s *stage) error {
			s.answer(s.next(), "{}")
			s.answer(s.next(), "{}")
			s.next()
			return s.wait() // deaf from now on
		})
		alice, bob := create(t, d), create(t, d)
		begun := time.Now()
		_, err := alice.Call(t.Context(), "login")
		breakdown(t, err, port.Hang, "call login of i1 unanswered after 10s; then: port hang: destroy of i1 unanswered after 5s; the driver was killed")
		equal(t, "after", time.Since(begun), 15*time.Second)
		_, err = bob.Call(t.Context(), "login")
		breakdown(t, err, port.Hang, "destroy of i1")
		breakdown(t, d.Close(), port.Hang, "destroy of i1")
	})
}

func TestAHangOfAdvance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := scene(t, Options{}, func(_ *stage, r request) bool { return r.Method == "advance" })
		err := create(t, d).Advance(t.Context(), time.Second)
		breakdown(t, err, port.Hang, "advance of i1 unanswered after 10s")
		create(t, d)
		_ = d.Close()
	})
}

func TestAHangOfCreate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := scene(t, Options{}, func(_ *stage, r request) bool {
			return r.Method == "create" && r.instance() == "i1"
		})
		_, err := d.Create(t.Context(), port.Options{})
		breakdown(t, err, port.Hang, "create of i1 unanswered after 10s; i1 was destroyed")
		create(t, d)
		_ = d.Close()
	})
}
