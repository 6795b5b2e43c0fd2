//go:build unix

package fakeserver

import (
	"errors"
	"syscall"
)

// canReadRaw tells that rawRead works.
const canReadRaw = true

// rawRead reads once from a non-blocking socket.
func rawRead(fd uintptr, p []byte) (int, error) { return syscall.Read(int(fd), p) }

// rawWriter writes to a non-blocking socket without waiting.
type rawWriter struct {
	raw   syscall.RawConn
	write func(uintptr) bool // once, bound once
	p     []byte
	n     int
	err   error
}

func rawTryWriter(raw syscall.RawConn) func([]byte) (int, error) {
	w := &rawWriter{raw: raw}
	w.write = w.once
	return w.try
}

func (w *rawWriter) once(fd uintptr) bool {
	w.n, w.err = syscall.Write(int(fd), w.p)
	return true
}

// try is called with the outbox's lock held.
func (w *rawWriter) try(p []byte) (int, error) {
	w.p = p
	err := w.raw.Write(w.write)
	w.p = nil
	if err != nil {
		return 0, err
	}
	if errors.Is(w.err, syscall.EAGAIN) || errors.Is(w.err, syscall.EINTR) {
		return max(w.n, 0), nil
	}
	return max(w.n, 0), w.err
}
