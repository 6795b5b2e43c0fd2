package schema

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const hello = `{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":1}}`

func TestLinesThatAreAllowed(t *testing.T) {
	c := NewChecker()
	for _, l := range []struct {
		toDriver bool
		line     string
	}{
		{true, hello},
		{false, `{"jsonrpc":"2.0","id":1,"result":{"protocol":1,"name":"n","version":"1","language":"C","capabilities":["clock"]}}`},
		{true, `{"jsonrpc":"2.0","id":2,"method":"create","params":{"instance":"i1","SDKAppID":1400000000,"url":"ws://127.0.0.1:8090","options":{"x":1}}}`},
		{false, `{"jsonrpc":"2.0","id":2,"result":{}}`},
		{true, `{"jsonrpc":"2.0","id":3,"method":"call","params":{"instance":"i1","api":"login","args":[{"userID":"a"},{"$ref":"i1.m1"},[{"$fn":"f1"},{"$undefined":true},{"$num":"NaN"}],{"file":{"$file":{"name":"a","size":3}}}]}}`},
		{false, `{"jsonrpc":"2.0","method":"event","params":{"instance":"i1","seq":1,"name":"error","data":{"list":[{"$ref":"i1.m1","x":{"$cycle":true}}]}}}`},
		{false, `{"jsonrpc":"2.0","id":3,"error":{"code":2025,"message":"","data":{"kind":"reject","seq":2,"data":{"a":null}}}}`},
		{true, `{"jsonrpc":"2.0","id":4,"method":"advance","params":{"instance":"i1","ms":1000}}`},
		{false, `{"jsonrpc":"2.0","id":4,"error":{"code":-32601,"message":"no"}}`},
		{false, `{"jsonrpc":"2.0","method":"callback","params":{"instance":"i1","seq":3,"fn":"f1","args":[1,null]}}`},
		{false, `{"jsonrpc":"2.0","method":"fault","params":{"message":"TypeError"}}`},
	} {
		if err := c.Line(l.toDriver, []byte(l.line)); err != nil {
			t.Errorf("%s: %v", l.line, err)
		}
		if err := check("", mustParse(t, l.line), ""); err != nil {
			t.Errorf("the schema as a whole refuses %s: %v", l.line, err)
		}
	}
}

func TestViolationsNameTheirPlace(t *testing.T) {
	asked := map[string]string{
		"call":  `{"jsonrpc":"2.0","id":7,"method":"call","params":{"instance":"i1","api":"login","args":[]}}`,
		"read":  `{"jsonrpc":"2.0","id":7,"method":"read","params":{"instance":"i1","ref":"r"}}`,
		"hello": strings.Replace(hello, `"id":1`, `"id":7`, 1),
	}
	for _, c := range []struct{ asked, line, says string }{
		{"call", `nonsense`, "not one JSON value"},
		{"call", `[]`, "at the top: got array, want object"},
		{"call", `{"jsonrpc":"2.0","id":8,"result":{}}`, "at /id: 8 was not asked"},
		{"call", `{"jsonrpc":"2.0","id":"7","result":{}}`, "at /id: got string, want integer"},
		{"call", `{"jsonrpc":"2.0","id":7}`, "missing property 'result'"},
		{"call", `{"id":7,"result":{}}`, "missing property 'jsonrpc'"},
		{"call", `{"jsonrpc":"2.0","id":7,"result":{"sync":1,"seq":1}}`, "at /result/sync: got number, want boolean"},
		{"call", `{"jsonrpc":"2.0","id":7,"result":{"sync":true,"seq":0}}`, "at /result/seq: minimum: got 0, want 1"},
		{"call", `{"jsonrpc":"2.0","id":7,"result":{"sync":true,"seq":1,"value":{"a":[{"_b":1}]}}}`, "at /result/value/a/0"},
		{"call", `{"jsonrpc":"2.0","id":7,"error":{"code":0,"message":""}}`, "at /error/code"},
		{"call", `{"jsonrpc":"2.0","id":7,"error":{"code":2,"message":""}}`, "at /error: missing property 'data'"},
		{"call", `{"jsonrpc":"2.0","id":7,"error":{"code":-32010,"message":"","data":{"kind":"sad","seq":1}}}`, "at /error/data/kind"},
		{"read", `{"jsonrpc":"2.0","id":7,"result":3}`, "at /result: got number, want object"},
		{"hello", `{"jsonrpc":"2.0","id":7,"result":{"protocol":1,"name":"n","version":"1","language":"C"}}`, "at /result: missing property 'capabilities'"},
		{"hello", `{"jsonrpc":"2.0","id":7,"result":{"protocol":1,"name":"n","version":"1","language":"C","capabilities":["wings"]}}`, "at /result/capabilities/0"},
		{"call", `{"jsonrpc":"2.0","method":"log","params":{}}`, "at /method"},
		{"call", `{"jsonrpc":"2.0","method":"event","params":{"instance":"i1","seq":1.5,"name":"e"}}`, "at /params/seq"},
		{"call", `{"jsonrpc":"2.0","method":"callback","params":{"instance":"i1","seq":1,"fn":"f"}}`, "at /params: missing property 'args'"},
		{"call", `{"jsonrpc":"2.0","method":"fault","params":{}}`, "at /params: missing property 'message'"},
	} {
		k := NewChecker()
		if err := k.Line(true, []byte(asked[c.asked])); err != nil {
			t.Fatal(err)
		}
		if err := k.Line(false, []byte(c.line)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: says %v, want %q", c.line, err, c.says)
		}
	}
	if err := NewChecker().Line(true, []byte(`{"jsonrpc":"2.0","id":7,"method":"advance","params":{"instance":"i1","ms":1001}}`)); err == nil {
		t.Error("a step of more than a second is allowed")
	}
}

func mustParse(t *testing.T, line string) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
	if err != nil {
		t.Fatal(err)
	}
	return v
}
