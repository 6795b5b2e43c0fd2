package wirecheck

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tidwall/gjson"
)

// Check holds a trace against the rules and returns what breaks them, in the
// order of the frames. The lines are those of GET /_imsim/trace for all users.
// If the trace does not reach back to the beginning, rules about what came
// before are not applied to connections that were open already.
func Check(trace []json.RawMessage) []Finding {
	c := &checker{conns: map[int64]*conn{}, instances: map[string]map[int64]bool{}}
	for i, line := range trace {
		f := parse(line)
		if i == 0 {
			c.whole = f.n == 1
		}
		c.see(f)
	}
	c.unanswered()
	slices.SortStableFunc(c.found, func(a, b Finding) int { return a.Frame - b.Frame })
	return c.found
}

// checker is what is known of a trace so far.
type checker struct {
	whole     bool // the trace has its beginning
	conns     map[int64]*conn
	instances map[string]map[int64]bool // InstIds given out, by TinyId, or from before the trace
	found     []Finding
}

// instance notes one that exists.
func (c *checker) instance(tinyID string, id int64) {
	if c.instances[tinyID] == nil {
		c.instances[tinyID] = map[int64]bool{}
	}
	c.instances[tinyID][id] = true
}

// conn is a connection.
type conn struct {
	whole    bool // seen from its beginning
	over     bool
	lastSeq  float64
	loggedIn bool
	greeted  bool                // a login succeeded here
	asked    map[string]*request // by servcmd and seq
	order    []*request
	sessions map[string]bool // SessionData of its pushes
	seen     map[string]int  // pushed messages, and in which frame
	groupSeq map[string]int64
	lastTime int64
}

// request is one that was asked.
type request struct {
	n        int
	servcmd  string
	lost     bool // a fault took it
	answered bool
}

// frame is a line of a trace.
type frame struct {
	n          int
	dir, user  string
	conn       int64
	fault      string
	head, body gjson.Result
	raw        gjson.Result
}

func parse(line []byte) frame {
	r := gjson.ParseBytes(line)
	raw := r.Get("frame")
	return frame{
		n: int(r.Get("n").Int()), dir: r.Get("dir").Str, user: r.Get("userID").Str, conn: r.Get("conn").Int(),
		fault: r.Get("fault").Str, head: raw.Get("head"), body: raw.Get("body"), raw: raw,
	}
}

// well tells whether the frame is an envelope, or says why not.
func (f frame) well() string {
	switch {
	case !f.raw.IsObject():
		return "the frame is no JSON object: " + short(f.raw.Raw)
	case !f.head.IsObject():
		return "there is no object head"
	case f.head.Get("servcmd").Type != gjson.String || f.servcmd() == "":
		return "head has no string servcmd"
	case f.head.Get("seq").Type != gjson.Number && f.head.Get("seq").Type != gjson.String:
		return "head has no number or string seq"
	case !f.body.IsObject():
		return "there is no object body"
	}
	return ""
}

func (f frame) servcmd() string { return f.head.Get("servcmd").Str }

// key is what a reply repeats of its request.
func (f frame) key() string { return f.servcmd() + " " + f.head.Get("seq").String() }

func (c *checker) say(side Side, rule string, n int, format string, args ...any) {
	c.found = append(c.found, Finding{side, rule, n, fmt.Sprintf(format, args...)})
}

func (c *checker) see(f frame) {
	at := c.conns[f.conn]
	if at == nil {
		at = &conn{
			whole: c.whole || f.dir == "open",
			asked: map[string]*request{}, sessions: map[string]bool{}, seen: map[string]int{}, groupSeq: map[string]int64{},
		}
		c.conns[f.conn] = at
	}
	switch f.dir {
	case "close":
		at.over = true
	case "up":
		c.request(at, f)
	case "down":
		c.downlink(at, f)
	}
}

// unanswered looks, at the end, for requests that nobody answered.
func (c *checker) unanswered() {
	for _, at := range c.conns {
		for _, r := range at.order {
			if !r.answered && !r.lost && !at.over && !forms[r.servcmd].silent && !forms[r.servcmd].held {
				c.say(Backend, RuleAnswered, r.n, "%s is not answered", r.servcmd)
			}
		}
	}
}
