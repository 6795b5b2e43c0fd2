package backend

import (
	"sort"

	"github.com/imsim/imsim/protocol"
)

// maxRoamPage is how many messages a page of history holds at most.
const maxRoamPage = 100

// getRoamMsg is openim.getroammsg: a page of history before the cursor,
// oldest message first. Recalled ones keep their place, flagged.
func (w *World) getRoamMsg(r *request) (protocol.Reply, error) {
	req, err := decode[protocol.GetRoamMsgRequest](r)
	if err != nil {
		return nil, err
	}
	user := r.user()
	reply := &protocol.GetRoamMsgReply{Complete: 1, MsgList: []*protocol.C2CMessage{}}
	chat := w.chatIfAny(user.id, req.PeerAccount)
	if chat == nil {
		return reply, nil
	}
	if req.GetDirection == protocol.RoamNewer {
		return w.newer(reply, chat, r.sess, req), nil
	}
	end, err := chat.before(req)
	if err != nil {
		return nil, err
	}
	limit := min(max(req.MaxCnt, 1), maxRoamPage)
	side := chat.side(user)
	for i := end - 1; i >= 0; i-- {
		m := chat.messages[i]
		if m.no <= side.ClearedTo {
			break
		}
		if m.deletedFor(user) || m.is(revoked) && req.WithRecalledMsg == 0 {
			continue
		}
		if len(reply.MsgList) == limit {
			reply.Complete = 0
			break
		}
		reply.MsgList = append(reply.MsgList, m.wire())
	}
	for i, j := 0, len(reply.MsgList)-1; i < j; i, j = i+1, j-1 {
		reply.MsgList[i], reply.MsgList[j] = reply.MsgList[j], reply.MsgList[i]
	}
	if reply.MsgCnt = len(reply.MsgList); reply.MsgCnt > 0 {
		first := reply.MsgList[0]
		reply.LastMsgTime = first.MsgTimeStamp
		reply.MsgKey = protocol.MsgKey{Seq: first.MsgSeq, Random: first.MsgRandom, Time: first.MsgTimeStamp}.String()
	}
	return reply, nil
}

// newer lists what came after a second: 2.27 and later ask for it after a
// reconnect, besides openim.getmsg, and announce all that they do not have. So
// of that second itself only what came while they were away is listed. They
// repeat the question until it is complete: one answer holds it all.
func (w *World) newer(reply *protocol.GetRoamMsgReply, c *chat, s *session, req *protocol.GetRoamMsgRequest) protocol.Reply {
	for m := range c.visible(s.user) {
		if m.time < req.LastMsgTime || m.time == req.LastMsgTime && m.no <= s.sync.awayFrom || m.dismissed(s.user) || m.is(revoked) && req.WithRecalledMsg == 0 {
			continue
		}
		reply.MsgList = append(reply.MsgList, m.wire())
		reply.LastMsgTime, reply.MsgKey = m.time, m.key().String()
	}
	reply.MsgCnt = len(reply.MsgList)
	return reply
}

// before is the index behind the newest message of the page that is asked for.
func (c *chat) before(req *protocol.GetRoamMsgRequest) (int, error) {
	after := func(second int64) int { // index of the first message after a second
		return sort.Search(len(c.messages), func(i int) bool { return c.messages[i].time > second })
	}
	if req.MsgKey == "" {
		if req.LastMsgTime <= 0 {
			return len(c.messages), nil
		}
		return after(req.LastMsgTime), nil
	}
	key, err := protocol.ParseMsgKey(req.MsgKey)
	if err != nil {
		return 0, err
	}
	end := after(key.Time)
	for i := end - 1; i >= 0 && c.messages[i].time == key.Time; i-- {
		if c.messages[i].key() == key {
			return i, nil
		}
	}
	return end, nil
}
