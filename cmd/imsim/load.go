package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/loadgen"
	"github.com/imsim/imsim/loadgen/report"
)

// loadFlags are the flags of load.
type loadFlags struct {
	loadgen.Spec
	loadgen.Options
	spec       string
	rate       string
	ramp       []string
	weights    []string
	thresholds []string
	report     string
	result     string
	metrics    string
	schema     bool
}

func newLoad() *cobra.Command {
	var f loadFlags
	c := &cobra.Command{
		Use: "load", Short: "Put load on a backend, and account for every message",
		Long: `Put load on a backend with virtual users, each a real protocol session, and
account for every message. Without --target it runs a server of its own, in
memory. The exit code is 1 if a threshold is broken, 2 for a wrong flag.`,
		Example: `  imsim load --workload c2c --users 1000 --rate 500/s --duration 30s --report report
  imsim load --workload group --users 500 --group-size 'uniform(10,100)' --ramp 10s:50 --ramp 30s:200
  imsim load --workload mixed --model closed --users 200 --think 'exp(3s)' --threshold 'lost==0'
  imsim load --spec load.yaml --target ws://127.0.0.1:8090 --threshold 'delivered.p99<50ms'`,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	f.add(c.Flags())
	return c
}

func (f *loadFlags) add(set *pflag.FlagSet) {
	s := &f.Spec
	set.StringVar(&f.spec, "spec", "", "YAML file with the load; flags given on the command line win (--schema prints its JSON Schema)")
	set.BoolVar(&f.schema, "schema", false, "print the JSON Schema of --spec files and end")
	set.StringVar(&s.Workload, "workload", "", strings.Join(loadgen.Workloads, ", ")+" (default c2c)")
	set.IntVar(&s.Users, "users", 0, "virtual users (default 100)")
	set.StringVar(&s.UserPrefix, "user-prefix", "", "of userIDs, before six digits (default load)")
	set.Uint64Var(&s.Seed, "seed", 0, "the same seed makes the same users, groups, arrivals and messages")
	set.StringVar(&s.Run, "run", "", "mark of this run's messages and groups (default: by chance)")
	set.TextVar(&s.Segment, "segment", loadgen.Segment{}, "part of the fleet that this process runs: 1/3 is the first of three; needs --run and --result")
	set.StringVar(&s.Model, "model", "", "open: operations start on a schedule; closed: users think between operations (default open)")
	set.StringVar(&s.Arrival, "arrival", "", "of the open model: constant or poisson (default constant)")
	set.StringVar(&f.rate, "rate", "", "operations a second of the open model, like 500 or 500/s; with --ramp: at the start (default 100)")
	set.StringArrayVar(&f.ramp, "ramp", nil, "DURATION:RATE, a stage in which the rate changes evenly to RATE; repeat it for more")
	set.TextVar(&s.Duration, "duration", loadgen.Duration(0), "of the load, without --ramp (default 30s)")
	set.TextVar(&s.Think, "think", loadgen.Distribution{}, "time before each operation of the closed model: 3s, uniform(1s,5s), exp(3s), lognormal(3s,0.5) (default: typing rhythm)")
	set.TextVar(&s.MessageSize, "message-size", loadgen.Distribution{}, "bytes of text, a number or distribution (default lognormal(60,0.5))")
	set.TextVar(&s.GroupSize, "group-size", loadgen.Distribution{}, "members of groups, a number or distribution (default lognormal(20,0.8))")
	set.Float64Var(&s.GroupShare, "group-share", 0, "of mixed operations that concern groups (default 0.5)")
	set.StringVar(&s.Pairs, "pairs", "", "who writes whom: near, neighbours; far, the first half the second (default near)")
	set.StringSliceVar(&f.weights, "weights", nil, "of mixed: message=100,recall=2,read=20,history=5,join=2,kick=0.5")
	set.TextVar(&s.Storm.Every, "storm-every", loadgen.Duration(0), "of reconnect-storm: time between storms (default 5s)")
	set.Float64Var(&s.Storm.Share, "storm-share", 0, "share of the users whose connection is cut (default 0.5)")
	set.TextVar(&s.Storm.Away, "storm-away", loadgen.Duration(0), "time before they come back (default 500ms)")
	set.StringVar(&s.Startup, "startup", "", "what users ask after a login: sdk, all that SDK 2.14 asks; bare (default sdk)")
	set.TextVar(&s.LateAfter, "late-after", loadgen.Duration(0), "an operation that starts later than this counts as late (default 10ms)")
	set.TextVar(&s.Drain, "drain", loadgen.Duration(0), "wait at the end for messages under way (default 5s)")
	set.StringArrayVar(&f.thresholds, "threshold", nil, "condition that decides the exit code, like 'delivered.p99<50ms' or 'lost==0'; repeat it for more")
	set.StringVar(&f.Target, "target", loadgen.Memory, "memory or loopback, a server of its own; or a ws:// URL")
	set.BoolVar(&f.OwnTarget, "i-own-the-target", false, "I may put load on a target that is not on this machine")
	set.Uint32Var(&f.SDKAppID, "sdkappid", fakeserver.DefaultSDKAppID, "app of the users")
	set.StringVar(&f.Secret, "secret", "", "key to sign UserSigs with (default: they are just some text)")
	set.StringVar(&f.report, "report", "", "folder for report.html, report.json, series.csv and junit.xml")
	set.StringVar(&f.result, "result", "", "file for the whole result, which imsim merge adds to others")
	set.StringVar(&f.metrics, "metrics-addr", "", "host:port for a Prometheus endpoint, /metrics, while the load runs")
}

// resolve makes the Spec of the file and the flags.
func (f *loadFlags) resolve(set *pflag.FlagSet) error {
	if f.spec != "" {
		file, err := os.Open(f.spec)
		if err != nil {
			return fmt.Errorf("--spec: %w", err)
		}
		defer file.Close()
		given := map[*pflag.Flag]string{}
		set.Visit(func(flag *pflag.Flag) { given[flag] = flag.Value.String() })
		fromFile, err := loadgen.ReadSpec(file)
		if err != nil {
			return fmt.Errorf("--spec %s: %w", f.spec, err)
		}
		f.Spec = fromFile
		for flag, value := range given {
			if strings.HasSuffix(flag.Value.Type(), "Array") || strings.HasSuffix(flag.Value.Type(), "Slice") {
				continue // has a variable of its own
			}
			if err := flag.Value.Set(value); err != nil {
				return fmt.Errorf("--%s: %w", flag.Name, err)
			}
		}
	}
	if f.rate != "" {
		rate, err := strconv.ParseFloat(strings.TrimSuffix(f.rate, "/s"), 64)
		if err != nil {
			return fmt.Errorf("--rate %q: write it like 500 or 500/s", f.rate)
		}
		f.Rate = rate
	}
	if len(f.ramp) > 0 {
		f.Stages = nil
	}
	for _, text := range f.ramp {
		length, rate, _ := strings.Cut(text, ":")
		var stage loadgen.Stage
		err := stage.Duration.UnmarshalText([]byte(length))
		if err == nil {
			stage.Rate, err = strconv.ParseFloat(strings.TrimSuffix(rate, "/s"), 64)
		}
		if err != nil {
			return fmt.Errorf("--ramp %q: write it like 30s:500", text)
		}
		f.Stages = append(f.Stages, stage)
	}
	if len(f.weights) > 0 {
		f.Weights = loadgen.Weights{}
	}
	for _, text := range f.weights {
		name, value, _ := strings.Cut(text, "=")
		weight, err := strconv.ParseFloat(value, 64)
		dst := map[string]*float64{
			"message": &f.Weights.Message, "recall": &f.Weights.Recall, "read": &f.Weights.Read,
			"history": &f.Weights.History, "join": &f.Weights.Join, "kick": &f.Weights.Kick,
		}[name]
		if err != nil || dst == nil {
			return fmt.Errorf("--weights %q: write it like message=100,recall=2,read=20,history=5,join=2,kick=0.5", text)
		}
		*dst = weight
	}
	if err := f.refuseZero(set); err != nil {
		return err
	}
	f.Thresholds = append(f.Thresholds, f.thresholds...)
	if f.Segment.Count > 0 && f.result == "" {
		return errors.New("--segment: the result of a part must go to a --result file, for imsim merge")
	}
	complete := f.Spec
	return complete.Complete()
}

// refuseZero refuses a 0 that would silently become the default.
func (f *loadFlags) refuseZero(set *pflag.FlagSet) (err error) {
	set.Visit(func(flag *pflag.Flag) {
		zero := false
		switch flag.Name {
		case "rate":
			zero = f.Rate == 0 && len(f.Stages) == 0
		case "users", "group-share", "storm-share", "duration", "drain", "late-after", "storm-every", "storm-away":
			zero = strings.TrimSuffix(flag.Value.String(), "s") == "0"
		}
		if zero {
			err = fmt.Errorf("--%s %s: more than 0", flag.Name, flag.Value)
		}
	})
	return err
}

func (f *loadFlags) run(c *cobra.Command) error {
	out := c.OutOrStdout()
	if f.schema {
		_, err := out.Write(loadgen.Schema)
		return err
	}
	if err := f.resolve(c.Flags()); err != nil {
		return usageError{err}
	}
	if err := f.claim(); err != nil {
		return err
	}
	f.Version = versionText()
	if f.metrics != "" {
		stop, err := f.serveMetrics(c.ErrOrStderr())
		if err != nil {
			return usageError{fmt.Errorf("--metrics-addr: %w", err)}
		}
		defer stop()
	}
	progress, finish := showLoad(c.ErrOrStderr())
	f.Progress = progress
	// The first Ctrl-C ends the load, and what is under way is waited for; the
	// second one ends the program at once.
	defer context.AfterFunc(c.Context(), func() { signal.Reset(os.Interrupt, syscall.SIGTERM) })()
	result, err := loadgen.Run(c.Context(), f.Spec, f.Options)
	finish()
	switch {
	case err != nil && c.Context().Err() != nil:
		return errors.New("interrupted before the load began: there is nothing to report")
	case errors.Is(err, loadgen.ErrNotOwned), errors.Is(err, loadgen.ErrBadTarget):
		return usageError{err}
	case err != nil:
		return err
	}
	return finishLoad(out, result, f.report, f.result)
}

// claim makes sure, before a load that may take hours, that what it finds can
// be written.
func (f *loadFlags) claim() error {
	var files []string
	if f.report != "" {
		if err := os.MkdirAll(f.report, 0o755); err != nil {
			return fmt.Errorf("--report: %w", err)
		}
		files = append(files, filepath.Join(f.report, "report.html"))
	}
	if f.result != "" {
		files = append(files, f.result)
	}
	for _, name := range files {
		w, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o644)
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			return fmt.Errorf("cannot write the result: %w", err)
		}
	}
	return nil
}

// finishLoad writes a result in all its forms; a broken threshold is an exit
// code.
func finishLoad(out io.Writer, r *loadgen.Result, dir, file string) error {
	if err := report.WriteText(out, r); err != nil {
		return err
	}
	if dir != "" {
		if err := report.WriteDir(dir, r); err != nil {
			return err
		}
		fmt.Fprintf(out, "report: %s\n", filepath.Join(dir, "report.html"))
	}
	if file != "" {
		w, err := os.Create(file)
		if err != nil {
			return fmt.Errorf("--result: %w", err)
		}
		if err := r.WriteJSON(w); err != nil {
			_ = w.Close()
			return fmt.Errorf("--result: %w", err)
		}
		if err := w.Close(); err != nil {
			return fmt.Errorf("--result: %w", err)
		}
	}
	if !r.OK() {
		return exitCode(exitFailed)
	}
	return nil
}

// serveMetrics opens the Prometheus endpoint.
func (f *loadFlags) serveMetrics(told io.Writer) (stop func(), err error) {
	l, err := net.Listen("tcp", f.metrics)
	if err != nil {
		return nil, err
	}
	collector := loadgen.NewCollector()
	f.Watch = collector.Watch
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector)
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l) // ends with Shutdown
	}()
	fmt.Fprintf(told, "metrics: http://%s/metrics\n", l.Addr())
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
		<-served
	}, nil
}

// showLoad draws bars on a terminal, and writes a line now and then elsewhere.
func showLoad(w io.Writer) (progress func(loadgen.Progress), finish func()) {
	if file, ok := w.(*os.File); ok && terminal(file) && os.Getenv("CI") == "" {
		return showLoadBars(w)
	}
	phase, said := "", 0
	return func(p loadgen.Progress) {
		const every = 5 // seconds
		if phase == loadgen.PhaseDrain {
			return
		}
		if p.Phase == phase && (p.Phase != loadgen.PhaseLoad || p.Done-said < every) {
			return
		}
		said = p.Done
		if p.Phase != phase {
			phase, said = p.Phase, 0
		}
		switch {
		case p.Phase == loadgen.PhaseLogin:
			fmt.Fprintf(w, "logging %d users in\n", p.Of)
		case p.Phase == loadgen.PhaseGroups:
			fmt.Fprintf(w, "making %d groups\n", p.Of)
		case p.Point != nil:
			fmt.Fprintf(w, "%d of %d s: %s\n", p.Done, p.Of, figures(p))
		case p.Phase == loadgen.PhaseDrain:
			fmt.Fprintln(w, "waiting for what is under way")
		}
	}, func() {}
}

// figures are the live numbers of the last second.
func figures(p loadgen.Progress) string {
	text := fmt.Sprintf("%d/s started, %d/s delivered", p.Point.Started, p.Point.Delivered)
	for _, name := range []string{loadgen.Delivered, loadgen.Ready, loadgen.CaughtUp} {
		if l, ok := p.Point.Latency[name]; ok {
			text += fmt.Sprintf(", %s p99 %.1f ms", name, l.P99)
		}
	}
	if p.Point.Errors > 0 {
		text += fmt.Sprintf(", %d errors", p.Point.Errors)
	}
	return text + "; " + p.Account
}

func showLoadBars(w io.Writer) (progress func(loadgen.Progress), finish func()) {
	bars := mpb.New(mpb.WithOutput(w), mpb.WithWidth(32))
	var bar *mpb.Bar
	phase, live := "", ""
	progress = func(p loadgen.Progress) {
		if phase == loadgen.PhaseDrain {
			return
		}
		if p.Phase != phase {
			if bar != nil {
				bar.SetTotal(-1, true)
			}
			phase = p.Phase
			bar = bars.AddBar(int64(max(p.Of, 1)),
				mpb.PrependDecorators(decor.Name(fmt.Sprintf("%-7s", phase)), decor.CountersNoUnit("%d / %d")),
				mpb.AppendDecorators(decor.Elapsed(decor.ET_STYLE_GO), decor.Any(func(decor.Statistics) string { return "  " + live })))
		}
		if p.Point != nil {
			live = figures(p)
		}
		bar.SetCurrent(int64(p.Done))
	}
	return progress, func() {
		if bar != nil {
			bar.SetTotal(-1, true)
		}
		bars.Wait()
	}
}
