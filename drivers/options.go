package drivers

import (
	"io"
	"time"
)

// Options of a driver; the zero value is good for a run.
type Options struct {
	Limits Limits
	// Strict makes an error of what is otherwise only logged: answers to
	// unknown ids, calls left unanswered by a destroy, unknown capabilities.
	// It is the mode for authors of drivers.
	Strict bool
	// Log is told of what was tolerated, a sentence at a time, by the
	// goroutine that reads the driver; it must not wait for the driver. Nil:
	// the sentences stand among the lines of the driver's stderr.
	Log func(sentence string)
	// Tap sees every line in both directions, one at a time, before it is
	// acted upon; signatures are masked. It must not wait for the driver.
	Tap func(Line)
	// Stderr also receives what the driver writes there, at once and unmasked.
	// It is kept for StderrSince in any case.
	Stderr io.Writer
}

// Limits in real time; what is zero has the default.
type Limits struct {
	Hello   time.Duration // from the start to the answer; 10 s
	Create  time.Duration // 10 s
	Call    time.Duration // also for Read; 10 s, and the caller's context may end it earlier
	Advance time.Duration // for a step of at most a second of the SDK's time; 10 s
	Destroy time.Duration // 5 s: the driver itself may wait 2 s for the SDK
	Close   time.Duration // from the end of stdin to the exit; 5 s
	Line    int           // longest line in bytes; 64 MiB
}

func (l Limits) withDefaults() Limits {
	for _, it := range []struct {
		limit *time.Duration
		value time.Duration
	}{
		{&l.Hello, 10 * time.Second},
		{&l.Create, 10 * time.Second},
		{&l.Call, 10 * time.Second},
		{&l.Advance, 10 * time.Second},
		{&l.Destroy, 5 * time.Second},
		{&l.Close, 5 * time.Second},
	} {
		if *it.limit <= 0 {
			*it.limit = it.value
		}
	}
	if l.Line <= 0 {
		l.Line = 64 << 20
	}
	return l
}
