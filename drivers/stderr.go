package drivers

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// journalSize is how much of a driver's stderr is kept.
const journalSize = 256 << 10

// journal keeps the end of what was written to it, and counts all of it, so
// that a case can ask for what was written since it began.
type journal struct {
	mu    sync.Mutex
	kept  []byte
	total int64
	limit int
	also  io.Writer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.total += int64(len(p))
	j.kept = append(j.kept, p...)
	if excess := len(j.kept) - j.limit; excess > 0 {
		j.kept = append(j.kept[:0], j.kept[excess:]...)
	}
	if j.also != nil {
		// The driver's own writing must not fail because of the reader's.
		_, _ = j.also.Write(p)
	}
	return len(p), nil
}

func (j *journal) mark() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.total
}

func (j *journal) since(mark int64) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	want := min(max(j.total-mark, 0), j.total)
	have := min(want, int64(len(j.kept)))
	text := maskText(strings.ToValidUTF8(string(j.kept[int64(len(j.kept))-have:]), "\uFFFD"))
	if have < want {
		return fmt.Sprintf("… %d bytes dropped …\n%s", want-have, text)
	}
	return text
}

// tail is the last lines, for the message about a crash.
func (j *journal) tail() string {
	const mostLines, mostBytes = 10, 2000
	text := strings.TrimSpace(j.since(0))
	if len(text) > mostBytes {
		text = strings.ToValidUTF8(text[len(text)-mostBytes:], "")
	}
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-mostLines):], "\n")
}

// StderrMark is a place in the driver's stderr, to be taken when a case begins.
func (d *Driver) StderrMark() int64 { return d.stderr.mark() }

// StderrSince is what the driver wrote to its stderr since the mark, its
// beginning dropped when it was more than 256 KiB. Of a driver that broke down
// or was closed it is complete: its end is waited for.
func (d *Driver) StderrSince(mark int64) string {
	if d.Err() != nil {
		<-d.gone
	}
	return d.stderr.since(mark)
}
