package link

import (
	"strconv"
	"time"

	"github.com/imsim/imsim/protocol"
)

// Session is who a link speaks for.
type Session struct {
	UserID  string
	UserSig string
	A2      string // empty: not logged in
	TinyID  string
	InstID  uint32
	Hello   time.Duration // between wshello; 0: none is sent
}

// SetSession changes what stands in the head of the following requests. With
// an A2 the link keeps the session: wshello every Hello, and wslogin after each
// reconnect.
func (l *Link) SetSession(s Session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	restart := s.Hello != l.session.Hello || l.session.A2 == ""
	l.session = s
	switch {
	case s.A2 == "" || s.Hello <= 0:
		l.nextHello = time.Time{}
	case restart && !l.closed:
		l.nextHello = l.now().Add(s.Hello)
		l.arm(l.nextHello)
	}
}

// Session is the present one.
func (l *Link) Session() Session {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.session
}

// Fixed head fields of the 2.14.0 web SDK (session.md §3).
const headStart = `{"head":{"ver":"v4","platform":7,"websdkappid":537048168,"websdkversion":"1.7.3"`

// encode makes the frame; mu is held.
func (l *Link) encode(req Request, seq uint64, now time.Time) []byte {
	s := &l.session
	dst := make([]byte, 0, 320+len(req.Body)+len(s.A2)+len(s.UserSig))
	dst = append(dst, headStart...)
	signed := s.A2 != "" && !req.Upload
	if signed {
		dst = protocol.AppendString(append(dst, `,"a2":`...), s.A2)
		dst = protocol.AppendString(append(dst, `,"tinyid":`...), s.TinyID)
	}
	dst = strconv.AppendUint(append(dst, `,"status_instid":`...), uint64(s.InstID), 10)
	dst = strconv.AppendUint(append(dst, `,"sdkappid":`...), uint64(l.cfg.SDKAppID), 10)
	dst = append(dst, `,"contenttype":"json","reqtime":`...)
	dst = strconv.AppendInt(dst, now.Unix(), 10)
	if !signed {
		dst = protocol.AppendString(append(dst, `,"identifier":`...), s.UserID)
		dst = protocol.AppendString(append(dst, `,"usersig":`...), s.UserSig)
	}
	dst = append(dst, `,"sdkability":2,"tjgID":`...)
	dst = protocol.AppendString(dst, req.TjgID)
	dst = protocol.AppendString(append(dst, `,"servcmd":`...), req.Cmd)
	dst = strconv.AppendUint(append(dst, `,"seq":`...), seq, 10)
	dst = append(dst, `},"body":`...)
	if len(req.Body) == 0 {
		dst = append(dst, "{}"...)
	} else {
		dst = append(dst, req.Body...)
	}
	return append(dst, '}')
}
