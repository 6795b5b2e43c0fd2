package client

// Version is the reference SDK that this client behaves like.
const Version = "2.14.0"

// Events, by the value of their name (TIM.EVENT of the reference). The comment
// says what Event.Data holds.
const (
	EventSDKReady                     = "sdkStateReady"                  // nil
	EventSDKNotReady                  = "sdkStateNotReady"               // nil
	EventSDKDestroy                   = "sdkDestroy"                     // *DestroyData
	EventMessageReceived              = "onMessageReceived"              // []*Message
	EventMessageModified              = "onMessageModified"              // []*Message
	EventMessageRevoked               = "onMessageRevoked"               // []*Message
	EventMessageReadByPeer            = "onMessageReadByPeer"            // []*Message
	EventConversationListUpdated      = "onConversationListUpdated"      // []*Conversation, whole list
	EventGroupListUpdated             = "onGroupListUpdated"             // []*Group, whole list
	EventGroupSystemNoticeReceived    = "receiveGroupSystemNotice"       // never fired
	EventGroupAttributesUpdated       = "groupAttributesUpdated"         // *GroupAttributesData
	EventProfileUpdated               = "onProfileUpdated"               // []*Profile, the changed ones
	EventBlacklistUpdated             = "blacklistUpdated"               // []string, whole list
	EventFriendListUpdated            = "onFriendListUpdated"            // []*Friend, whole list
	EventFriendGroupListUpdated       = "onFriendGroupListUpdated"       // []*FriendGroup, whole list
	EventFriendApplicationListUpdated = "onFriendApplicationListUpdated" // *FriendApplicationList
	EventKickedOut                    = "kickedOut"                      // *KickedOutData
	EventError                        = "error"                          // *Error
	EventNetStateChange               = "netStateChange"                 // *NetStateData
	EventSDKReload                    = "sdkReload"                      // never fired
)

// Events lists every event name once.
var Events = []string{
	EventSDKReady, EventSDKNotReady, EventSDKDestroy, EventMessageReceived, EventMessageModified,
	EventMessageRevoked, EventMessageReadByPeer, EventConversationListUpdated, EventGroupListUpdated,
	EventGroupSystemNoticeReceived, EventGroupAttributesUpdated, EventProfileUpdated, EventBlacklistUpdated,
	EventFriendListUpdated, EventFriendGroupListUpdated, EventFriendApplicationListUpdated, EventKickedOut,
	EventError, EventNetStateChange, EventSDKReload,
}

// Types of messages (Message.Type).
const (
	MsgText      = "TIMTextElem"
	MsgImage     = "TIMImageElem"
	MsgSound     = "TIMSoundElem"
	MsgAudio     = "TIMSoundElem" // same as MsgSound
	MsgFile      = "TIMFileElem"
	MsgFace      = "TIMFaceElem"
	MsgVideo     = "TIMVideoFileElem"
	MsgGeo       = "TIMLocationElem"
	MsgGrpTip    = "TIMGroupTipElem"
	MsgGrpNotice = "TIMGroupSystemNoticeElem" // MSG_GRP_SYS_NOTICE
	MsgCustom    = "TIMCustomElem"
	MsgMerger    = "TIMRelayElem"
)

// MsgAtAll in an atUserList mentions everybody. The spelling is the service's.
const MsgAtAll = "__kImSDK_MesssageAtALL__"

// Priorities of group messages; the default is PriorityNormal.
const (
	PriorityHigh   = "High"
	PriorityNormal = "Normal"
	PriorityLow    = "Low"
	PriorityLowest = "Lowest"
)

// Types of conversations.
const (
	ConvC2C    = "C2C"
	ConvGroup  = "GROUP"
	ConvSystem = "@TIM#SYSTEM"
)

// Kinds of mentions in Conversation.GroupAtInfoList.
const (
	ConvAtMe      = 1
	ConvAtAll     = 2
	ConvAtAllAtMe = 3
)

// Types of groups.
const (
	GrpPrivate    = "Private"
	GrpWork       = "Private" // later name of GrpPrivate
	GrpPublic     = "Public"
	GrpChatRoom   = "ChatRoom"
	GrpMeeting    = "ChatRoom" // later name of GrpChatRoom
	GrpAVChatRoom = "AVChatRoom"
)

// Roles of group members.
const (
	GrpMbrRoleOwner  = "Owner"
	GrpMbrRoleAdmin  = "Admin"
	GrpMbrRoleMember = "Member"
)

// Kinds of group tips.
const (
	GrpTipMbrJoin           = 1
	GrpTipMbrQuit           = 2
	GrpTipMbrKickedOut      = 3
	GrpTipMbrSetAdmin       = 4
	GrpTipMbrCanceledAdmin  = 5
	GrpTipGrpProfileUpdated = 6
	GrpTipMbrProfileUpdated = 7
)

// How one is told of group messages.
const (
	MsgRemindAcptAndNote = "AcceptAndNotify"
	MsgRemindAcptNotNote = "AcceptNotNotify"
	MsgRemindDiscard     = "Discard"
)

// Genders.
const (
	GenderUnknown = "Gender_Type_Unknown"
	GenderFemale  = "Gender_Type_Female"
	GenderMale    = "Gender_Type_Male"
)

// Why a session was ended (KickedOutData.Type).
const (
	KickedOutMultAccount    = "multipleAccount"
	KickedOutMultDevice     = "multipleDevice"
	KickedOutUserSigExpired = "userSigExpired"
)

// Who may add a user as a friend.
const (
	AllowTypeAllowAny    = "AllowType_Type_AllowAny"
	AllowTypeNeedConfirm = "AllowType_Type_NeedConfirm"
	AllowTypeDenyAny     = "AllowType_Type_DenyAny"
)

// Bars set by the app's administrator.
const (
	ForbidTypeNone    = "AdminForbid_Type_None"
	ForbidTypeSendOut = "AdminForbid_Type_SendOut"
)

// How one joins a group.
const (
	JoinOptionsFreeAccess     = "FreeAccess"
	JoinOptionsNeedPermission = "NeedPermission"
	JoinOptionsDisableApply   = "DisableApply"
	JoinStatusSuccess         = "JoinedSuccess"
	JoinStatusAlreadyInGroup  = "AlreadyInGroup"
	JoinStatusWaitApproval    = "WaitAdminApproval"
)

// Fields for groupProfileFilter.
const (
	GrpProfileOwnerID      = "ownerID"
	GrpProfileCreateTime   = "createTime"
	GrpProfileLastInfoTime = "lastInfoTime"
	GrpProfileMemberNum    = "memberNum"
	GrpProfileMaxMemberNum = "maxMemberNum"
	GrpProfileJoinOption   = "joinOption"
	GrpProfileIntroduction = "introduction"
	GrpProfileNotification = "notification"
	GrpProfileMuteAllMbrs  = "muteAllMembers"
)

// Relations: kinds of adding, deleting, checking and applying.
const (
	SNSAddTypeSingle          = "Add_Type_Single"
	SNSAddTypeBoth            = "Add_Type_Both"
	SNSDeleteTypeSingle       = "Delete_Type_Single"
	SNSDeleteTypeBoth         = "Delete_Type_Both"
	SNSApplicationTypeBoth    = "Pendency_Type_Both"
	SNSApplicationSentToMe    = "Pendency_Type_ComeIn"
	SNSApplicationSentByMe    = "Pendency_Type_SendOut"
	SNSApplicationAgree       = "Response_Action_Agree"
	SNSApplicationAgreeAndAdd = "Response_Action_AgreeAndAdd"
	SNSCheckTypeBoth          = "CheckResult_Type_Both"
	SNSCheckTypeSingle        = "CheckResult_Type_Single"
	SNSTypeNoRelation         = "CheckResult_Type_NoRelation"
	SNSTypeAWithB             = "CheckResult_Type_AWithB"
	SNSTypeBWithA             = "CheckResult_Type_BWithA"
	SNSTypeBothWay            = "CheckResult_Type_BothWay"
)

// States of the connection (NetStateData.State).
const (
	NetStateConnected    = "connected"
	NetStateConnecting   = "connecting"
	NetStateDisconnected = "disconnected"
)

// States of a message (Message.Status) and its directions (Message.Flow).
const (
	StatusUnsent  = "unSend"
	StatusSuccess = "success"
	StatusFail    = "fail"
	FlowIn        = "in"
	FlowOut       = "out"
)
