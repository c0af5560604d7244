package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/integrations/saas/openshiftsaasdeploy"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// rollbackCommand makes `rollback`.
func (p *program) rollbackCommand() *cobra.Command {
	f := &runFlags{wait: true}
	apply := false
	cmd := &cobra.Command{
		Use:   "rollback SAAS-FILE ENVIRONMENT",
		Args:  exactly(2, "the names of one saas file and one of its environments"),
		Short: "Deploy the commits that succeeded before",
		Long: "rollback shows what it would change. With --apply it deploys to each target the commit that succeeded there the last time, other than the\n" +
			"one that its ref stands for. The refs in app-interface stay as they are: the next deployment takes the targets forward again.",
		Example: "  starter rollback cart prod\n  starter rollback cart prod --apply",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := format(f.output, "text", "json"); err != nil {
				return err
			}
			f.dryRun = !apply
			if err := p.rollback(cmd.Context(), f, args[0], args[1]); err != nil {
				return err
			}
			if f.dryRun && f.output == "text" {
				_, err := fmt.Fprintln(p.stdout, "Nothing was changed. `starter rollback "+args[0]+" "+args[1]+" --apply` does it.")
				return err
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&apply, "apply", false, "do it, in place of showing it")
	cmd.Flags().StringVarP(&f.output, "output", "o", "text", "text or json")
	return cmd
}

func (p *program) rollback(ctx context.Context, f *runFlags, file, environment string) error {
	d, err := p.registry.Get(openshiftsaasdeploy.Name)
	if err != nil {
		return err
	}
	args, err := d.Args(plan.Args{"saas-file-name": {file}, "env-name": {environment}, openshiftsaasdeploy.RollbackFlag: {"true"}})
	if err != nil {
		return usageError{err}
	}
	return p.run(ctx, d, f, workflows.Input{DryRun: f.dryRun, Args: args})
}
