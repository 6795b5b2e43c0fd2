package bench

import (
	"context"
	"time"

	"github.com/imsim/imsim/fakeserver"
)

// round takes figure 8: microseconds of one message in this process, sent,
// acked and delivered, one after the other.
func round(memory bool, d time.Duration) func(context.Context) (sample, error) {
	return func(ctx context.Context) (sample, error) {
		srv, err := fakeserver.Start(fakeserver.Options{NoListener: memory})
		if err != nil {
			return sample{}, err
		}
		defer srv.Close()
		dial := Dial(srv.Dial)
		if !memory {
			dial = DialTCP(srv.Addr())
		}
		tally, err := run(ctx, imsimDialect{}, dial, Load{Pairs: 1, InFlight: 1, Duration: d / 2})
		return sample{value: 1e6 / tally.Rate()}, err
	}
}

// embedded takes figure 9: microseconds of one whole case, again and again.
func embedded(one func(context.Context) error, d time.Duration) func(context.Context) (sample, error) {
	return func(ctx context.Context) (sample, error) {
		start := time.Now()
		for n := 1; ; n++ {
			if err := one(ctx); err != nil {
				return sample{}, err
			}
			if spent := time.Since(start); spent > d/2 {
				return sample{value: float64(spent.Microseconds()) / float64(n)}, nil
			}
		}
	}
}

// imsimCase is the smallest test that somebody writes: start, 2 logins, a
// message that is acked and delivered, stop; over TCP, as the baseline.
func imsimCase(ctx context.Context) error {
	srv, err := fakeserver.Start(fakeserver.Options{})
	if err != nil {
		return err
	}
	_, err = run(ctx, imsimDialect{}, DialTCP(srv.Addr()), Load{Pairs: 1, InFlight: 1, Messages: 1})
	if closeErr := srv.Close(); err == nil {
		err = closeErr
	}
	return err
}

// imsimMemoryCase is the same without a socket.
func imsimMemoryCase(ctx context.Context) error {
	srv, err := fakeserver.Start(fakeserver.Options{NoListener: true})
	if err != nil {
		return err
	}
	_, err = run(ctx, imsimDialect{}, srv.Dial, Load{Pairs: 1, InFlight: 1, Messages: 1})
	if closeErr := srv.Close(); err == nil {
		err = closeErr
	}
	return err
}

// rawCase does the same on the relay, whose logins are bare connections.
func rawCase(ctx context.Context) error {
	r, err := startRelay()
	if err != nil {
		return err
	}
	defer r.close()
	_, err = run(ctx, relayDialect{}, DialTCP(r.addr), Load{Pairs: 1, InFlight: 1, Messages: 1})
	return err
}
