package workflows

import (
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/sdk/workflow"
)

// The messages of a long-running scope. RetryStepMessage and SkipStepMessage are updates with a StepDecision that answer
// with the step's StepProgress; CancelMessage is a signal with a Decision.
const (
	// RetryStepMessage has a step tried again from the beginning.
	RetryStepMessage = "retry-step"
	// SkipStepMessage has a step taken for done, with a reason.
	SkipStepMessage = "skip-step"
	// CancelMessage ends the workflow after the step that is under way. What is done stays.
	CancelMessage = "cancel"
)

// StepDecision is what a person says to a step.
type StepDecision struct {
	// Step is the step's key.
	Step   string `json:"step"`
	By     string `json:"by,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// messages says whether there are signals to be taken.
func messages(ctx workflow.Context) bool {
	return workflow.GetSignalChannel(ctx, JoinSignal).Len() > 0 || workflow.GetSignalChannel(ctx, CancelMessage).Len() > 0
}

// take takes the signals that have come. It is the workflow itself that does, so that it never ends before one is taken.
func (u *undertaking) take(ctx workflow.Context) {
	for {
		var in Input
		if !workflow.GetSignalChannel(ctx, JoinSignal).ReceiveAsync(&in) {
			break
		}
		u.join(in)
	}
	var d Decision
	if workflow.GetSignalChannel(ctx, CancelMessage).ReceiveAsync(&d) {
		u.cancelled = &d
	}
}

// join notes what is wanted by now, and who waits for an answer.
func (u *undertaking) join(in Input) {
	if in.ReplyTo != nil {
		u.joined = append(u.joined, *in.ReplyTo)
	}
	u.offer = &in
}

// listen takes updates.
func (u *undertaking) listen(ctx workflow.Context) error {
	retry := workflow.UpdateHandlerOptions{Validator: func(d StepDecision) error { return u.admit(d) }}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, RetryStepMessage, u.retryStep, retry); err != nil {
		return err
	}
	skip := workflow.UpdateHandlerOptions{Validator: func(d StepDecision) error {
		if strings.TrimSpace(d.Reason) == "" {
			return errors.New("give a reason, which others will read")
		}
		return u.admit(d)
	}}
	return workflow.SetUpdateHandlerWithOptions(ctx, SkipStepMessage, u.skipStep, skip)
}

// admit says why a message about a step cannot be taken.
func (u *undertaking) admit(d StepDecision) error {
	if u.cancelled != nil {
		return errors.New("the workflow is being cancelled")
	}
	step := u.find(d.Step)
	if step != nil && step.open() && step.skip == nil {
		return nil
	}
	var open []string
	for _, other := range u.steps {
		if other.open() {
			open = append(open, other.Key)
		}
	}
	if step != nil {
		return fmt.Errorf("step %s is %s; open are: %s", d.Step, step.State, strings.Join(open, ", "))
	}
	return fmt.Errorf("there is no step %q; open are: %s", d.Step, strings.Join(open, ", "))
}

func (u *undertaking) find(key string) *Step {
	for _, step := range u.steps {
		if step.Key == key {
			return step
		}
	}
	return nil
}

// retryStep answers when the step has been tried.
func (u *undertaking) retryStep(ctx workflow.Context, d StepDecision) (StepProgress, error) {
	step := u.find(d.Step)
	if step == nil || !u.ready(step) {
		return StepProgress{}, fmt.Errorf("step %s waits for %s, and is begun after that", d.Step, strings.Join(u.beforeKey(d.Step), ", "))
	}
	tries := step.Tries
	step.Wake, step.afresh, step.Pause = true, true, 0
	err := workflow.Await(ctx, func() bool { return step.Tries > tries || u.cancelled != nil })
	return step.StepProgress, err
}

func (u *undertaking) beforeKey(key string) []string {
	if step := u.find(key); step != nil {
		return u.before(step)
	}
	return nil
}

// skipStep answers when the step is taken for done.
func (u *undertaking) skipStep(ctx workflow.Context, d StepDecision) (StepProgress, error) {
	step := u.find(d.Step)
	if step == nil {
		return StepProgress{}, fmt.Errorf("there is no step %q any more", d.Step)
	}
	step.skip = &d
	if err := workflow.Await(ctx, func() bool { return step.skip == nil || u.cancelled != nil }); err != nil {
		return StepProgress{}, err
	}
	if step.refusal != nil {
		return step.StepProgress, errors.New(failureOf("", step.refusal).Message)
	}
	return step.StepProgress, nil
}
