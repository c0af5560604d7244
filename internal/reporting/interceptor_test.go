package reporting_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reporting"
	"github.com/app-sre/qontract-temporal/workflows"
)

func TestOfAllWorkflowsTheRunsThatFailedAreReported(t *testing.T) {
	refused := temporal.NewNonRetryableApplicationError("refused", workflows.FailedRun, nil, failed())
	for _, tc := range []struct {
		name   string
		in     workflows.Input
		err    error
		events int
	}{
		{"a run that failed in two scopes", workflows.Input{}, refused, 2},
		{"a run that did not fail", workflows.Input{}, nil, 0},
		{"a dry run", workflows.Input{DryRun: true}, refused, 0},
		{"a scope, whose run reports it", workflows.Input{Scope: &workflows.ScopeInput{Scope: plan.Scope{Name: "prod-1"}}}, refused, 0},
		{"an error without a result", workflows.Input{}, errors.New("cancelled"), 0},
	} {
		for _, on := range []bool{true, false} {
			t.Run(tc.name, func(t *testing.T) {
				s := serve(t)
				var r *reporting.Reporter
				if on {
					r = s.reporter(t, "ERROR")
				}
				environment := (&testsuite.WorkflowTestSuite{}).NewTestWorkflowEnvironment()
				environment.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{r.Interceptor()}})
				environment.RegisterWorkflowWithOptions(func(workflow.Context, workflows.Input) error { return tc.err }, workflow.RegisterOptions{Name: "x"})
				environment.ExecuteWorkflow("x", tc.in)
				require.True(t, environment.IsWorkflowCompleted())
				require.Equal(t, tc.err == nil, environment.GetWorkflowError() == nil)
				r.Stop()
				if on {
					require.Len(t, s.events, tc.events)
				} else {
					require.Empty(t, s.events)
				}
			})
		}
	}
}
