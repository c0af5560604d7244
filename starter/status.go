package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/views"
)

// statusFlags say what of the fleet is shown, and how often.
type statusFlags struct {
	failing, held, stuck bool
	once                 bool
	every                time.Duration
	output               string
}

func (p *program) statusCommand() *cobra.Command {
	f := statusFlags{}
	cmd := &cobra.Command{
		Use:   "status [NAME...]",
		Short: "Show how the whole fleet is, on one screen",
		Long: "status shows each integration, the most urgent first: its state and since when, its last run, the next one, and what goes on now; then\n" +
			"what people should see to: held changes, what is stuck or waits, paused schedules, queues that nobody works on. NAMEs may be globs.\n\n" +
			"On a terminal it looks again every few seconds until Ctrl-C.\n\n" +
			"States: stuck (no step of a run ends), failing (the last run ended badly), held (changes wait for a decision), paused, waiting (changes wait for\n" +
			"others), running (the first run), never (no run is known), ok.",
		Example: "  starter status\n  starter status --failing --stuck\n  starter status 'openshift-*' '!openshift-users'\n  starter status --once -o json | jq .totals",
		RunE: func(cmd *cobra.Command, names []string) error {
			if err := format(f.output, "table", "json"); err != nil {
				return err
			}
			if f.every < time.Second {
				return usageError{apierr.Errorf(apierr.Invalid, "--every %s: expected a second or more", f.every)}
			}
			selected, err := p.selected(names)
			if err != nil {
				return err
			}
			return p.status(cmd.Context(), f, selected)
		},
	}
	cmd.Flags().BoolVar(&f.failing, "failing", false, "show only what is failing")
	cmd.Flags().BoolVar(&f.held, "held", false, "show only what holds changes")
	cmd.Flags().BoolVar(&f.stuck, "stuck", false, "show only what is stuck")
	cmd.Flags().BoolVar(&f.once, "once", false, "look once, also on a terminal")
	cmd.Flags().DurationVar(&f.every, "every", 5*time.Second, "pause between two looks")
	cmd.Flags().StringVarP(&f.output, "output", "o", "table", "table or json")
	return cmd
}

// selected are the integrations that globs name; none names all.
func (p *program) selected(globs []string) ([]reconcile.Definition, error) {
	if len(globs) == 0 {
		return p.registry.All(), nil
	}
	definitions, err := p.registry.Select(strings.Join(globs, ","))
	if err != nil {
		return nil, usageError{err}
	}
	return definitions, nil
}

// only is the filter of the flags; several show what meets any of them.
func (f statusFlags) only() func(views.Integration) bool {
	if !f.failing && !f.held && !f.stuck {
		return nil
	}
	return func(one views.Integration) bool {
		failing := one.State == views.Failing || slices.ContainsFunc(one.Shards, func(s views.Shard) bool { return s.State == views.Failing }) ||
			one.State == views.Stuck && one.Last != nil && !one.Last.Well()
		return f.failing && failing || f.held && len(one.Held) > 0 || f.stuck && one.State == views.Stuck
	}
}

func (p *program) status(ctx context.Context, f statusFlags, integrations []reconcile.Definition) error {
	source, err := p.views(ctx)
	if err != nil {
		return err
	}
	defer source.Close()
	read := func(ctx context.Context) (*views.Fleet, error) {
		return source.Fleet(ctx, views.FleetOptions{Registry: p.registry, Integrations: integrations, Only: f.only(), Queues: true})
	}
	l := p.look()
	if l.terminal && !f.once && f.output == "table" {
		ticker := time.NewTicker(f.every)
		defer ticker.Stop()
		return screen{out: p.stdout, look: p.look, ticks: ticker.C}.show(ctx, read)
	}
	fleet, err := read(ctx)
	if err != nil {
		return err
	}
	if f.output == "json" {
		return writeJSON(p.stdout, fleet)
	}
	fmt.Fprintln(p.stdout, strings.Join(statusText{l, fleet}.lines(0), "\n"))
	return nil
}
