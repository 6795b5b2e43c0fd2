package scenarios

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/imsim/imsim/fakeserver/backend"
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
	for n := range 1000 {
		if n%20 == 19 && u.stage.later() && u.stage.hello.Can(port.CapClock) {
			// 3.6 lets an app ask so often a while only, by its own clock (2996).
			u.stage.Must(u.inst.Advance(u.stage.ctx, 2*time.Second), "advance "+u.label())
		}
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

// pair logs in the two who write to each other in most cases.
func pair(s *Stage) (alice, bob *User) { return s.Login("alice"), s.Login("bob") }

// options of a create method; more are further ones, pairs of name and value.
func options(to string, payload any, more ...any) args {
	o := args{"to": to, "conversationType": convC2C, "payload": payload}
	for i := 0; i+1 < len(more); i += 2 {
		o[more[i].(string)] = more[i+1]
	}
	return o
}

// Create makes a C2C message by one of the create methods.
func (u *User) Create(api, to string, payload any, more ...any) Value {
	return u.Call(api, options(to, payload, more...))
}

// Receives waits for the next MESSAGE_RECEIVED and returns its only message.
func (u *User) Receives() Value { return u.Expect("MESSAGE_RECEIVED", "#", 1).Get("0") }

// Read marks a C2C conversation as read, with all that was sent so far: an SDK
// that knows of nothing unread says nothing to the server.
func (u *User) Read(peer string) {
	u.Barrier()
	u.Call("setMessageRead", args{"conversationID": "C2C" + peer})
}

// Revoke takes a message back and returns it as it is then.
func (u *User) Revoke(m Value) Value { return u.Call("revokeMessage", m.Ref()).Get("message") }

// Delete deletes messages and returns those that were.
func (u *User) Delete(list ...Value) Value {
	return u.Call("deleteMessage", refs(list)).Get("messageList")
}

func refs(list []Value) []any {
	all := []any{}
	for _, m := range list {
		all = append(all, m.Ref())
	}
	return all
}

// Settle takes in all that is on its way; Expect and Never look from there on.
func (u *User) Settle() {
	u.Barrier()
	u.seen = u.inst.Stream().Len()
}

// page is one page of a conversation's history; next is where it goes on.
func (u *User) page(id, next string, more ...any) Value {
	o := args{"conversationID": id}
	if next != "" {
		o["nextReqMessageID"] = next
	}
	for i := 0; i+1 < len(more); i += 2 {
		o[more[i].(string)] = more[i+1]
	}
	return u.Call("getMessageList", o)
}

// has tells whether getConversationList lists the conversation.
func (u *User) has(id string) bool {
	for _, c := range u.Call("getConversationList").Get("conversationList").Array() {
		if c.Get("conversationID").Str == id {
			return true
		}
	}
	return false
}

// conversations are the IDs of getConversationList in their order.
func (u *User) conversations() []string {
	list := []string{}
	for _, id := range u.Call("getConversationList").Get("conversationList.#.conversationID").Array() {
		list = append(list, id.Str)
	}
	return list
}

// WantConversations checks which conversations are listed, and their order.
func (u *User) WantConversations(ids ...string) {
	if got := u.conversations(); fmt.Sprint(got) != fmt.Sprint(ids) {
		u.stage.Failf("%s: getConversationList has %q, want %q", u.label(), cut(got), cut(ids))
	}
}

// Modify changes the newest message between two users as an app's callback
// would: its element, or its custom data, or both.
func (s *Stage) Modify(from, to, msgType string, content any) {
	s.step("modify the newest message of %s to %s: %s", from, to, msgType)
	body, err := json.Marshal([]args{{"MsgType": msgType, "MsgContent": content}})
	s.Must(err, "encode an element")
	s.Must(s.server.Modify(s.ctx, backend.Modification{From: from, To: to, MsgBody: body}), "modify a message")
}

// WantEach checks one property of each message of a whole history, oldest
// first.
func (u *User) WantEach(id, property string, want any) {
	got := []any{}
	for _, m := range u.History(id) {
		got = append(got, m.Get(property).Value())
	}
	text, err := json.Marshal(args{property: got})
	u.stage.Must(err, "encode values")
	u.value(text, "each message of "+id).Want(property, want)
}

// WantVersion checks a part of the value in which the versions differ.
func (v Value) WantVersion(path string, want Versions[any]) Value {
	allowed := want.allowed(v.stage.hello)
	if !slices.ContainsFunc(allowed, func(w any) bool { return same(v.Get(path).Result, w) }) {
		v.stage.Failf("%s.%s is %s, want one of %v", v.what, path, orAbsent(v.Get(path).Result), allowed)
	}
	return v
}

// WantOneOf checks a number in which the versions differ.
func (s *Stage) WantOneOf(what string, got int, want Versions[int]) {
	if allowed := want.allowed(s.hello); !slices.Contains(allowed, got) {
		s.Failf("%s: %d, want one of %v", what, got, allowed)
	}
}
