package fakeserver

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// saveLoop writes Options.State every SaveEvery of real time if something may
// have changed, so that a crash loses seconds and not the day. It ends with
// the server, which saves once more.
func (s *Server) saveLoop() {
	ticks := time.NewTicker(s.opts.SaveEvery)
	defer ticks.Stop()
	saved := s.stamp()
	for {
		select {
		case <-s.hanging:
			return
		case <-ticks.C:
			saved = s.saveIfChanged(saved)
		}
	}
}

// saveIfChanged saves unless the stamp is still the one given; it returns the
// stamp that was saved. A failure is logged and tried again the next time.
func (s *Server) saveIfChanged(saved string) string {
	now := s.stamp()
	if now == saved {
		return saved
	}
	if err := s.saveFile(); err != nil {
		s.log.Error("save state", "error", err)
		return saved
	}
	return now
}

// stamp differs when the state may have changed.
func (s *Server) stamp() string {
	s.mu.Lock()
	hosts := s.hostList()
	s.mu.Unlock()
	parts := []string{fmt.Sprint(s.clock.Shift())}
	for _, h := range hosts {
		h.mu.Lock()
		parts = append(parts, fmt.Sprintf("%p %d", h.world, h.world.Changes()))
		h.mu.Unlock()
	}
	sort.Strings(parts)
	return strings.Join(parts, "\n")
}
