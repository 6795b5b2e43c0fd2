package mutants

import (
	"context"

	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol"
)

// sessionMutants break logins, kick-outs, connections and subscriptions.
var sessionMutants = []Mutant{
	{
		Name:  "does not tell that it was kicked out",
		Cases: []string{"kick-out/a kick from another device is multipleDevice"}, Says: "no event KICKED_OUT",
		Break: never("KICKED_OUT"),
	},
	{
		Name:  "gives a wrong reason for a kick-out",
		Cases: []string{"kick-out/a kick from another device is multipleDevice"}, Says: "no event KICKED_OUT",
		Break: event("KICKED_OUT", func() func(any) []any {
			return func(any) []any { return []any{object{"type": "multipleAccount"}} }
		}),
	},
	{
		Name:  "does not tell that it is no longer ready",
		Cases: []string{"session/logout resolves, then SDK_NOT_READY fires"}, Says: "no event SDK_NOT_READY",
		Break: never("SDK_NOT_READY"),
	},
	{
		Name:  "tells twice that it is ready",
		Cases: []string{"session/login resolves with the documented fields and SDK_READY fires once"}, Says: "SDK_READY",
		Break: event("SDK_READY", func() func(any) []any {
			return func(data any) []any { return []any{data, data} }
		}),
	},
	{
		Name:  "fires no ERROR for calls before SDK_READY",
		Cases: []string{"session/createTextMessage before SDK_READY is refused and fires ERROR"}, Says: "no event ERROR",
		Break: never("ERROR"),
	},
	{
		Name:  "does not tell of the network's state",
		Cases: []string{"reconnect/a lost connection is told as connecting and connected"}, Says: "no event NET_STATE_CHANGE",
		Break: never("NET_STATE_CHANGE"),
	},
	{
		Name:  "fires an event that is only declared",
		Cases: []string{"declared/a new connection, a kick and a new login are no reason for SDK_RELOAD"}, Says: "event SDK_RELOAD fired",
		Break: Break{Stream: func() func(port.Record) []port.Record {
			return func(r port.Record) []port.Record {
				if r.Name == eventName("SDK_READY") {
					return []port.Record{r, {Kind: port.RecordEvent, Name: eventName("SDK_RELOAD")}}
				}
				return []port.Record{r}
			}
		}},
	},
	{
		Name:  "keeps handlers that were taken off",
		Cases: []string{"emitter/one off removes a handler however often it was subscribed"}, Says: "callbacks run are",
		Break: Break{Call: func(_ *Instance, next Call) Call {
			return func(ctx context.Context, api string, args ...any) (port.Answer, error) {
				if api == "off" {
					return port.Answer{Sync: true}, nil
				}
				return next(ctx, api, args...)
			}
		}},
	},
	{
		Name:  "runs a handler of once again and again",
		Cases: []string{"emitter/once runs once"}, Says: "callbacks run are",
		Break: Break{Call: func(_ *Instance, next Call) Call {
			return func(ctx context.Context, api string, args ...any) (port.Answer, error) {
				if api == "once" {
					api = "on"
				}
				return next(ctx, api, args...)
			}
		}},
	},
	{
		Name:  "misses what came while it was disconnected",
		Cases: []string{"reconnect/messages missed while disconnected arrive once and in order"}, Says: "bob@",
		Break: Break{Down: func() func(Frame) []Frame {
			return func(f Frame) []Frame {
				if f.Is(protocol.CmdGetMsg) {
					f.Body["MsgList"] = []any{}
				}
				return []Frame{f}
			}
		}},
	},
	{
		Name:  "sends no heartbeats",
		Cases: []string{"reconnect/an idle connection is kept alive"}, Says: "fewer than 3 heartbeats",
		Break: Break{Up: func() func(Frame) []Frame {
			return func(f Frame) []Frame {
				if f.Is(protocol.CmdAlive) {
					return nil
				}
				return []Frame{f}
			}
		}},
	},
	{
		Name:  "stays online after a logout",
		Cases: []string{"session/a logged-out user gets no more messages", "kick-out/an instance that logged out makes room for another"},
		Says:  "no event SDK_NOT_READY",
		Break: idle("logout", "{}"),
	},
}
