package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
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

func TestFailureMode09_ScopesDoNotStartTogetherAndNotAllAtOnce(t *testing.T) {
	const scopes, atOnce, apart, takes = 50, 20, 50 * time.Millisecond, time.Minute
	suite := testsuite.WorkflowTestSuite{}
	env := suite.NewTestWorkflowEnvironment()
	spec := workflows.Spec{Name: "openshift-quotas", ActivityQueue: "act-kubernetes", Validates: true}
	opened := workflows.Opened{Sharded: true}
	for n := range scopes {
		opened.Shards = append(opened.Shards, fmt.Sprintf("cluster-%02d", n))
	}
	env.RegisterWorkflowWithOptions(spec.Run, workflow.RegisterOptions{Name: spec.Name})
	env.RegisterActivityWithOptions(func(context.Context, workflows.Input) (workflows.Opened, error) { return opened, nil },
		activity.RegisterOptions{Name: "openshift-quotas/open"})
	env.RegisterActivityWithOptions(func(context.Context, plan.Scope) (json.RawMessage, error) { return nil, nil },
		activity.RegisterOptions{Name: "openshift-quotas/check"})
	env.OnActivity("openshift-quotas/check", mock.Anything, mock.Anything).After(takes).Return(json.RawMessage(`[]`), nil)
	var starts []time.Time
	running, most := 0, 0
	env.SetOnChildWorkflowStartedListener(func(_ *workflow.Info, ctx workflow.Context, _ converter.EncodedValues) {
		starts = append(starts, workflow.Now(ctx))
		running++
		most = max(most, running)
	})
	env.SetOnChildWorkflowCompletedListener(func(*workflow.Info, converter.EncodedValue, error) { running-- })
	env.ExecuteWorkflow(spec.Name, workflows.Input{})
	require.NoError(t, env.GetWorkflowError())
	require.Len(t, starts, scopes)
	require.Equal(t, atOnce, most)
	for n := 1; n < atOnce; n++ {
		require.GreaterOrEqual(t, starts[n].Sub(starts[n-1]), apart, "scope %d", n)
	}
	for n := atOnce; n < scopes; n++ {
		require.GreaterOrEqual(t, starts[n].Sub(starts[n-atOnce]), takes, "scope %d", n)
	}
}
