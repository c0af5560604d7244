package integrationsmanager

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Apply makes, changes or deletes one schedule or object.
func (r *reconciler) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[Item]) error {
	if s.Name == schedules {
		return r.applySchedule(ctx, c)
	}
	e, err := r.read(ctx, s)
	if err != nil {
		return err
	}
	client, err := r.client(ctx, s, e)
	if err != nil {
		return err
	}
	switch {
	case c.Action == plan.Delete:
		return client.Delete(ctx, owner(s.Args), e.policy(), *c.Current.Object)
	case c.Action == plan.Update && c.Current.Object.StampOnly:
		return client.Stamp(ctx, owner(s.Args), *c.Desired.Object)
	}
	return client.Apply(ctx, owner(s.Args), *c.Desired.Object)
}

func (r *reconciler) applySchedule(ctx context.Context, c plan.Change[Item]) error {
	temporal, err := r.temporal()
	if err != nil {
		return err
	}
	change := fleet.Change{Action: c.Action}
	if c.Action == plan.Delete {
		change.ID = c.Current.Schedule.ID
	} else {
		change.ID, change.Want = c.Desired.Schedule.ID, *c.Desired.Schedule
	}
	return change.Apply(ctx, temporal)
}
