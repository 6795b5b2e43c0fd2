package reports

import (
	"encoding/json"
	"time"

	"github.com/imsim/imsim/protocol/wirecheck"
)

var (
	oldPort = Port{Name: "port", Version: "1.0", Language: "Rust"}
	newPort = Port{Name: "port", Version: "1.1", Language: "Rust"}
	sdk     = Port{Name: "tim-js-sdk", Version: "2.14.0", Language: "JavaScript"}
)

// result is a case named area/name.
func result(p Port, area, name, outcome string) Result {
	r := Result{ID: area + "/" + name, Area: area, Name: name, Level: "core", Port: p, Outcome: outcome, Seconds: 0.25,
		Labels: []string{area, "core"}, Covers: []string{"login"}, Source: "session.md §4",
		Steps: []string{"alice@i1: create", "✓ login's data.code is 0"}}
	if outcome != Passed {
		r.Message = "because of " + name
	}
	return r
}

func runOf(results ...Result) *Run {
	run := &Run{Format: Format, Kind: Conformance, Tool: "imsim", Version: "1.2.3", Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Seconds: 2, Results: results}
	run.Sort()
	return run
}

// everything is a run in which every outcome and every field occurs.
func everything() *Run {
	known := "a reason with <markup> & \"quotes\" | pipes"
	nasty := result(oldPort, "a", "nasty", Failed)
	nasty.Message = "<b>wrong</b> & \x00\x1b[31m | so\non ]]> \xff"
	nasty.Stderr = "boom \x07"
	nasty.Frames = []json.RawMessage{
		json.RawMessage(`{"n":1,"time":1700000000.5,"dir":"open","conn":1}`),
		json.RawMessage(`{"n":2,"time":1700000000.6,"dir":"up","conn":1,"userID":"alice","fault":"lost","frame":{"head":{},"body":{"text":"</script>"}}}`),
		json.RawMessage(`{"n":3,"time":1700000000.7,"dir":"up","conn":1,"frame":"garbage"}`),
	}
	nasty.Wire = wirecheck.Check(nasty.Frames)
	clean := result(oldPort, "a", "clean", Failed)
	clean.Frames = nasty.Frames[:1]
	listed, wrongly := result(oldPort, "a", "listed", Failed), result(oldPort, "b", "listed, but passes", Passed)
	listed.Known, wrongly.Known = &known, &known
	died := Result{ID: "b/died", Area: "b", Name: "died", Port: oldPort, Outcome: Crash, Message: "the process that ran the case ended"}
	run := runOf(nasty, clean, listed, wrongly, died, result(sdk, "a", "nasty", Passed))
	for _, outcome := range allOutcomes {
		run.Results = append(run.Results, result(sdk, "c", outcome, outcome))
	}
	run.Problems = []string{"a shard ended early"}
	run.Sort()
	return run
}
