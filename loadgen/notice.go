package loadgen

import (
	"bytes"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"
)

// notices are recalls and reads under way, until their notice has come. Those
// of users of other processes are not known here, and not measured.
type notices struct {
	mu       sync.Mutex
	recalls  map[recallKey]time.Time
	receipts map[receiptKey]time.Time
}

// recallKey is a message: of a chat its sender and number, of a group its
// sequence.
type recallKey struct {
	conv Conv
	n    uint32
}

// receiptKey is who reads whose messages.
type receiptKey struct{ reader, writer int32 }

func (n *notices) expectRecall(key recallKey, at time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.recalls == nil {
		n.recalls = map[recallKey]time.Time{}
	}
	n.recalls[key] = at
}

func (n *notices) expectReceipt(key receiptKey, at time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.receipts == nil {
		n.receipts = map[receiptKey]time.Time{}
	}
	if _, waiting := n.receipts[key]; !waiting {
		n.receipts[key] = at
	}
}

// recall tells when it should have started; it stays, for a group has many who
// see it.
func (n *notices) recall(key recallKey) (time.Time, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	at, ok := n.recalls[key]
	return at, ok
}

func (n *notices) receipt(key receiptKey) (time.Time, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	at, ok := n.receipts[key]
	delete(n.receipts, key)
	return at, ok
}

var (
	withdrawMark      = []byte(`"C2cWithdrawInfoArray"`)
	groupWithdrawMark = []byte(`"GroupWithdrawInfoArray"`)
	receiptMark       = []byte(`"C2cReadedReceipt"`)
)

// notice takes a push that brings no message.
func (u *user) notice(body []byte) {
	f := u.fleet
	now := f.clock.Now()
	seen := func(key recallKey) {
		if at, ok := f.notices.recall(key); ok {
			f.meter.record(RecallSeen, u.no, now.Sub(at))
		}
	}
	switch {
	case bytes.Contains(body, withdrawMark):
		for _, info := range gjson.GetBytes(body, "EventArray.#.C2cNotifyMsgArray.#.WithdrawC2cMsgNotify.C2cWithdrawInfoArray|@flatten|@flatten").Array() {
			for _, item := range info.Array() {
				if from, ok := f.plan.userNo(item.Get("From_Account").Str); ok && from != u.no {
					seen(recallKey{WithUser(from), uint32(item.Get("MsgSeq").Uint())})
				}
			}
		}
	case bytes.Contains(body, groupWithdrawMark):
		for _, list := range gjson.GetBytes(body, "EventArray.#.GroupTips.#.MsgBody.GroupWithdrawInfoArray|@flatten|@flatten").Array() {
			for _, item := range list.Array() {
				from, ok := f.plan.userNo(item.Get("From_Account").Str)
				g, known := f.plan.groupNo(item.Get("GroupId").Str)
				if ok && known && from != u.no {
					seen(recallKey{InGroup(g), uint32(item.Get("MsgSeq").Uint())})
				}
			}
		}
	case bytes.Contains(body, receiptMark):
		for _, event := range gjson.GetBytes(body, "EventArray.#.C2cNotifyMsgArray.#.C2cReadedReceipt.To_Account|@flatten").Array() {
			if reader, ok := f.plan.userNo(event.Str); ok {
				if at, waited := f.notices.receipt(receiptKey{reader, u.no}); waited {
					f.meter.record(Receipt, u.no, now.Sub(at))
				}
			}
		}
	}
}

// noteSequence remembers a group's newest sequence, for reads.
func (u *user) noteSequence(body []byte) {
	gjson.GetBytes(body, "EventArray").ForEach(func(_, event gjson.Result) bool {
		event.Get("GroupMsgArray").ForEach(func(_, m gjson.Result) bool {
			g, ok := u.fleet.plan.groupNo(m.Get("ToGroupId").Str)
			if !ok {
				return true
			}
			if _, member := u.fleet.plan.position(g, u.no); !member {
				return true
			}
			u.mu.Lock()
			b := u.inboxOf(InGroup(g))
			b.groupSeq = max(b.groupSeq, uint32(m.Get("MsgSeq").Uint()))
			u.mu.Unlock()
			return true
		})
		return true
	})
}

// userNo is the number in a userID of the fleet.
func (p *Plan) userNo(id string) (int32, bool) {
	return suffixNo(id, p.Spec.UserPrefix, p.Spec.Users)
}

func (p *Plan) groupNo(id string) (int32, bool) {
	return suffixNo(id, "load-"+p.Spec.Run+"-", len(p.Groups))
}

func suffixNo(id, prefix string, count int) (int32, bool) {
	digits, ok := strings.CutPrefix(id, prefix)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 32)
	return int32(n), err == nil && n >= 0 && int(n) < count
}
