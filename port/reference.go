package port

// Methods of the reference API (SDK 2.14.0), in the order of its document.
var Methods = []string{
	"login", "logout", "destroy", "on", "off", "registerPlugin", "setLogLevel",
	"createTextMessage", "createTextAtMessage", "createImageMessage", "createAudioMessage", "createVideoMessage",
	"createCustomMessage", "createFaceMessage", "createFileMessage", "createMergerMessage", "downloadMergerMessage",
	"createForwardMessage", "sendMessage", "revokeMessage", "resendMessage", "deleteMessage", "getMessageList",
	"setMessageRead", "getConversationList", "getConversationProfile", "deleteConversation", "pinConversation",
	"getMyProfile", "getUserProfile", "updateMyProfile", "getBlacklist", "addToBlacklist", "removeFromBlacklist",
	"getFriendList", "addFriend", "deleteFriend", "checkFriend", "getFriendProfile", "updateFriend",
	"getFriendApplicationList", "acceptFriendApplication", "refuseFriendApplication", "deleteFriendApplication",
	"setFriendApplicationRead", "getFriendGroupList", "createFriendGroup", "deleteFriendGroup", "addToFriendGroup",
	"removeFromFriendGroup", "renameFriendGroup", "getGroupList", "getGroupProfile", "createGroup", "dismissGroup",
	"updateGroupProfile", "joinGroup", "quitGroup", "searchGroupByID", "getGroupOnlineMemberCount", "changeGroupOwner",
	"handleGroupApplication", "initGroupAttributes", "setGroupAttributes", "deleteGroupAttributes",
	"getGroupAttributes", "getGroupMemberList", "getGroupMemberProfile", "addGroupMember", "deleteGroupMember",
	"setGroupMemberMuteTime", "setGroupMemberRole", "setGroupMemberNameCard", "setGroupMemberCustomField",
	"setMessageRemindType", "once",
}

// Event is an event of the reference API.
type Event struct {
	Key   string // of TIM.EVENT
	Name  string // the value
	Never bool   // declared, but the genuine 2.14.0 never fires it
}

// Events of the reference API (SDK 2.14.0).
var Events = []Event{
	{Key: "SDK_READY", Name: "sdkStateReady"},
	{Key: "SDK_NOT_READY", Name: "sdkStateNotReady"},
	{Key: "SDK_DESTROY", Name: "sdkDestroy"},
	{Key: "MESSAGE_RECEIVED", Name: "onMessageReceived"},
	{Key: "MESSAGE_MODIFIED", Name: "onMessageModified"},
	{Key: "MESSAGE_REVOKED", Name: "onMessageRevoked"},
	{Key: "MESSAGE_READ_BY_PEER", Name: "onMessageReadByPeer"},
	{Key: "CONVERSATION_LIST_UPDATED", Name: "onConversationListUpdated"},
	{Key: "GROUP_LIST_UPDATED", Name: "onGroupListUpdated"},
	{Key: "GROUP_SYSTEM_NOTICE_RECEIVED", Name: "receiveGroupSystemNotice", Never: true},
	{Key: "GROUP_ATTRIBUTES_UPDATED", Name: "groupAttributesUpdated"},
	{Key: "PROFILE_UPDATED", Name: "onProfileUpdated"},
	{Key: "BLACKLIST_UPDATED", Name: "blacklistUpdated"},
	{Key: "FRIEND_LIST_UPDATED", Name: "onFriendListUpdated"},
	{Key: "FRIEND_GROUP_LIST_UPDATED", Name: "onFriendGroupListUpdated"},
	{Key: "FRIEND_APPLICATION_LIST_UPDATED", Name: "onFriendApplicationListUpdated"},
	{Key: "KICKED_OUT", Name: "kickedOut"},
	{Key: "ERROR", Name: "error"},
	{Key: "NET_STATE_CHANGE", Name: "netStateChange"},
	{Key: "SDK_RELOAD", Name: "sdkReload", Never: true},
}
