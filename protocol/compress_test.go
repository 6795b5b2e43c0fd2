package protocol

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func packed(t testing.TB, open func(io.Writer) io.WriteCloser, size int) []byte {
	t.Helper()
	var buf bytes.Buffer
	buf.WriteString(compressMark)
	w := open(&buf)
	chunk := make([]byte, 1<<20)
	for size > 0 {
		n := min(size, len(chunk))
		if _, err := w.Write(chunk[:n]); err != nil {
			t.Fatal(err)
		}
		size -= n
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func openGzip(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }
func openZlib(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }

func TestInflateUndoesCompress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		frame := rapid.SliceOf(rapid.Byte()).Draw(t, "frame")
		got, err := Inflate(Compress(frame))
		if err != nil || !bytes.Equal(got, frame) {
			t.Fatalf("%q, %v", got, err)
		}
	})
}

func TestInflateTakesPlainFramesAndZlib(t *testing.T) {
	if got, err := Inflate([]byte(`{"head":{}}`)); err != nil || string(got) != `{"head":{}}` {
		t.Errorf("plain: %s, %v", got, err)
	}
	if got, err := Inflate(packed(t, openZlib, 5)); err != nil || len(got) != 5 {
		t.Errorf("zlib: %q, %v", got, err)
	}
}

func TestInflateRefuses(t *testing.T) {
	const most = 1 << 20
	whole := packed(t, openGzip, most)
	for _, open := range []func(io.Writer) io.WriteCloser{openGzip, openZlib} {
		if out, err := inflate(packed(t, open, most), most); err != nil || len(out) != most {
			t.Errorf("just small enough: %d bytes, %v", len(out), err)
		}
	}
	for name, frame := range map[string][]byte{
		"mark only":  []byte(compressMark),
		"no stream":  []byte(compressMark + "hello, world"),
		"cut":        whole[:len(whole)/2],
		"no trailer": whole[:len(whole)-4],
		"gzip bomb":  packed(t, openGzip, most+1),
		"zlib bomb":  packed(t, openZlib, most+1),
	} {
		if out, err := inflate(frame, most); err == nil || out != nil || !strings.HasPrefix(err.Error(), "inflate frame: ") {
			t.Errorf("%s: %d bytes, %v", name, len(out), err)
		}
	}
}

// The pooled writers keep nothing of each other.
func TestCompressConcurrently(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		frame := bytes.Repeat([]byte{byte(i)}, 10_000)
		wg.Go(func() {
			for range 10 {
				if got, err := Inflate(Compress(frame)); err != nil || !bytes.Equal(got, frame) {
					t.Errorf("%d: %v", i, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func FuzzInflate(f *testing.F) {
	f.Add([]byte(`{"head":{}}`))
	f.Add(Compress([]byte(`{"head":{"servcmd":"a"}}`)))
	f.Add(packed(f, openZlib, 100))
	f.Add([]byte(compressMark + "\x1f\x8b\x08\x1f"))
	f.Fuzz(func(t *testing.T, frame []byte) {
		out, err := Inflate(frame)
		if err != nil && out != nil || len(out) > MaxInflated {
			t.Fatalf("%d bytes and %v", len(out), err)
		}
	})
}
