package fakeserver

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestSavesWhenSomethingChanged(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	s := Run(t, Options{State: file, SaveEvery: -1})
	stamp := s.stamp()
	change := func(name string, f func()) {
		t.Helper()
		f()
		_ = os.Remove(file)
		next := s.saveIfChanged(stamp)
		if _, err := os.Stat(file); err != nil || next == stamp {
			t.Errorf("%s: not saved (%v)", name, err)
		}
		stamp = next
		_ = os.Remove(file)
		if s.saveIfChanged(stamp); fileExists(file) {
			t.Errorf("after %s: saved again", name)
		}
	}
	var alice, bob *sdk
	change("logins", func() { alice, bob = login(t, s, inMemory, "alice"), login(t, s, inMemory, "bob") })
	change("a message", func() { sendAll(alice, "bob", "x"); wantTexts(t, bob, "x") })
	change("the clock", func() { s.Advance(time.Second) })
	change("a call", func() { s.call("POST", "/v4/im_open_login_svc/account_import"+restQuery, []byte(`{"UserID":"carol"}`)) })
	change("a reset", func() { s.call("POST", "/_imsim/reset", nil) })
}

func fileExists(path string) bool { _, err := os.Stat(path); return err == nil }

// The loop's goroutine ends with the server: TestMain looks for goroutines.
func TestSaveLoopEndsWithTheServer(t *testing.T) {
	s, err := Start(Options{State: filepath.Join(t.TempDir(), "state.json"), SaveEvery: time.Millisecond, NoListener: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.CreateUsers("alice"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestAFailingSaveIsTriedAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := Run(t, Options{State: filepath.Join(dir, "state.json"), SaveEvery: -1})
	stamp := s.stamp()
	if _, _, err := s.CreateUsers("alice"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if s.saveIfChanged(stamp) != stamp {
		t.Error("the failed save counts as done")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if s.saveIfChanged(stamp) == stamp {
		t.Error("not tried again")
	}
}
