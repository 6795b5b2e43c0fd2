package fakeserver

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/imsim/imsim/fakeserver/backend"
	"github.com/imsim/imsim/protocol"
)

// Outgoing is a message that Options.BeforeSend decides on.
type Outgoing = backend.Outgoing

// Decision is what it decides.
type Decision = backend.Decision

// maxRESTBody bounds a REST request; the service takes about 12 KiB a message
// and lists of some hundred accounts.
const maxRESTBody = 1 << 20

// rest serves the REST API: POST /v4/<service>/<command>. The answer is always
// HTTP 200, what happened stands in ErrorCode. What is decided here: another
// method than POST 60002, sdkappid missing 60012 or wrong 60006, a body that
// cannot be read or has over 1 MiB 60003; the rest by backend.World.REST.
func (s *Server) rest(w http.ResponseWriter, r *http.Request) {
	body, refused := s.restReply(w, r)
	if refused != nil {
		body, _ = protocol.EncodeREST(protocol.Fail(refused)) // two strings and a number: cannot fail
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // the caller has gone: nobody to tell
}

func (s *Server) restReply(w http.ResponseWriter, r *http.Request) ([]byte, *protocol.Error) {
	if r.Method != http.MethodPost {
		return nil, protocol.Errorf(protocol.CodeHTTP, "the method must be POST, not %s", r.Method)
	}
	query := r.URL.Query()
	text := query.Get("sdkappid")
	if text == "" {
		return nil, protocol.NewError(protocol.CodeRESTNoAppID)
	}
	appID, err := strconv.ParseUint(text, 10, 32)
	if err != nil || appID == 0 || s.opts.SDKAppID != 0 && s.opts.SDKAppID != uint32(appID) {
		return nil, protocol.NewError(protocol.CodeAppIDInvalid)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRESTBody))
	if err != nil {
		return nil, protocol.Errorf(protocol.CodeJSON, "the body cannot be read: %v", err)
	}
	call := backend.RESTCall{
		Command:    strings.TrimPrefix(r.URL.Path, protocol.RESTPrefix),
		Identifier: query.Get("identifier"), UserSig: query.Get("usersig"),
		Random: query.Get("random"), ContentType: query.Get("contenttype"), Body: body,
	}
	var reply []byte
	s.host(uint32(appID)).do(func(at time.Time, w *backend.World) (effects []backend.Effect) {
		reply, effects = w.REST(at, call)
		return effects
	})
	return reply, nil
}
