package port

import (
	"context"
	"encoding/json"
	"sync"
)

// What a Record can be.
const (
	RecordEvent    = "event"    // an SDK event
	RecordCallback = "callback" // a run of a {"$fn"} argument
	RecordAnswer   = "answer"   // a call was answered
	RecordFault    = "fault"    // an exception that nobody caught
)

// Record is one thing that an instance did.
type Record struct {
	Kind string          `json:"kind"`
	Seq  int             `json:"seq,omitempty"` // 1, 2, 3…; faults have none
	Name string          `json:"name"`          // event name, function id, method
	Data json.RawMessage `json:"data,omitempty"`
}

// Stream keeps the records of an instance in their order. Nothing is dropped:
// the evidence of a case is whole.
type Stream struct {
	mu      sync.Mutex
	records []Record
	changed chan struct{} // closed and renewed at every append
	closed  error
}

// NewStream returns an empty stream; a Port's implementation fills it.
func NewStream() *Stream { return &Stream{changed: make(chan struct{})} }

// Append adds a record at the end.
func (s *Stream) Append(r Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed != nil {
		return
	}
	s.records = append(s.records, r)
	close(s.changed)
	s.changed = make(chan struct{})
}

// Close ends the stream; whoever waits gets err.
func (s *Stream) Close(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed != nil {
		return
	}
	s.closed = err
	close(s.changed)
}

// Len is the number of records so far, to be used as a place to wait from.
func (s *Stream) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.records)
}

// Since returns a copy of the records from place n on.
func (s *Stream) Since(n int) []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n > len(s.records) {
		n = len(s.records)
	}
	return append([]Record(nil), s.records[n:]...)
}

// Match decides whether a record is the awaited one.
type Match func(Record) bool

// EventNamed matches events of that name.
func EventNamed(name string) Match {
	return func(r Record) bool { return r.Kind == RecordEvent && r.Name == name }
}

// Wait returns the first record at or after place n that matches, and the
// place behind it. The match may call the port.
func (s *Stream) Wait(ctx context.Context, n int, match Match) (Record, int, error) {
	for {
		s.mu.Lock()
		fresh := s.records[min(n, len(s.records)):] // never changed once appended
		changed, closed := s.changed, s.closed
		s.mu.Unlock()
		for _, r := range fresh { // unlocked: match may ask the port
			n++
			if match(r) {
				return r, n, nil
			}
		}
		if closed != nil {
			return Record{}, n, closed
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Record{}, n, ctx.Err()
		}
	}
}
