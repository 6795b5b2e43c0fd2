package conform

import (
	"context"

	"github.com/imsim/imsim/client/clientport"
	"github.com/imsim/imsim/drivers"
	"github.com/imsim/imsim/port"
)

// StartPort starts the driver with that command line, or the Go client if it
// is empty.
func StartPort(ctx context.Context, driver string) (port.Port, error) {
	if driver == "" {
		return clientport.New(clientport.Options{}), nil
	}
	return drivers.Start(ctx, drivers.Command{Line: driver}, drivers.Options{})
}
