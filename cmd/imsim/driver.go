package main

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/imsim/imsim/drivers"
	"github.com/imsim/imsim/drivers/schema"
	"github.com/imsim/imsim/internal/drivercheck"
)

func newDriver() *cobra.Command {
	c := &cobra.Command{
		Use: "driver", Short: "Help for who writes a driver",
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newDriverCheck(), newDriverSchema())
	return c
}

func newDriverCheck() *cobra.Command {
	var line string
	var limit time.Duration
	var asJSON bool
	c := &cobra.Command{
		Use: "check", Short: "Try a driver step by step and say what is wrong with which line",
		Long: `Try a driver step by step: every message of the driver protocol, in good order
and out of it, each step on a process of its own. Each line that the driver
prints is held against the schema of the protocol. Exit code 0: nothing is
wrong; 1: something is; 2: usage, or there is no such program.`,
		Example: `  imsim driver check --driver 'node drivers/timjs/driver.js --sdk 2.14.0'`,
		RunE: func(c *cobra.Command, _ []string) error {
			if line == "" {
				return usageError{errors.New("imsim driver check: --driver is missing")}
			}
			r, err := drivercheck.Run(c.Context(), drivers.Command{Line: line}, drivercheck.Options{Limits: drivers.Limits{
				Hello: limit, Create: limit, Call: limit, Advance: limit,
			}})
			if c.Context().Err() != nil {
				return err
			}
			if err != nil {
				return usageError{err}
			}
			if asJSON {
				enc := json.NewEncoder(c.OutOrStdout())
				enc.SetIndent("", " ")
				err = enc.Encode(r)
			} else {
				err = r.WriteText(c.OutOrStdout())
			}
			if err == nil && !r.OK() {
				return exitCode(exitFailed)
			}
			return err
		},
	}
	c.Flags().StringVar(&line, "driver", "", "command line of the driver, quoted as for a shell")
	c.Flags().DurationVar(&limit, "timeout", 10*time.Second, "how long an answer may take")
	c.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	return c
}

func newDriverSchema() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of the driver protocol's lines",
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := c.OutOrStdout().Write(schema.JSON)
			return err
		},
	}
}
