package conform

import (
	"strings"
	"testing"

	"github.com/imsim/imsim/reports"
)

var v03 = reports.Port{Name: "my-port", Version: "0.3.1"}

// held holds results of my-port 0.3.1 against a list, and a suite of just these
// cases and the methods login and createGroup.
func held(t *testing.T, list string, results ...reports.Result) *reports.Run {
	t.Helper()
	known, err := ParseKnown(strings.NewReader(list), "list")
	if err != nil {
		t.Fatal(err)
	}
	run := &reports.Run{}
	var ids []string
	for _, r := range results {
		r.Port = v03
		known.mark(&r)
		run.Results = append(run.Results, r)
		ids = append(ids, r.ID)
	}
	run.Problems = known.check(ids, []string{"login", "createGroup"}, run.Results)
	return run
}

func TestKnownFailingIsStrict(t *testing.T) {
	result := func(id, outcome string) reports.Result { return reports.Result{ID: id, Outcome: outcome} }
	lacking := func(api string) reports.Result {
		return reports.Result{ID: "g/x", Outcome: reports.NotImplemented, Lacks: api, Covers: []string{api}}
	}
	ax, by := result("a/x", reports.Failed), result("b/y", reports.Passed)
	for name, c := range map[string]struct {
		list    string
		results []reports.Result
		ok      bool
	}{
		"listed and failing":               {"a/* # not yet", []reports.Result{ax, by}, true},
		"not listed and failing":           {"a/* # not yet", []reports.Result{ax, result("b/y", reports.Failed)}, false},
		"listed and passing":               {"b/y # not yet", []reports.Result{by}, false},
		"a pattern for nothing":            {"a/x # r\nc/* # r", []reports.Result{ax}, false},
		"a crash can be known":             {"a/x # r", []reports.Result{result("a/x", reports.Crash)}, true},
		"a skip is never a pass":           {"a/x # r", []reports.Result{result("a/x", reports.Skipped)}, true},
		"comments and empty lines":         {"# all\n\na/x # r", []reports.Result{ax}, true},
		"no list":                          {"", []reports.Result{result("a/x", reports.NotImplemented)}, false},
		"for this version":                 {"a/x [<0.4] # r", []reports.Result{ax}, true},
		"for an older version":             {"a/x [<0.3] # r", []reports.Result{ax}, false},
		"an older version, and it passes":  {"b/y [<0.3] # r", []reports.Result{by}, true},
		"for this port":                    {"a/x [my-port] # r", []reports.Result{ax}, true},
		"for this port and version":        {"a/x [my-port >=0.3 <0.4] # r", []reports.Result{ax}, true},
		"for another port":                 {"a/x [@tencentcloud/chat >=0.3] # r", []reports.Result{ax}, false},
		"a method that is lacking":         {"api:createGroup # later", []reports.Result{lacking("createGroup")}, true},
		"another method is lacking":        {"api:createGroup # later", []reports.Result{lacking("login")}, false},
		"a method that is no longer":       {"api:login # later", []reports.Result{{ID: "g/x", Outcome: reports.Passed, Covers: []string{"login"}}}, false},
		"a method that nobody ever had":    {"api:fly # later", []reports.Result{by}, false},
		"a method, but the case fails":     {"api:createGroup # later", []reports.Result{{ID: "g/x", Outcome: reports.Failed, Covers: []string{"createGroup"}}}, false},
		"a method of an older version":     {"api:createGroup [<0.3] # later", []reports.Result{lacking("createGroup")}, false},
		"a star stands for anything":       {"*/x # r", []reports.Result{ax}, true},
		"a pattern is about the whole ID":  {"a/ # r", []reports.Result{ax}, false},
		"a # in a reason is of the reason": {"a/x # see issue # 7", []reports.Result{ax}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if run := held(t, c.list, c.results...); run.OK() != c.ok {
				t.Errorf("OK is %v; results %+v, problems %q", run.OK(), run.Results, run.Problems)
			}
		})
	}
}

func TestKnownFailingTakesNoNonsense(t *testing.T) {
	for list, says := range map[string]string{
		"a/x # r\na/x # twice":  `list:2: "a/x" stands in line 1 already`,
		"a/x":                   "has no reason",
		"a/x #":                 "has no reason",
		"a/x [<] # r":           "list:1: [<]",
		"a/x [my-port one] # r": "[my-port one]",
	} {
		if _, err := ParseKnown(strings.NewReader(list), "list"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: error %v, want %q", list, err, says)
		}
	}
}
