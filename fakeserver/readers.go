package fakeserver

import (
	"sync"
	"sync/atomic"
)

// idleReaders is how many readers stay when there is nothing to read.
const idleReaders = 4

// readers are the goroutines that read connections in memory while something
// comes. A few stay and take the next connection: a fresh goroutine would have
// to grow its stack first, which costs more than its start.
type readers struct {
	next    chan func()
	idle    atomic.Int32
	closed  <-chan struct{} // then none stays
	running *sync.WaitGroup
}

// run has a connection read by one that is idle, or by a new one. It does not
// wait.
func (r *readers) run(read func()) {
	select {
	case r.next <- read:
	default:
		r.running.Go(func() {
			for read != nil {
				read()
				read = r.another()
			}
		})
	}
}

// another waits for a connection to read; nil: enough others do.
func (r *readers) another() (read func()) {
	defer r.idle.Add(-1)
	if r.idle.Add(1) <= idleReaders {
		select {
		case read = <-r.next:
		case <-r.closed:
		}
	}
	return read
}
