package fakeserver

import (
	"encoding/json"
	"io"
	"regexp"
	"time"
)

// traceLength is how many of the latest frames a world remembers.
const traceLength = 2000

// trace is the ring of a world's latest frames, both ways. The host's lock
// guards it.
type trace struct {
	frames  []traced
	next    int
	total   int           // frames ever added
	changed chan struct{} // closed at the next add; nil while nobody waits
}

type traced struct {
	n     int // counts from 1
	at    time.Time
	dir   string
	conn  uint64
	user  string
	fault string // what an injected fault did to the frame: lost or doubled
	frame []byte // nil where a connection begins or ends
}

// Directions of what is traced: frames to the server and to the client, and
// the beginning and the end of a connection.
const (
	up     = "up"
	down   = "down"
	opened = "open"
	closed = "close"
)

// add notes a frame, which it keeps.
func (t *trace) add(c *conn, e traced) {
	if c.host.server.opts.NoTrace {
		return
	}
	t.total++
	e.n, e.conn = t.total, uint64(c.id)
	if t.changed != nil {
		close(t.changed)
		t.changed = nil
	}
	if len(t.frames) < traceLength {
		t.frames = append(t.frames, e)
		return
	}
	t.frames[t.next] = e
	t.next = (t.next + 1) % traceLength
}

// since returns the frames from the n-th on in their order, of one user or of
// all, and the number of the next one.
func (t *trace) since(n int, user string) ([]traced, int) {
	var list []traced
	forgotten := t.total - len(t.frames)
	for i := max(n-forgotten, 0); i < len(t.frames); i++ {
		e := t.frames[(t.next+i)%len(t.frames)]
		if user == "" || e.user == user {
			list = append(list, e)
		}
	}
	return list, t.total
}

// wait returns a channel that is closed when a frame is added.
func (t *trace) wait() <-chan struct{} {
	if t.changed == nil {
		t.changed = make(chan struct{})
	}
	return t.changed
}

// forget drops all frames; who waits for one looks again.
func (t *trace) forget() {
	if t.changed != nil {
		close(t.changed)
	}
	*t = trace{}
}

var (
	secrets = regexp.MustCompile(`("(?:usersig|a2|A2Key)"\s*:\s*")(?:[^"\\]|\\.)*(?:"|\\?$)`) // also of a frame that ends within
	signed  = regexp.MustCompile(`([?&]sign=)[0-9A-Za-z_-]+`)                                 // upload URLs
)

// writeTrace writes frames as newline-delimited JSON, tickets masked.
func writeTrace(w io.Writer, frames []traced) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, e := range frames {
		line := struct {
			N     int     `json:"n"`
			Time  float64 `json:"time"` // seconds, the server's clock
			Dir   string  `json:"dir"`
			Conn  uint64  `json:"conn"`
			User  string  `json:"userID,omitempty"`
			Fault string  `json:"fault,omitempty"`
			Frame any     `json:"frame,omitempty"`
		}{e.n, float64(e.at.UnixMicro()) / 1e6, e.dir, e.conn, e.user, e.fault, nil}
		masked := signed.ReplaceAll(secrets.ReplaceAll(e.frame, []byte(`$1***"`)), []byte(`$1***`))
		switch {
		case e.frame == nil:
		case json.Valid(masked):
			line.Frame = json.RawMessage(masked)
		default:
			line.Frame = string(masked)
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
