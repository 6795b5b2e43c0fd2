package clientport

import (
	"bytes"
	"encoding/json"

	"github.com/imsim/imsim/client"
)

// encode is a value in its documented shape; messages in it get their refs. mu
// is held.
func (i *Instance) encode(v any) json.RawMessage {
	if v == nil {
		return nil
	}
	return marshal(i.shape(v))
}

// shape puts refs to the messages of the values that can hold any.
func (i *Instance) shape(v any) any {
	switch v := v.(type) {
	case *client.Message:
		return i.message(v)
	case []*client.Message:
		list := make([]json.RawMessage, len(v))
		for n, m := range v {
			list[n] = i.message(m)
		}
		return list
	case *client.MessageResult:
		return map[string]any{"message": i.message(v.Message)}
	case *client.DeleteResult:
		return map[string]any{"messageList": i.shape(v.MessageList)}
	case *client.MessageListResult:
		return map[string]any{
			"messageList": i.shape(v.MessageList), "nextReqMessageID": v.NextReqMessageID, "isCompleted": v.IsCompleted,
		}
	case client.ErrorData:
		data := make(map[string]any)
		if v.Message != nil {
			data["message"] = i.message(v.Message)
		}
		if v.GroupID != "" {
			data["groupID"] = v.GroupID
		}
		return data
	case handed:
		arg := map[string]any{"name": v.Name}
		if v.Data != nil {
			arg["data"] = i.shape(v.Data)
		}
		return arg
	case *client.Error:
		return map[string]any{"code": v.Code, "message": v.Message, "data": i.shape(v.Data)}
	}
	return v
}

func (i *Instance) message(m *client.Message) json.RawMessage {
	if i.refs == nil {
		return marshal(m)
	}
	fields := marshal(m)
	ref := marshal(i.ref(m))
	out := make([]byte, 0, len(fields)+len(ref)+8)
	out = append(append(out, `{"$ref":`...), ref...)
	out = append(out, ',')
	return append(out, fields[1:]...)
}

func marshal(v any) json.RawMessage {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // all our values can be encoded
	}
	return bytes.TrimRight(buf.Bytes(), "\n")
}
