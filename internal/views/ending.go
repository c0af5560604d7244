package views

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"

	"github.com/app-sre/qontract-temporal/workflows"
)

// resultPatience is how long a worker has to say what goes on in a run.
const resultPatience = 3 * time.Second

// result reads what the run ended with, or else what it has done by now.
func (s Source) result(ctx context.Context, d *Detail) error {
	if d.Ended != nil {
		err := s.GetWorkflow(ctx, d.WorkflowID, d.RunID).Get(ctx, &d.Result)
		failed := workflows.ResultOf(err)
		switch {
		case err == nil:
		case failed != nil:
			d.Result = *failed
		case ctx.Err() != nil:
			return ctx.Err()
		default:
			d.Partial = true
			why, err := s.end(ctx, d.Run)
			if err != nil {
				return err
			}
			d.Trouble = append(d.Trouble, why)
		}
	} else {
		d.Partial = true
		s.progress(ctx, d)
	}
	recorded, err := s.recorded(ctx, d.Run, !d.Partial)
	if err != nil {
		return err
	}
	for _, one := range recorded.children {
		d.Scopes = append(d.Scopes, Scope{Scope: one.scope, WorkflowID: one.workflowID, RunID: one.runID, UI: s.Links.Run(one.workflowID, one.runID)})
	}
	if d.Partial {
		d.Result = recorded.Result
		d.Result.Integration, d.Result.WorkflowID, d.Result.RunID = d.Integration, d.WorkflowID, d.RunID
		d.Result.DryRun, d.Result.Bundle, d.Result.Outcome = d.DryRun, d.Bundle, workflows.Outcome(d.Outcome)
	}
	d.Bundle = cmp.Or(d.Bundle, d.Result.Bundle)
	if d.Result.Outcome != "" {
		d.Outcome = string(d.Result.Outcome)
	}
	return nil
}

// end says in words why a run has no result.
func (s Source) end(ctx context.Context, r Run) (string, error) {
	events := s.GetWorkflowHistory(ctx, r.WorkflowID, r.RunID, false, enums.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT)
	if !events.HasNext() {
		return "", fmt.Errorf("the history of %s has no end", r.WorkflowID)
	}
	event, err := events.Next()
	if err != nil {
		return "", fmt.Errorf("read the history of %s: %w", r.WorkflowID, err)
	}
	switch event.GetEventType() {
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
		ended := event.GetWorkflowExecutionTerminatedEventAttributes()
		return fmt.Sprintf("terminated by %s: %s", ended.GetIdentity(), ended.GetReason()), nil
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT:
		return fmt.Sprintf("Temporal ended it after %s: something that it waited for did not come", r.Took(time.Time{}).Round(time.Second)), nil
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED:
		return "it was cancelled", nil
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
		return "it goes on in a run of its own: " + event.GetWorkflowExecutionContinuedAsNewEventAttributes().GetNewExecutionRunId(), nil
	default:
		return errorOf(s, event.GetWorkflowExecutionFailedEventAttributes().GetFailure()).Error(), nil
	}
}

// progress asks the run itself where it stands. Where no worker answers, its history has to do.
func (s Source) progress(ctx context.Context, d *Detail) {
	ctx, cancel := context.WithTimeout(ctx, resultPatience)
	defer cancel()
	answer, err := s.QueryWorkflow(ctx, d.WorkflowID, d.RunID, workflows.ProgressQuery)
	var progress workflows.Progress
	if err == nil {
		err = answer.Get(&progress)
	}
	if err != nil {
		d.Step = "no worker says what goes on"
		return
	}
	d.Step, d.Steps = progress.Step, progress.Steps
}
