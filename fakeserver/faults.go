package fakeserver

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imsim/imsim/fakeserver/backend"
	"github.com/imsim/imsim/protocol"
)

// Fault is a rule of what goes wrong. Rules add up until they are cleared;
// Disconnect
// and Stall happen once and leave no rule.
type Fault struct {
	// UserID limits the rule to one user; empty: everybody.
	UserID string `json:"userID,omitempty"`
	// Count is how many times the rule strikes before it is spent; 0: no end.
	Count int `json:"count,omitempty"`
	// Skip lets that many occasions pass first.
	Skip int `json:"skip,omitempty"`
	// Probability that it strikes on an occasion, above 0 and at most 1; 0: always.
	Probability float64 `json:"probability,omitempty"`

	// Disconnect cuts the user's connections, once.
	Disconnect bool `json:"disconnect,omitempty"`
	// RefuseConnections refuses the upgrade (HTTP 503).
	RefuseConnections bool `json:"refuseConnections,omitempty"`
	// HangConnections leaves the upgrade unanswered until the faults are
	// cleared: an outage that makes no SDK dial in a tight loop.
	HangConnections bool `json:"hangConnections,omitempty"`
	// Stall keeps the server from doing anything for that long, once, as a
	// long pause of its process would. It concerns everybody.
	Stall Duration `json:"stall,omitempty"`
	// Latency delays everything sent to the client.
	Latency Duration `json:"latency,omitempty"`
	// DropRequests loses requests on their way in; nothing is carried out.
	DropRequests []string `json:"dropRequests,omitempty"`
	// DropReplies carries requests out and loses the replies.
	DropReplies []string `json:"dropReplies,omitempty"`
	// DropPushes loses pushes (im_open_push.msg_push, …).
	DropPushes []string `json:"dropPushes,omitempty"`
	// DoublePushes sends pushes twice.
	DoublePushes []string `json:"doublePushes,omitempty"`
	// ErrorReplies refuses requests with a code, by command.
	ErrorReplies map[string]int `json:"errorReplies,omitempty"`
}

// What a fault does to a frame, as the trace tells it.
const (
	faultLost    = "lost"
	faultDoubled = "doubled"
)

// Any in a list of commands stands for every command.
const Any = "*"

// Duration is a time.Duration that is written "200ms" in JSON.
type Duration time.Duration

// UnmarshalJSON reads "1m30s".
func (d *Duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf(`a duration is a string like "200ms": %w`, err)
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return err
	}
	*d = Duration(v)
	return nil
}

// MarshalJSON writes "1m30s".
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

func (f *Fault) check() error {
	switch {
	case f.Count < 0 || f.Skip < 0:
		return fmt.Errorf("count and skip must not be negative")
	case f.Probability < 0 || f.Probability > 1:
		return fmt.Errorf("probability %v is not between 0 and 1", f.Probability)
	case f.Latency < 0 || f.Stall < 0:
		return fmt.Errorf("latency and stall must not be negative")
	case f.Stall > 0 && (f.UserID != "" || f.Count > 0 || f.Skip > 0 || f.Probability > 0):
		return fmt.Errorf("a stall happens at once, once, and to everybody")
	case !f.Disconnect && f.Stall == 0 && !f.RefuseConnections && !f.HangConnections && f.Latency == 0 &&
		len(f.DropRequests)+len(f.DropReplies)+len(f.DropPushes)+len(f.DoublePushes)+len(f.ErrorReplies) == 0:
		return fmt.Errorf("the rule says nothing that goes wrong")
	}
	for cmd, code := range f.ErrorReplies {
		if code <= 0 {
			return fmt.Errorf("errorReplies: %d for %s is no error code", code, cmd)
		}
	}
	return nil
}

// rule is a Fault in force.
type rule struct {
	Fault
	seen   int
	struck int
}

// faults is the injector of an app: the rules in force, and the chance they need.
type faults struct {
	mu     sync.Mutex
	rules  []*rule
	random *rand.Rand
	struck atomic.Int64 // times that any rule has struck
	quiet  atomic.Bool  // no rules: nothing to look at; read without mu
	// cleared is closed and renewed at every clear: what hangs goes on.
	cleared chan struct{}
}

func newFaults(seed uint64) *faults {
	f := &faults{random: rand.New(rand.NewPCG(seed, 0)), cleared: make(chan struct{})}
	f.quiet.Store(true)
	return f
}

func (f *faults) add(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, &rule{Fault: fault})
	f.quiet.Store(false)
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
	f.quiet.Store(true)
	close(f.cleared)
	f.cleared = make(chan struct{})
}

// list returns the rules in force.
func (f *faults) list() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := []Fault{}
	for _, r := range f.rules {
		list = append(list, r.Fault)
	}
	return list
}

// strikes decides for a rule that fits an occasion; mu is held.
func (f *faults) strikes(r *rule) bool {
	if r.Count > 0 && r.struck >= r.Count {
		return false
	}
	if r.seen++; r.seen <= r.Skip {
		return false
	}
	if r.Probability > 0 && f.random.Float64() >= r.Probability {
		return false
	}
	r.struck++
	f.struck.Add(1)
	return true
}

func names(list []string, cmd string) bool {
	return len(list) > 0 && (slices.Contains(list, cmd) || slices.Contains(list, Any))
}

func (r *rule) of(user string) bool { return r.UserID == "" || r.UserID == user }

func (f *faults) onRequest(user, cmd string) (drop bool, code protocol.Code) {
	if f.quiet.Load() {
		return false, protocol.OK
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		if !r.of(user) {
			continue
		}
		if names(r.DropRequests, cmd) && f.strikes(r) {
			return true, protocol.OK
		}
		for _, name := range []string{cmd, Any} {
			if c, ok := r.ErrorReplies[name]; ok && f.strikes(r) {
				return false, protocol.Code(c)
			}
		}
	}
	return false, protocol.OK
}

// verdict is what becomes of a frame to a client.
type verdict struct {
	copies  int
	latency time.Duration
}

func (f *faults) onEffect(e backend.Effect) verdict {
	v := verdict{copies: 1}
	if f.quiet.Load() {
		return v
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		if !r.of(e.User) {
			continue
		}
		switch {
		case e.Push && names(r.DropPushes, e.ServCmd), !e.Push && names(r.DropReplies, e.ServCmd):
			if f.strikes(r) {
				v.copies = 0
			}
		case e.Push && names(r.DoublePushes, e.ServCmd):
			if f.strikes(r) {
				v.copies *= 2
			}
		}
		if r.Latency > 0 && f.strikes(r) {
			v.latency += time.Duration(r.Latency)
		}
	}
	return v
}

// onConnect decides on an upgrade; user is the one the SDK object was logged
// in as, if any. An upgrade that hangs does so until release is closed.
func (f *faults) onConnect(user string) (refuse bool, release <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		if r.of(user) && (r.RefuseConnections || r.HangConnections) && f.strikes(r) {
			if r.RefuseConnections {
				return true, nil
			}
			return false, f.cleared
		}
	}
	return false, nil
}
