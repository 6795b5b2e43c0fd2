package drivercheck

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/drivers"
	"github.com/imsim/imsim/drivers/schema"
	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
)

// probe is one driver under test, with a backend of its own.
type probe struct {
	ctx    context.Context
	server *fakeserver.Server
	driver *drivers.Driver
	wait   time.Duration // for an event

	mu         sync.Mutex
	checker    *schema.Checker
	printed    int      // lines of the driver so far
	violations []string // of the schema
	last       []string // of both directions
	awaited    string   // text of a request; "" once it was asked
	asked      chan struct{}
}

const (
	lastLines   = 4 // lines that are shown before the trouble
	defaultWait = 10 * time.Second
	longest     = 400 // bytes of a line that are shown
)

// newProbe starts both. The probe is there also when the driver could not start.
func newProbe(ctx context.Context, c drivers.Command, o Options) (*probe, error) {
	p := &probe{ctx: ctx, checker: schema.NewChecker(), wait: o.Limits.Call}
	if p.wait == 0 {
		p.wait = defaultWait
	}
	server, err := fakeserver.Start(fakeserver.Options{Secret: "of this check"})
	if err != nil {
		return p, err
	}
	p.server = server
	p.driver, err = drivers.Start(ctx, c, drivers.Options{Strict: true, Limits: o.Limits, Tap: p.tap})
	if err != nil {
		_ = server.Close()
	}
	return p, err
}

func (p *probe) close() error {
	err := p.driver.Close()
	_ = p.server.Close()
	return err
}

// tap holds every line of the driver against the schema.
func (p *probe) tap(l drivers.Line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.awaited != "" && l.ToDriver && strings.Contains(l.Text, p.awaited) {
		p.awaited = ""
		close(p.asked)
	}
	arrow := ">"
	if !l.ToDriver {
		arrow = "<"
		p.printed++
	}
	p.last = append(p.last, arrow+" "+shown(l.Text))
	p.last = p.last[max(0, len(p.last)-lastLines):]
	if err := p.checker.Line(l.ToDriver, []byte(l.Text)); err != nil && !l.ToDriver {
		p.violations = append(p.violations, fmt.Sprintf("line %d of stdout: %v\n  %s", p.printed, err, shown(l.Text)))
	}
}

// await tells when a request with that text leaves; all later ones follow it.
func (p *probe) await(text string) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.awaited, p.asked = text, make(chan struct{})
	return p.asked
}

func shown(line string) string {
	if len(line) <= longest {
		return line
	}
	cut := longest
	for !utf8.RuneStart(line[cut]) {
		cut--
	}
	return fmt.Sprintf("%s… (%d bytes)", line[:cut], len(line))
}

// finding sums a step up: err and what the schema said.
func (p *probe) finding(name string, err error) Finding {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := Finding{Step: name, Status: OK}
	var skipped skip
	switch {
	case errors.As(err, &skipped):
		f.Status, f.Detail = Skipped, string(skipped)
	case err != nil:
		f.Status, f.Detail = Wrong, err.Error()
	}
	if len(p.violations) > 0 {
		if f.Status != Wrong {
			f.Status, f.Detail = Wrong, "the schema of the protocol is violated"
		}
		f.Lines = append(f.Lines, p.violations...)
	}
	if f.Status == Wrong {
		f.Lines = append(f.Lines, "the last lines (> to the driver, < from it):")
		f.Lines = append(f.Lines, p.last...)
	}
	return f
}

// instance makes an SDK object.
func (p *probe) instance() (port.Instance, error) {
	i, err := p.driver.Create(p.ctx, port.Options{SDKAppID: p.server.AppID(), URL: p.server.URL()})
	if err != nil {
		return nil, fmt.Errorf("create: %w", err)
	}
	return i, nil
}

// user makes an SDK object and logs in.
func (p *probe) user(id string) (port.Instance, error) {
	i, err := p.instance()
	if err != nil {
		return nil, err
	}
	if _, err := p.call(i, "login", args{"userID": id, "userSig": p.server.UserSig(id)}); err != nil {
		return nil, err
	}
	if _, err := p.event(i, "sdkStateReady", nil); err != nil {
		return nil, err
	}
	return i, nil
}

type args = map[string]any

// call calls a method that must succeed, or be lacking: then the step is skipped.
func (p *probe) call(i port.Instance, api string, list ...any) (gjson.Result, error) {
	answer, err := i.Call(p.ctx, api, list...)
	var missing *port.NotImplementedError
	switch {
	case errors.As(err, &missing):
		return gjson.Result{}, skip(api + " is not implemented")
	case err != nil:
		return gjson.Result{}, fmt.Errorf("%s: %w", api, err)
	}
	return gjson.ParseBytes(answer.Value), nil
}

// event waits for an event whose data satisfies a condition; nil: any.
func (p *probe) event(i port.Instance, name string, ok func(gjson.Result) bool) (gjson.Result, error) {
	ctx, cancel := context.WithTimeout(p.ctx, p.wait)
	defer cancel()
	r, _, err := i.Stream().Wait(ctx, 0, func(r port.Record) bool {
		return r.Kind == port.RecordEvent && r.Name == name && (ok == nil || ok(gjson.ParseBytes(r.Data)))
	})
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return gjson.Result{}, fmt.Errorf("no event %s of %s within %s: is it subscribed before create is answered?", name, i.Name(), p.wait)
	case err != nil:
		return gjson.Result{}, fmt.Errorf("wait for the event %s: %w", name, err)
	}
	return gjson.ParseBytes(r.Data), nil
}

// refused asks for what must be refused with one of the protocol's codes.
func (p *probe) refused(what string, code int, method string, params args) error {
	result, err := p.driver.Ask(p.ctx, method, params)
	return refusedWith(what, code, result, err)
}

func refusedWith(what string, code int, result json.RawMessage, err error) error {
	var refused *port.ProtocolError
	var missing *port.NotImplementedError
	var got int
	switch {
	case errors.As(err, &refused):
		got = refused.Code
	case errors.As(err, &missing):
		got = port.CodeNotImplemented
	case err != nil:
		return fmt.Errorf("%s must be refused with code %d, but: %w", what, code, err)
	default:
		return fmt.Errorf("%s must be refused with code %d, but was answered with %s", what, code, shown(string(result)))
	}
	if got != code {
		return fmt.Errorf("%s must be refused with code %d, but was with %d", what, code, got)
	}
	return nil
}
