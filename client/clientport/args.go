package clientport

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"regexp"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/client"
)

// arguments are a call's, as JSON; an absent or undefined one does not Exist.
type arguments []gjson.Result

func parseArgs(args []any) (arguments, error) {
	list := make(arguments, len(args))
	for n, a := range args {
		raw, ok := a.(json.RawMessage)
		if !ok {
			var err error
			if raw, err = json.Marshal(a); err != nil {
				return nil, fmt.Errorf("argument %d: %w", n, err)
			}
		}
		if !gjson.ValidBytes(raw) {
			return nil, fmt.Errorf("argument %d is no JSON", n)
		}
		list[n] = defined(gjson.ParseBytes(raw))
	}
	return list, nil
}

func defined(v gjson.Result) gjson.Result {
	if v.IsObject() && v.Get(`\$undefined`).Bool() {
		return gjson.Result{}
	}
	return v
}

func (a arguments) at(n int) gjson.Result {
	if n < len(a) {
		return a[n]
	}
	return gjson.Result{}
}

// Types of the reference's parameter checks.
const (
	isString   = "string"
	isNumber   = "number"
	isBoolean  = "boolean"
	isArray    = "array"
	isObject   = "object"
	isFunction = "function"
)

func typeOf(v gjson.Result) string {
	switch {
	case v.Type == gjson.String:
		return isString
	case v.Type == gjson.Number:
		return isNumber
	case v.Type == gjson.True, v.Type == gjson.False:
		return isBoolean
	case v.IsArray():
		return isArray
	case v.IsObject() && v.Get(`\$fn`).Exists():
		return isFunction
	case v.IsObject():
		return isObject
	}
	return "" // undefined or null
}

// empty is what the reference takes for missing.
func empty(v gjson.Result) bool {
	switch typeOf(v) {
	case "":
		return true
	case isString:
		return v.Str == ""
	case isNumber:
		return v.Num == 0
	case isArray, isObject:
		none := true
		v.ForEach(func(_, _ gjson.Result) bool { none = false; return false })
		return none
	}
	return false
}

// param is one parameter and its check.
type param struct {
	name     string
	kind     string
	required bool
	valid    func(gjson.Result) bool
}

func (p param) check(api string, v gjson.Result) error {
	v = defined(v)
	switch {
	case p.required && empty(v):
		return &client.ParamError{API: api, Param: p.name, Why: "is missing"}
	case !empty(v) && typeOf(v) != p.kind:
		return &client.ParamError{API: api, Param: p.name, Why: "is no " + p.kind}
	case p.valid != nil && !p.valid(v):
		return &client.ParamError{API: api, Param: p.name, Why: "is not valid"}
	}
	return nil
}

// check goes through named parameters (the fields of the one argument) or
// through positional ones. Other than one argument counts as none, as in the
// reference.
func (m method) check(api string, list arguments) error {
	for n, p := range m.positional {
		if err := p.check(api, list.at(n)); err != nil {
			return err
		}
	}
	var only gjson.Result
	if len(list) == 1 {
		only = list[0]
	}
	for _, p := range m.named {
		if err := p.check(api, only.Get(p.name)); err != nil {
			return err
		}
	}
	return nil
}

var positive = regexp.MustCompile(`^[1-9][0-9]*$`)

func optionalCount(v gjson.Result) bool { return !v.Exists() || positive.MatchString(v.Raw) }

func textInside(v gjson.Result) bool {
	t := v.Get("text")
	return t.Type == gjson.String && t.Str != "" && (!v.Get("atUserList").Exists() || v.Get("atUserList").IsArray())
}

func customStrings(v gjson.Result) bool {
	for _, key := range []string{"data", "description", "extension"} {
		if f := v.Get(key); !empty(f) && f.Type != gjson.String {
			return false
		}
	}
	return true
}

func faceInside(v gjson.Result) bool {
	return v.Get("index").Type == gjson.Number && v.Get("data").Type == gjson.String
}

func fileInside(v gjson.Result) bool { return v.Get(`file.\$file`).IsObject() }

func locationInside(v gjson.Result) bool {
	return v.Get("description").Type == gjson.String && v.Get("longitude").Type == gjson.Number && v.Get("latitude").Type == gjson.Number
}

func mergerInside(v gjson.Result) bool {
	return !empty(v.Get("messageList")) && v.Get("messageList").IsArray()
}

func isArrayValue(v gjson.Result) bool { return v.IsArray() }

func optionalArray(v gjson.Result) bool { return !v.Exists() || v.IsArray() }

// file reads {"$file":…}.
func file(v gjson.Result) (*client.File, error) {
	v = v.Get(`\$file`)
	f := &client.File{Name: v.Get("name").String(), Type: v.Get("type").String()}
	if size := v.Get("size"); size.Exists() {
		f.Size = size.Int()
		f.Open = func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(zeros{}, f.Size)), nil }
		return f, nil
	}
	content, err := base64.StdEncoding.DecodeString(v.Get("base64").String())
	if err != nil {
		return nil, fmt.Errorf("$file %s: %w", f.Name, err)
	}
	f.Size = int64(len(content))
	f.Open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	return f, nil
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
