//go:build !unix

package fakeserver

import "syscall"

// rawTryWriter leaves every write to the outbox's goroutine.
func rawTryWriter(syscall.RawConn) func([]byte) (int, error) {
	return func([]byte) (int, error) { return 0, nil }
}
