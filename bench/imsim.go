package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/imsim/imsim/protocol"
)

const sdkAppID = 1400000000

// imsimDialect is spoken to imsim, with the frames of SDK 2.14. With start,
// join also sends what that SDK sends until it is ready.
type imsimDialect struct{ start bool }

type imsimSession struct {
	*socket
	user, peer string
	head       protocol.Head
	send       string    // the command of a message
	parts      [4][]byte // of a message; its three numbers stand between them
}

func (d imsimDialect) join(ctx context.Context, dial Dial, user, peer string) (session, error) {
	path := fmt.Sprintf("%s?sdkappid=%d&instanceid=%032x&random=1", protocol.PathText, sdkAppID, user)
	s, err := open(ctx, dial, path)
	if err != nil {
		return nil, err
	}
	im := &imsimSession{socket: s, user: user, peer: peer}
	if err := im.login(); err != nil {
		s.close()
		return nil, fmt.Errorf("login %s: %w", user, err)
	}
	if d.start {
		if err := im.getReady(); err != nil {
			s.close()
			return nil, fmt.Errorf("start %s: %w", user, err)
		}
	}
	return im, im.prepare()
}

// login is what every SDK sends first: alive and wslogin.
func (s *imsimSession) login() error {
	s.head = protocol.Head{
		Ver: "v4", Platform: 7, WebSDKAppID: 537048168, WebSDKVersion: "1.7.3",
		Identifier: s.user, UserSig: strings.Repeat("eJw", 60), // about a real one's size
		SDKAppID: sdkAppID, ContentType: "json", ReqTime: time.Now().Unix(), SDKAbility: 2,
	}
	if err := s.request(1, protocol.CmdAlive, struct{}{}); err != nil {
		return err
	}
	if err := s.request(2, protocol.CmdLogin, map[string]string{"State": "Online"}); err != nil {
		return err
	}
	if err := s.flush(); err != nil {
		return err
	}
	for range 2 {
		reply, err := s.reply()
		if err != nil {
			return err
		}
		if reply.ServCmd == protocol.CmdLogin {
			var body protocol.LoginReply
			if err := json.Unmarshal(reply.Body, &body); err != nil {
				return err
			}
			s.head.A2, s.head.TinyID, s.head.StatusInstID = body.A2Key, body.TinyID, body.InstID
			s.head.Identifier, s.head.UserSig = "", ""
		}
	}
	return nil
}

// startUp is what SDK 2.14 (friendship build) asks between login and ready.
var startUp = []struct{ cmd, body string }{
	{protocol.CmdProfileGet, `{"From_Account":"%[1]s","UserItem":[{"To_Account":"%[1]s"}]}`},
	{protocol.CmdBlackListGet, `{"From_Account":"%[1]s","StartIndex":0,"MaxLimited":100,"LastSequence":0}`},
	{protocol.CmdContactPage, `{"From_Account":"%[1]s","TimeStamp":0,"StartIndex":0,"TopTimeStamp":0,"TopStartIndex":0,"OrderType":1,"MsgAssistFlags":3,"AssistFlags":7}`},
	{protocol.CmdJoinedGroups, `{"Member_Account":"%[1]s","Limit":200,"Offset":0}`},
	{protocol.CmdAuthKey, `{}`},
	{protocol.CmdGetMsg, `{"Cookie":"","SyncFlag":0,"NeedAbstract":1,"IsOnlineSync":0}`},
	{protocol.CmdFriendGet, `{"From_Account":"%[1]s","StartIndex":0,"StandardSequence":0,"CustomSequence":0}`},
	{protocol.CmdFriendGroupGet, `{"From_Account":"%[1]s","LastSequence":0,"NeedFriend":"Need_Friend_Type_No"}`},
	{protocol.CmdPendencyGet, `{"From_Account":"%[1]s","PendencyType":"Pendency_Type_Both","StartTime":0,"MaxLimited":100,"LastSequence":0}`},
	{protocol.CmdFetchConfig, `{"uint32_sdkappid":1400000000,"uint64_version":0}`},
}

func (s *imsimSession) getReady() error {
	for i, r := range startUp {
		body := []byte(r.body)
		if bytes.Contains(body, []byte("%")) {
			body = fmt.Appendf(nil, r.body, s.user)
		}
		if err := s.request(3+i, r.cmd, json.RawMessage(body)); err != nil {
			return err
		}
	}
	if err := s.flush(); err != nil {
		return err
	}
	for range startUp {
		if _, err := s.reply(); err != nil {
			return err
		}
	}
	return nil
}

// request gathers one.
func (s *imsimSession) request(seq int, cmd string, body any) error {
	s.head.ServCmd, s.head.Seq = cmd, protocol.SeqNumber(uint64(seq))
	frame, err := protocol.EncodeRequest(nil, &s.head, body)
	if err == nil {
		s.gather(frame)
	}
	return err
}

// await waits for the successful reply to a command; pushes are passed over.
func (s *imsimSession) await(cmd string) error {
	for {
		reply, err := s.reply()
		if err != nil || reply.ServCmd == cmd {
			return err
		}
	}
}

// reply waits for a successful one.
func (s *imsimSession) reply() (protocol.Downlink, error) {
	frame, err := s.next()
	if err != nil {
		return protocol.Downlink{}, err
	}
	reply, err := protocol.ParseDownlink(frame)
	if err == nil && reply.ErrorCode != 0 {
		err = fmt.Errorf("%s: error %d %s", reply.ServCmd, reply.ErrorCode, reply.ErrorInfo)
	}
	return reply, err
}

// prepare makes the parts of a message that stay, with a text that brings the
// frame to its size.
func (s *imsimSession) prepare() error {
	return s.template(protocol.CmdSendMsg, fmt.Sprintf(`{"From_Account":%q,"To_Account":%q,"MsgTimeStamp":%d,"MsgSeq":@,"MsgRandom":@,`+
		`"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"TEXT"}}],"CloudCustomData":"",`+
		`"From_AccountNick":"","From_AccountHeadurl":"","OfflinePushInfo":{"PushFlag":0,"Title":"","Desc":"","Ext":"",`+
		`"ApnsInfo":{"BadgeMode":0},"AndroidInfo":{"OPPOChannelID":""}}}`,
		s.user, s.peer, s.head.ReqTime))
}

// template takes the body of a message, with an @ for each number and TEXT for
// the text.
func (s *imsimSession) template(cmd, form string) error {
	const numbers = 7 + 7 + 10 // digits of sequence, MsgSeq, MsgRandom in a long run
	s.send = cmd
	s.head.ServCmd, s.head.Seq = cmd, `"@"`
	encode := func(text string) ([]byte, error) {
		body := strings.Replace(form, "TEXT", text, 1)
		frame, err := protocol.EncodeRequest(nil, &s.head, json.RawMessage(body))
		return bytes.Replace(frame, []byte(`"@"`), []byte("@"), 1), err
	}
	bare, err := encode("")
	if err != nil {
		return err
	}
	frame, err := encode(strings.Repeat("x", max(0, frameSize-(len(bare)-3+numbers))))
	if err != nil {
		return err
	}
	parts := bytes.Split(frame, []byte("@"))
	if len(parts) != len(s.parts) {
		return fmt.Errorf("user %q has an @", s.user)
	}
	s.parts = [4][]byte(parts)
	return nil
}

func (s *imsimSession) wire() *socket { return s.socket }

func (s *imsimSession) message(dst []byte, n int) []byte {
	dst = strconv.AppendInt(append(dst, s.parts[0]...), int64(n), 10)
	dst = strconv.AppendInt(append(dst, s.parts[1]...), int64(n), 10)
	dst = strconv.AppendInt(append(dst, s.parts[2]...), int64(n)*7919%4294967291, 10)
	return append(dst, s.parts[3]...)
}

var (
	servCmdMark = []byte(`"servcmd":"`)
	seqMark     = []byte(`"seq":`)
	msgSeqMark  = []byte(`"MsgSeq":`)
	okMark      = []byte(`"ErrorCode":0`)
	needAckMark = []byte(`,"NeedAck":1,"SessionData":"`)
)

// read looks for the few things that matter, which any client does at least.
func (s *imsimSession) read(frame []byte) (kind, int, error) {
	cmd := after(frame, servCmdMark)
	switch {
	case bytes.HasPrefix(cmd, []byte(s.send)):
		if !bytes.Contains(cmd, okMark) {
			return other, 0, fmt.Errorf("send refused: %s", frame)
		}
		return ack, number(after(cmd, seqMark)), nil
	case bytes.HasPrefix(cmd, []byte(protocol.CmdPush)):
		if tail := frame[max(0, len(frame)-64):]; !bytes.HasSuffix(tail, []byte("]}]}}")) {
			if data := after(tail, needAckMark); data != nil {
				if err := s.pushAck(data[:bytes.IndexByte(data, '"')]); err != nil {
					return other, 0, err
				}
			}
		}
		return delivery, number(after(cmd, msgSeqMark)), nil
	}
	return other, 0, fmt.Errorf("unexpected frame: %s", frame)
}

// pushAck answers a push that asks for it, as the SDKs do.
func (s *imsimSession) pushAck(data []byte) error {
	if err := s.request(0, protocol.CmdPushAck, protocol.PushAck{SessionData: string(data)}); err != nil {
		return err
	}
	return s.flush()
}

// after is what stands behind a mark; nil without it.
func after(p, mark []byte) []byte {
	i := bytes.Index(p, mark)
	if i < 0 {
		return nil
	}
	return p[i+len(mark):]
}
