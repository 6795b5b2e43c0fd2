package drivers

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestLines(t *testing.T) {
	long := strings.Repeat("y", 100<<10)
	r := newLineReader(iotest.HalfReader(strings.NewReader("a\r\n\n"+long+"\nrest")), 100<<10)
	for _, want := range []string{"a", "", long} {
		line, err := r.next()
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "line", string(line), want)
	}
	line, err := r.next()
	if !errors.Is(err, io.ErrUnexpectedEOF) || string(line) != "rest" || r.n != 4 {
		t.Fatalf("got %q, %v at %d", line, err, r.n)
	}
	if _, err := r.next(); !errors.Is(err, io.EOF) {
		t.Fatalf("got %v", err)
	}
}

func TestTheLimitOfALine(t *testing.T) {
	r := newLineReader(strings.NewReader("1234\n12345\n"), 4)
	if line, err := r.next(); err != nil || string(line) != "1234" {
		t.Fatalf("got %q, %v", line, err)
	}
	if line, err := r.next(); !errors.Is(err, errLineTooLong) || string(line) != "1234" {
		t.Fatalf("got %q, %v", line, err)
	}
}

func TestTheDefaultLimitIs64MiB(t *testing.T) {
	equal(t, "limit", Limits{}.withDefaults().Line, 64<<20)
}

// Whatever comes over the pipe, decoding neither panics nor lets something
// through that the rest does not expect.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"jsonrpc":"2.0","id":1,"result":` + helloResult + `}`,
		`{"jsonrpc":"2.0","id":1.0,"error":{"code":-32010,"message":"m","data":{"kind":"throw","seq":1}}}`,
		`{"jsonrpc":"2.0","method":"event","params":{"instance":"i1","seq":1,"name":"e","data":null}}`,
		`{"jsonrpc":"2.0","method":"callback","params":{"instance":"i1","seq":1e0,"fn":"f","args":[]}}`,
		`{"jsonrpc":"2.0","method":"fault","params":{"message":"\ud800"}}`,
		` {}`, `null`, ``, "\xff", `{"jsonrpc":"2.0"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		m, err := decode(line)
		if err != nil {
			return
		}
		kinds := 0
		for _, is := range []bool{m.method != "" || m.params != nil, m.result != nil, m.failure != nil} {
			if is {
				kinds++
			}
		}
		equal(t, "kinds", kinds, 1)
		for _, method := range []string{"hello", "call", "destroy"} {
			q := &question{method: method, api: "x"}
			if m.params == nil {
				if r, err := q.understand(m); err == nil && r.seq < 0 {
					t.Fatalf("seq %d", r.seq)
				}
			}
		}
		if _, err := encode(map[string]any{"id": m.id, "params": m.params, "result": m.result}); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
	})
}
