// Command k6 is k6 with the extension k6/x/imsim: what xk6 would build.
package main

import (
	"go.k6.io/k6/cmd"

	_ "github.com/imsim/imsim/k6"
)

func main() { cmd.Execute() }
