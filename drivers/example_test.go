package drivers_test

import (
	"context"
	"fmt"

	"github.com/imsim/imsim/drivers"
	"github.com/imsim/imsim/port"
)

// A driver that cannot be started says why.
func ExampleStart() {
	_, err := drivers.Start(context.Background(), drivers.Command{Line: "no-such-driver --port 1"}, drivers.Options{})
	fmt.Println(err)
	// Output: start driver: there is no program "no-such-driver" in PATH: exec: "no-such-driver": executable file not found in $PATH
}

// Any port written in Go can be driven over the protocol, without a child.
func ExampleHost() {
	ctx := context.Background()
	d, err := drivers.Host(ctx, drivers.Serving(echo{}), drivers.Options{Strict: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = d.Create(ctx, port.Options{SDKAppID: 1400000000, URL: "ws://127.0.0.1:8090"})
	fmt.Println(d.Hello().Name, "says:", err)
	fmt.Println("end:", d.Close())
	// Output:
	// echo says: not implemented by the port: create
	// end: <nil>
}

type echo struct{}

func (echo) Hello() port.Hello {
	return port.Hello{Name: "echo", Version: "1.0", Language: "Go"}
}

func (echo) Create(context.Context, port.Options) (port.Instance, error) {
	return nil, &port.NotImplementedError{API: "create"}
}

func (echo) Close() error { return nil }
