package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imsim/imsim/protocol"
)

// Fanout is one user who writes to a group. A message is in flight until it
// was acked, and every member has it.
type Fanout struct {
	Members  int // without the writer
	InFlight int
	Duration time.Duration // after which nothing new is sent
	Messages int           // how many are sent, if there is no Duration
}

// groupDialect is how the generator talks to one kind of server about a group.
type groupDialect interface {
	// found opens the connection of the writer and makes the group.
	found(ctx context.Context, dial Dial) (session, error)
	// enter opens the connection of a member.
	enter(ctx context.Context, dial Dial, user string) (session, error)
}

// fanout carries it out on a server.
func fanout(ctx context.Context, d groupDialect, dial Dial, load Fanout) (total Tally, err error) {
	f := &fan{members: load.Members, counts: make([]atomic.Int64, load.InFlight+1)}
	f.window = window{inFlight: load.InFlight, messages: load.Messages, done: make(chan struct{})}
	var open []session
	var readers sync.WaitGroup
	defer func() {
		f.closed.Store(true)
		for _, s := range open {
			s.wire().close()
		}
		readers.Wait()
	}()
	if f.writer, err = d.found(ctx, dial); err != nil {
		return total, err
	}
	open = append(open, f.writer)
	readers.Go(f.followAcks)
	got := make([]memberTally, load.Members)
	for i := range load.Members {
		member, err := d.enter(ctx, dial, fmt.Sprintf("m%05d", i))
		if err != nil {
			return total, err
		}
		open = append(open, member)
		readers.Go(func() { f.follow(member, &got[i]) })
	}
	start := time.Now()
	if load.Duration > 0 {
		defer time.AfterFunc(load.Duration, func() { f.over.Store(true) }).Stop()
	}
	f.refill()
	limit := time.NewTimer(load.Duration + drainTime)
	defer limit.Stop()
	select {
	case <-f.done:
	case <-limit.C:
		err = errors.New("messages got lost")
	}
	total.Elapsed, total.Receivers = time.Since(start), load.Members
	f.mu.Lock()
	defer f.mu.Unlock()
	total.Sent, total.Acked = f.sent, f.acked
	for i := range got {
		delivered := int(got[i].delivered.Load())
		total.Delivered += delivered
		total.Lost += max(f.sent-delivered, 0)
		total.Duplicated += int(got[i].duplicated.Load())
		total.Reordered += int(got[i].reordered.Load())
	}
	return total, errors.Join(err, f.err, total.Valid())
}

// fan is a run of a Fanout.
type fan struct {
	window
	members int
	// counts tells how many members have a message, by its number: those in
	// flight have a place each.
	counts []atomic.Int64
}

type memberTally struct{ delivered, duplicated, reordered atomic.Int64 }

// follow reads a member, whose messages must come one by one.
func (f *fan) follow(s session, got *memberTally) {
	next := 1
	for {
		whole := 0 // the latest message of this read that every member has
		for first := true; first || s.wire().more(); first = false {
			frame, err := s.wire().next()
			var is kind
			var n int
			if err == nil {
				is, n, err = s.read(frame)
			}
			switch {
			case err != nil:
				f.fail(err)
				return
			case is != delivery:
				continue
			case n < next:
				got.duplicated.Add(1)
				continue
			case n > next:
				got.reordered.Add(1)
			}
			next = n + 1
			got.delivered.Add(1)
			if count := &f.counts[n%len(f.counts)]; int(count.Add(1)) == f.members {
				count.Store(0)
				whole = n // and the earlier ones too: each member reads them in order
			}
		}
		if whole > 0 {
			f.mu.Lock()
			f.through = max(f.through, whole)
			f.mu.Unlock()
			f.refill()
		}
	}
}

func (f *fan) followAcks() {
	for {
		frame, err := f.writer.wire().next()
		var is kind
		if err == nil {
			is, _, err = f.writer.read(frame)
		}
		if err != nil {
			f.fail(err)
			return
		}
		if is == ack {
			f.mu.Lock()
			f.acked++
			f.mu.Unlock()
			f.refill()
		}
	}
}

// pushSize is the size of imsim's push of a message with frameSize bytes: the
// baseline writes as many to each member.
const pushSize = 600

// relayGroup is spoken to the baseline's /fanout.
type relayGroup struct{}

func (relayGroup) found(ctx context.Context, dial Dial) (session, error) {
	return relayGroup{}.open(ctx, dial, "/fanout?writer=1")
}

func (relayGroup) enter(ctx context.Context, dial Dial, _ string) (session, error) {
	return relayGroup{}.open(ctx, dial, "/fanout")
}

func (relayGroup) open(ctx context.Context, dial Dial, path string) (session, error) {
	s, err := open(ctx, dial, path)
	if err != nil {
		return nil, err
	}
	return &relaySession{s, bytes.Repeat([]byte{'.'}, pushSize)}, nil
}

// imsimGroup is a group of that type on imsim.
type imsimGroup struct{ kind string }

// groupID is the one group of a server.
const groupID = "fanout"

func (d imsimGroup) found(ctx context.Context, dial Dial) (session, error) {
	s, err := d.login(ctx, dial, "writer")
	if err != nil {
		return nil, err
	}
	create := protocol.GroupCreateRequest{Type: d.kind, Name: "fan-out", GroupID: groupID, ApplyJoinOption: protocol.JoinFree}
	if err := s.call(protocol.CmdGroupCreate, create); err != nil {
		s.close()
		return nil, err
	}
	return &imsimMember{s}, s.template(protocol.CmdSendGroupMsg, fmt.Sprintf(`{"From_Account":%q,"GroupId":%q,"ClientSeq":@,"Random":@,`+
		`"MsgPriority":"Normal","MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"TEXT"}}],"CloudCustomData":"","OnlineOnlyFlag":0,`+
		`"OfflinePushInfo":{"PushFlag":0,"Title":"","Desc":"","Ext":"","ApnsInfo":{"BadgeMode":0},"AndroidInfo":{"OPPOChannelID":""}}}`, s.user, groupID))
}

func (d imsimGroup) enter(ctx context.Context, dial Dial, user string) (session, error) {
	s, err := d.login(ctx, dial, user)
	if err != nil {
		return nil, err
	}
	if err := s.call(protocol.CmdGroupJoin, protocol.GroupJoinRequest{GroupID: groupID}); err != nil {
		s.close()
		return nil, err
	}
	s.send = protocol.CmdSendGroupMsg
	return &imsimMember{s}, nil
}

func (imsimGroup) login(ctx context.Context, dial Dial, user string) (*imsimSession, error) {
	s, err := imsimDialect{}.join(ctx, dial, user, "")
	if err != nil {
		return nil, err
	}
	return s.(*imsimSession), nil
}

// call asks for something and waits for success.
func (s *imsimSession) call(cmd string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if err := s.request(3, cmd, json.RawMessage(text)); err != nil {
		return err
	}
	if err := s.flush(); err != nil {
		return err
	}
	if err := s.await(cmd); err != nil {
		return fmt.Errorf("%s by %s: %w", cmd, s.user, err)
	}
	return nil
}

// imsimMember reads the pushes of a group.
type imsimMember struct{ *imsimSession }

var (
	groupMsgMark  = []byte(`"GroupMsgArray":`)
	clientSeqMark = []byte(`"ClientSeq":`)
)

func (s *imsimMember) read(frame []byte) (kind, int, error) {
	cmd := after(frame, servCmdMark)
	if !bytes.HasPrefix(cmd, []byte(protocol.CmdPush)) {
		return s.imsimSession.read(frame)
	}
	if message := after(cmd, groupMsgMark); message != nil {
		return delivery, number(after(message, clientSeqMark)), nil
	}
	if !strings.Contains(string(cmd[:min(len(cmd), 200)]), "GroupTips") {
		return other, 0, fmt.Errorf("unexpected push: %s", frame)
	}
	return other, 0, nil // somebody joined
}

// spread takes figure 3 on a fresh server process.
func spread(server string, members, inFlight int, d time.Duration) func(context.Context) (sample, error) {
	return func(ctx context.Context) (sample, error) {
		c, err := startChild(server)
		if err != nil {
			return sample{}, err
		}
		var dialect groupDialect = relayGroup{}
		if server == imsimServer {
			dialect = imsimGroup{protocol.GroupMeeting}
		}
		tally, err := fanout(ctx, dialect, DialTCP(c.addr), Fanout{Members: members, InFlight: inFlight, Duration: d})
		cpu, stopErr := c.stop()
		if err == nil {
			err = stopErr
		}
		return sample{tally.Rate(), float64(cpu.Microseconds()) / float64(tally.Delivered)}, err
	}
}
