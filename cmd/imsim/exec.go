package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// patience is how long a command may take to end after it was interrupted.
const patience = 10 * time.Second

func newExec() *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use: "exec [flags] -- COMMAND [ARG …]", Short: "Run a command with a backend of its own",
		Long: `Start a backend, run the command with its address in the environment, stop the
backend, and exit with the command's exit code:

  IMSIM_URL       ws://host:port, for the SDK's proxyServer option
  IMSIM_HTTP      http://host:port, of the control API
  IMSIM_SDKAPPID  the app that is meant where none is named`,
		Example: `  imsim exec -- npm test
  imsim exec --web-instances 2 -- sh -c 'curl -s $IMSIM_HTTP/_imsim/health'`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.resolve(c.Flags()); err != nil {
				return err
			}
			path, err := exec.LookPath(args[0])
			if err != nil {
				return fmt.Errorf("exec: no such command: %w", err)
			}
			srv, err := f.start()
			if err != nil {
				return err
			}
			runErr := runCommand(c.Context(), path, args,
				"IMSIM_URL="+srv.URL(), "IMSIM_HTTP="+srv.HTTP(), "IMSIM_SDKAPPID="+strconv.FormatUint(uint64(srv.AppID()), 10))
			if err := srv.Close(); err != nil {
				return errors.Join(runErr, err)
			}
			return runErr
		},
	}
	f.add(c.Flags(), "127.0.0.1:0")
	c.Flags().SetInterspersed(false)
	return c
}

// runCommand runs a command with more in its environment; its exit code
// becomes ours, and an interrupt is passed on.
func runCommand(ctx context.Context, path string, args []string, env ...string) error {
	cmd := exec.CommandContext(ctx, path, args[1:]...)
	cmd.Args[0] = args[0]
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = patience
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitCode(128 + int(status.Signal())) // as a shell reports it
	}
	return exitCode(exit.ExitCode())
}
