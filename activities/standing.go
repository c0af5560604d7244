package activities

import (
	"context"
	"fmt"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/activity"

	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

// standing is what people know of the runs with the ID of this one; nil where they are told nothing, or where that cannot
// be found out, which is no reason not to run.
func (h Host) standing(ctx context.Context, d reconcile.Definition, in workflows.Input) *workflows.Standing {
	if in.DryRun || in.Approved != nil || h.Notices.Poster == nil || h.Past.Temporal == nil {
		return nil
	}
	standing, err := h.Past.standing(ctx, d.Name, activity.GetInfo(ctx).WorkflowExecution.ID)
	if err != nil {
		activity.GetLogger(ctx).Warn("it is not known what people know of earlier runs; they are told nothing", "error", err)
		return nil
	}
	return &standing
}

// standing is in the memo of the latest run that has ended by itself.
func (h Past) standing(ctx context.Context, integration, workflowID string) (workflows.Standing, error) {
	var standing workflows.Standing
	list, err := h.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{PageSize: 1, Query: fmt.Sprintf(
		"WorkflowType = %s AND WorkflowId = %s AND ExecutionStatus IN ('Completed', 'Failed')", quoted(integration), quoted(workflowID))})
	if err != nil || len(list.GetExecutions()) == 0 {
		return standing, err
	}
	if payload, ok := list.GetExecutions()[0].GetMemo().GetFields()[workflows.MemoStanding]; ok {
		err = h.Converter.FromPayload(payload, &standing)
	}
	return standing, err
}
