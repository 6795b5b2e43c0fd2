package bench

import (
	"context"
	"fmt"
)

// idleUsers is how many log in for the memory figure: enough that what a
// server holds anyhow does not matter.
const idleUsers = 4000

// idle takes figure 4: bytes of a server's heap and stacks for a user who
// logged in, became ready, and does nothing.
func idle(server string) func(context.Context) (sample, error) {
	return func(ctx context.Context) (taken sample, err error) {
		c, err := startChild(server)
		if err != nil {
			return taken, err
		}
		var open []session
		defer func() {
			for _, s := range open {
				s.wire().close()
			}
			if _, stopErr := c.stop(); err == nil {
				err = stopErr
			}
		}()
		var d dialect = relayDialect{}
		if server == imsimServer {
			d = imsimDialect{start: true}
		}
		before, err := c.memory()
		if err != nil {
			return taken, err
		}
		for i := range idleUsers {
			s, err := d.join(ctx, DialTCP(c.addr), fmt.Sprintf("idle%05d", i), "nobody")
			if err != nil {
				return taken, err
			}
			open = append(open, s)
		}
		after, err := c.memory()
		if err != nil {
			return taken, err
		}
		taken.value = (float64(after.used()) - float64(before.used())) / idleUsers
		return taken, nil
	}
}
