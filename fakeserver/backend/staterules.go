package backend

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/imsim/imsim/protocol"
)

// loadRelations takes what an account decided on others, and what was decided
// on it, from a state.
func (a *account) loadRelations(u userState) error {
	if len(u.Blocklist) > maxBlocked {
		return fmt.Errorf("blocklist has more than %d entries", maxBlocked)
	}
	for i, b := range u.Blocklist {
		if validUserID(b.UserID) != nil || b.UserID == a.id || a.blocks(b.UserID) {
			return fmt.Errorf("blocklist[%d]: %q stands twice or is no other userID", i, b.UserID)
		}
		a.blocked = append(a.blocked, b)
	}
	for id, how := range u.PeerMute {
		if validUserID(id) != nil || !validRemind(how) || how == protocol.RemindAcceptAndNotify {
			return fmt.Errorf("peerMute: %q has the value %d", id, how)
		}
		a.setRemind(id, how)
	}
	if u.Mute != nil {
		a.mute = *u.Mute
	}
	a.sigsFrom = u.SigsFrom
	return nil
}

func (w *World) loadRelay(key string, saved relay) error {
	list := bytes.TrimSpace(saved.List)
	if key == "" || len(list) == 0 || list[0] != '[' || !json.Valid(list) {
		return fmt.Errorf("relays: %q is not a list of messages", key)
	}
	saved.List = list
	w.keepRelay(key, saved)
	return nil
}
