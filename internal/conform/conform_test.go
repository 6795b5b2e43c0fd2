package conform

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/imsim/imsim/reports"
)

// The test binary is its own shard.
func TestMain(m *testing.M) {
	if role := os.Getenv("IMSIM_TEST_DRIVER"); role != "" {
		os.Exit(driverMain(role))
	}
	if len(os.Args) > 1 && os.Args[1] == shardArg {
		if at := os.Getenv("IMSIM_TEST_DIE_AT"); at != "" {
			onBegin = func(id string) {
				if id == at {
					os.Exit(3)
				}
			}
		}
		if err := Shard(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const shardArg = "shard"

func shardSelf(t *testing.T) []string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return []string{exe, shardArg}
}

func TestRunInShards(t *testing.T) {
	seen := 0
	run, err := Run(context.Background(), Options{
		Selection: Selection{Focus: "^emitter/"}, Drivers: []string{""}, Shards: 2, Self: shardSelf(t), Seed: 1,
		Progress: func(_ int, r *reports.Result) {
			if r != nil {
				seen++
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !run.OK() || len(run.Results) < 5 || seen != len(run.Results) {
		var text bytes.Buffer
		_ = reports.WriteText(&text, run)
		t.Fatalf("%d results, %d seen: %s", len(run.Results), seen, text.String())
	}
	for _, r := range run.Results {
		if r.Port.Name != "imsim-go" || r.Area != "emitter" || len(r.Steps) == 0 {
			t.Errorf("result %+v", r)
		}
	}
}

func TestADriverThatCannotStart(t *testing.T) {
	_, err := Run(context.Background(), Options{Drivers: []string{"no-such-driver-anywhere --x"}, Self: shardSelf(t)})
	if err == nil || !strings.Contains(err.Error(), "no-such-driver-anywhere") {
		t.Fatalf("error %v", err)
	}
}

func TestAShardThatEndsEarlyIsAProblem(t *testing.T) {
	run, err := Run(context.Background(), Options{
		Selection: Selection{Focus: "^emitter/"}, Drivers: []string{""}, Shards: 1, Self: []string{"false"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if run.OK() || len(run.Problems) != 1 || !strings.Contains(run.Problems[0], "before its first case") {
		t.Fatalf("problems %q", run.Problems)
	}
}

// A case that takes the whole process with it is a crash; the others have
// their results.
func TestAShardThatDies(t *testing.T) {
	t.Setenv("IMSIM_TEST_DIE_AT", "emitter/off of another function removes nothing")
	run, err := Run(context.Background(), Options{
		Selection: Selection{Focus: "^emitter/"}, Drivers: []string{""}, Shards: 1, Self: shardSelf(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	count := run.Count(run.Ports()[0])
	if len(run.Ports()) != 1 || count[reports.Crash] != 1 || count[reports.Passed] != len(run.Results)-1 || len(run.Results) < 5 {
		t.Fatalf("ports %v, counts %v, problems %q", run.Ports(), count, run.Problems)
	}
}

func TestSelection(t *testing.T) {
	all, err := Selection{}.Cases()
	if err != nil {
		t.Fatal(err)
	}
	some, err := Selection{LabelFilter: "kick-out && !clock", Focus: "multipleDevice"}.Cases()
	if err != nil || len(some) == 0 || len(some) >= len(all) {
		t.Fatalf("%d of %d, %v", len(some), len(all), err)
	}
	for _, c := range some {
		if c.Area != "kick-out" {
			t.Errorf("%s", c.ID())
		}
	}
	for _, bad := range []Selection{{LabelFilter: "(("}, {Focus: "("}, {Focus: "no such case at all"}} {
		if _, err := bad.Cases(); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

func TestReportForms(t *testing.T) {
	reason := "a reason"
	run := &reports.Run{Tool: "imsim", Version: "1", Results: []reports.Result{
		{ID: "a/x", Area: "a", Name: "x", Outcome: reports.Failed, Message: "<b>wrong</b> & so on", Steps: []string{"one"},
			Frames: []json.RawMessage{json.RawMessage(`{"frame":{"text":"</script>"}}`)}},
		{ID: "a/y", Area: "a", Name: "y", Outcome: reports.Passed},
		{ID: "a/z", Area: "a", Name: "z", Outcome: reports.Failed, Known: &reason},
	}}
	var html, junit, text bytes.Buffer
	if err := reports.WriteHTML(&html, run); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(html.String(), "<b>wrong") || strings.Contains(html.String(), `"</script>"`) {
		t.Error("the page takes texts of a case for markup")
	}
	if err := reports.WriteJUnit(&junit, run); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`failures="1"`, `tests="3"`, `skipped="1"`} {
		if !strings.Contains(junit.String(), want) {
			t.Errorf("JUnit lacks %s: %s", want, junit.String())
		}
	}
	if err := reports.WriteText(&text, run); err != nil {
		t.Fatal(err)
	}
	if strings.Count(text.String(), "✗") != 1 {
		t.Errorf("text: %s", text.String())
	}
	dir := t.TempDir()
	if err := reports.WriteDir(dir, run); err != nil {
		t.Fatal(err)
	}
	saved, err := os.ReadFile(dir + "/report.json")
	var again reports.Run
	if err != nil || json.Unmarshal(saved, &again) != nil || len(again.Results) != 3 {
		t.Errorf("report.json: %v", err)
	}
}
