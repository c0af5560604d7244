package activities

import (
	"context"
	"fmt"
	"strings"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Past is what Temporal knows of earlier runs. Without a client there is none.
type Past struct {
	Temporal client.Client
	// Converter reads the memos of runs; it is the client's.
	Converter converter.DataConverter
}

// holdRecurring reports and holds the changes of a scope that run after run makes. A plan without changes costs
// nothing. Where the earlier runs cannot be listed the plan is as it was: that is no reason to change nothing.
func (h Past) holdRecurring(ctx context.Context, scope plan.Scope, p plan.Plan) (plan.Plan, error) {
	if h.Temporal == nil || len(p.Changes) == 0 {
		return p, nil
	}
	earlier, err := h.marks(ctx, scope)
	if err != nil {
		activity.GetLogger(ctx).Warn("changes that keep coming back are not recognised", "error", err)
	}
	p, err = plan.HoldRecurring(p, earlier)
	count := len(p.Recurring)
	for _, recurring := range p.Recurring {
		activity.GetLogger(ctx).Warn("a change keeps coming back", "change", recurring.Subject, "runs", recurring.Times)
	}
	for _, held := range p.Held {
		if held.Recurring {
			count++
			activity.GetLogger(ctx).Warn("a change keeps coming back and is held", "change", held.Summary)
		}
	}
	if count > 0 {
		activity.GetMetricsHandler(ctx).WithTags(map[string]string{"integration": scope.Integration}).
			Counter("qontract_temporal_recurring_changes").Inc(int64(count))
	}
	return p, err
}

// marks are those of the latest runs that wrote in the scope, the latest first. All of them have one ID, but that
// schedules add the time to it where the integration is not split.
func (h Past) marks(ctx context.Context, scope plan.Scope) ([][]string, error) {
	id := workflows.RunID(scope.Integration, scope.Name)
	query := fmt.Sprintf("WorkflowType = %s AND (WorkflowId = %s OR WorkflowId STARTS_WITH %s) AND ExecutionStatus IN ('Completed', 'Failed')",
		quoted(scope.Integration), quoted(id), quoted(id+"-"))
	if scope.Name != "" {
		query = fmt.Sprintf("WorkflowType IN (%s, %s) AND WorkflowId = %s AND ExecutionStatus IN ('Completed', 'Failed')",
			quoted(scope.Integration), quoted(workflows.ScopeType(scope.Integration)), quoted(id))
	}
	list, err := h.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{PageSize: plan.HeldAfter, Query: query})
	if err != nil {
		return nil, err
	}
	var earlier [][]string
	for _, run := range list.GetExecutions() {
		var marks []string
		if payload, ok := run.GetMemo().GetFields()[workflows.MemoMarks]; ok {
			if err := h.Converter.FromPayload(payload, &marks); err != nil {
				return nil, err
			}
		}
		earlier = append(earlier, marks)
	}
	return earlier, nil
}

// quoted is a text in a query of the server.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
