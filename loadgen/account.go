package loadgen

// Account is what became of the messages. Sent is Acked + Failed + Unanswered.
type Account struct {
	Sent       int64 `json:"sent"`
	Acked      int64 `json:"acked"`
	Failed     int64 `json:"failed"`
	Unanswered int64 `json:"unanswered"`
	Recalled   int64 `json:"recalled"`
	// Expected deliveries: each acked message to each of its receivers, and to
	// those who visited its group meanwhile.
	// Delivered + Lost is Expected, but for recalled ones and those that came
	// though their send was not acked.
	Expected  int64 `json:"expected"`
	Delivered int64 `json:"delivered"`
	Lost      int64 `json:"lost"`
	// Duplicated was pushed twice; Repeated came again in a sync or a history,
	// where SDKs drop what they know.
	Duplicated int64 `json:"duplicated"`
	OutOfOrder int64 `json:"outOfOrder"`
	Unexpected int64 `json:"unexpected"`
	Repeated   int64 `json:"repeated"`
	// Elsewhere is how many messages were received of senders in other
	// processes; whether all came shows when the results are merged.
	Elsewhere int64 `json:"elsewhere,omitempty"`

	Messages []Faulty `json:"messages"` // the first of those that are wrong
}

// Clean tells whether every message came once, in order, and as expected.
func (a *Account) Clean() bool {
	return a.Lost == 0 && a.Duplicated == 0 && a.OutOfOrder == 0 && a.Unexpected == 0
}

func (a *Account) note(f Faulty) {
	if len(a.Messages) < maxFaulty {
		a.Messages = append(a.Messages, f)
	}
}

// part is what one process says, and which users it ran.
type part struct {
	segment Segment
	ledger  *Ledger
}

// stream is a sender and a conversation.
type stream struct {
	from int32
	to   Conv
}

// account draws the account of the parts of a fleet. Receivers and senders
// whose process is not among the parts are left out.
func (p *Plan) account(parts ...part) *Account {
	a := &Account{Messages: []Faulty{}}
	received := make([]map[stream]*Received, len(parts))
	for i, part := range parts {
		l := part.ledger
		a.Duplicated += l.Duplicated
		a.OutOfOrder += l.OutOfOrder
		a.Unexpected += l.Unexpected
		a.Repeated += l.Repeated
		for _, f := range l.Faulty {
			a.note(f)
		}
		received[i] = make(map[stream]*Received, len(l.Received))
		for j := range l.Received {
			r := &l.Received[j]
			received[i][stream{r.From, r.To}] = r
		}
	}
	for _, part := range parts {
		for i := range part.ledger.Sent {
			s := &part.ledger.Sent[i]
			failed, unanswered := s.Failed.count(), s.Unanswered.count()
			a.Sent += int64(s.Sent)
			a.Failed += failed
			a.Unanswered += unanswered
			a.Acked += int64(s.Sent) - failed - unanswered
			a.Recalled += s.Recalled.count()
			key := stream{s.From, s.To}
			for j := range parts {
				p.settle(a, s, parts[j].segment, received[j][key])
				delete(received[j], key)
			}
		}
	}
	p.settleVisits(a, parts)
	for i, part := range parts { // streams that nobody here sent
		for j := range part.ledger.Received {
			r := &part.ledger.Received[j]
			if received[i][stream{r.From, r.To}] == nil {
				continue
			}
			p.holders(r.From, r.To, part.segment, r, func(h Holder, users []int32) {
				got := h.got().count() * int64(len(users))
				if !fromOneOf(p, r.From, parts) {
					a.Elsewhere += got
					return
				}
				a.Unexpected += got
				h.got().each(func(n uint32) bool {
					a.note(p.faulty(Unexpected, r.From, r.To, n, users[0], "was never sent"))
					return len(a.Messages) < maxFaulty
				})
			})
		}
	}
	return a
}

func fromOneOf(p *Plan, user int32, parts []part) bool {
	for _, part := range parts {
		if from, to := part.segment.users(p.Spec.Users); int(user) >= from && int(user) < to {
			return true
		}
	}
	return false
}

// holders calls each for the receivers of a stream within a segment: once for
// those that got the same as most, once for each other.
func (p *Plan) holders(from int32, to Conv, segment Segment, r *Received, each func(h Holder, users []int32)) {
	if r == nil {
		r = &Received{}
	}
	except := make(map[int32]bool, len(r.Except))
	for _, h := range r.Except {
		except[h.User] = true
		each(h, []int32{h.User})
	}
	var rest []int32
	for _, u := range p.receivers(from, to, segment) {
		if !except[u] {
			rest = append(rest, u)
		}
	}
	if len(rest) > 0 {
		each(Holder{UpTo: r.UpTo}, rest)
	}
}

// receivers lists who of a segment should get what a user sends.
func (p *Plan) receivers(from int32, to Conv, segment Segment) []int32 {
	first, end := segment.users(p.Spec.Users)
	here := func(u int32) bool { return int(u) >= first && int(u) < end && u != from }
	g, grouped := to.group()
	if !grouped {
		if u := int32(to); here(u) {
			return []int32{u}
		}
		return nil
	}
	var list []int32
	for _, u := range p.Groups[g].Members {
		if here(u) {
			list = append(list, u)
		}
	}
	return list
}

// settle compares what was sent with what the receivers of a segment got.
func (p *Plan) settle(a *Account, s *Sent, segment Segment, r *Received) {
	all := upTo(s.Sent)
	acked := all.minus(s.Failed).minus(s.Unanswered)
	due := acked.minus(s.Recalled)
	p.holders(s.From, s.To, segment, r, func(h Holder, users []int32) {
		got, many := h.got(), int64(len(users))
		lost, bogus := due.minus(got), got.minus(all)
		refused := got.minus(got.minus(s.Failed))
		a.Expected += acked.count() * many
		a.Delivered += (got.count() - bogus.count() - refused.count()) * many
		a.Lost += lost.count() * many
		a.Unexpected += (bogus.count() + refused.count()) * many
		tell := func(what Numbers, problem, note string) {
			for i := 0; i < len(users) && len(what) > 0; i++ {
				u := users[i]
				what.each(func(n uint32) bool {
					a.note(p.faulty(problem, s.From, s.To, n, u, note))
					return len(a.Messages) < maxFaulty
				})
				if len(a.Messages) >= maxFaulty {
					return
				}
			}
		}
		tell(lost, Lost, "")
		tell(bogus, Unexpected, "was never sent")
		tell(refused, Unexpected, "its send was refused")
	})
}
