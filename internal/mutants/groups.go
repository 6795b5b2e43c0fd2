package mutants

import (
	"context"
	"errors"

	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol"
)

// groupMutants break groups, their messages and live rooms.
var groupMutants = []Mutant{
	{
		Name:  "shows a stale group list",
		Cases: []string{"group-member/who quits is gone, and the others are told", "group-room/a dismissed live room is left, by push"},
		Says:  "getGroupList gives",
		Break: Break{Call: func(_ *Instance, next Call) Call {
			kept := map[string]any{} // every group that was ever listed
			return func(ctx context.Context, api string, args ...any) (port.Answer, error) {
				if api != "getGroupList" {
					if a, err := next(ctx, "getGroupList"); err == nil { // before it changes
						keepGroups(kept, a)
					}
					return next(ctx, api, args...)
				}
				a, err := next(ctx, api, args...)
				if err == nil {
					keepGroups(kept, a)
					a.Value = edit(a.Value, func(v any) any {
						all := []any{}
						for _, g := range kept {
							all = append(all, g)
						}
						v.(object)["data"].(object)["groupList"] = all
						return v
					})
				}
				return a, err
			}
		}},
	},
	{
		Name:  "drops group tips",
		Cases: []string{"group-member/joining an open group is told to all members"}, Says: "no event MESSAGE_RECEIVED",
		Break: withoutMessages("TIMGroupTipElem"),
	},
	{
		Name:  "drops group system notices",
		Cases: []string{"group-member/who is removed learns it last, the others by a tip"}, Says: "no event MESSAGE_RECEIVED",
		Break: withoutMessages("TIMGroupSystemNoticeElem"),
	},
	{
		Name:  "fires GROUP_SYSTEM_NOTICE_RECEIVED for notices",
		Cases: []string{"declared/group system notices are messages: GROUP_SYSTEM_NOTICE_RECEIVED never fires"}, Says: "event GROUP_SYSTEM_NOTICE_RECEIVED fired",
		Break: Break{Stream: func() func(port.Record) []port.Record {
			return func(r port.Record) []port.Record {
				if r.Name == eventName("MESSAGE_RECEIVED") {
					return []port.Record{r, {Kind: port.RecordEvent, Name: eventName("GROUP_SYSTEM_NOTICE_RECEIVED"), Data: r.Data}}
				}
				return []port.Record{r}
			}
		}},
	},
	{
		Name:  "shows one's own group messages as received",
		Cases: []string{"group-message/a text reaches all members once, in order"}, Says: "received the own text",
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
		Name:  "keeps a group's unread number",
		Cases: []string{"group-message/unread messages are counted and read"}, Says: "GROUPg1 has unreadCount",
		Break: idle("setMessageRead", `{}`),
	},
	{
		Name:  "forgets who was mentioned",
		Cases: []string{"group-message/who is mentioned finds it in the conversation, also after a login"}, Says: "groupAtInfoList",
		Break: listed(func(c object) { c["groupAtInfoList"] = []any{} }),
	},
	{
		Name:  "gives a group's messages no sequence of the group",
		Cases: []string{"group-message/a text reaches all members once, in order"}, Says: "sequence is",
		Break: received(func(m object) { m["sequence"] = m["clientSequence"] }),
	},
	{
		Name:  "takes a refused group message for sent",
		Cases: []string{"group-member/a muted member cannot speak until the mute is over"}, Says: "should have failed with code",
		Break: Break{Call: func(_ *Instance, next Call) Call {
			return func(ctx context.Context, api string, args ...any) (port.Answer, error) {
				a, err := next(ctx, api, args...)
				var failed *port.CallError
				if api == "sendMessage" && errors.As(err, &failed) {
					return port.Answer{Value: []byte(`{"code":0,"data":{"message":{}}}`)}, nil
				}
				return a, err
			}
		}},
	},
	{
		Name:  "does not tell of attributes",
		Cases: []string{"group-attributes/attributes are set, read, deleted, and everybody hears of it"}, Says: "no event GROUP_ATTRIBUTES_UPDATED",
		Break: never("GROUP_ATTRIBUTES_UPDATED"),
	},
	{
		Name:  "misses what a group wrote while it was disconnected",
		Cases: []string{"group-message/messages missed by a disconnection are caught up"}, Says: "no event MESSAGE_RECEIVED",
		Break: Break{Down: func() func(Frame) []Frame {
			return func(f Frame) []Frame {
				if f.Is(protocol.CmdGroupMsgGet) && f.Body["RspMsgList"] != nil {
					f.Body["RspMsgList"] = []any{}
				}
				return []Frame{f}
			}
		}},
	},
	{
		Name:  "lists the members of a group's first page only",
		Cases: []string{"group-member/member lists come in pages"}, Says: "memberList",
		Break: Break{Up: func() func(Frame) []Frame {
			return func(f Frame) []Frame {
				if f.Body["Offset"] != nil {
					f.Body["Offset"] = 0
				}
				return []Frame{f}
			}
		}},
	},
}

// withoutMessages takes messages of a type out of MESSAGE_RECEIVED.
func withoutMessages(kind string) Break {
	return event("MESSAGE_RECEIVED", func() func(any) []any {
		return func(data any) []any {
			rest := []any{}
			for _, m := range objects(data) {
				if m["type"] != kind {
					rest = append(rest, m)
				}
			}
			if len(rest) == 0 {
				return nil
			}
			return []any{rest}
		}
	})
}

func keepGroups(kept map[string]any, a port.Answer) {
	edit(a.Value, func(v any) any {
		for _, g := range objects(v.(object)["data"].(object)["groupList"]) {
			kept[g["groupID"].(string)] = g
		}
		return v
	})
}
