package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/internal/earlyexit"
)

// cacheFlags name an entry of the early exit cache, with the reference's flags.
type cacheFlags struct {
	config         string
	key            earlyexit.Key
	source, output string
	ttl            int
	latest         string
	payload        string
	value          earlyexit.Value
}

func (p *program) earlyExitCacheCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "early-exit-cache",
		Short: "Look at and mend the outcomes that extended early exit remembers",
		Long: "An entry belongs to an integration, its version, a shard, dry or real runs, and what decides the run: its source as JSON\n" +
			"(--cache-source), or the digest of that (--cache-source-digest). The entries are kept in the state, see `starter state`.",
		Example: "  starter early-exit-cache head -i terraform-resources -v 0.5.2 --dry-run -s prod --cache-source \"$(cat source.json)\"\n" +
			"  starter early-exit-cache delete -i terraform-resources -v 0.5.2 --dry-run -s prod -d 3f1c9a",
	}
	cmd.AddCommand(p.cacheHeadCommand(), p.cacheGetCommand(), p.cacheSetCommand(), p.cacheDeleteCommand())
	return cmd
}

// cacheCommand makes a command that works on one entry.
func (p *program) cacheCommand(use, short string, run func(*cobra.Command, *cacheFlags, *earlyexit.Cache) error) (*cobra.Command, *cacheFlags) {
	f := &cacheFlags{}
	cmd := &cobra.Command{
		Use:     use + " --integration NAME --integration-version V (--cache-source JSON | --cache-source-digest D)",
		Short:   short,
		Example: "  starter early-exit-cache " + use + " -i terraform-resources -v 0.5.2 --no-dry-run -s prod -d 3f1c9a",
		Args:    exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := format(f.output, "text", "json"); err != nil {
				return err
			}
			if (f.source == "") == (f.key.Digest == "") {
				return usageError{errors.New("expected one of --cache-source and --cache-source-digest")}
			}
			if f.source != "" {
				digest, err := earlyexit.DigestJSON(json.RawMessage(f.source))
				if err != nil {
					return usageError{err}
				}
				f.key.Digest = digest
			}
			if _, err := f.key.Path(); err != nil {
				return usageError{err}
			}
			return run(cmd, f, earlyexit.New(p.store(f.config, earlyexit.Integration), time.Now))
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.key.Integration, "integration", "i", "", "the integration")
	flags.StringVarP(&f.key.Version, "integration-version", "v", "", "its version")
	flags.BoolVar(&f.key.DryRun, "dry-run", false, "the entry of dry runs")
	flags.BoolFunc("no-dry-run", "the entry of real runs (default)", func(string) error {
		f.key.DryRun = false
		return nil
	})
	flags.StringVarP(&f.source, "cache-source", "c", "", "what decides the run, as JSON")
	flags.StringVarP(&f.key.Digest, "cache-source-digest", "d", "", "the digest of what decides the run")
	flags.StringVarP(&f.key.Shard, "shard", "s", "", "the shard")
	flags.StringVarP(&f.output, "output", "o", "text", "text or json")
	flags.StringVar(&f.config, "config", "", "configuration file (default $QONTRACT_CONFIG); needed only where app-interface or its secrets say where state is")
	return cmd, f
}

// entryHead is the head of an entry as it is shown.
type entryHead struct {
	Digest string `json:"digest"`
	earlyexit.Head
}

func (p *program) cacheHeadCommand() *cobra.Command {
	cmd, _ := p.cacheCommand("head", "Say whether an entry answers for a run", func(cmd *cobra.Command, f *cacheFlags, c *earlyexit.Cache) error {
		head, err := c.Head(cmd.Context(), f.key)
		if err != nil {
			return err
		}
		if f.output == "json" {
			return writeJSON(p.stdout, entryHead{f.key.Digest, head})
		}
		fmt.Fprintf(p.stdout, "%s\ndigest %s\nlatest digest of a real run %s\n", head.Status, f.key.Digest, head.Latest)
		return nil
	})
	return cmd
}

func (p *program) cacheGetCommand() *cobra.Command {
	cmd, _ := p.cacheCommand("get", "Print an entry", func(cmd *cobra.Command, f *cacheFlags, c *earlyexit.Cache) error {
		value, err := c.Get(cmd.Context(), f.key)
		if err != nil {
			return err
		}
		if f.output == "json" {
			return writeJSON(p.stdout, value)
		}
		fmt.Fprintf(p.stdout, "applied %d\npayload %s\n%s\n", value.AppliedCount, value.Payload, value.LogOutput)
		return nil
	})
	return cmd
}

func (p *program) cacheSetCommand() *cobra.Command {
	cmd, f := p.cacheCommand("set", "Store an entry", func(cmd *cobra.Command, f *cacheFlags, c *earlyexit.Cache) error {
		if !json.Valid([]byte(f.payload)) {
			return usageError{errors.New("--payload is not JSON")}
		}
		f.value.Payload = json.RawMessage(f.payload)
		if err := c.Set(cmd.Context(), f.key, f.value, time.Duration(f.ttl)*time.Second, f.latest); err != nil {
			return err
		}
		return p.printCacheDone(f, "stored")
	})
	flags := cmd.Flags()
	flags.StringVarP(&f.payload, "payload", "p", "null", "the payload, as JSON")
	flags.StringVarP(&f.value.LogOutput, "log-output", "l", "", "what the run logged")
	flags.IntVarP(&f.value.AppliedCount, "applied-count", "a", 0, "number of changes; with any the entry expires at once")
	flags.IntVarP(&f.ttl, "ttl", "t", int(earlyexit.DefaultTTL/time.Second), "seconds until it expires")
	flags.StringVar(&f.latest, "latest-cache-source-digest", "", "the digest of the latest real run")
	return cmd
}

func (p *program) cacheDeleteCommand() *cobra.Command {
	cmd, _ := p.cacheCommand("delete", "Remove an entry", func(cmd *cobra.Command, f *cacheFlags, c *earlyexit.Cache) error {
		if err := c.Delete(cmd.Context(), f.key); err != nil {
			return err
		}
		return p.printCacheDone(f, "removed")
	})
	return cmd
}

func (p *program) printCacheDone(f *cacheFlags, done string) error {
	path, err := f.key.Path()
	if err != nil {
		return err
	}
	if f.output == "json" {
		return writeJSON(p.stdout, map[string]string{"key": path, "done": done})
	}
	fmt.Fprintf(p.stdout, "%s: %s\n", done, path)
	return nil
}
