package rehearse_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/workflows"
)

// orders asks for what nobody delivers, once, and keeps in the state that it asked.
type orders struct{ set *clients.Set }

func (r *orders) definition() reconcile.Definition {
	return reconcile.Definition{
		Name: "test-orders", Summary: "Orders goods.", Every: time.Hour, LongRunning: true,
		Reads: []reconcile.System{reconcile.AWS}, Writes: []reconcile.System{reconcile.AWS},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			r.set = set
			return reconcile.LongRun(r), nil
		},
	}
}

func (r *orders) Shards(context.Context, reconcile.Scope) ([]string, error) {
	return []string{"acme", "beta"}, nil
}

func (r *orders) Desired(_ context.Context, s reconcile.Scope) ([]note, error) {
	return []note{{s.Name}}, nil
}

func (r *orders) Current(context.Context, reconcile.Scope, []note) ([]note, error) { return nil, nil }

func (r *orders) Advance(ctx context.Context, s reconcile.Scope, c plan.Change[note], _ bool) (plan.Stand, error) {
	if err := r.set.State("test-orders").Set(ctx, s.Name, "asked", nil); err != nil {
		return plan.Stand{}, err
	}
	if c.Key == "beta" {
		return plan.Blocked("pay first"), nil
	}
	return plan.Waiting("the shop takes a while"), nil
}

func (r *orders) Skip(context.Context, reconcile.Scope, plan.Change[note]) error { return nil }

const ordersCase = `Nobody delivers.
-- run --
test-orders
-- estate/state/bucket.yaml --
other/key: 1
-- plan --
failed
waiting to create acme: the shop takes a while
failed to create beta
error: beta: create beta: pay first
-- after/state/bucket.yaml --
other/key: 1
test-orders/acme: asked
test-orders/beta: asked
`

func TestWhatGoesOnAfterARunDoesNotReachTheNextWorld(t *testing.T) {
	checks, temporal, err := rehearsedOn(t, leaktest.New(t), (&orders{}).definition(), ordersCase)
	require.NoError(t, err)
	for _, check := range checks {
		require.Empty(t, check.Fault, check.Name)
	}
	for _, scope := range []string{"acme", "beta"} {
		found, err := temporal.DescribeWorkflowExecution(t.Context(), workflows.RunID("test-orders", scope), "")
		require.NoError(t, err)
		require.NotEqual(t, enums.WORKFLOW_EXECUTION_STATUS_RUNNING, found.GetWorkflowExecutionInfo().GetStatus(), scope)
		require.Eventually(t, func() bool {
			ended, err := temporal.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
				Query: fmt.Sprintf("WorkflowId = '%s' AND ExecutionStatus = 'Terminated'", workflows.RunID("test-orders", scope)),
			})
			return err == nil && ended.GetCount() > 0
		}, 10*time.Second, 50*time.Millisecond, scope)
	}
}
