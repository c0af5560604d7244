package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
)

// scheduleFile overrides app-interface where it is there.
const scheduleFile = "schedules.yaml"

// wishFlags say where it stands what the schedules are to be.
type wishFlags struct {
	config, url, file     string
	environment, upstream string
	output, by            string
	dryRun                bool
	allowDeletes          bool
	detailedExitcode      bool
}

func (f *wishFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.config, "config", "", "configuration file, for the address of app-interface (default $QONTRACT_CONFIG)")
	flags.StringVar(&f.url, "url", "", "GraphQL endpoint of app-interface, instead of a configuration file")
	flags.StringVar(&f.file, "file", "", "local overrides (default "+scheduleFile+", where there is one)")
	flags.StringVar(&f.environment, "environment-name", "", "only what is managed in this environment; a Temporal namespace is for one environment")
	flags.StringVar(&f.upstream, "upstream", fleet.Upstream, "upstream of the integrations that are ours")
	flags.StringVarP(&f.output, "output", "o", "text", "text or json")
	flags.BoolVar(&f.detailedExitcode, "detailed-exitcode", false, "end with 2 when there is something to change")
}

const scheduleExits = "Exit status: 0 success, 1 something failed or a datafile has to be corrected, 2 there is something to change (with\n" +
	"--detailed-exitcode), 3 deletes are held, 64 usage error."

func (p *program) scheduleDiffCommand() *cobra.Command {
	f := &wishFlags{dryRun: true, allowDeletes: true}
	cmd := &cobra.Command{
		Use:     "diff",
		Short:   "Show what apply would change",
		Long:    "diff compares the schedules with what they should be and changes nothing. It also says which integrations have none, and why.\n" + scheduleExits,
		Example: "  starter schedule diff --url http://localhost:4000/graphql\n  starter schedule diff --detailed-exitcode -o json",
		Args:    exactly(0, "no arguments"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.applySchedules(cmd.Context(), f) },
	}
	f.add(cmd)
	return cmd
}

func (p *program) scheduleApplyCommand() *cobra.Command {
	f := &wishFlags{}
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Make the schedules what they should be",
		Long: "apply shows what it changes and makes, changes and removes schedules of ours. A person's pause stays. Schedules of an integration whose\n" +
			"datafile has a mistake stay as they are. Deletes that are suddenly many are held: " + plan.DefaultGuard().Describe() + ".\n" + scheduleExits,
		Example: "  starter schedule apply\n  starter schedule apply --environment-name stage --file schedules-stage.yaml\n  starter schedule apply --dry-run",
		Args:    exactly(0, "no arguments"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.applySchedules(cmd.Context(), f) },
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "show what would change, and why integrations have no schedule; change nothing")
	cmd.Flags().BoolVar(&f.allowDeletes, "allow-deletes", false, "delete schedules, however many they are")
	cmd.Flags().StringVar(&f.by, "by", "", "who does it (default your user and host)")
	return cmd
}

func (p *program) applySchedules(ctx context.Context, f *wishFlags) error {
	if err := format(f.output, "text", "json"); err != nil {
		return err
	}
	wanted, bundle, err := p.wantedFleet(ctx, f)
	if err != nil {
		return err
	}
	c, closed, err := p.schedules(ctx, cmp.Or(f.by, identity()))
	if err != nil {
		return err
	}
	defer closed()
	live, err := c.ListSchedules(ctx, wanted.IDs()...)
	if err != nil {
		return err
	}
	current := make([]fleet.Schedule, len(live))
	for i := range live {
		current[i] = fleet.FromTemporal(live[i])
	}
	changes, kept := wanted.Changes(current)
	r := newScheduleReport(wanted, bundle, changes, kept, f, len(current))
	if f.output == "text" {
		r.printPlan(p, changes)
	}
	if !f.dryRun {
		r.apply(readonly.Grant(ctx), c, changes, func(change string, err error) { fmt.Fprintf(p.stderr, "failed to %s: %v\n", change, err) })
	}
	if f.output == "json" {
		err = writeJSON(p.stdout, r)
	} else {
		r.printEnd(p)
	}
	return cmp.Or(err, r.exit(f.detailedExitcode))
}

// wantedFleet reads what the schedules should be.
func (p *program) wantedFleet(ctx context.Context, f *wishFlags) (fleet.Fleet, string, error) {
	local, err := p.localOverrides(f.file)
	if err != nil {
		return fleet.Fleet{}, "", err
	}
	app, err := queryClient(f.config, f.url)
	if err != nil {
		return fleet.Fleet{}, "", err
	}
	bundle, err := pin(ctx, app, "")
	if err != nil {
		return fleet.Fleet{}, "", err
	}
	data, err := fleet.Read(ctx, app.For("", bundle, false))
	if err != nil {
		return fleet.Fleet{}, "", err
	}
	return fleet.New(data, fleet.Options{Registry: p.registry, Local: local, Environment: f.environment, Upstream: f.upstream}), bundle, nil
}

// localOverrides reads the file. One that is not named need not be there.
func (p *program) localOverrides(file string) (fleet.Local, error) {
	text, err := os.ReadFile(cmp.Or(file, scheduleFile))
	if file == "" && errors.Is(err, fs.ErrNotExist) {
		return fleet.Local{}, nil
	}
	if err != nil {
		return nil, usageError{err}
	}
	local, err := fleet.ParseLocal(text, p.registry)
	if err != nil {
		return nil, usageError{apierr.Errorf(apierr.Invalid, "%s: %w", cmp.Or(file, scheduleFile), err)}
	}
	return local, nil
}
