package drivers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/imsim/imsim/port"
)

// codeInternal is JSON-RPC's own: the port failed in a way that has no code.
const codeInternal = -32603

// Serve is the driver's side of the protocol for a port written in Go. It
// answers requests until in ends, then drops everything and returns nil; a
// line that is no request, or a broken out, is an error. The port belongs to
// Serve and is closed when it returns; nothing of it runs any more.
//
// The context reaches the port's methods. It cannot interrupt a reader: close
// in for that. Calls run side by side, as promises do, so the order in which
// two of them reach the port is fixed only if the first was answered.
func Serve(ctx context.Context, in io.Reader, out io.Writer, p port.Port) error {
	ctx, cancel := context.WithCancel(ctx)
	s := &service{port: p, out: out}
	err := s.serve(ctx, in)
	cancel()
	closed := p.Close()
	s.work.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(err, s.broken, closed)
}

// service is a port being served.
type service struct {
	port      port.Port
	work      sync.WaitGroup // everything that runs beside the reader
	instances sync.Map       // name to *served; never shrinks, as names are used once

	mu     sync.Mutex // held while a line is written
	out    io.Writer
	broken error
}

func (s *service) serve(ctx context.Context, in io.Reader) error {
	lines := newLineReader(in, Limits{}.withDefaults().Line)
	for {
		line, err := lines.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && ctx.Err() != nil:
			return nil //nolint:nilerr // the end was wanted
		case err != nil:
			return fmt.Errorf("serve: read line %d: %w", lines.n, err)
		}
		m, err := decode(line)
		if err != nil || m.method == "" || m.id == nil {
			return fmt.Errorf("serve: line %d is no request: %s", lines.n, excerpt(line))
		}
		s.handle(ctx, m)
	}
}

// refusal is an answer with one of the protocol's own codes.
func refusal(code int, format string, args ...any) error {
	return &port.ProtocolError{Code: code, Message: fmt.Sprintf(format, args...)}
}

// handle does at once what later lines rely on, and the rest beside them.
func (s *service) handle(ctx context.Context, m message) {
	switch m.method {
	case "hello":
		s.answer(m, s.hello(m.params))
		return
	case "create":
		s.create(ctx, m)
		return
	case "call", "read", "advance", "destroy":
	default:
		s.answer(m, refusal(port.CodeUnknownMethod, "unknown method %q", m.method))
		return
	}
	name, err := m.params.text("instance")
	if err != nil {
		s.answer(m, refusal(port.CodeBadParams, "%v", err))
		return
	}
	i := s.instance(name)
	switch {
	case i == nil:
		s.answer(m, refusal(port.CodeBadParams, "there is no instance %q", name))
	case m.method == "destroy" && i.order():
		s.work.Go(func() { i.destroy(ctx, m) })
	case m.method != "destroy" && i.await(m):
		s.work.Go(func() { i.handle(m) })
	default:
		s.answer(m, refusal(port.CodeBadParams, "%s was destroyed", name))
	}
}

func (s *service) instance(name string) *served {
	i, _ := s.instances.Load(name)
	found, _ := i.(*served)
	return found
}

// answer writes a result or, when it is an error, the error it stands for.
func (s *service) answer(m message, result any) {
	answer := map[string]any{"jsonrpc": "2.0", "id": m.id}
	if err, bad := result.(error); bad {
		answer["error"] = wireError(err)
	} else {
		answer["result"] = result
	}
	s.write(answer)
}

func (s *service) write(v any) {
	line, err := encode(v)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && s.broken == nil {
		_, err = s.out.Write(line)
	}
	if err != nil && s.broken == nil {
		s.broken = fmt.Errorf("serve: write a line: %w", err)
	}
}

func wireError(err error) map[string]any {
	var (
		said     *port.CallError
		missing  *port.NotImplementedError
		protocol *port.ProtocolError
	)
	switch {
	case errors.As(err, &said):
		data := map[string]any{"kind": said.Kind}
		if said.Seq != 0 {
			data["seq"] = said.Seq
		}
		if said.Data != nil {
			data["data"] = said.Data
		}
		return map[string]any{"code": said.Code, "message": said.Message, "data": data}
	case errors.As(err, &missing):
		return map[string]any{"code": port.CodeNotImplemented, "message": missing.Error()}
	case errors.As(err, &protocol):
		return map[string]any{"code": protocol.Code, "message": protocol.Message}
	}
	return map[string]any{"code": codeInternal, "message": err.Error()}
}

func (s *service) hello(params object) any {
	if v, err := params.integer("protocol"); err != nil || v != port.ProtocolVersion {
		return refusal(port.CodeBadParams, "only protocol %d is spoken here", port.ProtocolVersion)
	}
	h := s.port.Hello()
	h.Protocol = port.ProtocolVersion
	if h.Capabilities == nil {
		h.Capabilities = []string{}
	}
	return h
}

func (s *service) create(ctx context.Context, m message) {
	name, o, err := creation(m.params)
	if err != nil {
		s.answer(m, refusal(port.CodeBadParams, "%v", err))
		return
	}
	if s.instance(name) != nil {
		s.answer(m, refusal(port.CodeBadParams, "the name %q was used before", name))
		return
	}
	i := newServed(ctx, s, name)
	s.instances.Store(name, i)
	s.work.Go(func() { i.create(ctx, m, o) })
}

func creation(params object) (name string, o port.Options, err error) {
	if name, err = params.text("instance"); err != nil {
		return name, o, err
	}
	id, err := params.integer("SDKAppID")
	if err != nil || id < 0 || int64(id) > math.MaxUint32 {
		return name, o, errors.New("SDKAppID is no number of 32 bits")
	}
	o.SDKAppID = uint32(id)
	o.Extra = params["options"]
	o.URL, err = params.text("url")
	return name, o, err
}

func arguments(params object) ([]any, error) {
	raw, ok := params["args"]
	if !ok {
		return nil, nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, refusal(port.CodeBadParams, "args is no list")
	}
	args := make([]any, len(list))
	for i := range list {
		args[i] = list[i]
	}
	return args, nil
}
