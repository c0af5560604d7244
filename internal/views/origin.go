package views

import (
	"cmp"
	"context"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"

	"github.com/app-sre/qontract-temporal/workflows"
)

// scheduledBy is the search attribute in which Temporal notes the schedule of a workflow that it started.
const scheduledBy = "TemporalScheduledById"

// Origin is what started a run.
type Origin struct {
	// Kind is "schedule", "approval", "run" (of a scope) or "person".
	Kind string `json:"kind"`
	// Schedule is the schedule's ID.
	Schedule string `json:"schedule,omitempty"`
	// Workflow is the one that started the run as its child.
	Workflow string `json:"workflow,omitempty"`
	// Identity is that of the client that started it: user and host where that was starter.
	Identity string `json:"identity,omitempty"`
	UI       string `json:"ui,omitempty"`
}

// first is the event that began a run.
func (s Source) first(ctx context.Context, r Run) (*history.WorkflowExecutionStartedEventAttributes, error) {
	events := s.GetWorkflowHistory(ctx, r.WorkflowID, r.RunID, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	if !events.HasNext() {
		return nil, fmt.Errorf("the history of %s is empty", r.WorkflowID)
	}
	event, err := events.Next()
	if err != nil {
		return nil, fmt.Errorf("read the history of %s: %w", r.WorkflowID, err)
	}
	return event.GetWorkflowExecutionStartedEventAttributes(), nil
}

// origin takes from the first event what started the run, and with which flags.
func (s Source) origin(ctx context.Context, d *Detail, begun *history.WorkflowExecutionStartedEventAttributes) error {
	var in workflows.Input
	if err := s.Payloads.FromHistory(ctx, begun.GetInput(), &in); err != nil {
		return fmt.Errorf("read the input of %s: %w", d.WorkflowID, err)
	}
	d.DryRun, d.Args = in.DryRun, in.Args
	if in.Approved != nil {
		d.Approved = &in.Approved.Decision
	}
	if in.Scope != nil {
		d.Scope, d.Bundle = in.Scope.Name, cmp.Or(d.Bundle, in.Scope.Bundle.SHA)
	}
	parent := begun.GetParentWorkflowExecution()
	if parent == nil {
		d.StartedBy = Origin{Kind: "person", Identity: begun.GetIdentity()}
		return nil
	}
	d.StartedBy = Origin{Kind: "run", Workflow: parent.GetWorkflowId(), UI: s.Links.Run(parent.GetWorkflowId(), parent.GetRunId())}
	description, err := s.DescribeWorkflowExecution(ctx, parent.GetWorkflowId(), parent.GetRunId())
	if err != nil {
		// Temporal may keep the run longer than what began it.
		return nil
	}
	above := description.GetWorkflowExecutionInfo()
	switch above.GetType().GetName() {
	case workflows.ApprovalType:
		d.StartedBy.Kind = "approval"
	case workflows.ScheduledType:
		d.StartedBy.Kind, d.StartedBy.Schedule = "schedule", attribute[string](above, scheduledBy)
	}
	return nil
}

// scheduled shows the run that a schedule began in place of what began it.
func (s Source) scheduled(ctx context.Context, d *Detail, schedule string) (*Detail, error) {
	recorded, err := s.recorded(ctx, d.Run, true)
	if err != nil {
		return nil, err
	}
	if len(recorded.children) > 0 && recorded.children[0].runID != "" {
		return s.Detail(ctx, recorded.children[0].workflowID, recorded.children[0].runID)
	}
	d.Partial = d.Ended == nil
	if d.Ended != nil {
		if err := s.GetWorkflow(ctx, d.WorkflowID, d.RunID).Get(ctx, &d.Result); err != nil {
			why, endErr := s.end(ctx, d.Run)
			if endErr != nil {
				return nil, endErr
			}
			d.Partial, d.Trouble = true, []string{why}
		}
	}
	d.StartedBy = Origin{Kind: "schedule", Schedule: schedule, UI: s.Links.Schedule(schedule)}
	d.Integration, d.Outcome = cmp.Or(d.Result.Integration, d.Integration), cmp.Or(string(d.Result.Outcome), d.Outcome)
	return d, nil
}
