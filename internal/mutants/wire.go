package mutants

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/imsim/imsim/client"
	"github.com/imsim/imsim/protocol"
)

// Frame is a frame of the wire, taken apart.
type Frame struct {
	Head map[string]any `json:"head"`
	Body map[string]any `json:"body"`
}

// Is tells whether the frame is of that command.
func (f Frame) Is(servcmd string) bool { return f.Head["servcmd"] == servcmd }

// dialer puts the fault between client and server.
func (b Break) dialer(dial client.Dialer) client.Dialer {
	var mu sync.Mutex
	fresh := func(make func() func(Frame) []Frame) func(Frame) []Frame {
		if make == nil {
			return nil
		}
		change := make()
		return func(f Frame) []Frame {
			mu.Lock()
			defer mu.Unlock()
			return change(f)
		}
	}
	down, up := fresh(b.Down), fresh(b.Up)
	return func(ctx context.Context, url string) (client.Conn, error) {
		inner, err := dial(ctx, url)
		if err != nil || b.Down == nil && b.Up == nil {
			return inner, err
		}
		return &conn{Conn: inner, down: down, up: up}, nil
	}
}

// conn changes frames. A link reads from one goroutine and writes from one.
type conn struct {
	client.Conn
	down, up func(Frame) []Frame
	waiting  [][]byte // changed frames to be read
}

// ReadMessage implements client.Conn.
func (c *conn) ReadMessage() (int, []byte, error) {
	for len(c.waiting) == 0 {
		kind, text, err := c.Conn.ReadMessage()
		if err != nil || c.down == nil {
			return kind, text, err
		}
		if text, err = protocol.Inflate(text); err != nil {
			return kind, nil, err
		}
		if c.waiting, err = rewrite(text, c.down); err != nil {
			return kind, nil, err
		}
	}
	text := c.waiting[0]
	c.waiting = c.waiting[1:]
	return websocket.TextMessage, text, nil
}

// WriteMessage implements client.Conn.
func (c *conn) WriteMessage(kind int, text []byte) error {
	if c.up == nil || kind != websocket.TextMessage {
		return c.Conn.WriteMessage(kind, text)
	}
	list, err := rewrite(text, c.up)
	for _, text := range list {
		if err == nil {
			err = c.Conn.WriteMessage(kind, text)
		}
	}
	return err
}

func rewrite(text []byte, change func(Frame) []Frame) ([][]byte, error) {
	var f Frame
	if err := decode(text, &f); err != nil {
		return nil, err
	}
	var list [][]byte
	for _, f := range change(f) {
		text, err := json.Marshal(f)
		if err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, nil
}
