package workflows

import (
	"fmt"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

const (
	// oneByOne is the largest plan whose changes are activities of their own, so that each stands in the history.
	oneByOne = 50
	// batchSize is the number of neighbours that one activity applies in a larger plan.
	batchSize = 100
	// mostBatches bounds the activities of a plan however large it is: beyond 100,000 changes the batches grow instead.
	// A batch is six events at most, and its payload leaves the history from a few KiB on, so that a run stays under
	// 10,000 events and 10 MiB, where a server begins to warn, and never has to continue as new.
	mostBatches = 1000
)

// sizeOfBatch is the number of changes that one activity applies of a plan with so many.
func sizeOfBatch(changes int) int {
	if changes <= oneByOne {
		return 1
	}
	return max(batchSize, (changes+mostBatches-1)/mostBatches)
}

// runScope covers one scope.
func (r *run) runScope(ctx workflow.Context, scope plan.Scope) {
	r.progress.Scope = scope.Name
	if r.spec.Validates {
		r.check(ctx, scope)
		return
	}
	p, err := r.compare(ctx, scope)
	if err != nil {
		r.result.fail(scope.Name, err)
		return
	}
	workflow.SetCurrentDetails(ctx, p.Markdown())
	for _, problem := range p.Problems {
		r.result.Errors = append(r.result.Errors, Failure{Scope: scope.Name, Kind: "Invalid", Message: problem})
	}
	for _, refused := range p.Refused {
		r.result.Errors = append(r.result.Errors, Failure{
			Scope: scope.Name, Kind: refused.Kind, Message: refused.Summary + ": " + refused.Message,
		})
	}
	if p, err = r.hold(ctx, scope, p); err != nil {
		r.result.fail(scope.Name, err)
		return
	}
	for _, recurring := range p.Recurring {
		r.result.Findings = append(r.result.Findings, Found{Scope: scope.Name, Finding: plan.Finding{
			Severity: plan.SeverityInfo, Subject: recurring.Subject, Message: recurring.String(),
		}})
	}
	r.progress.Changes = len(p.Changes)
	now, followed := apart(p.Changes)
	if r.in.DryRun {
		for _, change := range append(now, followed...) {
			r.result.Changes = append(r.result.Changes, Change{Head: change.Head, Scope: scope.Name, Outcome: Planned})
		}
		return
	}
	r.apply(ctx, scope, now)
	r.follow(ctx, scope, followed)
	if err := remember(ctx, p, r.failed); err != nil {
		r.result.fail(scope.Name, err)
	}
}

func (r *run) check(ctx workflow.Context, scope plan.Scope) {
	r.progress.Step = "checking"
	var findings []plan.Finding
	if err := r.step(ctx, StepCheck, "check "+at(scope), &findings, scope); err != nil {
		r.result.fail(scope.Name, err)
		return
	}
	for _, finding := range findings {
		r.result.Findings = append(r.result.Findings, Found{Finding: finding, Scope: scope.Name})
	}
	workflow.SetCurrentDetails(ctx, r.result.markdown(nil))
}

// compare reads both states and returns the guarded plan. The states are not decoded here.
func (r *run) compare(ctx workflow.Context, scope plan.Scope) (plan.Plan, error) {
	var desired, current converter.RawValue
	var p plan.Plan
	r.progress.Step = "reading the desired state"
	if err := r.step(ctx, StepDesired, "read what should be "+at(scope), &desired, scope); err != nil {
		return p, err
	}
	r.progress.Step = "reading the current state"
	if err := r.step(ctx, StepCurrent, "read what is "+at(scope), &current, scope, desired); err != nil {
		return p, err
	}
	r.progress.Step = "comparing"
	err := r.step(ctx, StepDiff, "compare "+at(scope), &p, scope, desired, current)
	return p, err
}

// apply runs the changes wave by wave: creates and updates first, then deletes. A change that fails stops none
// of the others.
func (r *run) apply(ctx workflow.Context, scope plan.Scope, changes []plan.Raw) {
	size := sizeOfBatch(len(changes))
	r.progress.Step = Applying
	for len(changes) > 0 {
		wave := 1
		for wave < len(changes) && sameWave(changes[0].Head, changes[wave].Head) {
			wave++
		}
		r.applyWave(ctx, scope, changes[:wave], size)
		changes = changes[wave:]
	}
}

func sameWave(a, b plan.Head) bool {
	return (a.Action == plan.Delete) == (b.Action == plan.Delete) && a.Wave == b.Wave
}

func (r *run) applyWave(ctx workflow.Context, scope plan.Scope, changes []plan.Raw, size int) {
	batches := (len(changes) + size - 1) / size
	failures := make([][]ChangeFailure, batches)
	atOnce := 1
	if size == 1 {
		atOnce = max(1, scope.Args.Int("thread-pool-size"))
	}
	slots := workflow.NewSemaphore(ctx, int64(atOnce))
	group := workflow.NewWaitGroup(ctx)
	for i := range batches {
		batch := changes[i*size : min((i+1)*size, len(changes))]
		group.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer group.Done()
			failures[i] = failAll(batch, errCancelled)
			if err := slots.Acquire(ctx, 1); err != nil {
				return
			}
			defer slots.Release(1)
			failures[i] = r.applyBatch(ctx, scope, batch)
			r.progress.Applied += len(batch) - len(failures[i])
			r.progress.Failed += len(failures[i])
		})
	}
	group.Wait(ctx)
	for i := range batches {
		r.record(scope, changes[i*size:min((i+1)*size, len(changes))], failures[i])
	}
}

func (r *run) applyBatch(ctx workflow.Context, scope plan.Scope, batch []plan.Raw) []ChangeFailure {
	summary := batch[0].Summary
	if len(batch) > 1 {
		summary = fmt.Sprintf("apply %d changes %s, from %q to %q", len(batch), at(scope), batch[0].Key, batch[len(batch)-1].Key)
	}
	var applied Applied
	if err := r.step(ctx, StepApply, summary, &applied, scope, batch); err != nil {
		return failAll(batch, err)
	}
	return applied.Failures
}

func failAll(batch []plan.Raw, err error) []ChangeFailure {
	failures := make([]ChangeFailure, len(batch))
	for i, change := range batch {
		failure := failureOf("", err)
		failures[i] = ChangeFailure{Key: change.Key, Kind: failure.Kind, Message: failure.Message}
	}
	return failures
}

func (r *run) record(scope plan.Scope, batch []plan.Raw, failures []ChangeFailure) {
	failed := make(map[string]ChangeFailure, len(failures))
	for _, failure := range failures {
		failed[failure.Key] = failure
	}
	for _, change := range batch {
		outcome := Success
		if failure, ok := failed[change.Key]; ok {
			outcome = Failed
			r.failed[change.Key] = true
			r.result.Errors = append(r.result.Errors, Failure{
				Scope: scope.Name, Kind: failure.Kind, Message: change.Summary + ": " + failure.Message,
			})
		}
		r.result.Changes = append(r.result.Changes, Change{Head: change.Head, Scope: scope.Name, Outcome: outcome})
	}
}

func at(scope plan.Scope) string {
	if scope.Name == "" {
		return "everywhere"
	}
	return "in " + scope.Name
}
