package fakeserver

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/imsim/imsim/protocol"
)

const restQuery = "?sdkappid=1400000000&identifier=administrator&usersig=x&random=1&contenttype=json"

func TestRESTForm(t *testing.T) {
	for _, c := range []struct {
		name, method, path, body string
		pinned                   uint32
		want                     protocol.Code
	}{
		{"good", "POST", "/v4/im_open_login_svc/account_import" + restQuery, `{"UserID":"alice"}`, 0, protocol.OK},
		{"pinned to it", "POST", "/v4/im_open_login_svc/account_import" + restQuery, `{"UserID":"alice"}`, DefaultSDKAppID, protocol.OK},
		{"pinned to another", "POST", "/v4/im_open_login_svc/account_import" + restQuery, `{"UserID":"alice"}`, 1, protocol.CodeAppIDInvalid},
		{"GET", "GET", "/v4/im_open_login_svc/account_import" + restQuery, ``, 0, protocol.CodeHTTP},
		{"no sdkappid", "POST", "/v4/openim/sendmsg?identifier=administrator", `{}`, 0, protocol.CodeRESTNoAppID},
		{"sdkappid no number", "POST", "/v4/openim/sendmsg?sdkappid=x", `{}`, 0, protocol.CodeAppIDInvalid},
		{"no identifier", "POST", "/v4/openim/sendmsg?sdkappid=1", `{}`, 0, protocol.CodeRESTParam},
		{"no command", "POST", "/v4/openim" + restQuery, `{}`, 0, protocol.CodeRESTUnknown},
		{"large body", "POST", "/v4/openim/sendmsg" + restQuery, strings.Repeat(" ", maxRESTBody+1), 0, protocol.CodeJSON},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Run(t, Options{SDKAppID: c.pinned})
			w := s.call(c.method, c.path, []byte(c.body))
			var reply protocol.Status
			if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil || w.Code != http.StatusOK {
				t.Fatalf("%d %s: %v", w.Code, w.Body, err)
			}
			if reply.ErrorCode != c.want {
				t.Errorf("%s, want code %d", w.Body, c.want)
			}
		})
	}
}

func TestMessagesByRESTAreDelivered(t *testing.T) {
	s := Run(t)
	c := login(t, s, inMemory, "alice")
	s.call("POST", "/v4/openim/sendmsg"+restQuery,
		[]byte(`{"To_Account":"alice","MsgRandom":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"from the admin"}}]}`))
	wantTexts(t, c, "from the admin")
	if got := s.Messages("administrator", "alice"); len(got) != 1 {
		t.Errorf("stored: %v", got)
	}
}

func TestBeforeSendOfOptions(t *testing.T) {
	s := Run(t, Options{BeforeSend: func(o Outgoing) Decision {
		return Decision{MsgBody: json.RawMessage(strings.Replace(string(o.MsgBody), "rude", "****", 1))}
	}})
	alice, bob := login(t, s, inMemory, "alice"), login(t, s, inMemory, "bob")
	sendAll(alice, "bob", "how rude")
	wantTexts(t, bob, "how ****")
}
