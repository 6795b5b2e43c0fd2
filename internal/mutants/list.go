package mutants

import (
	"encoding/json"
	"slices"
)

// List is every mutant that the suite must catch.
func List() []Mutant {
	return slices.Concat(messageMutants, sessionMutants, conversationMutants, relationMutants, groupMutants)
}

func number(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return i, err == nil
}
