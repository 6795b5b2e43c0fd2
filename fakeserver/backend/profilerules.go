package backend

import (
	"encoding/json"
	"slices"

	"github.com/imsim/imsim/protocol"
)

// profileRule is what a standard tag holds (semantics.md §4.1).
type profileRule struct {
	number bool
	limit  int      // bytes of a string
	values []string // the only ones allowed, if any
}

var profileRules = map[string]profileRule{
	protocol.TagNick:          {limit: 500},
	protocol.TagAvatar:        {limit: 500},
	protocol.TagSelfSignature: {limit: 500},
	protocol.TagLocation:      {limit: 16},
	protocol.TagGender:        {values: []string{"Gender_Type_Unknown", "Gender_Type_Female", "Gender_Type_Male"}},
	protocol.TagAllowType:     {values: []string{"AllowType_Type_AllowAny", allowNeedConfirm, allowDenyAny}},
	protocol.TagAdminForbid:   {values: []string{"AdminForbid_Type_None", forbidSendOut}},
	protocol.TagBirthday:      {number: true},
	protocol.TagLanguage:      {number: true},
	protocol.TagMsgSettings:   {number: true},
	protocol.TagLevel:         {number: true},
	protocol.TagRole:          {number: true},
}

// profileCustom begins the tags of custom fields: strings up to 500 bytes.
const profileCustom = "Tag_Profile_Custom"

// checkProfileItem tells whether a tag may be set to a value.
func checkProfileItem(item protocol.ProfileItem) error {
	rule, standard := profileRules[item.Tag]
	if !standard {
		if !customKey(item.Tag, profileCustom) {
			return protocol.Errorf(protocol.CodeProfileTag, "unknown tag %q", item.Tag)
		}
		rule.limit = maxCustom
	}
	if rule.number {
		var n uint32
		if json.Unmarshal(item.Value, &n) != nil || item.Value[0] == 'n' {
			return protocol.Errorf(protocol.CodeProfileType, "%s needs a number from 0 to 4294967295", item.Tag)
		}
		return nil
	}
	var s string
	if json.Unmarshal(item.Value, &s) != nil || item.Value[0] != '"' {
		return protocol.Errorf(protocol.CodeProfileType, "%s needs a string", item.Tag)
	}
	switch {
	case rule.values != nil && !slices.Contains(rule.values, s):
		return protocol.Errorf(protocol.CodeProfileValue, "%s cannot be %q", item.Tag, s)
	case rule.values == nil && len(s) > rule.limit:
		return protocol.Errorf(protocol.CodeProfileTooLong, "%s has more than %d bytes", item.Tag, rule.limit)
	}
	return nil
}
