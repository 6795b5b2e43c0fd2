package client

import (
	"context"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// Given makes an optional field of options: client.Given("Al").
func Given[T any](v T) *T { return &v }

// UpdateMyProfileOptions are the properties to change; nil ones stay as they
// are. The lengths but for Nick's are limits of the service and not checked
// here.
type UpdateMyProfileOptions struct {
	Nick               *string       `json:"nick,omitempty"`          // up to 250 characters and 500 bytes
	Avatar             *string       `json:"avatar,omitempty"`        // URL, up to 500 bytes
	Gender             *string       `json:"gender,omitempty"`        // GenderUnknown, GenderFemale, GenderMale
	SelfSignature      *string       `json:"selfSignature,omitempty"` // up to 500 bytes
	AllowType          *string       `json:"allowType,omitempty"`     // AllowTypeAllowAny, AllowTypeNeedConfirm, AllowTypeDenyAny
	Birthday           *int64        `json:"birthday,omitempty"`      // e.g. 19900102
	Location           *string       `json:"location,omitempty"`      // up to 16 bytes
	Language           *int64        `json:"language,omitempty"`
	MessageSettings    *int64        `json:"messageSettings,omitempty"` // 0 receive messages, 1 do not
	AdminForbidType    *string       `json:"adminForbidType,omitempty"` // ForbidTypeNone, ForbidTypeSendOut
	Level              *int64        `json:"level,omitempty"`
	Role               *int64        `json:"role,omitempty"`
	ProfileCustomField []CustomField `json:"profileCustomField,omitempty"`
}

// maxNick is the length of a nick. The SDKs mean 500 bytes and count two for
// every UTF-16 unit; the backend counts bytes of UTF-8 and answers 40601.
const maxNick = 250

// UpdateMyProfile changes one's own profile and returns it; PROFILE_UPDATED is
// fired here, at the user's other instances and at friends. Errors: 2721 a value
// that is not allowed, or nothing given; 2722 nothing but an empty
// ProfileCustomField; 40xxx from the server.
func (c *Client) UpdateMyProfile(ctx context.Context, o UpdateMyProfileOptions) (*Profile, error) {
	items, invalid := o.items()
	return run(ctx, c, "updateMyProfile", invalid, func() (*Profile, error) {
		me := c.session.userID
		body := append([]byte(`{"From_Account":`+quote(me)+`,"ProfileItem":`), items...)
		if err := c.ask(protocol.CmdProfileSet, append(body, '}')).err(); err != nil {
			return nil, err
		}
		if c.session.userID != me {
			return nil, fail(CodeNotReady)
		}
		p := c.updateProfile(me, gjson.ParseBytes(items))
		c.emit(EventProfileUpdated, []*Profile{p})
		return p, nil
	})
}

// items are the options as the wire has them, or 2721 or 2722.
func (o *UpdateMyProfileOptions) items() ([]byte, error) {
	w := tagWriter{dst: []byte{'['}}
	w.text(protocol.TagNick, o.Nick, func(v string) bool { return characters(v) <= maxNick })
	w.text(protocol.TagAvatar, o.Avatar, nil)
	w.text(protocol.TagGender, o.Gender, oneOf(GenderUnknown, GenderFemale, GenderMale))
	w.text(protocol.TagSelfSignature, o.SelfSignature, nil)
	w.text(protocol.TagAllowType, o.AllowType, oneOf(AllowTypeAllowAny, AllowTypeNeedConfirm, AllowTypeDenyAny))
	w.number(protocol.TagBirthday, o.Birthday)
	w.text(protocol.TagLocation, o.Location, nil)
	w.number(protocol.TagLanguage, o.Language)
	w.number(protocol.TagMsgSettings, o.MessageSettings)
	w.invalid = w.invalid || o.MessageSettings != nil && *o.MessageSettings != 0 && *o.MessageSettings != 1
	w.text(protocol.TagAdminForbid, o.AdminForbidType, oneOf(ForbidTypeNone, ForbidTypeSendOut))
	w.number(protocol.TagLevel, o.Level)
	w.number(protocol.TagRole, o.Role)
	for _, f := range o.ProfileCustomField {
		w.text(f.Key, &f.Value, nil)
		w.invalid = w.invalid || !strings.Contains(f.Key, "Tag_Profile_Custom")
	}
	switch {
	case w.invalid, w.n == 0 && o.ProfileCustomField == nil:
		return nil, fail(CodeProfileParam)
	case w.n == 0:
		return nil, fail(CodeNothingToUpdate)
	}
	return append(w.dst, ']'), nil
}

func oneOf(values ...string) func(string) bool {
	return func(v string) bool {
		for _, known := range values {
			if v == known {
				return true
			}
		}
		return false
	}
}

// tagWriter appends {"Tag","Value"} pairs to a JSON array.
type tagWriter struct {
	dst     []byte
	n       int
	invalid bool
}

func (w *tagWriter) tag(tag string) {
	if w.n > 0 {
		w.dst = append(w.dst, ',')
	}
	w.n++
	w.dst = appendText(w.dst, `{"Tag":`, tag)
}

func (w *tagWriter) text(tag string, v *string, valid func(string) bool) {
	if v == nil {
		return
	}
	w.invalid = w.invalid || valid != nil && !valid(*v)
	w.tag(tag)
	w.dst = append(appendText(w.dst, `,"Value":`, *v), '}')
}

func (w *tagWriter) number(tag string, v *int64) {
	if v == nil {
		return
	}
	w.tag(tag)
	w.dst = append(appendNumber(w.dst, `,"Value":`, *v), '}')
}
