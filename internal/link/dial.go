package link

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/imsim/imsim/protocol"
)

// Conn is a WebSocket connection; *websocket.Conn of gorilla is one.
type Conn interface {
	ReadMessage() (messageType int, p []byte, err error)
	WriteMessage(messageType int, data []byte) error
	WriteControl(messageType int, data []byte, deadline time.Time) error
	SetPongHandler(func(string) error)
	Close() error
}

// corker is a Conn that can gather several messages into one write.
type corker interface {
	Cork()
	Uncork() error
}

// Dialer opens a WebSocket connection to a URL with path and query.
type Dialer func(ctx context.Context, url string) (Conn, error)

// NetDial opens the connection below the WebSocket: net.Dialer.DialContext, or
// the in-memory door of an embedded server.
type NetDial func(ctx context.Context, network, addr string) (net.Conn, error)

// readBuffer is small because a link is idle most of the time; longer frames
// are read in several steps.
const readBuffer = 1024

var writeBuffers sync.Pool // gorilla's write buffers, shared by all links

// WebSocket returns a Dialer over the given transport; nil is TCP. It gathers
// writes that wait for each other into one.
func WebSocket(dial NetDial) Dialer {
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	return func(ctx context.Context, url string) (Conn, error) {
		var gather *gatherConn
		d := websocket.Dialer{
			ReadBufferSize:  readBuffer,
			WriteBufferPool: &writeBuffers,
			NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				c, err := dial(ctx, network, addr)
				if err != nil {
					return nil, err
				}
				gather = &gatherConn{Conn: c}
				return gather, nil
			},
		}
		ws, resp, err := d.DialContext(ctx, url, http.Header{}) //nolint:bodyclose // the dialer keeps a refused upgrade's body in memory and closes it
		if err != nil {
			if resp != nil {
				return nil, fmt.Errorf("dial %s: %w (HTTP %d)", url, err, resp.StatusCode)
			}
			return nil, fmt.Errorf("dial %s: %w", url, err)
		}
		return &wsConn{Conn: ws, gather: gather}, nil
	}
}

type wsConn struct {
	*websocket.Conn
	gather *gatherConn
}

func (c *wsConn) Cork()         { c.gather.cork() }
func (c *wsConn) Uncork() error { return c.gather.uncork() }

// gatherConn collects writes while corked. Only the writing goroutine corks;
// control frames of other goroutines may fall in between whole frames.
type gatherConn struct {
	net.Conn
	mu     sync.Mutex
	corked bool
	buf    *bytes.Buffer

	deadline time.Time // of writes
}

var gatherBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (c *gatherConn) cork() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.corked = true
	c.buf = gatherBuffers.Get().(*bytes.Buffer)
}

func (c *gatherConn) uncork() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	buf := c.buf
	c.corked, c.buf = false, nil
	_, err := c.Conn.Write(buf.Bytes())
	buf.Reset()
	gatherBuffers.Put(buf)
	return err
}

func (c *gatherConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.corked {
		return c.buf.Write(p)
	}
	return c.Conn.Write(p)
}

// SetWriteDeadline is called before each write, nearly always with no deadline;
// telling the runtime again costs an eighth of the write.
func (c *gatherConn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.Equal(c.deadline) {
		return nil
	}
	c.deadline = t
	return c.Conn.SetWriteDeadline(t)
}

// endpoint is the URL of the next dial. instanceid stays for the life of the
// link, random is new each time (session.md §2).
func (l *Link) endpoint() string {
	q := "sdkappid=" + strconv.FormatUint(uint64(l.cfg.SDKAppID), 10) +
		"&instanceid=" + l.instanceID +
		"&random=" + strconv.FormatFloat(float64(l.random()>>11)/(1<<53), 'g', -1, 64)
	if !l.cfg.Binary {
		return l.cfg.URL + protocol.PathText + "?" + q
	}
	return l.cfg.URL + protocol.PathBinary + "?" + q + "&platform=7&host=" + url.QueryEscape("unknown") + "&version=-1"
}

func hex128(a, b uint64) string { return fmt.Sprintf("%016x%016x", a, b) }
