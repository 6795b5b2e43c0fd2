package loadgen

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/internal/link"
	"github.com/imsim/imsim/protocol"
)

// Limits of one request that the service documents.
const (
	createWith = 500 // members of create_group
	retryEvery = 200 * time.Millisecond
	setUpLimit = 2 * time.Minute
)

// await makes a request on behalf of a user and waits for its reply.
func (u *user) await(ctx context.Context, cmd string, body []byte) (link.Reply, error) {
	replies := make(chan link.Reply, 1)
	u.present().Do(link.Request{Cmd: cmd, Body: body}, func(r link.Reply) { replies <- r })
	select {
	case r := <-replies:
		if r.Err != nil {
			return r, fmt.Errorf("%s: %w", cmd, r.Err)
		}
		return r, nil
	case <-ctx.Done():
		return link.Reply{}, ctx.Err()
	}
}

// meet makes the groups of the plan, and has the users of this process join.
func (f *fleet) meet(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, setUpLimit)
	defer cancel()
	for g := range f.plan.Groups {
		if err := f.meetIn(ctx, int32(g)); err != nil {
			return fmt.Errorf("set group %s up: %w", f.plan.GroupID(int32(g)), err)
		}
	}
	return nil
}

func (f *fleet) meetIn(ctx context.Context, g int32) error {
	plan := f.plan.Groups[g]
	joins := plan.Members[1:]
	if owner := f.local(plan.Members[0]); owner != nil {
		req := protocol.GroupCreateRequest{
			Type: plan.Type, Name: "load", GroupID: f.plan.GroupID(g), OwnerAccount: f.plan.UserID(owner.no),
			MaxMemberCount: maxGroup, ApplyJoinOption: protocol.JoinFree,
		}
		if plan.Type == protocol.GroupAVChatRoom {
			req.MaxMemberCount, req.ApplyJoinOption = 0, ""
		} else {
			var rest []int32
			for _, u := range joins {
				if len(req.MemberList) < createWith && f.local(u) != nil {
					req.MemberList = append(req.MemberList, protocol.GroupMemberItem{MemberAccount: f.plan.UserID(u)})
				} else {
					rest = append(rest, u)
				}
			}
			joins = rest
		}
		if err := f.makeGroup(ctx, owner, req); err != nil {
			return err
		}
		if plan.Type == protocol.GroupAVChatRoom { // as SDKs do: it may have to poll
			joins = plan.Members
		}
	}
	var errs []error
	slots := make(chan struct{}, loginAtOnce)
	failed := make(chan error, len(joins))
	n := 0
	for _, no := range joins {
		u := f.local(no)
		if u == nil {
			continue
		}
		slots <- struct{}{}
		n++
		go func() {
			defer func() { <-slots }()
			failed <- f.join(ctx, u, f.plan.GroupID(g))
		}()
	}
	for range n {
		if err := <-failed; err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return fmt.Errorf("%d members could not join: %w", len(errs), errs[0])
	}
	return nil
}

func (f *fleet) makeGroup(ctx context.Context, owner *user, req protocol.GroupCreateRequest) error {
	body, err := json.Marshal(req)
	if err != nil {
		return err
	}
	r, err := owner.await(ctx, protocol.CmdGroupCreate, body)
	if err == nil && r.ErrorCode != 0 {
		err = fmt.Errorf("%s: error %d %s", protocol.CmdGroupCreate, r.ErrorCode, r.ErrorInfo)
	}
	return err
}

// join brings a user into a group that is, or will be, made by somebody.
func (f *fleet) join(ctx context.Context, u *user, groupID string) error {
	for {
		r, err := u.await(ctx, protocol.CmdGroupJoin, fmt.Appendf(nil, `{"GroupId":%q,"ApplyMsg":"","WebPushFlag":1}`, groupID))
		if err != nil {
			return err
		}
		switch protocol.Code(r.ErrorCode) {
		case protocol.OK:
			v := gjson.ParseBytes(r.Body)
			if v.Get("JoinedStatus").Str != protocol.Joined {
				return fmt.Errorf("join: status %q", v.Get("JoinedStatus").Str)
			}
			if key := v.Get("LongPollingKey").Str; key != "" {
				u.mu.Lock()
				p := &poll{session: u.session, key: key}
				u.mu.Unlock()
				p.ask()
				// The reply behind it shows that the target has the poll: some
				// answer it with what comes from then on only.
				_, err := u.await(ctx, protocol.CmdAlive, nil)
				return err
			}
			return nil
		case protocol.CodeGroupMember:
			return nil // is in it already
		case protocol.CodeGroupMissing: // not yet made, by a user of another process
			if err := f.pause(ctx, retryEvery); err != nil {
				return err
			}
		default:
			return fmt.Errorf("join: error %d %s", r.ErrorCode, r.ErrorInfo)
		}
	}
}

// pause waits on the fleet's clock.
func (f *fleet) pause(ctx context.Context, d time.Duration) error {
	over := make(chan struct{})
	t := f.clock.AfterFunc(d, func() { close(over) })
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		t.Stop()
		return ctx.Err()
	}
}

// gate waits until all processes of the fleet have come to the same place:
// the first user of each joins a group of that name, and looks until all are
// in it.
func (f *fleet) gate(ctx context.Context, place string) error {
	segment := f.plan.Spec.Segment
	if segment.Count < 2 {
		return nil
	}
	id := "load-" + f.plan.Spec.Run + "-" + place
	u := f.users[0]
	if segment.Index == 1 {
		req := protocol.GroupCreateRequest{
			Type: protocol.GroupPublic, Name: place, GroupID: id, OwnerAccount: f.plan.UserID(u.no), ApplyJoinOption: protocol.JoinFree,
		}
		if err := f.makeGroup(ctx, u, req); err != nil {
			return fmt.Errorf("gate %s: %w", place, err)
		}
	} else if err := f.join(ctx, u, id); err != nil {
		return fmt.Errorf("gate %s: %w", place, err)
	}
	for {
		r, err := u.await(ctx, protocol.CmdGroupInfo, fmt.Appendf(nil,
			`{"GroupIdList":[%q],"ResponseFilter":{"GroupBaseInfoFilter":["MemberNum"]}}`, id))
		if err != nil {
			return fmt.Errorf("gate %s: %w", place, err)
		}
		if gjson.GetBytes(r.Body, "GroupInfo.0.MemberNum").Int() >= int64(segment.Count) {
			return nil
		}
		if err := f.pause(ctx, retryEvery); err != nil {
			return fmt.Errorf("gate %s: other processes did not come: %w", place, err)
		}
	}
}
