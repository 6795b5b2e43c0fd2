package drivers

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/imsim/imsim/port"
)

var _ port.Port = (*Driver)(nil)

func TestHelloIntroducesTheDriver(t *testing.T) {
	d := scene(t, Options{}, func(*stage, request) bool { return false })
	h := d.Hello()
	equal(t, "hello", h.Name+h.Version+h.Language, "script1.2Go")
	equal(t, "clock", h.Can(port.CapClock), true)
	equal(t, "upload", h.Can(port.CapUpload), false)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestHelloIsChecked(t *testing.T) {
	for name, c := range map[string]struct{ result, says string }{
		"another protocol":        {strings.Replace(helloResult, `:1,`, `:2,`, 1), "speaks protocol 2"},
		"no protocol":             {`{"name":"x","version":"1","language":"y","capabilities":[]}`, `"protocol" is missing`},
		"no version":              {`{"protocol":1,"name":"x","language":"y","capabilities":[]}`, `"version" is missing`},
		"empty name":              {`{"protocol":1,"name":" ","version":"1","language":"y","capabilities":[]}`, `"name" is empty`},
		"no capabilities":         {`{"protocol":1,"name":"x","version":"1","language":"y"}`, `"capabilities" is missing`},
		"capabilities null":       {`{"protocol":1,"name":"x","version":"1","language":"y","capabilities":null}`, "no list"},
		"events no list":          {strings.Replace(helloResult, `}`, `,"events":{}}`, 1), `"events" is no list`},
		"names in another case":   {`{"protocol":1,"Name":"x","version":"1","language":"y","capabilities":[]}`, `"name" is missing`},
		"no object":               {`"hi"`, "not a JSON object"},
		"language is not a words": {`{"protocol":1,"name":"x","version":"1","language":5,"capabilities":[]}`, `"language" is no string`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Host(t.Context(), acting(func(s *stage) error {
				s.answer(s.next(), c.result)
				return s.polite(nil)
			}), Options{})
			breakdown(t, err, port.BrokenProtocol, c.says)
		})
	}
}

func TestHelloRefused(t *testing.T) {
	_, err := Host(t.Context(), acting(func(s *stage) error {
		s.fail(s.next(), `{"code":-32602,"message":"too new"}`)
		return s.polite(nil)
	}), Options{})
	protocolCode(t, err, port.CodeBadParams)
}

func TestAnUnknownCapabilityIsForTheAuthor(t *testing.T) {
	play := acting(func(s *stage) error {
		s.answer(s.next(), strings.Replace(helloResult, "clock", "clocks", 1))
		return s.polite(nil)
	})
	n := newNotes()
	d, err := Host(t.Context(), play, Options{Log: n.log})
	if err != nil {
		t.Fatal(err)
	}
	n.contains(t, `"clocks"`)
	_ = d.Close()
	_, err = Host(t.Context(), play, Options{Strict: true})
	breakdown(t, err, port.BrokenProtocol, `"clocks"`)
}

func TestADriverThatAnswersNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := Host(t.Context(), acting(func(s *stage) error {
			s.next()
			_, _ = s.stderr.Write([]byte("still thinking\n"))
			return s.wait()
		}), Options{})
		breakdown(t, err, port.Hang, "hello unanswered after 10s; stderr ends:\nstill thinking")
	})
}

func TestADriverThatDoesNotEvenRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := Host(t.Context(), acting((*stage).wait), Options{})
		breakdown(t, err, port.Hang, "hello unanswered after 10s")
	})
}

func TestADriverThatEndsAtOnce(t *testing.T) {
	_, err := Host(t.Context(), acting(func(s *stage) error {
		_, _ = s.stderr.Write([]byte("no such module\n"))
		return errors.New("boom")
	}), Options{})
	breakdown(t, err, port.Crash, "ended with: boom before its stdin was closed; stderr ends:\nno such module")
}

func TestGarbageInPlaceOfHello(t *testing.T) {
	_, err := Host(t.Context(), acting(func(s *stage) error {
		s.next()
		s.say("Listening on port 8080")
		return s.polite(nil)
	}), Options{})
	breakdown(t, err, port.BrokenProtocol, "line 1 of stdout: not one JSON value (invalid character 'L' looking for beginning of value): Listening on port 8080")
}

func TestACancelledStart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Host(ctx, acting(func(s *stage) error {
		s.next()
		cancel()
		return s.wait()
	}), Options{})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func TestCreateSendsItsOptions(t *testing.T) {
	asked := make(chan request, 1)
	d := scene(t, Options{}, func(_ *stage, r request) bool {
		if r.Method == "create" {
			asked <- r
		}
		return false
	})
	i, err := d.Create(t.Context(), port.Options{SDKAppID: 7, URL: "ws://h", Extra: []byte(`{"scene":"x"}`)})
	if err != nil {
		t.Fatal(err)
	}
	r := <-asked
	equal(t, "name", r.instance(), i.Name())
	equal(t, "SDKAppID", r.Params["SDKAppID"], any(float64(7)))
	equal(t, "url", r.Params["url"], any("ws://h"))
	equal(t, "options", r.Params["options"].(map[string]any)["scene"], any("x"))
	if second := create(t, d); second.Name() == i.Name() {
		t.Fatalf("the name %s came twice", i.Name())
	}
}

func TestARefusedCreateLeavesTheDriverInUse(t *testing.T) {
	first := true
	d := scene(t, Options{}, func(s *stage, r request) bool {
		if r.Method == "create" && first {
			first = false
			s.fail(r, `{"code":2000,"message":"no SDKAppID"}`)
			return true
		}
		return false
	})
	_, err := d.Create(t.Context(), port.Options{})
	var said *port.CallError
	if !errors.As(err, &said) || said.Code != 2000 {
		t.Fatalf("got %v", err)
	}
	create(t, d)
}

func TestCreateGivenUpIsDestroyed(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	destroyed := false
	d := scene(t, Options{}, func(s *stage, r request) bool {
		switch r.Method {
		case "create":
			cancel()
			return true
		case "destroy":
			destroyed = true
			s.event(r.instance(), 1, "late") // still allowed: it was asked for
		}
		return false
	})
	if _, err := d.Create(ctx, port.Options{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	equal(t, "destroyed", destroyed, true)
}
