package workflows_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// outcomes runs an integration whose current state takes some time to read, and returns what the search attribute
// Outcome has been. "" stands for none.
func outcomes(t *testing.T, takes time.Duration) []string {
	t.Helper()
	suite := testsuite.WorkflowTestSuite{}
	env := suite.NewTestWorkflowEnvironment()
	spec := workflows.Spec{Name: "openshift-quotas", ActivityQueue: "act-kubernetes"}
	env.RegisterWorkflowWithOptions(spec.Run, workflow.RegisterOptions{Name: spec.Name})
	register := func(step string, fn any) {
		env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: workflows.Activity(spec.Name, step)})
	}
	register(workflows.StepDesired, func(context.Context, plan.Scope) (json.RawMessage, error) { return json.RawMessage(`1`), nil })
	register(workflows.StepCurrent, func(context.Context, plan.Scope, json.RawMessage) (json.RawMessage, error) { return nil, nil })
	register(workflows.StepDiff, func(context.Context, plan.Scope, json.RawMessage, json.RawMessage) (plan.Plan, error) {
		return plan.Plan{}, nil
	})
	env.OnActivity("openshift-quotas/current", mock.Anything, mock.Anything, mock.Anything).After(takes).Return(json.RawMessage(`1`), nil)
	// Another step still runs when the first one is over for long.
	env.OnActivity("openshift-quotas/diff", mock.Anything, mock.Anything, mock.Anything, mock.Anything).After(6*time.Minute).Return(plan.Plan{}, nil)
	var seen []string
	outcome := temporal.NewSearchAttributeKeyKeyword("Outcome")
	env.OnUpsertTypedSearchAttributes(mock.Anything).Run(func(args mock.Arguments) {
		value, _ := args.Get(0).(temporal.SearchAttributes).GetKeyword(outcome)
		seen = append(seen, value)
	}).Return(nil)
	env.ExecuteWorkflow(spec.Name, workflows.Input{Scope: &workflows.ScopeInput{Scope: plan.Scope{Name: "prod-1"}, Searchable: true}})
	require.True(t, env.IsWorkflowCompleted())
	require.NoError(t, env.GetWorkflowError())
	return seen
}

func TestFailureMode07_ARunWhoseStepDoesNotEndIsShownAsStuck(t *testing.T) {
	for _, tc := range []struct {
		name  string
		takes time.Duration
		seen  []string
	}{
		{"a run that goes on is not stuck", time.Minute, []string{"clean"}},
		{"a run whose step does not end is, until it does", 12 * time.Minute, []string{"stuck", "", "clean"}},
	} {
		t.Run(tc.name, func(t *testing.T) { require.Equal(t, tc.seen, outcomes(t, tc.takes)) })
	}
}
