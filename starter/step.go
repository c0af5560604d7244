package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/workflows"
)

// stepCommand makes `retry-step` and `skip-step`.
func (p *program) stepCommand(verb string) *cobra.Command {
	var d workflows.StepDecision
	var output string
	cmd := &cobra.Command{
		Use:     verb + " WORKFLOW STEP",
		Args:    exactly(2, "the ID of one workflow and the name of one of its steps, as `starter watch` shows them"),
		Short:   "Have a step tried again from the beginning",
		Long:    "retry-step has a step that waits or is blocked tried at once; what was refused is asked for anew. It answers when that is done.",
		Example: "  starter watch aws-account-manager/payer-1/team-a\n  starter retry-step aws-account-manager/payer-1/team-a create-account --reason 'another e-mail address'",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := format(output, "text", "json"); err != nil {
				return err
			}
			d.Step = args[1]
			if d.By == "" {
				d.By = identity()
			}
			return p.messageStep(cmd, args[0], verb, d, output)
		},
	}
	if verb == workflows.SkipStepMessage {
		cmd.Short = "Take a step for done"
		cmd.Long = "skip-step records that a step is taken for done, with the reason, so that nobody begins it again until something else is wanted."
		cmd.Example = "  starter skip-step aws-account-manager/payer-1/team-a request-service-quota --reason 'AWS denied it, the team manages without'"
	}
	cmd.Flags().StringVar(&d.Reason, "reason", "", "why; others will read it")
	cmd.Flags().StringVar(&d.By, "by", "", "who decides (default your user and host)")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

func (p *program) messageStep(cmd *cobra.Command, workflowID, verb string, d workflows.StepDecision, output string) error {
	c, err := p.connect(cmd.Context())
	if err != nil {
		return err
	}
	defer c.Close()
	var step workflows.StepProgress
	handle, err := c.UpdateWorkflow(cmd.Context(), client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateName: verb, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(cmd.Context(), &step)
	}
	if err != nil {
		return aboutScope(verb, workflowID, err)
	}
	if output == "json" {
		return writeJSON(p.stdout, step)
	}
	fmt.Fprintf(p.stdout, "%s: %s", step.Key, step.State)
	if step.Words != "" {
		fmt.Fprintf(p.stdout, ": %s", step.Words)
	}
	fmt.Fprintln(p.stdout)
	return nil
}

// cancelCommand makes `cancel`.
func (p *program) cancelCommand() *cobra.Command {
	var d workflows.Decision
	cmd := &cobra.Command{
		Use:     "cancel WORKFLOW",
		Short:   "End the workflow of a scope whose steps wait",
		Long:    "cancel ends the workflow after the step that is under way. What is done stays, and the next run goes on with the rest: take what is not wanted any more out of app-interface first.",
		Example: "  starter cancel aws-account-manager/payer-1/team-a --reason 'asked for by mistake'",
		Args:    exactly(1, "the ID of one workflow"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := p.connect(cmd.Context())
			if err != nil {
				return err
			}
			defer c.Close()
			if d.By == "" {
				d.By = identity()
			}
			if err := c.SignalWorkflow(cmd.Context(), args[0], "", workflows.CancelMessage, d); err != nil {
				return aboutScope("cancel", args[0], err)
			}
			fmt.Fprintf(p.stdout, "%s ends; `starter watch %s` shows how far it came.\n", args[0], args[0])
			return nil
		},
	}
	cmd.Flags().StringVar(&d.Comment, "reason", "", "why; others will read it")
	cmd.Flags().StringVar(&d.By, "by", "", "who cancels (default your user and host)")
	return cmd
}

// aboutScope explains why a message did not reach the workflow of a scope.
func aboutScope(verb, workflowID string, err error) error {
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return fmt.Errorf("no workflow %s is under way; a run of the integration begins it, if anything is left to do", workflowID)
	}
	return fmt.Errorf("%s %s: %w", verb, workflowID, err)
}
