package fleetwatch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/workflow/v1"

	"github.com/app-sre/qontract-temporal/workflows"
)

// wait is a workflow that waits.
type wait struct {
	integration, scope, workflowID, outcome string
	since                                   time.Time
}

// mostPages bounds what is read of the workflows that wait.
const mostPages = 5

func (w *Watch) approvals(ctx context.Context) (func(*seen), error) {
	var open []wait
	_, err := w.list(ctx, fmt.Sprintf("ExecutionStatus = 'Running' AND WorkflowType = '%s'", workflows.ApprovalType), mostPages,
		func(execution *workflow.WorkflowExecutionInfo) {
			id := execution.GetExecution().GetWorkflowId()
			integration, scope, _ := strings.Cut(strings.TrimPrefix(id, workflows.ApprovalType+"/"), "/")
			open = append(open, wait{integration: integration, scope: scope, workflowID: id, since: execution.GetStartTime().AsTime()})
		})
	return func(s *seen) { s.approvals = open }, err
}

// waits are runs that are stuck, and scopes whose changes wait for others: those that have failed wait for a person.
func (w *Watch) waits(ctx context.Context) (func(*seen), error) {
	var stuck []wait
	waiting := map[string]int{}
	if !w.options.Searchable {
		return func(*seen) {}, nil
	}
	for _, outcome := range []workflows.Outcome{workflows.Stuck, workflows.Failed, workflows.Waiting} {
		_, err := w.list(ctx, fmt.Sprintf("ExecutionStatus = 'Running' AND Outcome = '%s'", outcome), mostPages,
			func(execution *workflow.WorkflowExecutionInfo) {
				integration := strings.TrimSuffix(execution.GetType().GetName(), workflows.ScopeType(""))
				switch {
				case !w.types[integration]:
				case outcome == workflows.Waiting:
					waiting[integration]++
				default:
					stuck = append(stuck, wait{
						integration: integration, scope: attribute(execution, "Scope"), workflowID: execution.GetExecution().GetWorkflowId(),
						outcome: string(outcome), since: execution.GetStartTime().AsTime(),
					})
				}
			})
		if err != nil {
			return nil, err
		}
	}
	return func(s *seen) { s.stuck, s.waiting = stuck, waiting }, nil
}
