package workflows_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// account is a scope with two steps in waves, of which the second waits until granted.
type account struct {
	granted bool
	read    int
	looks   map[string]int
	// says is what is answered of the quota while it is not granted; nil is a plain wait.
	says func(looks int) plan.Stand
}

// environment runs the account's workflow.
func (a *account) environment() *testsuite.TestWorkflowEnvironment {
	env := (&testsuite.WorkflowTestSuite{}).NewTestWorkflowEnvironment()
	spec := workflows.Spec{Name: "aws-account-manager", ActivityQueue: "act-aws", LongRunning: true}
	env.RegisterWorkflowWithOptions(spec.Run, workflow.RegisterOptions{Name: spec.Name})
	register := func(step string, fn any) {
		env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: workflows.Activity(spec.Name, step)})
	}
	register(workflows.StepDesired, func(context.Context, plan.Scope) (json.RawMessage, error) {
		a.read++
		return json.RawMessage(`{}`), nil
	})
	register(workflows.StepCurrent, func(context.Context, plan.Scope, json.RawMessage) (json.RawMessage, error) {
		return json.RawMessage(`{}`), nil
	})
	register(workflows.StepDiff, func(context.Context, plan.Scope, json.RawMessage, json.RawMessage) (plan.Plan, error) {
		return plan.Plan{Desired: 2, Changes: []plan.Raw{change(plan.Create, "alias", 0), change(plan.Create, "quota", 1)}}, nil
	})
	register(workflows.StepAdvance, func(_ context.Context, _ plan.Scope, c plan.Raw, _ bool) (plan.Stand, error) {
		a.looks[c.Key]++
		if c.Key == "quota" && a.says != nil {
			return a.says(a.looks[c.Key]), nil
		}
		if c.Key == "quota" && !a.granted {
			return plan.Waiting("AWS has not answered yet"), nil
		}
		return plan.Done(), nil
	})
	env.OnUpsertMemo(mock.Anything).Return(nil)
	env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(nil)
	return env
}

func TestALongRunningScopeGoesOnInANewHistoryWithItsOpenSteps(t *testing.T) {
	a := &account{looks: map[string]int{}}
	first := a.environment()
	first.SetContinueAsNewSuggested(true)
	first.ExecuteWorkflow("aws-account-manager", workflows.Input{
		Scope:   &workflows.ScopeInput{Scope: plan.Scope{Integration: "aws-account-manager", Name: "payer/shop"}},
		ReplyTo: &workflows.Execution{WorkflowID: "aws-account-manager", RunID: "run-1"},
	})
	var again *workflow.ContinueAsNewError
	require.ErrorAs(t, first.GetWorkflowError(), &again)
	require.Equal(t, "aws-account-manager", again.WorkflowType.Name)
	var in workflows.Input
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(again.Input, &in))
	require.Nil(t, in.ReplyTo, "the run that began it has its answer")
	require.Len(t, in.Carried, 1, "a step that a run was told of is over")
	require.Equal(t, "quota", in.Carried[0].Key)
	require.Equal(t, workflows.StepWaiting, in.Carried[0].State)
	require.Equal(t, "AWS has not answered yet", in.Carried[0].Words)
	looks, since := a.looks["quota"], in.Carried[0].Since
	require.Equal(t, looks, in.Carried[0].Tries)

	a.granted = true
	second := a.environment()
	second.SetStartTime(since.Add(1))
	second.ExecuteWorkflow("aws-account-manager", in)
	var result workflows.Result
	require.NoError(t, second.GetWorkflowResult(&result))
	require.Equal(t, workflows.Success, result.Outcome)
	require.Len(t, result.Changes, 1)
	require.Equal(t, "quota", result.Changes[0].Key)
	require.Equal(t, map[string]int{"alias": 1, "quota": looks + 1}, a.looks, "what is done is not done again")
	require.Equal(t, 1, a.read, "the plan is made by runs alone")
}

func TestAStepThatWaitsForATimeIsLookedAtThenAndNotBefore(t *testing.T) {
	begin := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	due := begin.AddDate(0, 0, 7)
	for _, tc := range []struct {
		name  string
		stand plan.Stand
		// early is how much sooner than it should the clock of the step wakes it.
		early int
		looks int
	}{
		{"what waits", plan.Waiting("until the week is over").Until(due), 0, 2},
		{"what waits for a person, until it does not matter any more", plan.Blocked("say something within the week").Until(due), 0, 2},
		{"a step whose clock is behind is looked at again after a pause", plan.Waiting("until the week is over").Until(due), 1, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := &account{looks: map[string]int{}}
			env := a.environment()
			env.SetStartTime(begin)
			a.says = func(looks int) plan.Stand {
				if looks == 1 || looks <= 1+tc.early {
					return tc.stand
				}
				require.False(t, env.Now().Before(due), "it is looked at before its time")
				return plan.Done()
			}
			env.ExecuteWorkflow("aws-account-manager", workflows.Input{
				Scope:   &workflows.ScopeInput{Scope: plan.Scope{Integration: "aws-account-manager", Name: "payer/shop"}},
				ReplyTo: &workflows.Execution{WorkflowID: "aws-account-manager", RunID: "run-1"},
			})
			var result workflows.Result
			require.NoError(t, env.GetWorkflowResult(&result))
			require.Equal(t, workflows.Success, result.Outcome)
			require.Equal(t, tc.looks, a.looks["quota"])
		})
	}
}
