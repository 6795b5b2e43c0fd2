package drivers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/imsim/imsim/port"
)

func TestMain(m *testing.M) {
	if role := os.Getenv("DRIVERS_TEST_CHILD"); role != "" {
		os.Exit(children[role]())
	}
	goleak.VerifyTestMain(m)
}

const helloResult = `{"protocol":1,"name":"script","version":"1.2","language":"Go","capabilities":["clock"]}`

// request is what a scripted driver was asked.
type request struct {
	ID     int            `json:"id"`
	Method string         `json:"method"`
	Params map[string]any `json:"params"`
}

func (r request) instance() string { s, _ := r.Params["instance"].(string); return s }

// stage is where a scripted driver acts.
type stage struct {
	lines  *lineReader
	out    io.Writer
	stderr io.Writer
	ctx    context.Context
}

// next is the next request; its method is empty at the end of stdin.
func (s *stage) next() request {
	line, err := s.lines.next()
	if err != nil {
		return request{}
	}
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		panic(fmt.Sprintf("the harness sent %q: %v", line, err))
	}
	return r
}

func (s *stage) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format+"\n", args...) }

func (s *stage) answer(r request, result string) {
	s.say(`{"jsonrpc":"2.0","id":%d,"result":%s}`, r.ID, result)
}

func (s *stage) fail(r request, failure string) {
	s.say(`{"jsonrpc":"2.0","id":%d,"error":%s}`, r.ID, failure)
}

func (s *stage) event(instance string, seq int, name string) {
	s.say(`{"jsonrpc":"2.0","method":"event","params":{"instance":%q,"seq":%d,"name":%q}}`, instance, seq, name)
}

// wait blocks as a hanging driver does, until it is killed.
func (s *stage) wait() error {
	<-s.ctx.Done()
	return s.ctx.Err()
}

// polite answers everything well until stdin ends, except what the scene does.
func (s *stage) polite(scene func(request) bool) error {
	seq := map[string]int{}
	for r := s.next(); r.Method != ""; r = s.next() {
		if scene != nil && scene(r) {
			continue
		}
		if r.Method == "call" {
			seq[r.instance()]++
			s.answer(r, fmt.Sprintf(`{"sync":true,"seq":%d}`, seq[r.instance()]))
			continue
		}
		s.answer(r, "{}")
	}
	return nil
}

// acting makes a program of a script.
func acting(play func(*stage) error) Program {
	return func(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) error {
		return play(&stage{newLineReader(stdin, 64<<20), stdout, stderr, ctx})
	}
}

// script hosts a driver that has answered hello and then plays.
func script(t *testing.T, o Options, play func(*stage) error) *Driver {
	t.Helper()
	d, err := Host(t.Context(), acting(func(s *stage) error {
		s.answer(s.next(), helloResult)
		return play(s)
	}), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// scene hosts a polite driver that acts otherwise where the scene says so.
func scene(t *testing.T, o Options, act func(*stage, request) bool) *Driver {
	t.Helper()
	return script(t, o, func(s *stage) error {
		return s.polite(func(r request) bool { return act(s, r) })
	})
}

func create(t *testing.T, p port.Port) port.Instance {
	t.Helper()
	i, err := p.Create(t.Context(), port.Options{SDKAppID: 1400000000, URL: "ws://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func breakdown(t *testing.T, err error, cause, detail string) {
	t.Helper()
	var b *port.Breakdown
	if !errors.As(err, &b) {
		t.Fatalf("got %v (%T), want a breakdown", err, err)
	}
	if b.Cause != cause || !strings.Contains(b.Detail, detail) {
		t.Fatalf("got %s: %q, want %s with %q", b.Cause, b.Detail, cause, detail)
	}
}

func protocolCode(t *testing.T, err error, code int) {
	t.Helper()
	var e *port.ProtocolError
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("got %v (%T), want protocol error %d", err, err, code)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

// names are the records as words, "event a" and so on.
func names(records []port.Record) string {
	var words []string
	for _, r := range records {
		words = append(words, fmt.Sprintf("%s %s %d", r.Kind, r.Name, r.Seq))
	}
	return strings.Join(words, ", ")
}

// notes collects what is logged.
type notes struct {
	mu   sync.Mutex
	text string
	came chan struct{}
}

func newNotes() *notes { return &notes{came: make(chan struct{}, 100)} }

func (n *notes) log(sentence string) {
	n.mu.Lock()
	n.text += sentence + "\n"
	n.mu.Unlock()
	n.came <- struct{}{}
}

func (n *notes) contains(t *testing.T, part string) {
	t.Helper()
	<-n.came
	n.mu.Lock()
	defer n.mu.Unlock()
	if !strings.Contains(n.text, part) {
		t.Fatalf("logged %q, want %q", n.text, part)
	}
}

func contains(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) {
		t.Fatalf("got %v, want %q in it", err, part)
	}
}
