// Package workflows holds the shared orchestration: one generic workflow for every ordinary integration. It is
// deterministic and knows no item type; states pass through it as opaque payloads.
package workflows

import (
	"errors"
	"slices"
	"strings"
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
	// LongRunning says that each scope is a workflow that outlives the run.
	LongRunning bool
	// FirstRetry replaces the pause before the first retry; rehearsals shorten it.
	FirstRetry time.Duration
	// HeartbeatTimeout replaces how long a step may be silent before another worker takes it over; rehearsals of
	// crashes shorten it.
	HeartbeatTimeout time.Duration
	// ApprovalDeadline replaces how long held changes wait for a person; recordings of histories shorten it.
	ApprovalDeadline time.Duration
}

// The names of an integration's activities are its own name, a slash and one of these.
const (
	StepOpen    = "open"
	StepDesired = "desired"
	StepCurrent = "current"
	StepDiff    = "diff"
	StepApply   = "apply"
	StepAdvance = "advance"
	StepSkip    = "skip"
	StepCheck   = "check"
	StepHold    = "hold"
	StepCompare = "compare"
	// StepStanding looks up what people know of the integration's runs, and StepNotify tells them.
	StepStanding = "standing"
	StepNotify   = "notify"
)

// ScopeType is the workflow type of an integration's long-running scopes. Runs have the integration's name. The types differ
// so that a run keeps to the version of the worker that began it while a scope, which outlives versions, moves on.
func ScopeType(integration string) string { return integration + "/scope" }

// Activity is the name of an integration's activity.
func Activity(integration, step string) string { return integration + "/" + step }

const (
	// scopesAtOnce bounds the children that run side by side.
	scopesAtOnce = 20
	// scopesApart is the pause between the starts of the first of them; those after them start as others end.
	scopesApart = 50 * time.Millisecond
)

// Run is the workflow of an integration. Without a scope in its input it pins the bundle, asks for the scopes
// and runs a child of its own type for each; with one it reads, compares and applies there. It collects what
// fails and fails at the end, naming each.
func (s Spec) Run(ctx workflow.Context, in Input) (*Result, error) {
	r := newRun(ctx, s, in)
	if err := workflow.SetQueryHandler(ctx, ProgressQuery, func() (Progress, error) { return r.progress, nil }); err != nil {
		return nil, err
	}
	if in.Scope != nil && !in.DryRun && (s.LongRunning || len(in.Carried) > 0) {
		return r.undertake(ctx)
	}
	r.watch(ctx)
	if in.Scope != nil {
		r.searchable, r.notifies = in.Scope.Searchable, in.Scope.Notify
		r.result.Bundle = in.Scope.Bundle.SHA
		r.runScope(ctx, in.Scope.Scope)
	} else {
		r.runAll(ctx)
	}
	r.result.Outcome = r.result.outcome()
	r.progress.Step = "finished: " + string(r.result.Outcome)
	if err := r.tell(ctx); err != nil {
		return nil, err
	}
	if r.searchable {
		if err := publish(ctx, r.progress.Scope, r.result); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	workflow.GetLogger(ctx).Info("run ended", "integration", s.Name, "scope", r.progress.Scope, "bundle", r.result.Bundle, "dryRun", in.DryRun,
		"workflow", r.result.WorkflowID, "run", r.result.RunID, "outcome", string(r.result.Outcome),
		"changes", len(r.result.Changes), "held", len(r.result.Held), "errors", len(r.result.Errors))
	return r.result, r.result.err()
}

// run is the state of one workflow execution.
type run struct {
	spec     Spec
	in       Input
	result   *Result
	progress Progress
	// failed are the keys of the changes that could not be applied.
	failed map[string]bool
	// searchable says that search attributes may be set.
	searchable bool
	// standing is what people know of the integration's runs; nil where nobody is told anything.
	standing *Standing
	// notifies says that people are told of approvals.
	notifies bool
	// unopened says that the run could not be opened.
	unopened bool
	// waiting and ended count the steps that the run waits for and those that are over.
	waiting, ended int
}

func newRun(ctx workflow.Context, s Spec, in Input) *run {
	execution := workflow.GetInfo(ctx).WorkflowExecution
	return &run{
		spec:   s,
		in:     in,
		failed: map[string]bool{},
		result: &Result{
			Integration: s.Name, WorkflowID: execution.ID, RunID: execution.RunID, DryRun: in.DryRun,
			Changes: []Change{}, Findings: []Found{}, Held: []HeldChange{}, Errors: []Failure{},
		},
	}
}

// runAll opens the run and covers all scopes.
func (r *run) runAll(ctx workflow.Context) {
	r.progress.Step = "pinning the bundle"
	var opened Opened
	if err := r.step(ctx, StepOpen, "pin the bundle and list the scopes", &opened, r.in); err != nil {
		r.result.fail("", err)
		r.unopened = true
		return
	}
	r.searchable = opened.Searchable
	r.standing, r.notifies = opened.Standing, opened.Standing != nil
	if opened.Skipped != "" {
		r.skip(ctx, opened.Skipped)
		return
	}
	r.result.Bundle = opened.Bundle.SHA
	if approved := r.in.Approved; approved != nil && opened.Sharded {
		opened.Shards = slices.DeleteFunc(opened.Shards, func(shard string) bool { return shard != approved.Scope })
		if len(opened.Shards) == 0 {
			r.result.Errors = append(r.result.Errors, Failure{Scope: approved.Scope, Kind: guardKind, Message: "the run no longer covers this scope; nothing was applied"})
			return
		}
	}
	whole := plan.Scope{Integration: r.spec.Name, Bundle: opened.Bundle, Args: opened.Args}
	if !r.compareBundles(ctx, whole, &opened) {
		return
	}
	if opened.Sharded {
		r.runShards(ctx, whole, opened)
	} else {
		r.runScope(ctx, whole)
	}
}

// skip ends a run that is not to be. An approved one has failed then, because what a person approved is not applied.
func (r *run) skip(ctx workflow.Context, reason string) {
	if approved := r.in.Approved; approved != nil {
		r.result.Errors = append(r.result.Errors, Failure{Scope: approved.Scope, Kind: guardKind, Message: reason + "; nothing was applied"})
		return
	}
	r.result.Reason = reason
	workflow.SetCurrentDetails(ctx, "skipped: "+reason)
}

func (r *run) runShards(ctx workflow.Context, whole plan.Scope, opened Opened) {
	r.progress.Step = "running its scopes"
	results := make([]*Result, len(opened.Shards))
	for _, shard := range opened.Shards {
		r.progress.Scopes = append(r.progress.Scopes, ScopeProgress{Scope: shard, WorkflowID: r.childID(ctx, shard)})
	}
	cover := r.runChild
	if r.spec.LongRunning && !r.in.DryRun {
		cover = r.newJoiner(ctx).join
	}
	slots := workflow.NewSemaphore(ctx, scopesAtOnce)
	group := workflow.NewWaitGroup(ctx)
	for i, shard := range opened.Shards {
		if i > 0 && i < scopesAtOnce && workflow.Sleep(ctx, scopesApart) != nil {
			break
		}
		if err := slots.Acquire(ctx, 1); err != nil {
			break
		}
		group.Add(1)
		workflow.GoNamed(ctx, shard, func(ctx workflow.Context) {
			defer group.Done()
			defer slots.Release(1)
			r.progress.Scopes[i].Started = true
			scope := whole
			scope.Name = shard
			results[i] = cover(ctx, ScopeInput{Scope: scope, Searchable: opened.Searchable, Notify: r.notifies})
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
	return RunID(r.spec.Name, shard)
}

// RunID is the workflow ID of what writes in a scope; "" is the scope of an integration that is not split.
func RunID(integration, scope string) string {
	if scope == "" {
		return integration
	}
	return workflowID(integration, scope)
}

const dryRunMark = "/dry-run/"

// DryRunID is the workflow ID of a dry run; unique tells it from others.
func DryRunID(integration, unique string) string { return integration + dryRunMark + unique }

// IsDryRun says whether a workflow ID is that of a dry run, or of one of its scopes.
func IsDryRun(id string) bool { return strings.Contains(id, dryRunMark) }

func (r *run) runChild(ctx workflow.Context, scope ScopeInput) *Result {
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:               r.childID(ctx, scope.Name),
		WorkflowExecutionTimeout: LongestRun,
		StaticSummary:            scope.Name,
	})
	in := r.in
	in.Args, in.CompareWith, in.Scope = nil, nil, &scope
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
	r.waiting++
	err := workflow.ExecuteActivity(ctx, Activity(r.spec.Name, step), args...).Get(ctx, value)
	r.waiting--
	r.ended++
	return err
}

func isAlreadyStarted(err error) bool {
	var started *temporal.ChildWorkflowExecutionAlreadyStartedError
	return errors.As(err, &started)
}

var errCancelled = errors.New("the run was cancelled")
