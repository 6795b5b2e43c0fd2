package fakeserver

import (
	"net/http"
	"sync/atomic"

	"github.com/imsim/imsim/internal/usage"
)

// Stats are a server's counters since its start, over all apps.
type Stats struct {
	Connections int64   `json:"connections"` // open now
	Accepted    int64   `json:"accepted"`    // upgraded since the start
	Received    int64   `json:"received"`    // frames of clients
	Replies     int64   `json:"replies"`     // frames to clients, as the faults left them; pushes too
	Pushes      int64   `json:"pushes"`
	Faults      int64   `json:"faults"`        // times that a rule has struck
	CPUSeconds  float64 `json:"cpuSeconds"`    // of the process; 0 where the system does not tell
	Resident    int64   `json:"residentBytes"` // of the process; 0 where the system does not tell
}

// counters are those of Stats that are counted here.
type counters struct {
	connections, accepted, received, replies, pushes atomic.Int64
}

// countDown counts a frame to a client.
func (c *counters) countDown(push bool) {
	if push {
		c.pushes.Add(1)
	} else {
		c.replies.Add(1)
	}
}

// Stats reads the counters.
func (s *Server) Stats() Stats {
	c := &s.counters
	return Stats{
		Connections: c.connections.Load(), Accepted: c.accepted.Load(), Received: c.received.Load(),
		Replies: c.replies.Load(), Pushes: c.pushes.Load(), Faults: s.strikes(),
		CPUSeconds: usage.CPU().Seconds(), Resident: usage.Resident(),
	}
}

// strikes is how often the rules of all apps have struck.
func (s *Server) strikes() (n int64) {
	s.faults.Range(func(_, f any) bool {
		n += f.(*faults).struck.Load()
		return true
	})
	return n
}

func (s *Server) getStats(w http.ResponseWriter, _ *http.Request) { answer(w, s.Stats()) }
