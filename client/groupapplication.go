package client

import (
	"context"

	"github.com/imsim/imsim/protocol"
)

// Decisions on an application to join a group (HandleAction).
const (
	ApplicationAgree  = "Agree"
	ApplicationReject = "Reject"
)

// HandleGroupApplicationOptions are a decision on an application. Message is
// the system notice of it.
type HandleGroupApplicationOptions struct {
	HandleAction  string   `json:"handleAction"` // ApplicationAgree or ApplicationReject
	HandleMessage string   `json:"handleMessage,omitempty"`
	Message       *Message `json:"-"`
}

// HandleGroupApplication decides on an application; the notice of it is deleted
// then. The applicant is told. Errors: 10007 no right, 10024 somebody decided
// already.
func (c *Client) HandleGroupApplication(ctx context.Context, o HandleGroupApplicationOptions) (*GroupResult, error) {
	valid := need("handleGroupApplication").that(o.Message != nil, "message", "is missing")
	var notice *GroupNoticePayload
	if o.Message != nil {
		notice, _ = o.Message.Latest().Payload.(*GroupNoticePayload)
		valid.that(notice != nil, "message", "is no notice about a group")
	}
	return run(ctx, c, "handleGroupApplication", valid.err(), func() (*GroupResult, error) {
		id := notice.GroupProfile.GroupID
		_, err := c.exchange(protocol.CmdGroupHandle, protocol.GroupHandleRequest{
			GroupID: id, ApplicantAccount: notice.OperatorID, HandleMsg: o.HandleAction, ApprovalMsg: o.HandleMessage,
			Authentication: notice.Authentication, MsgKey: notice.MessageKey,
		})
		if err != nil {
			return nil, err
		}
		c.deleteNotices([]*Message{o.Message.Latest()})
		return &GroupResult{Group: c.groups.get(id)}, nil
	})
}
