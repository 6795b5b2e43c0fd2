package reports

import (
	"testing"
	"time"
)

func TestMergeJoinsPortsAndVersions(t *testing.T) {
	a, b := runOf(result(oldPort, "a", "x", Passed)), runOf(result(newPort, "a", "x", Failed), result(sdk, "a", "x", Passed))
	b.Started, b.Version, b.Problems = a.Started.Add(-time.Hour), "1.3", []string{"one"}
	m, replaced := Merge(a, b)
	if len(m.Ports()) != 3 || len(m.Results) != 3 || replaced != 0 {
		t.Errorf("%v, %d replaced", m.Ports(), replaced)
	}
	if m.Version != "1.2.3, 1.3" || m.Seconds != 4 || !m.Started.Equal(b.Started) || len(m.Problems) != 1 || m.Kind != Conformance || m.Format != Format {
		t.Errorf("%+v", m)
	}
}

func TestMergeTakesTheLaterResult(t *testing.T) {
	first := runOf(result(oldPort, "a", "x", Failed), result(oldPort, "a", "y", Passed))
	again := runOf(result(oldPort, "a", "x", Passed))
	m, replaced := Merge(first, again)
	if replaced != 1 || len(m.Results) != 2 || !m.OK() || first.OK() {
		t.Errorf("%d replaced, %+v", replaced, m.Results)
	}
	if m, _ := Merge(again, first); m.OK() {
		t.Error("the earlier result counted")
	}
}
