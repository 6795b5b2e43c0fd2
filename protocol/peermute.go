package protocol

// Values of MuteNotifications, the API's messageRemindType.
const (
	RemindAcceptAndNotify = 0
	RemindDiscard         = 1
	RemindAcceptNotNotify = 2
)

// SetPeerMuteRequest is openim.set_c2c_peer_mute_notifications (2.27 and later).
type SetPeerMuteRequest struct {
	PeerAccount       []string `json:"Peer_Account"`
	MuteNotifications int      `json:"Mute_Notifications"` // spelt so in the request only
}

// SetPeerMuteReply answers it; accounts that failed stand in ErrorList.
type SetPeerMuteReply struct {
	Status
	UpdateSeq int64           `json:"UpdateSeq"`
	ErrorList []PeerMuteError `json:"ErrorList,omitempty"`
}

// PeerMuteError is an account that could not be set.
type PeerMuteError struct {
	PeerAccount string `json:"Peer_Account"`
	ErrorCode   Code   `json:"ErrorCode"`
}

// GetPeerMuteReply answers openim.get_c2c_peer_mute_notifications. It lists
// the peers with a value other than 0.
type GetPeerMuteReply struct {
	Status
	UpdateSeq             int64      `json:"UpdateSeq"`
	MuteNotificationsList []PeerMute `json:"MuteNotificationsList"`
}

// PeerMute is a peer and how its messages are announced.
type PeerMute struct {
	PeerAccount       string `json:"Peer_Account"`
	MuteNotifications int    `json:"MuteNotifications"`
}

// MuteNotification tells the other instances of an account.
type MuteNotification struct {
	ToAccount         string `json:"To_Account"`
	UpdateSeq         int64  `json:"UpdateSeq"`
	MuteNotifications int    `json:"MuteNotifications"`
}
