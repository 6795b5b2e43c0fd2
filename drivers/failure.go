package drivers

import (
	"errors"
	"fmt"

	"github.com/imsim/imsim/port"
)

// failed understands a failed answer. A positive code, and CodeNone, is what
// the SDK said; other codes are the protocol's. The failure of a call has a
// place among the records when the SDK said it, and may have one otherwise;
// other failures have none.
func (q *question) failed(f *failure) (r reply, err error) {
	said := f.code > 0 || f.code == port.CodeNone
	data := object{}
	if f.data != nil {
		if data, err = parseObject(f.data); err != nil && said {
			return r, fmt.Errorf("error.data is %w", err)
		}
	}
	if q.method == "call" && (said || data["seq"] != nil) {
		if r.seq, err = data.integer("seq"); err != nil {
			return r, fmt.Errorf("error.data: %w", err)
		}
		if r.seq == 0 {
			return r, errors.New("error.data: seq counts from 1")
		}
	}
	switch {
	case f.code == port.CodeNotImplemented:
		r.err = &port.NotImplementedError{API: q.what()}
	case !said:
		r.err = &port.ProtocolError{Code: f.code, Message: f.message}
	default:
		e := &port.CallError{Code: f.code, Message: f.message, Seq: r.seq, Data: data["data"]}
		e.Kind, err = q.kind(data)
		r.err = e
	}
	return r, err
}

// kind may be left out where nothing is called.
func (q *question) kind(data object) (string, error) {
	if q.method != "call" && data["kind"] == nil {
		return port.KindReject, nil
	}
	kind, err := data.text("kind")
	if err != nil {
		return "", fmt.Errorf("error.data: %w", err)
	}
	if kind != port.KindThrow && kind != port.KindReject {
		return "", fmt.Errorf("error.data: kind is %q", kind)
	}
	return kind, nil
}

// what is the API in question.
func (q *question) what() string {
	if q.api != "" {
		return q.api
	}
	return q.method
}
