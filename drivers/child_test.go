package drivers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/imsim/imsim/port"
)

// children are what this test binary is when it runs as a driver.
var children = map[string]func() int{
	"polite": func() int { return child(nil) },
	"exit 3": func() int {
		_, _ = fmt.Fprintln(os.Stderr, "Cannot find module 'tim-js-sdk'")
		return 3
	},
	"silent":  func() int { return hang() },
	"garbage": func() int { fmt.Println("Debugger listening"); return hang() },
	"crash": func() int {
		return child(func(_ *stage, r request) bool {
			if r.Method == "call" {
				_, _ = fmt.Fprintln(os.Stderr, "heap out of memory")
				os.Exit(134)
			}
			return false
		})
	},
	"stubborn": func() int { child(nil); return hang() },
	"bad end":  func() int { child(nil); return 5 },
	"parent":   func() int { offspring(); return child(nil) },
	"stubborn parent": func() int {
		offspring()
		child(nil)
		return hang()
	},
	"grandchild": func() int {
		conn, err := net.Dial("tcp", os.Getenv("DRIVERS_TEST_ADDR"))
		if err != nil {
			return 1
		}
		defer func() { _ = conn.Close() }()
		return hang()
	},
	"surroundings": func() int {
		dir, _ := os.Getwd()
		return child(func(s *stage, r request) bool {
			if r.Method != "call" {
				return false
			}
			s.answer(r, fmt.Sprintf(`{"sync":true,"seq":1,"value":"%s %s %s %s"}`,
				filepath.Base(dir), os.Getenv("DRIVERS_TEST_WORD"), os.Args[1], os.Args[2]))
			return true
		})
	},
}

// child is a well-behaved driver on the real stdin and stdout.
func child(act func(*stage, request) bool) int {
	s := &stage{newLineReader(os.Stdin, 64<<20), os.Stdout, os.Stderr, context.Background()}
	s.answer(s.next(), helloResult)
	_ = s.polite(func(r request) bool { return act != nil && act(s, r) })
	return 0
}

// hang never returns; the timer keeps Go from calling it a deadlock.
func hang() int {
	time.AfterFunc(time.Hour, func() {})
	select {}
}

// offspring starts a grandchild that holds the pipes.
func offspring() {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "DRIVERS_TEST_CHILD=grandchild")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		panic(err)
	}
}

// quick keeps the race detector from sleeping a second at every exit.
const quick = "GORACE=atexit_sleep_ms=0"

func as(role string) Command {
	return Command{Args: []string{os.Args[0]}, Env: []string{"DRIVERS_TEST_CHILD=" + role, quick}}
}

func start(t *testing.T, c Command, o Options) *Driver {
	t.Helper()
	d, err := Start(t.Context(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// soon is a limit for what a test wants to see expire.
const soon = 200 * time.Millisecond

func TestAChild(t *testing.T) {
	d := start(t, as("polite"), Options{})
	equal(t, "name", d.Hello().Name, "script")
	i := create(t, d)
	for seq := 1; seq <= 3; seq++ {
		a, err := i.Call(t.Context(), "logout")
		if err != nil || a.Seq != seq {
			t.Fatalf("got %+v, %v", a, err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAChildsSurroundings(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "work")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DRIVERS_TEST_BINARY", os.Args[0])
	d := start(t, Command{
		Line: `"$DRIVERS_TEST_BINARY" --one='a b' two\ three`,
		Dir:  dir,
		Env:  []string{"DRIVERS_TEST_CHILD=surroundings", "DRIVERS_TEST_WORD=w", quick},
	}, Options{})
	a, err := create(t, d).Call(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "surroundings", string(a.Value), `"work w --one=a b two three"`)
}

func TestAChildThatExitsAtOnce(t *testing.T) {
	_, err := Start(t.Context(), as("exit 3"), Options{})
	breakdown(t, err, port.Crash, "exit status 3 before its stdin was closed; stderr ends:\nCannot find module 'tim-js-sdk'")
}

func TestASilentChild(t *testing.T) {
	_, err := Start(t.Context(), as("silent"), Options{Limits: Limits{Hello: soon}})
	breakdown(t, err, port.Hang, "hello unanswered after 200ms")
}

func TestAChildThatPrintsSomethingElse(t *testing.T) {
	_, err := Start(t.Context(), as("garbage"), Options{})
	breakdown(t, err, port.BrokenProtocol, "line 1 of stdout: not one JSON value")
}

func TestAChildThatCrashesUnderACall(t *testing.T) {
	d := start(t, as("crash"), Options{})
	mark := d.StderrMark()
	_, err := create(t, d).Call(t.Context(), "login")
	breakdown(t, err, port.Crash, "exit status 134 before its stdin was closed; stderr ends:\nheap out of memory")
	<-d.Done()
	equal(t, "stderr", d.StderrSince(mark), "heap out of memory\n")
	start(t, as("crash"), Options{}) // the same command again
}

func TestAChildThatDoesNotEnd(t *testing.T) {
	d := start(t, as("stubborn"), Options{Limits: Limits{Close: soon}})
	breakdown(t, d.Close(), port.Hang, "did not exit within 200ms of the end of its stdin; killed")
}

func TestAChildThatEndsBadly(t *testing.T) {
	d := start(t, as("bad end"), Options{})
	breakdown(t, d.Close(), port.Crash, "exit status 5 after its stdin was closed")
}

// A grandchild that keeps the pipes must neither hold up Close nor live on.
func TestGrandchildrenEndToo(t *testing.T) {
	for role, good := range map[string]bool{"parent": true, "stubborn parent": false} {
		t.Run(role, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = l.Close() }()
			c := as(role)
			c.Env = append(c.Env, "DRIVERS_TEST_ADDR="+l.Addr().String())
			d := start(t, c, Options{Limits: Limits{Close: time.Second}})
			grandchild, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = grandchild.Close() }()
			if err := d.Close(); (err == nil) != good {
				t.Fatalf("got %v", err)
			}
			if _, err := grandchild.Read(make([]byte, 1)); err == nil {
				t.Fatal("the grandchild lives")
			} else if !errors.Is(err, io.EOF) {
				t.Log(err) // a reset is an end, too
			}
		})
	}
}

func TestWhatCannotBeStarted(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		command Command
		is      error
		says    string
	}{
		"not in PATH":     {Command{Line: "no-such-driver --x"}, exec.ErrNotFound, `start driver: there is no program "no-such-driver" in PATH`},
		"no such file":    {Command{Line: "./no/such/driver"}, fs.ErrNotExist, `start driver: there is no program "./no/such/driver"`},
		"no directory":    {Command{Args: []string{os.Args[0]}, Dir: "no/such"}, fs.ErrNotExist, `start driver: no such working directory "no/such"`},
		"not executable":  {Command{Args: []string{plain}}, fs.ErrPermission, "may not be executed"},
		"empty":           {Command{Line: "  "}, nil, "start driver: the command line is empty"},
		"both":            {Command{Line: "a", Args: []string{"a"}}, nil, "both Line and Args"},
		"a pipe":          {Command{Line: "node x.js | tee log"}, nil, `start driver: split "node x.js | tee log"`},
		"a substitution":  {Command{Line: "echo $(id)"}, nil, "start driver: split"},
		"an open quote":   {Command{Line: "node 'x.js"}, nil, "start driver: split"},
		"nothing but $NO": {Command{Line: "$DRIVERS_TEST_UNSET"}, nil, "the command line is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Start(t.Context(), c.command, Options{})
			contains(t, err, c.says)
			if c.is != nil && !errors.Is(err, c.is) {
				t.Fatalf("%v is not %v", err, c.is)
			}
		})
	}
}
