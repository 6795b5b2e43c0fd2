package fakeserver

import (
	"bytes"
	"io"
	"net"
	"slices"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/imsim/imsim/internal/memnet"
)

// clientFrame is a masked frame as a client sends it.
func clientFrame(opcode byte, payload []byte) []byte {
	frame := frameHeader(nil, opcode, len(payload))
	frame[1] |= 0x80
	key := [4]byte{0x11, 0x22, 0x33, 0x44}
	frame = append(frame, key[:]...)
	start := len(frame)
	frame = append(frame, payload...)
	unmask(frame[start:], key)
	return frame
}

// onceReader gives out a stream in pieces of a size, then io.EOF.
type onceReader struct {
	net.Conn
	rest []byte
	size int
}

func (o *onceReader) Read(p []byte) (int, error) {
	if len(o.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, o.rest[:min(o.size, len(o.rest))])
	o.rest = o.rest[n:]
	return n, nil
}

func TestFramesComeWholeHoweverTheyArrive(t *testing.T) {
	var stream []byte
	var want [][]byte
	for i, n := range []int{0, 1, 7, 125, 126, 127, 700, 0xffff, 0x10000, 3 * bufferSize, 9, bufferSize - 8, bufferSize} {
		payload := bytes.Repeat([]byte{'a' + byte(i)}, n)
		want = append(want, payload)
		stream = append(stream, clientFrame(websocket.TextMessage, payload)...)
	}
	for _, size := range []int{1, 2, 3, 1000, bufferSize, len(stream)} {
		r := newFrameReader(&onceReader{rest: stream, size: size}, 1<<20)
		for i, payload := range want {
			opcode, got, err := r.next()
			if err != nil || opcode != websocket.TextMessage || !bytes.Equal(got, payload) {
				t.Fatalf("pieces of %d, frame %d: %d bytes of opcode %d, %v", size, i, len(got), opcode, err)
			}
		}
		if _, _, err := r.next(); err != io.EOF {
			t.Errorf("pieces of %d: the end is %v", size, err)
		}
		r.release()
	}
}

// What an idle connection costs is the point of the reader.
func TestWaitingReaderHoldsNoBuffer(t *testing.T) {
	client, server := memnet.Pipe()
	defer server.Close()
	r := newFrameReader(server, 1<<20)
	more := make(chan struct{}, 1)
	waits := func() {
		t.Helper()
		if !r.leave(func() { more <- struct{}{} }) {
			t.Fatal("there is something to read")
		}
		if r.buf != nil {
			t.Error("holds a buffer while it waits")
		}
	}
	reads := func() {
		t.Helper()
		opcode, payload, err := r.next()
		if err != nil || opcode != websocket.TextMessage || string(payload) != "hello" {
			t.Fatalf("read %q of opcode %d, %v", payload, opcode, err)
		}
	}
	frame := clientFrame(websocket.TextMessage, []byte("hello"))
	send := func(p []byte) {
		t.Helper()
		if _, err := client.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	waits()
	send(slices.Concat(frame, frame[:4]))
	<-more
	reads()
	if r.leave(nil) || r.buf == nil {
		t.Error("left with half a frame read")
	}
	send(slices.Concat(frame[4:], frame))
	for range 2 {
		reads()
	}
	waits()
	_ = client.Close()
	<-more
	if _, _, err := r.next(); err != io.EOF {
		t.Errorf("the end is %v", err)
	}
}
