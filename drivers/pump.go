package drivers

import (
	"encoding/json"
	"errors"

	"github.com/imsim/imsim/port"
)

// settledCall is an answer on its way to its place in the order.
type settledCall struct {
	seq    int // 0: it has no place
	call   message
	result any
}

func placeOf(err error) int {
	var said *port.CallError
	if errors.As(err, &said) {
		return said.Seq
	}
	return 0
}

// pump writes the instance's records in the order of its stream, until the
// stream ends, the instance has been destroyed or the service is over.
func (i *served) pump() {
	defer close(i.pumped)
	held := map[int]settledCall{}
	for n := 0; ; {
		// Records that are there come before the end of the context.
		r, next, err := i.sdk.Stream().Wait(i.pumping, n, anyRecord)
		if err != nil {
			return
		}
		n = next
		if r.Kind != port.RecordAnswer {
			i.service.write(notification(i.name, r))
		} else if !i.writeAnswer(held, r.Seq) {
			return
		}
	}
}

func anyRecord(port.Record) bool { return true }

// writeAnswer waits for the call whose place has come. Once destroy was asked
// it has answered all of them, and nothing can follow the gap of this one.
func (i *served) writeAnswer(held map[int]settledCall, seq int) bool {
	for {
		if s, ok := held[seq]; ok {
			delete(held, seq)
			return i.finish(s.call, s.result)
		}
		select {
		case s := <-i.settled:
			held[s.seq] = s
		case <-i.ending:
			return false
		case <-i.pumping.Done():
			return false
		}
	}
}

// notification is the line of a record that is no answer.
func notification(instance string, r port.Record) any {
	params := map[string]any{"instance": instance}
	if r.Kind != port.RecordFault {
		params["seq"] = r.Seq
	}
	switch r.Kind {
	case port.RecordCallback:
		params["fn"] = r.Name
		params["args"] = r.Data
	case port.RecordFault:
		params["message"] = faultText(r.Data)
	default:
		params["name"] = r.Name
		if r.Data != nil {
			params["data"] = r.Data
		}
	}
	return map[string]any{"jsonrpc": "2.0", "method": r.Kind, "params": params}
}

func faultText(data json.RawMessage) string {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return string(data)
	}
	return text
}
