package loadgen

import (
	"bytes"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"
)

// notices are recalls and reads of which the other side is told. No notice
// carries when its operation should have started: in one process the two are
// joined here, else when results are merged.
type notices struct {
	mu    sync.Mutex
	here  map[noticeKey]time.Time   // operations of this process, by their intended start
	begun map[noticeKey]time.Time   // of those the ones that other processes see
	seen  map[noticeKey][]time.Time // what this process sees of others'
}

// noticeKey is what an operation and its notice have in common. Of a recall:
// the message, of a chat its sender and number, of a group its sequence. Of a
// read: who reads whose messages, and up to which second.
type noticeKey struct {
	latency string // RecallSeen or Receipt
	conv    Conv
	n       int64
	reader  int32
}

func (k noticeKey) String() string {
	text := fmt.Sprintf("%s %s#%d", k.latency, k.conv, k.n)
	if k.latency == Receipt {
		text += " " + WithUser(k.reader).String()
	}
	return text
}

func recallOf(conv Conv, n uint32) noticeKey {
	return noticeKey{latency: RecallSeen, conv: conv, n: int64(n)}
}

func readOf(writer, reader int32, second int64) noticeKey {
	return noticeKey{latency: Receipt, conv: WithUser(writer), n: second, reader: reader}
}

// expect notes an operation; elsewhere tells that users of other processes see
// it.
func (n *notices) expect(key noticeKey, at time.Time, elsewhere bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	put(&n.here, key, at)
	if elsewhere {
		put(&n.begun, key, at)
	}
}

// began tells when an operation of this process should have started. A recall
// stays, for a group has many who see it; a receipt comes once, and what comes
// again is of another read in the same second.
func (n *notices) began(key noticeKey) (time.Time, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	at, ok := n.here[key]
	if key.latency == Receipt {
		delete(n.here, key)
	}
	return at, ok
}

// saw notes the notice of an operation of another process.
func (n *notices) saw(key noticeKey, at time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if times := n.seen[key]; times == nil || key.latency != Receipt {
		put(&n.seen, key, append(times, at))
	}
}

// list writes what merging needs into the ledger.
func (n *notices) list(l *Ledger) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for key, at := range n.begun {
		put(&l.Begun, key.String(), at.UnixMicro())
	}
	for key, times := range n.seen {
		for _, at := range times {
			put(&l.Seen, key.String(), append(l.Seen[key.String()], at.UnixMicro()))
		}
	}
}

func put[K comparable, V any](m *map[K]V, key K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[key] = v
}

// sight is a notice and how long after the intended start it came.
type sight struct {
	latency string
	at      time.Time
	after   time.Duration
}

// sights joins the notices that each process saw with the operations of the
// others.
func sights(ledgers []*Ledger) [][]sight {
	begun := map[string]int64{}
	for _, l := range ledgers {
		maps.Copy(begun, l.Begun)
	}
	list := make([][]sight, len(ledgers))
	for i, l := range ledgers {
		for key, times := range l.Seen {
			from, ok := begun[key]
			if !ok {
				continue // a later read of the same second
			}
			latency, _, _ := strings.Cut(key, " ")
			for _, at := range times {
				list[i] = append(list[i], sight{latency, time.UnixMicro(at), time.Duration(at-from) * time.Microsecond})
			}
		}
	}
	return list
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
	see := func(key noticeKey, by int32) {
		if f.local(by) == nil {
			f.notices.saw(key, now)
		} else if at, ok := f.notices.began(key); ok {
			f.meter.record(key.latency, u.no, now.Sub(at))
		}
	}
	switch {
	case bytes.Contains(body, withdrawMark):
		for _, info := range gjson.GetBytes(body, "EventArray.#.C2cNotifyMsgArray.#.WithdrawC2cMsgNotify.C2cWithdrawInfoArray|@flatten|@flatten").Array() {
			for _, item := range info.Array() {
				if from, ok := f.plan.userNo(item.Get("From_Account").Str); ok && from != u.no {
					see(recallOf(WithUser(from), uint32(item.Get("MsgSeq").Uint())), from)
				}
			}
		}
	case bytes.Contains(body, groupWithdrawMark):
		for _, list := range gjson.GetBytes(body, "EventArray.#.GroupTips.#.MsgBody.GroupWithdrawInfoArray|@flatten|@flatten").Array() {
			for _, item := range list.Array() {
				from, ok := f.plan.userNo(item.Get("From_Account").Str)
				g, known := f.plan.groupNo(item.Get("GroupId").Str)
				if ok && known && from != u.no {
					see(recallOf(InGroup(g), uint32(item.Get("MsgSeq").Uint())), from)
				}
			}
		}
	case bytes.Contains(body, receiptMark):
		for _, receipt := range gjson.GetBytes(body, "EventArray.#.C2cNotifyMsgArray.#.C2cReadedReceipt|@flatten").Array() {
			reader, ok := f.plan.userNo(receipt.Get("To_Account").Str)
			if !ok {
				continue
			}
			for _, second := range receipt.Get("UinPairReadArray.#.LastReadTime").Array() {
				see(readOf(u.no, reader, second.Int()), reader)
			}
		}
	}
}

// noteSequences takes what the MsgSeq of groups' messages are good for: reads
// of members, and the account of visitors.
func (u *user) noteSequences(body []byte, current bool) {
	p := u.fleet.plan
	gjson.GetBytes(body, "EventArray").ForEach(func(_, event gjson.Result) bool {
		event.Get("GroupMsgArray").ForEach(func(_, m gjson.Result) bool {
			g, ok := p.groupNo(m.Get("ToGroupId").Str)
			if !ok {
				return true
			}
			seq := uint32(m.Get("MsgSeq").Uint())
			if _, member := p.position(g, u.no); !member {
				if current {
					scanMarks([]byte(m.Raw), p.Spec.Run, func(m mark) { u.hear(m, seq) })
				}
				return true
			}
			u.mu.Lock()
			b := u.inboxOf(InGroup(g))
			b.groupSeq = max(b.groupSeq, seq)
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
