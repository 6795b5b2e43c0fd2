//go:build !unix

package usage

import "time"

// CPU is the processor time that the process has used; 0 where the system does
// not tell.
func CPU() time.Duration { return 0 }
