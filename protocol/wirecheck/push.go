package wirecheck

import (
	"fmt"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// Lists of the items of a push, and what their own items must have.
var lists = map[string]string{
	"C2cMsgArray":        "s From_Account To_Account n MsgSeq MsgRandom MsgTimeStamp l MsgBody",
	"C2cNotifyMsgArray":  "o KickoutMsgNotify? WithdrawC2cMsgNotify? C2cReadedReceipt? ReadC2cMsgNotify? MuteNotificationsSync?",
	"C2cMsgModNotifys":   "s From_Account To_Account n MsgSeq MsgRandom MsgTime MsgVersion l MsgBody",
	"GroupMsgModNotifys": "s From_Account GroupId n MsgSeq MsgRandom MsgTime MsgVersion l MsgBody",
	"C2cMsgInfo":         "s From_Account? To_Account? n MsgSeq MsgRandom",
	"RecentContactMod":   "n PushType o RecentContactDeleteItem? RecentContactTopItem?",
	"ProfileDataMod":     "s Profile_Account l ProfileList",
	"FriendListMod":      "n PushType",
	"GroupMsgArray":      "s From_Account ToGroupId n MsgSeq MsgRandom MsgTimeStamp o GroupInfo l MsgBody",
	"GroupTips":          "s ToGroupId? n MsgSeq? MsgTimeStamp?",
}

// events is which list an event number goes with.
var events = map[int64]string{
	protocol.EventGroupMsg: "GroupMsgArray", protocol.EventGroupTips: "GroupTips", protocol.EventGroupSystem: "GroupTips",
	protocol.EventGroupFleeting: "GroupTips", protocol.EventGroupAt: "GroupTips",
	protocol.EventFriendList: "FriendListMod", protocol.EventProfile: "ProfileDataMod",
	protocol.EventC2CMsg: "C2cMsgArray", protocol.EventC2CNotify: "C2cNotifyMsgArray", protocol.EventKick: "C2cNotifyMsgArray",
	protocol.EventContact: "RecentContactMod", protocol.EventC2CModified: "C2cMsgModNotifys", protocol.EventC2CReceipt: "C2cMsgInfo", protocol.EventGroupModified: "GroupMsgModNotifys",
}

// push holds a frame that answers nothing against the rules.
func (c *checker) push(at *conn, f frame) {
	wrong := func(rule, format string, args ...any) { c.say(Backend, rule, f.n, format, args...) }
	if data := f.body.Get("SessionData"); data.Exists() || f.body.Get("NeedAck").Int() == 1 {
		at.sessions[data.Str] = true
	}
	if f.servcmd() == protocol.CmdPushConfig {
		if why := misfit(f.body, "n uint32_expired_time"); why != "" {
			wrong(RulePushForm, "%s", why)
		}
		return
	}
	if at.whole && !at.loggedIn {
		wrong(RulePushSession, "nobody is logged in on this connection")
	}
	array := f.body.Get("EventArray")
	if !array.IsArray() {
		wrong(RulePushForm, "EventArray is missing")
	}
	for _, e := range array.Array() {
		number := e.Get("Event")
		name := events[number.Int()]
		switch list := e.Get(name); {
		case number.Type != gjson.Number:
			wrong(RulePushForm, "an item of EventArray has no number Event")
		case name == "":
			wrong(RulePushForm, "there is no event %d", number.Int())
		case !list.IsArray():
			wrong(RulePushForm, "event %d has no list %s", number.Int(), name)
		default:
			for _, item := range list.Array() {
				c.pushed(at, f, name, item, wrong)
			}
		}
	}
}

// pushed checks an item of a push's list.
func (c *checker) pushed(at *conn, f frame, list string, item gjson.Result, wrong func(rule, format string, args ...any)) {
	if why := misfit(item, lists[list]); why != "" {
		wrong(RulePushForm, "an item of %s: %s", list, why)
		return
	}
	switch list {
	case "C2cMsgArray":
		c.pushedC2C(at, f, item, wrong)
	case "GroupTips":
		if item.Get("ToGroupId").Str == "" && item.Get("GroupInfo.GroupId").Str == "" { // the latter: read at another instance
			wrong(RulePushForm, "an item of %s: no group is named", list)
		}
	case "GroupMsgArray":
		group, seq := item.Get("ToGroupId").Str, item.Get("MsgSeq").Int()
		if why := badBody(item.Get("MsgBody")); why != "" {
			wrong(RulePushForm, "a message of %s: %s", group, why)
		}
		// What is for those online alone has no place in the sequence.
		if item.Get("OnlineOnlyFlag").Int() == 0 {
			c.once(at, f, fmt.Sprintf("message %d of group %s", seq, group), wrong)
			if last := at.groupSeq[group]; seq < last {
				wrong(RuleMessageOrder, "message %d of %s comes after %d", seq, group, last)
			}
			at.groupSeq[group] = max(at.groupSeq[group], seq)
		}
	}
}

func (c *checker) pushedC2C(at *conn, f frame, m gjson.Result, wrong func(rule, format string, args ...any)) {
	from, to := m.Get("From_Account").Str, m.Get("To_Account").Str
	if why := badC2C(m); why != "" {
		wrong(RulePushForm, "a message from %s: %s", from, why)
	}
	if f.user != "" && from != f.user && to != f.user {
		wrong(RulePushTo, "a message from %s to %s went to %s", from, to, f.user)
	}
	if m.Get("MsgModifiedFlag").Int() == 1 {
		return // known already, and told as of its own time
	}
	c.once(at, f, fmt.Sprintf("message %d_%d_%d between %s and %s", m.Get("MsgSeq").Int(), m.Get("MsgRandom").Int(),
		m.Get("MsgTimeStamp").Int(), from, to), wrong)
	if sent := m.Get("MsgTimeStamp").Int(); sent < at.lastTime {
		wrong(RuleMessageOrder, "a message of %d comes after one of %d", sent, at.lastTime)
	} else {
		at.lastTime = sent
	}
}

// once notes a message that was pushed. One that a fault lost has to come
// again, one that it doubled is no fault of the backend.
func (c *checker) once(at *conn, f frame, message string, wrong func(rule, format string, args ...any)) {
	if f.fault != "" {
		return
	}
	if n, again := at.seen[message]; again {
		wrong(RulePushOnce, "the %s was pushed in frame %d already", message, n)
	}
	at.seen[message] = f.n
}

// badC2C says what is wrong with a C2C message, or is empty. A recalled one
// may have lost its body.
func badC2C(m gjson.Result) string {
	if why := misfit(m, "s From_Account To_Account n MsgSeq MsgRandom MsgTimeStamp"); why != "" {
		return why
	}
	if m.Get("MsgFlagBits").Int()&protocol.FlagC2CRecalled != 0 {
		return ""
	}
	return badBody(m.Get("MsgBody"))
}
