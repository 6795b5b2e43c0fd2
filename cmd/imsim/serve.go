package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"

	"github.com/imsim/imsim/fakeserver"
)

// serveFlags are the flags of a backend, for serve and exec.
type serveFlags struct {
	fakeserver.Options
	config string
}

func (f *serveFlags) add(set *pflag.FlagSet, addr string) {
	set.StringVar(&f.Addr, "addr", addr, "host:port to listen on; port 0 takes a free one, no host (:8090) means every interface, as containers need")
	set.Uint32Var(&f.SDKAppID, "sdkappid", 0, "serve this SDKAppID only; others are refused with 70020 (default: any, each its own world)")
	set.StringVar(&f.Secret, "secret", "", "verify UserSigs with this key (default: any non-empty UserSig is taken, unless it is well-formed and expired or names another user)")
	set.IntVar(&f.WebInstances, "web-instances", 1, "web instances of a user that may be online; the oldest is kicked beyond that")
	set.StringVar(&f.Limits, "limits", fakeserver.LimitsOff, "rate limits: off or documented")
	set.DurationVar(&f.RecallWindow, "recall-window", 2*time.Minute, "how long a message may be recalled")
	set.DurationVar(&f.Retention, "retention", 7*24*time.Hour, "how long messages are kept")
	set.IntVar(&f.MaxMessage, "max-message", 12<<10, "longest message in bytes; more is refused with 80002")
	set.Int64Var(&f.MaxFile, "max-file", 100<<20, "longest file in bytes that may be uploaded; a longer one gets HTTP 413")
	set.Int64Var(&f.MediaCap, "media-cap", 256<<20, "bytes of uploaded files that are kept in memory; the oldest go first")
	set.Var(caps{&f.Options}, "cap", "how many or how long things may be; --help of serve lists the names")
	set.BoolVar(&f.LongPolling, "long-polling", false, "live rooms are followed by polling (default: pushes)")
	set.BoolVar(&f.BlockedSenderGets20007, "tell-blocked-senders", false, "refuse messages of blocked senders with 20007 (default: they succeed and nothing arrives)")
	set.StringSliceVar(&f.Admins, "admin", []string{"administrator"}, "app admins who may use the REST API under /v4/")
	set.StringVar(&f.State, "state", "", "file that keeps the world: read at the start, written when something changed and at the end")
	set.StringVar(&f.config, "config", "", "YAML file with these flags by name; flags given on the command line win")
	set.Uint64Var(&f.Seed, "seed", 0, "seed of injected faults that strike by chance")
}

// resolve reads the config file and checks the flags.
func (f *serveFlags) resolve(set *pflag.FlagSet) error {
	if f.config != "" {
		if err := applyConfig(set, f.config); err != nil {
			return usageError{err}
		}
	}
	if f.Limits != fakeserver.LimitsOff && f.Limits != fakeserver.LimitsDocumented {
		return usageError{fmt.Errorf("--limits %q: use off or documented", f.Limits)}
	}
	if f.WebInstances < 1 {
		return usageError{fmt.Errorf("--web-instances %d: at least 1", f.WebInstances)}
	}
	for _, flag := range []struct {
		name  string
		value int64
	}{
		{"recall-window", int64(f.RecallWindow)},
		{"retention", int64(f.Retention)},
		{"max-message", int64(f.MaxMessage)},
		{"max-file", f.MaxFile},
		{"media-cap", f.MediaCap},
	} {
		if flag.value <= 0 { // 0 is the default to Start
			return usageError{fmt.Errorf("--%s %s: more than 0", flag.name, set.Lookup(flag.name).Value)}
		}
	}
	f.Version = versionText()
	f.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	return nil
}

// applyConfig sets the flags that a file names and the command line does not.
func applyConfig(set *pflag.FlagSet, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	var values map[string]yaml.Node
	if err := yaml.Unmarshal(text, &values); err != nil {
		return fmt.Errorf("--config %s: %w", path, err)
	}
	for name, node := range values {
		flag := set.Lookup(name)
		if flag == nil || name == "config" {
			return fmt.Errorf("--config %s:%d: unknown key %q", path, node.Line, name)
		}
		if flag.Changed {
			continue
		}
		value := node.Value
		switch node.Kind {
		case yaml.ScalarNode:
		case yaml.SequenceNode:
			var items []string
			if err := node.Decode(&items); err != nil {
				return fmt.Errorf("--config %s:%d: %s: %w", path, node.Line, name, err)
			}
			value = strings.Join(items, ",")
		default:
			return fmt.Errorf("--config %s:%d: %s: neither a value nor a list of values", path, node.Line, name)
		}
		if err := flag.Value.Set(value); err != nil {
			return fmt.Errorf("--config %s:%d: %s: %w", path, node.Line, name, err)
		}
	}
	return nil
}

func (f *serveFlags) start() (*fakeserver.Server, error) {
	srv, err := fakeserver.Start(f.Options)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use: choose another --addr (port 0 takes a free one)", f.Addr)
	}
	return srv, err
}

func newServe() *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use: "serve", Short: "Run a backend until interrupted",
		Long: `Run a backend until interrupted. The genuine SDKs log in to it when their
proxyServer option is set to the URL it prints; people find what it offers at
the other one.

` + caps{&f.Options}.usage(),
		Example: `  imsim serve
  imsim serve --addr 127.0.0.1:9000 --secret "$KEY" --web-instances 3
  imsim serve --state world.json
  imsim serve --cap group-members=20,groups-of-user=50`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.resolve(c.Flags()); err != nil {
				return err
			}
			srv, err := f.start()
			if err != nil {
				return err
			}
			announce(c.OutOrStdout(), srv)
			<-c.Context().Done()
			return srv.Close()
		},
	}
	f.add(c.Flags(), "127.0.0.1:8090")
	return c
}

func announce(w io.Writer, srv *fakeserver.Server) {
	fmt.Fprintf(w, "SDK (proxyServer): %s\nfor people:        %s/\n", srv.URL(), strings.TrimSuffix(srv.HTTP(), "/"))
}
