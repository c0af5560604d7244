package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/app-sre/qontract-temporal/internal/paramflags"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

// runFlags are the flags of a run that do not depend on the integration.
type runFlags struct {
	integration      string
	dryRun           bool
	wait             bool
	output           string
	detailedExitcode bool
	validateSchemas  bool
	pinned           bool
	compare          compareFlags
}

// runCommand makes `run`, and `plan`, which is a dry run that names its integration without a flag.
func (p *program) runCommand(verb string) (*cobra.Command, error) {
	f := &runFlags{}
	cmd := &cobra.Command{
		Use:   "run --integration NAME",
		Short: "Run an integration and show what it does",
		Long: "run starts the integration's workflow, shows its progress and ends with the plan and what was applied.\n" +
			"Exit status: 0 success, 1 failure or findings, 2 a dry run found changes (with --detailed-exitcode), 3 changes are held for approval,\n" +
			"4 app-interface does not know the integration, 5 it queried a forbidden schema, 64 usage error, 130 interrupted: the run goes on.",
		Example: "  starter run --integration openshift-resourcequotas\n  starter run --integration quay-membership --dry-run -o json\n  starter run --integration openshift-namespaces --cluster-name prod-1 --wait=false",
		Args:    exactly(0, "the integration as --integration NAME, and nothing else"),
	}
	if verb == "plan" {
		cmd.Use, cmd.Short, cmd.Args = "plan NAME", "Show what a run would change", exactly(1, "the name of one integration")
		cmd.Long = "plan runs the integration dry: it reads everything, compares, and changes nothing."
		cmd.Example = "  starter plan openshift-limitranges\n  starter plan openshift-namespaces --cluster-name prod-1 --detailed-exitcode"
		f.dryRun = true
	} else {
		cmd.Flags().StringVar(&f.integration, "integration", "", "name of the integration, see `starter list`")
		cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "read and compare, change nothing")
		cmd.Flags().BoolVar(&f.wait, "wait", true, "wait for the end and show it")
	}
	cmd.Flags().StringVarP(&f.output, "output", "o", "text", "text or json")
	cmd.Flags().BoolVar(&f.detailedExitcode, "detailed-exitcode", false, "end with 2 when a dry run found changes")
	cmd.Flags().BoolVar(&f.validateSchemas, "validate-schemas", true, "the integration may query only the schemas that its datafile lists")
	cmd.Flags().BoolVar(&f.pinned, "gql-sha-url", true, "pin the run to one bundle")
	f.compare.add(cmd.Flags())
	var d reconcile.Definition
	var values paramflags.Values
	if name := integrationNamed(p.args, verb, p.registry); name != "" {
		var err error
		if d, err = p.registry.Get(name); err != nil {
			return nil, usageError{err}
		}
		values = paramflags.Add(cmd.Flags(), d.Params)
		cmd.Long += "\n\n" + d.Name + ": " + d.Summary
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := format(f.output, "text", "json"); err != nil {
			return err
		}
		if d.Name == "" {
			return usageError{fmt.Errorf("no integration given: `starter run --integration NAME`, see `starter list`")}
		}
		args, err := values.Args(cmd.Flags(), d, p.getenv)
		if err != nil {
			return usageError{err}
		}
		if err := d.Permit(args, f.dryRun); err != nil {
			return usageError{err}
		}
		f.wait = f.wait || verb == "plan"
		in := workflows.Input{DryRun: f.dryRun, Args: args, Unpinned: !f.pinned, AnySchema: !f.validateSchemas}
		if err := f.compare.apply(cmd.Flags(), p.getenv, &in); err != nil {
			return err
		}
		return p.run(cmd.Context(), d, f, in)
	}
	return cmd, nil
}

// integrationNamed finds the integration on the command line, whose flags depend on it. Which arguments are values of
// its flags is not known before; one that is an integration's name is taken for that.
func integrationNamed(args []string, verb string, registry *reconcile.Registry) string {
	verbAt := slices.Index(args, verb)
	if verbAt < 0 {
		return ""
	}
	args = args[verbAt+1:]
	if verb == "plan" {
		for _, arg := range args {
			if _, err := registry.Get(arg); err == nil {
				return arg
			}
		}
		if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
			return args[0]
		}
		return ""
	}
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--integration="); ok {
			return value
		}
		if arg == "--integration" && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

func (p *program) run(ctx context.Context, d reconcile.Definition, f *runFlags, in workflows.Input) error {
	c, err := p.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	started, err := c.ExecuteWorkflow(ctx, startOptions(d, in), d.Name, in)
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return fmt.Errorf("a run of %s is in progress already: `starter watch %s` shows it", d.Name, d.RunID(in.Args))
	}
	if err != nil {
		return fmt.Errorf("start %s: %w", d.Name, err)
	}
	if !f.wait {
		return p.printStarted(f.output, d.Name, started.GetID(), started.GetRunID(), in.DryRun)
	}
	w := p.watcher(c)
	w.warnWithoutWorker(ctx, d.Name)
	result, err := w.follow(ctx, started.GetID(), started.GetRunID())
	if err != nil {
		return err
	}
	if err := p.print(f.output, result); err != nil {
		return err
	}
	p.printPage(f.output, c, result)
	return exitOf(result, f.detailedExitcode)
}

// startOptions give a run that writes the ID of its integration, or of what it is about, so that two never overlap. A dry run
// gets an ID of its own.
func startOptions(d reconcile.Definition, in workflows.Input) client.StartWorkflowOptions {
	options := client.StartWorkflowOptions{
		ID:                                       d.RunID(in.Args),
		TaskQueue:                                d.Name,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		WorkflowExecutionTimeout:                 workflows.LongestRun,
		StaticSummary:                            d.Summary,
	}
	if in.DryRun {
		options.ID = workflows.DryRunID(d.Name, uuid.NewString())
		options.StaticSummary = "dry run: " + d.Summary
	}
	return options
}

// exitOf is the exit status that a result ends with.
func exitOf(r *workflows.Result, detailed bool) error {
	switch r.Outcome {
	case workflows.Failed:
		for _, failure := range r.Errors {
			switch failure.Kind {
			case "UnknownIntegration":
				return exitError(exitUnknownIntegration)
			case "ForbiddenSchema":
				return exitError(exitForbiddenSchema)
			}
		}
		return exitError(exitFailure)
	case workflows.Invalid:
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
