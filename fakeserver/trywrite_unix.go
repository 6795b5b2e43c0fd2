//go:build unix

package fakeserver

import (
	"errors"
	"syscall"
)

// rawTryWriter writes to a non-blocking socket once, without waiting.
func rawTryWriter(raw syscall.RawConn) func([]byte) (int, error) {
	var p []byte
	var n int
	var err error
	write := func(fd uintptr) bool {
		n, err = syscall.Write(int(fd), p)
		return true
	}
	return func(data []byte) (int, error) { // the outbox's lock is held
		p = data
		if rawErr := raw.Write(write); rawErr != nil {
			return 0, rawErr
		}
		p = nil
		if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
			return max(n, 0), nil
		}
		return max(n, 0), err
	}
}
