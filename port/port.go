// Package port is the one small interface through which a scenario drives an
// SDK, whatever language it is written in.
//
// A Port is a running implementation (the Go client, or a driver process); it
// makes Instances, each one SDK object of its own. A scenario calls methods by
// the names of the reference API and looks at the ordered stream of what the
// instance answered and fired:
//
//	alice, err := p.Create(ctx, port.Options{SDKAppID: 1400000000, URL: srv.URL()})
//	answer, err := alice.Call(ctx, "login", map[string]any{"userID": "alice", "userSig": sig})
//	ready, _, err := alice.Stream().Wait(ctx, 0, port.EventNamed("sdkStateReady"))
//
// All values are the documented JSON shapes. The wire form of this interface
// is the driver protocol, version 1 (docs/driver-protocol.md).
package port

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// ProtocolVersion is the driver protocol that this package describes.
const ProtocolVersion = 1

// Capabilities that a port may declare. Cases that need an absent one are
// skipped and shown as skipped.
const (
	CapIdentity  = "identity"  // the same object comes back as the same ref
	CapCallbacks = "callbacks" // {"$fn":id} arguments are called back
	CapFiles     = "files"     // {"$file":…} arguments are understood
	CapUpload    = "upload"    // media messages are uploaded
	CapClock     = "clock"     // Advance moves the SDK's clock and timers
)

// Hello is how a port introduces itself.
type Hello struct {
	Protocol     int      `json:"protocol"`
	Name         string   `json:"name"`
	Version      string   `json:"version"`
	Language     string   `json:"language"`
	Capabilities []string `json:"capabilities"`
	// Events that the SDK declares, by the values of their names; empty: the
	// port does not tell.
	Events []string `json:"events,omitempty"`
}

// Can tells whether the port declared the capability.
func (h Hello) Can(capability string) bool {
	for _, c := range h.Capabilities {
		if c == capability {
			return true
		}
	}
	return false
}

// Options of one instance.
type Options struct {
	SDKAppID uint32
	URL      string          // ws://host:port; the SDK appends its own path and query
	Extra    json.RawMessage // further options of create, as the SDK knows them
}

// Port is one implementation under test.
type Port interface {
	Hello() Hello
	// Create makes an independent SDK object, subscribed to every event.
	Create(ctx context.Context, o Options) (Instance, error)
	// Close ends the port and everything it made.
	Close() error
}

// Instance is one SDK object.
type Instance interface {
	// Name tells instances of a run apart; it is never reused.
	Name() string
	// Call invokes a method of the reference API. A failure of the SDK itself
	// is a *CallError; anything else (*NotImplementedError, *Breakdown, a context
	// error) says that the port could not be asked.
	Call(ctx context.Context, api string, args ...any) (Answer, error)
	// Read returns the present fields of the object behind a message ref.
	Read(ctx context.Context, ref string) (json.RawMessage, error)
	// Stream holds all that the instance answered and fired, in its order.
	Stream() *Stream
	// Advance moves the SDK's own clock, firing due timers (CapClock).
	Advance(ctx context.Context, d time.Duration) error
	// Destroy ends the instance; nothing of it follows.
	Destroy(ctx context.Context) error
}

// Answer is a successful call.
type Answer struct {
	Sync  bool            `json:"sync"`            // it was no promise
	Value json.RawMessage `json:"value,omitempty"` // absent: undefined
	Seq   int             `json:"seq"`             // place among the instance's records
}

// Kinds of call failures.
const (
	KindThrow  = "throw"  // raised synchronously
	KindReject = "reject" // a rejected promise
)

// CallError is what the SDK answered to a failed call.
type CallError struct {
	Code    int             // the SDK's own; CodeNone when it has none
	Message string          // never compared: texts differ between versions
	Kind    string          // KindThrow or KindReject
	Seq     int             // place among the instance's records
	Data    json.RawMessage // the error's data property
}

func (e *CallError) Error() string {
	return fmt.Sprintf("%s with code %d: %s", e.Kind, e.Code, e.Message)
}

// Codes of the driver protocol itself; all of them negative, while the codes
// of an SDK are positive.
const (
	CodeUnknownMethod  = -32601
	CodeBadParams      = -32602
	CodeNotImplemented = -32001 // the port lacks this API
	CodeNone           = -32010 // the SDK's error has no code
	CodeDestroyed      = -32012 // the instance was destroyed under the call
)

// NotImplementedError says that the port lacks an API.
type NotImplementedError struct{ API string }

func (e *NotImplementedError) Error() string { return "not implemented by the port: " + e.API }

// ProtocolError is a driver's answer with one of the protocol's own codes
// other than CodeNotImplemented and CodeNone.
type ProtocolError struct {
	Code    int
	Message string
}

func (e *ProtocolError) Error() string {
	return fmt.Sprintf("driver protocol error %d: %s", e.Code, e.Message)
}

// Causes of a Breakdown.
const (
	Crash          = "crash"          // the driver ended
	Hang           = "hang"           // no answer within the limit
	BrokenProtocol = "protocol-error" // a line that the protocol does not allow
)

// Breakdown says that a port stopped being usable, and why; a failed
// expectation is never a Breakdown.
type Breakdown struct {
	Cause  string // Crash, Hang or BrokenProtocol
	Detail string
}

func (e *Breakdown) Error() string { return "port " + e.Cause + ": " + e.Detail }
