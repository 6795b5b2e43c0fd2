package clientport

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/imsim/imsim/client"
	"github.com/imsim/imsim/internal/clock"
	"github.com/imsim/imsim/port"
)

// Bounds, in real time, of waits for others.
const (
	settleLimit  = 250 * time.Millisecond // for the server's pong
	destroyLimit = 2 * time.Second        // for the answer to the logout
)

// Instance is one Go client.
type Instance struct {
	port   *Port
	name   string
	client *client.Client
	clock  *clock.Shiftable
	stream *port.Stream

	mu       sync.Mutex // guards the rest, and the order of the records
	seq      int
	ended    bool
	refs     map[any]string             // by identity
	byRef    map[string]*client.Message // any picture of the message
	handlers map[string]*client.Handler // by {"$fn"} id
}

// Name implements port.Instance.
func (i *Instance) Name() string { return i.name }

// Stream implements port.Instance.
func (i *Instance) Stream() *port.Stream { return i.stream }

// event runs on the client's one delivering goroutine.
func (i *Instance) event(e client.Event) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.ended {
		return
	}
	i.seq++
	i.stream.Append(port.Record{Kind: port.RecordEvent, Seq: i.seq, Name: e.Name, Data: i.encode(e.Data)})
}

// callback records a run of a {"$fn"} argument.
func (i *Instance) callback(fn string, args ...any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.ended {
		return
	}
	list := make([]json.RawMessage, len(args))
	for n, a := range args {
		list[n] = i.encode(a)
	}
	data, _ := json.Marshal(list)
	i.seq++
	i.stream.Append(port.Record{Kind: port.RecordCallback, Seq: i.seq, Name: fn, Data: data})
}

// Call implements port.Instance.
func (i *Instance) Call(ctx context.Context, api string, args ...any) (port.Answer, error) {
	m, ok := methods[api]
	if !ok {
		return port.Answer{}, &port.NotImplementedError{API: api}
	}
	list, err := parseArgs(args)
	if err != nil {
		return port.Answer{}, &port.ProtocolError{Code: port.CodeBadParams, Message: err.Error()}
	}
	value, err := i.invoke(ctx, api, m, list)
	var protocol *port.ProtocolError
	switch {
	case errors.As(err, &protocol):
		return port.Answer{}, err
	case errors.Is(err, client.ErrDestroyed):
		return port.Answer{}, &port.ProtocolError{Code: port.CodeDestroyed, Message: err.Error()}
	case err != nil && ctx.Err() != nil:
		return port.Answer{}, ctx.Err()
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.ended {
		return port.Answer{}, &port.ProtocolError{Code: port.CodeDestroyed, Message: "the instance was destroyed"}
	}
	i.seq++
	if err != nil {
		failed := i.failure(err)
		i.stream.Append(port.Failed(api, failed))
		return port.Answer{}, failed
	}
	answer := port.Answer{Sync: m.sync, Seq: i.seq}
	switch {
	case m.plain: // undefined, or the value itself
		if value != nil {
			answer.Value = i.encode(value)
		}
	default:
		answer.Value = json.RawMessage(`{"code":0,"data":` + string(i.encode(value)) + `}`)
	}
	i.stream.Append(port.Answered(api, answer))
	return answer, nil
}

// invoke checks the arguments as the reference does, after the ready check.
func (i *Instance) invoke(ctx context.Context, api string, m method, list arguments) (any, error) {
	if !m.exempt {
		if err := i.client.RequireReady(api); err != nil {
			return nil, err
		}
	}
	if err := m.check(api, list); err != nil {
		return nil, err
	}
	return m.call(ctx, i, list)
}

// failure is an error as the SDK's answer; mu is held.
func (i *Instance) failure(err error) *port.CallError {
	var invalid *client.ParamError
	if errors.As(err, &invalid) {
		return &port.CallError{Code: port.CodeNone, Message: err.Error(), Kind: port.KindThrow, Seq: i.seq}
	}
	failed := &port.CallError{Code: port.CodeNone, Message: err.Error(), Kind: port.KindReject, Seq: i.seq}
	var sdk *client.Error
	if errors.As(err, &sdk) {
		failed.Code, failed.Message, failed.Data = sdk.Code, sdk.Message, i.encode(sdk.Data)
	}
	return failed
}

// Read implements port.Instance.
func (i *Instance) Read(_ context.Context, ref string) (json.RawMessage, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	m := i.byRef[ref]
	if m == nil {
		return nil, unknownRef(ref)
	}
	return i.encode(m.Latest()), nil
}

func unknownRef(ref string) error {
	return &port.ProtocolError{Code: port.CodeBadParams, Message: "unknown ref " + ref}
}

// ref is the name of a message, for good; mu is held.
func (i *Instance) ref(m *client.Message) string {
	ref := i.refs[m.Identity()]
	if ref == "" {
		ref = i.name + ".m" + strconv.Itoa(len(i.refs)+1)
		i.refs[m.Identity()] = ref
		i.byRef[ref] = m
	}
	return ref
}

// Advance implements port.Instance: the client's clock goes ahead, timers run
// in their order, and between them the server has the chance to answer.
func (i *Instance) Advance(ctx context.Context, d time.Duration) error {
	settle := func() {
		bounded, cancel := context.WithTimeout(ctx, settleLimit)
		defer cancel()
		_ = i.client.Settle(bounded) // a silent server is part of some tests
	}
	settle()
	i.clock.Advance(d, settle)
	return ctx.Err()
}

// Destroy implements port.Instance.
func (i *Instance) Destroy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, destroyLimit)
	defer cancel()
	_ = i.client.Destroy(ctx) // settled either way
	i.mu.Lock()
	i.ended = true
	i.refs, i.byRef = nil, nil
	i.mu.Unlock()
	i.clock.Stop()
	i.stream.Close(errors.New("the instance was destroyed"))
	i.port.mu.Lock()
	delete(i.port.instances, i.name)
	i.port.mu.Unlock()
	return nil
}
