package drivers

import (
	"bytes"
	"strings"
	"testing"
)

func TestStderrIsKeptPerCase(t *testing.T) {
	var also bytes.Buffer
	d := scene(t, Options{Stderr: &also}, func(s *stage, r request) bool {
		if r.Method == "call" {
			_, _ = s.stderr.Write([]byte(r.Params["api"].(string) + " userSig=abc\n"))
		}
		return false
	})
	i := create(t, d)
	for _, api := range []string{"login", "logout"} {
		mark := d.StderrMark()
		if _, err := i.Call(t.Context(), api); err != nil {
			t.Fatal(err)
		}
		equal(t, "stderr", d.StderrSince(mark), api+" userSig=***\n")
	}
	equal(t, "copy", also.String(), "login userSig=abc\nlogout userSig=abc\n")
}

func TestTheJournalIsBounded(t *testing.T) {
	j := &journal{limit: 10}
	for range 3 {
		_, _ = j.Write([]byte("12345678"))
	}
	equal(t, "kept", len(j.kept), 10)
	equal(t, "all", j.since(0), "… 14 bytes dropped …\n7812345678")
	equal(t, "last", j.since(16), "12345678")
	equal(t, "nothing", j.since(j.mark()), "")
	equal(t, "the future", j.since(99), "")
}

func TestTheTailOfALongComplaint(t *testing.T) {
	j := &journal{limit: journalSize}
	_, _ = j.Write([]byte(strings.Repeat("at node:internal\n", 500)))
	equal(t, "lines", strings.Count(j.tail(), "\n"), 9)
}
