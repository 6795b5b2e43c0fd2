package drivers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/imsim/imsim/port"
)

// goPort is a small port in Go. Its APIs are named after what they do.
type goPort struct {
	mu     sync.Mutex
	n      int
	closed int
}

func (p *goPort) Hello() port.Hello {
	return port.Hello{Name: "goPort", Version: "0", Language: "Go", Capabilities: []string{port.CapClock}, Events: []string{"kickedOut"}}
}

func (p *goPort) Create(_ context.Context, o port.Options) (port.Instance, error) {
	if o.SDKAppID == 0 {
		return nil, &port.CallError{Code: 2000, Message: "no SDKAppID", Kind: port.KindThrow}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	i := &goInstance{name: fmt.Sprint("sdk", p.n), stream: port.NewStream()}
	i.fire("sdkReady", string(o.Extra))
	return i, nil
}

func (p *goPort) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed++
	return nil
}

type goInstance struct {
	name   string
	stream *port.Stream
	mu     sync.Mutex
	seq    int
	now    time.Duration
}

func (i *goInstance) Name() string         { return i.name }
func (i *goInstance) Stream() *port.Stream { return i.stream }

// record gives the next place.
func (i *goInstance) record(make func(seq int) port.Record) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.seq++
	i.stream.Append(make(i.seq))
}

func (i *goInstance) fire(name, data string) {
	i.record(func(seq int) port.Record {
		r := port.Record{Kind: port.RecordEvent, Seq: seq, Name: name}
		if data != "" {
			r.Data = json.RawMessage(data)
		}
		return r
	})
}

func (i *goInstance) Call(ctx context.Context, api string, args ...any) (a port.Answer, err error) {
	failed := &port.CallError{Code: 2602, Message: "no group", Kind: port.KindReject, Data: json.RawMessage(`{"g":1}`)}
	switch api {
	case "missing":
		return a, &port.NotImplementedError{API: api}
	case "internal":
		return a, errors.New("a bug")
	case "hang":
		<-ctx.Done()
		failed.Message, err = "gone", failed
	case "fail":
		err = failed
	case "throw":
		failed.Code, failed.Kind, failed.Data = port.CodeNone, port.KindThrow, nil
		err = failed
	case "callback":
		i.record(func(seq int) port.Record {
			return port.Record{Kind: port.RecordCallback, Seq: seq, Name: "f1", Data: json.RawMessage(`[1]`)}
		})
		i.stream.Append(port.Record{Kind: port.RecordFault, Data: json.RawMessage(`"uncaught"`)})
	case "burst":
		for range 3 {
			i.fire("b", "")
		}
	default:
		if len(args) > 0 {
			a.Value, _ = json.Marshal(args)
		}
	}
	i.record(func(seq int) port.Record {
		a.Seq, failed.Seq = seq, seq
		if err != nil {
			return port.Failed(api, failed)
		}
		return port.Answered(api, a)
	})
	return a, err
}

func (i *goInstance) Read(_ context.Context, ref string) (json.RawMessage, error) {
	if ref != "m1" {
		return nil, &port.ProtocolError{Code: port.CodeBadParams, Message: "unknown ref"}
	}
	return json.RawMessage(`{"$ref":"m1"}`), nil
}

func (i *goInstance) Advance(_ context.Context, d time.Duration) error {
	i.now += d
	i.fire("now", fmt.Sprint(i.now.Milliseconds()))
	return nil
}

func (i *goInstance) Destroy(context.Context) error {
	i.fire("sdkDestroy", "")
	return nil
}

// serving hosts a goPort, both sides as strict as they can be.
func serving(t *testing.T) (*Driver, *goPort) {
	t.Helper()
	p := &goPort{}
	d, err := Host(t.Context(), Serving(p), Options{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d, p
}

func TestAServedPortIsTheSamePort(t *testing.T) {
	d, p := serving(t)
	equal(t, "hello", fmt.Sprint(d.Hello()), "{1 goPort 0 Go [clock] [kickedOut]}")
	i, err := d.Create(t.Context(), port.Options{SDKAppID: 1, Extra: json.RawMessage(`{"x":1}`)})
	if err != nil {
		t.Fatal(err)
	}
	a, err := i.Call(t.Context(), "echo", map[string]any{"n": nil}, []int{1})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "value", string(a.Value), `[{"n":null},[1]]`)
	a, err = i.Call(t.Context(), "echo")
	if err != nil || a.Value != nil {
		t.Fatalf("got %+v, %v", a, err)
	}
	var said *port.CallError
	if _, err := i.Call(t.Context(), "fail"); !errors.As(err, &said) {
		t.Fatalf("got %v", err)
	}
	equal(t, "failure", fmt.Sprintf("%d %s %s %d %s", said.Code, said.Message, said.Kind, said.Seq, said.Data), `2602 no group reject 4 {"g":1}`)
	if _, err := i.Call(t.Context(), "throw"); !errors.As(err, &said) || said.Code != port.CodeNone || said.Kind != port.KindThrow {
		t.Fatalf("got %v", err)
	}
	var missing *port.NotImplementedError
	if _, err := i.Call(t.Context(), "missing"); !errors.As(err, &missing) {
		t.Fatalf("got %v", err)
	}
	_, err = i.Call(t.Context(), "internal")
	protocolCode(t, err, codeInternal)
	if _, err := i.Call(t.Context(), "callback"); err != nil {
		t.Fatal(err)
	}
	fields, err := i.Read(t.Context(), "m1")
	if err != nil || string(fields) != `{"$ref":"m1"}` {
		t.Fatalf("got %s, %v", fields, err)
	}
	_, err = i.Read(t.Context(), "m2")
	protocolCode(t, err, port.CodeBadParams)
	if err := i.Advance(t.Context(), 1500*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if err := i.Destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := i.Stream().Since(0)
	equal(t, "records", names(all), "event sdkReady 1, answer echo 2, answer echo 3, answer fail 4, answer throw 5, "+
		"callback f1 6, fault i1 0, answer callback 7, event now 8, event now 9, event sdkDestroy 10")
	equal(t, "options", string(all[0].Data), `{"x":1}`)
	equal(t, "time", string(all[9].Data), "1500")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	equal(t, "closed", p.closed, 1)
}

// The harness checks every seq, so any line out of its place would end this.
func TestManyCallsKeepTheirOrder(t *testing.T) {
	d, _ := serving(t)
	var calls sync.WaitGroup
	var instances []port.Instance
	for range 3 {
		i := create(t, d)
		instances = append(instances, i)
		for n := range 50 {
			calls.Go(func() {
				api := []string{"echo", "fail", "burst", "missing"}[n%4]
				_, err := i.Call(t.Context(), api, n)
				if (err != nil) != (n%2 == 1) {
					t.Errorf("%s: %v", api, err)
				}
			})
		}
	}
	calls.Wait()
	for _, i := range instances {
		// 1 ready; 13 echo, 13 fail and 12 bursts of 3 events and an answer.
		equal(t, "records", i.Stream().Len(), 1+13+13+12*4)
	}
}

func TestDestroyAnswersTheCallsOfAServedPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := serving(t)
		i := create(t, d)
		ended := make(chan error)
		go func() {
			_, err := i.Call(t.Context(), "hang")
			ended <- err
		}()
		synctest.Wait()
		if err := i.Destroy(t.Context()); err != nil {
			t.Fatal(err)
		}
		protocolCode(t, <-ended, port.CodeDestroyed)
		create(t, d)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAHangOfAServedPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := serving(t)
		i := create(t, d)
		_, err := i.Call(t.Context(), "hang")
		breakdown(t, err, port.Hang, "call hang of i1 unanswered after 10s; i1 was destroyed")
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTheEndOfInputDropsEverything(t *testing.T) {
	d, p := serving(t)
	i := create(t, d)
	ended := make(chan error)
	go func() {
		_, err := i.Call(t.Context(), "hang")
		ended <- err
	}()
	if _, err := i.Call(t.Context(), "echo"); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, ErrClosed) {
		t.Fatalf("got %v", err)
	}
	equal(t, "closed", p.closed, 1)
}

func TestARefusedCreateOfAServedPort(t *testing.T) {
	d, _ := serving(t)
	_, err := d.Create(t.Context(), port.Options{})
	var said *port.CallError
	if !errors.As(err, &said) || said.Code != 2000 || said.Kind != port.KindThrow {
		t.Fatalf("got %v", err)
	}
}

// answersTo serves the lines one by one, each after the last was answered.
func answersTo(t *testing.T, lines ...string) string {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- Serve(t.Context(), inR, outW, &goPort{})
		_ = outW.Close()
	}()
	var got []string
	out := newLineReader(outR, 1<<20)
	for _, line := range lines {
		_, _ = io.WriteString(inW, line+"\n")
		for {
			answer, err := out.next()
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(answer, []byte(`"id"`)) {
				got = append(got, string(answer))
				break
			}
		}
	}
	_ = inW.Close()
	_, _ = io.Copy(io.Discard, outR) // events may still come
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	return strings.Join(got, "\n")
}

func TestWhatAServedPortRefuses(t *testing.T) {
	create := `{"jsonrpc":"2.0","id":1,"method":"create","params":{"instance":"a","SDKAppID":1,"url":"ws://h"}}`
	destroy := `{"jsonrpc":"2.0","id":2,"method":"destroy","params":{"instance":"a"}}`
	for name, c := range map[string]struct {
		lines []string
		says  string
	}{
		"another protocol":     {[]string{`{"jsonrpc":"2.0","id":"x","method":"hello","params":{"protocol":2}}`}, `{"error":{"code":-32602,"message":"only protocol 1 is spoken here"},"id":"x","jsonrpc":"2.0"}`},
		"unknown method":       {[]string{`{"jsonrpc":"2.0","id":9,"method":"shout","params":{}}`}, `"code":-32601`},
		"unknown instance":     {[]string{`{"jsonrpc":"2.0","id":9,"method":"call","params":{"instance":"b","api":"x"}}`}, `there is no instance \"b\"`},
		"no instance":          {[]string{`{"jsonrpc":"2.0","id":9,"method":"call","params":{}}`}, `\"instance\" is missing`},
		"create without url":   {[]string{`{"jsonrpc":"2.0","id":9,"method":"create","params":{"instance":"a","SDKAppID":1}}`}, `\"url\" is missing`},
		"SDKAppID too large":   {[]string{`{"jsonrpc":"2.0","id":9,"method":"create","params":{"instance":"a","SDKAppID":4294967296,"url":""}}`}, "SDKAppID"},
		"a name used twice":    {[]string{create, create}, "was used before"},
		"a name used again":    {[]string{create, destroy, create}, "was used before"},
		"destroyed twice":      {[]string{create, destroy, destroy}, "a was destroyed"},
		"call after destroy":   {[]string{create, destroy, `{"jsonrpc":"2.0","id":9,"method":"call","params":{"instance":"a","api":"echo"}}`}, "a was destroyed"},
		"no api":               {[]string{create, `{"jsonrpc":"2.0","id":9,"method":"call","params":{"instance":"a"}}`}, `\"api\" is missing`},
		"args are no list":     {[]string{create, `{"jsonrpc":"2.0","id":9,"method":"call","params":{"instance":"a","api":"x","args":{}}}`}, "args is no list"},
		"no ref":               {[]string{create, `{"jsonrpc":"2.0","id":9,"method":"read","params":{"instance":"a"}}`}, `\"ref\" is missing`},
		"negative advance":     {[]string{create, `{"jsonrpc":"2.0","id":9,"method":"advance","params":{"instance":"a","ms":-1}}`}, "ms is no"},
		"call of a bad create": {[]string{strings.Replace(create, `ID":1`, `ID":0`, 1), `{"jsonrpc":"2.0","id":9,"method":"read","params":{"instance":"a","ref":"m"}}`}, "a was not created"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := answersTo(t, c.lines...); !strings.Contains(got, c.says) {
				t.Fatalf("got %s, want %s", got, c.says)
			}
		})
	}
}

func TestServeEndsWithItsPipes(t *testing.T) {
	p := &goPort{}
	err := Serve(t.Context(), strings.NewReader("hello?\n"), io.Discard, p)
	contains(t, err, "serve: line 1 is no request: hello?")
	equal(t, "closed", p.closed, 1)

	outR, outW := io.Pipe()
	_ = outR.Close()
	hello := `{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":1}}` + "\n"
	contains(t, Serve(t.Context(), strings.NewReader(hello), outW, &goPort{}), "serve: write a line: io: read/write on closed pipe")
}
