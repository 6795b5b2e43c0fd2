// Package drivers speaks the stdio driver protocol, version 1: one JSON-RPC
// 2.0 value a line, by which an SDK in any language is tested.
//
// The harness's side starts a driver, or takes one that already runs, and
// offers it as a port.Port:
//
//	d, err := drivers.Start(ctx, drivers.Command{Line: "node driver.js"}, drivers.Options{})
//	if err != nil {
//		return err // says whether it was missing, crashed, was silent, or printed something else
//	}
//	defer d.Close()
//	alice, err := d.Create(ctx, port.Options{SDKAppID: 1400000000, URL: srv.URL()})
//
// Attach does the same over a connection, for a driver that was started by
// hand in a debugger, and Host runs one as a goroutine. The driver's side is
// Serve, which makes a stdio driver of any port.Port written in Go:
//
//	err := drivers.Serve(ctx, os.Stdin, os.Stdout, client.Port())
//
// # What a failure means
//
// A failed call of the SDK is a *port.CallError and the driver goes on. A
// *port.Breakdown says that an instance or the whole driver is of no use any
// more. The driver itself ended when Done is closed; it is never restarted
// here: whoever runs the cases starts the same Command again.
//
// # Goroutines and locks
//
// Every Driver owns four goroutines, all of which have ended when Close
// returns: the reader (stdout, and everything that is decided by a line), the
// writer (stdin), the waiter (the exit), and the keeper, which ends the others.
//
// The writer is the lock for sending: requests are handed to it one at a time,
// so a driver that does not read holds up nobody's limit. Driver.mu guards the
// pending answers, the instances' states and the error of a broken driver.
// A pending answer is registered, under mu, before its request goes to the
// writer, and mu is never held while writing. Driver.tapping is held around
// the Tap hook only. Order: mu before a Stream's own lock; tapping and mu are
// never held together.
package drivers
