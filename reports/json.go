package reports

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Schema is the JSON Schema of report.json.
//
//go:embed report.schema.json
var Schema []byte

// WriteJSON writes the run, a result a line.
func WriteJSON(w io.Writer, run *Run) error {
	head := *run
	head.Results = nil
	top, err := compact(head)
	if err != nil {
		return err
	}
	// The results come last: `"results":null}` ends the head.
	const end = `null}`
	if _, err := fmt.Fprintf(w, "%s[", bytes.TrimSuffix(top, []byte(end))); err != nil {
		return err
	}
	for i, r := range run.Results {
		line, err := compact(r)
		if err != nil {
			return err
		}
		separator := ",\n"
		if i == 0 {
			separator = "\n"
		}
		if _, err := fmt.Fprintf(w, "%s%s", separator, line); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, "\n]}\n")
	return err
}

// compact is JSON on one line that leaves < as it is.
func compact(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// ErrNoReport says that a file is JSON, but no report of imsim.
var ErrNoReport = errors.New("not a report of imsim")

// KindOf tells the kind of a report.json, or of the one in a folder.
func KindOf(path string) (string, error) {
	text, err := readReport(path)
	if err != nil {
		return "", err
	}
	return kindOf(path, text)
}

func kindOf(path string, text []byte) (string, error) {
	var head struct {
		Format int    `json:"imsimReport"`
		Kind   string `json:"kind"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	if head.Format == 0 {
		return "", fmt.Errorf("%s: %w", path, ErrNoReport)
	}
	if head.Format > Format {
		return "", fmt.Errorf("%s: its form %d is newer than this imsim, which knows %d", path, head.Format, Format)
	}
	if head.Kind == "" {
		head.Kind = Conformance // before there were others
	}
	return head.Kind, nil
}

// Read reads a conformance report: a report.json, or the one in a folder.
func Read(path string) (*Run, error) {
	text, err := readReport(path)
	if err != nil {
		return nil, err
	}
	kind, err := kindOf(path, text)
	if err != nil {
		return nil, err
	}
	if kind != Conformance {
		return nil, fmt.Errorf("%s: a report of the kind %q, not %q", path, kind, Conformance)
	}
	run := &Run{}
	if err := json.Unmarshal(text, run); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	run.Kind = Conformance
	return run, nil
}

func readReport(path string) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, JSONFile)
	}
	return os.ReadFile(path)
}
