package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/fakeserver/backend"
)

func TestCapsReachTheServer(t *testing.T) {
	var f serveFlags
	set := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	f.add(set, "")
	if err := set.Parse([]string{"--cap", "group-members=2,friends=3", "--cap", "live-rooms=1", "--long-polling"}); err != nil {
		t.Fatal(err)
	}
	want := backend.GroupLimits{Members: 2, Rooms: 1}
	if f.Groups != want || f.MaxFriends != 3 || !f.LongPolling {
		t.Errorf("%+v, %d friends", f.Groups, f.MaxFriends)
	}
	if got := set.Lookup("cap").Value.String(); got != "group-members=2,live-rooms=1,friends=3" {
		t.Errorf("the flag shows as %q", got)
	}
}

func TestCapsInTheConfigFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "imsim.yaml")
	if err := os.WriteFile(file, []byte("cap: name-card=9\nlong-polling: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var f serveFlags
	set := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	f.add(set, "")
	if err := set.Parse([]string{"--config", file}); err != nil {
		t.Fatal(err)
	}
	if err := f.resolve(set); err != nil || f.Groups.NameCard != 9 || !f.LongPolling {
		t.Errorf("%+v, %v", f.Groups, err)
	}
}

func TestEachCapHasItsOwnPlace(t *testing.T) {
	var o fakeserver.Options
	c := caps{&o}
	seen := map[*int]bool{}
	for i, l := range c.all() {
		if seen[l.value] {
			t.Errorf("%s shares its place", l.name)
		}
		seen[l.value] = true
		if err := c.Set(l.name + "=" + string(rune('1'+i%9))); err != nil || *l.value != 1+i%9 {
			t.Errorf("%s: %d, %v", l.name, *l.value, err)
		}
		if !strings.Contains(c.usage(), l.name) {
			t.Errorf("--help has no %s", l.name)
		}
	}
	for _, wrong := range []string{"", "friends", "friends=0", "friends=x", "=1", "friend=1"} {
		if err := c.Set(wrong); err == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
}
