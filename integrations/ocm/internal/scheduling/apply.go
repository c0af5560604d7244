package scheduling

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Apply plans an upgrade, takes one back, writes soak days or an approval down, or tells somebody of a fault.
func (r *Scheduler) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[Item]) error {
	switch {
	case c.Desired != nil && c.Desired.Count != nil:
		return r.count(ctx, *c.Desired.Count)
	case c.Desired != nil && c.Desired.Approval != nil:
		return r.approve(ctx, *c.Desired.Approval)
	}
	in, err := r.place(ctx, s)
	if err != nil {
		return err
	}
	switch {
	case c.Desired == nil:
		return r.Kind.Delete(ctx, in, c.Current.Upgrade.Policy)
	case c.Desired.Notice != nil:
		return r.tell(ctx, in, *c.Desired.Notice)
	}
	// The answer to an earlier attempt may have been lost.
	if there, err := r.there(ctx, in, *c.Desired.Upgrade); err != nil || there {
		return err
	}
	return r.Kind.Create(ctx, in, c.Desired.Upgrade.Policy)
}

func (r *Scheduler) tell(ctx context.Context, in Place, n Notice) error {
	// The answer to an earlier attempt may have been lost.
	if told, err := r.Teller.Told(ctx, in, []Notice{n}); err != nil || len(told) > 0 {
		return err
	}
	return r.Teller.Tell(ctx, in, n)
}
