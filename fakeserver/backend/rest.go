package backend

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/imsim/imsim/protocol"
)

// RESTCall is a call of the server's REST API, version 4:
// POST /v4/<Command>?sdkappid=…&identifier=…&usersig=…&random=…&contenttype=json
type RESTCall struct {
	Command     string // "openim/sendmsg"
	Identifier  string
	UserSig     string
	Random      string
	ContentType string
	Body        []byte
}

// restRequest is a call that is being carried out.
type restRequest struct {
	admin string
	body  []byte
}

// restCommand is an entry of the table of REST commands.
type restCommand struct {
	run func(*World, *restRequest) (protocol.Reply, error)
	// bad is the code for a body with wrong types.
	bad protocol.Code
}

var restCommands map[string]restCommand

func init() { // not a literal: the commands refer to World's methods
	restCommands = map[string]restCommand{
		"im_open_login_svc/account_import":      {(*World).restImport, protocol.CodeAccountParam},
		"im_open_login_svc/multiaccount_import": {(*World).restMultiImport, protocol.CodeAccountParam},
		"im_open_login_svc/account_check":       {(*World).restAccountCheck, protocol.CodeAccountParam},
		"im_open_login_svc/kick":                {(*World).restKick, protocol.CodeAccountParam},

		"openim/sendmsg":                {(*World).restSend, protocol.CodeMsgFormat},
		"openim/batchsendmsg":           {(*World).restBatchSend, protocol.CodeMsgFormat},
		"openim/admin_msgwithdraw":      {(*World).restRecall, protocol.CodeMsgKey},
		"openim/modify_c2c_msg":         {(*World).restModify, protocol.CodeMsgKey},
		"openim/admin_getroammsg":       {(*World).restRoam, protocol.CodeMsgFormat},
		"openim/admin_set_msg_read":     {(*World).restSetRead, protocol.CodeMsgFormat},
		"openim/get_c2c_unread_msg_num": {(*World).restUnread, protocol.CodeMsgFormat},
		"openim/query_online_status":    {(*World).restOnline, protocol.CodeMsgFormat},
		"openim/querystate":             {(*World).restOnline, protocol.CodeMsgFormat}, // its older name

		"openconfigsvr/setnospeaking": {(*World).restSetMute, protocol.CodeAccountParam},
		"openconfigsvr/getnospeaking": {(*World).restGetMute, protocol.CodeAccountParam},
	}
	maps.Copy(restCommands, restGroupCommands())
	maps.Copy(restCommands, restRelationCommands())
}

// REST carries out a call and returns the body of its answer. The checks, in
// their order: query parameters (60025), UserSig (70xxx, as at a login), app
// admin (60010), command (60009), JSON (60003), and then the command's own.
func (w *World) REST(at time.Time, call RESTCall) ([]byte, []Effect) {
	w.begin(at)
	w.changes++
	reply, err := w.rest(call)
	var refused *protocol.Error
	switch {
	case errors.As(err, &refused):
		reply = protocol.Fail(refused)
	case err != nil:
		code := restCommands[call.Command].bad
		reply = protocol.Fail(protocol.Errorf(code, "%s: %v", code.Text(), err))
	case reply == nil:
		reply = &protocol.Status{}
	}
	body, err := protocol.EncodeREST(reply)
	if err != nil { // a reply type that cannot be encoded is our own mistake
		w.cfg.Log("encode REST reply to %s: %v", call.Command, err)
	}
	return body, w.out
}

func (w *World) rest(call RESTCall) (protocol.Reply, error) {
	missing := func(name string) error {
		return protocol.Errorf(protocol.CodeRESTParam, "URL parameter %s is missing or wrong", name)
	}
	switch {
	case w.cfg.RejectUnknownApp:
		return nil, protocol.NewError(protocol.CodeAppIDInvalid)
	case call.Identifier == "":
		return nil, missing("identifier")
	case call.UserSig == "":
		return nil, missing("usersig")
	case call.ContentType != "json":
		return nil, missing("contenttype")
	}
	if _, err := strconv.ParseUint(call.Random, 10, 32); err != nil {
		return nil, missing("random")
	}
	if _, err := w.CheckUserSig(w.now, call.Identifier, call.UserSig); err != nil {
		return nil, err
	}
	if !slices.Contains(w.cfg.Admins, call.Identifier) {
		return nil, protocol.NewError(protocol.CodeRESTNotAdmin)
	}
	cmd, known := restCommands[call.Command]
	if !known {
		return nil, protocol.Errorf(protocol.CodeRESTUnknown, "unknown command %s", call.Command)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(call.Body, &object); err != nil {
		return nil, protocol.Errorf(protocol.CodeJSON, "the body is not a JSON object: %v", err)
	}
	if object == nil {
		return nil, protocol.Errorf(protocol.CodeJSON, "the body is not a JSON object: it is null")
	}
	return cmd.run(w, &restRequest{admin: call.Identifier, body: call.Body})
}

func restBody[T any](r *restRequest) (*T, error) {
	v := new(T)
	return v, json.Unmarshal(r.body, v)
}

// adminAccount is the account of an app admin: it exists from its first use.
func (w *World) adminAccount(id string) (*account, error) {
	if a := w.accounts[id]; a != nil {
		return a, nil
	}
	if err := validUserID(id); err != nil {
		return nil, err
	}
	return w.newAccount(id), nil
}
