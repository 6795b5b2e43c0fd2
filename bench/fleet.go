package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/imsim/imsim/internal/usage"
	"github.com/imsim/imsim/loadgen"
	"github.com/imsim/imsim/protocol"
)

// k6User is what a user of k6's own WebSocket module takes, in bytes: the
// baseline of figure 5 without a k6, measured on a machine of this kind.
const k6User = 170_000

// constant is a baseline that is a given number.
func constant(v float64) func(context.Context) (sample, error) {
	return func(context.Context) (sample, error) { return sample{value: v}, nil }
}

// load runs the load generator on a fresh server process.
func load(ctx context.Context, spec loadgen.Spec, progress func(loadgen.Progress)) (*loadgen.Result, error) {
	c, err := startChild(imsimServer)
	if err != nil {
		return nil, err
	}
	r, err := loadgen.Run(ctx, spec, loadgen.Options{Target: "ws://" + c.addr, Progress: progress})
	if _, stopErr := c.stop(); err == nil {
		err = stopErr
	}
	if err == nil && (!r.Account.Clean() || r.ErrorCount() > 0) {
		err = fmt.Errorf("void: %s, errors %v", r.Account.Summary(), r.Errors)
	}
	return r, err
}

// virtualUser takes figure 5: bytes of the generator's heap and stacks for a
// user who logged in, became ready and does nothing.
func virtualUser(ctx context.Context) (taken sample, err error) {
	const users = 4000
	before := memoryNow()
	_, err = load(ctx, loadgen.Spec{
		Workload: loadgen.C2C, Users: users, Rate: 1, Duration: loadgen.Duration(1500 * time.Millisecond),
	}, func(p loadgen.Progress) {
		if p.Point != nil && p.Done == 1 {
			taken.value = (float64(memoryNow().used()) - float64(before.used())) / users
		}
	})
	if err == nil && taken.value == 0 {
		err = errors.New("no measurement was taken")
	}
	return taken, err
}

// Of figure 6: how many users write each other, and how fast.
const (
	talkers  = 100
	talkRate = 2000
)

// openTalk is that load; in closedTalk each user sends the next message once
// the one before was acked.
func openTalk(d time.Duration) loadgen.Spec {
	return loadgen.Spec{
		Workload: loadgen.C2C, Users: talkers, Rate: talkRate, Duration: loadgen.Duration(d), MessageSize: distribution("100"),
	}
}

func closedTalk(d time.Duration) loadgen.Spec {
	spec := openTalk(d)
	spec.Model, spec.Think = loadgen.Closed, distribution("0")
	return spec
}

// generatorCPU takes figure 6: microseconds of the load generator's processor
// for a message that was sent, acked, delivered and accounted for.
func generatorCPU(spec loadgen.Spec) func(context.Context) (sample, error) {
	return func(ctx context.Context) (sample, error) {
		r, err := load(ctx, spec, nil)
		if err != nil {
			return sample{}, err
		}
		return sample{value: r.Generator.CPU * 1e6 / float64(r.Account.Sent)}, nil
	}
}

func distribution(text string) loadgen.Distribution {
	d, err := loadgen.ParseDistribution(text)
	if err != nil {
		panic(err) // a constant of ours
	}
	return d
}

// bareCPU is the same with a bare gorilla loop: frames that were made before go
// out on an absolute schedule, and what comes is read and thrown away.
func bareCPU(d time.Duration) func(context.Context) (sample, error) {
	return func(ctx context.Context) (taken sample, err error) {
		c, err := startChild(imsimServer)
		if err != nil {
			return taken, err
		}
		var open []*imsimSession
		var reading sync.WaitGroup
		defer func() {
			for _, s := range open {
				s.close()
			}
			reading.Wait()
			if _, stopErr := c.stop(); err == nil {
				err = stopErr
			}
		}()
		var sockets []*websocket.Conn
		for i := range talkers {
			ws, im, err := bareUser(ctx, c.addr, fmt.Sprintf("bare%04d", i), fmt.Sprintf("bare%04d", i^1))
			if err != nil {
				return taken, err
			}
			open, sockets = append(open, im), append(sockets, ws)
		}
		for _, ws := range sockets {
			reading.Go(func() {
				for {
					if _, _, err := ws.ReadMessage(); err != nil {
						return
					}
				}
			})
		}
		n := int(d.Seconds() * talkRate)
		start, cpu := time.Now(), usage.CPU()
		var buf []byte
		for i := range n {
			if wait := time.Until(start.Add(time.Duration(i) * time.Second / talkRate)); wait > 0 {
				time.Sleep(wait)
			}
			from := i % talkers
			buf = open[from].message(buf[:0], 1_000_000+i)
			if err := sockets[from].WriteMessage(websocket.TextMessage, buf); err != nil {
				return taken, err
			}
		}
		return sample{value: float64((usage.CPU() - cpu).Microseconds()) / float64(n)}, nil
	}
}

// bareUser logs a user in on gorilla's own connection.
func bareUser(ctx context.Context, addr, user, peer string) (*websocket.Conn, *imsimSession, error) {
	dialer := websocket.Dialer{}
	ws, resp, err := dialer.DialContext(ctx, fmt.Sprintf("ws://%s%s?sdkappid=%d&instanceid=%032x&random=1", addr, protocol.PathText, sdkAppID, user), nil)
	if err != nil {
		return nil, nil, err
	}
	_ = resp.Body.Close()
	im := &imsimSession{socket: &socket{conn: ws.NetConn(), in: bufio.NewReaderSize(ws.NetConn(), 8<<10), key: 1}, user: user, peer: peer}
	for _, step := range []func() error{im.login, im.getReady, im.prepare} {
		if err := step(); err != nil {
			_ = ws.Close()
			return nil, nil, err
		}
	}
	return ws, im, nil // all replies were read: the connection's own buffer takes over
}

// paceRate is that of figure 7.
const paceRate = 10_000

// pace runs the open model for figure 7, on a server in memory: over TCP the
// machine's system calls would be what is late.
func pace(ctx context.Context, d time.Duration) (*loadgen.Result, error) {
	r, err := loadgen.Run(ctx, loadgen.Spec{
		Workload: loadgen.C2C, Users: 200, Rate: paceRate, Duration: loadgen.Duration(d), MessageSize: distribution("100"),
	}, loadgen.Options{Target: loadgen.Memory})
	if err == nil && (!r.Account.Clean() || r.ErrorCount() > 0) {
		err = fmt.Errorf("void: %s, errors %v", r.Account.Summary(), r.Errors)
	}
	return r, err
}

// paceShare is what was started of what was planned.
func paceShare(d time.Duration) func(context.Context) (sample, error) {
	return func(ctx context.Context) (sample, error) {
		r, err := pace(ctx, d)
		if err != nil {
			return sample{}, err
		}
		return sample{value: float64(r.Began) / float64(r.Planned)}, nil
	}
}

// paceLateness is the p99 lateness in microseconds, pacerLateness that of a
// bare loop on an absolute schedule that sends nothing.
func paceLateness(d time.Duration) func(context.Context) (sample, error) {
	return func(ctx context.Context) (sample, error) {
		r, err := pace(ctx, d)
		if err != nil {
			return sample{}, err
		}
		return sample{value: r.Latency[loadgen.Lateness].P99 * 1000}, nil
	}
}

func pacerLateness(d time.Duration) func(context.Context) (sample, error) {
	return func(context.Context) (sample, error) {
		var late []time.Duration
		start := time.Now()
		for i := range int(d.Seconds() * paceRate) {
			at := start.Add(time.Duration(i) * time.Second / paceRate)
			if wait := time.Until(at); wait > 0 {
				time.Sleep(wait)
			}
			late = append(late, time.Since(at))
		}
		slices.Sort(late)
		return sample{value: math.Max(1, float64(late[len(late)*99/100].Microseconds()))}, nil
	}
}

// Of figure 11.
const (
	crowd      = 50_000
	crowdLimit = 1500.0 // MB: the goal
)

// crowdServer is the kind of child that runs the whole of figure 11 and says
// how many megabytes it held.
const crowdServer = "crowd"

// runCrowd logs users in on a server in the same process; each writes another
// at least once, so that each receives a message. It ends early with its input.
func runCrowd(in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	r, err := loadgen.Run(ctx, loadgen.Spec{
		Workload: loadgen.C2C, Users: crowd, Model: loadgen.Closed, Think: distribution("uniform(1s,19s)"), Duration: loadgen.Duration(20 * time.Second),
	}, loadgen.Options{Target: loadgen.Memory})
	if err != nil {
		return err
	}
	if !r.Account.Clean() || r.Account.Delivered < crowd || r.ErrorCount() > 0 {
		return fmt.Errorf("void: %s, errors %v", r.Account.Summary(), r.Errors)
	}
	got := map[int32]bool{}
	for _, stream := range r.Ledger.Received {
		got[int32(stream.To)] = true
	}
	if len(got) != crowd {
		return fmt.Errorf("void: only %d of %d users received a message", len(got), crowd)
	}
	_, err = fmt.Fprintf(out, "%.0f\n", r.Generator.ResidentMB)
	return err
}

// crowdMemory takes figure 11 in a process of its own.
func crowdMemory(context.Context) (sample, error) {
	c, err := startChild(crowdServer)
	if err != nil {
		return sample{}, err
	}
	if _, err := c.stop(); err != nil {
		return sample{}, err
	}
	mb, err := strconv.ParseFloat(c.addr, 64)
	return sample{value: mb}, err
}
