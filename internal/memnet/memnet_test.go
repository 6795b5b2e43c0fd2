package memnet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/nettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The conformance test of net.Conn: concurrent use, deadlines, closing.
func TestConn(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		a, b := Pipe()
		return a, b, func() { a.Close(); b.Close() }, nil
	})
}

func TestTryWriteNeverWaits(t *testing.T) {
	a, b := Pipe()
	defer a.Close()
	defer b.Close()
	n, err := a.TryWrite(make([]byte, BufferSize+10))
	if n != BufferSize || err != nil {
		t.Fatalf("wrote %d, %v; want the buffer's size", n, err)
	}
	if n, err = a.TryWrite([]byte("x")); n != 0 || err != nil {
		t.Fatalf("wrote %d, %v to a full buffer", n, err)
	}
	got := make([]byte, BufferSize)
	if _, err := io.ReadFull(b, got); err != nil {
		t.Fatal(err)
	}
}

func TestReaderGetsWhatWasWrittenBeforeClose(t *testing.T) {
	a, b := Pipe()
	a.Write([]byte("last words"))
	a.Close()
	got, err := io.ReadAll(b)
	if !bytes.Equal(got, []byte("last words")) || err != nil {
		t.Fatalf("%q, %v", got, err)
	}
	if _, err := b.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Fatalf("write to a closed peer: %v", err)
	}
}

func TestListener(t *testing.T) {
	l := Listen()
	go func() {
		c, err := l.Accept()
		if err == nil {
			io.Copy(c, c)
			c.Close()
		}
	}()
	c, err := l.Dial(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c.Write([]byte("hi"))
	got := make([]byte, 2)
	io.ReadFull(c, got)
	c.Close()
	if string(got) != "hi" {
		t.Fatalf("%q", got)
	}
	l.Close()
	if _, err := l.Dial(context.Background()); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("dial after close: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("accept after close: %v", err)
	}
}

func TestDeadline(t *testing.T) {
	a, b := Pipe()
	defer a.Close()
	defer b.Close()
	a.SetReadDeadline(time.Unix(1, 0))
	if _, err := a.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
}

func TestWhenReadableCallsOnceWhenReadWouldNotWait(t *testing.T) {
	for name, wake := range map[string]func(here, there *Conn){
		"data":     func(here, there *Conn) { _, _ = there.Write([]byte("x")) },
		"end":      func(here, there *Conn) { _ = there.Close() },
		"close":    func(here, there *Conn) { _ = here.Close() },
		"deadline": func(here, there *Conn) { _ = here.SetReadDeadline(time.Unix(1, 0)) },
	} {
		here, there := Pipe()
		called := 0
		if !here.WhenReadable(func() { called++ }) {
			t.Errorf("%s: readable from the start", name)
		}
		if _, _ = here.Write([]byte("x")); called != 0 {
			t.Errorf("%s: called for what went the other way", name)
		}
		for range 2 { // the second finds nobody waiting
			wake(here, there)
			if called != 1 {
				t.Errorf("%s: called %d times", name, called)
			}
		}
		if here.WhenReadable(func() { called++ }) || called != 1 {
			t.Errorf("%s: waits for what is there already", name)
		}
		_, _ = here.Close(), there.Close()
	}
}

func TestWhenReadableEndsWithALaterDeadline(t *testing.T) {
	here, there := Pipe()
	defer there.Close()
	defer here.Close()
	called := make(chan struct{})
	if !here.WhenReadable(func() { close(called) }) {
		t.Fatal("readable from the start")
	}
	_ = here.SetReadDeadline(time.Now().Add(time.Millisecond))
	select {
	case <-called:
	case <-time.After(10 * time.Second):
		t.Error("still waiting")
	}
}
