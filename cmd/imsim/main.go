// Command imsim runs a local Tencent Cloud IM backend, and holds SDK ports to
// the behaviour of the genuine ones.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set by the release build.
var version = "dev"

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // a failure, or an unexpected result
	exitUsage  = 2
)

// exitCode is an error that says no more than how to exit: everything was
// told already.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// usageError is a wrong flag or argument.
type usageError struct{ error }

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var code exitCode
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "imsim: %v\nRun 'imsim --help' for usage.\n", err)
		return exitUsage
	}
	fmt.Fprintf(os.Stderr, "imsim: %v\n", err)
	return exitFailed
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "imsim",
		Short: "A local Tencent Cloud IM backend that the genuine SDKs log in to, and a judge for SDK ports",
		Example: `  imsim serve                            # a backend on ws://127.0.0.1:8090
  imsim exec -- npm test                 # the same for the time of a command
  imsim test                             # the conformance suite on the Go client
  imsim test --driver 'node drivers/timjs/driver.js --sdk 2.14.0'`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%s: %w", c.CommandPath(), err)}
	})
	root.AddCommand(newServe(), newExec(), newTest(), newReport(), newShard(), newDriver(), newLoad(), newMerge(), newUserSig(), newCoverage(), newMatrix(), newVersion())
	for _, c := range root.Commands() {
		wrapArgs(c)
	}
	root.Args = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usageError{fmt.Errorf("unknown command %q", args[0])}
		}
		return nil
	}
	root.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	return root
}

// wrapArgs makes a wrong number of arguments a usage error.
func wrapArgs(c *cobra.Command) {
	check := c.Args
	if check == nil {
		check = cobra.NoArgs
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usageError{fmt.Errorf("%s: %w", c.CommandPath(), err)}
		}
		return nil
	}
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version",
		Run: func(c *cobra.Command, _ []string) { fmt.Fprintln(c.OutOrStdout(), "imsim", versionText()) },
	}
}

// versionText is the release's version, or that of the module build.
func versionText() string {
	if version != "dev" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return version
}
