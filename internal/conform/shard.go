package conform

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/imsim/imsim/drivers"
	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/reports"
	"github.com/imsim/imsim/scenarios"
)

// Job is what a shard is told on its stdin.
type Job struct {
	Driver string   `json:"driver"` // command line; empty: the Go client
	URL    string   `json:"url"`
	Cases  []string `json:"cases"` // IDs
	Seed   int64    `json:"seed"`
	// AllFrames keeps and checks the frames of cases that pass, too.
	AllFrames bool `json:"allFrames"`
	// Shuffle mixes all cases, not only the areas.
	Shuffle  bool          `json:"shuffle"`
	Limit    time.Duration `json:"limit"`    // of a case
	Patience time.Duration `json:"patience"` // for an event
}

// What begins the lines of a shard's stdout that hold a result, the ID of a
// case that begins, or, quoted, how the port ended badly after the last one;
// Ginkgo writes there too.
const (
	resultMark  = "\x1eimsim-result "
	beginMark   = "\x1eimsim-begin "
	problemMark = "\x1eimsim-problem "
)

const shardGC = 400

// onBegin is for tests of what becomes of a shard that dies.
var onBegin = func(id string) {}

// Shard runs a job's cases in this process, serially, and writes each result
// as a line. One process runs one job: Ginkgo runs a suite once.
func Shard(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	var job Job
	if err := json.NewDecoder(stdin).Decode(&job); err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	wanted := map[string]bool{}
	for _, id := range job.Cases {
		wanted[id] = true
	}
	var cases []scenarios.Case
	for _, c := range scenarios.Cases() {
		if wanted[c.ID()] {
			cases = append(cases, c)
		}
	}
	ports := &keeper{driver: job.Driver, limit: job.Limit}
	defer func() {
		if err := ports.close(); err != nil {
			_, _ = fmt.Fprintf(stdout, "\n%s%q\n", problemMark, err)
		}
	}()
	if byHand(job.Driver) { // nobody has seen yet whether it is there
		if _, err := ports.get(ctx); err != nil {
			return err
		}
	}
	var mu sync.Mutex
	var writeErr error
	report := func(r reports.Result) {
		ports.ended(r)
		line, err := json.Marshal(r)
		if err == nil {
			mu.Lock()
			defer mu.Unlock()
			_, err = fmt.Fprintf(stdout, "\n%s%s\n", resultMark, line)
		}
		if err != nil {
			writeErr = err
		}
	}
	begin := func(id string) {
		defer onBegin(id)
		mu.Lock()
		defer mu.Unlock()
		if _, err := fmt.Fprintf(stdout, "\n%s%s\n", beginMark, id); err != nil {
			writeErr = err
		}
	}
	// A shard is short and small: memory is cheaper here than collecting it.
	defer debug.SetGCPercent(debug.SetGCPercent(shardGC))
	gomega.RegisterFailHandler(ginkgo.Fail)
	scenarios.Register(cases, scenarios.Env{Port: ports.get, URL: job.URL, AllFrames: job.AllFrames, Limit: job.Limit, Patience: job.Patience, Begin: begin, Report: report})
	suite, reporter := ginkgo.GinkgoConfiguration()
	suite.RandomSeed = job.Seed
	suite.RandomizeAllSpecs = job.Shuffle
	reporter.Succinct = true
	reporter.NoColor = true
	// Failed cases are results, not errors of the shard.
	ginkgo.RunSpecs(shardT{}, "imsim", suite, reporter)
	return writeErr
}

type shardT struct{}

func (shardT) Fail() {}

// keeper holds the port under test, and starts it anew when it broke down.
type keeper struct {
	driver string
	limit  time.Duration
	port   port.Port
	told   bool // that it broke down: by the case that was running
}

// get gives a case the port. What broke down when no case was running is told
// by the next one.
func (k *keeper) get(ctx context.Context) (port.Port, error) {
	if err := k.broken(); err != nil {
		_ = k.close()
		if !k.told {
			return nil, fmt.Errorf("after the case before: %w", err)
		}
	}
	if k.port != nil {
		return k.port, nil
	}
	p, err := StartPort(ctx, k.driver, k.limit)
	if err != nil {
		return nil, err
	}
	k.port = p
	return p, nil
}

// ended is told what became of each case.
func (k *keeper) ended(r reports.Result) { k.told = reports.Broke(r.Outcome) }

func (k *keeper) broken() error {
	if d, ok := k.port.(*drivers.Driver); ok {
		return d.Err()
	}
	return nil
}

// close ends the port; the error is what nobody was told of its end.
func (k *keeper) close() error {
	if k.port == nil {
		return nil
	}
	told := k.told && k.broken() != nil
	err := k.port.Close()
	k.port = nil
	if told {
		return nil
	}
	return err
}
