package drivers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/imsim/imsim/port"
)

// ErrClosed is the answer of a driver after Close.
var ErrClosed = errors.New("the driver was closed")

// Driver is a running driver; it is a port.Port.
type Driver struct {
	name    string
	options Options
	limits  Limits
	pipes   *pipes
	stderr  *journal
	hello   port.Hello
	faults  *port.Stream

	requests chan []byte   // to the writer; unbuffered
	down     chan struct{} // closed when err is set
	gone     chan struct{} // closed by the keeper when every goroutine ended

	mu        sync.Mutex
	pending   map[int]*question
	lastID    int
	instances map[string]*instance
	created   int   // the number in the last instance's name
	err       error // what every use gets from now on
	verdict   error // what Close returns; written before gone is closed

	tapping sync.Mutex
}

func newJournal(o Options) *journal { return &journal{limit: journalSize, also: o.Stderr} }

// begin takes over a running driver and greets it.
func begin(ctx context.Context, name string, p *pipes, o Options) (*Driver, error) {
	d := &Driver{
		name: name, options: o, limits: o.Limits.withDefaults(), pipes: p, stderr: p.stderr,
		faults:    port.NewStream(),
		requests:  make(chan []byte),
		down:      make(chan struct{}),
		gone:      make(chan struct{}),
		pending:   map[int]*question{},
		instances: map[string]*instance{},
	}
	go d.keep()
	if err := d.greet(ctx); err != nil {
		d.breakDown(err)
		<-d.gone
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return d, nil
}

func (d *Driver) greet(ctx context.Context) error {
	answer, err := d.ask(ctx, &question{
		method: "hello",
		params: map[string]any{"protocol": port.ProtocolVersion},
		limit:  d.limits.Hello,
	})
	var hang *unanswered
	if errors.As(err, &hang) {
		return &port.Breakdown{Cause: port.Hang, Detail: hang.Error() + d.lastWords()}
	}
	if err != nil {
		return err
	}
	d.hello, err = introduction(answer.value)
	if err != nil {
		return &port.Breakdown{Cause: port.BrokenProtocol, Detail: "hello: " + err.Error()}
	}
	for _, c := range d.hello.Capabilities {
		if !slices.Contains(capabilities, c) {
			if err := d.remark("hello: unknown capability %q", c); err != nil {
				return &port.Breakdown{Cause: port.BrokenProtocol, Detail: err.Error()}
			}
		}
	}
	return nil
}

var capabilities = []string{
	port.CapIdentity, port.CapCallbacks, port.CapFiles, port.CapUpload, port.CapClock,
}

func introduction(raw json.RawMessage) (h port.Hello, err error) {
	o, err := parseObject(raw)
	if err != nil {
		return h, err
	}
	if h.Protocol, err = o.integer("protocol"); err != nil {
		return h, err
	}
	if h.Protocol != port.ProtocolVersion {
		return h, fmt.Errorf("the driver speaks protocol %d, the harness %d", h.Protocol, port.ProtocolVersion)
	}
	for _, it := range []struct {
		name string
		to   *string
	}{{"name", &h.Name}, {"version", &h.Version}, {"language", &h.Language}} {
		if *it.to, err = o.text(it.name); err != nil {
			return h, err
		}
		if strings.TrimSpace(*it.to) == "" {
			return h, fmt.Errorf("%q is empty", it.name)
		}
	}
	list, ok := o["capabilities"]
	if !ok {
		return h, errors.New(`"capabilities" is missing`)
	}
	if err := json.Unmarshal(list, &h.Capabilities); err != nil || h.Capabilities == nil {
		return h, errors.New(`"capabilities" is no list of strings`)
	}
	if list, ok := o["events"]; ok {
		if err := json.Unmarshal(list, &h.Events); err != nil {
			return h, errors.New(`"events" is no list of strings`)
		}
	}
	return h, nil
}

// Hello is how the driver introduced itself.
func (d *Driver) Hello() port.Hello { return d.hello }

// Done is closed when the driver is of no use any more; Err then says why.
func (d *Driver) Done() <-chan struct{} { return d.down }

// Err is nil while the driver works, then the *port.Breakdown or ErrClosed.
func (d *Driver) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// Faults holds every exception of the driver that nobody caught, in their
// order; a record's name is the instance's, or empty when the driver named none.
// The instance's own stream has it too, and one without an instance is in the
// streams of all that live.
func (d *Driver) Faults() *port.Stream { return d.faults }

// Create makes an instance. Its events are taken from the moment the request
// was sent, so none that precedes the answer is lost.
func (d *Driver) Create(ctx context.Context, o port.Options) (port.Instance, error) {
	i, err := d.newInstance()
	if err != nil {
		return nil, err
	}
	params := map[string]any{"instance": i.name, "SDKAppID": o.SDKAppID, "url": o.URL}
	if len(o.Extra) > 0 {
		params["options"] = o.Extra
	}
	q := &question{method: "create", params: params, limit: d.limits.Create}
	if _, err = i.ask(ctx, q); err == nil {
		return i, nil
	}
	if q.givenUp {
		_ = i.end(err) // the driver may be about to make it; what broke is told by err and Err
	} else {
		d.forget(i, err)
	}
	return nil, err
}

// Close ends the driver: everything pending is answered ErrClosed, stdin is
// closed, and what does not exit within the limit is killed. When Close
// returns the driver is gone and nothing of it runs. The error tells how it
// ended: nil when it ended as it should, else a *port.Breakdown, also one
// that had been reported before. Every further Close says the same.
func (d *Driver) Close() error {
	d.fall(ErrClosed)
	<-d.gone
	return d.verdict
}

// remark tells of something that is tolerated, unless the driver is Strict.
func (d *Driver) remark(format string, args ...any) error {
	sentence := fmt.Sprintf(format, args...)
	if d.options.Strict {
		return errors.New(sentence)
	}
	d.log(sentence)
	return nil
}

// log tells Options.Log, or else who reads the driver's stderr to find out
// about it.
func (d *Driver) log(sentence string) {
	if d.options.Log != nil {
		d.options.Log(sentence)
		return
	}
	fmt.Fprintf(d.stderr, "imsim: %s\n", sentence)
}
