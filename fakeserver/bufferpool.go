package fakeserver

import "sync"

const (
	// bufferSize takes some twenty requests at once; connections hold a
	// buffer only while they move bytes.
	bufferSize = 16 << 10
	// keptBuffer is the largest buffer that is kept for others.
	keptBuffer = 128 << 10
)

// buffer is lent to whichever connection has something to read or write.
type buffer struct{ b []byte }

var buffers = sync.Pool{New: func() any { return &buffer{make([]byte, 0, bufferSize)} }}

// borrowBuffer returns an empty buffer of at least bufferSize.
func borrowBuffer() *buffer { return buffers.Get().(*buffer) }

// giveBack ends the use of a buffer.
func (b *buffer) giveBack() {
	if c := cap(b.b); c >= bufferSize && c <= keptBuffer {
		b.b = b.b[:0]
		buffers.Put(b)
	}
}
