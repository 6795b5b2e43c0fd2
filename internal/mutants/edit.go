package mutants

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/imsim/imsim/port"
)

type object = map[string]any

func decode(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // the wire's numbers are longer than a float
	return d.Decode(into)
}

// edit changes a JSON value of the port's own; it cannot be broken.
func edit(text json.RawMessage, change func(any) any) json.RawMessage {
	var v any
	if err := decode(text, &v); err != nil {
		panic(err)
	}
	out, err := json.Marshal(change(v))
	if err != nil {
		panic(err)
	}
	return out
}

// eventName is the value of an event key.
func eventName(key string) string {
	for _, e := range port.Events {
		if e.Key == key {
			return e.Name
		}
	}
	panic("mutants: no event " + key)
}

// event has other data fired for each event of a key, or none, or several.
func event(key string, fresh func() func(data any) []any) Break {
	name := eventName(key)
	return Break{Stream: func() func(port.Record) []port.Record {
		change := fresh()
		return func(r port.Record) []port.Record {
			if r.Kind != port.RecordEvent || r.Name != name {
				return []port.Record{r}
			}
			var data any
			if len(r.Data) > 0 {
				if err := decode(r.Data, &data); err != nil {
					panic(err)
				}
			}
			var list []port.Record
			for _, d := range change(data) {
				changed := r
				if d != nil {
					changed.Data = edit([]byte("null"), func(any) any { return d })
				}
				list = append(list, changed)
			}
			return list
		}
	}}
}

// never keeps an event from firing.
func never(key string) Break {
	return event(key, func() func(any) []any { return func(any) []any { return nil } })
}

// received changes each message of MESSAGE_RECEIVED.
func received(change func(m object)) Break {
	return event("MESSAGE_RECEIVED", func() func(any) []any {
		return func(data any) []any {
			for _, m := range data.([]any) {
				change(m.(object))
			}
			return []any{data}
		}
	})
}

// answer changes what a method's promise resolves with.
func answer(api string, change func(data object)) Break {
	return Break{Call: func(_ *Instance, next Call) Call {
		return func(ctx context.Context, called string, args ...any) (port.Answer, error) {
			a, err := next(ctx, called, args...)
			if called == api && err == nil {
				a.Value = edit(a.Value, func(v any) any {
					change(v.(object)["data"].(object))
					return v
				})
			}
			return a, err
		}
	}}
}

// stale has a method answer for good what it answers after the login.
func stale(api string) Break {
	return Break{Call: func(_ *Instance, next Call) Call {
		var kept *port.Answer
		return func(ctx context.Context, called string, args ...any) (port.Answer, error) {
			if called == api && kept != nil {
				return *kept, nil
			}
			answer, err := next(ctx, called, args...)
			if kept == nil && err == nil && called == "getUserProfile" { // how a case's login ends
				if a, err := next(ctx, api); err == nil {
					kept = &a
				}
			}
			return answer, err
		}
	}}
}

// idle has a method resolve with {code:0,data} and do nothing.
func idle(api, data string) Break {
	return Break{Call: func(_ *Instance, next Call) Call {
		return func(ctx context.Context, called string, args ...any) (port.Answer, error) {
			if called == api {
				return port.Answer{Value: json.RawMessage(`{"code":0,"data":` + data + `}`)}, nil
			}
			return next(ctx, called, args...)
		}
	}}
}

// objects are the objects of a list.
func objects(list any) []object {
	var all []object
	items, _ := list.([]any)
	for _, item := range items {
		all = append(all, item.(object))
	}
	return all
}
