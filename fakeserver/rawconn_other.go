//go:build !unix

package fakeserver

import "syscall"

// canReadRaw tells that rawRead does not work: connections are read as usual,
// each with a buffer of its own.
const canReadRaw = false

func rawRead(uintptr, []byte) (int, error) { return -1, syscall.EINVAL }

// rawTryWriter takes nothing at once: everything is written by the outbox's
// goroutine.
func rawTryWriter(syscall.RawConn) func([]byte) (int, error) {
	return func([]byte) (int, error) { return 0, nil }
}
