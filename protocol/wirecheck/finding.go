package wirecheck

import (
	"fmt"
	"strings"
)

// Side is who sent what breaks a rule, or failed to send it.
type Side string

// Sides of the wire.
const (
	Port    Side = "port"
	Backend Side = "backend"
)

// Finding is a rule that was broken.
type Finding struct {
	Side  Side   `json:"side"`
	Rule  string `json:"rule"`  // its name, a key of Rules
	Frame int    `json:"frame"` // n in the trace; a missing reply is found at its request
	Text  string `json:"text"`  // what is wrong
}

func (f Finding) String() string {
	return fmt.Sprintf("the %s broke %s in frame %d: %s", f.Side, f.Rule, f.Frame, f.Text)
}

// Verdict is which side broke the rules of the wire.
type Verdict string

// Verdicts.
const (
	Clean         Verdict = "clean"
	PortBroke     Verdict = "port"
	BackendBroke  Verdict = "backend"
	BothSidesDid  Verdict = "both"
	nobodyToBlame         = "the wire is clean: the difference is inside the port, or in the expectation"
)

// VerdictOf sums findings up.
func VerdictOf(found []Finding) Verdict {
	sides := map[Side]bool{}
	for _, f := range found {
		sides[f.Side] = true
	}
	switch {
	case sides[Port] && sides[Backend]:
		return BothSidesDid
	case sides[Port]:
		return PortBroke
	case sides[Backend]:
		return BackendBroke
	}
	return Clean
}

// Explain is the verdict as text for a person: a line for each finding, or
// that there is none.
func Explain(found []Finding) string {
	if len(found) == 0 {
		return nobodyToBlame
	}
	lines := make([]string, len(found))
	for i, f := range found {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// Names of the rules.
const (
	RuleRequestForm   = "request-form"
	RuleCommand       = "known-command"
	RuleSeqRises      = "seq-rises"
	RuleIdentified    = "identified"
	RuleOwnIdentity   = "own-identity"
	RuleOwnAccount    = "own-account"
	RuleRequestFields = "request-fields"
	RuleAck           = "ack-of-push"

	RuleFrameForm    = "frame-form"
	RuleAnswered     = "answered"
	RuleAnsweredOnce = "answered-once"
	RuleAnswersAsked = "answers-what-was-asked"
	RuleReplyStatus  = "reply-status"
	RuleReplyFields  = "reply-fields"
	RulePushForm     = "push-form"
	RulePushSession  = "push-to-session"
	RulePushTo       = "push-to-its-user"
	RulePushOnce     = "push-once"
	RuleMessageOrder = "message-order"
)

// Rules says what each rule demands.
var Rules = map[string]string{
	RuleRequestForm:   "a request is a JSON object with head.servcmd (string), head.seq (number or string) and an object body",
	RuleCommand:       "a request asks a command that the wire has",
	RuleSeqRises:      "head.seq rises from request to request on a connection",
	RuleIdentified:    "a request names its session by head.a2 and head.tinyid, unless it is one that needs no login",
	RuleOwnIdentity:   "head.tinyid and head.status_instid are those that a login was answered with",
	RuleOwnAccount:    "From_Account is the user who is logged in",
	RuleRequestFields: "the body has the fields that the command needs, with their types",
	RuleAck:           "an acknowledgement repeats the SessionData of a push that this connection got",

	RuleFrameForm:    "a frame is a JSON object with head.servcmd (string), head.seq (number or string) and an object body",
	RuleAnswered:     "every request is answered, unless its connection ends first",
	RuleAnsweredOnce: "no request is answered twice",
	RuleAnswersAsked: "a reply repeats servcmd and seq of a request",
	RuleReplyStatus:  "a reply has ErrorCode (number), ErrorInfo (string) and ActionStatus, which is OK if and only if ErrorCode is 0",
	RuleReplyFields:  "the body of a successful reply has the fields that SDKs read, with their types",
	RulePushForm:     "a push has a list EventArray, whose items have a number Event and the list that belongs to it, of whole items",
	RulePushSession:  "pushes go to connections that are logged in",
	RulePushTo:       "a pushed message is from or to the user of the connection",
	RulePushOnce:     "no message is pushed twice to a login",
	RuleMessageOrder: "MsgSeq rises in a group, and MsgTimeStamp of C2C messages does not fall",
}
