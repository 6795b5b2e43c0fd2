package loadgen

import (
	"testing"
	"time"

	"github.com/imsim/imsim/fakeserver"
)

// quickly is a spec that ends soon.
func quickly(workload string) Spec {
	return Spec{
		Workload: workload, Users: 40, Seed: 7, Rate: 300, Duration: Duration(time.Second), Drain: Duration(2 * time.Second),
		GroupSize: fixed("uniform(4,12)"), Storm: Storm{Every: Duration(300 * time.Millisecond), Share: 0.5, Away: Duration(100 * time.Millisecond)},
		Weights: Weights{Message: 60, Recall: 10, Read: 20, History: 5, Join: 5, Kick: 2},
	}
}

func TestEveryWorkloadIsAccountedFor(t *testing.T) {
	for _, workload := range Workloads {
		for _, model := range []string{Open, Closed} {
			t.Run(workload+"/"+model, func(t *testing.T) {
				t.Parallel()
				spec := quickly(workload)
				spec.Model = model
				if workload == LiveRoom {
					spec.Rate = 50 // each goes to all
				}
				spec.Think = fixed("exp(50ms)")
				r, err := Run(t.Context(), spec, Options{})
				if err != nil {
					t.Fatal(err)
				}
				a := r.Account
				if !a.Clean() || len(a.Messages) > 0 || a.Failed+a.Unanswered > 0 {
					t.Errorf("%s\n%+v", a.Summary(), a.Messages)
				}
				if r.ErrorCount() > 0 || r.Began == 0 {
					t.Errorf("errors %v, %d operations", r.Errors, r.Began)
				}
				if workload != LoginStorm && (a.Sent == 0 || a.Delivered == 0) {
					t.Error("nothing was sent")
				}
			})
		}
	}
}

// A target may have the members of live rooms poll for its messages.
func TestALiveRoomThatIsPolledIsAccountedFor(t *testing.T) {
	for _, model := range []string{Open, Closed} {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			srv := fakeserver.Run(t, fakeserver.Options{NoListener: true, LongPolling: true})
			spec := quickly(LiveRoom)
			spec.Model, spec.Rate, spec.Think = model, 50, fixed("exp(500ms)")
			r, err := Run(t.Context(), spec, Options{Server: srv, Target: Memory})
			if err != nil {
				t.Fatal(err)
			}
			a := r.Account
			if !a.Clean() || a.Sent == 0 || a.Delivered != a.Sent*39 || a.Failed+a.Unanswered > 0 || r.ErrorCount() > 0 {
				t.Errorf("%s\n%+v\n%v", a.Summary(), a.Messages, r.Errors)
			}
			if pushes := srv.Stats().Pushes; pushes >= a.Delivered {
				t.Errorf("%d pushes: messages were not polled", pushes)
			}
		})
	}
}
