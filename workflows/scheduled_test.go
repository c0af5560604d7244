package workflows_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// scheduled starts the run of a shard by schedule; the run does what run does.
func scheduled(t *testing.T, dryRun bool, run func(workflow.Context, workflows.Input) (*workflows.Result, error)) (*workflows.Result, error) {
	t.Helper()
	suite := testsuite.WorkflowTestSuite{}
	env := suite.NewTestWorkflowEnvironment()
	spec := workflows.Spec{Name: "openshift-quotas"}
	env.RegisterWorkflowWithOptions(spec.Scheduled, workflow.RegisterOptions{Name: workflows.ScheduledType})
	env.RegisterWorkflowWithOptions(run, workflow.RegisterOptions{Name: spec.Name})
	env.ExecuteWorkflow(workflows.ScheduledType, workflows.ScheduledInput{
		Schedule: "openshift-quotas-prod-1", Input: workflows.Input{DryRun: dryRun, Args: plan.Args{"cluster-name": {"prod-1"}}},
	})
	result := &workflows.Result{}
	if err := env.GetWorkflowError(); err != nil {
		return nil, err
	}
	require.NoError(t, env.GetWorkflowResult(result))
	return result, nil
}

func TestAScheduledRunIsAChildWithTheIDOfAManualOne(t *testing.T) {
	for _, tc := range []struct {
		name   string
		dryRun bool
		id     string
	}{
		{"a run that writes", false, "openshift-quotas-prod-1"},
		{"a dry run locks nothing", true, "openshift-quotas-prod-1/dry-run"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			result, err := scheduled(t, tc.dryRun, func(ctx workflow.Context, in workflows.Input) (*workflows.Result, error) {
				require.Equal(t, workflows.Input{DryRun: tc.dryRun, Args: plan.Args{"cluster-name": {"prod-1"}}}, in)
				require.Equal(t, workflows.LongestRun, workflow.GetInfo(ctx).WorkflowExecutionTimeout)
				return &workflows.Result{WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID, Outcome: workflows.Clean}, nil
			})
			require.NoError(t, err)
			require.Equal(t, &workflows.Result{WorkflowID: tc.id, Outcome: workflows.Clean}, result)
		})
	}
}

func TestAScheduledRunFailsAsTheRunDoes(t *testing.T) {
	failed := &workflows.Result{Integration: "openshift-quotas", Outcome: workflows.Failed, Errors: []workflows.Failure{{Message: "boom"}}}
	_, err := scheduled(t, false, func(workflow.Context, workflows.Input) (*workflows.Result, error) {
		return nil, temporal.NewNonRetryableApplicationError("boom", workflows.FailedRun, nil, failed)
	})
	require.ErrorContains(t, err, "boom")
	require.Equal(t, failed, workflows.ResultOf(err))
	var child *temporal.ChildWorkflowExecutionError
	require.NotErrorAs(t, err, &child)
}

func TestAScheduledRunThatDoesNotEndByItselfFailsToo(t *testing.T) {
	_, err := scheduled(t, false, func(workflow.Context, workflows.Input) (*workflows.Result, error) {
		return nil, errors.New("out of order")
	})
	require.ErrorContains(t, err, "out of order")
	require.Nil(t, workflows.ResultOf(err))
}
