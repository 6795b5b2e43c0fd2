package clientport

import (
	"context"

	"github.com/imsim/imsim/client"
)

// removeFromBlacklist refuses anything but an array with 2741, as Go's nil.
func removeFromBlacklist(ctx context.Context, i *Instance, a arguments) (any, error) {
	var o client.BlacklistOptions
	if a.at(0).Get("userIDList").IsArray() {
		o.UserIDList = []string{}
		if err := decode(a.at(0), &o); err != nil {
			return nil, err
		}
	}
	return value(i.client.RemoveFromBlacklist(ctx, o))
}
