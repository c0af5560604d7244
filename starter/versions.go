package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/internal/versions"
)

func (p *program) versionsCommand() *cobra.Command {
	var deployment string
	cmd := &cobra.Command{
		Use:   "versions",
		Short: "Show the versions of the workers, and move runs to another one",
		Long: "versions is for workers that run with --build-id. New runs begin on the current version and end there; approvals and long-running\n" +
			"scopes move on to the version that is promoted. A version that is drained has nothing left to do, and its workers may be removed.",
		Example: "  starter versions list\n  starter versions promote 3f1c9a2b7d40\n  starter versions promote 3f1c9a2b7d40 --percentage 10\n  starter versions drained",
	}
	cmd.PersistentFlags().StringVar(&deployment, "deployment", versions.DefaultDeployment, "Worker Deployment; workers with --queue-suffix -prod-1 have qontract-temporal-prod-1")
	cmd.AddCommand(p.versionsListCommand(&deployment), p.promoteCommand(&deployment), p.drainedCommand(&deployment))
	return cmd
}

func (p *program) versionsListCommand(deployment *string) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the versions with their states",
		Example: "  starter versions list\n  starter versions list -o json",
		Args:    exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := format(output, "table", "json"); err != nil {
				return err
			}
			return p.withVersions(cmd.Context(), *deployment, func(d *versions.Deployment) error {
				all, err := d.List(cmd.Context())
				if err != nil {
					return err
				}
				return p.printVersions(output, all)
			})
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "table", "table or json")
	return cmd
}

func (p *program) drainedCommand(deployment *string) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:     "drained",
		Short:   "List the versions whose workers may be removed",
		Example: "  starter versions drained\n  starter versions drained -o json",
		Args:    exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := format(output, "names", "json"); err != nil {
				return err
			}
			return p.withVersions(cmd.Context(), *deployment, func(d *versions.Deployment) error {
				all, err := d.List(cmd.Context())
				if err != nil {
					return err
				}
				drained := []versions.Version{}
				for _, v := range all {
					if v.State == versions.Drained {
						drained = append(drained, v)
					}
				}
				if output == "json" {
					return writeJSON(p.stdout, drained)
				}
				for _, v := range drained {
					fmt.Fprintln(p.stdout, v.BuildID)
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "names", "names or json")
	return cmd
}

func (p *program) promoteCommand(deployment *string) *cobra.Command {
	var output string
	var timeout time.Duration
	promotion := versions.Promotion{}
	cmd := &cobra.Command{
		Use:   "promote BUILD",
		Short: "Send new runs to a version, once its workers take all queues",
		Long: "promote waits until each task queue of the current version has a worker of the new one. Then new runs begin there, and approvals and\n" +
			"long-running scopes move on to it. Runs that are under way end where they began. To roll back, promote the version before.",
		Example: "  starter versions promote 3f1c9a2b7d40\n  starter versions promote 3f1c9a2b7d40 --percentage 10\n  starter versions promote 3f1c9a2b7d40 --without-queue quay-mirror",
		Args:    exactly(1, "the build ID of one version"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := format(output, "table", "json"); err != nil {
				return err
			}
			if promotion.Percentage < 1 || promotion.Percentage > 100 {
				return usageError{fmt.Errorf("--percentage %d: expected 1 to 100", promotion.Percentage)}
			}
			promotion.BuildID = args[0]
			promotion.Waiting = func(missing []string) { p.showMissing(args[0], missing) }
			return p.withVersions(cmd.Context(), *deployment, func(d *versions.Deployment) error {
				ctx, cancel := context.WithTimeoutCause(cmd.Context(), timeout, fmt.Errorf("not promoted within %s", timeout))
				defer cancel()
				if err := d.Promote(ctx, promotion); err != nil {
					if errors.Is(cmd.Context().Err(), context.Canceled) {
						return exitError(exitDetached)
					}
					return err
				}
				all, err := d.List(cmd.Context())
				if err != nil {
					return err
				}
				return p.printVersions(output, all)
			})
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&promotion.Percentage, "percentage", 100, "part of the new runs; what is less than 100 leaves the current version in place")
	flags.StringArrayVar(&promotion.WithoutQueues, "without-queue", nil, "task queue that nobody has to take any more (may be given several times)")
	flags.DurationVar(&timeout, "timeout", 10*time.Minute, "how long to wait for workers")
	flags.StringVarP(&output, "output", "o", "table", "table or json")
	return cmd
}

// withVersions connects to Temporal for what is done with a deployment.
func (p *program) withVersions(ctx context.Context, deployment string, do func(*versions.Deployment) error) error {
	c, err := p.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return do(versions.Of(c.Client, c.Namespace, deployment))
}

// mostShown bounds the queues that a line names.
const mostShown = 5

// showMissing says what a promotion waits for.
func (p *program) showMissing(buildID string, missing []string) {
	if len(missing) == 0 {
		fmt.Fprintf(p.stderr, "waiting for workers of version %s\n", buildID)
		return
	}
	shown, more := missing, ""
	if len(shown) > mostShown {
		shown, more = shown[:mostShown], fmt.Sprintf(" and %d more", len(missing)-mostShown)
	}
	fmt.Fprintf(p.stderr, "waiting for workers of version %s that take %s%s\n", buildID, strings.Join(shown, ", "), more)
}

func (p *program) printVersions(output string, all []versions.Version) error {
	if output == "json" {
		return writeJSON(p.stdout, all)
	}
	t := newTable(p.stdout, "build", "state", "created")
	for _, v := range all {
		state := string(v.State)
		switch v.State {
		case versions.Ramping:
			state = fmt.Sprintf("%s, %g %% of new runs", state, v.Percentage)
		case versions.Drained:
			state += ": its workers may be removed"
		case versions.Inactive, versions.Current, versions.Draining:
		}
		t.AppendRow(table.Row{v.BuildID, state, v.Created.UTC().Format(time.DateTime)})
	}
	t.Render()
	return nil
}
