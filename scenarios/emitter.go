package scenarios

import (
	"fmt"

	"github.com/imsim/imsim/port"
)

// fn is a callback argument; the same id is the same function.
func fn(id string) any { return map[string]string{"$fn": id} }

// callbacks lists the ids of the callbacks run since a place in the stream.
func (u *User) callbacks(from int) []string {
	ids := []string{}
	for _, r := range u.inst.Stream().Since(from) {
		if r.Kind == port.RecordCallback {
			ids = append(ids, r.Name)
		}
	}
	return ids
}

func (u *User) wantCallbacks(from int, ids ...string) {
	if got := u.callbacks(from); fmt.Sprint(got) != fmt.Sprint(ids) {
		u.stage.Failf("%s: callbacks run are %q, want %q", u.label(), got, ids)
	}
}

func emitterCases() []Case {
	// Each case listens to SDK_NOT_READY and makes it fire by a logout.
	const event = "sdkStateNotReady"
	logout := func(u *User) int {
		mark := u.inst.Stream().Len()
		u.Call("logout")
		u.Expect("SDK_NOT_READY")
		u.Barrier()
		return mark
	}
	emitter := func(name string, covered []string, run func(*Stage, *User)) Case {
		return Case{
			Name: name, Covers: covered, Needs: []string{port.CapCallbacks}, Source: "session.md §10",
			Run: func(s *Stage) { run(s, s.Login("alice")) },
		}
	}
	return []Case{
		emitter("on subscribes; the handler gets name and data", covers("on"), func(s *Stage, u *User) {
			u.Call("on", event, fn("f1")).Absent("@this")
			mark := logout(u)
			u.wantCallbacks(mark, "f1")
			for _, r := range u.inst.Stream().Since(mark) {
				if r.Kind == port.RecordCallback {
					u.value(r.Data, "arguments").Want("0.name", event)
				}
			}
		}),
		emitter("handlers run in the order of their subscription", covers("on"), func(s *Stage, u *User) {
			for _, id := range []string{"f1", "f2", "f3"} {
				u.Call("on", event, fn(id))
			}
			u.wantCallbacks(logout(u), "f1", "f2", "f3")
		}),
		emitter("the same handler subscribed twice runs twice", covers("on"), func(s *Stage, u *User) {
			u.Call("on", event, fn("f1"))
			u.Call("on", event, fn("f1"))
			u.wantCallbacks(logout(u), "f1", "f1")
		}),
		emitter("one off removes a handler however often it was subscribed", covers("on", "off"), func(s *Stage, u *User) {
			u.Call("on", event, fn("f1"))
			u.Call("on", event, fn("f2"))
			u.Call("on", event, fn("f1"))
			u.Call("off", event, fn("f1")).Absent("@this")
			u.wantCallbacks(logout(u), "f2")
		}),
		emitter("off of another function removes nothing", covers("on", "off"), func(s *Stage, u *User) {
			u.Call("on", event, fn("f1"))
			u.Call("off", event, fn("f2"))
			u.wantCallbacks(logout(u), "f1")
		}),
		emitter("once runs once", covers("once"), func(s *Stage, u *User) {
			u.Call("once", event, fn("f1"))
			u.wantCallbacks(logout(u), "f1")
			u.Login()
			u.wantCallbacks(logout(u))
		}),
		emitter("subscriptions survive logout and login", covers("on", "logout", "login"), func(s *Stage, u *User) {
			u.Call("on", event, fn("f1"))
			u.wantCallbacks(logout(u), "f1")
			u.Login()
			u.wantCallbacks(logout(u), "f1")
		}),
		{
			Name: "once before SDK_READY is refused", Covers: covers("once", "ERROR"), Needs: []string{port.CapCallbacks},
			Source: "session.md §9", Run: func(s *Stage) {
				u := s.Instance("alice")
				u.FailsAs(notReady, "once", event, fn("f1"))
			},
		},
	}
}
