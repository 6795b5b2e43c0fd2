package backend

import "time"

// oldest is the first second that retention still keeps.
func (w *World) oldest() int64 { return w.now.Add(-w.cfg.Retention).Unix() }

// minSweep bounds how often a world is swept.
const minSweep = time.Minute

// sweep lets go of what retention no longer keeps. Whoever looks at a chat sees
// it without that already; this is for those that nobody looks at any more.
func (w *World) sweep() {
	if w.now.Before(w.nextSweep) {
		return
	}
	w.nextSweep = w.now.Add(max(w.cfg.Retention/8, minSweep))
	for _, c := range w.chats {
		w.purge(c)
	}
	for _, g := range w.groups {
		w.purgeGroup(g)
	}
	oldest := w.oldest()
	for _, a := range w.accounts {
		a.inbox.trim(oldest)
	}
}
