package fakeserver

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// mediaStore keeps uploaded files in memory: at most cap bytes, the oldest
// going first, and none longer than messages are kept.
type mediaStore struct {
	cap  int64
	life time.Duration

	mu    sync.Mutex
	used  int64
	files map[mediaKey]*mediaFile
	order []mediaKey // oldest first
}

type mediaKey struct {
	app    uint32
	object string
}

type mediaFile struct {
	data []byte
	at   time.Time // the server's clock
}

func newMediaStore(capacity int64, life time.Duration) *mediaStore {
	return &mediaStore{cap: capacity, life: life, files: map[mediaKey]*mediaFile{}}
}

// put stores a file of at most cap bytes, in place of one with that name.
func (m *mediaStore) put(key mediaKey, data []byte, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(func(k mediaKey, f *mediaFile) bool { return k == key || m.old(f, now) })
	room := m.cap - int64(len(data))
	m.drop(func(mediaKey, *mediaFile) bool { return m.used > room }) // oldest first
	key.object = strings.Clone(key.object)                           // not the whole request line
	m.files[key] = &mediaFile{data: slices.Clip(data), at: now}
	m.order = append(m.order, key)
	m.used += int64(len(data))
}

// get returns a file that is still kept, else nil.
func (m *mediaStore) get(key mediaKey, now time.Time) *mediaFile {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f := m.files[key]; f != nil && !m.old(f, now) {
		return f
	}
	return nil
}

// forget drops the files of an app.
func (m *mediaStore) forget(app uint32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(func(k mediaKey, _ *mediaFile) bool { return k.app == app })
}

func (m *mediaStore) old(f *mediaFile, now time.Time) bool { return now.Sub(f.at) > m.life }

// drop removes the files that match, asked from the oldest on; mu is held.
func (m *mediaStore) drop(match func(mediaKey, *mediaFile) bool) {
	m.order = slices.DeleteFunc(m.order, func(key mediaKey) bool {
		f := m.files[key]
		if !match(key, f) {
			return false
		}
		m.used -= int64(len(f.data))
		delete(m.files, key)
		return true
	})
}
