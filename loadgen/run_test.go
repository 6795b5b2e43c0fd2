package loadgen

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/protocol"
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

// Else a target that answers a first poll with what comes from then on would
// look as if it lost messages.
func TestALiveRoomIsPolledByAllBeforeItsFirstMessage(t *testing.T) {
	srv := fakeserver.Run(t, fakeserver.Options{LongPolling: true})
	spec := quickly(LiveRoom)
	spec.Users, spec.Rate, spec.Duration = 20, 100, Duration(200*time.Millisecond)
	if _, err := Run(t.Context(), spec, Options{Server: srv, Target: Loopback}); err != nil {
		t.Fatal(err)
	}
	reply, err := http.Get(srv.HTTP() + "/_imsim/trace")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	polled := map[string]bool{}
	for frames := json.NewDecoder(reply.Body); ; {
		var f struct {
			UserID, Dir string
			Frame       struct{ Head struct{ Servcmd string } }
		}
		if err := frames.Decode(&f); err != nil {
			t.Fatal(err) // io.EOF: no message was sent
		}
		switch {
		case f.Dir != "up":
		case f.Frame.Head.Servcmd == protocol.CmdGroupPoll:
			polled[f.UserID] = true
		case f.Frame.Head.Servcmd == protocol.CmdSendGroupMsg:
			if len(polled) != spec.Users {
				t.Errorf("%d of %d users polled before the first message", len(polled), spec.Users)
			}
			return
		}
	}
}
