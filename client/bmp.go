package client

import (
	"bufio"
	"encoding/binary"
	"image"
)

// bmpHead is how many bytes of a BMP tell its size.
const bmpHead = 26

// sizeOfImage reads the size of an image in pixels from its first bytes. The
// standard library knows every format that may be sent but BMP.
func sizeOfImage(r *bufio.Reader) (width, height int, ok bool) {
	if head, err := r.Peek(bmpHead); err == nil && string(head[:2]) == "BM" {
		if binary.LittleEndian.Uint32(head[14:]) == 12 { // the header of OS/2
			return int(binary.LittleEndian.Uint16(head[18:])), int(binary.LittleEndian.Uint16(head[20:])), true
		}
		width = int(int32(binary.LittleEndian.Uint32(head[18:])))
		height = int(int32(binary.LittleEndian.Uint32(head[22:])))
		if height < 0 { // the first line is the top one
			height = -height
		}
		return width, height, width >= 0
	}
	config, _, err := image.DecodeConfig(r)
	return config.Width, config.Height, err == nil
}
