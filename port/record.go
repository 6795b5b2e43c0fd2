package port

import "encoding/json"

// Answered is the record of a call that succeeded; its data is the value.
func Answered(api string, a Answer) Record {
	return Record{Kind: RecordAnswer, Seq: a.Seq, Name: api, Data: a.Value}
}

// Failed is the record of a call that the SDK answered with an error; its data
// is {"error":{"code","message","kind","data"}}.
func Failed(api string, e *CallError) Record {
	type failure struct {
		Code    int             `json:"code"`
		Message string          `json:"message"`
		Kind    string          `json:"kind"`
		Data    json.RawMessage `json:"data,omitempty"`
	}
	data, err := json.Marshal(map[string]failure{
		"error": {Code: e.Code, Message: e.Message, Kind: e.Kind, Data: e.Data},
	})
	if err != nil { // Data was no JSON; the rest is kept
		data, _ = json.Marshal(map[string]failure{
			"error": {Code: e.Code, Message: e.Message, Kind: e.Kind},
		})
	}
	return Record{Kind: RecordAnswer, Seq: e.Seq, Name: api, Data: data}
}
