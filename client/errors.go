package client

import (
	"errors"
	"fmt"
)

// Error is a failure with a documented code: the server's, or one of the Code
// constants of this package. Compare with errors.As; texts are for people.
type Error struct {
	Code    int       `json:"code"`
	Message string    `json:"message"`
	Data    ErrorData `json:"data"`
}

// ErrorData is what comes with an Error; sends and recalls give the message,
// GetGroupProfile the group.
type ErrorData struct {
	Message *Message `json:"message,omitempty"`
	GroupID string   `json:"groupID,omitempty"`
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%d)", e.Message, e.Code) }

// ParamError says that an argument is missing or not valid: the reference SDK
// throws "Params validate failed." synchronously, without a code and before any
// request.
type ParamError struct {
	API   string // method of the reference API
	Param string
	Why   string
}

func (e *ParamError) Error() string {
	return fmt.Sprintf("Params validate failed. %s: %s %s", e.API, e.Param, e.Why)
}

// ErrDestroyed ends what was under way when the client was destroyed.
var ErrDestroyed = errors.New("the client was destroyed")

// Codes that the client itself makes (session.md §9, messages.md §1.2, relations.md §8).
const (
	CodeNoTinyID             = 2022 // login reply without TinyId
	CodeNoA2Key              = 2023 // login reply without A2Key
	CodeNotLoggedIn          = 2024 // logout without login
	CodeRepeatLogin          = 2025 // login while one is pending, or within 15 s after one that failed
	CodeNoUploadPlugin       = 2040 // media message without upload plugin
	CodePreSigRefused        = 2041 // pre-signed URL refused, after one retry
	CodeSendFailed           = 2100 // a send failed without a code of its own
	CodeNotAMessage          = 2105 // sendMessage with something else
	CodeConversationType     = 2106 // neither C2C nor GROUP
	CodeEmptyFile            = 2108
	CodeOnProgress           = 2109 // onProgress panicked; it is logged only, the upload goes on
	CodeRevokeFailed         = 2110
	CodeDeleteFailed         = 2111
	CodeImageFormat          = 2252 // not jpg, jpeg, gif, png, bmp
	CodeImageSize            = 2253 // 20 MiB or more
	CodeAudioSize            = 2301 // over 20 MiB
	CodeVideoUpload          = 2350 // upload failed, after one retry
	CodeVideoSize            = 2351 // over 100 MiB
	CodeVideoFormat          = 2352 // not mp4
	CodeUploadFailed         = 2400
	CodeFileSize             = 2402 // over 100 MiB
	CodeNothingToSend        = 2403 // empty element, or no URL after the upload
	CodeNoMerger             = 2450 // downloadMergerMessage of another type
	CodeNoMergerKey          = 2451 // the list is inline already
	CodeMergerDownload       = 2452
	CodeForwardType          = 2453 // group tips cannot be forwarded
	CodeConversationNotFound = 2500
	CodeUserOrGroupNotFound  = 2501
	CodeConversationKind     = 2502
	CodeGroupType            = 2600 // createGroup with an unknown type
	CodeJoinWork             = 2601 // joinGroup with the type of work groups
	CodeRoomOwner            = 2620 // changeGroupOwner of a live room
	CodeOwnerAlready         = 2621 // changeGroupOwner to oneself
	CodeDismissWork          = 2622 // dismissGroup of a work group; 2.14 itself has no code
	CodeNotInGroup           = 2623 // quitGroup of a group that is not in the local list
	CodeNoLiveRoom           = 2641 // attributes of another group than a live room
	CodeRoomNotJoined        = 2642 // attributes of a live room that was not joined
	CodeJoinFailed           = 2660 // joinGroup: reply without a known status
	CodeAddToRoom            = 2661 // addGroupMember to a live room
	CodeJoinAnonymously      = 2662 // joinGroup without a login of another group than a live room
	CodeRemoveFromRoom       = 2680 // deleteGroupMember of a live room
	CodeNotOwner             = 2681 // setGroupMemberRole: one is not the owner
	CodeRolesOfType          = 2682 // setGroupMemberRole in a work group or a live room
	CodeUnknownRole          = 2683 // setGroupMemberRole: neither admin nor member
	CodeRoleOfOneself        = 2684 // setGroupMemberRole of oneself
	CodeMuteOneself          = 2685 // setGroupMemberMuteTime of oneself
	CodeNotMyFriend          = 2700
	CodeAlreadyMyFriend      = 2701
	CodeFriendGroupExists    = 2710
	CodeNoFriendGroup        = 2711
	CodeNoApplication        = 2716 // no such friend application
	CodeProfileParam         = 2721 // updateMyProfile: nothing given, or a value that is not allowed
	CodeNothingToUpdate      = 2722 // updateMyProfile with nothing but an empty profileCustomField
	CodeUnblockParam         = 2741 // removeFromBlacklist without a list
	CodeBlockingOneself      = 2742
	CodeTimeout              = 2801 // no reply within 15 s
	CodeInternal             = 2903 // a reply that lacks what it must have
	CodeInvalidOperation     = 2905
	CodeModuleMissing        = 2998 // there is nobody to do that
	CodeNotReady             = 2999
)

var codeTexts = map[int]string{
	CodeNoTinyID:             "login reply has no TinyId",
	CodeNoA2Key:              "login reply has no A2Key",
	CodeNotLoggedIn:          "not logged in",
	CodeRepeatLogin:          "a login is under way",
	CodeNoUploadPlugin:       "no upload plugin registered",
	CodePreSigRefused:        "no URL to upload to",
	CodeSendFailed:           "sending failed",
	CodeNotAMessage:          "not a message made by this client",
	CodeConversationType:     "conversation type is neither C2C nor GROUP",
	CodeEmptyFile:            "file is empty",
	CodeOnProgress:           "onProgress panicked",
	CodeRevokeFailed:         "recall failed",
	CodeDeleteFailed:         "deleting failed",
	CodeImageFormat:          "image is not jpg, jpeg, gif, png or bmp",
	CodeImageSize:            "image has 20 MiB or more",
	CodeAudioSize:            "audio has more than 20 MiB",
	CodeVideoUpload:          "video upload failed",
	CodeVideoSize:            "video has more than 100 MiB",
	CodeVideoFormat:          "video is not mp4",
	CodeUploadFailed:         "upload failed",
	CodeFileSize:             "file has more than 100 MiB",
	CodeNothingToSend:        "nothing to send",
	CodeNoMerger:             "message is not a merger",
	CodeNoMergerKey:          "merger has no download key",
	CodeMergerDownload:       "downloading the merged messages failed",
	CodeForwardType:          "group tips cannot be forwarded",
	CodeConversationNotFound: "no such conversation",
	CodeUserOrGroupNotFound:  "no such user or group",
	CodeConversationKind:     "unknown kind of conversation",
	CodeGroupType:            "no such type of groups",
	CodeJoinWork:             "work groups cannot be joined",
	CodeRoomOwner:            "the owner of a live room cannot be changed",
	CodeOwnerAlready:         "one owns the group already",
	CodeDismissWork:          "work groups cannot be dismissed",
	CodeNotInGroup:           "not in the group",
	CodeNoLiveRoom:           "only live rooms have attributes",
	CodeRoomNotJoined:        "the live room was not joined",
	CodeJoinFailed:           "joining failed",
	CodeAddToRoom:            "nobody can be added to a live room",
	CodeJoinAnonymously:      "only live rooms can be joined without a login",
	CodeRemoveFromRoom:       "nobody can be removed from a live room",
	CodeNotOwner:             "only the owner may do that",
	CodeRolesOfType:          "groups of this type have no admins",
	CodeUnknownRole:          "neither admin nor member",
	CodeRoleOfOneself:        "one cannot change one's own role",
	CodeMuteOneself:          "one cannot mute oneself",
	CodeNotMyFriend:          "not a friend",
	CodeAlreadyMyFriend:      "a friend already",
	CodeFriendGroupExists:    "there is a friend list of that name",
	CodeNoFriendGroup:        "no such friend list",
	CodeNoApplication:        "no such friend application",
	CodeProfileParam:         "no value to update, or one that is not allowed",
	CodeNothingToUpdate:      "nothing to update",
	CodeUnblockParam:         "no list of users",
	CodeBlockingOneself:      "one cannot block oneself",
	CodeTimeout:              "no reply within 15 s",
	CodeInternal:             "reply cannot be used",
	CodeInvalidOperation:     "no such operation",
	CodeModuleMissing:        "nothing here can do that",
	CodeNotReady:             "not ready: wait for SDK_READY",
}

func fail(code int) *Error { return &Error{Code: code, Message: codeTexts[code]} }
