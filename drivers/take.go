package drivers

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/imsim/imsim/port"
)

// take acts on one line; an error is a breach of the protocol. It runs in the
// reader, so lines take effect one after the other.
func (d *Driver) take(line []byte) error {
	m, err := decode(line)
	switch {
	case err != nil:
		return err
	case m.method == "":
		return d.takeAnswer(m)
	case m.id != nil:
		return errors.New("a request: the driver asks nothing, it only notifies")
	}
	switch m.method {
	case "event":
		return d.takeEvent(m.params)
	case "callback":
		return d.takeCallback(m.params)
	case "fault":
		return d.takeFault(m.params)
	}
	return fmt.Errorf("unknown notification %q", m.method)
}

func (d *Driver) takeAnswer(m message) error {
	id, err := object{"id": m.id}.integer("id")
	if err != nil {
		return errors.New("the id of an answer is the number that was asked with")
	}
	d.mu.Lock()
	q := d.pending[id]
	d.mu.Unlock()
	if q == nil {
		return d.remark("answer to id %d, which is not asked or was answered before: dropped", id)
	}
	r, err := q.understand(m)
	if err != nil {
		return fmt.Errorf("answer to %s: %w", q, err)
	}
	if r.seq != 0 {
		if err := q.instance.count(r.seq); err != nil {
			return fmt.Errorf("answer to %s: %w", q, err)
		}
		q.instance.stream.Append(r.record(q.api))
	}
	if q.method == "destroy" && r.err == nil {
		if err := d.bury(q.instance); err != nil {
			return err
		}
	}
	d.mu.Lock()
	delete(d.pending, id)
	late := q.answer(r)
	d.mu.Unlock()
	if late {
		d.log(fmt.Sprintf("late answer to %s (id %d), which had been given up: dropped", q, id))
	}
	return nil
}

// record is the place of a call's answer in its stream.
func (r reply) record(api string) port.Record {
	var failed *port.CallError
	switch {
	case errors.As(r.err, &failed):
		return port.Failed(api, failed)
	case r.err != nil:
		return port.Failed(api, &port.CallError{Code: codeOf(r.err), Message: r.err.Error(), Seq: r.seq})
	}
	return port.Answered(api, port.Answer{Sync: r.sync, Value: r.value, Seq: r.seq})
}

func codeOf(err error) int {
	var e *port.ProtocolError
	if errors.As(err, &e) {
		return e.Code
	}
	return port.CodeNotImplemented
}

// understand checks an answer against its question.
func (q *question) understand(m message) (r reply, err error) {
	if m.failure != nil {
		r, err = q.failed(m.failure)
	} else {
		r.value = m.result
		if q.method == "call" {
			err = r.readCall(m.result)
		}
	}
	if err == nil && r.seq < 0 {
		err = fmt.Errorf("seq is %d", r.seq)
	}
	return r, err
}

func (r *reply) readCall(result json.RawMessage) error {
	o, err := parseObject(result)
	if err != nil {
		return fmt.Errorf("its result is %w", err)
	}
	r.value = o["value"] // nil when absent, "null" when null
	if r.sync, err = o.boolean("sync"); err != nil {
		return err
	}
	if r.seq, err = o.integer("seq"); err != nil {
		return err
	}
	if r.seq == 0 {
		return errors.New("seq counts from 1")
	}
	return nil
}

func (d *Driver) takeEvent(params object) error {
	name, err := params.text("name")
	if err != nil {
		return fmt.Errorf("event: %w", err)
	}
	err = d.takeRecord(params, port.Record{Kind: port.RecordEvent, Name: name, Data: params["data"]})
	if err != nil {
		return fmt.Errorf("event %s: %w", name, err)
	}
	return nil
}

func (d *Driver) takeCallback(params object) error {
	fn, err := params.text("fn")
	if err != nil {
		return fmt.Errorf("callback: %w", err)
	}
	if args := params["args"]; len(args) == 0 || args[0] != '[' {
		return fmt.Errorf("callback %s: %q is no list", fn, "args")
	}
	err = d.takeRecord(params, port.Record{Kind: port.RecordCallback, Name: fn, Data: params["args"]})
	if err != nil {
		return fmt.Errorf("callback %s: %w", fn, err)
	}
	return nil
}

func (d *Driver) takeRecord(params object, r port.Record) error {
	name, err := params.text("instance")
	if err != nil {
		return err
	}
	d.mu.Lock()
	i := d.instances[name]
	d.mu.Unlock()
	if i == nil {
		return fmt.Errorf("there is no instance %q (any more)", name)
	}
	if r.Seq, err = params.integer("seq"); err != nil {
		return err
	}
	if err := i.count(r.Seq); err != nil {
		return err
	}
	i.stream.Append(r)
	return nil
}

// takeFault gives a fault to whom it concerns. A late one, of an instance that
// is no more, still is the driver's.
func (d *Driver) takeFault(params object) error {
	message, err := params.text("message")
	if err != nil {
		return fmt.Errorf("fault: %w", err)
	}
	r := port.Record{Kind: port.RecordFault}
	if r.Data, err = json.Marshal(message); err != nil {
		return fmt.Errorf("fault: %w", err)
	}
	if _, named := params["instance"]; named {
		if r.Name, err = params.text("instance"); err != nil {
			return fmt.Errorf("fault: %w", err)
		}
	}
	d.faults.Append(r)
	d.mu.Lock()
	var concerned []*instance
	if i := d.instances[r.Name]; i != nil {
		concerned = append(concerned, i)
	} else if r.Name == "" {
		concerned = slices.Collect(maps.Values(d.instances))
	}
	d.mu.Unlock()
	for _, i := range concerned {
		i.stream.Append(r)
	}
	if r.Name != "" && len(concerned) == 0 {
		return d.remark("fault of instance %q, which is not there (any more): %s", r.Name, message)
	}
	return nil
}
