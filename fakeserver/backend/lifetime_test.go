package backend

import (
	"fmt"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

func TestMsgLifeTime(t *testing.T) {
	minute := restMsg(`,"MsgLifeTime":60`)
	for _, c := range []struct {
		name   string
		run    func(w *testWorld)
		unread int
	}{
		{"in time", func(w *testWorld) { w.advance(60 * time.Second) }, 1},
		{"too late", func(w *testWorld) { w.advance(61 * time.Second) }, 0},
		{"too late after a restart", func(w *testWorld) { w.reload(); w.advance(61 * time.Second) }, 0},
		{"a restart after its end", func(w *testWorld) { w.advance(61 * time.Second); w.reload() }, 0},
		{"who logged in has it", func(w *testWorld) { w.login("bob").disconnect(); w.advance(time.Hour) }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.CreateUsers(w.at, []string{"alice", "bob"})
			w.rest("openim/sendmsg", minute, protocol.OK)
			c.run(w)
			bob := w.login("bob")
			if got := bob.unread("alice"); got != c.unread {
				t.Errorf("unread %d in the list, want %d", got, c.unread)
			}
			told := 0
			for _, n := range bob.sync().C2CPairUnreadCount {
				told += n.UnreadCount
			}
			if told != c.unread {
				t.Errorf("unread %d at the login, want %d", told, c.unread)
			}
			if got := fmt.Sprint(bob.history("alice")); got != "[alice→bob: x]" {
				t.Errorf("history %s", got)
			}
		})
	}
}

// Who is logged in gets a message, if late: its life is that of the storage
// for who is not.
func TestMsgLifeTimeOfWhoIsLoggedIn(t *testing.T) {
	w := newWorld(t, Config{})
	w.CreateUsers(w.at, []string{"alice"})
	bob := w.login("bob")
	bob.sync()
	bob.disconnect()
	w.rest("openim/sendmsg", restMsg(`,"MsgLifeTime":60`), protocol.OK)
	w.advance(2 * time.Minute)
	bob.comeBack()
	bob.expect("alice→bob: x")
	if got := bob.unread("alice"); got != 1 {
		t.Errorf("unread %d", got)
	}
}
