// Package conform runs the conformance suite on ports: it selects the cases,
// re-executes the program as shards, gathers their results and holds them
// against the list of what is known to fail.
package conform

import (
	"fmt"
	"regexp"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/imsim/imsim/scenarios"
)

// Selection chooses cases of the suite.
type Selection struct {
	LabelFilter string // Ginkgo's expressions: "core && !clock"
	Focus       string // regular expression on the case's ID
}

// Cases returns what the selection leaves, in the suite's order.
func (s Selection) Cases() ([]scenarios.Case, error) {
	filter, err := types.ParseLabelFilter(s.LabelFilter)
	if err != nil {
		return nil, fmt.Errorf("label filter %q: %w", s.LabelFilter, err)
	}
	focus, err := regexp.Compile(s.Focus)
	if err != nil {
		return nil, fmt.Errorf("focus: %w", err)
	}
	var list []scenarios.Case
	for _, c := range scenarios.Cases() {
		if filter(c.Labels()) && focus.MatchString(c.ID()) {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no case fits the label filter %q and the focus %q", s.LabelFilter, s.Focus)
	}
	return list, nil
}
