package protocol

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"sync"
)

// Compressed downlink frames begin with these four bytes; a gzip or zlib
// stream of the JSON follows. Only /binfo clients understand them, and the
// uplink is never compressed (session.md §2).
const compressMark = "COMP"

// MaxInflated bounds what one compressed frame may grow to, in bytes.
const MaxInflated = 64 << 20

var gzipWriters = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// Compress returns the frame as a marked gzip stream: what a client asks for
// with compress=gzip in the query of the upgrade.
func Compress(frame []byte) []byte {
	var buf bytes.Buffer
	buf.Grow(len(frame)/4 + 64)
	buf.WriteString(compressMark)
	w := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(w)
	w.Reset(&buf)
	// Writes to a bytes.Buffer do not fail.
	_, _ = w.Write(frame)
	_ = w.Close()
	return buf.Bytes()
}

// Inflate returns the JSON of a downlink frame, compressed or not.
func Inflate(frame []byte) ([]byte, error) { return inflate(frame, MaxInflated) }

func inflate(frame []byte, most int64) ([]byte, error) {
	if !bytes.HasPrefix(frame, []byte(compressMark)) {
		return frame, nil
	}
	packed := frame[len(compressMark):]
	var r io.ReadCloser
	var err error
	if bytes.HasPrefix(packed, []byte{0x1f, 0x8b}) {
		r, err = gzip.NewReader(bytes.NewReader(packed))
	} else {
		r, err = zlib.NewReader(bytes.NewReader(packed))
	}
	if err != nil {
		return nil, fmt.Errorf("inflate frame: %w", err)
	}
	defer r.Close()
	out, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("inflate frame: %w", err)
	}
	if int64(len(out)) > most {
		return nil, fmt.Errorf("inflate frame: larger than %d bytes", most)
	}
	return out, nil
}
