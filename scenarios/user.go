package scenarios

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/port"
)

// User is an SDK object under test and who is (to be) logged in on it.
type User struct {
	ID        string
	stage     *Stage
	inst      port.Instance
	seen      int // place in the stream from which Expect looks on
	destroyed bool
}

// Value is a JSON value of the port.
type Value struct {
	gjson.Result
	stage *Stage
	what  string
}

// args are the named arguments of a call.
type args = map[string]any

func (u *User) label() string { return u.ID + "@" + u.inst.Name() }

func (u *User) value(raw json.RawMessage, what string) Value {
	return Value{gjson.ParseBytes(raw), u.stage, what}
}

// Login logs in with a fresh ticket, waits for SDK_READY and until the
// requests that the SDK makes of itself at the start are answered: a logout
// that crosses them can leave 2.14 without SDK_READY at the next login.
func (u *User) Login() Value {
	v := u.Call("login", args{"userID": u.ID, "userSig": u.stage.UserSig(u.ID, 0)})
	u.Expect("SDK_READY")
	u.Barrier()
	return v
}

// Try calls a method and leaves a failure to the caller.
func (u *User) Try(api string, list ...any) (port.Answer, *port.CallError) {
	answer, err := u.inst.Call(u.stage.ctx, api, list...)
	shown, _ := json.Marshal(append([]any{}, list...)) // none is [], not null
	var failed *port.CallError
	if err != nil && !errors.As(err, &failed) {
		u.stage.Must(err, fmt.Sprintf("%s: %s%s", u.label(), api, shown))
	}
	if failed != nil {
		u.stage.step("%s: %s%s → %v", u.label(), api, shown, failed)
	} else {
		u.stage.step("%s: %s%s → %s", u.label(), api, shown, answer.Value)
	}
	return answer, failed
}

// Call calls a method that must succeed. A promise's {code:0,data} is checked
// and its data returned; else the value as it is.
func (u *User) Call(api string, list ...any) Value {
	answer, failed := u.Try(api, list...)
	if failed != nil {
		u.stage.Failf("%s: %s failed, should have succeeded: %v", u.label(), api, failed)
	}
	v := u.value(answer.Value, api+"'s value")
	if !answer.Sync && v.IsObject() && v.Get("code").Exists() {
		v.Want("code", 0)
		v.Result = v.Get("data").Result
		v.what = api + "'s data"
	}
	return v
}

// Pending is a call that was not waited for.
type Pending struct {
	user *User
	api  string
	done chan struct{}
	ans  port.Answer
	err  error
}

// Go calls a method without waiting; the call is on its way when Go returns
// control to the port's own order of calls.
func (u *User) Go(api string, list ...any) *Pending {
	p := &Pending{user: u, api: api, done: make(chan struct{})}
	u.stage.step("%s: %s … (not waited for)", u.label(), api)
	go func() {
		defer close(p.done)
		p.ans, p.err = u.inst.Call(u.stage.ctx, api, list...)
	}()
	return p
}

// Wait returns the answer of the call.
func (p *Pending) Wait() (Value, *port.CallError) {
	<-p.done
	var failed *port.CallError
	if p.err != nil && !errors.As(p.err, &failed) {
		p.user.stage.Must(p.err, p.user.label()+": "+p.api)
	}
	p.user.stage.step("%s: … %s → %s %v", p.user.label(), p.api, p.ans.Value, failed)
	v := p.user.value(p.ans.Value, p.api+"'s data")
	if v.Get("code").Exists() && v.Get("data").Exists() {
		v.Result = v.Get("data").Result
	}
	return v, failed
}

// Fails calls a method that must be refused with that code.
func (u *User) Fails(code int, api string, list ...any) *port.CallError {
	return u.FailsAs(Versions[int]{code, code, code}, api, list...)
}

// FailsAs is Fails where the versions differ in the code.
func (u *User) FailsAs(code Versions[int], api string, list ...any) *port.CallError {
	answer, failed := u.Try(api, list...)
	allowed := code.allowed(u.stage.hello)
	if failed == nil {
		u.stage.Failf("%s: %s succeeded with %s, should have failed with code %v", u.label(), api, answer.Value, allowed)
	}
	for _, c := range allowed {
		if failed.Code == c {
			u.stage.step(expected+"%s fails with code %d", api, c)
			return failed
		}
	}
	u.stage.Failf("%s: %s failed with code %d (%s), want %v", u.label(), api, failed.Code, failed.Message, allowed)
	return failed
}

// Throws calls a method whose arguments the SDK must refuse synchronously,
// without a code.
func (u *User) Throws(api string, list ...any) {
	_, failed := u.Try(api, list...)
	switch {
	case failed == nil:
		u.stage.Failf("%s: %s took arguments that it must refuse", u.label(), api)
	case failed.Code != port.CodeNone:
		u.stage.Failf("%s: %s refused its arguments with code %d, want none", u.label(), api, failed.Code)
	}
	u.stage.step(expected+"%s refuses its arguments", api)
}

// Expect waits for the next event of that key, and checks fields of its data:
// pairs of path and value. It looks on from behind the event that the last
// Expect found.
func (u *User) Expect(key string, fields ...any) Value {
	return u.ExpectThat(key, func(v Value) bool {
		for i := 0; i+1 < len(fields); i += 2 {
			if !same(v.Get(fields[i].(string)).Result, fields[i+1]) {
				return false
			}
		}
		return true
	}, fields...)
}

// ExpectThat waits for an event that satisfies a condition; about tells in the
// failure what was wanted.
func (u *User) ExpectThat(key string, ok func(Value) bool, about ...any) Value {
	name := eventName(key)
	match := func(r port.Record) bool {
		return r.Kind == port.RecordEvent && r.Name == name && ok(u.value(r.Data, key))
	}
	r, next, err := u.await(match)
	if err != nil {
		u.stage.Failf("%s: no event %s %v\nfired instead: %s", u.label(), key, about, u.fired(u.seen))
	}
	u.seen = next
	v := u.value(r.Data, key+"'s data")
	u.stage.step("%s: event %s %s", u.label(), key, r.Data)
	return v
}

// Limits of waiting for an event in real time. Later SDKs hold list events
// back for up to a second of their own clock: if nothing comes at first, a
// second is made to pass.
const (
	firstWait = 300 * time.Millisecond
	lastWait  = 5 * time.Second
)

func (u *User) await(match port.Match) (port.Record, int, error) {
	ctx, cancel := context.WithTimeout(u.stage.ctx, firstWait)
	r, next, err := u.inst.Stream().Wait(ctx, u.seen, match)
	cancel()
	if err == nil || u.destroyed {
		return r, next, err
	}
	if u.stage.later() && u.stage.hello.Can(port.CapClock) {
		_ = u.inst.Advance(u.stage.ctx, time.Second)
	}
	ctx, cancel = context.WithTimeout(u.stage.ctx, u.stage.wait)
	defer cancel()
	return u.inst.Stream().Wait(ctx, u.seen, match)
}

// Once is Expect of an event that fires once, where Expect passes over those
// with other data.
func (u *User) Once(key string, fields ...any) Value {
	from, name := u.seen, eventName(key)
	v := u.Expect(key, fields...)
	u.Barrier()
	fired := 0
	for _, r := range u.inst.Stream().Since(from) {
		if r.Kind == port.RecordEvent && r.Name == name {
			fired++
		}
	}
	if fired != 1 {
		u.stage.Failf("%s: event %s fired %d times, want once", u.label(), key, fired)
	}
	return v
}

// neverFired checks that no event of that key was ever fired.
func (u *User) neverFired(key string) {
	u.Barrier()
	if list := u.Events(key); len(list) > 0 {
		u.stage.Failf("%s: event %s fired, but must not: %s", u.label(), key, list[0].Raw)
	}
}

// Never checks that no event of that key was fired since the last Expect,
// after all that was on its way has arrived.
func (u *User) Never(key string) {
	u.Barrier()
	name := eventName(key)
	for _, r := range u.inst.Stream().Since(u.seen) {
		if r.Kind == port.RecordEvent && r.Name == name {
			u.stage.Failf("%s: event %s fired, but must not: %s", u.label(), key, r.Data)
		}
	}
	u.stage.step(expected+"%s: no event %s", u.label(), key)
}

// Barrier returns when everything that the server sent this instance so far
// has been taken in: it asks the server for something on the same socket.
func (u *User) Barrier() {
	if u.destroyed {
		return
	}
	u.stage.steps = append(u.stage.steps, u.label()+": barrier")
	// Nobody has this profile at hand, so the SDK asks for it. Who is not
	// logged in is refused at once: nothing can be on its way then.
	_, _ = u.inst.Call(u.stage.ctx, "getUserProfile", args{"userIDList": []string{fmt.Sprintf("barrier-%d", len(u.stage.steps))}})
}

// Fired lists the keys of the events since a place in the stream.
func (u *User) fired(from int) string {
	var names []string
	for _, r := range u.inst.Stream().Since(from) {
		if r.Kind != port.RecordEvent {
			continue
		}
		name := r.Name
		for _, e := range port.Events {
			if e.Name == r.Name {
				name = e.Key
			}
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, " ")
}

// Events returns the data of all events of that key so far.
func (u *User) Events(key string) []Value {
	name := eventName(key)
	var list []Value
	for _, r := range u.inst.Stream().Since(0) {
		if r.Kind == port.RecordEvent && r.Name == name {
			list = append(list, u.value(r.Data, key+"'s data"))
		}
	}
	return list
}

// Destroy ends the SDK object.
func (u *User) Destroy() {
	u.stage.Must(u.inst.Destroy(u.stage.ctx), "destroy "+u.label())
	u.destroyed = true
}

// Get returns a part of the value, by gjson path.
func (v Value) Get(path string) Value {
	return Value{v.Result.Get(path), v.stage, v.what + "." + path}
}

// Want checks a part of the value.
func (v Value) Want(path string, want any) Value {
	if got := v.Get(path); !same(got.Result, want) {
		v.stage.Failf("%s.%s is %s, want %v", v.what, path, orAbsent(got.Result), want)
	}
	v.stage.step(expected+"%s.%s is %v", v.what, path, orAbsent(v.Get(path).Result))
	return v
}

// WantSome checks that a part of the value is there and not empty.
func (v Value) WantSome(path string) Value {
	got := v.Get(path)
	if raw := got.Raw; !got.Exists() || raw == `""` || raw == "null" || raw == "0" {
		v.stage.Failf("%s.%s is %s, want something", v.what, path, orAbsent(got.Result))
	}
	v.stage.step(expected+"%s.%s is there", v.what, path)
	return v
}

// Absent checks that a part of the value is undefined.
func (v Value) Absent(path string) Value {
	if got := v.Get(path); got.Exists() {
		v.stage.Failf("%s.%s is %s, want undefined", v.what, path, got.Raw)
	}
	v.stage.step(expected+"%s.%s is undefined", v.what, path)
	return v
}

// Ref is the value as an argument: a handle for a message.
func (v Value) Ref() any {
	ref := v.Get("$ref").Str
	if ref == "" {
		v.stage.Failf("%s is %s, want a message", v.what, orAbsent(v.Result))
	}
	return map[string]string{"$ref": ref}
}

func orAbsent(r gjson.Result) string {
	if !r.Exists() {
		return "undefined"
	}
	return r.Raw
}

// same compares a JSON value with a Go value as JSON does.
func same(got gjson.Result, want any) bool {
	if want == nil {
		return got.Type == gjson.Null && got.Exists()
	}
	if !got.Exists() {
		return false
	}
	text, err := json.Marshal(want)
	if err != nil {
		return false
	}
	return reflect.DeepEqual(got.Value(), gjson.ParseBytes(text).Value())
}

// Quiet lets list events that are held back fire, so that what fires
// from here on is news.
func (u *User) Quiet() {
	u.Barrier()
	if u.stage.later() && u.stage.hello.Can(port.CapClock) {
		u.stage.Must(u.inst.Advance(u.stage.ctx, time.Second), "advance "+u.label())
	}
	u.Settle()
}
