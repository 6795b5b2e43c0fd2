package client

import "strings"

// checks collects the first complaint about the arguments of a method.
type checks struct {
	api   string
	fault error
}

func need(api string) *checks { return &checks{api: api} }

func (k *checks) that(ok bool, param, why string) *checks {
	if !ok && k.fault == nil {
		k.fault = &ParamError{API: k.api, Param: param, Why: why}
	}
	return k
}

// text wants a required string: it must not be empty.
func (k *checks) text(param, value string) *checks {
	return k.that(value != "", param, "is missing")
}

// conversation wants the ID of a conversation.
func (k *checks) conversation(id string) *checks {
	return k.that(isC2C(id) || isGroup(id) || id == ConvSystem, "conversationID", "is none: C2C<userID>, GROUP<groupID> or @TIM#SYSTEM")
}

func (k *checks) err() error { return k.fault }

func isC2C(conversationID string) bool   { return strings.HasPrefix(conversationID, ConvC2C) }
func isGroup(conversationID string) bool { return strings.HasPrefix(conversationID, ConvGroup) }
