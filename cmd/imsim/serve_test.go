package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestConfigFile(t *testing.T) {
	for _, c := range []struct{ name, text, want, refused string }{
		{"values", "web-instances: 3\nretention: 24h\n", "3 24h0m0s [administrator] 0 0", ""},
		{"a list", "admin: [boss, \"deputy\"]\n", "1 168h0m0s [boss deputy] 0 0", ""},
		{"a list of lines", "admin:\n  - boss\n  - deputy\n", "1 168h0m0s [boss deputy] 0 0", ""},
		{"the command line wins", "web-instances: 3\naddr: 127.0.0.1:1\n", "3 168h0m0s [administrator] 0 0", ""},
		{"a cap", "cap: blocked=5,live-rooms=2\n", "1 168h0m0s [administrator] 5 2", ""},
		{"a map", "admin: {boss: yes}\n", "", "config.yaml:1: admin"},
		{"a list of maps", "\nadmin:\n  - {boss: yes}\n", "", "config.yaml:3: admin"},
		{"a wrong value", "web-instances: many\n", "", "config.yaml:1: web-instances"},
		{"a config in it", "config: other.yaml\n", "", `unknown key "config"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.yaml")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			var f serveFlags
			set := pflag.NewFlagSet("serve", pflag.ContinueOnError)
			f.add(set, "")
			if err := set.Parse([]string{"--addr", "127.0.0.1:2"}); err != nil {
				t.Fatal(err)
			}
			err := applyConfig(set, path)
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("%v, want %s", err, c.refused)
				}
				return
			}
			if got := fmt.Sprint(f.WebInstances, f.Retention, f.Admins, f.MaxBlocked, f.Groups.Rooms); err != nil || got != c.want || f.Addr != "127.0.0.1:2" {
				t.Errorf("%s at %s, %v; want %s", got, f.Addr, err, c.want)
			}
		})
	}
}
