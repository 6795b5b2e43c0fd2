package backend

import (
	"container/heap"
	"time"
)

// dueItem is something that happens at an instant: a sig running out, a hold
// ending. Equal instants keep the order in which they were planned.
type dueItem struct {
	at    time.Time
	order uint64
	run   func(*World)
	index int // in the heap; -1 once it is out of it
}

// plan has run happen at an instant, unless it is cancelled before.
func (w *World) plan(at time.Time, run func(*World)) *dueItem {
	w.counters.Due++
	item := &dueItem{at: at, order: w.counters.Due, run: run}
	heap.Push(&w.due, item)
	return item
}

// cancel takes a planned item back; nil is none.
func (w *World) cancel(item *dueItem) {
	if item != nil && item.index >= 0 {
		heap.Remove(&w.due, item.index)
	}
}

// runDue carries out all that is due by at, each with now at its own instant.
func (w *World) runDue(at time.Time) {
	for len(w.due) > 0 && !w.due[0].at.After(at) {
		item := heap.Pop(&w.due).(*dueItem)
		if item.at.After(w.now) {
			w.now = item.at
		}
		item.run(w)
	}
}

// NextDue is when Tick is wanted next.
func (w *World) NextDue() (time.Time, bool) {
	if len(w.due) == 0 {
		return time.Time{}, false
	}
	return w.due[0].at, true
}

type dueHeap []*dueItem

func (h dueHeap) Len() int { return len(h) }
func (h dueHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].order < h[j].order
	}
	return h[i].at.Before(h[j].at)
}
func (h dueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *dueHeap) Push(x any) {
	item := x.(*dueItem)
	item.index = len(*h)
	*h = append(*h, item)
}
func (h *dueHeap) Pop() any {
	old := *h
	item := old[len(old)-1]
	item.index = -1
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return item
}
