package drivers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/imsim/imsim/port"
)

func TestACrashAnswersEverything(t *testing.T) {
	d := script(t, Options{}, func(s *stage) error {
		for n := 0; n < 2; {
			switch r := s.next(); r.Method {
			case "create":
				s.answer(r, "{}")
			case "call":
				n++
			}
		}
		_, _ = fmt.Fprint(s.stderr, "Segmentation fault\n")
		return errors.New("signal 11")
	})
	alice, bob := create(t, d), create(t, d)
	var calls sync.WaitGroup
	for _, i := range []port.Instance{alice, bob} {
		calls.Go(func() {
			_, err := i.Call(t.Context(), "login")
			breakdown(t, err, port.Crash, "ended with: signal 11 before its stdin was closed; stderr ends:\nSegmentation fault")
		})
	}
	_, _, err := bob.Stream().Wait(t.Context(), 0, port.EventNamed("never"))
	breakdown(t, err, port.Crash, "signal 11")
	calls.Wait()
	<-d.Done()
	_, err = d.Create(t.Context(), port.Options{})
	breakdown(t, err, port.Crash, "signal 11")
	breakdown(t, d.Close(), port.Crash, "signal 11")
	breakdown(t, d.Close(), port.Crash, "signal 11")
}

func TestAnExitWithoutAnErrorIsACrashToo(t *testing.T) {
	d := script(t, Options{}, func(*stage) error { return nil })
	<-d.Done()
	breakdown(t, d.Err(), port.Crash, "ended without an error before its stdin was closed")
}

func TestACrashInTheMiddleOfALine(t *testing.T) {
	n := newNotes()
	d := script(t, Options{Log: n.log}, func(s *stage) error {
		_, _ = io.WriteString(s.out, `{"jsonrpc":"2.0","met`)
		return errors.New("boom")
	})
	<-d.Done()
	breakdown(t, d.Err(), port.Crash, "boom")
	n.contains(t, `line 2 was never finished: {"jsonrpc":"2.0","met`)
}

func TestAPanicIsACrash(t *testing.T) {
	d := script(t, Options{}, func(*stage) error { panic("oh") })
	<-d.Done()
	breakdown(t, d.Err(), port.Crash, "panic: oh before its stdin was closed; stderr ends:\n")
}

func TestADriverThatClosesItsStdout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := script(t, Options{}, func(s *stage) error {
			_ = s.out.(io.Closer).Close()
			return s.wait()
		})
		<-d.Done()
		breakdown(t, d.Err(), port.Crash, "closed its stdout and did not exit within 5s; killed")
		_ = d.Close()
	})
}

func TestCloseIsGentle(t *testing.T) {
	d := scene(t, Options{}, func(*stage, request) bool { return false })
	i := create(t, d)
	waiting := make(chan error)
	go func() {
		_, _, err := i.Stream().Wait(context.Background(), 0, port.EventNamed("never"))
		waiting <- err
	}()
	for range 2 {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range []error{<-waiting, d.Err(), i.Destroy(t.Context())} {
		if !errors.Is(err, ErrClosed) {
			t.Fatalf("got %v", err)
		}
	}
	if _, err := i.Call(t.Context(), "login"); !errors.Is(err, ErrClosed) {
		t.Fatalf("got %v", err)
	}
}

func TestCloseEndsAPendingCall(t *testing.T) {
	called := make(chan struct{})
	d := scene(t, Options{}, func(_ *stage, r request) bool {
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
	_ = d.Close()
	if err := <-ended; !errors.Is(err, ErrClosed) {
		t.Fatalf("got %v", err)
	}
}

// An answer that crosses Close on its way is no breach.
func TestAnAnswerAfterClose(t *testing.T) {
	called := make(chan struct{})
	d := script(t, Options{Strict: true}, func(s *stage) error {
		s.answer(s.next(), "{}")
		call := s.next()
		close(called)
		s.next() // the end of stdin
		s.answer(call, `{"sync":false,"seq":1}`)
		return nil
	})
	i := create(t, d)
	ended := make(chan error)
	go func() {
		_, err := i.Call(t.Context(), "login")
		ended <- err
	}()
	<-called
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, ErrClosed) {
		t.Fatalf("got %v", err)
	}
}

func TestCloseKillsWhatDoesNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := script(t, Options{}, (*stage).wait)
		begun := time.Now()
		breakdown(t, d.Close(), port.Hang, "did not exit within 5s of the end of its stdin; killed")
		equal(t, "after", time.Since(begun), 5*time.Second)
	})
}

func TestCloseTellsOfABadEnd(t *testing.T) {
	d := script(t, Options{}, func(s *stage) error {
		_ = s.polite(nil)
		return errors.New("cannot flush")
	})
	breakdown(t, d.Close(), port.Crash, "ended with: cannot flush after its stdin was closed")
}

func TestLastWordsOnStdoutAreNotAllowed(t *testing.T) {
	d := script(t, Options{}, func(s *stage) error {
		_ = s.polite(nil)
		s.say("Bye!")
		return nil
	})
	breakdown(t, d.Close(), port.BrokenProtocol, "Bye!")
}

// A driver that does not read must not hold up the limit of anybody.
func TestADeafDriverHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := script(t, Options{}, func(s *stage) error {
			s.answer(s.next(), "{}")
			return s.wait()
		})
		i := create(t, d)
		var calls sync.WaitGroup
		for range 3 {
			calls.Go(func() {
				_, err := i.Call(t.Context(), "login")
				breakdown(t, err, port.Hang, "call login of i1 unanswered after 10s")
			})
		}
		calls.Wait()
		_ = d.Close()
	})
}
