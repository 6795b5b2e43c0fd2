//go:build unix

package usage

import (
	"syscall"
	"time"
)

// CPU is the processor time that the process has used, user and system; 0
// where the system does not tell.
func CPU() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
