package loadgen

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A visitor of a group is held to account between the first and the last
// message that came, in one process and over several.
func TestVisitsAreAccountedFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := Spec{Workload: Mixed, Users: 8, Run: "r", GroupSize: fixed("4")}
		processes := rapid.IntRange(1, 2).Draw(t, "processes")
		fleets := fleetsOf(t, spec, processes)
		plan := fleets[0].plan
		visitor := fleets.owner(plan.Groups[1].Members[0])
		conv := InGroup(0)
		visitor.mu.Lock()
		visitor.visits(conv)
		visitor.mu.Unlock()

		// Every sequence is a tip, which nobody counts, or a message; what the
		// visitor hears of it is chance.
		type event struct {
			m    mark
			fate string
		}
		var events []event
		from, to := 0, 0 // sequences of the first and the last that came
		want := Account{}
		for seq := 1; seq <= rapid.IntRange(1, 40).Draw(t, "events"); seq++ {
			e := event{fate: rapid.SampledFrom([]string{"tip", "comes", "comes", "comes twice", "is dropped", "is dropped", "was recalled"}).Draw(t, "fate")}
			if e.fate != "tip" {
				u := fleets.owner(rapid.SampledFrom(plan.Groups[0].Members).Draw(t, "from"))
				o := u.outboxOf(conv)
				o.sent++
				e.m = mark{from: u.no, to: conv, n: o.sent, at: time.Unix(0, 0)}
				o.acked.add(o.sent)
				for len(o.seqs) < int(o.sent) {
					o.seqs = append(o.seqs, 0)
				}
				o.seqs[o.sent-1] = uint32(seq)
				if e.fate == "was recalled" {
					o.recalled.add(o.sent)
				}
			}
			if e.fate == "comes" || e.fate == "comes twice" {
				visitor.hear(e.m, uint32(seq))
				to = seq
				if from == 0 {
					from = seq
				}
			}
			if e.fate == "comes twice" {
				visitor.hear(e.m, uint32(seq))
				want.Duplicated++
			}
			events = append(events, e)
		}
		lost := map[string]bool{}
		for i, e := range events {
			switch seq := i + 1; {
			case e.fate == "tip" || from == 0 || seq < from || seq > to:
				continue
			case e.fate == "is dropped":
				want.Lost++
				lost[messageID(e.m.from, conv, e.m.n)] = true
			case e.fate != "was recalled":
				want.Delivered++
			}
			want.Expected++
		}
		var parts []part
		for _, f := range fleets {
			parts = append(parts, part{f.plan.Spec.Segment, f.closeLedger()})
		}
		got := Account{}
		plan.settleVisits(&got, parts)
		for _, p := range parts {
			got.Duplicated += p.ledger.Duplicated
		}
		if got.Lost != want.Lost || got.Delivered != want.Delivered || got.Expected != want.Expected || got.Duplicated != want.Duplicated || got.Elsewhere != 0 {
			t.Fatalf("got %+v\nwant %+v", got, want)
		}
		for _, f := range got.Messages {
			if f.Problem != Lost || !lost[f.ID] || f.Receiver != plan.UserID(visitor.no) {
				t.Fatalf("named %+v", f)
			}
		}
	})
}

// Visitors of a load hear what they should, through kick-outs too, and it
// counts.
func TestAMixedLoadCountsItsVisitors(t *testing.T) {
	t.Parallel()
	spec := quickly(Mixed)
	spec.Rate, spec.Weights, spec.GroupShare = 600, Weights{Message: 40, Join: 20, Kick: 2, Recall: 2}, 0.9
	spec.Run = "visits"
	alone, err := Run(t.Context(), spec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	merged, err := Merge(together(t, spec, 2))
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*Result{"alone": alone, "merged": merged} {
		if a := r.Account; !a.Clean() || a.Delivered == 0 || r.ErrorCount() > 0 {
			t.Errorf("%s: %s\n%+v\n%v", name, a.Summary(), a.Messages, r.Errors)
		}
	}
	heard := int64(0)
	for _, v := range alone.Ledger.Visits {
		heard += v.Got.count()
	}
	if heard == 0 {
		t.Fatal("no visitor heard anything")
	}
	withVisits := alone.Account.Delivered
	alone.Ledger.Visits = nil
	plan, err := NewPlan(alone.Spec)
	if err != nil {
		t.Fatal(err)
	}
	if without := plan.account(part{Segment{}, alone.Ledger}); withVisits-without.Delivered != heard {
		t.Errorf("%d delivered, %d without visitors, who heard %d", withVisits, without.Delivered, heard)
	}
}
