package fakeserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/imsim/imsim/fakeserver/backend"
	"github.com/imsim/imsim/protocol"
)

// handler is everything on the port: the SDKs' WebSocket, the control API,
// and a page for people.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(protocol.PathText, s.connect)
	mux.HandleFunc(protocol.PathBinary, s.connect)
	mux.HandleFunc("GET /_imsim/health", s.getHealth)
	mux.HandleFunc("GET /_imsim/stats", s.getStats)
	mux.HandleFunc("GET /_imsim/clock", s.getClock)
	mux.HandleFunc("POST /_imsim/clock", s.postClock)
	mux.HandleFunc("POST /_imsim/usersig", s.postUserSig)
	mux.HandleFunc("POST /_imsim/users", s.postUsers)
	mux.HandleFunc("POST /_imsim/kick", s.postKick)
	mux.HandleFunc("POST /_imsim/modify", s.postModify)
	mux.HandleFunc("GET /_imsim/faults", s.getFaults)
	mux.HandleFunc("POST /_imsim/faults", s.postFaults)
	mux.HandleFunc("GET /_imsim/state", s.getState)
	mux.HandleFunc("PUT /_imsim/state", s.putState)
	mux.HandleFunc("POST /_imsim/reset", s.postReset)
	mux.HandleFunc("GET /_imsim/trace", s.getTrace)
	mux.HandleFunc("PUT "+backend.UploadPath+"{app}/{object}", s.putUpload)
	mux.HandleFunc("GET "+backend.FilesPath+"{app}/{object}", s.getFile)
	mux.HandleFunc(protocol.RESTPrefix, s.rest)
	mux.HandleFunc("/_imsim/", func(w http.ResponseWriter, r *http.Request) {
		if methods := methodsOf(mux, r); len(methods) > 0 {
			w.Header().Set("Allow", strings.Join(methods, ", "))
			refuse(w, http.StatusMethodNotAllowed, fmt.Errorf("%s takes %s, not %s", r.URL.Path, strings.Join(methods, " or "), r.Method))
			return
		}
		refuse(w, http.StatusNotFound, fmt.Errorf("no such call: %s %s", r.Method, r.URL.Path))
	})
	mux.HandleFunc("GET /{$}", s.getIndex)
	return allowPages(mux)
}

// methodsOf lists the methods that the control API has for a request's path.
func methodsOf(mux *http.ServeMux, r *http.Request) []string {
	var methods []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
		try := r.Clone(r.Context())
		try.Method = method
		if _, pattern := mux.Handler(try); pattern != "/_imsim/" {
			methods = append(methods, method)
		}
	}
	return methods
}

// allowPages lets a page of any origin use the port; the SDK's own test pages
// are served from elsewhere.
func allowPages(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, OPTIONS")
		h.Set("Access-Control-Allow-Headers", "*")
		h.Set("Access-Control-Expose-Headers", "*")
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(body) // the caller has gone: nobody to tell
}

// refuse answers with {"error":…} and the documented code, if there is one.
func refuse(w http.ResponseWriter, status int, err error) {
	body := map[string]any{"error": err.Error()}
	var coded *protocol.Error
	if errors.As(err, &coded) {
		body["code"] = coded.Code
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// maxControlBody bounds a control request; a state may be large.
const maxControlBody = 1 << 30

// readBody reads a control request strictly: an unknown field is a mistake.
func readBody(w http.ResponseWriter, r *http.Request, v any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxControlBody))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one JSON value")
		}
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, fmt.Errorf("body of %s: %w", r.URL.Path, err))
		return false
	}
	return true
}

// appOf is the app that a control request means.
func (s *Server) appOf(w http.ResponseWriter, r *http.Request) *App {
	text := r.URL.Query().Get("sdkappid")
	if text == "" {
		return s.app()
	}
	id, err := strconv.ParseUint(text, 10, 32)
	if err != nil || id == 0 {
		refuse(w, http.StatusBadRequest, fmt.Errorf("sdkappid %q is not an SDKAppID", text))
		return nil
	}
	return s.App(uint32(id))
}

func (s *Server) getHealth(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]any{"status": "ok", "version": s.opts.Version, "sdkAppID": s.AppID()})
}

func (s *Server) getClock(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]any{"now": s.Now().Unix()})
}

func (s *Server) postClock(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Advance Duration `json:"advance"`
	}
	if !readBody(w, r, &body) {
		return
	}
	if body.Advance < 0 {
		refuse(w, http.StatusBadRequest, errors.New("the clock goes ahead only"))
		return
	}
	s.Advance(time.Duration(body.Advance))
	s.getClock(w, r)
}

func (s *Server) postUserSig(w http.ResponseWriter, r *http.Request) {
	var body struct {
		UserID string `json:"userID"`
		Expire Life   `json:"expire"`
	}
	app := s.appOf(w, r)
	if app == nil || !readBody(w, r, &body) {
		return
	}
	if body.UserID == "" {
		refuse(w, http.StatusBadRequest, errors.New("userID is missing"))
		return
	}
	life := protocol.DefaultUserSigLife
	if body.Expire != 0 {
		life = time.Duration(body.Expire)
	}
	answer(w, map[string]string{"userSig": app.UserSig(body.UserID, life)})
}

func (s *Server) postUsers(w http.ResponseWriter, r *http.Request) {
	var body struct {
		UserIDs []string `json:"userIDs"`
	}
	app := s.appOf(w, r)
	if app == nil || !readBody(w, r, &body) {
		return
	}
	created, existed, err := app.CreateUsers(body.UserIDs...)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	answer(w, map[string]any{"created": created, "existed": existed})
}

func (s *Server) postKick(w http.ResponseWriter, r *http.Request) {
	var body struct {
		UserID string `json:"userID"`
		Reason string `json:"reason"`
	}
	app := s.appOf(w, r)
	if app == nil || !readBody(w, r, &body) {
		return
	}
	n, err := app.Kick(body.UserID, body.Reason)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	answer(w, map[string]int{"kicked": n})
}

func (s *Server) postModify(w http.ResponseWriter, r *http.Request) {
	var body backend.Modification
	app := s.appOf(w, r)
	if app == nil || !readBody(w, r, &body) {
		return
	}
	if err := app.Modify(body); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	answer(w, struct{}{})
}

func (s *Server) getFaults(w http.ResponseWriter, r *http.Request) {
	if app := s.appOf(w, r); app != nil {
		answer(w, map[string]any{"faults": s.faultsOf(app.id).list()})
	}
}

func (s *Server) postFaults(w http.ResponseWriter, r *http.Request) {
	var raw json.RawMessage
	app := s.appOf(w, r)
	if app == nil || !readBody(w, r, &raw) {
		return
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) == nil && len(fields) == 0 && string(raw) != "null" {
		app.ClearFaults()
		s.getFaults(w, r)
		return
	}
	var f Fault
	if err := strictUnmarshal(raw, &f); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	if err := app.Fault(f); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	s.getFaults(w, r)
}

func (s *Server) postReset(w http.ResponseWriter, r *http.Request) {
	app := s.appOf(w, r)
	if app == nil {
		return
	}
	app.ClearFaults()
	s.media.forget(app.id)
	s.host(app.id).replace(backend.New(app.id, s.config(app.id)), "the server was reset")
	answer(w, struct{}{})
}

func (s *Server) getTrace(w http.ResponseWriter, r *http.Request) {
	app := s.appOf(w, r)
	if app == nil {
		return
	}
	h, user, follow := s.host(app.id), r.URL.Query().Get("userID"), r.URL.Query().Has("follow")
	w.Header().Set("Content-Type", "application/x-ndjson")
	for n := 0; ; {
		h.mu.Lock()
		var frames []traced
		frames, n = h.trace.since(n, user)
		more := h.trace.wait()
		h.mu.Unlock()
		if err := writeTrace(w, frames); err != nil || !follow {
			return // done, or the caller has gone: nobody to tell
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			return
		}
		select {
		case <-more:
		case <-s.hanging:
			return
		case <-r.Context().Done():
			return
		}
	}
}

func (s *Server) getIndex(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, `imsim %s

WebSocket for the SDKs (proxyServer): %s
Control API: %s/_imsim/health, stats, clock, usersig, users, kick, modify, faults, state, reset, trace
`, s.opts.Version, s.URL(), s.HTTP())
}

// Life is how long a ticket lives: a duration like "90s" or "12h", or days
// like "180d".
type Life time.Duration

// UnmarshalJSON reads "180d".
func (l *Life) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return fmt.Errorf(`a life is a string like "180d" or "90s": %w`, err)
	}
	return l.UnmarshalText([]byte(text))
}

// UnmarshalText reads "180d".
func (l *Life) UnmarshalText(b []byte) error {
	text := string(b)
	if n := len(text); n > 1 && text[n-1] == 'd' {
		days, err := strconv.ParseFloat(text[:n-1], 64)
		if err != nil {
			return fmt.Errorf("life %q: %w", text, err)
		}
		*l = Life(days * 24 * float64(time.Hour))
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("life %q: %w", text, err)
	}
	*l = Life(d)
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (l Life) MarshalText() ([]byte, error) { return []byte(time.Duration(l).String()), nil }
