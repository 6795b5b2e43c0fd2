// Command generate writes the generated tables into the documents of the
// repository whose root it is given.
package main

import (
	"fmt"
	"os"

	"github.com/imsim/imsim/internal/docs"
)

func main() {
	for _, table := range docs.Tables {
		if err := table.Generate(os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
