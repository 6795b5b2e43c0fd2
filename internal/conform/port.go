package conform

import (
	"context"
	"fmt"

	"github.com/imsim/imsim/drivers"
	"github.com/imsim/imsim/port"
)

// StartPort starts the driver with that command line, or the Go client if it
// is empty.
func StartPort(ctx context.Context, driver string) (port.Port, error) {
	if driver == "" {
		return nil, fmt.Errorf("no Go client in this build")
	}
	return drivers.Start(ctx, drivers.Command{Line: driver}, drivers.Options{})
}
