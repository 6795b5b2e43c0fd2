package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("report.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReportsFitTheirSchema(t *testing.T) {
	merged, _ := Merge(everything(), runOf(result(newPort, "a", "x", Passed)))
	for name, run := range map[string]*Run{"everything": everything(), "empty": runOf(), "merged": merged} {
		var text bytes.Buffer
		if err := WriteJSON(&text, run); err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(&text)
		if err == nil {
			err = schema(t).Validate(doc)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheSchemaRefusesOtherThings(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`,
		`{"imsimReport":2,"kind":"conformance","tool":"imsim","version":"1","started":"2026-01-02T03:04:05Z","seconds":1,"results":[]}`,
		`{"imsimReport":1,"kind":"load","tool":"imsim","version":"1","started":"2026-01-02T03:04:05Z","seconds":1,"results":[]}`,
		`{"imsimReport":1,"kind":"conformance","tool":"imsim","version":"1","started":"yesterday","seconds":1,"results":[]}`,
		`{"imsimReport":1,"kind":"conformance","tool":"imsim","version":"1","started":"2026-01-02T03:04:05Z","seconds":1,"results":[{"id":"a/b","area":"a","name":"b","level":"core","port":{"name":"p","version":"1"},"outcome":"perfect","seconds":1}]}`,
	} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if schema(t).Validate(doc) == nil {
			t.Errorf("%s was taken", text)
		}
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	dir := t.TempDir()
	run := runOf(result(oldPort, "a", "x", Passed), result(oldPort, "b", "y <z>", Failed))
	run.Problems = []string{"one"}
	if err := WriteDir(dir, run); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, filepath.Join(dir, JSONFile)} {
		again, err := Read(path)
		if err != nil || !reflect.DeepEqual(again, run) {
			t.Errorf("%v: %+v, want %+v", err, again, run)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, JSONFile))
	if err != nil || bytes.Count(text, []byte("\n")) != 4 || !json.Valid(text) {
		t.Errorf("a result is not a line: %s", text)
	}
}

func TestFilesThatAreNoReports(t *testing.T) {
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "x.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if kind, err := KindOf(file(`{"imsimReport":1,"kind":"load"}`)); kind != "load" || err != nil {
		t.Errorf("%q, %v", kind, err)
	}
	if kind, err := KindOf(file(`{"imsimReport":1}`)); kind != Conformance || err != nil {
		t.Errorf("%q, %v", kind, err)
	}
	for text, says := range map[string]string{
		`{"imsimReport":1,"kind":"load"}`: `kind "load"`, `{"imsimReport":9}`: "newer", `{}`: "not a report", `{`: "unexpected end",
	} {
		if _, err := Read(file(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
