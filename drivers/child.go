package drivers

import (
	"errors"
	"io"
	"os/exec"
	"time"
)

// spawn starts a child process. What it wrote is read to the end before wait
// returns; a grandchild that keeps the pipes open delays that by half the grace.
func spawn(c Command, words []string, stderr *journal, grace time.Duration) (*pipes, error) {
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = c.Dir
	if len(c.Env) > 0 {
		cmd.Env = append(cmd.Environ(), c.Env...)
	}
	cmd.Stderr = stderr
	outR, outW := io.Pipe()
	cmd.Stdout = outW
	cmd.WaitDelay = grace / 2 // so that the keeper still sees a good exit in time
	ownGroup(cmd)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		_ = in.Close()
		return nil, err
	}
	return &pipes{
		in: in, out: outR, stderr: stderr,
		wait: func() ending {
			err := cmd.Wait()
			if errors.Is(err, exec.ErrWaitDelay) {
				killGroup(cmd) // somebody of the group still held the pipes
			}
			_ = outW.Close()
			return ending{good: cmd.ProcessState.Success(), text: cmd.ProcessState.String()}
		},
		kill: func() { killGroup(cmd) },
	}, nil
}
