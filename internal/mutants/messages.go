package mutants

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol"
)

const manyTexts = "c2c-text/two hundred messages arrive complete and in order"

// reordered fires what change makes of the third, fourth … message.
func reordered(change func(n int, kept *any, data any) []any) Break {
	return event("MESSAGE_RECEIVED", func() func(any) []any {
		n := 0
		var kept any
		return func(data any) []any {
			n++
			return change(n, &kept, data)
		}
	})
}

// messageMutants break what is sent, received and read.
var messageMutants = []Mutant{
	{
		Name: "loses a message", Cases: []string{manyTexts}, Says: "received 199 messages",
		Break: reordered(func(n int, _ *any, data any) []any {
			if n == 3 {
				return nil
			}
			return []any{data}
		}),
	},
	{
		Name: "doubles a message", Cases: []string{manyTexts}, Says: "received 201 messages",
		Break: reordered(func(n int, _ *any, data any) []any {
			if n == 3 {
				return []any{data, data}
			}
			return []any{data}
		}),
	},
	{
		Name: "swaps two messages", Cases: []string{manyTexts}, Says: `"message 2" "message 4" "message 3"`,
		Break: reordered(func(n int, kept *any, data any) []any {
			switch n {
			case 4:
				*kept = data
				return nil
			case 5:
				return []any{data, *kept}
			}
			return []any{data}
		}),
	},
	{
		Name:  "tells received messages to be sent ones",
		Cases: []string{"c2c-text/the receiver gets the message with the documented fields"}, Says: `flow is "out"`,
		Break: received(func(m object) { m["flow"] = "out" }),
	},
	{
		Name:  "files received messages under the receiver's own name",
		Cases: []string{"c2c-text/the receiver gets the message with the documented fields"}, Says: `conversationID is "C2Cbob"`,
		Break: received(func(m object) { m["conversationID"] = fmt.Sprint("C2C", m["to"]) }),
	},
	{
		Name:  "gives times in milliseconds",
		Cases: []string{"c2c-text/the receiver gets the message with the documented fields"}, Says: "time is ",
		Break: received(func(m object) { m["time"] = json.Number(fmt.Sprint(m["time"], "000")) }),
	},
	{
		Name:  "cuts custom data off",
		Cases: []string{"c2c-text/the receiver gets the message with the documented fields"}, Says: `cloudCustomData is "extr"`,
		Break: received(func(m object) {
			if data := m["cloudCustomData"].(string); len(data) > 4 {
				m["cloudCustomData"] = data[:4]
			}
		}),
	},
	{
		Name:  "shows a former nick on messages",
		Cases: []string{"profile/messages carry the sender's nick and avatar"}, Says: "no event MESSAGE_RECEIVED",
		Break: received(func(m object) { m["nick"] = "" }),
	},
	{
		Name:  "drops the messages inside of a merger",
		Cases: []string{"merger/a small merger arrives with its items"}, Says: "messageList",
		Break: received(func(m object) {
			if payload := m["payload"].(object); payload["messageList"] != nil {
				payload["messageList"] = []any{}
			}
		}),
	},
	{
		Name:  "fires MESSAGE_RECEIVED for what it sends itself",
		Cases: []string{"c2c-text/the sender's list shows the message, unread 0, and no MESSAGE_RECEIVED fires there"},
		Says:  "event MESSAGE_RECEIVED fired, but must not",
		Break: Break{Call: func(i *Instance, next Call) Call {
			return func(ctx context.Context, api string, args ...any) (port.Answer, error) {
				a, err := next(ctx, api, args...)
				if api == "sendMessage" && err == nil {
					i.fire(port.Record{Kind: port.RecordEvent, Name: eventName("MESSAGE_RECEIVED"), Data: edit(a.Value, func(v any) any {
						return []any{v.(object)["data"].(object)["message"]}
					})})
				}
				return a, err
			}
		}},
	},
	{
		Name:  "leaves sent messages unsent",
		Cases: []string{"c2c-text/sendMessage resolves with the message itself, sent"}, Says: `status is "unSend"`,
		Break: answer("sendMessage", func(data object) { data["message"].(object)["status"] = "unSend" }),
	},
	{
		Name:  "fires MESSAGE_RECEIVED before the conversation is there",
		Cases: []string{"c2c-text/2.14 announces the conversation before the message"}, Says: "came before CONVERSATION_LIST_UPDATED",
		Break: Break{Stream: func() func(port.Record) []port.Record {
			var held []port.Record
			ready := false
			return func(r port.Record) []port.Record {
				ready = ready || r.Name == eventName("SDK_READY")
				switch {
				case ready && r.Name == eventName("CONVERSATION_LIST_UPDATED"):
					held = append(held, r)
					return nil
				case r.Name == eventName("MESSAGE_RECEIVED"):
					list := append([]port.Record{r}, held...)
					held = nil
					return list
				}
				return []port.Record{r}
			}
		}},
	},
	{
		Name:  "gives a resent message another identity",
		Cases: []string{"c2c-text/a resend of what had arrived is not received twice"}, Says: "received 3 messages",
		Break: Break{Up: func() func(Frame) []Frame {
			sent := map[string]bool{}
			return func(f Frame) []Frame {
				if f.Is(protocol.CmdSendMsg) {
					seq := fmt.Sprint(f.Body["From_Account"], f.Body["MsgSeq"])
					if sent[seq] {
						f.Body["MsgRandom"] = 4711
					}
					sent[seq] = true
				}
				return []Frame{f}
			}
		}},
	},
	{
		Name:  "reports another error code",
		Cases: []string{"c2c-text/a message to nobody is refused with 20003; the error holds the message"}, Says: "failed with code 20001",
		Break: Break{Call: func(_ *Instance, next Call) Call {
			return func(ctx context.Context, api string, args ...any) (port.Answer, error) {
				a, err := next(ctx, api, args...)
				var failed *port.CallError
				if errors.As(err, &failed) && failed.Code == 20003 {
					failed.Code = 20001
				}
				return a, err
			}
		}},
	},
	{
		Name:  "takes arguments that it must refuse",
		Cases: []string{"c2c-text/bad arguments of createTextMessage throw"}, Says: "took arguments that it must refuse",
		Break: Break{Call: func(_ *Instance, next Call) Call {
			return func(ctx context.Context, api string, args ...any) (port.Answer, error) {
				a, err := next(ctx, api, args...)
				var failed *port.CallError
				if errors.As(err, &failed) && failed.Code == port.CodeNone {
					return port.Answer{Sync: true, Seq: failed.Seq}, nil
				}
				return a, err
			}
		}},
	},
	{
		Name:  "does not tell of recalls",
		Cases: []string{"recall/the peer gets MESSAGE_REVOKED with the message, its payload kept"}, Says: "no event MESSAGE_REVOKED",
		Break: never("MESSAGE_REVOKED"),
	},
	{
		Name:  "shows recalled messages as if nothing was",
		Cases: []string{"recall/a recalled message keeps its place in the history, flagged"}, Says: "isRevoked",
		Break: answer("getMessageList", func(data object) {
			for _, m := range objects(data["messageList"]) {
				m["isRevoked"] = false
			}
		}),
	},
	{
		Name:  "loses read receipts",
		Cases: []string{"c2c-text/setMessageRead clears the unread number and tells the peer"}, Says: "no event MESSAGE_READ_BY_PEER",
		Break: never("MESSAGE_READ_BY_PEER"),
	},
	{
		Name:  "does not tell of modified messages",
		Cases: []string{"modify/the sender is told of the new content by MESSAGE_MODIFIED"}, Says: "no event MESSAGE_MODIFIED",
		Break: never("MESSAGE_MODIFIED"),
	},
	{
		Name:  "repeats a message on the next page of the history",
		Cases: []string{"history/forty messages come in pages of fifteen, the newest page first"}, Says: "has the texts",
		Break: Break{Call: func(_ *Instance, next Call) Call {
			var newest any // of the page before
			return func(ctx context.Context, api string, args ...any) (port.Answer, error) {
				a, err := next(ctx, api, args...)
				if api == "getMessageList" && err == nil {
					a.Value = edit(a.Value, func(v any) any {
						data := v.(object)["data"].(object)
						list := data["messageList"].([]any)
						if newest != nil {
							data["messageList"] = append(list, newest)
						}
						newest = list[0]
						return v
					})
				}
				return a, err
			}
		}},
	},
	{
		Name:  "ends the history after its first page",
		Cases: []string{"history/forty messages come in pages of fifteen, the newest page first"}, Says: "isCompleted is true",
		Break: answer("getMessageList", func(data object) { data["isCompleted"] = true }),
	},
	{
		Name:  "loses a message of each page that the server gives",
		Cases: []string{"offline-sync/a hundred offline messages are complete and in order, page by page"}, Says: "history of C2Calice is",
		Break: Break{Down: func() func(Frame) []Frame {
			return func(f Frame) []Frame {
				if list, ok := f.Body["MsgList"].([]any); ok && len(list) > 1 && f.Is(protocol.CmdGetRoamMsg) {
					f.Body["MsgList"] = list[1:]
				}
				return []Frame{f}
			}
		}},
	},
}
