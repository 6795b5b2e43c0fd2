package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/imsim/imsim/fakeserver/backend"
	"github.com/imsim/imsim/scenarios"
)

// Table is a part of a document that is generated: it stands between
// <!-- NAME --> and <!-- /NAME -->.
type Table struct {
	File, Name string
	Text       func() string
}

// Tables are all of them; `make generate` writes them.
var Tables = []Table{
	{"README.md", "coverage", func() string { return scenarios.CoverageMarkdown(scenarios.Cases()) }},
	{"docs/groups.md", "matrix", backend.MatrixMarkdown},
	{"docs/groups.md", "tips", backend.TipsMarkdown},
}

// Generate writes the table into its document.
func (t Table) Generate(root string) error {
	path := filepath.Join(root, t.File)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, _, after, err := t.cut(string(text))
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(before+t.Text()+after), 0o644)
}

// cut takes a document apart around the table.
func (t Table) cut(text string) (before, table, after string, err error) {
	begin, end := "<!-- "+t.Name+" -->\n", "<!-- /"+t.Name+" -->"
	before, rest, opened := strings.Cut(text, begin)
	table, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		return "", "", "", fmt.Errorf("%s has no place for the table %q", t.File, t.Name)
	}
	return before + begin, table, end + after, nil
}
