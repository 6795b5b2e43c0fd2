package loadgen

// inbox is what a receiver knows of one conversation: for each sender up to
// which number messages came, and which of those did not. The caller locks.
type inbox struct {
	conv Conv
	upTo []uint32 // by the sender's position in the group; of a chat, one
	// missing are numbers below upTo that did not come yet, pulled those that
	// came in a sync or a history and may still be pushed.
	missing, pulled map[place]bool
	unread          bool
	groupSeq        uint32 // newest sequence of the group that was seen
	readSecond      int64  // up to which the chat was read
}

// place is a sender's position and a number.
type place struct {
	sender int
	n      uint32
}

// arrival is what a message turned out to be.
type arrival int

const (
	fresh      arrival = iota
	overtaken          // fresh, but later ones came before
	duplicated         // pushed twice
	repeated           // known, and told again as syncs and histories do
	absurd             // far beyond anything
)

// maxGap bounds the numbers that one message may leave out: beyond it the
// number itself is wrong.
const maxGap = 1 << 20

// take notes a message. pushed: not one of a sync or a history.
func (b *inbox) take(sender int, n uint32, pushed bool) arrival {
	last := b.upTo[sender]
	if n > last {
		if n-last > maxGap {
			return absurd
		}
		for m := last + 1; m < n; m++ {
			set(&b.missing, place{sender, m})
		}
		b.upTo[sender] = n
		if !pushed {
			set(&b.pulled, place{sender, n})
		}
		return fresh
	}
	at := place{sender, n}
	switch {
	case b.missing[at]:
		delete(b.missing, at)
		if !pushed {
			set(&b.pulled, at)
			return fresh
		}
		return overtaken
	case !pushed:
		return repeated
	case b.pulled[at]:
		delete(b.pulled, at)
		return repeated
	}
	return duplicated
}

func set(m *map[place]bool, at place) {
	if *m == nil {
		*m = map[place]bool{}
	}
	(*m)[at] = true
}

// holding is what came of a sender's messages.
func (b *inbox) holding(sender int) (upTo uint32, missing Numbers) {
	for at := range b.missing {
		if at.sender == sender {
			missing.add(at.n)
		}
	}
	return b.upTo[sender], missing
}
