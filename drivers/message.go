package drivers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// message is one decoded line: a request (id and method), a notification
// (method alone) or an answer (id and either result or failure).
type message struct {
	id      json.RawMessage // nil when absent
	method  string
	params  object
	result  json.RawMessage
	failure *failure
}

// failure is the error of an answer.
type failure struct {
	code    int
	message string
	data    json.RawMessage // nil when absent
}

// decode reads one line and checks all that JSON-RPC demands of it.
func decode(line []byte) (message, error) {
	var m message
	if !utf8.Valid(line) {
		return m, errors.New("not UTF-8")
	}
	o, err := parseObject(line)
	if err != nil {
		return m, err
	}
	if v, err := o.text("jsonrpc"); err != nil || v != "2.0" {
		return m, errors.New(`"jsonrpc" is not "2.0"`)
	}
	m.id = o["id"]
	if _, named := o["method"]; named {
		return m, m.decodeMethod(o)
	}
	return m, m.decodeAnswer(o)
}

func (m *message) decodeMethod(o object) (err error) {
	if m.method, err = o.text("method"); err != nil {
		return err
	}
	if _, answered := o["result"]; answered {
		return errors.New(`both "method" and "result"`)
	}
	if m.params, err = o.object("params"); err != nil {
		return err
	}
	return nil
}

func (m *message) decodeAnswer(o object) (err error) {
	result, good := o["result"]
	_, bad := o["error"]
	switch {
	case good == bad:
		return errors.New(`neither a "method" nor exactly one of "result" and "error"`)
	case m.id == nil:
		return errors.New(`an answer without "id"`)
	case good:
		m.result = result
		return nil
	}
	e, err := o.object("error")
	if err != nil {
		return err
	}
	m.failure = &failure{data: e["data"]}
	if m.failure.code, err = e.integer("code"); err != nil {
		return fmt.Errorf("error: %w", err)
	}
	if m.failure.code == 0 {
		return errors.New("error: code 0 is no failure")
	}
	if m.failure.message, err = e.text("message"); err != nil {
		return fmt.Errorf("error: %w", err)
	}
	return nil
}

// object is a JSON object whose absent and null fields can be told apart, and
// whose names are compared exactly.
type object map[string]json.RawMessage

func parseObject(raw []byte) (object, error) {
	if bare := bytes.TrimLeft(raw, " \t\r\n"); len(bare) > 0 && bare[0] != '{' && json.Valid(bare) {
		return nil, errors.New("not a JSON object")
	}
	var o object
	if err := json.Unmarshal(raw, &o); err != nil {
		return nil, fmt.Errorf("not one JSON value (%w)", err)
	}
	return o, nil
}

func (o object) object(name string) (object, error) {
	raw, ok := o[name]
	if !ok {
		return nil, fmt.Errorf("%q is missing", name)
	}
	inner, err := parseObject(raw)
	if err != nil {
		return nil, fmt.Errorf("%q is %w", name, err)
	}
	return inner, nil
}

func (o object) text(name string) (string, error) {
	raw, ok := o[name]
	if !ok {
		return "", fmt.Errorf("%q is missing", name)
	}
	if raw[0] != '"' {
		return "", fmt.Errorf("%q is no string", name)
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err
}

// integer takes 3.0 for 3: some languages know only one kind of number.
func (o object) integer(name string) (int, error) {
	raw, ok := o[name]
	if !ok {
		return 0, fmt.Errorf("%q is missing", name)
	}
	if n, err := strconv.ParseInt(string(raw), 10, 53); err == nil {
		return int(n), nil
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<52 {
		return 0, fmt.Errorf("%q is no whole number", name)
	}
	return int(f), nil
}

func (o object) boolean(name string) (bool, error) {
	switch raw, ok := o[name]; {
	case !ok:
		return false, fmt.Errorf("%q is missing", name)
	case string(raw) == "true":
		return true, nil
	case string(raw) == "false":
		return false, nil
	}
	return false, fmt.Errorf("%q is no boolean", name)
}

// encode makes one line, its end included. Nested raw JSON is compacted, so
// that no line break of it can get through.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
