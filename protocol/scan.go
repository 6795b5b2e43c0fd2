package protocol

import (
	"bytes"
	"unicode/utf8"
	"unsafe"

	"github.com/tidwall/gjson"
)

// scan walks a JSON text once, checking and taking apart at the same time: on
// the path that every message takes, one more pass to validate costs as much
// as the rules. It accepts what encoding/json accepts, up to MaxDepth.
type scan struct {
	text []byte
	at   int
}

// whole runs a walk over a text that holds nothing else and is UTF-8.
func whole(text []byte, walk func(*scan) bool) error {
	s := scan{text: text}
	s.space()
	if walk(&s) && s.end() && utf8.Valid(text) {
		return nil
	}
	if err := checkText(text); err != nil {
		return err // the reason
	}
	return ErrNotJSON
}

// space takes what may stand between tokens: mostly nothing.
func (s *scan) space() {
	if s.at < len(s.text) && s.text[s.at] <= ' ' {
		s.spaces()
	}
}

func (s *scan) spaces() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// peek is the next byte; 0 at the end.
func (s *scan) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func (s *scan) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

// end tells whether nothing but space is left.
func (s *scan) end() bool {
	s.space()
	return s.at == len(s.text)
}

// key takes a field's name, with its quotes, and the colon.
func (s *scan) key() []byte {
	start := s.at
	if !s.str() {
		return nil
	}
	key := s.text[start:s.at]
	if s.space(); !s.take(':') {
		return nil
	}
	s.space()
	return key
}

// more takes the comma before another item, or the closing bracket.
func (s *scan) more(closing byte) (more, ok bool) {
	if s.space(); s.take(',') {
		s.space()
		return true, true
	}
	return false, s.take(closing)
}

// object hands the name of each field to field, which takes the value; false
// from field ends the walk.
func (s *scan) object(field func(name []byte) bool) bool {
	if !s.take('{') {
		return false
	}
	if s.space(); s.take('}') {
		return true
	}
	for {
		key := s.key()
		if key == nil {
			return false
		}
		name := key[1 : len(key)-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			name = []byte(textOf(key))
		}
		if !field(name) {
			return false
		}
		if more, ok := s.more('}'); !more {
			return ok
		}
	}
}

// array calls item at the beginning of each item, which it takes.
func (s *scan) array(item func() bool) bool {
	if !s.take('[') {
		return false
	}
	if s.space(); s.take(']') {
		return true
	}
	for {
		if !item() {
			return false
		}
		if more, ok := s.more(']'); !more {
			return ok
		}
	}
}

// value takes a value and returns its text; nil if there is none. Depth is how
// many brackets it is in.
func (s *scan) value(depth int) []byte {
	start := s.at
	if !s.skip(depth) {
		return nil
	}
	return s.text[start:s.at]
}

func (s *scan) skip(depth int) bool {
	switch s.peek() {
	case '"':
		return s.str()
	case '{':
		return s.skipItems('}', depth+1)
	case '[':
		return s.skipItems(']', depth+1)
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	return s.number()
}

// skipItems takes an object or an array.
func (s *scan) skipItems(closing byte, depth int) bool {
	s.at++
	if depth > MaxDepth {
		return false
	}
	if s.space(); s.take(closing) {
		return true
	}
	for {
		if closing == '}' && s.key() == nil {
			return false
		}
		if !s.skip(depth) {
			return false
		}
		if more, ok := s.more(closing); !more {
			return ok
		}
	}
}

func (s *scan) word(w string) bool {
	if len(s.text)-s.at < len(w) || string(s.text[s.at:s.at+len(w)]) != w {
		return false
	}
	s.at += len(w)
	return true
}

// inString are the bytes that stand for themselves in a string.
var inString = func() (t [256]bool) {
	for c := ' '; c < 256; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// str takes a string with its quotes.
func (s *scan) str() bool {
	if !s.take('"') {
		return false
	}
	for text, i := s.text, s.at; i < len(text); i++ {
		if inString[text[i]] {
			continue
		}
		switch text[i] {
		case '"':
			s.at = i + 1
			return true
		case '\\':
			n := escape(text[i+1:])
			if n == 0 {
				return false
			}
			i += n
		default:
			return false
		}
	}
	return false
}

// escape is the length of what stands behind a backslash; 0 if it is none.
func escape(p []byte) int {
	if len(p) == 0 {
		return 0
	}
	switch p[0] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 1
	case 'u':
		if len(p) < 5 {
			return 0
		}
		for _, c := range p[1:5] {
			if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
				return 0
			}
		}
		return 5
	}
	return 0
}

func (s *scan) number() bool {
	s.take('-')
	if !s.take('0') && !s.digits() {
		return false
	}
	if c := s.peek(); c != '.' && c|0x20 != 'e' {
		return true
	}
	if s.take('.') && !s.digits() {
		return false
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		return s.digits()
	}
	return true
}

func (s *scan) digits() bool {
	i := s.at
	for i < len(s.text) && s.text[i] >= '0' && s.text[i] <= '9' {
		i++
	}
	some := i > s.at
	s.at = i
	return some
}

// The kinds of a taken value show in its first byte.

func isObject(value []byte) bool { return value[0] == '{' }
func isText(value []byte) bool   { return value[0] == '"' }
func isNumber(value []byte) bool { return value[0] == '-' || value[0] >= '0' && value[0] <= '9' }

// textOf is what a string says; value has its quotes.
func textOf(value []byte) string {
	if inner := value[1 : len(value)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	return gjson.ParseBytes(value).Str
}

// textWithin is textOf without a copy, if it can be: for a text that is never
// written to.
func textWithin(value []byte) string {
	if inner := value[1 : len(value)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return view(inner)
	}
	return textOf(value)
}

func view(p []byte) string { return unsafe.String(unsafe.SliceData(p), len(p)) }

// intOf reads whole numbers of usual size by itself; whatever else a field may
// hold is read as gjson reads it.
func intOf(value []byte) int64 {
	if len(value) > 18 {
		return gjson.ParseBytes(value).Int()
	}
	var n int64
	for _, c := range value {
		if c < '0' || c > '9' {
			return gjson.ParseBytes(value).Int()
		}
		n = n*10 + int64(c-'0')
	}
	return n
}
