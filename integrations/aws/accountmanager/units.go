package accountmanager

import (
	"context"
	"fmt"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// move puts the account into its organisational unit.
func (r *reconciler) move(ctx context.Context, a attempt) (plan.Stand, error) {
	organization, err := r.atPayer(ctx, a.Door)
	if err != nil {
		return plan.Stand{}, err
	}
	root, err := organization.ListUnits(ctx)
	if err != nil {
		return plan.Stand{}, err
	}
	unit, err := root.Find(a.Unit)
	if err != nil {
		return plan.Stand{}, fmt.Errorf("organization.ou in %s: %w", a.File, err)
	}
	if err := organization.MoveAccount(ctx, a.UID, unit.ID); err != nil {
		return plan.Stand{}, err
	}
	return a.noted(ctx, a.Unit)
}
