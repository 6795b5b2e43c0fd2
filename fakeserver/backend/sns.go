package backend

import (
	"encoding/json"

	"github.com/imsim/imsim/protocol"
)

func (w *World) friendGet(*request) (protocol.Reply, error) {
	return &protocol.FriendGetReply{UserDataItem: []json.RawMessage{}, CompleteFlag: 1}, nil
}

func (w *World) friendGroupGet(*request) (protocol.Reply, error) {
	return &protocol.FriendGroupReply{ResultItem: []json.RawMessage{}}, nil
}

func (w *World) pendencyGet(*request) (protocol.Reply, error) {
	return &protocol.PendencyReply{PendencyItem: []json.RawMessage{}}, nil
}
