package backend

import (
	"encoding/json"

	"github.com/imsim/imsim/protocol"
)

func (w *World) joinedGroups(*request) (protocol.Reply, error) {
	return &protocol.JoinedGroupsReply{GroupIDList: []json.RawMessage{}}, nil
}

// noSuchGroup answers for every group: there are none yet.
func (w *World) noSuchGroup(*request) (protocol.Reply, error) {
	return nil, protocol.NewError(protocol.CodeGroupMissing)
}
