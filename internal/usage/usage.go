// Package usage tells what this process has used of the machine.
package usage

import (
	"fmt"
	"os"
)

// Resident is the memory that the process holds, in bytes; 0 where the system
// does not tell.
func Resident() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident int64
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		return 0
	}
	return resident * int64(os.Getpagesize())
}
