package clientport

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/client"
	"github.com/imsim/imsim/port"
)

// method is one method of the reference API.
type method struct {
	exempt     bool // may be called before SDK_READY
	sync       bool // returns no promise
	plain      bool // the value is not wrapped in {code:0,data}
	named      []param
	positional []param
	call       func(ctx context.Context, i *Instance, a arguments) (any, error)
}

func need(name, kind string) param { return param{name: name, kind: kind, required: true} }

func (p param) that(valid func(gjson.Result) bool) param { p.valid = valid; return p }

var (
	conversationID = need("conversationID", isString)
	users          = []param{need("userIDList", isArray)}
	userID         = need("userID", isString)
	remark         = param{name: "remark", kind: isString}
	groupName      = need("name", isString)
	members        = []param{groupName, need("userIDList", isArray)}
	addressed      = []param{need("to", isString), need("conversationType", isString)}
)

func withPayload(valid func(gjson.Result) bool) []param {
	return append(addressed[:2:2], need("payload", isObject).that(valid))
}

// methods are those that the client has; all others are reported as not
// implemented.
var methods map[string]method

func init() { // methods refers to functions that use it
	methods = map[string]method{
		"login": {exempt: true, named: []param{need("userID", isString), need("userSig", isString)}, call: login},
		"logout": {exempt: true, call: func(ctx context.Context, i *Instance, _ arguments) (any, error) {
			return struct{}{}, i.client.Logout(ctx)
		}},
		"destroy": {exempt: true, call: func(ctx context.Context, i *Instance, _ arguments) (any, error) {
			return struct{}{}, i.client.Destroy(ctx)
		}},
		"on":             {exempt: true, sync: true, plain: true, positional: subscription, call: on},
		"once":           {sync: true, plain: true, positional: subscription, call: once},
		"off":            {exempt: true, sync: true, plain: true, positional: subscription, call: off},
		"setLogLevel":    {exempt: true, sync: true, plain: true, call: setLogLevel},
		"registerPlugin": {exempt: true, sync: true, plain: true, call: func(context.Context, *Instance, arguments) (any, error) { return nil, nil }},

		"createTextMessage":     {sync: true, plain: true, named: withPayload(textInside), call: creating((*client.Client).CreateTextMessage)},
		"createTextAtMessage":   {sync: true, plain: true, named: withPayload(textInside), call: creating((*client.Client).CreateTextAtMessage)},
		"createCustomMessage":   {sync: true, plain: true, named: withPayload(customStrings), call: creating((*client.Client).CreateCustomMessage)},
		"createFaceMessage":     {sync: true, plain: true, named: withPayload(faceInside), call: creating((*client.Client).CreateFaceMessage)},
		"createLocationMessage": {sync: true, plain: true, named: withPayload(locationInside), call: creating((*client.Client).CreateLocationMessage)},
		"createImageMessage":    {sync: true, plain: true, named: withPayload(fileInside), call: creatingMedia((*client.Client).CreateImageMessage)},
		"createVideoMessage":    {sync: true, plain: true, named: withPayload(fileInside), call: creatingMedia((*client.Client).CreateVideoMessage)},
		"createAudioMessage":    {sync: true, plain: true, named: withPayload(fileInside), call: creatingMedia((*client.Client).CreateAudioMessage)},
		"createFileMessage":     {sync: true, plain: true, named: withPayload(fileInside), call: creatingMedia((*client.Client).CreateFileMessage)},
		"createMergerMessage":   {sync: true, plain: true, named: withPayload(mergerInside), call: createMerger},
		"createForwardMessage":  {sync: true, plain: true, named: withPayload(nil), call: createForward},

		"sendMessage":           {positional: []param{need("message", isObject)}, call: send},
		"resendMessage":         {call: onMessage((*client.Client).ResendMessage)},
		"revokeMessage":         {positional: []param{need("message", isObject)}, call: onMessage((*client.Client).RevokeMessage)},
		"downloadMergerMessage": {plain: true, call: onMessage((*client.Client).DownloadMergerMessage)},
		"deleteMessage":         {positional: []param{need("messageList", isArray)}, call: deleteMessage},
		"getMessageList": {
			named: []param{conversationID, {name: "nextReqMessageID", kind: isString}, {name: "count", kind: isNumber, valid: optionalCount}},
			call:  options((*client.Client).GetMessageList),
		},
		"setMessageRead": {named: []param{conversationID}, call: func(ctx context.Context, i *Instance, a arguments) (any, error) {
			o := client.SetMessageReadOptions{ConversationID: a.at(0).Get("conversationID").String()}
			return struct{}{}, i.client.SetMessageRead(ctx, o)
		}},
		"getConversationList":    {call: getting((*client.Client).GetConversationList)},
		"getConversationProfile": {positional: []param{conversationID}, call: onID((*client.Client).GetConversationProfile)},
		"deleteConversation":     {positional: []param{conversationID}, call: onID((*client.Client).DeleteConversation)},
		"pinConversation":        {named: []param{conversationID, need("isPinned", isBoolean)}, call: options((*client.Client).PinConversation)},
		"getMyProfile":           {call: getting((*client.Client).GetMyProfile)},
		"getUserProfile": {
			named: []param{{name: "userIDList", kind: isArray, valid: isArrayValue}},
			call:  options((*client.Client).GetUserProfile),
		},
		"updateMyProfile": {
			named: []param{{name: "profileCustomField", kind: isArray, valid: optionalArray}},
			call:  updateMyProfile,
		},
		"getBlacklist":        {call: getting((*client.Client).GetBlacklist)},
		"addToBlacklist":      {named: users, call: options((*client.Client).AddToBlacklist)},
		"removeFromBlacklist": {call: removeFromBlacklist},

		"getFriendList":    {call: getting((*client.Client).GetFriendList)},
		"addFriend":        {named: []param{need("to", isString), need("source", isString), remark}, call: options((*client.Client).AddFriend)},
		"deleteFriend":     {named: users, call: options((*client.Client).DeleteFriend)},
		"checkFriend":      {named: users, call: options((*client.Client).CheckFriend)},
		"getFriendProfile": {named: users, call: options((*client.Client).GetFriendProfile)},
		"updateFriend": {
			named: []param{userID, remark, {name: "friendCustomField", kind: isArray}},
			call:  options((*client.Client).UpdateFriend),
		},
		"getFriendApplicationList": {call: getting((*client.Client).GetFriendApplicationList)},
		"acceptFriendApplication":  {plain: true, named: []param{userID}, call: doing((*client.Client).AcceptFriendApplication, nil)},
		"refuseFriendApplication":  {plain: true, named: []param{userID}, call: doing((*client.Client).RefuseFriendApplication, nil)},
		"deleteFriendApplication":  {named: []param{userID}, call: doing((*client.Client).DeleteFriendApplication, struct{}{})},
		"setFriendApplicationRead": {plain: true, call: func(ctx context.Context, i *Instance, _ arguments) (any, error) {
			return nil, i.client.SetFriendApplicationRead(ctx)
		}},
		"getFriendGroupList":    {call: getting((*client.Client).GetFriendGroupList)},
		"createFriendGroup":     {named: []param{groupName}, call: options((*client.Client).CreateFriendGroup)},
		"deleteFriendGroup":     {named: []param{groupName}, call: options((*client.Client).DeleteFriendGroup)},
		"addToFriendGroup":      {named: members, call: options((*client.Client).AddToFriendGroup)},
		"removeFromFriendGroup": {named: members, call: options((*client.Client).RemoveFromFriendGroup)},
		"renameFriendGroup": {
			named: []param{need("oldName", isString), need("newName", isString)},
			call:  options((*client.Client).RenameFriendGroup),
		},
	}
	maps.Copy(methods, groupMethods())
}

// value keeps a nil pointer from becoming a value.
func value[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// options calls a method that takes a struct and a context.
func options[O, T any](f func(*client.Client, context.Context, O) (T, error)) func(context.Context, *Instance, arguments) (any, error) {
	return func(ctx context.Context, i *Instance, a arguments) (any, error) {
		var o O
		if err := decode(a.at(0), &o); err != nil {
			return nil, err
		}
		return value(f(i.client, ctx, o))
	}
}

// getting calls a method that takes nothing but a context.
func getting[T any](f func(*client.Client, context.Context) (T, error)) func(context.Context, *Instance, arguments) (any, error) {
	return func(ctx context.Context, i *Instance, _ arguments) (any, error) { return value(f(i.client, ctx)) }
}

// doing calls a method that returns nothing but an error, for which the
// reference has a value.
func doing[O any](f func(*client.Client, context.Context, O) error, done any) func(context.Context, *Instance, arguments) (any, error) {
	return func(ctx context.Context, i *Instance, a arguments) (any, error) {
		var o O
		if err := decode(a.at(0), &o); err != nil {
			return nil, err
		}
		if err := f(i.client, ctx, o); err != nil {
			return nil, err
		}
		return done, nil
	}
}

func onID[T any](f func(*client.Client, context.Context, string) (T, error)) func(context.Context, *Instance, arguments) (any, error) {
	return func(ctx context.Context, i *Instance, a arguments) (any, error) {
		return value(f(i.client, ctx, a.at(0).String()))
	}
}

func onMessage[T any](f func(*client.Client, context.Context, *client.Message) (T, error)) func(context.Context, *Instance, arguments) (any, error) {
	return func(ctx context.Context, i *Instance, a arguments) (any, error) {
		m, err := i.messageArg(a.at(0))
		if err != nil {
			return nil, err
		}
		return value(f(i.client, ctx, m))
	}
}

func login(ctx context.Context, i *Instance, a arguments) (any, error) {
	return value(i.client.Login(ctx, client.LoginOptions{
		UserID: a.at(0).Get("userID").String(), UserSig: a.at(0).Get("userSig").String(),
	}))
}

func setLogLevel(_ context.Context, i *Instance, a arguments) (any, error) {
	i.client.SetLogLevel(int(a.at(0).Int()))
	return nil, nil
}

// decode reads options; a field of a wrong type that the reference does not
// check itself is refused all the same.
func decode(v gjson.Result, into any) error {
	if !v.Exists() {
		return nil
	}
	if err := json.Unmarshal([]byte(v.Raw), into); err != nil {
		return &client.ParamError{Param: "options", Why: err.Error()}
	}
	return nil
}

// messageArg resolves {"$ref"}; anything else is no message of this client,
// which the client must say.
func (i *Instance) messageArg(v gjson.Result) (*client.Message, error) {
	ref := v.Get(`\$ref`)
	if !ref.Exists() {
		if !v.IsObject() {
			return nil, nil
		}
		return &client.Message{}, nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	m := i.byRef[ref.String()]
	if m == nil {
		return nil, unknownRef(ref.String())
	}
	return m, nil
}

func (i *Instance) messageArgs(v gjson.Result) ([]*client.Message, error) {
	list := []*client.Message{}
	for _, item := range v.Array() {
		m, err := i.messageArg(item)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

func send(ctx context.Context, i *Instance, a arguments) (any, error) {
	m, err := i.messageArg(a.at(0))
	if err != nil {
		return nil, err
	}
	var o client.SendOptions
	if err := decode(a.at(1), &o); err != nil {
		return nil, err
	}
	return value(i.client.SendMessage(ctx, m, o))
}

func deleteMessage(ctx context.Context, i *Instance, a arguments) (any, error) {
	list, err := i.messageArgs(a.at(0))
	if err != nil {
		return nil, err
	}
	return value(i.client.DeleteMessage(ctx, list))
}

var subscription = []param{need("eventName", isString), need("handler", isFunction)}

// handler is the Handler for a function id, always the same.
func (i *Instance) handler(v gjson.Result) *client.Handler {
	fn := v.Get(`\$fn`).String()
	i.mu.Lock()
	defer i.mu.Unlock()
	h := i.handlers[fn]
	if h == nil {
		h = client.Handle(func(e client.Event) { i.callback(fn, handed{e}) })
		i.handlers[fn] = h
	}
	return h
}

func on(_ context.Context, i *Instance, a arguments) (any, error) {
	i.client.On(a.at(0).String(), i.handler(a.at(1)))
	return nil, nil
}

func once(_ context.Context, i *Instance, a arguments) (any, error) {
	return nil, i.client.Once(a.at(0).String(), i.handler(a.at(1)))
}

func off(_ context.Context, i *Instance, a arguments) (any, error) {
	i.client.Off(a.at(0).String(), i.handler(a.at(1)))
	return nil, nil
}

var _ port.Instance = (*Instance)(nil)
