package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.temporal.io/sdk/temporal"
	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/paramflags"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/prcheck"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

// checkFlags are the flags of a check.
type checkFlags struct {
	base, head       string
	integrations     []string
	parallel         int
	timeout          time.Duration
	onlyAffected     bool
	output           string
	detailedExitcode bool
	config, url      string
}

func (p *program) checkCommand() *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use:   "check --base SHA",
		Short: "Run dry what a merge request of app-interface changes, and show one plan",
		Long: "check compares two bundles of app-interface. Every integration whose desired state differs runs dry, the others are skipped.\n" +
			"It ends with one plan; -o markdown is ready to be a comment of the merge request. An integration whose datafile says\n" +
			"pr_check.disabled is left out, unless it is named; one that says always_run is never skipped.\n" +
			"Exit status: 0 success, 1 a run failed or a validator found faults, 2 changes were found (with --detailed-exitcode),\n" +
			"3 changes would be held for approval, 64 usage error, 130 interrupted: the runs go on.",
		Example: "  starter check --base $MAIN_SHA\n  starter check --base $MAIN_SHA --head $MR_SHA -o markdown > comment.md\n" +
			"  starter check --base $MAIN_SHA --integration openshift-resourcequotas --integration openshift-limitranges -o json",
		Args: exactly(0, "no arguments; integrations are named with --integration NAME"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := format(f.output, "text", "json", "markdown"); err != nil {
				return err
			}
			if f.base == "" {
				f.base = p.getenv(envCompareSHA)
			}
			if !cmd.Flags().Changed(flagOnlyAffected) {
				f.onlyAffected = p.getenv(envOnlyAffected) == "true"
			}
			switch {
			case f.base == "":
				return usageError{errors.New("no bundle to compare with: `starter check --base SHA`")}
			case f.parallel < 1:
				return usageError{fmt.Errorf("--parallel %d: at least one integration has to run at a time", f.parallel)}
			case f.timeout <= 0:
				return usageError{fmt.Errorf("--timeout %s: a run needs some time", f.timeout)}
			}
			return p.check(cmd.Context(), f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.base, "base", "", "sha of the bundle to compare with (default $"+envCompareSHA+")")
	flags.StringVar(&f.head, "head", "", "sha of the bundle to check; the current one by default")
	flags.StringArrayVar(&f.integrations, "integration", nil, "only this integration (may be given several times)")
	flags.IntVar(&f.parallel, "parallel", 10, "number of integrations that run side by side")
	flags.DurationVar(&f.timeout, "timeout", time.Hour, "how long the run of one integration may take, waiting for a worker included")
	flags.BoolVar(&f.onlyAffected, flagOnlyAffected, false, "run only the scopes whose desired state differs, also of integrations whose datafile does not say so (default $"+envOnlyAffected+")")
	flags.StringVarP(&f.output, "output", "o", "text", "text, json or markdown")
	flags.BoolVar(&f.detailedExitcode, "detailed-exitcode", false, "end with 2 when changes were found")
	flags.StringVar(&f.config, "config", "", "configuration file, for the address of app-interface (default $QONTRACT_CONFIG)")
	flags.StringVar(&f.url, "url", "", "GraphQL endpoint of app-interface, instead of a configuration file")
	return cmd
}

// check runs the integrations and prints the report.
func (p *program) check(ctx context.Context, f *checkFlags) error {
	names, err := p.checked(f.integrations)
	if err != nil {
		return err
	}
	app, err := queryClient(f.config, f.url)
	if err != nil {
		return err
	}
	// All integrations read one bundle, whatever is loaded meanwhile.
	if f.head, err = pin(ctx, app, f.head); err != nil {
		return fmt.Errorf("--head: %w", err)
	}
	if _, err := pin(ctx, app, f.base); err != nil {
		return fmt.Errorf("--base: %w", err)
	}
	jobs, leftOut, err := prcheck.Jobs(ctx, app.For("", f.head, false), names, len(f.integrations) > 0)
	if err != nil {
		return err
	}
	c, err := p.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	results, err := p.runJobs(ctx, c, f, jobs)
	if err != nil {
		return err
	}
	report := prcheck.NewReport(f.base, f.head, results, leftOut)
	if err := p.printReport(f.output, report); err != nil {
		return err
	}
	return exitOfCheck(report, f.detailedExitcode)
}

// checked are the integrations that are named, or all.
func (p *program) checked(named []string) ([]string, error) {
	if len(named) == 0 {
		return p.registry.Names(), nil
	}
	for _, name := range named {
		if _, err := p.registry.Get(name); err != nil {
			return nil, usageError{err}
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(named))), nil
}

// pin returns the sha of a bundle that is served; that of the current one where it is empty.
func pin(ctx context.Context, app *appinterface.Client, sha string) (string, error) {
	if sha != "" {
		_, err := app.Bundle(ctx, sha)
		return sha, err
	}
	bundle, err := app.Pin(ctx)
	return bundle.SHA, err
}

// runJobs runs the jobs, some side by side. A run that does not end is a result of its own; the error says that nobody
// waits any longer.
func (p *program) runJobs(ctx context.Context, c *connect.Connection, f *checkFlags, jobs []prcheck.Job) ([]*workflows.Result, error) {
	results := make([]*workflows.Result, len(jobs))
	b := newBoard(p.stderr, p.interactive(), len(jobs))
	group := errgroup.Group{}
	group.SetLimit(f.parallel)
	for i, job := range jobs {
		group.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			b.begin(job.Integration)
			results[i] = p.runJob(ctx, c, f, job, b)
			b.end(results[i])
			return nil
		})
	}
	_ = group.Wait()
	b.clear()
	if ctx.Err() != nil {
		fmt.Fprintln(p.stderr, "Detached; the runs that have begun go on.")
		return nil, exitError(exitDetached)
	}
	return results, nil
}

// runJob runs one integration dry and waits for its end.
func (p *program) runJob(ctx context.Context, c *connect.Connection, f *checkFlags, job prcheck.Job, b *board) *workflows.Result {
	d, err := p.registry.Get(job.Integration)
	if err != nil {
		return prcheck.FailedRun(job.Integration, f.head, err)
	}
	in := job.Input(f.base, f.head, f.onlyAffected)
	if in.Args, err = p.jobArgs(d, job.Flags); err != nil {
		return prcheck.FailedRun(d.Name, f.head, err)
	}
	options := startOptions(d, in)
	options.WorkflowExecutionTimeout = f.timeout
	run, err := c.ExecuteWorkflow(ctx, options, d.Name, in)
	if err != nil {
		return prcheck.FailedRun(d.Name, f.head, fmt.Errorf("start %s: %w", d.Name, err))
	}
	if why := untaken(ctx, c, d.Name); why != "" {
		b.say("%s", why)
	}
	result := &workflows.Result{}
	err = run.Get(ctx, result)
	if failed := workflows.ResultOf(err); failed != nil {
		return failed
	}
	if err == nil {
		return result
	}
	if temporal.IsTimeoutError(err) {
		err = fmt.Errorf("the run did not end within %s (--timeout)", f.timeout)
	}
	failed := prcheck.FailedRun(d.Name, f.head, err)
	failed.WorkflowID, failed.RunID = run.GetID(), run.GetRunID()
	return failed
}

// jobArgs are the integration's flags as its datafile (pr_check.cmd) and the environment set them.
func (p *program) jobArgs(d reconcile.Definition, words []string) (plan.Args, error) {
	flags := pflag.NewFlagSet(d.Name, pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	values := paramflags.Add(flags, d.Params)
	err := flags.Parse(words)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	if err != nil {
		return nil, fmt.Errorf("correct pr_check.cmd in the datafile of %s: %w", d.Name, err)
	}
	return values.Args(flags, d, p.getenv)
}

// exitOfCheck is the exit status that a report ends with.
func exitOfCheck(r prcheck.Report, detailed bool) error {
	switch r.Outcome {
	case workflows.Failed, workflows.Invalid:
		return exitError(exitFailure)
	case workflows.Held:
		return exitError(exitHeld)
	case workflows.Planned:
		if detailed {
			return exitError(exitChanges)
		}
	case workflows.Clean, workflows.Success, workflows.Waiting, workflows.Skipped, workflows.Stuck:
	}
	return nil
}
