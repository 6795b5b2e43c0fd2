package link

import (
	"context"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
)

// outgoing is a frame on its way to the connection.
type outgoing struct {
	kind int
	data []byte
}

// write queues a frame; mu is held. The queue needs no bound of its own: a
// caller's requests wait in it no longer than the connection takes them, and
// are counted by Pending. A writer runs only while there is something to write,
// and takes all that has gathered in one go.
func (l *Link) write(frame []byte) {
	kind := websocket.TextMessage
	if l.cfg.Binary {
		kind = websocket.BinaryMessage
	}
	l.enqueue(outgoing{kind, frame})
}

func (l *Link) enqueue(o outgoing) {
	l.out = append(l.out, o)
	if !l.writing {
		l.writing = true
		l.wg.Add(1)
		go l.drain(l.generation)
	}
}

func (l *Link) drain(generation int) {
	defer l.wg.Done()
	var batch []outgoing
	for {
		l.mu.Lock()
		if l.generation != generation || len(l.out) == 0 {
			if l.generation == generation {
				l.writing = false
				// Keep the small backing array for the next frame.
				if cap(batch) <= 4 {
					clear(batch)
					l.out = batch[:0]
				}
			}
			l.mu.Unlock()
			return
		}
		conn := l.conn
		batch, l.out = l.out, nil
		l.mu.Unlock()
		if err := writeAll(conn, batch); err != nil {
			_ = conn.Close() // the reader sees it and says so
			return
		}
	}
}

func writeAll(conn Conn, batch []outgoing) error {
	gather, ok := conn.(corker)
	ok = ok && len(batch) > 1
	if ok {
		gather.Cork()
	}
	var err error
	for _, o := range batch {
		if err = conn.WriteMessage(o.kind, o.data); err != nil {
			break
		}
	}
	if ok {
		if e := gather.Uncork(); err == nil {
			err = e
		}
	}
	return err
}

// Settle waits until everything that the server had sent before is reported: a
// ping goes out behind all requests, and the server's pong comes behind its
// earlier frames. A dial in progress is waited for. Without a connection there
// is nothing to wait for. The only error is the context's.
func (l *Link) Settle(ctx context.Context) error {
	for {
		l.mu.Lock()
		if l.closed {
			l.mu.Unlock()
			return nil
		}
		wait := l.dialling
		pong := wait == nil && l.conn != nil
		if pong {
			l.pingNo++
			id := strconv.FormatUint(l.pingNo, 10)
			wait = make(chan struct{})
			if l.pings == nil {
				l.pings = make(map[string]chan struct{})
			}
			l.pings[id] = wait
			l.enqueue(outgoing{websocket.PingMessage, []byte(id)})
		}
		l.mu.Unlock()
		if wait == nil {
			return nil
		}
		select {
		case <-wait:
			if pong {
				// The connection may have gone instead; then look again.
				l.mu.Lock()
				again := l.dialling != nil
				l.mu.Unlock()
				if !again {
					return nil
				}
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-l.ctx.Done():
			return nil
		}
	}
}

// pong runs on the reading goroutine.
func (l *Link) pong(id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.pings[id]; c != nil {
		delete(l.pings, id)
		close(c)
	}
	return nil
}

// noPongs lets go of who waits for the lost connection; mu is held.
func (l *Link) noPongs() {
	for id, c := range l.pings {
		delete(l.pings, id)
		close(c)
	}
}

// goodbyeLimit bounds, in real time, the wait for a peer that does not read.
const goodbyeLimit = 250 * time.Millisecond

// goodbye sends a close frame, best effort, and closes.
func goodbye(conn Conn, code int) {
	ctx, cancel := context.WithTimeout(context.Background(), goodbyeLimit)
	defer cancel()
	deadline, _ := ctx.Deadline()
	_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), deadline)
	_ = conn.Close()
}
