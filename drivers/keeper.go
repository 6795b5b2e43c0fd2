package drivers

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/imsim/imsim/port"
)

// keep runs the driver's goroutines and ends them, whichever of them is the
// first to see that it is over: the reader (end of stdout, a broken line), the
// writer (stdin broke), the waiter (exit), or a caller (Close, a breakdown).
func (d *Driver) keep() {
	defer close(d.gone)
	var end ending
	stop := make(chan struct{})
	exited, readEnd := make(chan struct{}), make(chan struct{})
	writeEnd, writeFailed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(exited)
		end = d.pipes.wait()
	}()
	go func() {
		defer close(readEnd)
		defer func() { _ = d.pipes.out.Close() }()
		d.read()
	}()
	go func() {
		defer close(writeEnd)
		if !d.write(stop) {
			close(writeFailed)
		}
	}()

	why := ""
	select {
	case <-d.down:
	case <-readEnd:
		why = "closed its stdout and did not exit"
	case <-exited:
	case <-writeFailed:
		why = "stopped reading its stdin and did not exit"
	}

	cause := d.Err() // nil: nobody ordered this end
	_ = d.pipes.in.Close()
	killed := false
	if cause == nil || errors.Is(cause, ErrClosed) {
		grace, cancel := context.WithTimeout(context.Background(), d.limits.Close)
		select {
		case <-exited:
		case <-grace.Done():
			killed = true
		}
		cancel()
	} else {
		killed = true
	}
	if killed {
		d.pipes.kill()
	}
	<-exited
	<-readEnd
	close(stop)
	<-writeEnd
	d.judge(cause, end, killed, why)
}

// judge finds what Close returns, and tells those who wait.
func (d *Driver) judge(cause error, end ending, killed bool, why string) {
	var broken *port.Breakdown
	switch {
	case cause == nil && killed:
		broken = &port.Breakdown{Cause: port.Crash, Detail: why + " within " + d.limits.Close.String() + "; killed" + d.lastWords()}
	case cause == nil:
		broken = &port.Breakdown{Cause: port.Crash, Detail: end.text + " before its stdin was closed" + d.lastWords()}
	case !errors.Is(cause, ErrClosed): // reported when it happened
	case killed:
		broken = &port.Breakdown{Cause: port.Hang, Detail: "did not exit within " + d.limits.Close.String() + " of the end of its stdin; killed" + d.lastWords()}
	case !end.good:
		broken = &port.Breakdown{Cause: port.Crash, Detail: end.text + " after its stdin was closed" + d.lastWords()}
	}
	if broken != nil {
		d.breakDown(broken)
	}
}

// lastWords are the last lines of stderr, if there are any.
func (d *Driver) lastWords() string {
	if tail := d.stderr.tail(); tail != "" {
		return "; stderr ends:\n" + tail
	}
	return ""
}

// read is the reader: it takes lines until there are no more, or one that the
// protocol does not allow.
func (d *Driver) read() {
	lines := newLineReader(d.pipes.out, d.limits.Line)
	for {
		line, err := lines.next()
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			// The driver died while writing; its end says more than this line.
			d.log(fmt.Sprintf("line %d was never finished: %s", lines.n, excerpt(line)))
			return
		case errors.Is(err, errLineTooLong):
		case err != nil:
			return
		default:
			d.tap(false, line)
			err = d.take(line)
		}
		if err != nil {
			d.breakDown(&port.Breakdown{
				Cause:  port.BrokenProtocol,
				Detail: fmt.Sprintf("line %d of stdout: %v: %s", lines.n, err, excerpt(line)),
			})
			return
		}
	}
}

// write is the writer; it tells whether it ended because it was told to.
func (d *Driver) write(stop <-chan struct{}) bool {
	for {
		select {
		case line := <-d.requests:
			d.tap(true, line)
			if _, err := d.pipes.in.Write(line); err != nil {
				return false
			}
		case <-stop:
			return true
		}
	}
}

// breakDown ends the driver with an error that Close repeats. Only the first
// counts.
func (d *Driver) breakDown(err error) {
	d.mu.Lock()
	if d.verdict == nil {
		d.verdict = err
	}
	d.mu.Unlock()
	d.fall(err)
}

// fall makes err the answer to everything pending and to every further use.
// Only the first error counts.
func (d *Driver) fall(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return
	}
	d.err = err
	for _, q := range d.pending {
		// They stay registered: until its end the driver may answer them.
		q.answer(reply{err: err})
	}
	for _, i := range d.instances {
		i.stream.Close(err)
	}
	d.faults.Close(err)
	close(d.down)
}
