package drivers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"

	"github.com/imsim/imsim/port"
)

// pipes is a running driver as the harness sees it. A child process, a
// goroutine and a connection differ in how they fill it, and in nothing else.
type pipes struct {
	in     io.WriteCloser // its stdin; closing is the order to end
	out    io.ReadCloser  // its stdout; closed once nobody will read it
	stderr *journal
	wait   func() ending // returns when it ended and its output was read; called once
	kill   func()        // ends it without its help; may come twice or too late
}

// ending is how a driver ended.
type ending struct {
	good bool   // as exit status 0
	text string // "exit status 3"
}

// Program is a driver inside this process. It is ended as a process is: its
// stdin ends, and it returns nil. If it does not, its context ends and its
// pipes are closed, and then it must return.
type Program func(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) error

// Serving is the program that serves a port.
func Serving(p port.Port) Program {
	return func(ctx context.Context, stdin io.Reader, stdout, _ io.Writer) error {
		return Serve(ctx, stdin, stdout, p)
	}
}

// Host runs a driver as a goroutine of this process, so that no child is
// needed to test the suite. An error of the program is what another exit
// status than 0 is for a process. The context bounds only the start.
func Host(ctx context.Context, program Program, o Options) (*Driver, error) {
	return begin(ctx, "hosted driver", host(program, newJournal(o)), o)
}

func host(program Program, stderr *journal) *pipes {
	ctx, cancel := context.WithCancel(context.Background())
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	ended := make(chan ending, 1)
	go func() {
		end := run(ctx, program, inR, outW, stderr)
		_ = inR.Close()
		_ = outW.Close()
		ended <- end
	}()
	return &pipes{
		in: inW, out: outR, stderr: stderr,
		wait: func() ending {
			defer cancel()
			return <-ended
		},
		kill: func() {
			cancel()
			_ = inR.Close()
			_ = outR.Close()
		},
	}
}

func run(ctx context.Context, program Program, in io.Reader, out io.Writer, stderr io.Writer) (end ending) {
	defer func() {
		if p := recover(); p != nil {
			_, _ = fmt.Fprintf(stderr, "panic: %v\n%s", p, debug.Stack())
			end = ending{text: fmt.Sprintf("panic: %v", p)}
		}
	}()
	if err := program(ctx, in, out, stderr); err != nil {
		return ending{text: "ended with: " + err.Error()}
	}
	return ending{good: true, text: "ended without an error"}
}

// Attach takes a driver that already runs at the other end of a connection,
// for example under a debugger. Closing the connection is the end of its
// stdin; one with CloseWrite (TCP, Unix) is then still read to its end. The
// Driver owns the connection from now on, also when Attach fails.
func Attach(ctx context.Context, conn io.ReadWriteCloser, o Options) (*Driver, error) {
	return begin(ctx, "attached driver", connected(conn, newJournal(o)), o)
}

func connected(conn io.ReadWriteCloser, stderr *journal) *pipes {
	over := make(chan struct{})
	var once sync.Once
	end := func() { once.Do(func() { close(over) }) }
	kill := func() {
		_ = conn.Close()
		end()
	}
	return &pipes{
		in: connWriter{conn, kill}, out: connReader{conn, end}, stderr: stderr,
		wait: func() ending {
			<-over
			_ = conn.Close()
			return ending{good: true, text: "connection closed"}
		},
		kill: kill,
	}
}

type connWriter struct {
	io.Writer
	kill func()
}

func (w connWriter) Close() error {
	if half, ok := w.Writer.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	w.kill()
	return nil
}

type connReader struct {
	io.ReadCloser
	end func()
}

func (r connReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil {
		r.end()
		if !errors.Is(err, io.EOF) {
			err = fmt.Errorf("%w: %w", io.EOF, err) // a lost connection is an end, too
		}
	}
	return n, err
}
