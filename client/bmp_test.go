package client

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"testing"
)

func TestSizeOfBMP(t *testing.T) {
	head := func(headerSize uint32, at18 ...byte) []byte {
		b := append([]byte("BM"), make([]byte, 12)...)
		b = binary.LittleEndian.AppendUint32(b, headerSize)
		return append(append(b, at18...), make([]byte, 8)...)
	}
	for name, c := range map[string]struct {
		content       []byte
		width, height int
		ok            bool
	}{
		"Windows":  {head(40, 20, 0, 0, 0, 10, 0, 0, 0), 20, 10, true},
		"top down": {head(40, 20, 0, 0, 0, 0xf6, 0xff, 0xff, 0xff), 20, 10, true},
		"OS/2":     {head(12, 44, 1, 5, 0), 300, 5, true},
		"negative": {head(40, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0), -1, 1, false},
		"short":    {[]byte("BM"), 0, 0, false},
		"no image": {make([]byte, 100), 0, 0, false},
	} {
		w, h, ok := sizeOfImage(bufio.NewReader(bytes.NewReader(c.content)))
		if w != c.width || h != c.height || ok != c.ok {
			t.Errorf("%s: %d×%d %v, want %d×%d %v", name, w, h, ok, c.width, c.height, c.ok)
		}
	}
}
