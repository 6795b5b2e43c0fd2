package scenarios

import (
	"context"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

// frames are the frames of the user that the server remembers, one way.
func (u *User) frames(dir string) []gjson.Result {
	text, err := u.stage.server.Trace(u.stage.ctx, "")
	u.stage.Must(err, "read the trace")
	var list []gjson.Result
	for line := range strings.Lines(string(text)) {
		if f := gjson.Parse(line); f.Get("dir").Str == dir {
			list = append(list, f)
		}
	}
	return list
}

// sent counts the requests of a command whose body has that field.
func (u *User) sent(servcmd, field string, value any) int {
	n := 0
	for _, f := range u.frames("up") {
		if f.Get("userID").Str != u.ID || f.Get("frame.head.servcmd").Str != servcmd {
			continue
		}
		if field == "" || same(f.Get("frame.body."+field), value) {
			n++
		}
	}
	return n
}

// awaitCommand waits until the server has got a request of that command from
// anybody: what the SDK does in its own time is seen there first.
func (u *User) awaitCommand(servcmd string) {
	ctx, cancel := context.WithTimeout(u.stage.ctx, u.stage.wait)
	defer cancel()
	err := u.stage.server.Follow(ctx, func(frame []byte) bool {
		f := gjson.ParseBytes(frame)
		return f.Get("dir").Str != "up" || f.Get("frame.head.servcmd").Str != servcmd
	})
	u.stage.Must(err, "wait until the server gets "+servcmd)
}

// comeBack makes a disconnected SDK dial again: 2.14 and 3.6 do so only when
// there is something to ask. Nobody waits for the answer.
func (u *User) comeBack() {
	u.Go("getUserProfile", args{"userIDList": []string{"nobody"}})
}

// requests are the bodies of a command's requests, as the server got them from
// the user.
func (u *User) requests(servcmd string) []Value {
	var list []Value
	for _, f := range u.frames("up") {
		if f.Get("userID").Str == u.ID && f.Get("frame.head.servcmd").Str == servcmd {
			list = append(list, Value{f.Get("frame.body"), u.stage, "the body of " + servcmd})
		}
	}
	return list
}

// request is the newest of them.
func (u *User) request(servcmd string) Value {
	list := u.requests(servcmd)
	if len(list) == 0 {
		u.stage.Failf("%s: the server got no %s", u.label(), servcmd)
	}
	return list[len(list)-1]
}

// WantSent checks how often a command was asked.
func (u *User) WantSent(servcmd string, want int) {
	if n := len(u.requests(servcmd)); n != want {
		u.stage.Failf("%s: the server got %d of %s, want %d", u.label(), n, servcmd, want)
	}
	u.stage.step(expected+"the server got %d of %s", want, servcmd)
}

// msgKey is how the wire names a C2C message.
func (v Value) msgKey() string {
	return fmt.Sprintf("%d_%d_%d", v.Get("sequence").Int(), v.Get("random").Int(), v.Get("time").Int())
}
