package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// FollowedID is the ID of the workflow that follows a change of a scope to its end.
func FollowedID(integration, scope, key string) string {
	return workflowID(RunID(integration, scope), key)
}

// apart returns the changes that are applied at once, and those that have workflows of their own.
func apart(changes []plan.Raw) (now, followed []plan.Raw) {
	for _, change := range changes {
		if change.Followed {
			followed = append(followed, change)
		} else {
			now = append(now, change)
		}
	}
	return now, followed
}

// follow hands changes over to workflows of their own, which go on when the run has ended. It notes where each stands
// once nothing goes on but waiting. One that is followed already is left to its workflow. Those of a wave are handed over when
// nothing goes on but waiting in the wave before.
func (r *run) follow(ctx workflow.Context, scope plan.Scope, changes []plan.Raw) {
	if len(changes) == 0 {
		return
	}
	j := r.newJoiner(ctx)
	for len(changes) > 0 {
		wave := 1
		for wave < len(changes) && sameWave(changes[0].Head, changes[wave].Head) {
			wave++
		}
		r.followWave(ctx, j, scope, changes[:wave])
		changes = changes[wave:]
	}
}

func (r *run) followWave(ctx workflow.Context, j *joiner, scope plan.Scope, changes []plan.Raw) {
	results := make([]*Result, len(changes))
	slots := workflow.NewSemaphore(ctx, scopesAtOnce)
	group := workflow.NewWaitGroup(ctx)
	for i, change := range changes {
		if err := slots.Acquire(ctx, 1); err != nil {
			break
		}
		group.Add(1)
		workflow.GoNamed(ctx, change.Key, func(ctx workflow.Context) {
			defer group.Done()
			defer slots.Release(1)
			results[i] = j.handOver(ctx, ScopeInput{Scope: scope, Searchable: r.searchable, Notify: r.notifies}, change)
		})
	}
	group.Wait(ctx)
	for i, result := range results {
		if result == nil {
			result = &Result{Errors: []Failure{{Scope: scope.Name, Message: changes[i].Summary + ": " + errCancelled.Error()}}}
		}
		r.result.add(result)
		for _, change := range result.Changes {
			if change.Outcome == Success {
				r.progress.Applied++
			}
		}
		if len(result.Errors) > 0 {
			r.progress.Failed++
			r.failed[changes[i].Key] = true
		}
	}
}

func (j *joiner) handOver(ctx workflow.Context, scope ScopeInput, change plan.Raw) *Result {
	id := FollowedID(j.run.spec.Name, scope.Name, change.Key)
	in := j.input(ctx, scope)
	in.Followed, in.Approved, in.Carried = true, nil, []Step{*newStep(change, workflow.Now(ctx))}
	ended, err := j.start(ctx, id, change.Summary, in)
	if isAlreadyStarted(err) {
		return &Result{Changes: []Change{{Head: change.Head, Scope: scope.Name, Outcome: Waiting, Note: "workflow " + id + " follows it already"}}}
	}
	if err != nil {
		result := &Result{}
		result.fail(scope.Name, err)
		return result
	}
	return j.answer(ctx, id, scope.Name, ended)
}

// follow begins with the change that is to be followed, for the run that handed it over.
func (u *undertaking) follow() {
	if u.in.ReplyTo != nil {
		u.joined = append(u.joined, *u.in.ReplyTo)
	}
	u.notifies, u.result.Bundle = u.in.Scope.Notify, u.in.Scope.Bundle.SHA
}

// mayPass are the kinds of errors that a later look may not meet.
var mayPass = []string{"Conflict", "Limited", "NotYet", "Unavailable"}

// goesOn says whether a change that is followed is looked at again in spite of an error: the change is under way, and
// whoever looks at it next may be luckier. No run asks for it again, because it is made.
func (u *undertaking) goesOn(step *Step, failure Failure) bool {
	return u.in.Followed && step.State == StepWaiting && slices.Contains(mayPass, failure.Kind)
}

// tellOf lets people know of a change that is followed.
func (u *undertaking) tellOf(ctx workflow.Context, step *Step, news News) {
	if !u.in.Followed || !u.notifies {
		return
	}
	n := Notice{
		News: news, Integration: u.spec.Name, Scope: u.progress.Scope, Key: step.Key, Of: thisExecution(ctx), At: workflow.Now(ctx), Since: step.Since,
	}
	n.list([]string{step.Summary + ": " + step.Words})
	n.send(ctx)
}
