package reports

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Files of a report's folder.
const (
	HTMLFile     = "report.html"
	JUnitFile    = "junit.xml"
	JSONFile     = "report.json"
	MarkdownFile = "summary.md"
)

// WriteDir writes report.html, junit.xml, report.json and summary.md into a
// folder, which is made if needed.
func WriteDir(dir string, run *Run) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	for name, write := range map[string]func(io.Writer, *Run) error{
		HTMLFile: WriteHTML, JUnitFile: WriteJUnit, JSONFile: WriteJSON, MarkdownFile: WriteMarkdown,
	} {
		if err := writeFile(filepath.Join(dir, name), run, write); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	return nil
}

func writeFile(path string, run *Run, write func(io.Writer, *Run) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f, run); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
