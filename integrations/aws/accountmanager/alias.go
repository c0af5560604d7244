package accountmanager

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// setAlias gives the account its alias, which no other account of AWS may have.
func (r *reconciler) setAlias(ctx context.Context, a attempt) (plan.Stand, error) {
	inside, err := r.inside(ctx, a.Door, a.UID)
	if err != nil {
		return plan.Stand{}, err
	}
	err = inside.SetAccountAlias(ctx, a.Alias)
	if apierr.Is(err, apierr.Invalid) {
		return plan.Blocked("set another alias in %s: %v", a.File, err), nil
	}
	if err != nil {
		return plan.Stand{}, err
	}
	return a.noted(ctx, a.Alias)
}
