package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	known  string
	report string
	frames string
	list   bool
	asJSON bool
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
process. Exit code 0: every result is as expected; 1: some are not; 2: usage.

The known-failing list has a pattern over case names on each line (* stands for
anything) and a reason behind " # ". It is strict: a pattern that matches
nothing, and a listed case that passes, fail the run.`,
		Example: `  imsim test --report report
  imsim test --driver 'node drivers/timjs/driver.js --sdk 2.14.0' --driver 'node drivers/timjs/driver.js --sdk 3.6.6'
  imsim test --label-filter 'kick-out && !clock' --focus multipleAccount
  imsim test --list`,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	set := c.Flags()
	set.StringArrayVar(&f.Drivers, "driver", nil, "command line of a driver, quoted as for a shell; may be given several times (default: the Go client)")
	set.StringVar(&f.URL, "url", "", "ws:// URL of a running imsim, which the cases reset (default: a server of their own)")
	set.StringVar(&f.LabelFilter, "label-filter", "", "run cases whose labels fit, in Ginkgo's syntax: 'core && !clock'")
	set.StringVar(&f.Focus, "focus", "", "run cases whose name fits a regular expression")
	set.StringVar(&f.known, "known-failing", "", "file with patterns of cases that are known to fail")
	set.StringVar(&f.report, "report", "", "folder for report.html, junit.xml, report.json and summary.md")
	set.StringVar(&f.frames, "frames", framesFailed, "whose frames the report keeps and the wire's rules are held against: failed or all cases; with all, a rule broken in a passing case fails the run")
	set.BoolVar(&f.list, "list", false, "list the cases and run none")
	set.BoolVar(&f.asJSON, "json", false, "with --list: as JSON")
	set.IntVar(&f.Shards, "shards", runtime.NumCPU(), "processes to run a port's cases in")
	set.Int64Var(&f.Seed, "seed", 1, "seed of what is random in the suite")
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
	f.AllFrames = f.frames == framesAll
	known := &conform.Known{}
	if f.known != "" {
		file, err := os.Open(f.known)
		if err != nil {
			return usageError{fmt.Errorf("--known-failing: %w", err)}
		}
		defer file.Close()
		if known, err = conform.ParseKnown(file, f.known); err != nil {
			return usageError{err}
		}
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
	progress, finish := showProgress(c.ErrOrStderr())
	f.Progress = progress
	run, err := conform.Run(c.Context(), f.Options)
	finish()
	var driver *conform.DriverError
	if errors.As(err, &driver) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	known.Apply(run)
	if err := reports.WriteText(out, run); err != nil {
		return err
	}
	if f.report != "" {
		if err := reports.WriteDir(f.report, run); err != nil {
			return err
		}
		fmt.Fprintf(out, "report: %s\n", f.report)
	}
	if !run.OK() {
		return exitCode(exitFailed)
	}
	return nil
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
