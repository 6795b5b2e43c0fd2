package bench

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// k6Script is what a user of k6 does.
//
//go:embed k6user.js
var k6Script []byte

// k6 is a process of k6 whose users are on a relay in this process.
type k6 struct {
	relay *relay
	cmd   *exec.Cmd
	api   string // host and port
	dir   string
	log   *os.File
	ended chan struct{}
	err   error // once ended
}

// startK6 runs a k6 with so many users, who write each other or are silent.
func startK6(binary string, users int, talk bool) (_ *k6, err error) {
	k := &k6{ended: make(chan struct{})}
	if k.dir, err = os.MkdirTemp("", "imsim-bench"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(k.dir)
		}
	}()
	script := filepath.Join(k.dir, "user.js")
	if err := os.WriteFile(script, k6Script, 0o600); err != nil {
		return nil, err
	}
	if k.log, err = os.Create(filepath.Join(k.dir, "log")); err != nil {
		return nil, err
	}
	if k.api, err = freeAddr(); err != nil {
		return nil, err
	}
	if k.relay, err = startRelay(); err != nil {
		return nil, err
	}
	k.cmd = exec.Command(binary, "run", "--quiet", "--no-summary", "--no-usage-report", "--profiling-enabled", "--address", k.api,
		"--env", "ADDR="+k.relay.addr, "--env", fmt.Sprintf("USERS=%d", users), "--env", fmt.Sprintf("FRAME_SIZE=%d", frameSize), script)
	if talk {
		k.cmd.Args = append(k.cmd.Args, "--env", "TALK=1")
	}
	k.cmd.Stdout, k.cmd.Stderr = k.log, k.log
	if err := k.cmd.Start(); err != nil {
		k.relay.close()
		return nil, err
	}
	go func() {
		k.err = k.cmd.Wait()
		close(k.ended)
	}()
	return k, nil
}

// freeAddr is a port of the loopback that nobody has.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (k *k6) stop() {
	_ = k.cmd.Process.Kill()
	<-k.ended
	k.relay.close()
	_ = k.log.Close()
	_ = os.RemoveAll(k.dir)
}

// k6Patience is how long k6 may take to start its users.
const k6Patience = time.Minute

// await returns once something holds.
func (k *k6) await(ctx context.Context, holds func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, k6Patience)
	defer cancel()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-k.ended:
			text, _ := os.ReadFile(k.log.Name())
			return fmt.Errorf("k6 ended: %w\n%s", k.err, text)
		case <-ctx.Done():
			return fmt.Errorf("k6: %w", ctx.Err())
		case <-look.C:
		}
	}
	return nil
}

// memory is what k6 holds after a garbage collection.
func (k *k6) memory(ctx context.Context) (m memory, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+k.api+"/debug/pprof/heap?gc=1&debug=1", nil)
	if err != nil {
		return m, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return m, err
	}
	defer resp.Body.Close()
	return readMemory(resp.Body)
}

// readMemory reads runtime.MemStats from the end of a heap profile as text.
func readMemory(profile io.Reader) (m memory, err error) {
	lines := bufio.NewScanner(profile)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		for name, v := range map[string]*uint64{"# HeapInuse = ": &m.Heap, "# Stack = ": &m.Stack} {
			if text, ok := strings.CutPrefix(lines.Text(), name); ok {
				if _, err := fmt.Sscan(text, v); err != nil {
					return m, err
				}
			}
		}
	}
	if err := lines.Err(); err != nil {
		return m, err
	}
	if m.Heap == 0 || m.Stack == 0 {
		return m, errors.New("a heap profile without memory statistics")
	}
	return m, nil
}

// k6Memory is the baseline of figure 5: bytes of heap and stacks for a k6 user
// who connected and does nothing, as more users make it more.
func k6Memory(binary string, few, many int) func(context.Context) (sample, error) {
	return func(ctx context.Context) (taken sample, err error) {
		held := map[int]float64{}
		for _, users := range []int{few, many} {
			k, err := startK6(binary, users, false)
			if err != nil {
				return taken, err
			}
			var m memory
			if err = k.await(ctx, func() bool { return k.relay.count() == users }); err == nil {
				m, err = k.memory(ctx)
			}
			k.stop()
			if err != nil {
				return taken, err
			}
			held[users] = float64(m.used())
		}
		return sample{value: (held[many] - held[few]) / float64(many-few)}, nil
	}
}

// k6CPU is a baseline of figure 6: microseconds of k6's processor for a message
// that one of its users sent and another received, as many as they can.
func k6CPU(binary string, d time.Duration) func(context.Context) (sample, error) {
	return func(ctx context.Context) (taken sample, err error) {
		k, err := startK6(binary, talkers, true)
		if err != nil {
			return taken, err
		}
		defer k.stop()
		// All have said something: what making them cost is over.
		if err := k.await(ctx, func() bool { return k.relay.passed.Load() > 5*talkers }); err != nil {
			return taken, err
		}
		before, err := processorOf(k.cmd.Process.Pid)
		if err != nil {
			return taken, err
		}
		from := k.relay.passed.Load()
		end := time.Now().Add(d)
		if err := k.await(ctx, func() bool { return time.Now().After(end) }); err != nil {
			return taken, err
		}
		after, err := processorOf(k.cmd.Process.Pid)
		n := k.relay.passed.Load() - from
		if err == nil && n == 0 {
			err = errors.New("k6 fell silent")
		}
		return sample{value: float64((after - before).Microseconds()) / float64(n)}, err
	}
}

// processorOf is the processor time that a process has used. Linux counts it in
// hundredths of a second.
func processorOf(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The name, in parentheses, may contain anything; times are the 12th and 13th behind it.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	var user, system int64
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat: %q", pid, text)
	}
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		return 0, err
	}
	return time.Duration(user+system) * 10 * time.Millisecond, nil
}
