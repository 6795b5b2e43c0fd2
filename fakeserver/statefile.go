package fakeserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"time"

	"github.com/imsim/imsim/fakeserver/backend"
)

// stateVersion is raised when older files can no longer be read.
const stateVersion = 1

// worlds is the form of a state, in a file and on the control API.
type worlds struct {
	Version int              `json:"imsimState"`
	Clock   Duration         `json:"clockAhead"` // by how much the clock was advanced
	Worlds  []*backend.State `json:"worlds"`
}

// State returns everything that outlives connections, as JSON.
func (s *Server) State() ([]byte, error) {
	s.mu.Lock()
	hosts := s.hostList()
	s.mu.Unlock()
	st := worlds{Version: stateVersion, Clock: Duration(s.clock.Shift()), Worlds: []*backend.State{}}
	for _, h := range hosts {
		h.do(func(at time.Time, w *backend.World) []backend.Effect {
			st.Worlds = append(st.Worlds, w.State(at))
			return nil
		})
	}
	sort.Slice(st.Worlds, func(i, j int) bool { return st.Worlds[i].SDKAppID < st.Worlds[j].SDKAppID })
	return json.MarshalIndent(st, "", " ")
}

// SetState replaces all worlds; every client is disconnected and must log in
// again. On an error nothing has changed.
func (s *Server) SetState(text []byte) error {
	st, loaded, err := s.parseState(text)
	if err != nil {
		return err
	}
	s.mu.Lock()
	for id := range s.hosts {
		if loaded[id] == nil {
			loaded[id] = backend.New(id, s.config(id))
		}
	}
	s.mu.Unlock()
	if ahead := st.Clock - Duration(s.clock.Shift()); ahead > 0 {
		s.clock.Advance(time.Duration(ahead), nil)
	}
	for id, w := range loaded {
		s.host(id).replace(w, "the state was replaced")
	}
	return nil
}

func (s *Server) parseState(text []byte) (*worlds, map[uint32]*backend.World, error) {
	var st worlds
	if err := strictUnmarshal(text, &st); err != nil {
		return nil, nil, err
	}
	if st.Version != stateVersion {
		return nil, nil, fmt.Errorf("imsimState is %d, want %d: not a state of this version", st.Version, stateVersion)
	}
	loaded := map[uint32]*backend.World{}
	for i, ws := range st.Worlds {
		if ws == nil || ws.SDKAppID == 0 || loaded[ws.SDKAppID] != nil {
			return nil, nil, fmt.Errorf("worlds[%d]: sdkAppID is missing or stands twice", i)
		}
		w, err := backend.Load(ws, s.config(ws.SDKAppID))
		if err != nil {
			return nil, nil, fmt.Errorf("worlds[%d].%w", i, err)
		}
		loaded[ws.SDKAppID] = w
	}
	return &st, loaded, nil
}

// strictUnmarshal reads exactly one JSON value without unknown fields; the
// error names the line and column.
func strictUnmarshal(text []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	at := dec.InputOffset()
	if err == nil {
		if _, more := dec.Token(); errors.Is(more, io.EOF) {
			return nil
		}
		err = errors.New("more than one JSON value")
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		at = kind.Offset
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		at, err = int64(len(text)), errors.New("the text ends too early")
	}
	before := text[:min(max(at, 0), int64(len(text)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Errorf("line %d, column %d: %w", line, column, err)
}

// loadFile reads Options.State, if it is there.
func (s *Server) loadFile() error {
	if s.opts.State == "" {
		return nil
	}
	text, err := os.ReadFile(s.opts.State)
	if errors.Is(err, os.ErrNotExist) {
		return s.stateFolder()
	}
	if err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	if err := s.SetState(text); err != nil {
		return fmt.Errorf("state %s: %w", s.opts.State, err)
	}
	return nil
}

// stateFolder tells at the start that a state could not be saved.
func (s *Server) stateFolder() error {
	if info, err := os.Stat(filepath.Dir(s.opts.State)); err != nil || !info.IsDir() {
		return fmt.Errorf("state %s: there is no folder %s", s.opts.State, filepath.Dir(s.opts.State))
	}
	return nil
}

// saveFile writes Options.State. The old file stays as it is until the new one
// is whole.
func (s *Server) saveFile() error {
	if s.opts.State == "" {
		return nil
	}
	s.saving.Lock()
	defer s.saving.Unlock()
	text, err := s.State()
	if err != nil {
		return fmt.Errorf("save state: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(s.opts.State), filepath.Base(s.opts.State)+".*.tmp")
	if err != nil {
		return fmt.Errorf("save state: %w", err)
	}
	_, err = tmp.Write(append(text, '\n'))
	if err == nil {
		err = tmp.Sync()
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), s.opts.State)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("save state: %w", err)
	}
	return nil
}

func (s *Server) getState(w http.ResponseWriter, _ *http.Request) {
	text, err := s.State()
	if err != nil {
		refuse(w, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // the caller has gone: nobody to tell
}

func (s *Server) putState(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxControlBody))
	if err == nil {
		err = s.SetState(text)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	answer(w, struct{}{})
}
