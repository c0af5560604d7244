package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/workflows"
)

// decisionCommand makes `approve` and `reject`.
func (p *program) decisionCommand(verb string) *cobra.Command {
	var d workflows.Decision
	var wait bool
	var output string
	cmd := &cobra.Command{
		Use:     verb + " WORKFLOW",
		Short:   strings.ToUpper(verb[:1]) + verb[1:] + " held changes",
		Long:    "WORKFLOW is the run that holds changes, such as openshift-namespaces/prod-1, or its approval; `starter list --held` lists them.\n",
		Example: "  starter list --held\n  starter " + verb + " openshift-namespaces/prod-1 --digest 3f1c9a --comment 'agreed with the team'",
		Args:    exactly(1, "the ID of one workflow"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := format(output, "text", "json"); err != nil {
				return err
			}
			c, err := p.connect(cmd.Context())
			if err != nil {
				return err
			}
			defer c.Close()
			if d.By == "" {
				d.By = identity()
			}
			id := args[0]
			if !strings.HasPrefix(id, workflows.ApprovalType+"/") {
				id = workflows.ApprovalID(id, "", "")
			}
			return p.decide(cmd.Context(), c, id, verb, d, wait, output)
		},
	}
	cmd.Flags().StringVar(&d.Digest, "digest", "", "digest of the changes that you saw, or its beginning; refused when something else is held by now")
	cmd.Flags().StringVar(&d.Comment, "comment", "", "why; it is recorded")
	cmd.Flags().StringVar(&d.By, "by", "", "who decides (default your user and host)")
	cmd.Flags().BoolVar(&wait, "wait", true, "wait until the decision is carried out")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	if verb == workflows.ApproveMessage {
		cmd.Long += "The approved run reads everything anew and applies the changes only if they still are what was approved."
	} else {
		cmd.Long += "A later run that finds the same changes asks again."
	}
	return cmd
}

func identity() string {
	name := "unknown"
	if current, err := user.Current(); err == nil {
		name = current.Username
	}
	if host, err := os.Hostname(); err == nil {
		name += "@" + host
	}
	return name
}

func (p *program) decide(ctx context.Context, c *connect.Connection, id, verb string, d workflows.Decision, wait bool, output string) error {
	handle, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: verb, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	var shown workflows.Approval
	if err == nil {
		err = handle.Get(ctx, &shown)
	}
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return fmt.Errorf("nothing waits for a decision at %s; `starter list --held` lists what does", id)
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", verb, id, err)
	}
	if wait {
		if err := c.GetWorkflow(ctx, id, "").Get(ctx, &shown); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	if output == "json" {
		err = writeJSON(p.stdout, shown)
	} else {
		fmt.Fprintf(p.stdout, "%s: %d held changes of %s, digest %s\n", shown.State, len(shown.Held), id, shown.Digest[:min(12, len(shown.Digest))])
		if shown.Reason != "" {
			fmt.Fprintln(p.stdout, shown.Reason)
		}
	}
	if err == nil && (shown.State == workflows.ApprovalRefused || shown.State == workflows.ApprovalFailed) {
		return exitError(exitFailure)
	}
	return err
}

// listHeld lists the approvals that are open, and those that ended lately.
func (p *program) listHeld(ctx context.Context, output string) error {
	source, err := p.views(ctx)
	if err != nil {
		return err
	}
	defer source.Close()
	approvals, err := source.Approvals(ctx)
	if err != nil {
		return err
	}
	if output == "json" {
		return writeJSON(p.stdout, approvals)
	}
	g := &grid{columns: []string{"workflow", "state", "held", "digest", "since", "by", "comment"}}
	for _, a := range approvals {
		g.add(a.UI, a.Workflow, a.State, fmt.Sprint(a.Held), a.Digest[:min(12, len(a.Digest))], a.Since.Format(time.DateTime), a.By, a.Comment)
	}
	fmt.Fprintln(p.stdout, strings.Join(g.lines(p.look()), "\n"))
	return nil
}
