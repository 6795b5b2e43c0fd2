package backend

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/imsim/imsim/protocol"
)

// relay is the list of a merger that was too long to be sent inline. The SDKs
// save it under a key and send the key (messages.md §2.6).
type relay struct {
	Time int64           `json:"time"` // second in which it was saved
	List json.RawMessage `json:"msgList"`
}

// saveRelay is im_long_msg.save_relay_json_msg. A list over MaxMerger bytes is
// refused with 80002. Lists are kept as long as messages are.
func (w *World) saveRelay(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.SaveRelayRequest](r)
	if err != nil {
		return nil, err
	}
	list := bytes.TrimSpace(req.MsgList)
	switch {
	case len(list) == 0 || list[0] != '[' || len(bytes.TrimSpace(list[1:])) == 1:
		return nil, protocol.Errorf(protocol.CodeBadPacket, "MsgList must be a list of at least one message")
	case len(list) > w.cfg.MaxMerger:
		return nil, protocol.Errorf(protocol.CodeTooLong, "merged messages have more than %d bytes", w.cfg.MaxMerger)
	}
	w.counters.Relay++
	sum := sha256.Sum256(fmt.Appendf(nil, "merger %d %s %d", w.appID, r.user().id, w.counters.Relay))
	key := hex.EncodeToString(sum[:])
	w.keepRelay(key, relay{w.sec(), bytes.Clone(list)})
	return &protocol.SaveRelayReply{JSONMsgKey: key, PbMsgKey: key + "_pb"}, nil
}

// keepRelay stores a list until retention no longer keeps it.
func (w *World) keepRelay(key string, saved relay) {
	w.relays[key] = saved
	w.plan(time.Unix(saved.Time+1, 0).Add(w.cfg.Retention), func(w *World) { delete(w.relays, key) })
}

// getRelay is im_long_msg.get_relay_json_msg: the list as it was saved, for
// whoever knows the key. The documents give no code for an unknown one: 20001.
func (w *World) getRelay(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GetRelayRequest](r)
	if err != nil {
		return nil, err
	}
	saved, ok := w.relays[req.JSONMsgKey]
	if !ok || saved.Time < w.oldest() {
		return nil, protocol.Errorf(protocol.CodeBadPacket, "no merged messages are stored under that key")
	}
	return &protocol.GetRelayReply{MsgList: saved.List}, nil
}
