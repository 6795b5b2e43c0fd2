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
}

// plan has run happen at an instant.
func (w *World) plan(at time.Time, run func(*World)) {
	w.counters.Due++
	heap.Push(&w.due, dueItem{at: at, order: w.counters.Due, run: run})
}

// runDue carries out all that is due by at, each with now at its own instant.
func (w *World) runDue(at time.Time) {
	for len(w.due) > 0 && !w.due[0].at.After(at) {
		item := heap.Pop(&w.due).(dueItem)
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

type dueHeap []dueItem

func (h dueHeap) Len() int { return len(h) }
func (h dueHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].order < h[j].order
	}
	return h[i].at.Before(h[j].at)
}
func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)   { *h = append(*h, x.(dueItem)) }
func (h *dueHeap) Pop() any {
	old := *h
	item := old[len(old)-1]
	old[len(old)-1] = dueItem{}
	*h = old[:len(old)-1]
	return item
}
