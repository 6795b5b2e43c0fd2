package backend

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
	"pgregory.net/rapid"
)

// pollingClient follows a live room by get_msg, as the SDKs do.
type pollingClient struct {
	*client
	key  string
	next int64
	got  []string
	open bool
}

func (p *pollingClient) join(anonymous bool) {
	p.w.t.Helper()
	cmd := protocol.CmdGroupJoin
	if anonymous {
		cmd = protocol.CmdGroupJoinAnonymous
	}
	r := ask[protocol.GroupJoinReply](p.client, cmd, fields{"GroupId": "g"})
	if r.JoinedStatus != protocol.Joined || r.HugeGroupFlag != 1 || r.LongPollingKey == "" {
		p.w.t.Fatalf("join: %+v", r)
	}
	p.key = r.LongPollingKey
}

// poll asks, if no poll is open.
func (p *pollingClient) poll() {
	p.w.t.Helper()
	if !p.open {
		p.open = true
		p.raw(p.frame(protocol.CmdGroupPollAnonymous, protocol.GroupPollRequest{StartSeq: p.next, HoldTime: 90, Key: p.key}))
		p.look()
	}
}

// look takes in the answer to the open poll, if it is there.
func (p *pollingClient) look() {
	p.w.t.Helper()
	replies := p.replies
	p.replies = nil
	for _, frame := range replies {
		d, err := protocol.ParseDownlink(frame)
		if err != nil {
			p.w.t.Fatalf("%s: %v", frame, err)
		}
		if d.ServCmd != protocol.CmdGroupPollAnonymous {
			continue
		}
		var r protocol.GroupPollReply
		if err := json.Unmarshal(d.Body, &r); err != nil || r.ErrorCode != protocol.OK || r.NextSeq == 0 {
			p.w.t.Fatalf("poll: %s %v", d.Body, err)
		}
		p.open, p.next, p.key = false, r.NextSeq, r.Key
		for _, text := range r.RspMsgList {
			var item struct{ Event int }
			_ = json.Unmarshal(text, &item)
			p.got = append(p.got, describeGroupItem(p.w.t, item.Event, text))
		}
	}
}

// TestRoomByPollingAgainstModel: whenever instances poll, and however often
// their connections break, each gets everything since its joining, once and in
// order, as long as it does not stay away for too long.
func TestRoomByPollingAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, Config{LongPolling: true})
		owner := w.login("owner")
		owner.newGroup(protocol.GroupAVChatRoom, "g")
		var all []string
		var pollers []*pollingClient
		since := map[*pollingClient]int{}
		for i := range rapid.IntRange(1, 60).Draw(t, "steps") {
			what := rapid.SampledFrom([]string{"join", "guest", "say", "say", "say", "say by REST", "poll", "poll", "poll", "break", "wait", "quit"}).Draw(t, "what")
			pick := func() *pollingClient {
				if len(pollers) == 0 {
					return nil
				}
				return pollers[rapid.IntRange(0, len(pollers)-1).Draw(t, "who")]
			}
			switch what {
			case "join", "guest":
				user := fmt.Sprint("user", i)
				p := &pollingClient{client: w.dial()}
				if p.user = user; what == "join" {
					p.client = w.login(user)
				}
				since[p] = len(all)
				p.join(what == "guest")
				if what == "join" {
					all = append(all, fmt.Sprintf("g #%d tip 1 by %s: %s", len(all)+1, user, user))
				}
				pollers = append(pollers, p)
			case "say":
				text := fmt.Sprint("text ", i)
				all = append(all, fmt.Sprintf("g #%d owner: %s", owner.say("g", text), text))
			case "say by REST":
				text := fmt.Sprint("text ", i)
				w.groupCall("send_group_msg", fmt.Sprintf(`{"GroupId":"g","Random":%d,"MsgBody":%s}`, i+1, textBody(text)), protocol.OK)
				all = append(all, fmt.Sprintf("g #%d administrator: %s", len(all)+1, text))
			case "poll":
				if p := pick(); p != nil {
					p.poll()
				}
			case "break": // the open poll is lost, and sent again
				if p := pick(); p != nil {
					p.look()
					p.disconnect()
					p.open = false
					p.connect()
				}
			case "wait":
				w.advance(time.Duration(rapid.IntRange(1, 15).Draw(t, "seconds")) * time.Second)
			case "quit":
				if p := pick(); p != nil && p.a2 != "" {
					p.look()
					p.raw(p.frame(protocol.CmdGroupQuit, fields{"GroupId": "g"}))
					pollers = slices.DeleteFunc(pollers, func(o *pollingClient) bool { return o == p })
					all = append(all, fmt.Sprintf("g #%d tip 2 by %s: %s", len(all)+1, p.user, p.user))
				}
			}
			for _, p := range pollers {
				p.look()
			}
		}
		for _, p := range pollers {
			p.poll()
			if want := all[since[p]:]; !slices.Equal(p.got, want) {
				t.Fatalf("%s got %q\nwant %q", p.user, p.got, want)
			}
			if len(p.pushes) != 0 && p.a2 != "" {
				t.Fatalf("%s was pushed %q besides", p.user, p.client.take())
			}
			if p.open { // nothing new: it is answered in time all the same
				w.advance(pollHold)
				if p.look(); p.open {
					t.Fatalf("the poll of %s is held for ever", p.user)
				}
			}
		}
	})
}

func TestRoomDismissalAnswersPolls(t *testing.T) {
	w := newWorld(t, Config{LongPolling: true})
	owner := w.login("owner")
	owner.newGroup(protocol.GroupAVChatRoom, "g")
	p := &pollingClient{client: w.login("bob")}
	p.join(false)
	p.poll() // the tip of its own joining
	p.poll()
	if !p.open {
		t.Fatal("there was news")
	}
	owner.must(protocol.CmdGroupDestroy, fields{"GroupId": "g"})
	if p.look(); p.open {
		t.Error("the poll of a dismissed room is open")
	}
	p.expect("g notice 5 by owner")
	if code := p.code(protocol.CmdGroupPoll, protocol.GroupPollRequest{Key: p.key}); code != protocol.CodeGroupParam {
		t.Errorf("a poll of a room that is gone: %d", code)
	}
}

// Who is away for too long is out of its live rooms, and only of those; who
// comes back in time is not.
func TestRoomIsLeftByWhoIsAway(t *testing.T) {
	w := newWorld(t, Config{WebInstances: 2})
	owner, bob, other := w.login("owner"), w.login("bob"), w.login("bob")
	owner.newGroup(protocol.GroupAVChatRoom, "g")
	owner.newGroup(protocol.GroupPublic, "public", "bob")
	bob.must(protocol.CmdGroupJoin, fields{"GroupId": "g"})
	owner.take()
	bob.disconnect()
	w.advance(roomAbsence)
	owner.expect() // the other instance is there
	bob.comeBack()
	other.disconnect()
	bob.disconnect()
	w.advance(roomAbsence - time.Second)
	bob.comeBack()
	bob.disconnect()
	w.advance(roomAbsence - time.Second)
	owner.expect()
	w.advance(time.Second)
	owner.expect("g #2 tip 2 by bob: bob")
	bob.comeBack()
	bob.say("public", "still here")
	if code := bob.code(protocol.CmdSendGroupMsg, bob.groupSend("g", "x")); code != protocol.CodeGroupNoRight {
		t.Errorf("send to a room that was left: %d", code)
	}
	owner.disconnect()
	w.advance(2 * roomAbsence)
	owner.comeBack()
	owner.say("g", "the owner stays")
}
