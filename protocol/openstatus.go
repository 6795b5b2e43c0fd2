package protocol

// LoginRequest is im_open_status.wslogin. Who logs in stands in the head:
// identifier and usersig at the first login, a2 and tinyid at a repeated one.
type LoginRequest struct {
	State       string  `json:"State"` // "Online"
	IsWebUniapp *int    `json:"is_web_uniapp,omitempty"`
	InstType    *int    `json:"InstType,omitempty"` // device brand, 0 on the web
	CustomInfo  *string `json:"CustomInfo,omitempty"`
}

// LoginReply answers wslogin. Of a repeated login's reply the SDK reads InstId
// only.
type LoginReply struct {
	Status
	TinyID        string `json:"TinyId"` // a string: large numbers lose digits
	A2Key         string `json:"A2Key"`
	InstID        uint32 `json:"InstId"`        // ≥ 1, else userSigExpired never fires
	HelloInterval int    `json:"HelloInterval"` // seconds between wshello
	TimeStamp     int64  `json:"TimeStamp"`     // server's seconds
	ExpireTime    int64  `json:"ExpireTime"`
}

// LogoutRequest is im_open_status.wslogout.
type LogoutRequest struct {
	Type int `json:"wslogout_type"` // 0 on purpose, 1 after a kick
}

// HelloReply answers wshello; with CodeHelloKicked and a KickType it acts like
// the kick push.
type HelloReply struct {
	Status
	KickType KickType `json:"KickType,omitempty"`
}

// CodeHelloKicked is ErrorCode of a wshello reply that kicks (session.md §8).
const CodeHelloKicked Code = 1002

// KickType of a kick push.
type KickType int

// Kick types; userSigExpired has none, it follows from a reply with
// CodeUserSigExpired.
const (
	KickMultipleAccount KickType = 1
	KickMultipleDevice  KickType = 2
	KickRESTAPI         KickType = 3 // from 2.27 on; 2.14 ignores it
)
