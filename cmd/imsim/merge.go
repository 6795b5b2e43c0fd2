package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/imsim/imsim/loadgen"
)

func newMerge() *cobra.Command {
	var thresholds []string
	var dir, file string
	c := &cobra.Command{
		Use: "merge RESULT RESULT…", Short: "Add the results of the processes of one load, exactly",
		Long: `Add the result files of the processes that shared one load (imsim load --segment,
or k6 with the extension): counters and histograms by adding, messages by
comparing what was sent in one process with what came in the others. The
thresholds are applied again, or others in their place.`,
		Example: `  imsim merge one.json two.json --report report --threshold 'lost==0'`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var results []*loadgen.Result
			for _, name := range args {
				r, err := readResult(name)
				if err != nil {
					return usageError{err}
				}
				results = append(results, r)
			}
			for _, text := range thresholds {
				if _, err := loadgen.ParseThreshold(text); err != nil {
					return usageError{err}
				}
			}
			merged, err := loadgen.Merge(results, thresholds...)
			if err != nil {
				return usageError{err}
			}
			return finishLoad(c.OutOrStdout(), merged, dir, file)
		},
	}
	c.Flags().StringArrayVar(&thresholds, "threshold", nil, "condition in place of those of the load; repeat it for more")
	c.Flags().StringVar(&dir, "report", "", "folder for report.html, report.json, series.csv and junit.xml")
	c.Flags().StringVar(&file, "result", "", "file for the merged result")
	return c
}

func readResult(name string) (*loadgen.Result, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := loadgen.ReadResult(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}
