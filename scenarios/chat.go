package scenarios

import (
	"fmt"

	"github.com/imsim/imsim/port"
)

// Conversation types and message types of the reference API.
const (
	convC2C = "C2C"
	msgText = "TIMTextElem"
)

// textOptions are the options of createTextMessage.
func textOptions(to, text string) args {
	return args{"to": to, "conversationType": convC2C, "payload": args{"text": text}}
}

// Text creates a C2C text message.
func (u *User) Text(to, text string) Value { return u.Call("createTextMessage", textOptions(to, text)) }

// Send sends a created message and returns it as it is then.
func (u *User) Send(m Value, options ...any) Value {
	data := u.Call("sendMessage", append([]any{m.Ref()}, options...)...)
	return data.Get("message")
}

// Say sends a C2C text.
func (u *User) Say(to, text string) Value { return u.Send(u.Text(to, text)) }

// Received lists all messages of MESSAGE_RECEIVED so far, in their order.
func (u *User) Received() []Value {
	var list []Value
	for _, data := range u.Events("MESSAGE_RECEIVED") {
		for _, m := range data.Array() {
			list = append(list, Value{m, u.stage, "message"})
		}
	}
	return list
}

// ReceivesTexts waits until the texts received so far are these, in this
// order and none twice.
func (u *User) ReceivesTexts(texts ...string) {
	name := eventName("MESSAGE_RECEIVED")
	got := func() []string {
		list := []string{}
		for _, m := range u.Received() {
			list = append(list, m.Get("payload.text").Str)
		}
		return list
	}
	place := 0
	for len(got()) < len(texts) {
		mark := u.seen
		u.seen = place
		_, next, err := u.await(func(r port.Record) bool { return r.Kind == port.RecordEvent && r.Name == name })
		u.seen = mark
		if err != nil {
			break
		}
		place = next
	}
	u.Barrier()
	if list := got(); fmt.Sprint(list) != fmt.Sprint(texts) {
		u.stage.Failf("%s received %d messages %q, want %d: %q", u.label(), len(list), cut(list), len(texts), cut(texts))
	}
	u.stage.step("%s: received %d texts in order", u.label(), len(texts))
}

func cut(list []string) []string {
	const most = 30
	if len(list) > most {
		return append(append([]string{}, list[:most]...), "…")
	}
	return list
}

// Conversation finds a conversation in getConversationList.
func (u *User) Conversation(id string) Value {
	list := u.Call("getConversationList").Get("conversationList")
	for _, c := range list.Array() {
		if c.Get("conversationID").Str == id {
			return Value{c, u.stage, "conversation " + id}
		}
	}
	u.stage.Failf("%s: getConversationList has no %s but %s", u.label(), id, list.Get("#.conversationID").Raw)
	return Value{}
}

// WantUnread checks a conversation's unread number, also where it arrives a
// moment after SDK_READY.
func (u *User) WantUnread(id string, want int) {
	has := func() int {
		n := -1
		for _, c := range u.Call("getConversationList").Get("conversationList").Array() {
			if c.Get("conversationID").Str == id {
				n = int(c.Get("unreadCount").Int())
			}
		}
		return n
	}
	u.Barrier()
	if has() == want {
		return
	}
	_, _, _ = u.await(func(r port.Record) bool {
		return r.Kind == port.RecordEvent && r.Name == eventName("CONVERSATION_LIST_UPDATED") && has() == want
	})
	if n := has(); n != want {
		u.stage.Failf("%s: conversation %s has unreadCount %d, want %d (-1: no such conversation)", u.label(), id, n, want)
	}
}

// History reads a conversation's messages page by page, oldest first.
func (u *User) History(id string) []Value {
	var all []Value
	next := ""
	for range 1000 {
		options := args{"conversationID": id}
		if next != "" {
			options["nextReqMessageID"] = next
		}
		page := u.Call("getMessageList", options)
		var list []Value
		for _, m := range page.Get("messageList").Array() {
			list = append(list, Value{m, u.stage, "message"})
		}
		all = append(list, all...)
		if page.Get("isCompleted").Bool() {
			return all
		}
		next = page.Get("nextReqMessageID").Str
		if next == "" {
			u.stage.Failf("%s: getMessageList is not completed but gives no nextReqMessageID", u.label())
		}
	}
	u.stage.Failf("%s: getMessageList of %s does not end", u.label(), id)
	return nil
}

// HistoryTexts checks the texts of a whole history.
func (u *User) HistoryTexts(id string, texts ...string) {
	list := []string{}
	for _, m := range u.History(id) {
		list = append(list, m.Get("payload.text").Str)
	}
	if fmt.Sprint(list) != fmt.Sprint(texts) {
		u.stage.Failf("%s: history of %s is %q, want %q", u.label(), id, cut(list), cut(texts))
	}
}
