package scheduling

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Current returns what was counted last, the upgrades to withdraw, those of the desired upgrades that are planned already,
// and the notices that were given. All other policies are none of ours to touch.
func (r *Scheduler) Current(ctx context.Context, s reconcile.Scope, desired []Item) ([]Item, error) {
	in, err := r.place(ctx, s)
	if err != nil {
		return nil, err
	}
	current, err := r.told(ctx, in, desired)
	if err != nil {
		return nil, err
	}
	for _, item := range desired {
		there := false
		switch {
		case item.Upgrade != nil:
			there, err = r.there(ctx, in, *item.Upgrade)
		case item.Approval != nil:
			// What is approved is not asked for.
		case item.Notice != nil:
			continue
		default:
			for _, upgrade := range item.Count.Withdrawn {
				current = append(current, Item{Upgrade: &upgrade})
			}
			item, there, err = r.lastCount(ctx, *item.Count)
		}
		if err != nil {
			return nil, err
		}
		if there {
			current = append(current, item)
		}
	}
	return current, nil
}

// told are the notices that were given.
func (r *Scheduler) told(ctx context.Context, in Place, desired []Item) ([]Item, error) {
	var wanted []Notice
	for _, item := range desired {
		if item.Notice != nil {
			wanted = append(wanted, *item.Notice)
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	given, err := r.Teller.Told(ctx, in, wanted)
	return notices(given), err
}

// lastCount is what was counted before, where anything was.
func (r *Scheduler) lastCount(ctx context.Context, want Count) (last Item, there bool, err error) {
	data, there, err := r.read(ctx, want.StateKey)
	return Item{Count: &Count{StateKey: want.StateKey, Addon: want.Addon, At: data.CheckIn, Covered: data.Covers(want.Reports)}}, there, err
}

// Vet implements reconcile.Vetter.
func (r *Scheduler) Vet(_ context.Context, _ reconcile.Scope, c plan.Change[Item]) error {
	if c.Desired != nil && c.Desired.Upgrade != nil && c.Desired.Upgrade.Fault != "" {
		return apierr.Errorf(apierr.Invalid, "%s", c.Desired.Upgrade.Fault)
	}
	return nil
}
