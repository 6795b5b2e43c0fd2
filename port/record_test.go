package port

import (
	"encoding/json"
	"testing"
)

func TestAnswerRecords(t *testing.T) {
	if r := Answered("logout", Answer{Seq: 3}); r.Kind != RecordAnswer || r.Name != "logout" || r.Seq != 3 || r.Data != nil {
		t.Fatalf("got %+v", r)
	}
	for data, want := range map[string]string{
		``:        `{"error":{"code":5,"message":"m","kind":"throw"}}`,
		`{"x":1}`: `{"error":{"code":5,"message":"m","kind":"throw","data":{"x":1}}}`,
		`{broken`: `{"error":{"code":5,"message":"m","kind":"throw"}}`,
	} {
		r := Failed("logout", &CallError{Code: 5, Message: "m", Kind: KindThrow, Seq: 4, Data: json.RawMessage(data)})
		if string(r.Data) != want || r.Seq != 4 {
			t.Fatalf("got %+v with %s", r, r.Data)
		}
	}
}
