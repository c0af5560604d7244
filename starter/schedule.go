package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

func (p *program) scheduleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schedule",
		Short: "Keep the schedules that start runs, and steer them",
		Long: "schedule keeps one Temporal schedule for each integration, or for each of its shards. What they are follows from the\n" +
			"definitions, which app-interface overrides (integrations_v1), which schedules.yaml overrides.",
		Example: "  starter schedule diff\n  starter schedule apply\n  starter schedule pause 'openshift-*' --reason 'prod-1 is rebuilt'",
		Args:    exactly(1, "one of apply, diff, list, describe, pause, resume, trigger, delete"),
		RunE: func(_ *cobra.Command, args []string) error {
			return usageError{fmt.Errorf("unknown command %q for \"starter schedule\"", args[0])}
		},
	}
	cmd.AddCommand(p.scheduleApplyCommand(), p.scheduleDiffCommand(), p.scheduleListCommand(), p.scheduleDescribeCommand(),
		p.schedulePauseCommand(), p.scheduleResumeCommand(), p.scheduleTriggerCommand(), p.scheduleDeleteCommand())
	return cmd
}

// schedules opens the client of Temporal's schedules.
func (p *program) schedules(ctx context.Context, by string) (*temporalapi.Client, func(), error) {
	c, err := p.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	return temporalapi.New(temporalapi.Config{
		Service: c.WorkflowService(), Namespace: c.Namespace, Identity: by, Converter: c.Payloads.Converter,
	}), c.Close, nil
}

// named returns the schedules whose ID or integration a name is, or whose ID a glob matches. A name that matches nothing
// is an error.
func named(all []temporalapi.Live, names []string) ([]temporalapi.Live, error) {
	chosen := map[string]bool{}
	var ids []string
	for _, s := range all {
		ids = append(ids, s.ID)
	}
	for _, name := range names {
		found := false
		for _, s := range all {
			matches, err := path.Match(name, s.ID)
			if err != nil {
				return nil, usageError{fmt.Errorf("%q: %w", name, err)}
			}
			if matches || s.Integration == name {
				found, chosen[s.ID] = true, true
			}
		}
		if !found {
			return nil, usageError{fmt.Errorf("there is no schedule %q%s", name, reconcile.Suggest(name, ids, ""))}
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(s temporalapi.Live) bool { return !chosen[s.ID] }), nil
}

// someSchedules is the check for at least one name.
func someSchedules(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usageError{errors.New("expected the ID of a schedule, an integration or a glob, or several of them")}
	}
	return nil
}
