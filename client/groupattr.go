package client

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// attributeCache is the attributes of live rooms that were joined.
type attributeCache map[string]*attributes

// attributes are those of one room. Each change counts its main sequence up by
// one; local is that of the values here, remote the last that was heard of.
type attributes struct {
	key           string // AVChatRoomKey of the joining
	local, remote int64
	updated       time.Time
	values        map[string]GroupAttribute
}

// attributesLife is for how long attributes are taken from memory.
const attributesLife = 30 * time.Second

// Kinds of changes (OpType of a push), and the answer to a question.
const (
	attributesInit   = 1
	attributesSet    = 2
	attributesClear  = 3
	attributesDelete = 4
	attributesGot    = 0
)

func (s *attributeCache) open(id, key string) {
	if *s == nil {
		*s = make(attributeCache)
	}
	(*s)[id] = &attributes{key: key, values: make(map[string]GroupAttribute)}
}

// refresh takes a change if nothing is missing before it; else it is only
// remembered that there is news.
func (a *attributes) refresh(kind int, sequence int64, list []GroupAttribute, now time.Time) {
	if kind != attributesGot && sequence-a.local != 1 {
		if sequence != a.local {
			a.remote = sequence
		}
		return
	}
	a.local, a.remote, a.updated = sequence, sequence, now
	switch kind {
	case attributesInit, attributesClear:
		clear(a.values)
	}
	for _, item := range list {
		switch kind {
		case attributesDelete:
			delete(a.values, item.Key)
		case attributesClear:
		default:
			a.values[item.Key] = item
		}
	}
}

// picture is the values of some keys, or of all.
func (a *attributes) picture(keys []string) map[string]string {
	out := make(map[string]string)
	if a == nil {
		return out
	}
	for key, v := range a.values {
		if len(keys) == 0 || slices.Contains(keys, key) {
			out[key] = v.Value
		}
	}
	return out
}

// attributeItems reads a reply's array; values that are not in it are those
// that were given.
func attributeItems(list gjson.Result, given map[string]string) []GroupAttribute {
	var out []GroupAttribute
	for _, v := range list.Array() {
		item := GroupAttribute{Key: v.Get("key").String(), Value: v.Get("value").String(), Sequence: v.Get("seq").Int()}
		if value, ok := given[item.Key]; ok {
			item.Value = value
		}
		out = append(out, item)
	}
	return out
}

// attributesOf is the room's cache, or why there is none.
func (c *Client) attributesOf(id string) (*attributes, error) {
	if g := c.groups.get(id); g != nil && g.Type != GrpAVChatRoom {
		return nil, fail(CodeNoLiveRoom)
	}
	a := c.attrs[id]
	if a == nil {
		return nil, fail(CodeRoomNotJoined)
	}
	return a, nil
}

// attributeRequest is a change; of the items what does not count is nil.
type attributeRequest struct {
	GroupID     string          `json:"GroupId"`
	GroupAttr   []wireAttribute `json:"GroupAttr,omitempty"`
	AttrMainSeq int64           `json:"AttrMainSeq"`
	BytesKey    string          `json:"BytesKey"`
	AttrControl []string        `json:"AttrControl"`
}

type wireAttribute struct {
	Key   string  `json:"key"`
	Value *string `json:"value,omitempty"`
	Seq   *int64  `json:"seq,omitempty"`
}

// change sends a change; the values are taken over if nobody else was faster.
func (c *Client) changeAttributes(cmd string, kind int, id string, items []wireAttribute) error {
	a := c.attrs[id]
	v, err := c.exchange(cmd, attributeRequest{
		GroupID: id, GroupAttr: items, AttrMainSeq: a.remote, BytesKey: a.key, AttrControl: []string{"RaceConflict"},
	})
	if err != nil {
		return err
	}
	var list []GroupAttribute
	switch kind {
	case attributesInit, attributesSet:
		if !v.Get("GroupAttrAry").IsArray() {
			return fail(CodeInternal)
		}
		given := make(map[string]string)
		for _, item := range items {
			given[item.Key] = *item.Value
		}
		list = attributeItems(v.Get("GroupAttrAry"), given)
	case attributesDelete:
		for _, item := range items {
			list = append(list, GroupAttribute{Key: item.Key})
		}
	}
	a.refresh(kind, v.Get("AttrMainSeq").Int(), list, c.now())
	return nil
}

// GroupAttributesOptions are attributes to be set: up to 16 of a room, keys up
// to 32, values up to 4000, all up to 16000 bytes.
type GroupAttributesOptions struct {
	GroupID         string            `json:"groupID"`
	GroupAttributes map[string]string `json:"groupAttributes"`
}

// GroupAttributesResult is attributes by key.
type GroupAttributesResult struct {
	GroupAttributes map[string]string `json:"groupAttributes"`
}

// GroupAttributesData is Data of EventGroupAttributesUpdated.
type GroupAttributesData struct {
	GroupID         string            `json:"groupID"`
	GroupAttributes map[string]string `json:"groupAttributes"` // all
}

// InitGroupAttributes makes these the only attributes of the live room that one
// has joined; all in it, oneself too, get GROUP_ATTRIBUTES_UPDATED. Errors: 2641
// not a live room, 2642 not joined, 10045 key too long, 10046 value too long,
// 10047 too many, 10048 too much, 10056 somebody else was faster (get them
// first).
func (c *Client) InitGroupAttributes(ctx context.Context, o GroupAttributesOptions) (*GroupAttributesResult, error) {
	return c.writeAttributes(ctx, "initGroupAttributes", protocol.CmdGroupAttrInit, attributesInit, o)
}

// SetGroupAttributes changes or adds attributes; see InitGroupAttributes.
func (c *Client) SetGroupAttributes(ctx context.Context, o GroupAttributesOptions) (*GroupAttributesResult, error) {
	return c.writeAttributes(ctx, "setGroupAttributes", protocol.CmdGroupAttrSet, attributesSet, o)
}

func (c *Client) writeAttributes(ctx context.Context, api, cmd string, kind int, o GroupAttributesOptions) (*GroupAttributesResult, error) {
	valid := need(api).text("groupID", o.GroupID).that(len(o.GroupAttributes) > 0, "groupAttributes", "is empty").err()
	return run(ctx, c, api, valid, func() (*GroupAttributesResult, error) {
		a, err := c.attributesOf(o.GroupID)
		if err != nil {
			return nil, err
		}
		var items []wireAttribute
		for _, key := range slices.Sorted(maps.Keys(o.GroupAttributes)) {
			item := wireAttribute{Key: key, Value: Given(o.GroupAttributes[key])}
			if kind == attributesSet {
				item.Seq = Given(a.values[key].Sequence)
			}
			items = append(items, item)
		}
		if err := c.changeAttributes(cmd, kind, o.GroupID, items); err != nil {
			return nil, err
		}
		return &GroupAttributesResult{GroupAttributes: maps.Clone(o.GroupAttributes)}, nil
	})
}

// GroupAttributeKeysOptions name attributes; an empty list is all.
type GroupAttributeKeysOptions struct {
	GroupID string   `json:"groupID"`
	KeyList []string `json:"keyList"`
}

// GroupAttributeKeysResult names the attributes that were deleted.
type GroupAttributeKeysResult struct {
	KeyList []string `json:"keyList"`
}

// DeleteGroupAttributes deletes attributes, or all; see InitGroupAttributes.
// Error: 10050 no such key.
func (c *Client) DeleteGroupAttributes(ctx context.Context, o GroupAttributeKeysOptions) (*GroupAttributeKeysResult, error) {
	valid := need("deleteGroupAttributes").text("groupID", o.GroupID).that(o.KeyList != nil, "keyList", "is missing").err()
	return run(ctx, c, "deleteGroupAttributes", valid, func() (*GroupAttributeKeysResult, error) {
		a, err := c.attributesOf(o.GroupID)
		if err != nil {
			return nil, err
		}
		res := &GroupAttributeKeysResult{KeyList: []string{}}
		if len(o.KeyList) == 0 {
			res.KeyList = append(res.KeyList, slices.Sorted(maps.Keys(a.values))...)
			return res, c.changeAttributes(protocol.CmdGroupAttrClear, attributesClear, o.GroupID, nil)
		}
		var items []wireAttribute
		for _, key := range o.KeyList {
			known, ok := a.values[key]
			if ok {
				res.KeyList = append(res.KeyList, key)
			}
			items = append(items, wireAttribute{Key: key, Seq: Given(known.Sequence)})
		}
		return res, c.changeAttributes(protocol.CmdGroupAttrDelete, attributesDelete, o.GroupID, items)
	})
}

// GetGroupAttributes returns those of the attributes that there are. They are
// taken from memory for 30 s after the last change or answer, unless a change
// was missed. Errors: 2641 not a live room, 2642 not joined.
func (c *Client) GetGroupAttributes(ctx context.Context, o GroupAttributeKeysOptions) (*GroupAttributesResult, error) {
	valid := need("getGroupAttributes").text("groupID", o.GroupID).that(o.KeyList != nil, "keyList", "is missing").err()
	return run(ctx, c, "getGroupAttributes", valid, func() (*GroupAttributesResult, error) {
		a, err := c.attributesOf(o.GroupID)
		if err != nil {
			return nil, err
		}
		if c.now().Sub(a.updated) >= attributesLife || a.local < a.remote {
			v, err := c.exchange(protocol.CmdGroupAttrGet, a.question(o.GroupID))
			if err != nil {
				return nil, err
			}
			if err := c.gotAttributes(a, v); err != nil {
				return nil, err
			}
		}
		return &GroupAttributesResult{GroupAttributes: a.picture(o.KeyList)}, nil
	})
}

// question asks for all attributes of a room.
func (a *attributes) question(id string) any {
	return struct {
		GroupID   string `json:"GroupId"`
		Key       string `json:"Key"`
		GroupType int    `json:"GroupType"`
	}{id, a.key, 1}
}

func (c *Client) gotAttributes(a *attributes, v gjson.Result) error {
	list := v.Get("GroupAttrAry")
	if !list.IsArray() {
		return fail(CodeInternal)
	}
	clear(a.values)
	a.refresh(attributesGot, v.Get("AttrMainSeq").Int(), attributeItems(list, nil), c.now())
	return nil
}

// GroupAttributeOption is a change of attributes, as a tip tells of it.
type GroupAttributeOption struct {
	MainSequence            int64            `json:"mainSequence"`
	HasChangedAttributeInfo int              `json:"hasChangedAttributeInfo"` // 1: with values
	GroupAttributeList      []GroupAttribute `json:"groupAttributeList"`
	OperationType           int              `json:"operationType"` // 1 init, 2 set, 3 clear, 4 delete
	ChangedKeyList          []string         `json:"changedKeyList"`
}

// GroupAttribute is an attribute with the number of its last change.
type GroupAttribute struct {
	Key      string `json:"key"`
	Value    string `json:"value"`
	Sequence int64  `json:"sequence"`
}

func parseAttributeOption(v gjson.Result) *GroupAttributeOption {
	o := &GroupAttributeOption{
		MainSequence: v.Get("GroupAttrSeq").Int(), HasChangedAttributeInfo: int(v.Get("PushChangedAttrValFlag").Int()),
		GroupAttributeList: []GroupAttribute{}, OperationType: int(v.Get("OpType").Int()), ChangedKeyList: texts(v.Get("BytesChangedKeys")),
	}
	for _, a := range v.Get("GroupAttrInfo").Array() {
		o.GroupAttributeList = append(o.GroupAttributeList, GroupAttribute{
			Key: a.Get("Key").String(), Value: a.Get("Val").String(), Sequence: a.Get("SubKeySeq").Int(),
		})
	}
	return o
}

// attributesPushed takes a change that a tip tells of: GROUP_ATTRIBUTES_UPDATED,
// as in 2.14 with the old values if a change before it was missed. Without
// values they are asked for first.
func (c *Client) attributesPushed(id string, option *GroupAttributeOption) {
	a := c.attrs[id]
	if option.HasChangedAttributeInfo == 1 {
		if a != nil {
			a.refresh(option.OperationType, option.MainSequence, option.GroupAttributeList, c.now())
		}
		c.attributesChanged(id)
		return
	}
	if a == nil {
		return
	}
	c.askThen(protocol.CmdGroupAttrGet, encode(a.question(id)), func(r reply) {
		if r.OK() && c.attrs[id] == a && c.gotAttributes(a, gjson.ParseBytes(r.Body)) == nil {
			c.attributesChanged(id)
		}
	})
}

func (c *Client) attributesChanged(id string) {
	c.emit(EventGroupAttributesUpdated, &GroupAttributesData{GroupID: id, GroupAttributes: c.attrs[id].picture(nil)})
}

// reconnected makes the next question go to the server: changes may have been
// missed.
func (s attributeCache) reconnected() {
	for _, a := range s {
		a.local = 0
	}
}
