package drivers

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// errLineTooLong is a line above the limit; the rest of it is not read.
var errLineTooLong = errors.New("line is too long")

// lineReader cuts a stream into lines. It is no bufio.Scanner, whose 64 KiB
// limit is below one conversation list.
type lineReader struct {
	r     *bufio.Reader
	limit int
	buf   []byte
	n     int // number of the last line, from 1
}

func newLineReader(r io.Reader, limit int) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 64<<10), limit: limit}
}

// keptBuffer is how large a buffer may be to be used for the next line too.
const keptBuffer = 1 << 20

// next returns a line without its end, valid until the next call. At the end
// of the stream it returns io.EOF, or io.ErrUnexpectedEOF with the beginning
// of a line that was never finished.
func (l *lineReader) next() ([]byte, error) {
	if cap(l.buf) > keptBuffer {
		l.buf = nil
	}
	l.buf = l.buf[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		l.buf = append(l.buf, part...)
		length := len(l.buf)
		if err == nil {
			length--
		}
		if length > l.limit {
			l.n++
			return l.buf[:l.limit], fmt.Errorf("%w: above %d bytes", errLineTooLong, l.limit)
		}
		switch {
		case err == nil:
			l.n++
			return bytes.TrimSuffix(l.buf[:length], []byte{'\r'}), nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(l.buf) > 0:
			l.n++
			return l.buf, io.ErrUnexpectedEOF
		default:
			return l.buf, err
		}
	}
}

// excerpt is as much of a line as a message can show, signatures masked.
func excerpt(line []byte) string {
	const most = 200
	if len(line) <= most {
		return maskJSON(line)
	}
	return fmt.Sprintf("%s… (%d bytes)", bytes.ToValidUTF8([]byte(maskJSON(line[:most])), nil), len(line))
}
