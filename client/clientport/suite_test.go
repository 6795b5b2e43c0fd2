package clientport

import (
	"context"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/reports"
	"github.com/imsim/imsim/scenarios"
)

// The conformance suite judges the client.
func TestConformance(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	p := New(Options{})
	scenarios.Register(scenarios.Cases(), scenarios.Env{
		Port: func(context.Context) (port.Port, error) { return p, nil },
		// Neither the client nor the backend may break the wire's rules.
		AllFrames: true,
		Report: func(r reports.Result) {
			for _, found := range r.Wire {
				t.Errorf("%s: %s", r.ID, found)
			}
			if r.Outcome == reports.Passed {
				return
			}
			t.Logf("%s %s: %s", r.Outcome, r.ID, r.Message)
			for _, step := range r.Steps {
				t.Log("   ", step)
			}
		},
	})
	ginkgo.RunSpecs(t, "Go client")
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}
