package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/internal/views"
)

func (p *program) showCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "show WORKFLOW [RUN]",
		Short: "Show one run: its plan, what was applied, who approved",
		Long: "show takes the ID of a workflow, which is the integration's name, or <integration>/<scope>, and shows its latest run, or the one whose run ID\n" +
			"is given. It says what started the run, what it planned and applied, what it found, what is held and who decided on that, and what failed.\n" +
			"Of a run that goes on it shows what was done by now. An approval/<integration>/<scope> is shown as well.",
		Example: "  starter show openshift-namespaces\n  starter show openshift-namespaces/prod-1 -o markdown\n  starter show quay-membership 0199f0c1-7d0c-7d3e-9d4e-0a7b4a2f6c11 -o json\n  starter show approval/openshift-namespaces/prod-1",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 2 {
				return nil
			}
			return exactly(1, "the ID of one workflow, and the ID of a run where it is not the latest")(nil, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := format(output, "text", "json", "markdown"); err != nil {
				return err
			}
			runID := ""
			if len(args) == 2 {
				runID = args[1]
			}
			return p.showRun(cmd.Context(), args[0], runID, output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text, json or markdown")
	return cmd
}

func (p *program) showRun(ctx context.Context, workflowID, runID, output string) error {
	source, err := p.views(ctx)
	if err != nil {
		return err
	}
	defer source.Close()
	detail, err := source.Detail(ctx, workflowID, runID)
	if err != nil {
		return err
	}
	switch output {
	case "json":
		return writeJSON(p.stdout, detail)
	case "markdown":
		return p.writeMarkdown(detail)
	}
	p.printDetail(detail)
	return nil
}

// facts are what there is to say of a run as such, each with its name.
func facts(d *views.Detail) [][2]string {
	all := [][2]string{{"workflow", d.WorkflowID}, {"run", d.RunID}, {"outcome", outcomeOf(d)}, {"started", startedBy(d)}}
	if d.Scope != "" {
		all = append(all, [2]string{"scope", d.Scope})
	}
	if d.Approved != nil {
		all = append(all, [2]string{"approved", decided("by "+d.Approved.By, d.Approved.Comment)})
	}
	all = append(all, [2]string{"took", lasted(d)})
	if d.Bundle != "" {
		all = append(all, [2]string{"bundle", d.Bundle})
	}
	if args := argsOf(d); args != "" {
		all = append(all, [2]string{"flags", args})
	}
	if d.Step != "" {
		all = append(all, [2]string{"now", d.Step})
	}
	if d.Result.Reason != "" {
		all = append(all, [2]string{"reason", d.Result.Reason})
	}
	if d.UI != "" {
		all = append(all, [2]string{"page", d.UI})
	}
	return all
}
