package bench

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/internal/usage"
)

// Kinds of servers that run in a process of their own.
const (
	imsimServer = "imsim"
	relayServer = "relay"
)

// childEnv makes a program that calls Child one of the servers; profileEnv
// has it write a CPU profile to that file, with its kind appended.
const (
	childEnv   = "IMSIM_BENCH_SERVER"
	profileEnv = "IMSIM_BENCH_PROFILE"
)

// Child is called first thing in main: in a process that was started to be a
// server it serves until its standard input ends, and does not return.
func Child() {
	kind := os.Getenv(childEnv)
	if kind == "" {
		return
	}
	if err := serve(kind, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench server:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve answers each line of in with the state of the process's memory.
func serve(kind string, in io.Reader, out io.Writer) (err error) {
	var addr string
	switch kind {
	case imsimServer:
		srv, err := fakeserver.Start(fakeserver.Options{})
		if err != nil {
			return err
		}
		defer srv.Close()
		addr = srv.Addr()
	case relayServer:
		r, err := startRelay()
		if err != nil {
			return err
		}
		defer r.close()
		addr = r.addr
	case crowdServer:
		return runCrowd(in, out)
	default:
		return fmt.Errorf("no such server: %s", kind)
	}
	if file := os.Getenv(profileEnv); file != "" {
		f, err := os.Create(file + "." + kind)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	fmt.Fprintln(out, addr)
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if err := json.NewEncoder(out).Encode(memoryNow()); err != nil {
			return err
		}
	}
	return lines.Err()
}

// memory is what a process holds, in bytes.
type memory struct {
	Heap     uint64 // spans in use
	Stack    uint64
	Resident uint64 // of the process; 0 where the system does not tell
}

func (m memory) used() uint64 { return m.Heap + m.Stack }

func memoryNow() memory {
	runtime.GC()
	debug.FreeOSMemory()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	m := memory{Heap: stats.HeapInuse, Stack: stats.StackInuse, Resident: uint64(usage.Resident())}
	return m
}

// child is a server in a process of its own.
type child struct {
	addr  string // the first line that it printed
	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   *bufio.Reader
}

// startChild runs this very program as a server.
func startChild(kind string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childEnv+"="+kind)
	cmd.Stderr = os.Stderr
	c := &child{cmd: cmd}
	if c.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewReader(stdout)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := c.out.ReadString('\n')
	if err != nil {
		_, stopErr := c.stop()
		return nil, errors.Join(fmt.Errorf("%s server did not start: %w", kind, err), stopErr)
	}
	c.addr = strings.TrimSpace(line)
	return c, nil
}

// memory asks for the state after a garbage collection.
func (c *child) memory() (m memory, err error) {
	if _, err = fmt.Fprintln(c.stdin, "memory"); err != nil {
		return m, err
	}
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(line, &m)
}

// stop ends the process and waits for it; it tells the processor time that it
// used.
func (c *child) stop() (time.Duration, error) {
	_ = c.stdin.Close()
	err := c.cmd.Wait()
	return c.cmd.ProcessState.UserTime() + c.cmd.ProcessState.SystemTime(), err
}
