package loadgen

import (
	"cmp"
	"slices"
)

// Visit is a stay in a group in which the user is no member of the plan: what
// came of the group's messages, by MsgSeq. When exactly it began and ended for
// the target is not known, so it is held to account between the first and the
// last message that came.
type Visit struct {
	User int32   `json:"user"`
	To   Conv    `json:"to"`
	Got  Numbers `json:"got"`
}

// visits begins or goes on with a visit; mu is held.
func (u *user) visits(group Conv) { u.visit = &Visit{User: u.no, To: group} }

// leaves ends the visit, if there is one; mu is held.
func (u *user) leaves() {
	if u.visit != nil && len(u.visit.Got) > 0 {
		u.visited = append(u.visited, *u.visit)
	}
	u.visit = nil
}

// away begins the visit anew: what comes meanwhile is not told afterwards; mu
// is held.
func (u *user) away() {
	if v := u.visit; v != nil {
		u.leaves()
		u.visits(v.To)
	}
}

// hear notes a message that came to a visitor.
func (u *user) hear(m mark, seq uint32) {
	f := u.fleet
	now := f.clock.Now()
	u.mu.Lock()
	v := u.visit
	if v == nil || v.To != m.to || seq == 0 {
		u.mu.Unlock()
		return
	}
	overtaken := len(v.Got) > 0 && seq < v.Got[len(v.Got)-1].To
	fresh := v.Got.add(seq)
	u.mu.Unlock()
	switch {
	case !fresh:
		f.wrong(Duplicated, m, u.no, "to a visitor")
		return
	case overtaken:
		f.wrong(OutOfOrder, m, u.no, "to a visitor")
	}
	f.meter.delivered.Add(1)
	f.meter.record(Delivered, u.no, now.Sub(m.at))
}

// placed is a message of a group and its MsgSeq.
type placed struct {
	seq, n uint32
	from   int32
	due    bool // it was not recalled
}

// settleVisits compares what visitors got with what was sent meanwhile.
func (p *Plan) settleVisits(a *Account, parts []part) {
	groups := map[Conv][]placed{}
	for _, part := range parts {
		for i := range part.ledger.Sent {
			s := &part.ledger.Sent[i]
			for j, seq := range s.Seqs {
				if n := uint32(j + 1); seq > 0 {
					groups[s.To] = append(groups[s.To], placed{seq, n, s.From, !s.Recalled.has(n)})
				}
			}
		}
	}
	for _, list := range groups {
		slices.SortFunc(list, func(a, b placed) int { return cmp.Compare(a.seq, b.seq) })
	}
	for _, part := range parts {
		for _, v := range part.ledger.Visits {
			got, known := v.Got.count(), int64(0)
			list := groups[v.To]
			first, _ := slices.BinarySearchFunc(list, v.Got[0].From, func(m placed, seq uint32) int { return cmp.Compare(m.seq, seq) })
			for _, m := range list[first:] {
				switch {
				case m.seq > v.Got[len(v.Got)-1].To:
				case v.Got.has(m.seq):
					known++
					a.Expected++
					a.Delivered++
				default:
					a.Expected++
					if m.due {
						a.Lost++
						a.note(p.faulty(Lost, m.from, v.To, m.n, v.User, "to a visitor"))
					}
				}
			}
			if len(parts) < max(part.segment.Count, 1) {
				a.Elsewhere += got - known
			}
		}
	}
}
