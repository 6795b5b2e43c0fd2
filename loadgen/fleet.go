package loadgen

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imsim/imsim/internal/clock"
	"github.com/imsim/imsim/internal/link"
)

// fleet is the users of this process, and what they share.
type fleet struct {
	plan       *Plan
	target     *target
	clock      *clock.Shiftable
	link       link.Config
	meter      *meter
	notices    notices
	users      []*user
	first      int32          // number of users[0]
	groupHere  []int64        // members of each group that are of this process
	background sync.WaitGroup // closing links

	pending  atomic.Int64 // operations under way
	draining atomic.Bool
	wake     chan struct{} // while draining: something has happened
	stirred  time.Time     // when it last did; of who drains

	mu     sync.Mutex
	ledger Ledger // of Faulty and its counters
	over   bool   // no timer may start anything
}

// shards of the meter: more than there are processors help little.
const shards = 4

func newFleet(p *Plan, t *target) *fleet {
	f := &fleet{plan: p, target: t, clock: clock.New(), meter: newMeter(shards), wake: make(chan struct{}, 1)}
	f.link = link.Config{SDKAppID: t.appID, URL: t.url, Dial: link.WebSocket(t.dial), Clock: f.clock}
	f.meter.forMerge = p.Spec.Segment.Count > 1
	from, to := p.Spec.Segment.users(p.Spec.Users)
	f.first = int32(from)
	f.users = make([]*user, to-from)
	for i := range f.users {
		f.users[i] = &user{fleet: f, no: int32(from + i)}
	}
	f.groupHere = make([]int64, len(p.Groups))
	for g := range p.Groups {
		for _, u := range p.Groups[g].Members {
			if f.local(u) != nil {
				f.groupHere[g]++
			}
		}
	}
	return f
}

// local is a user of this process; nil if it is of another.
func (f *fleet) local(no int32) *user {
	if i := int(no - f.first); i >= 0 && i < len(f.users) {
		return f.users[i]
	}
	return nil
}

// receiversHere counts the users of this process that a message goes to.
func (f *fleet) receiversHere(from int32, to Conv) int64 {
	if g, grouped := to.group(); grouped {
		return f.groupHere[g] - 1 // the sender is a member, and is here
	}
	if f.local(int32(to)) != nil {
		return 1
	}
	return 0
}

// seenElsewhere tells whether users of other processes hear of what happens in
// a conversation: members of a group, and its visitors, may be anywhere.
func (f *fleet) seenElsewhere(conv Conv) bool {
	if _, grouped := conv.group(); grouped {
		return f.plan.Spec.Segment.Count > 1
	}
	return f.local(int32(conv)) == nil
}

func (f *fleet) begin() { f.pending.Add(1) }

func (f *fleet) end() {
	f.pending.Add(-1)
	f.progress()
}

// progress tells whoever drains that something has happened.
func (f *fleet) progress() {
	if f.draining.Load() {
		select {
		case f.wake <- struct{}{}:
		default:
		}
	}
}

// until waits, at most for a time, until a condition holds that progress may
// bring about.
func (f *fleet) until(ctx context.Context, most time.Duration, holds func() bool) bool {
	f.draining.Store(true)
	over := make(chan struct{})
	t := f.clock.AfterFunc(most, func() { close(over) })
	defer t.Stop()
	for !holds() {
		select {
		case <-f.wake:
			f.stirred = f.clock.Now()
		case <-over:
			return holds()
		case <-ctx.Done():
			return holds()
		}
	}
	return true
}

// after runs something later, unless the run is over by then.
func (f *fleet) after(d time.Duration, do func()) {
	f.clock.AfterFunc(d, func() {
		if !f.isOver() {
			do()
		}
	})
}

func (f *fleet) isOver() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.over
}

// wrong notes a message that is not as it should be.
func (f *fleet) wrong(problem string, m mark, receiver int32, note string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch problem {
	case Duplicated:
		f.ledger.Duplicated++
		f.meter.duplicated.Add(1)
	case OutOfOrder:
		f.ledger.OutOfOrder++
		f.meter.outOfOrder.Add(1)
	default:
		f.ledger.Unexpected++
		f.meter.unexpected.Add(1)
	}
	if len(f.ledger.Faulty) < maxFaulty {
		f.ledger.Faulty = append(f.ledger.Faulty, f.plan.faulty(problem, m.from, m.to, m.n, receiver, note))
	}
}

// loginAtOnce is how many users log in at the same time before the load
// begins.
const loginAtOnce = 100

// gather logs all users in.
func (f *fleet) gather(ctx context.Context, tell func(done int)) error {
	var mu sync.Mutex
	var failed error
	failures := 0
	slots := make(chan struct{}, loginAtOnce)
	var entering sync.WaitGroup
	for i, u := range f.users {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		mu.Lock()
		inVain := failures > 0 // each may take as long as a reply that does not come
		mu.Unlock()
		if inVain {
			break
		}
		entering.Add(1)
		u.enter(f.clock.Now(), func(_ *session, err error) {
			if err != nil {
				mu.Lock()
				failures++
				failed = err
				mu.Unlock()
			}
			<-slots
			entering.Done()
		})
		tell(i + 1)
	}
	done := make(chan struct{})
	go func() { entering.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		return ctx.Err()
	}
	if failures > 0 {
		return fmt.Errorf("%d of %d users could not log in: %w", failures, len(f.users), failed)
	}
	return nil
}

// closeAtOnce is how many links close at the same time.
const closeAtOnce = 256

// disperse closes all links; nothing of the fleet runs when it returns.
func (f *fleet) disperse() {
	f.mu.Lock()
	f.over = true
	f.mu.Unlock()
	slots := make(chan struct{}, closeAtOnce)
	var closing sync.WaitGroup
	for _, u := range f.users {
		u.mu.Lock()
		s := u.session
		u.mu.Unlock()
		if s == nil {
			continue
		}
		slots <- struct{}{}
		closing.Go(func() {
			s.link.Close()
			<-slots
		})
	}
	closing.Wait()
	f.background.Wait()
	f.clock.Stop()
}

// closeLedger draws the ledger up. It shares nothing with what may still come.
func (f *fleet) closeLedger() *Ledger {
	f.mu.Lock()
	l := f.ledger
	f.mu.Unlock()
	l.Repeated = f.meter.repeated.Load()
	l.Sent, l.Received = []Sent{}, []Received{}
	for _, u := range f.users {
		u.mu.Lock()
		for _, o := range u.out {
			if o.sent == 0 {
				continue
			}
			s := Sent{From: u.no, To: o.conv, Sent: o.sent, Failed: slices.Clone(o.failed), Recalled: slices.Clone(o.recalled), Seqs: slices.Clone(o.seqs)}
			// What has neither an ack nor a refusal is unanswered.
			s.Unanswered = upTo(o.sent).minus(o.acked).minus(o.failed)
			l.Sent = append(l.Sent, s)
		}
		u.leaves()
		l.Visits = append(l.Visits, u.visited...)
		u.mu.Unlock()
	}
	f.listReceived(&l)
	f.notices.list(&l)
	return &l
}

// listReceived puts together what the receivers of each stream got.
func (f *fleet) listReceived(l *Ledger) {
	for _, u := range f.users {
		u.mu.Lock()
		for _, b := range u.in {
			if _, grouped := b.conv.group(); grouped {
				continue
			}
			if upTo, missing := b.holding(0); upTo > 0 {
				r := Received{From: int32(b.conv), To: WithUser(u.no), UpTo: upTo}
				if len(missing) > 0 {
					r.UpTo, r.Except = 0, []Holder{{u.no, upTo, missing}}
				}
				l.Received = append(l.Received, r)
			}
		}
		u.mu.Unlock()
	}
	for g := range f.plan.Groups {
		f.listGroup(l, int32(g))
	}
}

func (f *fleet) listGroup(l *Ledger, g int32) {
	type held struct {
		user *user
		box  *inbox
	}
	var members []held
	for _, no := range f.plan.Groups[g].Members {
		u := f.local(no)
		if u == nil {
			continue
		}
		u.mu.Lock()
		members = append(members, held{u, u.inboxOf(InGroup(g))})
		u.mu.Unlock()
	}
	for position, from := range f.plan.Groups[g].Members {
		votes := map[uint32]int{}
		for _, m := range members {
			if m.user.no != from {
				m.user.mu.Lock()
				votes[m.box.upTo[position]]++
				m.user.mu.Unlock()
			}
		}
		r := Received{From: from, To: InGroup(g)}
		for n, count := range votes {
			if best := votes[r.UpTo]; count > best || count == best && n > r.UpTo {
				r.UpTo = n
			}
		}
		any := r.UpTo > 0
		for _, m := range members {
			if m.user.no == from {
				continue
			}
			m.user.mu.Lock()
			upTo, missing := m.box.holding(position)
			m.user.mu.Unlock()
			if upTo != r.UpTo || len(missing) > 0 {
				any = true
				r.Except = append(r.Except, Holder{m.user.no, upTo, missing})
			}
		}
		if any {
			l.Received = append(l.Received, r)
		}
	}
}
