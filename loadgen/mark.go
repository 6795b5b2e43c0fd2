package loadgen

import (
	"bytes"
	"strconv"
	"time"
)

// A message's text begins with its mark: imsim:RUN:FROM:TO:N:MICROS; — the
// sender's number, the conversation, the message's number in it, and when it
// should have been sent, in microseconds since 1970. It stands as it is in
// every form of JSON.

var markStart = []byte("imsim:")

type mark struct {
	from int32
	to   Conv
	n    uint32
	at   time.Time
}

const filler = "The quick brown fox jumps over the lazy dog and says so to everybody who cares to listen. "

// appendText appends a text with a mark, of a size or as long as the mark.
func appendText(dst []byte, run string, m mark, size int) []byte {
	start := len(dst)
	dst = append(append(dst, markStart...), run...)
	dst = strconv.AppendInt(append(dst, ':'), int64(m.from), 10)
	dst = append(append(dst, ':'), m.to.String()...)
	dst = strconv.AppendUint(append(dst, ':'), uint64(m.n), 10)
	dst = strconv.AppendInt(append(dst, ':'), m.at.UnixMicro(), 10)
	dst = append(dst, ';')
	for rest := size - (len(dst) - start); rest > 0; rest = size - (len(dst) - start) {
		dst = append(dst, filler[:min(rest, len(filler))]...)
	}
	return dst
}

// scanMarks calls each for every mark of the run in a frame's body; it tells
// whether there was any mark, of whatever run.
func scanMarks(body []byte, run string, each func(mark)) (any bool) {
	for {
		i := bytes.Index(body, markStart)
		if i < 0 {
			return any
		}
		any = true
		body = body[i+len(markStart):]
		if m, ok := parseMark(body, run); ok {
			each(m)
		}
	}
}

func parseMark(text []byte, run string) (m mark, ok bool) {
	if len(text) < len(run) || string(text[:len(run)]) != run {
		return m, false
	}
	text = text[len(run):]
	from, text, ok1 := field(text, ':', ':')
	if len(text) < 2 {
		return m, false
	}
	kind := text[1]
	to, text, ok2 := field(text[1:], kind, ':')
	n, text, ok3 := field(text, ':', ':')
	at, _, ok4 := field(text, ':', ';')
	const most = 1<<31 - 1
	if !ok1 || !ok2 || !ok3 || !ok4 || from > most || to > most || n == 0 || n > 1<<32-1 {
		return m, false
	}
	m = mark{from: int32(from), to: WithUser(int32(to)), n: uint32(n), at: time.UnixMicro(at)}
	switch kind {
	case 'u':
	case 'g':
		m.to = InGroup(int32(to))
	default:
		return m, false
	}
	return m, true
}

// field reads a number between two bytes; rest begins with the second.
func field(text []byte, open, end byte) (n int64, rest []byte, ok bool) {
	if len(text) == 0 || text[0] != open {
		return 0, nil, false
	}
	i := 1
	for ; i < len(text) && i < 19 && text[i] >= '0' && text[i] <= '9'; i++ {
		n = n*10 + int64(text[i]-'0')
	}
	if i == 1 || i == len(text) || text[i] != end {
		return 0, nil, false
	}
	return n, text[i:], true
}
