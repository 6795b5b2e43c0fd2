package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/protocol"
)

func newUserSig() *cobra.Command {
	var userID, secret string
	var appID uint32
	var life string
	c := &cobra.Command{
		Use: "usersig", Short: "Issue a UserSig",
		Example: `  imsim usersig --user alice --secret "$KEY" --sdkappid 1400000000 --expire 30d`,
		RunE: func(c *cobra.Command, _ []string) error {
			var expire fakeserver.Life
			switch err := expire.UnmarshalText([]byte(life)); {
			case err != nil:
				return usageError{fmt.Errorf("--expire: %w", err)}
			case userID == "":
				return usageError{errors.New("--user is missing")}
			case secret == "":
				return usageError{errors.New("--secret is missing")}
			}
			_, err := fmt.Fprintln(c.OutOrStdout(), protocol.MakeUserSig(secret, appID, userID, time.Now(), time.Duration(expire)))
			return err
		},
	}
	c.Flags().StringVar(&userID, "user", "", "userID that the ticket is for")
	c.Flags().StringVar(&secret, "secret", "", "key to sign with")
	c.Flags().Uint32Var(&appID, "sdkappid", fakeserver.DefaultSDKAppID, "app that the ticket is for")
	c.Flags().StringVar(&life, "expire", "180d", "lifetime, like 180d or 90s")
	return c
}
