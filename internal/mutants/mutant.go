// Package mutants holds the conformance suite to its promise: it breaks the Go
// client in one way after the other, and the suite must notice each.
//
// A Mutant wraps the port (its calls and its stream) or the wire below it. It
// names the cases that must catch it and what their failure must say; its test
// runs them on the mutant, where one must fail so, and on the same wrapping
// without the fault, where all must pass.
package mutants

import (
	"context"

	"github.com/imsim/imsim/client/clientport"
	"github.com/imsim/imsim/internal/link"
	"github.com/imsim/imsim/port"
)

// Mutant is a port that is broken in one way.
type Mutant struct {
	Name  string
	Cases []string // IDs of cases; one at least must catch it
	Says  string   // part of the message of a case that does
	Break Break
}

// Break is what a mutant does to a port; nil changes nothing. The functions are
// made anew so that they can remember what passed: those of calls and streams
// for each instance, those of the wire for each port. Each is called by one
// goroutine at a time.
type Break struct {
	Call   func(i *Instance, next Call) Call
	Stream func() func(port.Record) []port.Record
	Down   func() func(Frame) []Frame // what the server sent
	Up     func() func(Frame) []Frame // what the client sends
}

// Call is port.Instance's.
type Call func(ctx context.Context, api string, args ...any) (port.Answer, error)

// Port is the Go client with a fault.
type Port struct {
	*clientport.Port
	broken Break
}

// New makes a port that is broken so.
func New(b Break) *Port {
	return &Port{clientport.New(clientport.Options{Dialer: b.dialer(link.WebSocket(nil))}), b}
}

// Create implements port.Port.
func (p *Port) Create(ctx context.Context, o port.Options) (port.Instance, error) {
	inner, err := p.Port.Create(ctx, o)
	if err != nil {
		return nil, err
	}
	i := &Instance{Instance: inner, stream: port.NewStream(), done: make(chan struct{})}
	i.call = inner.Call
	if p.broken.Call != nil {
		i.call = p.broken.Call(i, inner.Call)
	}
	i.change = func(r port.Record) []port.Record { return []port.Record{r} }
	if p.broken.Stream != nil {
		i.change = p.broken.Stream()
	}
	go i.follow()
	return i, nil
}
