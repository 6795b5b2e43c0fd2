package protocol

import (
	"encoding/json"
	"slices"
)

// Fields is a JSON object whose keys stand in a chosen order, and of which a
// part can be asked for.
type Fields []Field

// Field is one key of Fields.
type Field struct {
	Name  string
	Value any
}

// Only keeps the named fields, in the order of f. No names: all.
func (f Fields) Only(names []string) Fields {
	if len(names) == 0 {
		return f
	}
	kept := make(Fields, 0, len(names))
	for _, field := range f {
		if slices.Contains(names, field.Name) {
			kept = append(kept, field)
		}
	}
	return kept
}

// With appends a field.
func (f Fields) With(name string, value any) Fields { return append(f, Field{name, value}) }

// MarshalJSON writes the object.
func (f Fields) MarshalJSON() ([]byte, error) {
	text := []byte{'{'}
	for i, field := range f {
		value, err := json.Marshal(field.Value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = append(AppendString(text, field.Name), ':')
		text = append(text, value...)
	}
	return append(text, '}'), nil
}
