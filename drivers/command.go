package drivers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"

	"mvdan.cc/sh/v3/shell"
)

// Command is a driver's program and how to run it. It is a plain value: the
// same one starts the driver again after a crash.
type Command struct {
	// Line is split into words as a POSIX shell does: quotes, backslashes,
	// $VARIABLES and ~ work; nothing that would need a shell (pipes, lists,
	// substitutions) is allowed. Windows paths want single quotes.
	Line string
	// Args is the program and its arguments as they are, in place of Line.
	Args []string
	Dir  string   // working directory; empty: the harness's own
	Env  []string // KEY=value, added to the harness's environment
}

func (c Command) words() ([]string, error) {
	if len(c.Args) > 0 {
		if c.Line != "" {
			return nil, errors.New("start driver: both Line and Args are given")
		}
		return c.Args, nil
	}
	words, err := shell.Fields(c.Line, nil)
	if err != nil {
		return nil, fmt.Errorf("start driver: split %q: %w", c.Line, err)
	}
	if len(words) == 0 {
		return nil, errors.New("start driver: the command line is empty")
	}
	return words, nil
}

// Start runs the command and greets it. The context bounds only the start;
// the driver lives until Close.
//
// What can go wrong is told apart: a missing program is an fs.ErrNotExist or
// exec.ErrNotFound; a program that ends at once, stays silent, or prints
// something else than the protocol is a *port.Breakdown with cause Crash, Hang
// or BrokenProtocol; a refusal is a *port.ProtocolError. Nothing is left
// running when Start fails.
func Start(ctx context.Context, c Command, o Options) (*Driver, error) {
	words, err := c.words()
	if err != nil {
		return nil, err
	}
	p, err := spawn(c, words, newJournal(o), o.Limits.withDefaults().Close)
	if err != nil {
		return nil, explain(err, c, words[0])
	}
	return begin(ctx, "driver "+words[0], p, o)
}

// explain turns the operating system's word into a reader's: "no such file"
// may be the program or the directory.
func explain(err error, c Command, program string) error {
	if c.Dir != "" {
		if info, statErr := os.Stat(c.Dir); statErr != nil || !info.IsDir() {
			return fmt.Errorf("start driver: no such working directory %q: %w", c.Dir, err)
		}
	}
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("start driver: there is no program %q in PATH: %w", program, err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("start driver: there is no program %q (or its interpreter is missing): %w", program, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("start driver: %q may not be executed: %w", program, err)
	}
	return fmt.Errorf("start driver %q: %w", program, err)
}
