// Command generate writes the coverage table into the README.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/imsim/imsim/scenarios"
)

func main() {
	if err := generate(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(readme string) error {
	text, err := os.ReadFile(readme)
	if err != nil {
		return err
	}
	const begin, end = "<!-- coverage -->\n", "<!-- /coverage -->"
	before, rest, found := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return fmt.Errorf("%s has no place for the coverage table", readme)
	}
	table := scenarios.CoverageMarkdown(scenarios.Cases())
	return os.WriteFile(readme, []byte(before+begin+table+end+after), 0o644)
}
