package views

import (
	"context"
	"slices"
	"strings"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/failure/v1"
	"go.temporal.io/api/history/v1"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// reader goes through the events of one run.
type reader struct {
	Source
	integration, scope string
	// shallow leaves everything out but the children.
	shallow  bool
	steps    map[int64]step
	recorded recorded
}

// step is an activity that was begun.
type step struct {
	name  string
	input *common.Payloads
}

// read takes what an event says.
func (r *reader) read(ctx context.Context, event *history.HistoryEvent) error {
	switch event.GetEventType() {
	case enums.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
		id := event.GetStartChildWorkflowExecutionInitiatedEventAttributes().GetWorkflowId()
		r.recorded.children = append(r.recorded.children, &child{workflowID: id, scope: placeOf(r.integration, id).scope})
	case enums.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED:
		begun := event.GetChildWorkflowExecutionStartedEventAttributes().GetWorkflowExecution()
		if one := r.child(begun); one != nil {
			one.runID = begun.GetRunId()
		}
	default:
	}
	if r.shallow {
		return nil
	}
	if err := r.readStep(ctx, event); err != nil {
		return err
	}
	return r.readChild(ctx, event)
}

// readStep takes what an event says of an activity.
func (r *reader) readStep(ctx context.Context, event *history.HistoryEvent) error {
	switch event.GetEventType() {
	case enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		begun := event.GetActivityTaskScheduledEventAttributes()
		name := strings.TrimPrefix(begun.GetActivityType().GetName(), r.integration+"/")
		r.steps[event.GetEventId()] = step{name, begun.GetInput()}
		return nil
	case enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
		done := event.GetActivityTaskCompletedEventAttributes()
		return r.done(ctx, r.steps[done.GetScheduledEventId()], done.GetResult())
	case enums.EVENT_TYPE_ACTIVITY_TASK_FAILED:
		failed := event.GetActivityTaskFailedEventAttributes()
		return r.failed(ctx, r.steps[failed.GetScheduledEventId()], failed.GetFailure())
	case enums.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
		failed := event.GetActivityTaskTimedOutEventAttributes()
		return r.failed(ctx, r.steps[failed.GetScheduledEventId()], failed.GetFailure())
	default:
		return nil
	}
}

// readChild takes what an event says of the end of a scope.
func (r *reader) readChild(ctx context.Context, event *history.HistoryEvent) error {
	switch event.GetEventType() {
	case enums.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED:
		done := event.GetChildWorkflowExecutionCompletedEventAttributes()
		if one := r.child(done.GetWorkflowExecution()); one != nil {
			one.result = &workflows.Result{}
			return r.Payloads.FromHistory(ctx, done.GetResult(), one.result)
		}
	case enums.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED:
		failed := event.GetChildWorkflowExecutionFailedEventAttributes()
		if one := r.child(failed.GetWorkflowExecution()); one != nil {
			one.result = r.resultOf(ctx, failed.GetFailure())
		}
	default:
	}
	return nil
}

// done takes the answer of a step.
func (r *reader) done(ctx context.Context, of step, answer *common.Payloads) error {
	switch of.name {
	case workflows.StepDiff:
		var p plan.Plan
		if err := r.Payloads.FromHistory(ctx, answer, &p); err != nil {
			return err
		}
		r.planned(p)
	case workflows.StepCheck:
		var findings []plan.Finding
		if err := r.Payloads.FromHistory(ctx, answer, &findings); err != nil {
			return err
		}
		for _, finding := range findings {
			r.recorded.Findings = append(r.recorded.Findings, workflows.Found{Finding: finding, Scope: r.scope})
		}
	case workflows.StepApply:
		var applied workflows.Applied
		if err := r.Payloads.FromHistory(ctx, answer, &applied); err != nil {
			return err
		}
		return r.applied(ctx, of, applied.Failures, nil)
	}
	return nil
}

// planned takes a plan; a later one counts in place of those before it.
func (r *reader) planned(p plan.Plan) {
	r.recorded.Changes, r.recorded.Held, r.recorded.Errors = nil, nil, nil
	for _, change := range p.Changes {
		r.recorded.Changes = append(r.recorded.Changes, workflows.Change{Head: change.Head, Scope: r.scope, Outcome: workflows.Planned})
	}
	for _, held := range p.Held {
		r.recorded.Held = append(r.recorded.Held, workflows.HeldChange{
			Head: held.Head, Scope: r.scope, Guard: held.Guard, Approval: workflows.ApprovalID(r.integration, r.scope, held.OwnKey()),
		})
	}
	for _, problem := range p.Problems {
		r.recorded.Errors = append(r.recorded.Errors, workflows.Failure{Scope: r.scope, Kind: "Invalid", Message: problem})
	}
	for _, refused := range p.Refused {
		r.recorded.Errors = append(r.recorded.Errors, workflows.Failure{Scope: r.scope, Kind: refused.Kind, Message: refused.Summary + ": " + refused.Message})
	}
}

// failed takes the end of a step that failed for good.
func (r *reader) failed(ctx context.Context, of step, why *failure.Failure) error {
	message := errorOf(r.Source, why).Error()
	if of.name == workflows.StepApply {
		return r.applied(ctx, of, nil, &message)
	}
	r.recorded.Errors = append(r.recorded.Errors, workflows.Failure{Scope: r.scope, Kind: why.GetApplicationFailureInfo().GetType(), Message: message})
	return nil
}

// applied notes what became of a batch: all of it failed, or some.
func (r *reader) applied(ctx context.Context, of step, failures []workflows.ChangeFailure, all *string) error {
	var scope plan.Scope
	var batch []plan.Raw
	if err := r.Payloads.FromHistory(ctx, of.input, &scope, &batch); err != nil {
		return err
	}
	messages := map[string]string{}
	for _, change := range batch {
		if all != nil {
			messages[change.Key] = *all
		}
	}
	for _, failure := range failures {
		messages[failure.Key] = failure.Message
	}
	for _, change := range batch {
		outcome := workflows.Success
		if message, failed := messages[change.Key]; failed {
			outcome = workflows.Failed
			r.recorded.Errors = append(r.recorded.Errors, workflows.Failure{Scope: r.scope, Message: change.Summary + ": " + message})
		}
		at := slices.IndexFunc(r.recorded.Changes, func(c workflows.Change) bool { return c.Key == change.Key && c.Action == change.Action })
		if at < 0 {
			// What was held and is approved stands in the plan as held.
			r.recorded.Held = slices.DeleteFunc(r.recorded.Held, func(h workflows.HeldChange) bool { return h.Key == change.Key })
			r.recorded.Changes = append(r.recorded.Changes, workflows.Change{Head: change.Head, Scope: r.scope, Outcome: outcome})
			continue
		}
		r.recorded.Changes[at].Outcome = outcome
	}
	return nil
}

func (r *reader) child(execution *common.WorkflowExecution) *child {
	at := slices.IndexFunc(r.recorded.children, func(one *child) bool { return one.workflowID == execution.GetWorkflowId() })
	if at < 0 {
		return nil
	}
	return r.recorded.children[at]
}
