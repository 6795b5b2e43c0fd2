package conform

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/imsim/imsim/client/clientport"
	"github.com/imsim/imsim/drivers"
	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/reports"
	"github.com/imsim/imsim/scenarios"
)

// naughty is the Go client with another logout, or another destroy.
type naughty struct {
	port.Port
	logout  func() error
	destroy func()
}

func (n naughty) Create(ctx context.Context, o port.Options) (port.Instance, error) {
	i, err := n.Port.Create(ctx, o)
	return naughtyInstance{i, n.logout, n.destroy}, err
}

type naughtyInstance struct {
	port.Instance
	logout  func() error
	destroy func()
}

func (n naughtyInstance) Destroy(ctx context.Context) error {
	if n.destroy != nil {
		n.destroy()
	}
	return n.Instance.Destroy(ctx)
}

func (n naughtyInstance) Call(ctx context.Context, api string, args ...any) (port.Answer, error) {
	if api == "logout" {
		fmt.Fprintln(os.Stderr, "about to log out")
		if err := n.logout(); err != nil {
			return port.Answer{}, err
		}
	}
	return n.Instance.Call(ctx, api, args...)
}

// naughtyDrivers are what the test binary is as a driver.
var naughtyDrivers = map[string]func() error{
	"good":     func() error { return nil },
	"crash":    func() error { os.Exit(4); return nil },
	"hang":     func() error { time.Sleep(time.Hour); return nil },
	"protocol": func() error { fmt.Println("logging out"); return nil },
	"lacking":  func() error { return &port.NotImplementedError{API: "logout"} },
	"wrong":    func() error { return &port.ProtocolError{Code: -32603, Message: "no idea"} },
}

func driverMain(role string) int {
	p := naughty{Port: clientport.New(clientport.Options{}), logout: naughtyDrivers[role]}
	destroyed := &lateWriter{Writer: os.Stdout}
	var out io.Writer = os.Stdout
	switch role {
	case "babbling":
		p.destroy = func() { fmt.Println("destroying") }
	case "muttering":
		p.destroy, out = destroyed.begin, destroyed
	case "dying":
		p.destroy = destroyed.begin
	}
	if err := drivers.Serve(context.Background(), os.Stdin, out, p); err != nil {
		return 1
	}
	if role == "dying" && destroyed.begun.Load() { // only after some work
		return 6
	}
	return 0
}

func driverLine(t *testing.T, role string) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return "env IMSIM_TEST_DRIVER=" + role + " '" + exe + "'"
}

// someLogout are cases of which some log out, and others do not.
const someLogout = "^session/(logout (resolves|without)|a UserSig)"

// What a driver does not survive is told apart from what it does wrong and
// what it lacks, and costs only the cases that were at it.
func TestOutcomesAreToldApart(t *testing.T) {
	for role, want := range map[string]string{
		"crash":    reports.Crash,
		"hang":     reports.Hang,
		"protocol": reports.BrokenProtocol,
		"lacking":  reports.NotImplemented,
		"wrong":    reports.Failed,
	} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			limit := scenarios.CaseLimit
			if role == "hang" {
				limit = 9 * time.Second // a call: 3 s
			}
			run, err := Run(t.Context(), Options{
				Selection: Selection{Focus: someLogout}, Drivers: []string{driverLine(t, role)}, Shards: 1,
				Self: shardSelf(t), Limit: limit,
			})
			if err != nil {
				t.Fatal(err)
			}
			hit, others := 0, 0
			for _, r := range run.Results {
				logsOut := strings.Contains(strings.Join(r.Steps, "\n"), "logout") || strings.Contains(r.Message, "logout")
				switch {
				case logsOut && r.Outcome == want:
					hit++
					if !strings.Contains(r.Stderr, "about to log out") {
						t.Errorf("%s: its stderr is %q", r.ID, r.Stderr)
					}
					if want == reports.NotImplemented && r.Lacks != "logout" {
						t.Errorf("%s lacks %q", r.ID, r.Lacks)
					}
				case !logsOut && r.Outcome == reports.Passed:
					others++
					if r.Stderr != "" {
						t.Errorf("%s has another case's stderr: %q", r.ID, r.Stderr)
					}
				default:
					t.Errorf("%s is %s: %s", r.ID, r.Outcome, r.Message)
				}
			}
			if hit < 2 || others < 2 {
				t.Errorf("%d cases were hit, %d were not; want several of both", hit, others)
			}
		})
	}
}

func TestSeveralDriversInOneRun(t *testing.T) {
	run, err := Run(t.Context(), Options{
		Selection: Selection{Focus: "^emitter/off"}, Drivers: []string{"", driverLine(t, "good")}, Shards: 2, Self: shardSelf(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	cases, err := Selection{Focus: "^emitter/off"}.Cases()
	if err != nil || !run.OK() || len(run.Results) != 2*len(cases) {
		t.Errorf("%d results of %d cases and 2 drivers, %q, %v", len(run.Results), len(cases), run.Problems, err)
	}
}

func TestFailFast(t *testing.T) {
	o := Options{
		Selection: Selection{Focus: "^session/"}, Drivers: []string{driverLine(t, "wrong")}, Shards: 1,
		Self: shardSelf(t), FailFast: true,
	}
	run, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	unexpected := 0
	for _, r := range run.Results {
		if r.Unexpected() {
			unexpected++
		}
	}
	cases, _ := o.Cases()
	if unexpected != 1 || len(run.Results) >= len(cases) || len(run.Problems) != 1 || !strings.Contains(run.Problems[0], "stopped at the first") {
		t.Errorf("%d of %d results, %d unexpected, problems %q", len(run.Results), len(cases), unexpected, run.Problems)
	}
}

func TestACaseThatTakesTooLong(t *testing.T) {
	run, err := Run(t.Context(), Options{
		Selection: Selection{Focus: "^c2c-text/two hundred"}, Drivers: []string{""}, Shards: 1, Self: shardSelf(t), Limit: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Results) != 1 || run.Results[0].Outcome != reports.TimedOut {
		t.Errorf("results %+v", run.Results)
	}
}

// serveOn is a driver that somebody started by hand.
func serveOn(t *testing.T, conn net.Conn) {
	if err := drivers.Serve(context.Background(), conn, conn, clientport.New(clientport.Options{})); err != nil {
		t.Errorf("the driver: %v", err)
	}
	_ = conn.Close()
}

func TestAttachToADriverThatListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		serveOn(t, conn)
	}()
	attached(t, Attached(l.Addr().String()))
	<-done
	_ = l.Close()
	run, err := Run(t.Context(), Options{Selection: Selection{Focus: "^emitter/off"}, Drivers: []string{Attached(l.Addr().String())}, Self: shardSelf(t)})
	if err != nil || run.OK() || !strings.Contains(strings.Join(run.Problems, " "), "refused") {
		t.Errorf("nobody listens: %v, problems %q", err, run.Problems)
	}
}

func TestAttachToADriverThatDials(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for t.Context().Err() == nil { // until the shard listens
			if conn, err := net.Dial("tcp", address); err == nil {
				serveOn(t, conn)
				return
			}
		}
	}()
	attached(t, Awaited(address))
	<-done
}

func attached(t *testing.T, driver string) {
	t.Helper()
	run, err := Run(t.Context(), Options{
		Selection: Selection{Focus: "^emitter/"}, Drivers: []string{driver}, Shards: 4, Self: shardSelf(t), Limit: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	if !run.OK() || len(run.Results) < 2 || run.Results[0].Port.Name != clientport.Name {
		t.Errorf("results %+v, problems %q", run.Results, run.Problems)
	}
}
