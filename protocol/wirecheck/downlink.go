package wirecheck

import (
	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// pushes are the commands of frames that answer nothing.
var pushes = map[string]bool{
	protocol.CmdPush: true, protocol.CmdPushMulti: true, protocol.CmdForceOffline: true, protocol.CmdPushConfig: true,
}

// downlink holds a frame of the backend against the rules.
func (c *checker) downlink(at *conn, f frame) {
	if why := f.well(); why != "" {
		c.say(Backend, RuleFrameForm, f.n, "%s", why)
		return
	}
	if pushes[f.servcmd()] {
		c.push(at, f)
		return
	}
	c.reply(at, f)
}

func (c *checker) reply(at *conn, f frame) {
	wrong := func(rule, format string, args ...any) { c.say(Backend, rule, f.n, format, args...) }
	r := at.asked[f.key()]
	switch {
	case r == nil && !at.whole:
	case r == nil:
		wrong(RuleAnswersAsked, "nobody asked %s with the seq %s", f.servcmd(), f.head.Get("seq"))
	case r.answered:
		wrong(RuleAnsweredOnce, "frame %d, %s, was answered before", r.n, r.servcmd)
	default:
		r.answered = true
	}
	code, status := f.body.Get("ErrorCode"), f.body.Get("ActionStatus").Str
	switch {
	case code.Type != gjson.Number || f.body.Get("ErrorInfo").Type != gjson.String:
		wrong(RuleReplyStatus, "%s: ErrorCode or ErrorInfo is missing", f.servcmd())
		return
	case status != "OK" && status != "FAIL" || (status == "OK") != (code.Int() == 0):
		wrong(RuleReplyStatus, "%s: ActionStatus is %q with ErrorCode %d", f.servcmd(), status, code.Int())
	}
	if code.Int() == 0 {
		if why := misfit(f.body, forms[f.servcmd()].reply); why != "" {
			wrong(RuleReplyFields, "%s: %s", f.servcmd(), why)
		}
		for _, m := range f.body.Get("MsgList").Array() {
			if f.servcmd() == protocol.CmdGetRoamMsg {
				if why := badC2C(m); why != "" {
					wrong(RuleReplyFields, "%s: %s", f.servcmd(), why)
				}
			}
		}
	}
	if f.fault == lost {
		return // what the client does not know does not count
	}
	switch f.servcmd() {
	case protocol.CmdLogin:
		if code.Int() == 0 {
			c.loggedIn(at, f)
		}
	case protocol.CmdLogout:
		at.loggedIn = false
	}
}

// lost is the fault of a frame that did not arrive.
const lost = "lost"

func (c *checker) loggedIn(at *conn, f frame) {
	at.loggedIn, at.greeted = true, true
	clear(at.seen) // a new login may be told again
	clear(at.groupSeq)
	tinyID, instance := f.body.Get("TinyId").String(), f.body.Get("InstId").Int()
	if tinyID == "" || f.body.Get("A2Key").Str == "" || instance < 1 {
		c.say(Backend, RuleReplyFields, f.n, "a login needs a TinyId, an A2Key and an InstId of at least 1")
	}
	c.instance(tinyID, instance)
}
