package clientport

import (
	"context"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/client"
)

var (
	groupID    = need("groupID", isString)
	groupUsers = []param{groupID, need("userIDList", isArray)}
	attributes = []param{groupID, need("groupAttributes", isObject).that(allStrings)}
	attrKeys   = []param{groupID, {name: "keyList", kind: isArray, valid: stringArray}}
)

// groupMethods are the methods about groups.
func groupMethods() map[string]method {
	optional := func(name, kind string) param { return param{name: name, kind: kind} }
	return map[string]method{
		"getGroupList": {named: []param{optional("groupProfileFilter", isArray)}, call: options((*client.Client).GetGroupList)},
		"getGroupProfile": {
			named: []param{groupID, optional("groupCustomFieldFilter", isArray), optional("memberCustomFieldFilter", isArray)},
			call:  options((*client.Client).GetGroupProfile),
		},
		"createGroup":  {named: []param{need("name", isString)}, call: options((*client.Client).CreateGroup)},
		"dismissGroup": {positional: []param{groupID}, call: onID((*client.Client).DismissGroup)},
		"updateGroupProfile": {
			named: []param{groupID, optional("muteAllMembers", isBoolean)},
			call:  options((*client.Client).UpdateGroupProfile),
		},
		"joinGroup": {
			exempt: true, named: []param{groupID, optional("type", isString), optional("applyMessage", isString)},
			call: options((*client.Client).JoinGroup),
		},
		"quitGroup":                 {exempt: true, positional: []param{groupID}, call: onID((*client.Client).QuitGroup)},
		"searchGroupByID":           {positional: []param{groupID}, call: onID((*client.Client).SearchGroupByID)},
		"getGroupOnlineMemberCount": {exempt: true, call: onID((*client.Client).GetGroupOnlineMemberCount)},
		"changeGroupOwner":          {named: []param{groupID, need("newOwnerID", isString)}, call: options((*client.Client).ChangeGroupOwner)},
		"handleGroupApplication":    {call: handleApplication},
		"initGroupAttributes":       {named: attributes, call: options((*client.Client).InitGroupAttributes)},
		"setGroupAttributes":        {named: attributes, call: options((*client.Client).SetGroupAttributes)},
		"deleteGroupAttributes":     {named: attrKeys, call: options((*client.Client).DeleteGroupAttributes)},
		"getGroupAttributes":        {named: attrKeys, call: options((*client.Client).GetGroupAttributes)},
		"getGroupMemberList": {
			named: []param{groupID, optional("offset", isNumber), optional("count", isNumber)},
			call:  options((*client.Client).GetGroupMemberList),
		},
		"getGroupMemberProfile": {
			named: append(groupUsers[:2:2], optional("memberCustomFieldFilter", isArray)),
			call:  options((*client.Client).GetGroupMemberProfile),
		},
		"addGroupMember":    {named: groupUsers, call: options((*client.Client).AddGroupMember)},
		"deleteGroupMember": {named: []param{groupID}, call: options((*client.Client).DeleteGroupMember)},
		"setGroupMemberMuteTime": {
			named: []param{groupID, userID, {name: "muteTime", kind: isNumber, valid: notNegative}},
			call:  options((*client.Client).SetGroupMemberMuteTime),
		},
		"setGroupMemberRole": {
			named: []param{groupID, userID, need("role", isString)},
			call:  options((*client.Client).SetGroupMemberRole),
		},
		"setGroupMemberNameCard": {
			named: []param{groupID, optional("userID", isString), {name: "nameCard", kind: isString, valid: isText}},
			call:  options((*client.Client).SetGroupMemberNameCard),
		},
		"setGroupMemberCustomField": {
			named: []param{groupID, optional("userID", isString), need("memberCustomField", isArray)},
			call:  options((*client.Client).SetGroupMemberCustomField),
		},
		"setMessageRemindType": {
			named: []param{groupID, need("messageRemindType", isString)},
			call:  options((*client.Client).SetMessageRemindType),
		},
	}
}

func handleApplication(ctx context.Context, i *Instance, a arguments) (any, error) {
	m, err := i.messageArg(a.at(0).Get("message"))
	if err != nil {
		return nil, err
	}
	return value(i.client.HandleGroupApplication(ctx, client.HandleGroupApplicationOptions{
		HandleAction: a.at(0).Get("handleAction").String(), HandleMessage: a.at(0).Get("handleMessage").String(), Message: m,
	}))
}

func isText(v gjson.Result) bool { return v.Type == gjson.String }

func notNegative(v gjson.Result) bool { return v.Type == gjson.Number && v.Num >= 0 }

func stringArray(v gjson.Result) bool { return v.IsArray() && allStrings(v) }

func allStrings(v gjson.Result) bool {
	all := true
	v.ForEach(func(_, v gjson.Result) bool {
		all = all && v.Type == gjson.String
		return all
	})
	return all
}
