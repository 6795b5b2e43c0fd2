package scenarios

import (
	"fmt"
	"testing"

	"github.com/imsim/imsim/fakeserver/backend"
)

// TestEveryMatrixCellHasACase wants each cell of the permission matrix played
// by a generated case, or a reason why none can be.
func TestEveryMatrixCellHasACase(t *testing.T) {
	played := map[string]bool{}
	cell := func(op backend.Operation, kind, role string) string { return fmt.Sprintf("%s: %s, %s", kind, role, op) }
	for _, play := range matrixPlays() {
		if play.how.try == nil {
			t.Errorf("nobody knows how to %s", play.rule.Operation)
		}
		for _, role := range play.roles {
			if role == theApp && play.how.rest == nil {
				t.Errorf("the app does not know how to %s", play.rule.Operation)
			}
			played[cell(play.rule.Operation, play.kind, role)] = true
		}
	}
	if got, plays := len(matrixCases()), len(matrixPlays()); got != plays {
		t.Errorf("%d cases of %d plays", got, plays)
	}
	cells, reasons := 0, 0
	for _, rule := range backend.Matrix {
		for _, kind := range backend.GroupTypes {
			for _, role := range matrixRoles {
				cells++
				switch why, has := noCase(rule.Operation, kind, role.who), played[cell(rule.Operation, kind, role.name)]; {
				case has && why != "":
					t.Errorf("%s: played, though %s", cell(rule.Operation, kind, role.name), why)
				case !has && why == "":
					t.Errorf("%s: no case", cell(rule.Operation, kind, role.name))
				case !has:
					reasons++
				}
			}
		}
	}
	t.Logf("%d cells, %d played, %d cannot be", cells, len(played), reasons)
	if len(played) < cells/2 {
		t.Errorf("of %d cells only %d are played", cells, len(played))
	}
}
