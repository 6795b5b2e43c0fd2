package fakeserver

import (
	"sync"
	"testing"
)

func TestReadersNeverMakeAConnectionWaitAndEndWithTheServer(t *testing.T) {
	const many = 3 * idleReaders
	var running sync.WaitGroup
	closed := make(chan struct{})
	r := &readers{next: make(chan func()), closed: closed, running: &running}
	for range 2 { // at first all are new, then some are idle
		var met, over sync.WaitGroup
		met.Add(many)
		over.Add(many)
		for range many {
			r.run(func() {
				met.Done()
				met.Wait() // for all the others, which run at the same time
				over.Done()
			})
		}
		over.Wait()
	}
	close(closed)
	running.Wait()
	if n := r.idle.Load(); n != 0 {
		t.Errorf("%d idle after the end", n)
	}
}
