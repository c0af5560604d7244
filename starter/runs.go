package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/views"
)

// runsFlags say which runs are listed.
type runsFlags struct {
	integrations, outcomes []string
	since                  time.Duration
	scope                  string
	most                   int
	output                 string
}

func (p *program) runsCommand() *cobra.Command {
	f := runsFlags{}
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List the runs that Temporal keeps",
		Long: "runs lists those that go on, and then those that have ended, the latest first; dry runs too. The runs of a schedule and those that people\n" +
			"started stand side by side; `starter show` tells them apart. With --scope it lists the children that cover that scope.",
		Example: "  starter runs --integration openshift-namespaces --since 24h\n  starter runs --outcome failed,invalid,timed-out\n  starter runs --integration 'openshift-*' --scope prod-1 -n 10\n  starter runs -o json | jq -r '.[].ui'",
		Args:    exactly(0, "no arguments; the integration is named with --integration"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.runs(cmd.Context(), f) },
	}
	cmd.Flags().StringSliceVar(&f.integrations, "integration", nil, "names of integrations, or globs (default all)")
	cmd.Flags().DurationVar(&f.since, "since", 0, "list only runs that began so long ago at most, such as 24h")
	cmd.Flags().StringSliceVar(&f.outcomes, "outcome", nil, "list only runs with one of these outcomes: "+strings.Join(views.Outcomes(), ", "))
	cmd.Flags().StringVar(&f.scope, "scope", "", "list what covered this scope, such as a cluster")
	cmd.Flags().IntVarP(&f.most, "number", "n", 50, "how many are listed at most")
	cmd.Flags().StringVarP(&f.output, "output", "o", "table", "table or json")
	return cmd
}

// filter checks the flags.
func (f runsFlags) filter(p *program, now time.Time) (views.Filter, error) {
	filter := views.Filter{Outcomes: f.outcomes, Scope: f.scope, Most: f.most}
	if f.most < 1 {
		return filter, usageError{apierr.Errorf(apierr.Invalid, "-n %d: expected 1 or more", f.most)}
	}
	if f.since < 0 {
		return filter, usageError{apierr.Errorf(apierr.Invalid, "--since %s: expected how long ago, such as 24h", f.since)}
	}
	if f.since > 0 {
		filter.Since = now.Add(-f.since)
	}
	for _, outcome := range f.outcomes {
		if !slices.Contains(views.Outcomes(), outcome) {
			return filter, usageError{apierr.Errorf(apierr.Invalid, "--outcome %s: expected one of %s", outcome, strings.Join(views.Outcomes(), ", "))}
		}
	}
	selected, err := p.selected(f.integrations)
	for _, d := range selected {
		filter.Integrations = append(filter.Integrations, d.Name)
	}
	return filter, err
}

func (p *program) runs(ctx context.Context, f runsFlags) error {
	if err := format(f.output, "table", "json"); err != nil {
		return err
	}
	now := time.Now()
	filter, err := f.filter(p, now)
	if err != nil {
		return err
	}
	source, err := p.views(ctx)
	if err != nil {
		return err
	}
	defer source.Close()
	listed, err := source.Runs(ctx, filter)
	if err != nil {
		return err
	}
	if listed.Unsearchable {
		fmt.Fprintln(p.stderr, unsearchable)
	}
	if f.output == "json" {
		return writeJSON(p.stdout, listed.Runs)
	}
	l := p.look()
	g := &grid{columns: []string{"workflow", "outcome", "changes", "ago", "took", "run"}}
	for _, run := range listed.Runs {
		changes := ""
		if run.Changes != nil {
			changes = fmt.Sprint(*run.Changes)
		}
		g.add(run.UI, shownID(run), l.outcome(run.Outcome), changes, age(now.Sub(run.Started)), took(run.Took(now)), run.RunID)
	}
	if len(listed.Runs) == 0 {
		fmt.Fprintln(p.stdout, "Temporal keeps no such run.")
		return nil
	}
	fmt.Fprintln(p.stdout, strings.Join(g.lines(l), "\n"))
	if listed.More {
		fmt.Fprintf(p.stdout, "There are more; `-n %d` shows them.\n", 4*f.most)
	}
	return nil
}

// shownID is the workflow's ID. That of a dry run is random, and the run's ID makes up for it.
func shownID(run views.Run) string {
	id, _, dry := strings.Cut(run.WorkflowID, "/dry-run/")
	if !dry {
		return id
	}
	if run.Scope != "" {
		id += "/" + run.Scope
	}
	return id + " (dry)"
}
