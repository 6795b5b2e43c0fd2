package protocol

import (
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// scan and encoding/json must agree on what is JSON, or the raw parts that are
// handed on would be broken for others.
func FuzzScanAgreesWithEncodingJSON(f *testing.F) {
	for _, text := range []string{
		``, ` `, `{}`, `[]`, ` { "a" : [ 1 , -0.5e+7 , true , null ] , "b\u0041" : "\"\\\/\b\f\n\r\t" } `,
		`{"a":1,}`, `[1,]`, `[,1]`, `{,}`, `{"a"}`, `{"a":}`, `{a:1}`, `01`, `-`, `1.`, `.5`, `1e`, `1e+`, `+1`, `--1`,
		`tru`, `nulll`, `"\x"`, `"\u12g4"`, `"\u123"`, "\"\n\"", `"`, `"\`, `{"a":1}}`, `[[[[`, `]`, `1 2`, "\"\x7f\x80\"",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s := scan{text: text}
		s.space()
		value := s.value(0)
		got := value != nil && s.end()
		if checkText(text) == ErrTooDeep {
			if got {
				t.Fatalf("too deep and accepted: %.60q", text)
			}
			return
		}
		if want := json.Valid(text); got != want {
			t.Fatalf("%.60q: %v, encoding/json says %v", text, got, want)
		}
		walked := scan{text: text}
		walked.space()
		var n int
		object := walked.object(func([]byte) bool { n++; return walked.value(1) != nil }) && walked.end()
		if want := got && isObject(value); object != want {
			t.Fatalf("%.60q: object %v, want %v", text, object, want)
		}
		if got && isText(value) && utf8.Valid(text) {
			// gjson, and so textOf, keeps lone surrogates its own way
			var want string
			if err := json.Unmarshal(value, &want); err == nil && utf8.ValidString(want) && textOf(value) != want && !loneSurrogate(value) {
				t.Fatalf("%s is %q, want %q", value, textOf(value), want)
			}
		}
	})
}

// loneSurrogate tells whether a string may have half of a pair, which decoders
// replace differently.
func loneSurrogate(value []byte) bool {
	for i := 0; i+2 < len(value); i++ {
		if value[i] == '\\' && value[i+1] == 'u' && (value[i+2] == 'd' || value[i+2] == 'D') {
			return true
		}
	}
	return false
}
