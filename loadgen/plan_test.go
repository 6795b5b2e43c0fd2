package loadgen

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"
)

func planned(t *testing.T, spec Spec) *Plan {
	t.Helper()
	p, err := NewPlan(spec)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// told is everything that a plan says, as text.
func told(p *Plan) string {
	text := fmt.Sprint(p.Groups)
	for a := range p.Actions() {
		text += fmt.Sprintln(a)
	}
	for u := range int32(3) {
		next := p.habits(u)
		for range 50 {
			text += fmt.Sprintln(next())
		}
	}
	return text
}

func TestTheSameSeedMakesTheSamePlan(t *testing.T) {
	for _, workload := range Workloads {
		for _, arrival := range []string{Constant, Poisson} {
			spec := quickly(workload)
			spec.Arrival = arrival
			first, again := told(planned(t, spec)), told(planned(t, spec))
			if first != again {
				t.Errorf("%s, %s: two plans of one seed differ", workload, arrival)
			}
			spec.Seed++
			if workload != LoginStorm && told(planned(t, spec)) == first {
				t.Errorf("%s, %s: another seed makes the same plan", workload, arrival)
			}
		}
	}
}

func TestSegmentsShareAPlan(t *testing.T) {
	spec := quickly(Mixed)
	spec.Run, spec.Users = "r", 41
	whole := slices.Collect(planned(t, spec).Actions())
	covered := 0
	for i := 1; i <= 3; i++ {
		spec.Segment = Segment{i, 3}
		part := planned(t, spec)
		if !slices.Equal(slices.Collect(part.Actions()), whole) {
			t.Fatalf("the plan of segment %d is another", i)
		}
		from, to := spec.Segment.users(spec.Users)
		covered += to - from
	}
	if covered != spec.Users {
		t.Errorf("segments have %d users, want %d", covered, spec.Users)
	}
}

func TestEverybodyHasAPeer(t *testing.T) {
	for _, users := range []int{2, 3, 10, 11} {
		for _, pairs := range []string{Near, Far} {
			spec := quickly(C2C)
			spec.Users, spec.Pairs = users, pairs
			p := planned(t, spec)
			for u := range int32(users) {
				peer := p.Peer(u)
				if peer == u || peer < 0 || int(peer) >= users {
					t.Errorf("%d users, %s: the peer of %d is %d", users, pairs, u, peer)
				}
				if users%2 == 0 && p.Peer(peer) != u {
					t.Errorf("%d users, %s: %d is no pair", users, pairs, u)
				}
			}
			if pairs == Far && users == 10 && p.Peer(1) != 6 {
				t.Errorf("far: the peer of 1 is %d", p.Peer(1))
			}
		}
	}
}

func TestEverybodyIsInOneGroupOfTheRightSize(t *testing.T) {
	spec := quickly(Group)
	spec.Users, spec.GroupSize = 1000, fixed("uniform(5,20)")
	p := planned(t, spec)
	count := 0
	for i, g := range p.Groups {
		count += len(g.Members)
		if n := len(g.Members); (n < 5 || n > 21) && i < len(p.Groups)-1 || n < 2 {
			t.Errorf("group %d has %d members", i, n)
		}
	}
	for u, groups := range p.groupsOf {
		if len(groups) != 1 {
			t.Errorf("user %d is in %d groups", u, len(groups))
		}
	}
	if count != 1000 {
		t.Errorf("%d members in all", count)
	}
}

// instants of the open model, as seconds.
func instants(t *testing.T, spec Spec) []float64 {
	t.Helper()
	if err := spec.Complete(); err != nil {
		t.Fatal(err)
	}
	var list []float64
	c := newSchedule(&spec)
	for at, ok := c.take(); ok; at, ok = c.take() {
		list = append(list, at.Seconds())
	}
	if !slices.IsSorted(list) {
		t.Error("instants go back")
	}
	return list
}

func between(list []float64, from, to float64) (n int) {
	for _, at := range list {
		if at >= from && at < to {
			n++
		}
	}
	return n
}

func TestRatesAreAsAskedFor(t *testing.T) {
	spec := Spec{Workload: C2C, Rate: 50, Duration: Duration(10 * time.Second)}
	constant := instants(t, spec)
	if len(constant) != 500 || constant[0] != 0 || math.Abs(constant[1]-0.02) > 1e-9 {
		t.Errorf("constant: %d instants, the first %v", len(constant), constant[:2])
	}
	spec.Arrival, spec.Rate = Poisson, 1000
	if n := len(instants(t, spec)); n < 9600 || n > 10400 { // 4 sigma
		t.Errorf("poisson: %d instants, want about 10000", n)
	}
	gaps := instants(t, spec)
	var sum, squares float64
	for i := 1; i < len(gaps); i++ {
		gap := (gaps[i] - gaps[i-1]) * 1000
		sum, squares = sum+gap, squares+gap*gap
	}
	n := float64(len(gaps) - 1)
	if variance := squares/n - sum/n*sum/n; variance < 0.85 || variance > 1.15 {
		t.Errorf("poisson: gaps have the variance %v, want 1", variance)
	}
	spec = Spec{Workload: C2C, Rate: 0, Stages: []Stage{
		{Duration(10 * time.Second), 100}, {Duration(5 * time.Second), 100}, {Duration(10 * time.Second), 0},
	}}
	ramp := instants(t, spec)
	for _, c := range []struct {
		from, to float64
		want     int
	}{{0, 10, 500}, {0, 5, 125}, {10, 15, 500}, {15, 25, 500}, {20, 25, 125}, {25, 100, 0}} {
		if n := between(ramp, c.from, c.to); n < c.want-1 || n > c.want+1 {
			t.Errorf("ramp: %d instants in %v…%v s, want %d", n, c.from, c.to, c.want)
		}
	}
}
