package activities

import (
	"context"

	"go.temporal.io/sdk/activity"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

// advancer carries out changes of a long-running integration. It may write.
type advancer struct {
	reconcile.Steps
	runs Runs
}

func (a advancer) advance(ctx context.Context, scope plan.Scope, change plan.Raw, afresh bool) (plan.Stand, error) {
	stand, err := a.Advance(readonly.Grant(ctx), scope, change, afresh)
	if err == nil {
		activity.GetLogger(ctx).Info(string(stand.Phase), "key", change.Key, "words", stand.Words)
	}
	if err == nil && stand.Phase == plan.PhaseDone {
		landed(a.runs, workflows.StepAdvance, scope)
	}
	return stand, err
}

func (a advancer) skip(ctx context.Context, scope plan.Scope, change plan.Raw) error {
	return a.Skip(readonly.Grant(ctx), scope, change)
}
