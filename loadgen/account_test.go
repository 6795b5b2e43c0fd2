package loadgen

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestNumbersAreASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) (Numbers, map[uint32]bool) {
			var s Numbers
			model := map[uint32]bool{}
			for _, n := range rapid.SliceOf(rapid.Uint32Range(1, 30)).Draw(t, name) {
				if added := s.add(n); added == model[n] {
					t.Fatalf("add %d says %v to %v", n, added, s)
				}
				model[n] = true
			}
			return s, model
		}
		a, inA := draw("a")
		b, inB := draw("b")
		if int(a.count()) != len(inA) {
			t.Fatalf("%v counts %d, want %d", a, a.count(), len(inA))
		}
		left := a.minus(b)
		for n := uint32(1); n <= 31; n++ {
			if a.has(n) != inA[n] || left.has(n) != (inA[n] && !inB[n]) {
				t.Fatalf("%d: %v minus %v is %v", n, a, b, left)
			}
		}
		for i := 1; i < len(a); i++ {
			if a[i].From <= a[i-1].To+1 {
				t.Fatalf("%v is not in its shortest form", a)
			}
		}
	})
}

// delivery is what happens to one message on its way to one receiver.
type delivery struct {
	user int32
	m    mark
	push bool
}

// fleets are the processes of a load, without connections.
type fleets []*fleet

func fleetsOf(t *rapid.T, spec Spec, processes int) (all fleets) {
	for i := range processes {
		part := spec
		if processes > 1 {
			part.Segment = Segment{i + 1, processes}
		}
		plan, err := NewPlan(part)
		if err != nil {
			t.Fatal(err)
		}
		f := newFleet(plan, &target{})
		t.Cleanup(f.clock.Stop)
		all = append(all, f)
	}
	return all
}

func (all fleets) owner(no int32) *user {
	for _, f := range all {
		if u := f.local(no); u != nil {
			return u
		}
	}
	panic("a user of no process")
}

// TestAccountIsExact sends messages through a network that loses, doubles and
// reorders them, and checks the account, of one process and of several, against
// what was done.
func TestAccountIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := Spec{
			Workload: Mixed, Users: rapid.IntRange(6, 14).Draw(t, "users"), Run: "r", Seed: rapid.Uint64().Draw(t, "seed"),
			GroupSize: fixed("uniform(2,5)"),
		}
		processes := rapid.IntRange(1, 3).Draw(t, "processes")
		fleets := fleetsOf(t, spec, processes)
		plan := fleets[0].plan
		want := Account{}
		bad := map[string]bool{} // "problem id receiver"
		lines := map[string][]delivery{}
		for i := range rapid.IntRange(1, 60).Draw(t, "messages") {
			from := rapid.Int32Range(0, int32(spec.Users)-1).Draw(t, fmt.Sprint("from", i))
			to := WithUser(plan.Peer(from))
			if rapid.Bool().Draw(t, fmt.Sprint("group", i)) {
				to = InGroup(plan.groupsOf[from][0])
			}
			u := fleets.owner(from)
			o := u.outboxOf(to)
			o.sent++
			n := o.sent
			want.Sent++
			fate := rapid.SampledFrom([]string{"acked", "acked", "acked", "acked", "refused", "silence", "recalled"}).Draw(t, fmt.Sprint("fate", i))
			switch fate {
			case "acked":
				o.acked.add(n)
			case "recalled":
				o.acked.add(n)
				o.recalled.add(n)
			case "refused":
				o.failed.add(n)
				want.Failed++
				continue
			case "silence":
				want.Unanswered++
			}
			m := mark{from: from, to: to, n: n, at: time.Unix(0, 0)}
			for _, no := range plan.receivers(from, to, Segment{}) {
				if fate != "silence" {
					want.Expected++
				}
				line := fmt.Sprint(from, to, no)
				id := messageID(from, to, n) + " " + plan.UserID(no)
				switch rapid.SampledFrom([]string{"well", "well", "well", "lost", "twice", "synced", "synced and pushed"}).Draw(t, fmt.Sprint("way", i, no)) {
				case "well":
					lines[line] = append(lines[line], delivery{no, m, true})
				case "synced":
					lines[line] = append(lines[line], delivery{no, m, false})
				case "synced and pushed":
					lines[line] = append(lines[line], delivery{no, m, false}, delivery{no, m, true})
					want.Repeated++
				case "twice":
					lines[line] = append(lines[line], delivery{no, m, true}, delivery{no, m, true})
					want.Duplicated++
					bad[Duplicated+" "+id] = true
				case "lost":
					if fate == "acked" {
						want.Lost++
						bad[Lost+" "+id] = true
					}
					continue
				}
				want.Delivered++
			}
		}
		want.Acked = want.Sent - want.Failed - want.Unanswered
		for _, name := range slices.Sorted(maps.Keys(lines)) {
			line := lines[name]
			// Reorder: a message that comes alone and by push may move back.
			if len(line) > 1 && rapid.Bool().Draw(t, "reorder "+name) {
				i := rapid.IntRange(0, len(line)-2).Draw(t, "which "+name)
				alone := func(i int) bool {
					return line[i].push && (i == 0 || line[i-1].m.n != line[i].m.n) && (i == len(line)-1 || line[i+1].m.n != line[i].m.n)
				}
				if alone(i) {
					late := line[i]
					line = append(slices.Delete(slices.Clone(line), i, i+1), late)
					want.OutOfOrder++
					bad[OutOfOrder+" "+messageID(late.m.from, late.m.to, late.m.n)+" "+plan.UserID(late.user)] = true
				}
			}
			for _, d := range line {
				fleets.owner(d.user).receive(d.m, d.push)
			}
		}
		var parts []part
		for _, f := range fleets {
			parts = append(parts, part{f.plan.Spec.Segment, f.closeLedger()})
		}
		got := plan.account(parts...)
		messages := got.Messages
		got.Messages = nil
		recalled := got.Recalled
		got.Recalled = 0
		if fmt.Sprintf("%+v", *got) != fmt.Sprintf("%+v", want) {
			t.Fatalf("account %+v\nwant    %+v (recalled %d)", *got, want, recalled)
		}
		for _, f := range messages {
			key := f.Problem + " " + f.ID + " " + f.Receiver
			if !bad[key] {
				t.Fatalf("%s is named, and is not so", key)
			}
			delete(bad, key)
		}
		if len(bad) > 0 {
			t.Fatalf("not named: %v", bad)
		}
	})
}

func TestWhatWasNeverSentIsUnexpected(t *testing.T) {
	plan := planned(t, Spec{Workload: C2C, Users: 4, Run: "r"})
	f := newFleet(plan, &target{})
	defer f.clock.Stop()
	u := f.users[1]
	o := f.users[0].outboxOf(WithUser(1))
	o.sent, o.failed = 2, Numbers{{2, 2}}
	o.acked.add(1)
	for _, m := range []mark{
		{from: 0, to: WithUser(1), n: 1},       // right
		{from: 0, to: WithUser(1), n: 2},       // was refused
		{from: 0, to: WithUser(1), n: 3},       // beyond
		{from: 2, to: WithUser(3), n: 1},       // somebody else's
		{from: 0, to: InGroup(5), n: 1},        // of no group
		{from: 0, to: WithUser(1), n: 1 << 30}, // absurd
		{from: 3, to: WithUser(1), n: 1},       // its sender sent nothing
	} {
		u.receive(m, true)
	}
	a := plan.account(part{Segment{}, f.closeLedger()})
	if a.Unexpected != 6 || a.Delivered != 1 || a.Lost != 0 || len(a.Messages) != 6 {
		t.Errorf("%s\n%+v", a.Summary(), a.Messages)
	}
}

func TestMarksAreFoundInFrames(t *testing.T) {
	at := time.UnixMicro(1795464620123456)
	m := mark{from: 12, to: InGroup(3), n: 7, at: at}
	text := appendText(nil, "r1", m, 200)
	if len(text) != 200 {
		t.Errorf("%d bytes", len(text))
	}
	other := appendText(nil, "r2", mark{from: 1, to: WithUser(2), n: 1, at: at}, 0)
	frame := `{"EventArray":[{"Text":"` + string(text) + `"},{"Text":"` + string(other) + `"},{"Text":"imsim:r1:x"},{"Text":"imsim:"}]}`
	var found []mark
	if !scanMarks([]byte(frame), "r1", func(m mark) { found = append(found, m) }) || len(found) != 1 || found[0] != m {
		t.Errorf("found %+v, want %+v", found, m)
	}
	if scanMarks([]byte(`{"Text":"hello"}`), "r1", nil) {
		t.Error("found a mark in a text without")
	}
	rapid.Check(t, func(t *rapid.T) { // never more than what is there
		scanMarks([]byte("imsim:r1"+rapid.StringMatching(`[:;ug0-9]{0,40}`).Draw(t, "rest")), "r1", func(m mark) {
			if m.n == 0 || m.from < 0 {
				t.Fatalf("%+v", m)
			}
		})
	})
}
