// Package clientport is the Go client as a port.Port: methods by the names of
// the reference API, values in the documented JSON shapes, as the driver
// protocol describes them.
//
//	p := clientport.New(clientport.Options{})
//	defer p.Close()
//	alice, err := p.Create(ctx, port.Options{SDKAppID: 1400000000, URL: srv.URL()})
//	answer, err := alice.Call(ctx, "login", map[string]any{"userID": "alice", "userSig": sig})
package clientport

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/imsim/imsim/client"
	"github.com/imsim/imsim/internal/clock"
	"github.com/imsim/imsim/port"
)

// Name of the port in reports.
const Name = "imsim-go"

// Options of the port; the zero value is ready for use.
type Options struct {
	Dialer client.Dialer // default: TCP
	Binary bool          // talk on /binfo
}

// Port makes Go clients.
type Port struct {
	opts Options

	mu        sync.Mutex
	closed    bool
	instances map[string]*Instance
}

// names counts the instances of the process: a name is never reused.
var names atomic.Int64

// New makes a port.
func New(o Options) *Port { return &Port{opts: o, instances: make(map[string]*Instance)} }

// Hello implements port.Port.
func (p *Port) Hello() port.Hello {
	return port.Hello{
		Protocol: port.ProtocolVersion, Name: Name, Version: client.Version, Language: "Go",
		Capabilities: []string{port.CapIdentity, port.CapCallbacks, port.CapFiles, port.CapUpload, port.CapClock},
		Events:       slices.Clone(client.Events),
	}
}

// Create implements port.Port.
func (p *Port) Create(_ context.Context, o port.Options) (port.Instance, error) {
	i := &Instance{
		port: p, name: fmt.Sprintf("go%d", names.Add(1)), stream: port.NewStream(), clock: clock.New(),
		refs: make(map[any]string), byRef: make(map[string]*client.Message), handlers: make(map[string]*client.Handler),
	}
	i.mu.Lock() // the first event waits for the subscriptions
	defer i.mu.Unlock()
	c, err := client.Create(client.Options{
		SDKAppID: o.SDKAppID, URL: o.URL, Dialer: p.opts.Dialer, Binary: p.opts.Binary, Clock: i.clock, EventsFirst: true,
	})
	if err != nil {
		return nil, err
	}
	i.client = c
	for _, name := range client.Events {
		c.On(name, client.Handle(i.event))
	}
	c.RegisterPlugin(client.UploadPluginName, client.HTTPUpload{})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.instances[i.name] = i
	return i, nil
}

// Close implements port.Port.
func (p *Port) Close() error {
	p.mu.Lock()
	p.closed = true
	var all []*Instance
	for _, i := range p.instances {
		all = append(all, i)
	}
	p.mu.Unlock()
	for _, i := range all {
		if err := i.Destroy(context.Background()); err != nil {
			return err
		}
	}
	return nil
}
