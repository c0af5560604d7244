package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/workflow"
)

const (
	// JoinSignal tells the workflow of a long-running scope what is wanted by now, as an Input with ReplyTo.
	JoinSignal = "join"
	// SettledSignal answers the run that joined, with the scope's Result, as soon as nothing goes on but waiting.
	SettledSignal = "settled"
)

const (
	// joinPatience is how long a run waits for a scope to settle.
	joinPatience = time.Hour
	// joinTries bounds how often a scope's workflow may end just before it is joined.
	joinTries = 5
)

// Settled is the answer of a scope.
type Settled struct {
	WorkflowID string `json:"workflowId"`
	Result     Result `json:"result"`
}

// joiner begins or joins the workflows of long-running scopes. They go on when the run has ended.
type joiner struct {
	run     *run
	answers map[string]*Result
}

func (r *run) newJoiner(ctx workflow.Context) *joiner {
	j := &joiner{run: r, answers: map[string]*Result{}}
	settled := workflow.GetSignalChannel(ctx, SettledSignal)
	workflow.GoNamed(ctx, SettledSignal, func(ctx workflow.Context) {
		for {
			var answer Settled
			if more := settled.Receive(ctx, &answer); !more {
				return
			}
			j.answers[answer.WorkflowID] = &answer.Result
		}
	})
	return j
}

// join returns what the scope's workflow answers. The one that is under way is told what is wanted by now.
func (j *joiner) join(ctx workflow.Context, scope ScopeInput) *Result {
	id := RunID(j.run.spec.Name, scope.Name)
	ended, err := j.startOrSignal(ctx, id, scope.Name, j.input(ctx, scope))
	if err != nil {
		result := &Result{Outcome: Failed}
		result.fail(scope.Name, err)
		return result
	}
	return j.answer(ctx, id, scope.Name, ended)
}

// input is what the workflow of a scope is given, or of a change in it.
func (j *joiner) input(ctx workflow.Context, scope ScopeInput) Input {
	in := j.run.in
	in.Args, in.CompareWith, in.Scope = nil, nil, &scope
	execution := thisExecution(ctx)
	in.ReplyTo = &execution
	return in
}

// answer waits for what the workflow answers, or ends with.
func (j *joiner) answer(ctx workflow.Context, id, scope string, ended workflow.Future) *Result {
	result := &Result{Outcome: Failed}
	inTime, err := workflow.AwaitWithTimeout(ctx, joinPatience, func() bool {
		return j.answers[id] != nil || ended != nil && ended.IsReady()
	})
	switch {
	case j.answers[id] != nil:
		return j.answers[id]
	case err != nil:
		result.fail(scope, err)
	case inTime:
		if err := ended.Get(ctx, result); err != nil {
			if details := ResultOf(err); details != nil {
				return details
			}
			result.fail(scope, err)
		}
	default:
		result.Errors = append(result.Errors, Failure{
			Scope: scope, Kind: "Unavailable", Message: fmt.Sprintf("workflow %s has not settled within %s; it goes on, and `starter watch %s` shows it", id, joinPatience, id),
		})
	}
	return result
}

// startOrSignal leaves the scope's workflow with the input. It returns the workflow's end where it was started here.
func (j *joiner) startOrSignal(ctx workflow.Context, id, scope string, in Input) (workflow.Future, error) {
	for try := 1; ; try++ {
		child, err := j.start(ctx, id, scope, in)
		if !isAlreadyStarted(err) {
			return child, err
		}
		if err = workflow.SignalExternalWorkflow(ctx, id, "", JoinSignal, in).Get(ctx, nil); err == nil || ctx.Err() != nil || try == joinTries {
			return nil, err
		}
	}
}

// start begins a workflow that goes on when the run has ended, and returns its end.
func (j *joiner) start(ctx workflow.Context, id, summary string, in Input) (workflow.Future, error) {
	child := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:        id,
		ParentClosePolicy: enums.PARENT_CLOSE_POLICY_ABANDON,
		StaticSummary:     summary,
	}), ScopeType(j.run.spec.Name), in)
	return child, child.GetChildWorkflowExecution().Get(ctx, nil)
}
