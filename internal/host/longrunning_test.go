package host_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/host"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

// task is one step of an order.
type task struct {
	Name  string `json:"name"`
	Order int    `json:"order"`
}

func (t task) Key() string           { return t.Name }
func (t task) Equal(other task) bool { return t == other }
func (t task) Wave() int             { return t.Order }

// orders has one scope with tasks that wait for a supplier, whom the test plays.
type orders struct {
	mu    sync.Mutex
	tasks []task
	done  map[string]bool
	// stands are what the supplier says to a task; one without an entry is done at once.
	stands map[string]func(afresh bool) (plan.Stand, error)
	looks  map[string]int
	// broken makes the desired state unreadable.
	broken error
	// plans counts how often it was read, which is once for each run.
	plans int
}

func newOrders(tasks ...task) *orders {
	return &orders{tasks: tasks, done: map[string]bool{}, looks: map[string]int{}, stands: map[string]func(bool) (plan.Stand, error){}}
}

// say makes the supplier answer the same whenever a task is looked at.
func (r *orders) say(task string, stand plan.Stand, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stands[task] = func(bool) (plan.Stand, error) { return stand, err }
}

func (r *orders) looked(task string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.looks[task]
}

func (r *orders) Shards(context.Context, reconcile.Scope) ([]string, error) {
	return []string{"acme"}, nil
}

func (r *orders) Desired(context.Context, reconcile.Scope) ([]task, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.plans++
	return r.tasks, r.broken
}

func (r *orders) Current(_ context.Context, _ reconcile.Scope, desired []task) ([]task, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var current []task
	for _, t := range desired {
		if r.done[t.Name] {
			current = append(current, t)
		}
	}
	return current, nil
}

func (r *orders) Advance(_ context.Context, _ reconcile.Scope, c plan.Change[task], afresh bool) (plan.Stand, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looks[c.Key]++
	stand := plan.Done()
	if says := r.stands[c.Key]; says != nil {
		var err error
		if stand, err = says(afresh); err != nil {
			return stand, err
		}
	}
	r.done[c.Key] = stand.Phase == plan.PhaseDone
	return stand, nil
}

func (r *orders) Skip(_ context.Context, _ reconcile.Scope, c plan.Change[task]) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.Key == "pay" {
		return apierr.Errorf(apierr.Invalid, "what is not paid is not delivered")
	}
	r.done[c.Key] = true
	return nil
}

func (r *orders) definition() reconcile.Definition {
	return reconcile.Definition{
		Name: name, Summary: "Orders goods.", Every: time.Hour, LongRunning: true,
		Reads: []reconcile.System{reconcile.Quay}, Writes: []reconcile.System{reconcile.Quay},
		Build: func(*clients.Set) (reconcile.Steps, error) { return reconcile.LongRun(r), nil },
	}
}

const scopeID = name + "/acme"

// ended waits for the scope's workflow and returns its result.
func (i installation) ended(t *testing.T) (*workflows.Result, error) {
	t.Helper()
	result := &workflows.Result{}
	err := i.GetWorkflow(t.Context(), scopeID, "").Get(t.Context(), result)
	if failed := workflows.ResultOf(err); failed != nil {
		return failed, err
	}
	return result, err
}

func (i installation) update(t *testing.T, message string, d workflows.StepDecision) (workflows.StepProgress, error) {
	t.Helper()
	var step workflows.StepProgress
	handle, err := i.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: scopeID, UpdateName: message, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(t.Context(), &step)
	}
	return step, err
}

func (i installation) steps(t *testing.T) map[string]workflows.StepProgress {
	t.Helper()
	answer, err := i.QueryWorkflow(t.Context(), scopeID, "", workflows.ProgressQuery)
	require.NoError(t, err)
	var progress workflows.Progress
	require.NoError(t, answer.Get(&progress))
	steps := map[string]workflows.StepProgress{}
	for _, step := range progress.Steps {
		steps[step.Key] = step
	}
	return steps
}

func told(r *workflows.Result) []string {
	var all []string
	for _, change := range r.Changes {
		text := fmt.Sprintf("%s %s", change.Key, change.Outcome)
		if change.Note != "" {
			text += ": " + change.Note
		}
		all = append(all, text)
	}
	return all
}

func TestStepsThatSoonEndAreWaitedFor(t *testing.T) {
	r := newOrders(task{Name: "pay"}, task{Name: "send", Order: 1})
	looks := 0
	r.stands["pay"] = func(bool) (plan.Stand, error) {
		if looks++; looks < 3 {
			return plan.Waiting("the bank takes a while"), nil
		}
		return plan.Done(), nil
	}
	i := install(t, r, "")
	result, err := i.run(t)
	require.NoError(t, err)
	require.Equal(t, workflows.Success, result.Outcome)
	require.Equal(t, []string{"pay applied", "send applied"}, told(result))
	whole, err := i.ended(t)
	require.NoError(t, err)
	require.Equal(t, workflows.Success, whole.Outcome)
	require.Equal(t, 3, r.looked("pay"))
	require.Equal(t, 1, r.looked("send"))

	result, err = i.run(t)
	require.NoError(t, err)
	require.Equal(t, workflows.Clean, result.Outcome)
	require.Empty(t, result.Changes)
}

func TestARunLeavesWhatWaitsToTheScopesWorkflowAndTheNextOneJoinsIt(t *testing.T) {
	r := newOrders(task{Name: "pay"}, task{Name: "call"}, task{Name: "send", Order: 1})
	r.stands["pay"] = func(bool) (plan.Stand, error) {
		if r.plans < 3 {
			return plan.Waiting("the bank takes a while"), nil
		}
		return plan.Done(), nil
	}
	i := install(t, r, "")
	result, err := i.run(t)
	require.NoError(t, err)
	require.Equal(t, workflows.Waiting, result.Outcome)
	require.Equal(t, []string{"pay waiting: the bank takes a while", "call applied", "send waiting: after pay"}, told(result))
	first := i.GetWorkflow(t.Context(), scopeID, "").GetRunID()
	steps := i.steps(t)
	require.Equal(t, workflows.StepWaiting, steps["pay"].State)
	require.Equal(t, workflows.StepDone, steps["call"].State)
	require.Equal(t, workflows.StepPending, steps["send"].State)

	result, err = i.run(t)
	require.NoError(t, err)
	require.Equal(t, []string{"pay waiting: the bank takes a while", "send waiting: after pay"}, told(result), "what a run was told of is not told again")
	require.Equal(t, 1, r.looked("call"))
	require.Equal(t, steps["pay"].Since, i.steps(t)["pay"].Since, "it has waited since then")

	result, err = i.run(t)
	require.NoError(t, err)
	require.Equal(t, []string{"pay applied", "send applied"}, told(result))
	_, err = i.ended(t)
	require.NoError(t, err)
	require.Equal(t, first, i.GetWorkflow(t.Context(), scopeID, "").GetRunID(), "it is one workflow")
}

func TestAWaitingStepIsLookedAtWithoutAnyRun(t *testing.T) {
	r := newOrders(task{Name: "pay"})
	r.say("pay", plan.Waiting("the bank takes a while"), nil)
	i := install(t, r, "")
	_, err := i.run(t)
	require.NoError(t, err)
	r.say("pay", plan.Done(), nil)
	whole, err := i.ended(t)
	require.NoError(t, err)
	require.Equal(t, []string{"pay applied"}, told(whole))
}

func TestABlockedStepFailsTheRunAndWaitsForAPerson(t *testing.T) {
	r := newOrders(task{Name: "pay"}, task{Name: "call"}, task{Name: "send", Order: 1})
	r.stands["pay"] = func(afresh bool) (plan.Stand, error) {
		if afresh {
			return plan.Done(), nil
		}
		return plan.Blocked("the card has expired: get another one"), nil
	}
	i := install(t, r, "")
	result, err := i.run(t)
	require.ErrorContains(t, err, "acme: create pay: the card has expired: get another one")
	require.Equal(t, []string{"pay failed: the card has expired: get another one", "call applied", "send waiting: after pay"}, told(result))
	looks := r.looked("pay")

	_, err = i.update(t, workflows.SkipStepMessage, workflows.StepDecision{Step: "send"})
	require.ErrorContains(t, err, "give a reason")
	_, err = i.update(t, workflows.SkipStepMessage, workflows.StepDecision{Step: "pay", Reason: "it is a present"})
	require.ErrorContains(t, err, "what is not paid is not delivered")
	_, err = i.update(t, workflows.RetryStepMessage, workflows.StepDecision{Step: "sell"})
	require.ErrorContains(t, err, `there is no step "sell"; open are: pay, send`)
	_, err = i.update(t, workflows.RetryStepMessage, workflows.StepDecision{Step: "call"})
	require.ErrorContains(t, err, "step call is done")
	_, err = i.update(t, workflows.RetryStepMessage, workflows.StepDecision{Step: "send"})
	require.ErrorContains(t, err, "step send waits for pay")
	require.Equal(t, looks, r.looked("pay"), "nobody looked at it meanwhile")

	step, err := i.update(t, workflows.RetryStepMessage, workflows.StepDecision{Step: "pay", By: "dana"})
	require.NoError(t, err)
	require.Equal(t, workflows.StepDone, step.State)
	whole, err := i.ended(t)
	require.NoError(t, err)
	require.Equal(t, []string{"pay applied", "send applied"}, told(whole))
}

func TestASkippedStepIsDoneForGood(t *testing.T) {
	r := newOrders(task{Name: "call"}, task{Name: "send", Order: 1})
	r.say("call", plan.Blocked("nobody answers"), nil)
	i := install(t, r, "")
	_, err := i.run(t)
	require.Error(t, err)
	step, err := i.update(t, workflows.SkipStepMessage, workflows.StepDecision{Step: "call", By: "dana", Reason: "they wrote"})
	require.NoError(t, err)
	require.Equal(t, workflows.StepSkipped, step.State)
	require.Equal(t, "skipped by dana: they wrote", step.Words)
	whole, err := i.ended(t)
	require.NoError(t, err)
	require.Equal(t, []string{"call applied: skipped by dana: they wrote", "send applied"}, told(whole))
	result, err := i.run(t)
	require.NoError(t, err)
	require.Equal(t, workflows.Clean, result.Outcome)
}

func TestAFailedStepEndsTheWorkflowOnceNothingElseIsOpen(t *testing.T) {
	r := newOrders(task{Name: "pay"}, task{Name: "call"}, task{Name: "send", Order: 1})
	r.say("pay", plan.Stand{}, apierr.Errorf(apierr.Denied, "the bank does not know us"))
	i := install(t, r, "")
	result, err := i.run(t)
	require.Error(t, err)
	require.Equal(t, []string{"pay failed: the bank does not know us", "call applied", "send waiting: after pay"}, told(result))
	require.Equal(t, "Denied", result.Errors[0].Kind)
	_, err = i.ended(t)
	require.ErrorContains(t, err, "the bank does not know us")
	r.say("pay", plan.Done(), nil)
	result, err = i.run(t)
	require.NoError(t, err)
	require.Equal(t, []string{"pay applied", "send applied"}, told(result))
}

func TestWhatIsWantedByNowCounts(t *testing.T) {
	r := newOrders(task{Name: "pay"}, task{Name: "call"})
	r.say("pay", plan.Waiting("the bank takes a while"), nil)
	r.say("call", plan.Waiting("nobody answers"), nil)
	i := install(t, r, "")
	_, err := i.run(t)
	require.NoError(t, err)

	r.mu.Lock()
	r.broken = apierr.Errorf(apierr.Invalid, "the order cannot be read")
	r.mu.Unlock()
	result, err := i.run(t)
	require.ErrorContains(t, err, "the order cannot be read")
	require.Len(t, result.Changes, 2, "the steps go on as they were")

	r.mu.Lock()
	r.broken, r.tasks = nil, []task{{Name: "call"}, {Name: "write"}}
	r.mu.Unlock()
	result, err = i.run(t)
	require.NoError(t, err)
	require.Equal(t, []string{"call waiting: nobody answers", "write applied"}, told(result))
}

func TestACancelledWorkflowStopsAndTheNextRunGoesOn(t *testing.T) {
	r := newOrders(task{Name: "pay"})
	r.say("pay", plan.Waiting("the bank takes a while"), nil)
	i := install(t, r, "")
	_, err := i.run(t)
	require.NoError(t, err)
	require.NoError(t, i.SignalWorkflow(t.Context(), scopeID, "", workflows.CancelMessage, workflows.Decision{By: "dana", Comment: "wrong shop"}))
	result, err := i.ended(t)
	require.ErrorContains(t, err, "cancelled by dana: wrong shop")
	require.Equal(t, []string{"pay failed: the bank takes a while"}, told(result), "nothing waits any more")
	require.Len(t, result.Errors, 1)
	r.say("pay", plan.Done(), nil)
	result, err = i.run(t)
	require.NoError(t, err)
	require.Equal(t, []string{"pay applied"}, told(result))
}

func TestABlockedStepDoesNotWaitForever(t *testing.T) {
	r := newOrders(task{Name: "pay"})
	r.say("pay", plan.Blocked("get another card"), nil)
	i := install(t, r, "", func(o *host.Options) { o.ApprovalDeadline = 300 * time.Millisecond })
	_, err := i.run(t)
	require.Error(t, err)
	_, err = i.ended(t)
	require.ErrorContains(t, err, "nothing came of it since")
	require.ErrorContains(t, err, "get another card")
}

func TestADryRunOnlyPlansSteps(t *testing.T) {
	r := newOrders(task{Name: "pay"}, task{Name: "send", Order: 1})
	i := install(t, r, "")
	started, err := i.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: name}, name, workflows.Input{DryRun: true})
	require.NoError(t, err)
	result := &workflows.Result{}
	require.NoError(t, started.Get(t.Context(), result))
	require.Equal(t, []string{"pay planned", "send planned"}, told(result))
	require.Zero(t, r.looked("pay"))
}
