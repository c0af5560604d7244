package workflows

import (
	"errors"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// ScheduledType is the workflow type that schedules start.
const ScheduledType = "scheduled"

// ScheduledInput starts a run by schedule.
type ScheduledInput struct {
	// Schedule is the schedule's ID: the integration's name, or a shard's.
	Schedule string `json:"schedule"`
	Input    Input  `json:"input"`
}

// ScheduledID begins the IDs of the workflows that a schedule starts; Temporal appends the time.
func ScheduledID(schedule string) string { return ScheduledType + "/" + schedule }

// ScheduledRunID is the ID of the run itself. A run that writes has the ID that a manual one has, so that they never
// overlap; the time at the end of its starter's ID would let them.
func ScheduledRunID(schedule string, dryRun bool) string {
	if dryRun {
		return schedule + "/dry-run"
	}
	return schedule
}

// Scheduled runs the integration as a child and ends as that ends. Where a run is under way already it is skipped.
func (s Spec) Scheduled(ctx workflow.Context, in ScheduledInput) (*Result, error) {
	id := ScheduledRunID(in.Schedule, in.Input.DryRun)
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:               id,
		WorkflowExecutionTimeout: LongestRun,
		ParentClosePolicy:        enums.PARENT_CLOSE_POLICY_REQUEST_CANCEL,
		WaitForCancellation:      true,
		StaticSummary:            "started by the schedule " + in.Schedule,
	})
	result := &Result{}
	err := workflow.ExecuteChildWorkflow(ctx, s.Name, in.Input).Get(ctx, result)
	if isAlreadyStarted(err) {
		skipped := newRun(ctx, s, in.Input)
		skipped.result.Outcome = Skipped
		skipped.skip(ctx, "a run is under way already: workflow "+id)
		return skipped.result, nil
	}
	// The error of a child is wrapped in one of its starter's. What a failed run ends with is the same for both.
	var failed *temporal.ApplicationError
	if errors.As(err, &failed) && failed.Type() == FailedRun {
		return nil, temporal.NewNonRetryableApplicationError(failed.Message(), FailedRun, nil, ResultOf(failed))
	}
	if err != nil {
		return nil, err
	}
	return result, nil
}
