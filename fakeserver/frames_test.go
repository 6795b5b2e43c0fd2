package fakeserver

import (
	"bytes"
	"io"
	"net"
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
	r := newFrameReader(server, 1<<20)
	var held []bool
	waited := make(chan struct{})
	r.conn = &spiedConn{Conn: server, wait: func() { held = append(held, r.buf != nil); waited <- struct{}{} }}
	read := make(chan []byte)
	go func() {
		for {
			_, payload, err := r.next()
			if err != nil {
				close(read)
				return
			}
			read <- bytes.Clone(payload)
		}
	}()
	half := clientFrame(websocket.TextMessage, []byte("hello"))
	for _, p := range [][]byte{half, half[:4], half[4:]} {
		<-waited
		if _, err := client.Write(p); err != nil {
			t.Fatal(err)
		}
		if len(p) != 4 {
			if got := <-read; string(got) != "hello" {
				t.Errorf("read %q", got)
			}
		}
	}
	<-waited
	_ = client.Close()
	if _, more := <-read; more {
		t.Error("a frame after the end")
	}
	if want := []bool{false, false, true, false}; len(held) != len(want) || held[0] || held[1] || !held[2] || held[3] {
		t.Errorf("buffer held while waiting: %v, want %v", held, want)
	}
}

// spiedConn tells when its reader begins to wait.
type spiedConn struct {
	*memnet.Conn
	wait func()
}

func (s *spiedConn) WaitRead() {
	s.wait()
	s.Conn.WaitRead()
}
