package drivercheck

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/imsim/imsim/client/clientport"
	"github.com/imsim/imsim/drivers"
	"github.com/imsim/imsim/port"
)

// The test binary is a driver when it is told which.
func TestMain(m *testing.M) {
	if role, ok := os.LookupEnv("DRIVERCHECK_TEST_DRIVER"); ok {
		os.Exit(broken[role].run())
	}
	os.Exit(m.Run())
}

func self(t *testing.T, role string) drivers.Command {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return drivers.Command{Args: []string{exe}, Env: []string{"DRIVERCHECK_TEST_DRIVER=" + role}}
}

type line = map[string]any

// mistake is what a driver does wrong: the Go client's driver, changed in one
// place. The zero value is a good one.
type mistake struct {
	raw   func() int                                  // it is another program altogether
	lines func(l line, say func(any))                 // changes lines of stdout
	port  func(port.Port) port.Port                   // changes what is served
	stdin func(in io.Reader, out io.Writer) io.Reader // changes how stdin is read
	exit  int
	hang  bool // at the end
	waits bool // it is found by waiting: let it be short

	step string // that finds it
	says string // in the finding
}

func (m mistake) run() int {
	if m.raw != nil {
		return m.raw()
	}
	var p port.Port = clientport.New(clientport.Options{})
	if m.port != nil {
		p = m.port(p)
	}
	var in io.Reader = os.Stdin
	var out io.Writer = os.Stdout
	if m.lines != nil {
		out = &changed{change: m.lines}
	}
	if m.stdin != nil {
		in = m.stdin(in, out)
		if s, ok := in.(*serial); ok {
			out = s
		}
	}
	if err := drivers.Serve(context.Background(), in, out, p); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if m.hang {
		time.Sleep(time.Hour)
	}
	return m.exit
}

// changed passes the lines of a driver through a change. Serve writes one line
// with each Write.
type changed struct{ change func(line, func(any)) }

func (c *changed) Write(p []byte) (int, error) {
	var l line
	if err := json.Unmarshal(p, &l); err != nil {
		return 0, err
	}
	c.change(l, func(v any) {
		if text, ok := v.(string); ok {
			fmt.Println(text)
			return
		}
		b, _ := json.Marshal(v)
		fmt.Println(string(b))
	})
	return len(p), nil
}

// serial hands the driver a request only after the last one was answered.
type serial struct {
	lines *bufio.Reader
	left  []byte
	idle  chan bool
}

func oneByOne(in io.Reader, _ io.Writer) io.Reader {
	s := &serial{lines: bufio.NewReader(in), idle: make(chan bool, 1)}
	s.idle <- true
	return s
}

func (s *serial) Read(p []byte) (int, error) {
	if len(s.left) == 0 {
		line, err := s.lines.ReadBytes('\n')
		if err != nil {
			return 0, err
		}
		<-s.idle
		s.left = line
	}
	n := copy(p, s.left)
	s.left = s.left[n:]
	return n, nil
}

func (s *serial) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(`"id":`)) && !bytes.Contains(p, []byte(`"method":`)) {
		s.idle <- true
	}
	return os.Stdout.Write(p)
}

// at is a value inside a line; nil if there is none.
func at(l line, path ...string) any {
	var v any = l
	for _, step := range path {
		m, _ := v.(line)
		v = m[step]
	}
	return v
}

// edit changes each line in place.
func edit(change func(line)) func(line, func(any)) {
	return func(l line, say func(any)) {
		change(l)
		say(l)
	}
}

// swap replaces texts in every line.
func swap(pairs ...string) func(line, func(any)) {
	r := strings.NewReplacer(pairs...)
	return func(l line, say func(any)) {
		b, _ := json.Marshal(l)
		say(r.Replace(string(b)))
	}
}

type still struct{ port.Port }

func (s still) Create(ctx context.Context, o port.Options) (port.Instance, error) {
	i, err := s.Port.Create(ctx, o)
	return stopped{i}, err
}

type stopped struct{ port.Instance }

func (stopped) Advance(context.Context, time.Duration) error { return nil }

var broken = map[string]mistake{
	"": {},
	"silent": {
		waits: true,
		raw:   func() int { time.Sleep(time.Hour); return 0 },
		step:  "starts and introduces itself", says: "hang",
	},
	"ends at once": {
		raw:  func() int { fmt.Fprintln(os.Stderr, "Cannot find module 'my-sdk'"); return 3 },
		step: "starts and introduces itself", says: "Cannot find module 'my-sdk'",
	},
	"banner": {
		raw:  func() int { fmt.Println("my-driver 1.0 listening"); time.Sleep(time.Hour); return 0 },
		step: "starts and introduces itself", says: "line 1 of stdout: not one JSON value (invalid character 'm' looking for beginning of value): my-driver 1.0 listening",
	},
	"no capabilities": {
		lines: edit(func(l line) {
			if r, ok := l["result"].(line); ok && r["protocol"] != nil {
				delete(r, "capabilities")
			}
		}),
		step: "starts and introduces itself", says: "line 1 of stdout: at /result: missing property 'capabilities'",
	},
	"a capability that there is not": {
		lines: swap(`"identity"`, `"telepathy"`),
		step:  "starts and introduces itself", says: `unknown capability "telepathy"`,
	},
	"another protocol": {
		lines: swap(`"protocol":1`, `"protocol":2`),
		step:  "starts and introduces itself", says: "the driver speaks protocol 2, the harness 1",
	},
	"takes every method": {
		lines: swap(`"error":{"code":-32601`, `"error":{"code":-32600`),
		step:  "refuses what it does not know", says: "a method that the protocol does not have must be refused with code -32601, but was with -32600",
	},
	"takes every instance": {
		lines: func(l line, say func(any)) {
			if at(l, "error", "code") == float64(port.CodeBadParams) {
				delete(l, "error")
				l["result"] = line{}
			}
			say(l)
		},
		step: "refuses what it does not know", says: "a call to an instance that was never made must be refused with code -32602, but",
	},
	"has every API": {
		lines: swap(`"code":-32001`, `"code":-32603`),
		step:  "reports an API that it lacks", says: "must be refused with code -32001, but was with -32603",
	},
	"prints as it works": {
		lines: func(l line, say func(any)) {
			if l["method"] == "event" {
				say("DEBUG: event fired")
			}
			say(l)
		},
		step: "logs in and reports events in order", says: "DEBUG: event fired",
	},
	"counts from 0": {
		lines: edit(func(l line) {
			if p, ok := l["params"].(line); ok {
				p["seq"] = p["seq"].(float64) - 1
			}
			if r, ok := l["result"].(line); ok && r["seq"] != nil {
				r["seq"] = r["seq"].(float64) - 1
			}
		}),
		step: "logs in and reports events in order", says: "/seq: minimum: got 0, want 1",
	},
	"leaves gaps": {
		lines: edit(func(l line) {
			if p, ok := l["params"].(line); ok {
				p["seq"] = p["seq"].(float64) + 1
			}
		}),
		step: "logs in and reports events in order", says: "of i1 follows",
	},
	"nobody's events": {
		lines: edit(func(l line) {
			if p, ok := l["params"].(line); ok {
				delete(p, "instance")
			}
		}),
		step: "logs in and reports events in order", says: "at /params: missing property 'instance'",
	},
	"no events": {
		waits: true,
		lines: func(l line, say func(any)) {
			if l["method"] != "event" {
				if r, ok := l["result"].(line); ok && r["seq"] != nil {
					r["seq"] = 1
				}
				say(l)
			}
		},
		step: "logs in and reports events in order", says: "no event sdkStateReady of i1 within",
	},
	"answers twice": {
		lines: func(l line, say func(any)) {
			say(l)
			if l["id"] != nil && at(l, "result", "protocol") == nil {
				say(l)
			}
		},
		step: "makes instances", says: "which is not asked or was answered before",
	},
	"ids are texts": {
		lines: edit(func(l line) {
			if l["id"] != nil && at(l, "result", "protocol") == nil {
				l["id"] = fmt.Sprint(l["id"])
			}
		}),
		step: "makes instances", says: "at /id: got string, want integer",
	},
	"hides the SDK's errors": {
		lines: func(l line, say func(any)) {
			if at(l, "error", "data", "seq") != nil {
				l["result"] = line{"sync": false, "seq": at(l, "error", "data", "seq")}
				delete(l, "error")
			}
			say(l)
		},
		step: "reports the SDK's own errors", says: "login with a bad userSig must fail, but was answered with",
	},
	"has one code for all errors": {
		lines: edit(func(l line) {
			if e, ok := l["error"].(line); ok && at(l, "error", "data", "seq") != nil {
				e["code"] = -32603
			}
		}),
		step: "reports the SDK's own errors", says: "must fail with the SDK's error, but: driver protocol error -32603",
	},
	"does not say how it failed": {
		lines: edit(func(l line) {
			if d, ok := at(l, "error", "data").(line); ok {
				delete(d, "kind")
			}
		}),
		step: "reports the SDK's own errors", says: "at /error/data: missing property 'kind'",
	},
	"reads short lines only": {
		stdin: func(in io.Reader, _ io.Writer) io.Reader {
			r, w := io.Pipe()
			go func() {
				lines := bufio.NewScanner(in) // 64 KiB
				for lines.Scan() {
					fmt.Fprintln(w, lines.Text())
				}
				if err := lines.Err(); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				w.Close()
			}()
			return r
		},
		step: "takes long lines and every character", says: "token too long",
	},
	"breaks lines": {
		lines: swap("\u2028", "\n", `\u2028`, "\n"),
		step:  "takes long lines and every character", says: "not one JSON value",
	},
	"knows ASCII only": {
		lines: swap("漢字", "??"),
		step:  "takes long lines and every character", says: "or with other characters",
	},
	"no refs": {
		lines: swap(`"$ref":`, `"ref":`),
		step:  "hands out messages as refs", says: "a message has its handle in $ref",
	},
	"reads anything": {
		lines: func(l line, say func(any)) {
			if strings.Contains(fmt.Sprint(at(l, "error", "message")), "imsim.nothing") {
				delete(l, "error")
				l["result"] = line{}
			}
			say(l)
		},
		step: "hands out messages as refs", says: "read of a $ref that nobody gave must be refused with code -32602, but was answered with {}",
	},
	"private names": {
		lines: swap(`"payload":{`, `"_private":1,"payload":{`),
		step:  "hands out messages as refs", says: "/_private",
	},
	"a new ref each time": {
		lines: func(l line, say func(any)) {
			if m, ok := at(l, "result", "value", "data", "message").(line); ok {
				m["$ref"] = m["$ref"].(string) + "b"
			}
			say(l)
		},
		step: "keeps one ref for one message", says: `it is one message, and "identity" is declared`,
	},
	"does not call back": {
		waits: true,
		lines: func(l line, say func(any)) {
			if l["method"] == "callback" {
				l["method"] = "event"
				l["params"] = line{"instance": at(l, "params", "instance"), "seq": at(l, "params", "seq"), "name": "called"}
			}
			say(l)
		},
		step: "calls back", says: `"callbacks" is declared, but a function given to on was not called back`,
	},
	"empty files": {
		lines: swap(`"fileSize":3`, `"fileSize":0`),
		step:  "takes files", says: "a file of 3 bytes became a message with a fileSize of 0",
	},
	"a clock that stands": {
		port: func(p port.Port) port.Port { return still{p} },
		step: "moves its clock", says: `"clock" is declared, but after 1m40s a new message's time is only`,
	},
	"one thing at a time": {
		waits: true,
		stdin: oneByOne,
		step:  "answers out of order", says: "while a call was on its way: create: port hang",
	},
	"forgets open calls": {
		lines: func(l line, say func(any)) {
			if at(l, "error", "code") != float64(port.CodeDestroyed) {
				say(l)
			}
		},
		step: "answers out of order", says: "was destroyed without an answer to call sendMessage",
	},
	"speaks after destroy": {
		lines: func() func(line, func(any)) {
			answers := 0
			return func(l line, say func(any)) {
				say(l)
				if r, ok := l["result"].(line); ok && len(r) == 0 && l["id"] != nil {
					if answers++; answers == 3 { // two instances were made, one destroyed
						say(line{"jsonrpc": "2.0", "method": "event", "params": line{"instance": "i1", "seq": 99, "name": "late"}})
					}
				}
			}
		}(),
		step: "destroys an instance", says: `there is no instance "i1" (any more)`,
	},
	"does not end": {
		waits: true,
		hang:  true,
		step:  "ends when stdin ends", says: "did not exit within",
	},
	"ends badly": {
		exit: 5,
		step: "ends when stdin ends", says: "exit status 5 after its stdin was closed",
	},
}

// Limits for a driver that must not answer in time, and for one that must,
// however busy the machine is.
var (
	quick   = Options{Limits: drivers.Limits{Hello: 3 * time.Second, Create: time.Second, Call: 3 * time.Second, Destroy: 3 * time.Second, Close: time.Second}}
	patient = Options{Limits: drivers.Limits{Hello: time.Minute, Create: time.Minute, Call: time.Minute, Destroy: time.Minute, Close: time.Minute}}
)

func TestAGoodDriver(t *testing.T) {
	r, err := Run(t.Context(), self(t, ""), patient)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		if f.Status != OK {
			t.Errorf("%s is %s: %s %v", f.Step, f.Status, f.Detail, f.Lines)
		}
	}
	if len(r.Findings) != len(steps) {
		t.Errorf("%d findings, want %d", len(r.Findings), len(steps))
	}
}

// Every broken driver is found by the step that is about its mistake.
func TestBrokenDrivers(t *testing.T) {
	for name, m := range broken {
		if name == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := runStep(t.Context(), self(t, name), m)
			if err != nil {
				t.Fatal(err)
			}
			text := r.Detail + "\n" + strings.Join(r.Lines, "\n")
			if r.Status != Wrong || !strings.Contains(text, m.says) {
				t.Errorf("%s is %s, want it to say %q:\n%s", r.Step, r.Status, m.says, text)
			}
		})
	}
}

// runStep is Run for one step.
func runStep(ctx context.Context, c drivers.Command, m mistake) (Finding, error) {
	o := patient
	if m.waits {
		o = quick
	}
	for _, s := range steps {
		if s.name == m.step {
			r, err := run(ctx, c, o, []step{s})
			if err != nil {
				return Finding{}, err
			}
			return r.Findings[0], nil
		}
	}
	return Finding{}, fmt.Errorf("there is no step %q", m.step)
}

func TestNoDriverAtAll(t *testing.T) {
	if _, err := Run(t.Context(), drivers.Command{Line: "no-such-driver-anywhere"}, Options{}); err == nil || !strings.Contains(err.Error(), "no-such-driver-anywhere") {
		t.Fatalf("error %v", err)
	}
}

func TestTheReportSaysWhatAndWhere(t *testing.T) {
	r, err := Run(t.Context(), self(t, "banner"), patient)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"✗ starts and introduces itself\n", "line 1 of stdout", "\n    < my-driver 1.0 listening\n", "0 ok, 1 wrong, 0 skipped\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, b.String())
		}
	}
}

// Every line of the genuine SDKs' driver fits the schema, in all that the
// steps ask.
func TestTheGenuineSDKsDriver(t *testing.T) {
	driver, err := filepath.Abs("../../drivers/timjs/driver.js")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(driver), "node_modules")); err != nil {
		t.Skip("the genuine SDKs are not installed: make sdks")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip(err)
	}
	r, err := Run(t.Context(), drivers.Command{Args: []string{node, driver, "--sdk", "2.14.0"}}, patient)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		if f.Status != OK {
			t.Errorf("%s is %s: %s %v", f.Step, f.Status, f.Detail, f.Lines)
		}
	}
}
