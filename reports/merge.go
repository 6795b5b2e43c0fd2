package reports

import (
	"slices"
	"strings"
)

// Merge joins runs into one: the columns of all their ports. Where two have
// the same case on the same port and version, the later run counts, so that
// cases that were run again replace what they were before; replaced tells how
// many.
func Merge(runs ...*Run) (merged *Run, replaced int) {
	merged = &Run{Format: Format, Kind: Conformance, Tool: "imsim"}
	type key struct {
		port Port
		id   string
	}
	at := map[key]int{}
	var versions []string
	for i, run := range runs {
		if i == 0 || run.Started.Before(merged.Started) {
			merged.Started = run.Started
		}
		merged.Seconds += run.Seconds
		merged.Problems = appendNew(merged.Problems, run.Problems...)
		versions = appendNew(versions, run.Version)
		for _, r := range run.Results {
			k := key{r.Port, r.ID}
			if place, again := at[k]; again {
				merged.Results[place] = r
				replaced++
				continue
			}
			at[k] = len(merged.Results)
			merged.Results = append(merged.Results, r)
		}
	}
	merged.Version = strings.Join(versions, ", ")
	merged.Sort()
	return merged, replaced
}

// appendNew appends what a list does not have.
func appendNew(list []string, more ...string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}
