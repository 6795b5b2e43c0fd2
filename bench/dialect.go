package bench

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
)

// kind of a frame that a server sent.
type kind int

const (
	other    kind = iota
	ack           // of message n, to its sender
	delivery      // of message n, to its receiver
)

// dialect is how the generator talks to one kind of server.
type dialect interface {
	// join opens the connection of a user and makes it ready.
	join(ctx context.Context, dial Dial, user, peer string) (session, error)
}

// session is a user that is ready to send and receive.
type session interface {
	// wire is the connection.
	wire() *socket
	// message appends message n to the peer; n counts from 1.
	message(dst []byte, n int) []byte
	// read tells what a frame is. What it wants answered it gathers.
	read(frame []byte) (kind, int, error)
}

// frameSize is the size of a message on its way up: that of a short text of
// SDK 2.14, most of which is not text.
const frameSize = 740

// relayDialect is spoken to the baseline (relay.go): a letter, the number, and
// padding to the sizes of imsim's frames.
type relayDialect struct{}

type relaySession struct {
	*socket
	padding []byte
}

func (relayDialect) join(ctx context.Context, dial Dial, user, peer string) (session, error) {
	s, err := open(ctx, dial, "/relay?me="+user+"&peer="+peer)
	if err != nil {
		return nil, err
	}
	return &relaySession{s, bytes.Repeat([]byte{'.'}, frameSize)}, nil
}

func (s *relaySession) wire() *socket { return s.socket }

func (s *relaySession) message(dst []byte, n int) []byte {
	start := len(dst)
	dst = strconv.AppendInt(append(dst, relayMessage), int64(n), 10)
	return append(dst, s.padding[len(dst)-start:]...)
}

func (s *relaySession) read(frame []byte) (kind, int, error) {
	if len(frame) < 2 {
		return other, 0, fmt.Errorf("relay sent %q", frame)
	}
	n := number(frame[1:])
	if frame[0] == relayAck {
		return ack, n, nil
	}
	return delivery, n, nil
}

// number reads the digits at the front.
func number(p []byte) int {
	n := 0
	for _, c := range p {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int(c-'0')
	}
	return n
}
