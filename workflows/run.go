// Package workflows holds the shared orchestration: one generic workflow for every ordinary integration. It is
// deterministic and knows no item type; states pass through it as opaque payloads.
package workflows

import (
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// Spec is what the generic workflow needs to know of an integration.
type Spec struct {
	// Name is the integration's name and the workflow type.
	Name string
	// ActivityQueue is the task queue of its steps.
	ActivityQueue string
	Profile       Profile
	// Validates says that the integration only checks.
	Validates bool
	// FirstRetry replaces the pause before the first retry; rehearsals shorten it.
	FirstRetry time.Duration
	// HeartbeatTimeout replaces how long a step may be silent before another worker takes it over; rehearsals of
	// crashes shorten it.
	HeartbeatTimeout time.Duration
}

// The names of an integration's activities are its own name, a slash and one of these.
const (
	StepOpen    = "open"
	StepDesired = "desired"
	StepCurrent = "current"
	StepDiff    = "diff"
	StepApply   = "apply"
	StepCheck   = "check"
	StepHold    = "hold"
)

// Activity is the name of an integration's activity.
func Activity(integration, step string) string { return integration + "/" + step }

// scopesAtOnce bounds the children that run side by side.
const scopesAtOnce = 20

// Run is the workflow of an integration. Without a scope in its input it pins the bundle, asks for the scopes
// and runs a child of its own type for each; with one it reads, compares and applies there. It collects what
// fails and fails at the end, naming each.
func (s Spec) Run(ctx workflow.Context, in Input) (*Result, error) {
	r := newRun(ctx, s, in)
	if err := workflow.SetQueryHandler(ctx, ProgressQuery, func() (Progress, error) { return r.progress, nil }); err != nil {
		return nil, err
	}
	scope, searchable := "", false
	if in.Scope != nil {
		scope, searchable = in.Scope.Name, in.Scope.Searchable
		r.result.Bundle = in.Scope.Bundle.SHA
		r.runScope(ctx, in.Scope.Scope)
	} else {
		searchable = r.runAll(ctx)
	}
	r.result.Outcome = r.result.outcome()
	r.progress.Step = "finished: " + string(r.result.Outcome)
	if err := publish(ctx, searchable, scope, r.result); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return r.result, r.result.err()
}

// run is the state of one workflow execution.
type run struct {
	spec     Spec
	in       Input
	result   *Result
	progress Progress
}

func newRun(ctx workflow.Context, s Spec, in Input) *run {
	execution := workflow.GetInfo(ctx).WorkflowExecution
	return &run{
		spec: s,
		in:   in,
		result: &Result{
			Integration: s.Name, WorkflowID: execution.ID, RunID: execution.RunID, DryRun: in.DryRun,
			Changes: []Change{}, Findings: []Found{}, Held: []HeldChange{}, Errors: []Failure{},
		},
	}
}

// runAll opens the run and covers all scopes. It returns whether search attributes may be set.
func (r *run) runAll(ctx workflow.Context) bool {
	r.progress.Step = "pinning the bundle"
	var opened Opened
	if err := r.step(ctx, StepOpen, "pin the bundle and list the scopes", &opened, r.in); err != nil {
		r.result.fail("", err)
		return false
	}
	r.result.Bundle = opened.Bundle.SHA
	if approved := r.in.Approved; approved != nil && opened.Sharded {
		opened.Shards = slices.DeleteFunc(opened.Shards, func(shard string) bool { return shard != approved.Scope })
		if len(opened.Shards) == 0 {
			r.result.Errors = append(r.result.Errors, Failure{Scope: approved.Scope, Kind: guardKind, Message: "the run no longer covers this scope; nothing was applied"})
			return opened.Searchable
		}
	}
	whole := plan.Scope{Integration: r.spec.Name, Bundle: opened.Bundle, Args: opened.Args}
	if opened.Sharded {
		r.runShards(ctx, whole, opened)
	} else {
		r.runScope(ctx, whole)
	}
	return opened.Searchable
}

func (r *run) runShards(ctx workflow.Context, whole plan.Scope, opened Opened) {
	r.progress.Step = "running its scopes"
	results := make([]*Result, len(opened.Shards))
	for _, shard := range opened.Shards {
		r.progress.Scopes = append(r.progress.Scopes, ScopeProgress{Scope: shard, WorkflowID: r.childID(ctx, shard)})
	}
	slots := workflow.NewSemaphore(ctx, scopesAtOnce)
	group := workflow.NewWaitGroup(ctx)
	for i, shard := range opened.Shards {
		group.Add(1)
		workflow.GoNamed(ctx, shard, func(ctx workflow.Context) {
			defer group.Done()
			if err := slots.Acquire(ctx, 1); err != nil {
				return
			}
			defer slots.Release(1)
			r.progress.Scopes[i].Started = true
			scope := whole
			scope.Name = shard
			results[i] = r.runChild(ctx, ScopeInput{Scope: scope, Searchable: opened.Searchable})
			r.progress.Scopes[i].Outcome = results[i].Outcome
			r.progress.Applied += len(results[i].Changes)
		})
	}
	group.Wait(ctx)
	for _, result := range results {
		if result != nil {
			r.result.add(result)
		}
	}
	workflow.SetCurrentDetails(ctx, r.result.markdown(r.progress.Scopes))
}

// childID is the same for every run that writes, so that two of them never work on one scope at a time. A dry
// run locks nothing.
func (r *run) childID(ctx workflow.Context, shard string) string {
	if r.in.DryRun {
		return workflowID(workflow.GetInfo(ctx).WorkflowExecution.ID, shard)
	}
	return workflowID(r.spec.Name, shard)
}

func (r *run) runChild(ctx workflow.Context, scope ScopeInput) *Result {
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:    r.childID(ctx, scope.Name),
		StaticSummary: scope.Name,
	})
	in := r.in
	in.Args, in.Scope = nil, &scope
	result := &Result{Outcome: Failed}
	if err := workflow.ExecuteChildWorkflow(ctx, r.spec.Name, in).Get(ctx, result); err != nil {
		if details := ResultOf(err); details != nil {
			return details
		}
		if isAlreadyStarted(err) {
			result.Errors = append(result.Errors, Failure{
				Scope: scope.Name, Kind: conflictKind, Message: "another run works on this scope: workflow " + r.childID(ctx, scope.Name),
			})
			return result
		}
		result.fail(scope.Name, err)
	}
	return result
}

// step runs one activity. Value may be nil.
func (r *run) step(ctx workflow.Context, step, summary string, value any, args ...any) error {
	ctx = workflow.WithActivityOptions(ctx, r.spec.options(summary))
	return workflow.ExecuteActivity(ctx, Activity(r.spec.Name, step), args...).Get(ctx, value)
}

func isAlreadyStarted(err error) bool {
	var started *temporal.ChildWorkflowExecutionAlreadyStartedError
	return errors.As(err, &started)
}

var errCancelled = errors.New("the run was cancelled")
