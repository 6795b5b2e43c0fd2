package client

import (
	"strconv"
	"sync/atomic"

	"github.com/tidwall/gjson"
)

// Message is a message as it is at one moment: it never changes, so that it may
// be read from any goroutine. Latest gives the same message as it is now.
// Messages come from the Create… methods, from events and from lists; two
// values are the same message if Same says so.
//
// The JSON names are the property names of the reference SDK (messages.md §1.1).
type Message struct {
	ID                  string   `json:"ID"`
	ConversationID      string   `json:"conversationID"`   // C2C<userID>, GROUP<groupID> or @TIM#SYSTEM
	ConversationType    string   `json:"conversationType"` // one of the Conv… constants
	ConversationSubType string   `json:"conversationSubType,omitempty"`
	Type                string   `json:"type,omitempty"`    // one of the Msg… constants
	Payload             Payload  `json:"payload,omitempty"` // by type: *TextPayload, *CustomPayload …
	Time                int64    `json:"time"`              // seconds; the server's once it is sent
	Sequence            uint32   `json:"sequence"`
	ClientSequence      uint32   `json:"clientSequence"`
	Random              uint32   `json:"random"`
	Priority            string   `json:"priority"`
	Nick                string   `json:"nick"`     // of the sender
	Avatar              string   `json:"avatar"`   // of the sender
	NameCard            string   `json:"nameCard"` // of the sender in the group
	From                string   `json:"from"`
	To                  string   `json:"to"`
	Flow                string   `json:"flow"`   // FlowIn or FlowOut
	Status              string   `json:"status"` // StatusUnsent, StatusSuccess or StatusFail
	IsRead              bool     `json:"isRead"` // always true for one's own
	IsPeerRead          bool     `json:"isPeerRead"`
	IsRevoked           bool     `json:"isRevoked"`
	IsDeleted           bool     `json:"isDeleted"`
	IsModified          bool     `json:"isModified"`
	IsResend            bool     `json:"isResend"`
	IsSystemMessage     bool     `json:"isSystemMessage"`
	IsPlaceMessage      int      `json:"isPlaceMessage"`
	AtUserList          []string `json:"atUserList"`
	CloudCustomData     string   `json:"cloudCustomData"`
	Protocol            string   `json:"protocol"` // "JSON"
	Geo                 struct{} `json:"geo"`

	rec *record
}

// record is a message's identity; the client's lock guards all but latest.
type record struct {
	owner      *Client
	latest     atomic.Pointer[Message]
	onlineOnly bool
	relay      bool   // merger or forward: nothing is uploaded
	media      *media // file to be uploaded before the send
	onProgress func(percent float64)
}

func (r *record) now() *Message { return r.latest.Load() }

// newRecord starts a message's life with these fields.
func newRecord(owner *Client, m Message) *record {
	r := &record{owner: owner}
	if m.AtUserList == nil {
		m.AtUserList = []string{}
	}
	m.rec = r
	r.latest.Store(&m)
	return r
}

// update makes a new picture of the message; the client's lock is held.
func (r *record) update(change func(*Message)) *Message {
	m := *r.now()
	change(&m)
	r.latest.Store(&m)
	return &m
}

// Latest is the message as it is now.
func (m *Message) Latest() *Message {
	if m.rec == nil {
		return m
	}
	return m.rec.now()
}

// Same tells whether both are the same message, if at different moments.
func (m *Message) Same(other *Message) bool {
	return m != nil && other != nil && (m == other || m.rec != nil && m.rec == other.rec)
}

// Identity is a comparable value, the same for all pictures of one message.
func (m *Message) Identity() any { return m.rec }

func messages(list []*record) []*Message {
	out := make([]*Message, len(list))
	for i, r := range list {
		out[i] = r.now()
	}
	return out
}

// place sets what follows from sender, receiver and reader: flow, conversation
// and ID (messages.md §1.1).
func (m *Message) place(me string) {
	peer, mine := m.From, "0"
	m.Flow = FlowIn
	if m.From == me {
		peer, mine = m.To, "1"
		m.Flow, m.IsRead = FlowOut, true
	}
	switch m.ConversationType {
	case ConvSystem:
		m.ConversationID = ConvSystem
	case ConvC2C:
		m.ConversationID = ConvC2C + peer
	default:
		m.ConversationID = m.ConversationType + m.To
	}
	seq := m.Sequence
	if seq == 0 {
		seq = m.ClientSequence
	}
	m.ID = m.ConversationID + "-" + strconv.FormatUint(uint64(seq), 10) + "-" +
		strconv.FormatUint(uint64(m.Random), 10) + "-" + mine
}

// c2cMessage is a C2C message of the wire with what does not belong to Message.
type c2cMessage struct {
	Message
	onlineOnly bool // MsgLifeTime 0
	modified   bool // MsgModifiedFlag 1
}

// parseC2C reads a C2C message of a push, of getmsg or of a roaming list. With
// swap a copy for the sender's other instances is turned round again.
func parseC2C(v gjson.Result, me string, swap bool) (c2cMessage, bool) {
	var m c2cMessage
	var sync, flags int64
	m.ConversationType, m.Priority, m.Status, m.Protocol = ConvC2C, PriorityNormal, StatusSuccess, "JSON"
	v.ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "From_Account":
			m.From = v.Str
		case "To_Account":
			m.To = v.Str
		case "MsgSeq":
			m.Sequence = uint32(v.Uint())
		case "ClientSeq":
			m.ClientSequence = uint32(v.Uint())
		case "MsgRandom":
			m.Random = uint32(v.Uint())
		case "MsgTimeStamp":
			m.Time = v.Int()
		case "From_AccountNick":
			m.Nick = v.Str
		case "From_AccountHeadurl":
			m.Avatar = v.Str
		case "CloudCustomData":
			m.CloudCustomData = v.Str
		case "MsgBody":
			m.Type, m.Payload = parseBody(v)
		case "MsgFlagBits":
			flags = v.Int()
		case "IsPlaceMsg":
			m.IsPlaceMessage = int(v.Int())
		case "IsSyncMsg":
			sync = v.Int()
		case "MsgLifeTime":
			m.onlineOnly = v.Type == gjson.Number && v.Num == 0
		case "MsgModifiedFlag":
			m.modified = v.Int() == 1
		}
		return true
	})
	if m.From == "" && m.To == "" {
		return m, false
	}
	if swap && sync == 1 {
		m.From, m.To = m.To, m.From
	}
	if m.ClientSequence == 0 {
		m.ClientSequence = m.Sequence
	}
	m.IsRevoked = flags == 8 || m.IsPlaceMessage == 2
	m.place(me)
	return m, true
}
