package wirecheck

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// request holds a frame of the port against the rules.
func (c *checker) request(at *conn, f frame) {
	wrong := func(rule, format string, args ...any) { c.say(Port, rule, f.n, format, args...) }
	if why := f.well(); why != "" {
		wrong(RuleRequestForm, "%s", why)
		return // the backend closes such a connection
	}
	r := &request{n: f.n, servcmd: f.servcmd(), lost: f.fault != ""}
	seq := f.head.Get("seq")
	if earlier := at.asked[f.key()]; earlier != nil {
		wrong(RuleSeqRises, "seq %s of %s was used in frame %d already", seq, r.servcmd, earlier.n)
	} else if seq.Float() <= at.lastSeq {
		wrong(RuleSeqRises, "seq %s comes after %.0f", seq, at.lastSeq)
	}
	at.lastSeq = max(at.lastSeq, seq.Float())
	at.asked[f.key()] = r
	at.order = append(at.order, r)

	form, known := forms[r.servcmd]
	if !known {
		wrong(RuleCommand, "there is no command %s", short(r.servcmd))
		return
	}
	c.identity(at, f, form, wrong)
	if why := misfit(f.body, form.request); why != "" {
		wrong(RuleRequestFields, "%s: %s", r.servcmd, why)
	}
	from := f.body.Get("From_Account")
	if r.servcmd == protocol.CmdModifyC2C && f.body.Get("To_Account").Str == f.user {
		from = f.body.Get("To_Account") // a receiver names the message's sender
	}
	if f.user != "" && from.Exists() && from.Str != f.user {
		wrong(RuleOwnAccount, "%s is from %s, but %s is logged in", r.servcmd, short(from.Raw), f.user)
	}
	switch r.servcmd {
	case protocol.CmdSendMsg, protocol.CmdSendGroupMsg:
		if why := badBody(f.body.Get("MsgBody")); why != "" {
			wrong(RuleRequestFields, "%s: %s", r.servcmd, why)
		}
	case protocol.CmdPushAck:
		if data := f.body.Get("SessionData").Str; at.whole && !at.sessions[data] {
			wrong(RuleAck, "no push on this connection had the SessionData %q", short(data))
		}
	}
}

// identity checks who a request says it is from.
func (c *checker) identity(at *conn, f frame, form form, wrong func(rule, format string, args ...any)) {
	tinyID, instance := f.head.Get("tinyid").String(), f.head.Get("status_instid").Int()
	switch a2 := f.head.Get("a2").Str; {
	case a2 == "" && !form.free:
		wrong(RuleIdentified, "%s has no a2: nobody is logged in", f.servcmd())
	case a2 == "":
		if cmd := f.servcmd(); cmd == protocol.CmdLogin || cmd == protocol.CmdPreSig {
			if f.head.Get("identifier").Str == "" || !f.head.Get("usersig").Exists() {
				wrong(RuleIdentified, "%s has neither a2 nor identifier and usersig", cmd)
			}
		}
	case tinyID == "":
		wrong(RuleIdentified, "%s has an a2, but no tinyid", f.servcmd())
	case !c.whole: // the login may have been before
	case !at.greeted:
		// Who comes back to a server that was started again has his identity
		// from its former life.
		c.instance(tinyID, instance)
	case c.instances[tinyID] == nil:
		wrong(RuleOwnIdentity, "no login was answered with the TinyId %s", short(tinyID))
	case !c.instances[tinyID][instance]:
		wrong(RuleOwnIdentity, "status_instid %d was not given to %s", instance, short(tinyID))
	}
}

// badBody says what is wrong with a MsgBody, or is empty.
func badBody(body gjson.Result) string {
	elements := body.Array()
	if !body.IsArray() || len(elements) == 0 {
		return "MsgBody has no element"
	}
	for _, e := range elements {
		if !strings.HasPrefix(e.Get("MsgType").Str, "TIM") || !e.Get("MsgContent").IsObject() {
			return "an element of MsgBody has no MsgType or no MsgContent: " + short(e.Raw)
		}
	}
	return ""
}
