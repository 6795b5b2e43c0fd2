package protocol

import "encoding/json"

// File types of PreSigRequest.
const (
	FileImage = 1
	FileVideo = 2
	FileAudio = 3
	FileOther = 255
)

// PreSigRequest is im_cos_msg.pre_sig; its head carries identifier and
// usersig, no a2.
type PreSigRequest struct {
	FileType     int    `json:"file_type"`
	FileName     string `json:"file_name"`
	UploadMethod int    `json:"upload_method"`
	Duration     int    `json:"Duration"` // seconds the URL is asked for
}

// PreSigReply answers it: the file is PUT to UploadURL and served at
// DownloadURL.
type PreSigReply struct {
	Status
	UploadURL   string `json:"upload_url"`
	DownloadURL string `json:"download_url"`
	RequestID   string `json:"request_id"`
	ExpiredTime int64  `json:"expired_time"`
	CiURL       string `json:"ci_url"`
	HeadURL     string `json:"head_url"`
}

// SaveRelayRequest is im_long_msg.save_relay_json_msg: the items of a merger
// that is too long to be sent inline.
type SaveRelayRequest struct {
	MsgList json.RawMessage `json:"MsgList"`
}

// SaveRelayReply gives the key to fetch them with.
type SaveRelayReply struct {
	Status
	JSONMsgKey string `json:"JsonMsgKey"`
	PbMsgKey   string `json:"PbMsgKey"`
}

// GetRelayRequest is im_long_msg.get_relay_json_msg.
type GetRelayRequest struct {
	JSONMsgKey string `json:"JsonMsgKey"`
}

// GetRelayReply gives the items as they were saved.
type GetRelayReply struct {
	Status
	MsgList json.RawMessage `json:"MsgList"`
}
