package loadgen

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/imsim/imsim/protocol"
)

// Kind is what an operation does. Its name is also that of its latency, from
// the intended start to the reply.
type Kind string

// Kinds of operations.
const (
	Message Kind = "message"
	Recall  Kind = "recall"
	Read    Kind = "read"
	History Kind = "history"
	Join    Kind = "join" // or leave
	Kick    Kind = "kick"
	Login   Kind = "login"
	Cut     Kind = "cut"
)

// Conv is a conversation: with a user, or in a group.
type Conv int32

// WithUser is the conversation with a user, InGroup that of a group.
func WithUser(no int32) Conv { return Conv(no) }

// InGroup is the conversation of a group.
func InGroup(no int32) Conv { return Conv(-1 - no) }

// group is the group's number.
func (c Conv) group() (no int32, ok bool) { return int32(-1 - c), c < 0 }

// String is u7 for the user with the number 7, g7 for the group.
func (c Conv) String() string {
	if g, ok := c.group(); ok {
		return "g" + strconv.Itoa(int(g))
	}
	return "u" + strconv.Itoa(int(c))
}

// MarshalText implements encoding.TextMarshaler.
func (c Conv) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *Conv) UnmarshalText(text []byte) error {
	if len(text) > 1 {
		n, err := strconv.ParseInt(string(text[1:]), 10, 32)
		switch {
		case err != nil || n < 0:
		case text[0] == 'u':
			*c = WithUser(int32(n))
			return nil
		case text[0] == 'g':
			*c = InGroup(int32(n))
			return nil
		}
	}
	return fmt.Errorf("%q is no conversation like u7 or g7", text)
}

// Action is one operation of a plan.
type Action struct {
	At   time.Duration // after the start
	Kind Kind
	User int32 // who does it
	Conv Conv  // where
	Size int   // bytes of text, of a message
}

// Streams of chance: each part of a plan has its own, so that a change in one
// does not move the others.
const (
	groupStream = 1 + iota
	arrivalStream
	actionStream
	stormStream
	userStreams // and on: one a user
)

func source(seed, stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, stream*0x9e3779b97f4a7c15))
}

// GroupPlan is a group of the fleet.
type GroupPlan struct {
	Type    string  // its name on the wire
	Members []int32 // in order; the first one made it
}

// Plan is what a Spec comes to. It depends on nothing else.
type Plan struct {
	Spec   Spec
	Groups []GroupPlan
	// groupsOf lists a user's groups, Visited the one that it joins and leaves.
	groupsOf [][]int32
	visited  []int32
}

// NewPlan makes the plan of a complete Spec.
func NewPlan(spec Spec) (*Plan, error) {
	if err := spec.Complete(); err != nil {
		return nil, err
	}
	p := &Plan{Spec: spec}
	switch spec.Workload {
	case LiveRoom:
		room := GroupPlan{Type: protocol.GroupAVChatRoom}
		for u := range spec.Users {
			room.Members = append(room.Members, int32(u))
		}
		p.Groups = []GroupPlan{room}
	case Group:
		p.groupUp()
	case Mixed:
		if spec.GroupShare > 0 || spec.Weights.Join > 0 {
			p.groupUp()
		}
	}
	if len(p.Groups) == 0 {
		return p, nil
	}
	p.groupsOf = make([][]int32, spec.Users)
	for g := range p.Groups {
		for _, u := range p.Groups[g].Members {
			p.groupsOf[u] = append(p.groupsOf[u], int32(g))
		}
	}
	p.visited = make([]int32, spec.Users)
	for u := range p.visited {
		p.visited[u] = -1
		if len(p.Groups) > 1 { // the group after the own one
			p.visited[u] = (p.groupsOf[u][0] + 1) % int32(len(p.Groups))
		}
	}
	return p, nil
}

// maxGroup is the most members that the largest edition allows.
const maxGroup = 6000

// groupUp puts every user into one group.
func (p *Plan) groupUp() {
	r := source(p.Spec.Seed, groupStream)
	users := r.Perm(p.Spec.Users)
	for len(users) > 0 {
		n := min(max(int(p.Spec.GroupSize.draw(r)), 2), maxGroup, len(users))
		if len(users)-n == 1 {
			n++ // nobody is alone
		}
		g := GroupPlan{Type: protocol.GroupPublic}
		for _, u := range users[:n] {
			g.Members = append(g.Members, int32(u))
		}
		slices.Sort(g.Members)
		p.Groups = append(p.Groups, g)
		users = users[n:]
	}
}

// Peer is whom a user writes.
func (p *Plan) Peer(user int32) int32 {
	n := int32(p.Spec.Users)
	if p.Spec.Pairs == Far {
		half := n / 2
		switch {
		case user == n-1 && n%2 == 1:
			return 0
		case user < half:
			return user + half
		}
		return user - half
	}
	if peer := user ^ 1; peer < n {
		return peer
	}
	return 0 // the last one of an odd number
}

// UserID is the user's name.
func (p *Plan) UserID(user int32) string {
	digits := strconv.Itoa(int(user))
	return p.Spec.UserPrefix + strings.Repeat("0", max(0, 6-len(digits))) + digits
}

// GroupID is the group's name; it is of this run alone.
func (p *Plan) GroupID(group int32) string {
	return "load-" + p.Spec.Run + "-" + strconv.Itoa(int(group))
}

// position of a user among the members of a group.
func (p *Plan) position(group, user int32) (int, bool) {
	return slices.BinarySearch(p.Groups[group].Members, user)
}

// Actions are the operations of the open model in the order of their start.
func (p *Plan) Actions() iter.Seq[Action] {
	return func(yield func(Action) bool) {
		arrivals := newSchedule(&p.Spec)
		draw := p.drawing(source(p.Spec.Seed, actionStream))
		storms := p.storms()
		storm, stormy := storms()
		for at, ok := arrivals.take(); ok; at, ok = arrivals.take() {
			for stormy && storm.At <= at {
				if !yield(storm) {
					return
				}
				storm, stormy = storms()
			}
			a := draw()
			a.At = at
			if !yield(a) {
				return
			}
		}
	}
}

// drawing returns the function that draws who does what, the instant left out.
func (p *Plan) drawing(r *rand.Rand) func() Action {
	s := &p.Spec
	turns := map[int32]int{} // of a pair: messages that its speaker still writes
	speaker := map[int32]int32{}
	next := int32(-1)
	return func() Action {
		switch s.Workload {
		case LoginStorm:
			next = (next + 1) % int32(s.Users)
			return Action{Kind: Login, User: next}
		case LiveRoom:
			return p.message(r, 0, InGroup(0))
		case Group:
			user := r.Int32N(int32(s.Users))
			return p.message(r, user, InGroup(p.groupsOf[user][0]))
		case Mixed:
			return p.mixed(r, r.Int32N(int32(s.Users)))
		}
		// People take turns, of one or a few messages.
		user := r.Int32N(int32(s.Users))
		pair := min(user, p.Peer(user))
		if turns[pair] == 0 {
			turns[pair] = 1 + int(r.ExpFloat64())
			speaker[pair] = user
			if before, spoke := speaker[pair]; spoke {
				speaker[pair] = p.Peer(before)
			}
		}
		turns[pair]--
		user = speaker[pair]
		return p.message(r, user, WithUser(p.Peer(user)))
	}
}

func (p *Plan) message(r *rand.Rand, user int32, conv Conv) Action {
	return Action{Kind: Message, User: user, Conv: conv, Size: int(min(p.Spec.MessageSize.draw(r), maxSize))}
}

// mixed draws an operation of a user by weight.
func (p *Plan) mixed(r *rand.Rand, user int32) Action {
	w := p.Spec.Weights
	conv := WithUser(p.Peer(user))
	if len(p.Groups) > 0 && r.Float64() < p.Spec.GroupShare {
		conv = InGroup(p.groupsOf[user][0])
	}
	at := r.Float64() * w.sum()
	for _, c := range []struct {
		kind   Kind
		weight float64
	}{{Recall, w.Recall}, {Read, w.Read}, {History, w.History}, {Join, w.Join}, {Kick, w.Kick}} {
		if at -= c.weight; at >= 0 {
			continue
		}
		if c.kind == Join {
			if p.visited == nil || p.visited[user] < 0 {
				break // there is no other group
			}
			conv = InGroup(p.visited[user])
		}
		return Action{Kind: c.kind, User: user, Conv: conv}
	}
	return p.message(r, user, conv)
}

// storms draws who loses the connection, and when.
func (p *Plan) storms() func() (Action, bool) {
	s := &p.Spec
	if s.Workload != ReconnectStorm {
		return func() (Action, bool) { return Action{}, false }
	}
	r := source(s.Seed, stormStream)
	at := time.Duration(0)
	var hit []int
	return func() (Action, bool) {
		for len(hit) == 0 {
			at += time.Duration(s.Storm.Every)
			if at >= time.Duration(s.Duration) || s.Storm.Share == 0 {
				return Action{}, false
			}
			hit = r.Perm(s.Users)[:int(s.Storm.Share*float64(s.Users))]
			slices.Sort(hit)
			if len(hit) == 0 {
				return Action{}, false
			}
		}
		a := Action{At: at, Kind: Cut, User: int32(hit[0])}
		hit = hit[1:]
		return a, true
	}
}

// habits returns what one user of the closed model does: each call gives the
// next operation and how long the user thinks before it.
func (p *Plan) habits(user int32) func() (time.Duration, Action) {
	s := &p.Spec
	r := source(s.Seed, userStreams+uint64(user))
	return func() (time.Duration, Action) {
		a := Action{Kind: Login, User: user}
		switch s.Workload {
		case C2C, ReconnectStorm:
			a = p.message(r, user, WithUser(p.Peer(user)))
		case Group:
			a = p.message(r, user, InGroup(p.groupsOf[user][0]))
		case LiveRoom:
			a = p.message(r, user, InGroup(0))
		case Mixed:
			a = p.mixed(r, user)
		}
		if !s.Think.Zero() {
			return s.Think.duration(r), a
		}
		return rhythm(r, a.Size), a
	}
}

// rhythm is how long a person takes before a text is sent: a pause to read and
// think, and the time to type it.
func rhythm(r *rand.Rand, size int) time.Duration {
	const (
		typed = 6.0 // characters a second
		pause = 2.0 // seconds, on average
		most  = 60.0
	)
	speed := typed * (0.5 + r.Float64())
	return time.Duration(min(pause*r.ExpFloat64()+float64(size)/speed, most) * float64(time.Second))
}
