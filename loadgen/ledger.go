package loadgen

import (
	"math"
	"strconv"
)

// Ledger is what one process knows of the fleet's messages. It is exact, and
// small while things go well: a stream of messages that all members of a group
// got is one entry.
type Ledger struct {
	Sent     []Sent     `json:"sent"`
	Received []Received `json:"received"`
	Visits   []Visit    `json:"visits,omitempty"`
	// Faulty lists messages that were seen to be wrong on arrival, the first
	// maxFaulty of them; the counters are exact.
	Faulty     []Faulty `json:"faulty,omitempty"`
	Duplicated int64    `json:"duplicated"`
	OutOfOrder int64    `json:"outOfOrder"`
	Unexpected int64    `json:"unexpected"`
	Repeated   int64    `json:"repeated"`
	// Begun are recalls and reads that users of other processes are told of, and
	// when they should have started; Seen are the notices of others' and when
	// they came: microseconds since 1970.
	Begun map[string]int64   `json:"begun,omitempty"`
	Seen  map[string][]int64 `json:"seen,omitempty"`
}

// maxFaulty bounds the lists of messages, not the counts.
const maxFaulty = 1000

// Sent is what a user sent into a conversation: numbers from 1 to Sent.
type Sent struct {
	From       int32   `json:"from"`
	To         Conv    `json:"to"`
	Sent       uint32  `json:"sent"`
	Failed     Numbers `json:"failed,omitempty"`     // refused with a code
	Unanswered Numbers `json:"unanswered,omitempty"` // no reply came
	Recalled   Numbers `json:"recalled,omitempty"`   // who was away need not get them
	// Seqs are the MsgSeq of those that visitors of the group get, too, by number
	// from 1 on; 0: not known.
	Seqs []uint32 `json:"seqs,omitempty"`
}

// Received is what the receivers of a process got of a stream: UpTo for all of
// them but those in Except.
type Received struct {
	From   int32    `json:"from"`
	To     Conv     `json:"to"`
	UpTo   uint32   `json:"upTo"`
	Except []Holder `json:"except,omitempty"`
}

// Holder is a receiver that got something else than most.
type Holder struct {
	User    int32   `json:"user"`
	UpTo    uint32  `json:"upTo"`
	Missing Numbers `json:"missing,omitempty"`
}

func (h Holder) got() Numbers { return upTo(h.UpTo).minus(h.Missing) }

// fits tells whether a ledger can be one of a plan: it was read from a file.
func (l *Ledger) fits(p *Plan) bool {
	user := func(no int32) bool { return no >= 0 && int(no) < p.Spec.Users }
	conv := func(to Conv) bool {
		if g, grouped := to.group(); grouped {
			return int(g) < len(p.Groups)
		}
		return user(int32(to))
	}
	within := func(most uint32, sets ...Numbers) bool {
		for _, set := range sets {
			last := uint32(0)
			for _, span := range set {
				if span.From <= last || span.To < span.From || span.To > most {
					return false
				}
				last = span.To
			}
		}
		return true
	}
	for _, s := range l.Sent {
		if !user(s.From) || !conv(s.To) || !within(s.Sent, s.Failed, s.Unanswered, s.Recalled) || len(s.Seqs) > int(s.Sent) {
			return false
		}
	}
	for _, r := range l.Received {
		if !user(r.From) || !conv(r.To) {
			return false
		}
		for _, h := range r.Except {
			if !user(h.User) || !within(h.UpTo, h.Missing) {
				return false
			}
		}
	}
	for _, v := range l.Visits {
		if _, grouped := v.To.group(); !user(v.User) || !grouped || !conv(v.To) || len(v.Got) == 0 || !within(math.MaxUint32, v.Got) {
			return false
		}
	}
	return true
}

// Faulty is a message and what is wrong with it.
type Faulty struct {
	Problem  string `json:"problem"` // lost, duplicated, out of order, unexpected
	ID       string `json:"id"`      // as in the text of the message
	From     string `json:"from"`    // userID
	To       string `json:"to"`      // userID or group ID
	Receiver string `json:"receiver,omitempty"`
	MsgSeq   uint32 `json:"msgSeq,omitempty"` // C2C; of a group: its ClientSeq
	Note     string `json:"note,omitempty"`
}

// Problems of messages.
const (
	Lost       = "lost"
	Duplicated = "duplicated"
	OutOfOrder = "out of order"
	Unexpected = "unexpected"
)

// messageID names a message; it stands in its text.
func messageID(from int32, to Conv, n uint32) string {
	return "u" + strconv.Itoa(int(from)) + ">" + to.String() + "#" + strconv.FormatUint(uint64(n), 10)
}

func (p *Plan) faulty(problem string, from int32, to Conv, n uint32, receiver int32, note string) Faulty {
	f := Faulty{
		Problem: problem, ID: messageID(from, to, n), From: p.UserID(from), MsgSeq: n,
		Receiver: p.UserID(receiver), Note: note,
	}
	if g, ok := to.group(); ok {
		f.To = p.GroupID(g)
	} else {
		f.To = p.UserID(int32(to))
	}
	return f
}
