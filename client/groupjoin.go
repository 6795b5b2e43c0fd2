package client

import (
	"context"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/protocol"
)

// JoinGroupOptions name the group; ApplyMessage is for those who decide.
type JoinGroupOptions struct {
	GroupID      string `json:"groupID"`
	Type         string `json:"type,omitempty"` // needed for listening to a live room without a login
	ApplyMessage string `json:"applyMessage,omitempty"`
}

// JoinGroupResult tells what came of it; Group is there with JoinStatusSuccess
// of who is logged in.
type JoinGroupResult struct {
	Status string `json:"status"` // one of the JoinStatus… constants
	Group  *Group `json:"group,omitempty"`
}

// JoinGroup joins a group or applies for it. After success GROUP_LIST_UPDATED
// fires. One live room can be joined at a time: the one before is left. Without
// a login one may listen to a live room; then MESSAGE_RECEIVED is all that
// fires. Errors: 2601 a work group, 2660 reply without a known status, 2662 not
// a live room and not logged in, 10007 closed, 10010 no such group, 10013 a
// member already, 10014 full.
func (c *Client) JoinGroup(ctx context.Context, o JoinGroupOptions) (*JoinGroupResult, error) {
	return run(ctx, c, "joinGroup", need("joinGroup").text("groupID", o.GroupID).err(), func() (*JoinGroupResult, error) {
		if o.Type == GrpWork {
			return nil, fail(CodeJoinWork)
		}
		delete(c.groups.strange, o.GroupID)
		if c.groups.has(o.GroupID) {
			if !c.session.loggedIn {
				return &JoinGroupResult{Status: JoinStatusAlreadyInGroup}, nil
			}
			if _, err := c.groupProfile(GetGroupProfileOptions{GroupID: o.GroupID}); err == nil {
				return &JoinGroupResult{Status: JoinStatusAlreadyInGroup}, nil
			}
			c.groups.remove(o.GroupID) // one is not in it any more
		}
		if !c.session.loggedIn {
			return c.joinAnonymously(o)
		}
		return c.applyJoin(o)
	})
}

func (o *JoinGroupOptions) request() protocol.GroupJoinRequest {
	return protocol.GroupJoinRequest{GroupID: o.GroupID, ApplyMsg: o.ApplyMessage, WebPushFlag: 1}
}

func (c *Client) applyJoin(o JoinGroupOptions) (*JoinGroupResult, error) {
	v, err := c.exchange(protocol.CmdGroupJoin, o.request())
	if err != nil {
		return nil, err
	}
	switch v.Get("JoinedStatus").String() {
	case JoinStatusWaitApproval:
		return &JoinGroupResult{Status: JoinStatusWaitApproval}, nil
	case JoinStatusSuccess:
	default:
		return nil, fail(CodeJoinFailed)
	}
	g, err := c.groupProfile(GetGroupProfileOptions{GroupID: o.GroupID})
	if err != nil {
		return nil, err
	}
	if v.Get("HugeGroupFlag").Int() == 1 {
		c.msgs.complete(ConvGroup + o.GroupID)
		c.attrs.open(o.GroupID, v.Get("AVChatRoomKey").String())
		if err := c.enterRoom(g, v.Get("LongPollingKey")); err != nil {
			return nil, err
		}
	} else {
		c.groupsChanged()
	}
	return &JoinGroupResult{Status: JoinStatusSuccess, Group: g}, nil
}

// joinAnonymously lets somebody without a login listen to a live room.
func (c *Client) joinAnonymously(o JoinGroupOptions) (*JoinGroupResult, error) {
	r := c.ask(protocol.CmdGroupJoinAnonymous, encode(o.request()))
	if err := r.err(); err != nil {
		return nil, err
	}
	key := gjson.GetBytes(r.Body, "LongPollingKey")
	if !key.Exists() {
		return nil, fail(CodeJoinAnonymously)
	}
	c.msgs.complete(ConvGroup + o.GroupID)
	if err := c.enterRoom(newGroup(o.GroupID), key); err != nil {
		return nil, err
	}
	return &JoinGroupResult{Status: JoinStatusSuccess}, nil
}

// QuitGroup leaves a group. It and its conversation are gone, with both list
// events; those who stay get a tip. Errors: 2623 not in the local list, 10009
// the owner must not.
func (c *Client) QuitGroup(ctx context.Context, groupID string) (*GroupIDResult, error) {
	return run(ctx, c, "quitGroup", need("quitGroup").text("groupID", groupID).err(), func() (*GroupIDResult, error) {
		if err := c.quit(groupID); err != nil {
			return nil, err
		}
		return &GroupIDResult{GroupID: groupID}, nil
	})
}

func (c *Client) quit(groupID string) error {
	inRoom := c.rooms.joined(groupID)
	switch {
	case !inRoom && !c.groups.has(groupID):
		return fail(CodeNotInGroup)
	case inRoom && !c.session.loggedIn: // nobody knows that one is there
	default:
		if _, err := c.exchange(protocol.CmdGroupQuit, protocol.GroupRequest{GroupID: groupID}); err != nil {
			return err
		}
	}
	c.rooms.leave(groupID)
	c.forgetGroup(groupID)
	return nil
}
