package loadgen

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"
)

// Schema is the JSON Schema of a Spec's file form, ResultSchema that of
// report.json and of result files.
var (
	//go:embed spec.schema.json
	Schema []byte
	//go:embed result.schema.json
	ResultSchema []byte
)

// ReadSpec reads a Spec from YAML, strictly: an unknown key is a mistake.
func ReadSpec(in io.Reader) (Spec, error) {
	var s Spec
	dec := yaml.NewDecoder(in)
	dec.KnownFields(true)
	if err := dec.Decode(&s); err != nil && !errors.Is(err, io.EOF) {
		return s, fmt.Errorf("load file: %w", err)
	}
	if err := dec.Decode(new(Spec)); !errors.Is(err, io.EOF) {
		return s, errors.New("load file: one document, and nothing behind it")
	}
	return s, nil
}

// SpecYAML writes a Spec as ReadSpec reads it.
func SpecYAML(s Spec) ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(s); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}
