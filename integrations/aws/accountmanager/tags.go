package accountmanager

import (
	"context"
	"maps"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// tag sets the account's tags, and removes those that were wanted before and are not any more. Tags that others set stay.
//
// Differs from the reference: the tags that are removed are the earlier ones. The reference removes those that it is about
// to set, and so keeps the earlier ones.
func (r *reconciler) tag(ctx context.Context, a attempt) (plan.Stand, error) {
	organization, err := r.atPayer(ctx, a.Door)
	if err != nil {
		return plan.Stand{}, err
	}
	var unwanted []string
	if a.was != nil {
		unwanted = slices.DeleteFunc(slices.Sorted(maps.Keys(a.was.Tags)), func(key string) bool {
			_, wanted := a.Tags[key]
			return wanted
		})
	}
	if len(unwanted) > 0 {
		if err := organization.UntagAccount(ctx, a.UID, unwanted...); err != nil {
			return plan.Stand{}, err
		}
	}
	if err := organization.TagAccount(ctx, a.UID, a.Tags); err != nil {
		return plan.Stand{}, err
	}
	return a.noted(ctx, a.Tags)
}
