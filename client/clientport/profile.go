package clientport

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/client"
)

// updateMyProfile refuses with 2721 what the options' types rule out in Go:
// properties that there are not, null, and values of another type.
func updateMyProfile(ctx context.Context, i *Instance, a arguments) (any, error) {
	var o client.UpdateMyProfileOptions
	valid := true
	fields := make(map[string]json.RawMessage)
	a.at(0).ForEach(func(key, v gjson.Result) bool {
		valid = valid && v.Type != gjson.Null
		if defined(v).Exists() {
			fields[key.Str] = json.RawMessage(v.Raw)
		}
		return true
	})
	dec := json.NewDecoder(bytes.NewReader(marshal(fields)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&o); err != nil || !valid {
		return nil, &client.Error{Code: client.CodeProfileParam, Message: "a property is unknown or has another type"}
	}
	return value(i.client.UpdateMyProfile(ctx, o))
}
