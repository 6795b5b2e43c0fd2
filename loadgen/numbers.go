package loadgen

import (
	"encoding/json"
	"sort"
)

// Span is a run of message numbers, both ends included.
type Span struct{ From, To uint32 }

// MarshalJSON writes [from,to].
func (s Span) MarshalJSON() ([]byte, error) { return json.Marshal([2]uint32{s.From, s.To}) }

// UnmarshalJSON reads [from,to].
func (s *Span) UnmarshalJSON(text []byte) error {
	var pair [2]uint32
	if err := json.Unmarshal(text, &pair); err != nil {
		return err
	}
	*s = Span{pair[0], pair[1]}
	return nil
}

// Numbers is a set of message numbers, kept as its spans in order.
type Numbers []Span

// upTo is all numbers from 1 on.
func upTo(n uint32) Numbers {
	if n == 0 {
		return nil
	}
	return Numbers{{1, n}}
}

// add puts a number in; it is false if it was there.
func (s *Numbers) add(n uint32) bool {
	list := *s
	i := sort.Search(len(list), func(i int) bool { return list[i].To >= n })
	if i < len(list) && list[i].From <= n {
		return false
	}
	after := i < len(list) && list[i].From == n+1
	before := i > 0 && list[i-1].To+1 == n
	switch {
	case before && after:
		list[i-1].To = list[i].To
		*s = append(list[:i], list[i+1:]...)
	case before:
		list[i-1].To = n
	case after:
		list[i].From = n
	default:
		list = append(list, Span{})
		copy(list[i+1:], list[i:])
		list[i] = Span{n, n}
		*s = list
	}
	return true
}

func (s Numbers) has(n uint32) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i].To >= n })
	return i < len(s) && s[i].From <= n
}

// count is how many there are.
func (s Numbers) count() (n int64) {
	for _, span := range s {
		n += int64(span.To-span.From) + 1
	}
	return n
}

// minus is what is in s and not in other.
func (s Numbers) minus(other Numbers) Numbers {
	var left Numbers
	i := 0
	for _, span := range s {
		for i < len(other) && other[i].To < span.From {
			i++
		}
		from := span.From
		for j := i; j < len(other) && other[j].From <= span.To; j++ {
			if other[j].From > from {
				left = append(left, Span{from, other[j].From - 1})
			}
			from = other[j].To + 1
		}
		if from <= span.To {
			left = append(left, Span{from, span.To})
		}
	}
	return left
}

// each calls f for every number until it returns false.
func (s Numbers) each(f func(uint32) bool) {
	for _, span := range s {
		for n := span.From; n <= span.To; n++ {
			if !f(n) {
				return
			}
		}
	}
}
