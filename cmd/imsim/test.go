package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/imsim/imsim/fakeserver/backend"
	"github.com/imsim/imsim/internal/conform"
	"github.com/imsim/imsim/reports"
	"github.com/imsim/imsim/scenarios"
)

type testFlags struct {
	conform.Options
	attach       []string // addresses of drivers that listen
	listen       []string // addresses for drivers that dial
	known        string
	report       string
	frames       string
	list         bool
	asJSON       bool
	repeat       int
	untilItFails bool
}

// Values of --frames.
const (
	framesFailed = "failed"
	framesAll    = "all"
)

func newTest() *cobra.Command {
	var f testFlags
	c := &cobra.Command{
		Use: "test", Short: "Run the conformance suite on SDK ports",
		Long: `Run the conformance suite, by default on the Go client and a backend in this
process.

The known-failing list has an entry on each line: a pattern over case names
(* stands for anything), or api: and a method that the port lacks; then, in
brackets, the port and a range of its versions if it is not for all; then a
reason behind " # ". It is strict: an entry that fits nothing, and a listed
case that passes, fail the run.

  c2c-text/a resend* # failed messages are not kept
  group-*/* [my-port <0.4] # groups come in 0.4
  api:createGroup # groups come later

A driver that was started by hand, in a debugger say, is attached to: with
--attach it listens on an address, with --listen it dials one. It is asked the
cases one after the other over one connection.

Exit code 0: every result is as expected; 1: some are not, or the suite could
not be run; 2: a wrong flag, or a driver that cannot be started.`,
		Example: `  imsim test --report report
  imsim test --driver 'node drivers/timjs/driver.js --sdk 2.14.0' --driver 'node drivers/timjs/driver.js --sdk 3.6.6'
  imsim test --label-filter 'kick-out && !clock' --focus multipleAccount
  imsim test --list`,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	set := c.Flags()
	set.StringArrayVar(&f.Drivers, "driver", nil, "command line of a driver, quoted as for a shell; may be given several times (default: the Go client)")
	set.StringArrayVar(&f.attach, "attach", nil, "host:port on which a driver that was started by hand listens; may be given several times")
	set.StringArrayVar(&f.listen, "listen", nil, "host:port to listen on for a driver that was started by hand; may be given several times")
	set.StringVar(&f.URL, "url", "", "ws:// URL of a running imsim, which the cases reset (default: a server of their own)")
	set.StringVar(&f.LabelFilter, "label-filter", "", "run cases whose labels fit, in Ginkgo's syntax: 'core && !clock'")
	set.StringVar(&f.Focus, "focus", "", "run cases whose name fits a regular expression")
	set.StringVar(&f.known, "known-failing", "", "file with patterns of cases that are known to fail")
	set.StringVar(&f.report, "report", "", "folder for report.html, junit.xml, report.json and summary.md")
	set.StringVar(&f.frames, "frames", framesFailed, "whose frames the report keeps and the wire's rules are held against: failed or all cases; with all, a rule broken in a passing case fails the run")
	set.BoolVar(&f.list, "list", false, "list the cases and run none")
	set.BoolVar(&f.asJSON, "json", false, "with --list: as JSON")
	set.IntVar(&f.Shards, "shards", runtime.NumCPU()+1, "processes to run a port's cases in; by default one more than processors, as ports wait too")
	set.Int64Var(&f.Seed, "seed", 1, "decides in which order the areas run")
	set.BoolVar(&f.Shuffle, "randomize-all", false, "with the seed, mix all cases and not only the areas")
	set.DurationVar(&f.Limit, "timeout", scenarios.CaseLimit, "how long a case may take")
	set.DurationVar(&f.Patience, "patience", 5*time.Second, "how long an event is waited for: less for a port that lacks many, more in a debugger")
	set.BoolVar(&f.FailFast, "fail-fast", false, "stop at the first result that is not as expected")
	set.IntVar(&f.repeat, "repeat", 0, "run the suite so many times more, each with the next seed, until a run fails")
	set.BoolVar(&f.untilItFails, "until-it-fails", false, "run the suite again and again, each time with the next seed, until a run fails")
	c.MarkFlagsMutuallyExclusive("repeat", "until-it-fails")
	return c
}

func (f *testFlags) run(c *cobra.Command) error {
	out := c.OutOrStdout()
	if f.list {
		cases, err := f.Cases()
		if err != nil {
			return usageError{err}
		}
		return list(out, cases, f.asJSON)
	}
	if _, err := f.Cases(); err != nil {
		return usageError{err}
	}
	if f.frames != framesFailed && f.frames != framesAll {
		return usageError{fmt.Errorf("--frames %q: use %s or %s", f.frames, framesFailed, framesAll)}
	}
	if u, err := url.Parse(f.URL); err != nil || f.URL != "" && (u.Scheme != "ws" && u.Scheme != "wss" || u.Host == "") {
		return usageError{fmt.Errorf("--url %q: not of the form ws://host:port", f.URL)}
	}
	f.AllFrames = f.frames == framesAll
	if f.known != "" {
		file, err := os.Open(f.known)
		if err != nil {
			return usageError{fmt.Errorf("--known-failing: %w", err)}
		}
		defer file.Close()
		if f.Known, err = conform.ParseKnown(file, f.known); err != nil {
			return usageError{err}
		}
	}
	for _, address := range f.attach {
		f.Drivers = append(f.Drivers, conform.Attached(address))
	}
	for _, address := range f.listen {
		f.Drivers = append(f.Drivers, conform.Awaited(address))
		fmt.Fprintf(c.ErrOrStderr(), "waiting for a driver on %s\n", address)
	}
	if len(f.Drivers) == 0 {
		f.Drivers = []string{""}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	f.Self = []string{self, shardCommand}
	f.Version = versionText()
	for left := f.repeat; ; left-- {
		ok, err := f.once(c, out)
		if err != nil {
			return err
		}
		if !ok {
			return exitCode(exitFailed)
		}
		if left <= 0 && !f.untilItFails {
			return nil
		}
		f.Seed++
		fmt.Fprintf(out, "once more, with seed %d\n", f.Seed)
	}
}

// once runs the suite and tells whether all was as expected.
func (f *testFlags) once(c *cobra.Command, out io.Writer) (ok bool, err error) {
	progress, finish := showProgress(c.ErrOrStderr())
	f.Progress = progress
	run, err := conform.Run(c.Context(), f.Options)
	finish()
	var driver *conform.DriverError
	if errors.As(err, &driver) {
		return false, usageError{err}
	}
	if err != nil {
		return false, err
	}
	if err := reports.WriteText(out, run); err != nil {
		return false, err
	}
	if f.report != "" {
		if err := reports.WriteDir(f.report, run); err != nil {
			return false, err
		}
		fmt.Fprintf(out, "report: %s\n", f.report)
	}
	return run.OK(), nil
}

func list(out io.Writer, cases []scenarios.Case, asJSON bool) error {
	type entry struct {
		ID     string   `json:"id"`
		Labels []string `json:"labels"`
		Covers []string `json:"covers"`
		Source string   `json:"source"`
	}
	entries := []entry{}
	for _, c := range cases {
		entries = append(entries, entry{c.ID(), c.Labels(), c.Covers, c.Source})
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", " ")
		enc.SetEscapeHTML(false)
		return enc.Encode(entries)
	}
	for _, e := range entries {
		fmt.Fprintln(out, e.ID)
	}
	fmt.Fprintf(out, "%d cases\n", len(entries))
	return nil
}

// showProgress draws a bar on a terminal, and nothing elsewhere.
func showProgress(w io.Writer) (progress func(int, *reports.Result), finish func()) {
	file, ok := w.(*os.File)
	if !ok || !terminal(file) || os.Getenv("CI") != "" {
		return nil, func() {}
	}
	bars := mpb.New(mpb.WithOutput(w), mpb.WithWidth(40))
	var bar *mpb.Bar
	bad := 0
	progress = func(total int, r *reports.Result) {
		if bar == nil {
			bar = bars.AddBar(int64(total),
				mpb.PrependDecorators(decor.CountersNoUnit("%d / %d cases")),
				mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
					if bad == 0 {
						return "all well"
					}
					return fmt.Sprintf("%d not passed", bad)
				}), decor.Elapsed(decor.ET_STYLE_GO, decor.WCSyncSpace)))
		}
		if r == nil {
			return
		}
		if r.Outcome != reports.Passed && r.Outcome != reports.Skipped {
			bad++
		}
		bar.EwmaIncrement(time.Duration(r.Seconds * float64(time.Second)))
	}
	return progress, func() {
		if bar != nil {
			bar.Abort(false)
		}
		bars.Wait()
	}
}

// terminal tells whether a person is likely to look at the file.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// shardCommand is the hidden command that test re-executes itself with.
const shardCommand = "test-shard"

func newShard() *cobra.Command {
	return &cobra.Command{
		Use: shardCommand, Hidden: true, Short: "Run a part of the suite for imsim test",
		RunE: func(c *cobra.Command, _ []string) error {
			return conform.Shard(c.Context(), c.InOrStdin(), os.Stdout)
		},
	}
}

func newCoverage() *cobra.Command {
	return &cobra.Command{
		Use: "coverage", Short: "Print which methods and events of the reference API the suite covers",
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(c.OutOrStdout(), scenarios.CoverageMarkdown(scenarios.Cases()))
			return err
		},
	}
}

func newMatrix() *cobra.Command {
	return &cobra.Command{
		Use: "matrix", Short: "Print who may do what in each type of group",
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(c.OutOrStdout(), backend.MatrixMarkdown())
			return err
		},
	}
}
