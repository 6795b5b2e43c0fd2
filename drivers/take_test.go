package drivers

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/imsim/imsim/port"
)

// Whatever a driver may not print ends it, and the breakdown names the line.
// Line 1 answered hello and line 2 answered create.
func TestLinesThatAreNotAllowed(t *testing.T) {
	event := func(params string) string {
		return `{"jsonrpc":"2.0","method":"event","params":` + params + `}`
	}
	for name, c := range map[string]struct{ line, says string }{
		"no JSON":                {`console.log was here`, "line 3 of stdout: not one JSON value"},
		"half of it":             {`{"jsonrpc":"2.0",`, "not one JSON value ("},
		"two values":             {`{} {}`, "not one JSON value ("},
		"an empty line":          {``, "not one JSON value ("},
		"not UTF-8":              {"{\"jsonrpc\":\"\xff\"}", "not UTF-8"},
		"a list":                 {`[]`, "not a JSON object"},
		"no version":             {`{"id":3,"result":{}}`, `"jsonrpc"`},
		"neither nor":            {`{"jsonrpc":"2.0","id":3}`, "exactly one"},
		"result and error":       {`{"jsonrpc":"2.0","id":3,"result":{},"error":{"code":1,"message":""}}`, "exactly one"},
		"answer without id":      {`{"jsonrpc":"2.0","result":{}}`, `without "id"`},
		"id of another type":     {`{"jsonrpc":"2.0","id":"3","result":{}}`, "the id of an answer"},
		"id is null":             {`{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}}`, "the id of an answer"},
		"a request":              {`{"jsonrpc":"2.0","id":1,"method":"event","params":{}}`, "asks nothing"},
		"unknown notification":   {`{"jsonrpc":"2.0","method":"log","params":{}}`, `unknown notification "log"`},
		"params missing":         {`{"jsonrpc":"2.0","method":"event"}`, `"params" is missing`},
		"gap":                    {event(`{"instance":"i1","seq":2,"name":"e"}`), "line 3 of stdout: event e: seq 2 of i1 follows 0"},
		"seq 0":                  {event(`{"instance":"i1","seq":0,"name":"e"}`), "seq 0 of i1 follows 0"},
		"repetition":             {event(`{"instance":"i1","seq":1,"name":"e"}`) + "\n" + event(`{"instance":"i1","seq":1,"name":"f"}`), "line 4 of stdout: event f: seq 1 of i1 follows 1"},
		"seq missing":            {event(`{"instance":"i1","name":"e"}`), `"seq" is missing`},
		"seq is a fraction":      {event(`{"instance":"i1","seq":1.5,"name":"e"}`), `"seq" is no whole number`},
		"name missing":           {event(`{"instance":"i1","seq":1}`), `"name" is missing`},
		"instance missing":       {event(`{"seq":1,"name":"e"}`), `"instance" is missing`},
		"unknown instance":       {event(`{"instance":"i2","seq":1,"name":"e"}`), `no instance "i2"`},
		"callback without args":  {`{"jsonrpc":"2.0","method":"callback","params":{"instance":"i1","seq":1,"fn":"f"}}`, `"args" is no list`},
		"callback with a gap":    {`{"jsonrpc":"2.0","method":"callback","params":{"instance":"i1","seq":3,"fn":"f","args":[]}}`, "seq 3 of i1 follows 0"},
		"fault without message":  {`{"jsonrpc":"2.0","method":"fault","params":{"instance":"i1"}}`, `"message" is missing`},
		"code 0":                 {`{"jsonrpc":"2.0","id":3,"error":{"code":0,"message":"ok"}}`, "code 0"},
		"code missing":           {`{"jsonrpc":"2.0","id":3,"error":{"message":"ok"}}`, `"code" is missing`},
		"result is null":         {`{"jsonrpc":"2.0","id":3,"result":null}`, "not a JSON object"},
		"sync missing":           {`{"jsonrpc":"2.0","id":3,"result":{"seq":1}}`, `answer to call login of i1: "sync" is missing`},
		"seq of answer missing":  {`{"jsonrpc":"2.0","id":3,"result":{"sync":true}}`, `"seq" is missing`},
		"seq of answer 0":        {`{"jsonrpc":"2.0","id":3,"result":{"sync":true,"seq":0}}`, "counts from 1"},
		"gap before an answer":   {`{"jsonrpc":"2.0","id":3,"result":{"sync":true,"seq":2}}`, "seq 2 of i1 follows 0"},
		"seq of failure missing": {`{"jsonrpc":"2.0","id":3,"error":{"code":2,"message":"","data":{"kind":"throw"}}}`, `"seq" is missing`},
		"failure without data":   {`{"jsonrpc":"2.0","id":3,"error":{"code":2,"message":""}}`, `"seq" is missing`},
		"gap before a failure":   {`{"jsonrpc":"2.0","id":3,"error":{"code":2,"message":"","data":{"kind":"throw","seq":4}}}`, "seq 4 of i1 follows 0"},
		"kind unknown":           {`{"jsonrpc":"2.0","id":3,"error":{"code":2,"message":"","data":{"kind":"sad","seq":1}}}`, `kind is "sad"`},
	} {
		t.Run(name, func(t *testing.T) {
			d := scene(t, Options{}, func(s *stage, r request) bool {
				if r.Method == "call" {
					s.say("%s", c.line)
					return true
				}
				return false
			})
			i := create(t, d)
			_, err := i.Call(t.Context(), "login")
			breakdown(t, err, port.BrokenProtocol, c.says)
			<-d.Done()
			breakdown(t, d.Err(), port.BrokenProtocol, c.says)
			_, _, err = i.Stream().Wait(t.Context(), 100, port.EventNamed("never"))
			breakdown(t, err, port.BrokenProtocol, c.says)
			breakdown(t, d.Close(), port.BrokenProtocol, c.says)
		})
	}
}

func TestALineAboveTheLimit(t *testing.T) {
	d := scene(t, Options{Limits: Limits{Line: 1 << 20}}, func(s *stage, r request) bool {
		if r.Method == "call" {
			s.answer(r, `{"sync":true,"seq":1,"value":"`+strings.Repeat("x", 1<<20)+`"}`)
			return true
		}
		return false
	})
	_, err := create(t, d).Call(t.Context(), "getList")
	breakdown(t, err, port.BrokenProtocol, "line is too long: above 1048576 bytes")
}

func TestALongLineIsFine(t *testing.T) {
	long := strings.Repeat("x", 2<<20)
	d := scene(t, Options{}, func(s *stage, r request) bool {
		if r.Method == "call" {
			s.answer(r, `{"sync":true,"seq":1,"value":"`+long+`"}`)
			return true
		}
		return false
	})
	a, err := create(t, d).Call(t.Context(), "getList", long)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "length", len(a.Value), len(long)+2)
}

func TestAnswersOutOfOrder(t *testing.T) {
	var held []request
	d := scene(t, Options{}, func(s *stage, r request) bool {
		if r.Method != "call" {
			return false
		}
		if held = append(held, r); len(held) == 3 {
			for seq := 1; seq <= 3; seq++ {
				r := held[3-seq]
				s.answer(r, fmt.Sprintf(`{"sync":false,"seq":%d,"value":%q}`, seq, r.Params["api"]))
			}
		}
		return true
	})
	i := create(t, d)
	results := make(chan string)
	for _, api := range []string{"a", "b", "c"} {
		go func() {
			a, err := i.Call(t.Context(), api)
			if string(a.Value) != `"`+api+`"` {
				results <- fmt.Sprintf("%s was answered %s, %v", api, a.Value, err)
				return
			}
			results <- ""
		}()
	}
	for range 3 {
		equal(t, "result", <-results, "")
	}
}

func TestRecordsStandInTheirOrder(t *testing.T) {
	d := scene(t, Options{}, func(s *stage, r request) bool {
		switch r.Method {
		case "create":
			s.event(r.instance(), 1, "early") // before the answer to create
		case "call":
			s.event(r.instance(), 2, "before")
			s.say(`{"jsonrpc":"2.0","method":"callback","params":{"instance":"i1","seq":3,"fn":"f1","args":[1,null]}}`)
			s.say(`{"jsonrpc":"2.0","method":"fault","params":{"instance":"i1","message":"oh \"no\""}}`)
			s.fail(r, `{"code":10007,"message":"m","data":{"kind":"reject","seq":4.0,"data":{"x":1}}}`)
			s.event(r.instance(), 5, "after")
			return true
		}
		return false
	})
	i := create(t, d)
	equal(t, "at create", names(i.Stream().Since(0)), "event early 1")
	_, err := i.Call(t.Context(), "quitGroup")
	var said *port.CallError
	if !errors.As(err, &said) {
		t.Fatalf("got %v", err)
	}
	equal(t, "code", said.Code, 10007)
	equal(t, "kind", said.Kind, port.KindReject)
	equal(t, "seq", said.Seq, 4)
	equal(t, "data", string(said.Data), `{"x":1}`)
	if _, _, err := i.Stream().Wait(t.Context(), 0, port.EventNamed("after")); err != nil {
		t.Fatal(err)
	}
	all := i.Stream().Since(0)
	equal(t, "records", names(all),
		"event early 1, event before 2, callback f1 3, fault i1 0, answer quitGroup 4, event after 5")
	equal(t, "args", string(all[2].Data), "[1,null]")
	equal(t, "fault", string(all[3].Data), `"oh \"no\""`)
	equal(t, "answer", string(all[4].Data), `{"error":{"code":10007,"message":"m","kind":"reject","data":{"x":1}}}`)
	equal(t, "faults", d.Faults().Len(), 1)
}

func TestNullIsNotAbsent(t *testing.T) {
	d := scene(t, Options{}, func(s *stage, r request) bool {
		switch r.Params["api"] {
		case "absent":
			s.answer(r, `{"sync":true,"seq":1}`)
		case "null":
			s.answer(r, `{"sync":false,"seq":2,"value":null}`)
			s.say(`{"jsonrpc":"2.0","method":"event","params":{"instance":"i1","seq":3,"name":"none"}}`)
			s.say(`{"jsonrpc":"2.0","method":"event","params":{"instance":"i1","seq":4,"name":"null","data":null}}`)
		default:
			return false
		}
		return true
	})
	i := create(t, d)
	absent, err := i.Call(t.Context(), "absent")
	if err != nil || absent.Value != nil || !absent.Sync || absent.Seq != 1 {
		t.Fatalf("got %+v, %v", absent, err)
	}
	null, err := i.Call(t.Context(), "null")
	if err != nil || string(null.Value) != "null" || null.Sync || null.Seq != 2 {
		t.Fatalf("got %+v, %v", null, err)
	}
	r, n, err := i.Stream().Wait(t.Context(), 0, port.EventNamed("none"))
	if err != nil || r.Data != nil {
		t.Fatalf("got %+v, %v", r, err)
	}
	r, _, err = i.Stream().Wait(t.Context(), n, port.EventNamed("null"))
	if err != nil || string(r.Data) != "null" {
		t.Fatalf("got %+v, %v", r, err)
	}
}

func TestErrorsByTheirCode(t *testing.T) {
	answers := []string{
		`{"code":-32010,"message":"bad param","data":{"kind":"throw","seq":1}}`,
		`{"code":-32001,"message":"lacks it"}`,
		`{"code":-32001,"message":"lacks it","data":{"kind":"throw","seq":2}}`, // counts when it is there
		`{"code":-32602,"message":"no ref"}`,
	}
	n := 0
	d := scene(t, Options{}, func(s *stage, r request) bool {
		if r.Method == "call" {
			s.fail(r, answers[n])
			n++
			return true
		}
		return false
	})
	i := create(t, d)
	_, err := i.Call(t.Context(), "sendMessage")
	var said *port.CallError
	if !errors.As(err, &said) || said.Code != port.CodeNone || said.Kind != port.KindThrow || said.Data != nil {
		t.Fatalf("got %v", err)
	}
	for range 2 {
		_, err = i.Call(t.Context(), "callExperimentalAPI")
		var missing *port.NotImplementedError
		if !errors.As(err, &missing) || missing.API != "callExperimentalAPI" {
			t.Fatalf("got %v", err)
		}
	}
	_, err = i.Call(t.Context(), "deleteMessage")
	protocolCode(t, err, port.CodeBadParams)
	equal(t, "records", names(i.Stream().Since(0)), "answer sendMessage 1, answer callExperimentalAPI 2")
}

func TestAnswersToUnknownIDs(t *testing.T) {
	act := func(s *stage, r request) bool {
		if r.Method == "call" {
			s.say(`{"jsonrpc":"2.0","id":4711,"result":{}}`)
			s.say(`{"jsonrpc":"2.0","id":1,"result":{}}`) // hello again
		}
		return false
	}
	n := newNotes()
	d := scene(t, Options{Log: n.log}, act)
	if _, err := create(t, d).Call(t.Context(), "logout"); err != nil {
		t.Fatal(err)
	}
	n.contains(t, "answer to id 4711")
	n.contains(t, "answer to id 1,")

	strict := scene(t, Options{Strict: true}, act)
	_, err := create(t, strict).Call(t.Context(), "logout")
	breakdown(t, err, port.BrokenProtocol, "answer to id 4711")
}

func TestAFaultOfNobodyIsEverybodys(t *testing.T) {
	d := scene(t, Options{}, func(s *stage, r request) bool {
		if r.Method == "call" {
			s.say(`{"jsonrpc":"2.0","method":"fault","params":{"message":"TypeError"}}`)
		}
		return false
	})
	alice, bob := create(t, d), create(t, d)
	if _, err := alice.Call(t.Context(), "logout"); err != nil {
		t.Fatal(err)
	}
	equal(t, "alice", names(alice.Stream().Since(0)), "fault  0, answer logout 1")
	equal(t, "bob", names(bob.Stream().Since(0)), "fault  0")
	equal(t, "driver", names(d.Faults().Since(0)), "fault  0")
}

func TestInstancesCountApart(t *testing.T) {
	d := scene(t, Options{}, func(s *stage, r request) bool {
		if r.Method == "create" && r.instance() == "i2" {
			s.event("i2", 1, "two")
			s.event("i1", 1, "one")
		}
		return false
	})
	one, two := create(t, d), create(t, d)
	equal(t, "one", names(one.Stream().Since(0)), "event one 1")
	equal(t, "two", names(two.Stream().Since(0)), "event two 1")
}
