package conform

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/imsim/imsim/client/clientport"
	"github.com/imsim/imsim/drivers"
	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/scenarios"
)

// What a driver that was started by hand is called instead of a command line:
// one that listens, and one that dials the harness.
const (
	attachScheme = "tcp://"
	listenScheme = "tcp-listen://"
)

// Attached is the driver that listens on an address.
func Attached(address string) string { return attachScheme + address }

// Awaited is the driver that dials an address, on which the harness listens.
func Awaited(address string) string { return listenScheme + address }

func byHand(driver string) bool {
	return strings.HasPrefix(driver, attachScheme) || strings.HasPrefix(driver, listenScheme)
}

// StartPort starts the driver with that command line, or the Go client if it
// is empty. The limit is that of a case.
func StartPort(ctx context.Context, driver string, limit time.Duration) (port.Port, error) {
	o := drivers.Options{Limits: limits(limit)}
	if driver == "" {
		return clientport.New(clientport.Options{}), nil
	}
	if byHand(driver) {
		conn, err := connect(ctx, driver)
		if err != nil {
			return nil, fmt.Errorf("attach to a driver: %w", err)
		}
		return drivers.Attach(ctx, conn, o)
	}
	return drivers.Start(ctx, drivers.Command{Line: driver}, o)
}

// limits gives an answer a third of a case's time, so that a hang is seen as
// one: 10 s of the usual 30. Who debugs has as much more.
func limits(ofCase time.Duration) drivers.Limits {
	if ofCase == 0 {
		ofCase = scenarios.CaseLimit
	}
	third := ofCase / 3
	long := max(third, scenarios.CaseLimit/3)
	return drivers.Limits{Hello: long, Destroy: long / 2, Create: third, Call: third, Advance: third}
}

func connect(ctx context.Context, driver string) (net.Conn, error) {
	if address, ok := strings.CutPrefix(driver, attachScheme); ok {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", address)
	}
	var l net.ListenConfig
	listener, err := l.Listen(ctx, "tcp", strings.TrimPrefix(driver, listenScheme))
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	defer func() { _ = listener.Close() }()
	return listener.Accept()
}
