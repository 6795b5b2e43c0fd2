//go:build unix

package drivers

import (
	"os/exec"
	"syscall"
)

// ownGroup puts the child into a process group of its own, so that what it
// starts (npm starts node) is killed with it.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
