package drivers

import (
	"errors"
	"io"
	"net"
	"testing"

	"github.com/imsim/imsim/port"
)

// debugged is a driver somebody else started, at the far end of a connection.
func debugged(conn net.Conn, play func(*stage) error) <-chan error {
	ended := make(chan error, 1)
	go func() {
		defer func() { _ = conn.Close() }()
		s := &stage{lines: newLineReader(conn, 64<<20), out: conn}
		s.answer(s.next(), helloResult)
		ended <- play(s)
	}()
	return ended
}

func tcp(t *testing.T) (near, far net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if far, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if near, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return near, far
}

func TestAttach(t *testing.T) {
	for name, connect := range map[string]func() (net.Conn, net.Conn){
		"half-close":    func() (net.Conn, net.Conn) { return tcp(t) },
		"no half-close": net.Pipe,
	} {
		t.Run(name, func(t *testing.T) {
			near, far := connect()
			ended := debugged(far, func(s *stage) error { return s.polite(nil) })
			d, err := Attach(t.Context(), near, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := create(t, d).Call(t.Context(), "logout"); err != nil {
				t.Fatal(err)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestAnAttachedDriverThatLeaves(t *testing.T) {
	near, far := net.Pipe()
	ended := debugged(far, func(*stage) error { return nil })
	d, err := Attach(t.Context(), near, Options{})
	if err != nil {
		t.Fatal(err)
	}
	<-d.Done()
	breakdown(t, d.Err(), port.Crash, "connection closed")
	<-ended
	_ = d.Close()
}

func TestAnAttachedDriverWithABrokenLine(t *testing.T) {
	near, far := net.Pipe()
	ended := debugged(far, func(s *stage) error {
		s.say("oops")
		_, err := s.lines.next()
		return err
	})
	d, err := Attach(t.Context(), near, Options{})
	if err != nil {
		t.Fatal(err)
	}
	breakdownOf := func(err error) { breakdown(t, err, port.BrokenProtocol, "oops") }
	<-d.Done()
	breakdownOf(d.Err())
	breakdownOf(d.Close())
	if err := <-ended; !errors.Is(err, io.EOF) {
		t.Fatalf("the connection was left open: %v", err)
	}
}
