package protocol

import "fmt"

// Code is a documented error code of the service (semantics.md §6).
type Code int

// Codes by service. Names say the meaning, Text the sentence on the wire.
const (
	OK Code = 0

	CodeUnknownCommand Code = 10003

	CodeGroupParam    Code = 10004
	CodeGroupTooMany  Code = 10005
	CodeGroupNoRight  Code = 10007
	CodeGroupOwner    Code = 10009
	CodeGroupMissing  Code = 10010
	CodeGroupBadID    Code = 10015
	CodeGroupRefused  Code = 10016
	CodeGroupMuted    Code = 10017
	CodeGroupTooFast  Code = 10023
	CodeTooFrequent   Code = 10006
	CodeRecallGone    Code = 10030
	CodeRecallTooLate Code = 10031
	CodeRecallRefused Code = 10032

	CodeGroupMember     Code = 10013
	CodeGroupFull       Code = 10014
	CodeGroupNoAccount  Code = 10019
	CodeGroupTaken      Code = 10021
	CodeGroupHandled    Code = 10024
	CodeGroupOwnID      Code = 10025
	CodeGroupDeleteType Code = 10034
	CodeGroupDeleteRoom Code = 10035
	CodeGroupRooms      Code = 10036
	CodeGroupsOfUser    Code = 10037
	CodeGroupMemberCap  Code = 10038
	CodeGroupNoRoaming  Code = 10044
	CodeAttrKeyLong     Code = 10045
	CodeAttrValueLong   Code = 10046
	CodeAttrKeys        Code = 10047
	CodeAttrSum         Code = 10048
	CodeAttrMissing     Code = 10050
	CodeGroupAtMany     Code = 10053
	CodeAttrConflict    Code = 10056
	CodeReceiptMembers  Code = 10060
	CodeNoReceipt       Code = 10062
	CodeCommunityOff    Code = 11000

	CodeBadPacket        Code = 20001
	CodeTicketExpired    Code = 20002
	CodeNoAccount        Code = 20003
	CodeInternal         Code = 20005
	CodeSendRefused      Code = 20006
	CodeBlocked          Code = 20007
	CodeMuted            Code = 20012
	CodeC2CRecallLate    Code = 20016
	CodeDeleteFailed     Code = 20018
	CodeC2CRecallGone    Code = 20022
	CodeC2CRecallTwice   Code = 20023
	CodeModifyConflict   Code = 20027
	CodeSNSParam         Code = 30001
	CodeSNSNoUser        Code = 30003
	CodeFriendForbidden  Code = 30009
	CodeFriendsFull      Code = 30010
	CodeFriendGroupsFull Code = 30011
	CodePendencyFull     Code = 30012
	CodeBlackListFull    Code = 30013
	CodePeerFriendsFull  Code = 30014
	CodePeerBlocked      Code = 30515
	CodePeerDenies       Code = 30516
	CodeBlockedByPeer    Code = 30525
	CodeNeedsConsent     Code = 30539
	CodeNoApplication    Code = 30614
	CodeNotFriend        Code = 31704
	CodeNoPendency       Code = 31804
	CodeProfileParam     Code = 40001
	CodeProfileNoUser    Code = 40003
	CodeProfileTag       Code = 40009
	CodeProfileTooLong   Code = 40601
	CodeProfileValue     Code = 40605
	CodeProfileType      Code = 40610
	CodeContactAccount   Code = 50001
	CodeContactParam     Code = 50002
	CodePinsFull         Code = 51012
	CodeHTTP             Code = 60002
	CodeJSON             Code = 60003
	CodeRESTSig          Code = 60004
	CodeAppIDInvalid     Code = 60006
	CodeRESTUnknown      Code = 60009
	CodeRESTNotAdmin     Code = 60010
	CodeRESTNoAppID      Code = 60012
	CodeRESTParam        Code = 60025
	CodeUserSigExpired   Code = 70001
	CodeUserSigEmpty     Code = 70002
	CodeUserSigMalformed Code = 70003
	CodeUserSigForged    Code = 70009
	CodeUserSigOtherUser Code = 70013
	CodeUserSigOtherApp  Code = 70014
	CodeAppUnknown       Code = 70020
	CodeUserSigRevoked   Code = 70052
	CodeAccountMissing   Code = 70107
	CodeAccountParam     Code = 70402
	CodeTextRefused      Code = 80001
	CodeTooLong          Code = 80002
	CodeMsgJSON          Code = 90001
	CodeMsgBody          Code = 90002
	CodeMsgToAccount     Code = 90003
	CodeMsgRandom        Code = 90005
	CodeMsgTimeStamp     Code = 90006
	CodeMsgBodyType      Code = 90007
	CodeMsgFromAccount   Code = 90008
	CodeMsgFormat        Code = 90010
	CodeMsgToMissing     Code = 90012
	CodeMsgLifeTooLong   Code = 90026
	CodeSyncOther        Code = 90031
	CodeBatchTooMany     Code = 90011
	CodeBatchToType      Code = 90028
	CodeBatchToEmpty     Code = 90029
	CodeBatchTooLong     Code = 90055
	CodeOfflinePush      Code = 90043
	CodeMsgLifeTime      Code = 90044
	CodeMsgKey           Code = 90054
	CodePacketTooLong    Code = 93000

	CodeNotLoggedIn Code = 6014
	CodeKicked      Code = 6208
)

var codeTexts = map[Code]string{
	CodeUnknownCommand: "unknown command",
	CodeGroupParam:     "bad parameter",
	CodeTooFrequent:    "operation too frequent",
	CodeGroupNoRight:   "no right for this operation in the group",
	CodeGroupMissing:   "group does not exist or was dismissed",
	CodeGroupBadID:     "group ID is not valid",
	CodeGroupRefused:   "refused by the app",
	CodeGroupMuted:     "sender is muted in the group",
	CodeGroupTooFast:   "group messages too frequent",
	CodeRecallGone:     "message to recall not found",
	CodeRecallTooLate:  "recall window is over",

	CodeGroupTooMany:    "too many accounts in the request",
	CodeGroupOwner:      "the owner may not quit this group",
	CodeRecallRefused:   "message cannot be recalled",
	CodeGroupMember:     "already a member of the group",
	CodeGroupFull:       "group is full",
	CodeGroupNoAccount:  "a named account does not exist",
	CodeGroupTaken:      "group ID is taken",
	CodeGroupHandled:    "application was handled already",
	CodeGroupOwnID:      "group ID is taken by a group of your own",
	CodeGroupDeleteType: "message cannot be deleted",
	CodeGroupDeleteRoom: "this type of group has no messages to delete",
	CodeGroupRooms:      "too many live rooms",
	CodeGroupsOfUser:    "user is in too many groups",
	CodeGroupMemberCap:  "more members than the plan allows",
	CodeGroupNoRoaming:  "this type of group has no history",
	CodeAttrKeyLong:     "attribute key too long",
	CodeAttrValueLong:   "attribute value too long",
	CodeAttrKeys:        "too many attributes",
	CodeAttrSum:         "attributes too long together",
	CodeAttrMissing:     "no such attribute",
	CodeGroupAtMany:     "too many accounts mentioned",
	CodeAttrConflict:    "attributes were changed meanwhile",
	CodeReceiptMembers:  "group has too many members for read receipts",
	CodeNoReceipt:       "message has no read receipts",
	CodeCommunityOff:    "communities are not enabled",

	CodeBadPacket:      "bad packet",
	CodeTicketExpired:  "ticket expired",
	CodeNoAccount:      "sender or receiver is not an account",
	CodeInternal:       "internal error",
	CodeSendRefused:    "refused by the app",
	CodeBlocked:        "sender is on the receiver's blocklist",
	CodeMuted:          "sender is muted",
	CodeC2CRecallLate:  "recall window is over",
	CodeDeleteFailed:   "deleting messages failed",
	CodeC2CRecallGone:  "message to recall not found",
	CodeC2CRecallTwice: "message was recalled already",
	CodeModifyConflict: "message was changed meanwhile",

	CodeSNSParam:         "bad parameter",
	CodeSNSNoUser:        "account does not exist",
	CodeFriendForbidden:  "user is barred from adding friends",
	CodeFriendsFull:      "own friend list is full",
	CodeFriendGroupsFull: "too many friend groups",
	CodePendencyFull:     "too many pending applications",
	CodeBlackListFull:    "blocklist is full",
	CodePeerFriendsFull:  "the other's friend list is full",
	CodePeerBlocked:      "the other is on the own blocklist",
	CodePeerDenies:       "the other denies all applications",
	CodeBlockedByPeer:    "on the other's blocklist",
	CodeNeedsConsent:     "waits for the other's consent",
	CodeNoApplication:    "no such application",
	CodeNotFriend:        "not a friend",
	CodeNoPendency:       "no such application to delete",

	CodeProfileParam:   "bad parameter",
	CodeProfileNoUser:  "account does not exist",
	CodeProfileTag:     "unknown profile tag",
	CodeProfileTooLong: "profile value too long",
	CodeProfileValue:   "profile value not allowed",
	CodeProfileType:    "profile value has the wrong type",
	CodeContactAccount: "account not valid",
	CodeContactParam:   "bad parameter",
	CodePinsFull:       "too many pinned conversations",

	CodeHTTP:         "HTTP request not valid",
	CodeJSON:         "JSON not valid",
	CodeRESTSig:      "account or signature not valid",
	CodeAppIDInvalid: "SDKAppID not valid",
	CodeRESTUnknown:  "unknown command in the URL",
	CodeRESTNotAdmin: "identifier is not an app admin",
	CodeRESTNoAppID:  "sdkappid is missing",
	CodeRESTParam:    "URL parameter missing or wrong",

	CodeUserSigExpired:   "UserSig expired",
	CodeUserSigEmpty:     "UserSig is empty",
	CodeUserSigMalformed: "UserSig cannot be decoded",
	CodeUserSigForged:    "UserSig was signed with another key",
	CodeUserSigOtherUser: "UserSig belongs to another userID",
	CodeUserSigOtherApp:  "UserSig belongs to another SDKAppID",
	CodeAppUnknown:       "SDKAppID is unknown here",
	CodeUserSigRevoked:   "UserSig was revoked",
	CodeAccountMissing:   "account does not exist",
	CodeAccountParam:     "userID not valid",

	CodeTextRefused:    "text refused by the word filter",
	CodeTooLong:        "message too long",
	CodeMsgJSON:        "JSON not valid",
	CodeMsgBody:        "MsgBody is not an array of elements",
	CodeMsgToAccount:   "To_Account is missing or not a string",
	CodeMsgRandom:      "MsgRandom is not an integer",
	CodeMsgTimeStamp:   "MsgTimeStamp is not an integer",
	CodeMsgBodyType:    "MsgBody element has a wrong type",
	CodeMsgFromAccount: "From_Account is not the sender",
	CodeMsgFormat:      "message format not valid",
	CodeMsgToMissing:   "To_Account is not an account",
	CodeMsgLifeTooLong: "MsgLifeTime is more than 7 days",
	CodeSyncOther:      "SyncOtherMachine is neither 1 nor 2",
	CodeBatchTooMany:   "more than 500 receivers",
	CodeBatchToType:    "To_Account is not a list of strings",
	CodeBatchToEmpty:   "To_Account is empty",
	CodeBatchTooLong:   "packet too long",
	CodeOfflinePush:    "OfflinePushInfo is malformed",
	CodeMsgLifeTime:    "MsgLifeTime is not an integer of seconds",
	CodeMsgKey:         "message key not valid",
	CodePacketTooLong:  "packet too long",

	CodeNotLoggedIn: "not logged in",
	CodeKicked:      "kicked out by another instance",
}

// Text is the sentence that goes with a code.
func (c Code) Text() string {
	if t, ok := codeTexts[c]; ok {
		return t
	}
	return fmt.Sprintf("error %d", int(c))
}

// Error is a refusal with a documented code. Compare with errors.As.
type Error struct {
	Code Code
	Info string // ErrorInfo; for people
}

// NewError returns an error with the table's text.
func NewError(c Code) *Error { return &Error{Code: c, Info: c.Text()} }

// Errorf returns an error with a text of its own.
func Errorf(c Code, format string, args ...any) *Error {
	return &Error{Code: c, Info: fmt.Sprintf(format, args...)}
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%d)", e.Info, int(e.Code)) }

// Status begins the body of every reply. ErrorCode alone decides.
type Status struct {
	ActionStatus string `json:"ActionStatus"` // "OK" or "FAIL"
	ErrorCode    Code   `json:"ErrorCode"`
	ErrorInfo    string `json:"ErrorInfo"`
}

// Fail is the reply body of a refused request.
func Fail(err *Error) *Status {
	return &Status{ActionStatus: "FAIL", ErrorCode: err.Code, ErrorInfo: err.Info}
}

// Reply is the body of any reply: a struct that embeds Status. A zero Status
// stands for success.
type Reply interface{ status() *Status }

func (s *Status) status() *Status {
	if s.ActionStatus == "" {
		s.ActionStatus = "OK"
	}
	return s
}

// EncodeReply appends the reply frame to the request with that servcmd and seq.
func EncodeReply(dst []byte, servcmd string, seq Seq, body Reply) ([]byte, error) {
	body.status()
	return EncodeFrame(dst, servcmd, seq, body)
}
