// Package schema holds the lines of the driver protocol, version 1, against
// its JSON Schema (driver-v1.schema.json, which is embedded):
//
//	c := schema.NewChecker()
//	err := c.Line(false, []byte(`{"jsonrpc":"2.0","method":"event","params":{"instance":"i1","seq":0,"name":"error"}}`))
//	// at /params/seq: minimum: got 0, want 1
package schema

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// JSON is the schema itself.
//
//go:embed driver-v1.schema.json
var JSON []byte

// compiled gives the parts of the schema by the names of its $defs.
var compiled = sync.OnceValue(func() map[string]*jsonschema.Schema {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(JSON))
	if err != nil {
		panic(fmt.Sprintf("schema: %v", err)) // it is embedded, and tested
	}
	const at = "driver-v1.schema.json"
	c := jsonschema.NewCompiler()
	if err := c.AddResource(at, doc); err != nil {
		panic(fmt.Sprintf("schema: %v", err))
	}
	parts := map[string]*jsonschema.Schema{"": c.MustCompile(at)}
	for name := range doc.(map[string]any)["$defs"].(map[string]any) {
		parts[name] = c.MustCompile(at + "#/$defs/" + name)
	}
	return parts
})

// Checker checks the lines of one driver in their order: which result an
// answer must have depends on what was asked. It is not for use by several
// goroutines at once.
type Checker struct{ asked map[string]string } // id to method

// NewChecker returns a Checker that has seen no line.
func NewChecker() *Checker { return &Checker{asked: map[string]string{}} }

// Line checks one line without its end. The error names every violation and
// where in the line it is, as a JSON pointer.
func (c *Checker) Line(toDriver bool, line []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
	if err != nil {
		return fmt.Errorf("not one JSON value: %w", err)
	}
	fields, _ := value.(map[string]any)
	id, method := text(fields["id"]), text(fields["method"])
	switch {
	case toDriver:
		c.asked[id] = method
		return check("request", value, "")
	case method == "event" || method == "callback" || method == "fault":
		return check(method, value, "")
	case fields["method"] != nil:
		return fmt.Errorf("at /method: a driver sends event, callback and fault, not %q", method)
	case fields["error"] != nil:
		if err := check("failure", value, ""); err != nil {
			return err
		}
		if c.asked[id] == "call" {
			return check("error-call", fields["error"], "/error")
		}
		return nil
	}
	if err := check("answer", value, ""); err != nil {
		return err
	}
	if c.asked[id] == "" {
		return fmt.Errorf("at /id: %s was not asked", id)
	}
	return check("result-"+c.asked[id], fields["result"], "/result")
}

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case json.Number:
		return v.String()
	}
	return fmt.Sprint(v)
}

func check(part string, value any, at string) error {
	s := compiled()[part]
	if s == nil {
		return nil // the result of a method that the protocol does not have
	}
	err := s.Validate(value)
	var invalid *jsonschema.ValidationError
	if errors.As(err, &invalid) {
		return errors.New(strings.Join(leaves(invalid, at), "; "))
	}
	return err
}

// leaves are the violations that are no mere sum of others.
func leaves(e *jsonschema.ValidationError, at string) []string {
	if len(e.Causes) == 0 {
		place := at
		for _, step := range e.InstanceLocation {
			place += "/" + step
		}
		if place == "" {
			place = "the top"
		}
		return []string{fmt.Sprintf("at %s: %s", place, e.ErrorKind.LocalizedString(message.NewPrinter(language.English)))}
	}
	var list []string
	for _, cause := range e.Causes {
		list = append(list, leaves(cause, at)...)
	}
	slices.Sort(list) // maps have no order
	return slices.Compact(list)
}
