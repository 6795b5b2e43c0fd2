package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Load is pairs of users of whom one writes to the other. A message is in
// flight until it was acked and delivered, both; then the next one leaves.
type Load struct {
	Pairs    int
	InFlight int           // of each pair
	Duration time.Duration // after which nothing new is sent
	Messages int           // of each pair, if there is no Duration
}

// drainTime is how long messages in flight at the end may take.
var drainTime = 10 * time.Second

// Tally is the account of a run.
type Tally struct {
	Sent, Acked, Delivered      int
	Lost, Duplicated, Reordered int
	Elapsed                     time.Duration
	// Receivers of each message; 0 means 1.
	Receivers int
}

// Valid tells what is wrong with a run, if anything.
func (t Tally) Valid() error {
	if t.Lost != 0 || t.Duplicated != 0 || t.Reordered != 0 || t.Sent != t.Acked || t.Sent*max(t.Receivers, 1) != t.Delivered || t.Sent == 0 {
		return fmt.Errorf("void: %+v", t)
	}
	return nil
}

// Rate is deliveries a second.
func (t Tally) Rate() float64 { return float64(t.Delivered) / t.Elapsed.Seconds() }

// pair is one writer and one receiver.
type pair struct {
	window
	receiver              session
	duplicated, reordered int
}

// run carries a load out on a server.
func run(ctx context.Context, d dialect, dial Dial, load Load) (total Tally, err error) {
	pairs := make([]*pair, load.Pairs)
	var readers sync.WaitGroup
	defer func() {
		for _, p := range pairs {
			p.close()
		}
		readers.Wait()
	}()
	for i := range pairs {
		p := &pair{window: window{inFlight: load.InFlight, messages: load.Messages, done: make(chan struct{})}}
		pairs[i] = p
		a, b := fmt.Sprintf("a%04d", i), fmt.Sprintf("b%04d", i)
		if p.receiver, err = d.join(ctx, dial, b, a); err != nil {
			return total, err
		}
		if p.writer, err = d.join(ctx, dial, a, b); err != nil {
			return total, err
		}
		readers.Go(func() { p.follow(p.writer, ack, &p.acked) })
		readers.Go(func() { p.follow(p.receiver, delivery, &p.through) })
	}
	start := time.Now()
	if load.Duration > 0 {
		defer time.AfterFunc(load.Duration, func() {
			for _, p := range pairs {
				p.over.Store(true)
			}
		}).Stop()
	}
	for _, p := range pairs {
		p.refill()
	}
	limit := time.NewTimer(load.Duration + drainTime) // a count takes much less than drainTime
	defer limit.Stop()
	for _, p := range pairs {
		select {
		case <-p.done:
		case <-limit.C:
			err = errors.New("messages got lost")
		}
		if err != nil {
			break
		}
	}
	total.Elapsed = time.Since(start)
	for _, p := range pairs {
		p.mu.Lock()
		total.Sent += p.sent
		total.Acked += p.acked
		total.Delivered += p.through
		total.Lost += p.sent - p.through
		total.Duplicated += p.duplicated
		total.Reordered += p.reordered
		if err == nil {
			err = p.err
		}
		p.mu.Unlock()
	}
	return total, errors.Join(err, total.Valid())
}

func (p *pair) close() {
	if p == nil {
		return
	}
	p.closed.Store(true)
	for _, s := range []session{p.writer, p.receiver} {
		if s != nil {
			s.wire().close()
		}
	}
}

// follow reads one side of a pair; seen counts its messages of that kind,
// which must come one by one.
func (p *pair) follow(s session, want kind, seen *int) {
	next := 1
	for {
		duplicated, reordered := 0, 0
		for first := true; first || s.wire().more(); first = false {
			frame, err := s.wire().next()
			var is kind
			var n int
			if err == nil {
				is, n, err = s.read(frame)
			}
			if err != nil {
				p.fail(err)
				return
			}
			switch {
			case is != want:
			case n < next:
				duplicated++
			case n > next: // the ones between are lost, or come later
				reordered++
				next = n + 1
			default:
				next++
			}
		}
		p.mu.Lock()
		*seen = next - 1
		p.duplicated += duplicated
		p.reordered += reordered
		p.mu.Unlock()
		p.refill()
	}
}
