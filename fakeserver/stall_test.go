package fakeserver

import (
	"testing"
	"time"
)

func TestAStallHoldsEverybodyUp(t *testing.T) {
	srv := Run(t, Options{NoListener: true})
	for _, wrong := range []Fault{{Stall: -1}, {Stall: 1, UserID: "alice"}, {Stall: 1, Count: 2}} {
		if err := srv.Fault(wrong); err == nil {
			t.Errorf("took %+v", wrong)
		}
	}
	if _, _, err := srv.CreateUsers("alice"); err != nil { // there is a world
		t.Fatal(err)
	}
	const pause = 300 * time.Millisecond
	start := time.Now()
	if err := srv.Fault(Fault{Stall: Duration(pause)}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took >= pause {
		t.Errorf("the fault itself took %s", took)
	}
	if _, ok := srv.User("alice"); !ok {
		t.Error("alice is gone")
	}
	if took := time.Since(start); took < pause {
		t.Errorf("the server answered after %s", took)
	}
	if list := srv.faultsOf(srv.AppID()).list(); len(list) != 0 {
		t.Errorf("it left %+v", list)
	}
	// One that would last for ever ends with the server.
	if err := srv.Fault(Fault{Stall: Duration(time.Hour)}); err != nil {
		t.Fatal(err)
	}
}

func TestStatsCount(t *testing.T) {
	srv := Run(t)
	login(t, srv, overTCP, "alice")
	s := srv.Stats()
	if s.Connections != 1 || s.Accepted != 1 || s.Received == 0 || s.Replies == 0 {
		t.Errorf("%+v", s)
	}
}
