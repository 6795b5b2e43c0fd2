package client

import (
	"encoding/json"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// KickedOutData is Data of EventKickedOut.
type KickedOutData struct {
	Type string `json:"type"` // one of the KickedOut… constants
}

// NetStateData is Data of EventNetStateChange.
type NetStateData struct {
	State string `json:"state"` // one of the NetState… constants
}

// kicked ends the session because of another login: wslogout of type 1, and
// when it is answered (or times out) KICKED_OUT and SDK_NOT_READY. Other kinds
// than 1 and 2 are ignored by 2.14 (session.md §8).
func (c *Client) kicked(kind protocol.KickType) {
	data := &KickedOutData{}
	switch kind {
	case protocol.KickMultipleAccount:
		data.Type = KickedOutMultAccount
	case protocol.KickMultipleDevice:
		data.Type = KickedOutMultDevice
	default:
		return
	}
	if !c.session.loggedIn || c.session.kicking {
		return
	}
	c.session.kicking = true
	c.askThen(protocol.CmdLogout, encode(protocol.LogoutRequest{Type: 1}), func(reply) {
		if !c.session.loggedIn {
			return
		}
		c.emit(EventKickedOut, data)
		c.endSession()
	})
}

// kickedByReply: a reply with code 1002 kicks as the push does.
func (c *Client) kickedByReply(body json.RawMessage) {
	c.kicked(protocol.KickType(gjson.GetBytes(body, "KickType").Int()))
}

// expired: any reply with 70001 or 20002 says that the UserSig is no longer
// valid. A session ends with KICKED_OUT, and in any case a new connection is
// made.
func (c *Client) expired() {
	if c.session.loggedIn && c.session.instID != 0 {
		c.emit(EventKickedOut, &KickedOutData{Type: KickedOutUserSigExpired})
		c.endSession()
	}
	// Not under the lock: the link reports the new state to us.
	c.tasks.Add(1)
	go func() {
		defer c.tasks.Done()
		c.link.Reconnect()
	}()
}
