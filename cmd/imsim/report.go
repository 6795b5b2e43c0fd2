package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/imsim/imsim/loadgen"
	loadreport "github.com/imsim/imsim/loadgen/report"
	"github.com/imsim/imsim/reports"
)

// reportKind is what can be done with reports of a kind: report.json names its
// own. merge is nil where another command does it.
type reportKind struct {
	merge func(out io.Writer, dir string, paths []string) error
	diff  func(out io.Writer, before, after string, f diffFlags) (worse bool, err error)
}

var reportKinds = map[string]reportKind{
	reports.Conformance: {mergeRuns, diffRuns},
	loadgen.ResultKind:  {nil, diffLoads},
}

func newReport() *cobra.Command {
	c := &cobra.Command{
		Use: "report", Short: "Join and compare reports of imsim test",
		Example: `  imsim report merge --out all go-client sdk-2.14 sdk-3.6
  imsim report diff main/report pr/report`,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newReportMerge(), newReportDiff())
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
	return c
}

func newReportMerge() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use: "merge [flags] REPORT REPORT …", Short: "Join reports of several runs, ports and versions into one",
		Long: `Join reports into one with the columns of all of them. REPORT is a folder that
imsim test --report wrote, or its report.json. Where two reports have the same
case on the same port and version, the later one counts.`,
		Example: `  imsim report merge --out all go-client sdk-2.14 sdk-3.6`,
		Args:    cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			kind, err := commonKind(args)
			if err != nil {
				return err
			}
			if kind.merge == nil {
				return usageError{fmt.Errorf("results of the processes of one load are added by imsim merge")}
			}
			return kind.merge(c.OutOrStdout(), out, args)
		},
	}
	c.Flags().StringVar(&out, "out", "report", "folder for the joint report")
	return c
}

type diffFlags struct {
	strict, markdown, asJSON bool
	slower                   reports.Slowness
}

func newReportDiff() *cobra.Command {
	f := diffFlags{slower: reports.Slower}
	c := &cobra.Command{
		Use: "diff [flags] OLD NEW", Short: "Tell what changed from one report to another",
		Long: `Tell what changed: newly failing, fixed, new, gone and slower cases. OLD and NEW
are folders that imsim test --report wrote, or their report.json. Ports are
matched by name and version; if only one version of a port is left on either
side, these two are compared.

Of two reports of imsim load: the account of messages, latencies, rates and
memory, where they moved by more than a tenth.

Exit code 0: nothing is worse; 1: a case fails that did not, or is new and
fails, or is skipped after it passed, or a number of a load is worse; 2: usage.`,
		Example: `  imsim report diff main/report pr/report
  imsim report diff --markdown main/report pr/report >> "$GITHUB_STEP_SUMMARY"`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if f.markdown && f.asJSON {
				return usageError{fmt.Errorf("--markdown or --json, not both")}
			}
			kind, err := commonKind(args)
			if err != nil {
				return err
			}
			worse, err := kind.diff(c.OutOrStdout(), args[0], args[1], f)
			if err == nil && worse {
				return exitCode(exitFailed)
			}
			return err
		},
	}
	set := c.Flags()
	set.BoolVar(&f.strict, "strict", false, "exit with 1 also if cases or ports are gone, or cases are slower")
	set.BoolVar(&f.markdown, "markdown", false, "write Markdown")
	set.BoolVar(&f.asJSON, "json", false, "write JSON")
	set.Float64Var(&f.slower.Factor, "slower", f.slower.Factor, "a case is slower if it takes so many times as long, and half a second more; 0: never")
	return c
}

// commonKind is the kind that all the reports are of.
func commonKind(paths []string) (reportKind, error) {
	first := ""
	for i, path := range paths {
		name, err := reports.KindOf(path)
		if err != nil {
			return reportKind{}, usageError{err}
		}
		if i == 0 {
			first = name
		}
		if name != first {
			return reportKind{}, usageError{fmt.Errorf("%s is a %s report, %s a %s report", paths[0], first, path, name)}
		}
	}
	kind, known := reportKinds[first]
	if !known {
		return reportKind{}, usageError{fmt.Errorf("%s: reports of the kind %q are not known here", paths[0], first)}
	}
	return kind, nil
}

func mergeRuns(out io.Writer, dir string, paths []string) error {
	runs := make([]*reports.Run, len(paths))
	for i, path := range paths {
		var err error
		if runs[i], err = reports.Read(path); err != nil {
			return usageError{err}
		}
	}
	merged, replaced := reports.Merge(runs...)
	if err := reports.WriteDir(dir, merged); err != nil {
		return err
	}
	for _, p := range merged.Ports() {
		fmt.Fprintf(out, "%s: %s\n", p, reports.Counts(merged.Count(p)))
	}
	if replaced > 0 {
		fmt.Fprintf(out, "%d results replaced by those of a later report\n", replaced)
	}
	fmt.Fprintf(out, "report: %s\n", dir)
	return nil
}

func diffRuns(out io.Writer, before, after string, f diffFlags) (worse bool, err error) {
	was, err := reports.Read(before)
	if err != nil {
		return false, usageError{err}
	}
	is, err := reports.Read(after)
	if err != nil {
		return false, usageError{err}
	}
	d := reports.Compare(was, is, f.slower)
	switch {
	case f.asJSON:
		enc := json.NewEncoder(out)
		enc.SetIndent("", " ")
		enc.SetEscapeHTML(false)
		err = enc.Encode(d)
	case f.markdown:
		err = reports.WriteDiffMarkdown(out, d)
	default:
		err = reports.WriteDiff(out, d)
	}
	if f.strict {
		return d.WorseStrictly(), err
	}
	return d.Worse(), err
}

func diffLoads(out io.Writer, before, after string, f diffFlags) (worse bool, err error) {
	var loads [2]*loadgen.Result
	for i, path := range []string{before, after} {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			path = filepath.Join(path, reports.JSONFile)
		}
		if loads[i], err = readResult(path); err != nil {
			return false, usageError{err}
		}
	}
	list := loadreport.Diff(loads[0], loads[1])
	switch {
	case f.asJSON:
		err = json.NewEncoder(out).Encode(map[string]any{"changes": append([]loadreport.Change{}, list...)})
	case f.markdown:
		fmt.Fprint(out, "```text\n")
		err = loadreport.WriteDiff(out, loads[0], loads[1])
		fmt.Fprint(out, "```\n")
	default:
		err = loadreport.WriteDiff(out, loads[0], loads[1])
	}
	return slices.ContainsFunc(list, func(c loadreport.Change) bool { return c.Worse }), err
}
