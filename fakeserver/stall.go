package fakeserver

import "time"

// stall keeps every world busy for a while, in real time. It has begun when
// stall returns, and ends early with the server.
func (s *Server) stall(d time.Duration) {
	s.mu.Lock()
	hosts := s.hostList()
	if s.closed {
		hosts = nil
	}
	s.running.Add(len(hosts))
	s.mu.Unlock()
	for _, h := range hosts {
		h.mu.Lock()
		go func() {
			defer s.running.Done()
			defer h.mu.Unlock()
			over := time.NewTimer(d)
			defer over.Stop()
			select {
			case <-over.C:
			case <-s.hanging:
			}
		}()
	}
}
