package fakeserver

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

// call sends a request through everything on the port; url may be absolute.
func (s *Server) call(method, url string, body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, url, bytes.NewReader(body))
	w := httptest.NewRecorder()
	s.handler().ServeHTTP(w, r)
	return w
}

// upload asks for a place of that name.
func (c *sdk) upload(name string) (put, get string) {
	c.t.Helper()
	f := c.ask(protocol.CmdPreSig, protocol.PreSigRequest{FileType: protocol.FileOther, FileName: name, Duration: 900})
	var r protocol.PreSigReply
	if err := json.Unmarshal(f.Body, &r); err != nil || r.ErrorCode != protocol.OK {
		c.t.Fatalf("pre_sig: %s", f.raw)
	}
	return r.UploadURL, r.DownloadURL
}

var pngFile = []byte("\x89PNG\r\n\x1a\n and so on")

func TestUploadsAreServed(t *testing.T) {
	both(t, func(t *testing.T, dial dialer) {
		s := Run(t)
		c := login(t, s, dial, "alice")
		for _, f := range []struct{ name, kind string }{
			{"0123-1", "image/png"}, {"0123-1.png", "image/png"}, {"a b/c?.txt", "text/plain; charset=utf-8"},
		} {
			put, get := c.upload(f.name)
			if !strings.HasPrefix(put, "http://imsim.test/") || !strings.HasPrefix(get, "http://imsim.test/") {
				t.Fatalf("URLs are not of the host the client used: %s %s", put, get)
			}
			if w := s.call("GET", get, nil); w.Code != http.StatusNotFound {
				t.Errorf("%s before the upload: %d", f.name, w.Code)
			}
			for _, data := range [][]byte{[]byte("first"), pngFile} { // the second replaces the first
				if w := s.call("PUT", put, data); w.Code != http.StatusOK {
					t.Fatalf("PUT %s: %d %s", put, w.Code, w.Body)
				}
			}
			w := s.call("GET", get+"?imageView2/3/w/198/h/198", nil)
			if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), pngFile) || w.Header().Get("Content-Type") != f.kind {
				t.Errorf("GET %s: %d %s %q", get, w.Code, w.Header().Get("Content-Type"), w.Body)
			}
			if w.Header().Get("Access-Control-Allow-Origin") != "*" {
				t.Error("pages of other origins may not read it")
			}
			if w := s.call("HEAD", get, nil); w.Code != http.StatusOK || w.Body.Len() != 0 {
				t.Errorf("HEAD: %d %q", w.Code, w.Body)
			}
			if w := s.call("OPTIONS", put, nil); w.Code != http.StatusNoContent || !strings.Contains(w.Header().Get("Access-Control-Allow-Methods"), "PUT") {
				t.Errorf("preflight: %d %v", w.Code, w.Header())
			}
		}
	})
}

func TestUploadsThatAreRefused(t *testing.T) {
	s := Run(t, Options{MaxFile: 10})
	c := login(t, s, inMemory, "alice")
	put, get := c.upload("x")
	for _, r := range []struct {
		name, url, body string
		want            int
	}{
		{"no signature", strings.Split(put, "?")[0], "x", http.StatusForbidden},
		{"another object", strings.Replace(put, "-x?", "-y?", 1), "x", http.StatusForbidden},
		{"another app", strings.Replace(put, "/1400000000/", "/1400000001/", 1), "x", http.StatusForbidden},
		{"too large", put, "12345678901", http.StatusRequestEntityTooLarge},
		{"largest", put, "1234567890", http.StatusOK},
	} {
		if w := s.call("PUT", r.url, []byte(r.body)); w.Code != r.want {
			t.Errorf("%s: %d %s, want %d", r.name, w.Code, w.Body, r.want)
		}
	}
	chunked := httptest.NewRequest("PUT", put, struct{ *strings.Reader }{strings.NewReader("12345678901")})
	chunked.ContentLength = -1
	w := httptest.NewRecorder()
	if s.handler().ServeHTTP(w, chunked); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too large without a length: %d", w.Code)
	}
	s.Advance(901 * time.Second)
	if w := s.call("PUT", put, []byte("x")); w.Code != http.StatusForbidden {
		t.Errorf("expired: %d", w.Code)
	}
	if w := s.call("GET", get, nil); w.Body.String() != "1234567890" {
		t.Errorf("what was stored: %q", w.Body)
	}
	s.Advance(7 * 24 * time.Hour)
	if w := s.call("GET", get, nil); w.Code != http.StatusNotFound {
		t.Errorf("after the retention: %d", w.Code)
	}
}

func TestMediaStoreKeepsToItsCap(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	m := newMediaStore(10, time.Hour)
	key := func(name string) mediaKey { return mediaKey{1, name} }
	kept := func() (list string) {
		for _, name := range []string{"a", "b", "c", "d"} {
			if m.get(key(name), at) != nil {
				list += name
			}
		}
		return list
	}
	for _, step := range []struct {
		name string
		size int
		want string
		used int64
	}{
		{"a", 4, "a", 4}, {"b", 4, "ab", 8},
		{"c", 4, "bc", 8}, // the oldest goes
		{"b", 6, "bc", 10},
		{"d", 5, "d", 5}, // c and then b: one is not enough
		{"a", 10, "a", 10},
	} {
		m.put(key(step.name), make([]byte, step.size), at)
		if got := kept(); got != step.want || m.used != step.used {
			t.Fatalf("after %s of %d: %q, %d bytes; want %q, %d", step.name, step.size, got, m.used, step.want, step.used)
		}
	}
	at = at.Add(time.Hour + time.Second)
	if got := kept(); got != "" {
		t.Errorf("too old, but served: %q", got)
	}
	m.put(key("b"), []byte("x"), at)
	m.put(mediaKey{2, "b"}, []byte("xy"), at)
	if m.forget(1); kept() != "" || m.used != 2 || len(m.order) != 1 {
		t.Errorf("after forgetting an app: %q, %d bytes", kept(), m.used)
	}
}
