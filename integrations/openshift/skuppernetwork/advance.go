package skuppernetwork

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Advance implements reconcile.LongRunning.
func (r *reconciler) Advance(ctx context.Context, s reconcile.Scope, c plan.Change[Part], _ bool) (plan.Stand, error) {
	sites, err := r.members(ctx, s)
	if err != nil {
		return plan.Stand{}, err
	}
	part := c.Desired
	if c.Action == plan.Delete {
		part = c.Current
	}
	one, err := sites.named(part.Site)
	if err != nil {
		return plan.Stand{}, err
	}
	switch {
	case part.Object != nil:
		return plan.Done(), r.controllers(sites).Apply(ctx, at(s, one), objectChange(c))
	case c.Action != plan.Delete:
		to, err := sites.named(part.Link.To)
		if err != nil {
			return plan.Stand{}, err
		}
		return r.link(ctx, s, one, to)
	case part.Link != nil:
		return plan.Done(), r.removeToken(ctx, s, one, part.Link.Token)
	case part.Request != "":
		return plan.Done(), r.removeToken(ctx, s, one, part.Request)
	}
	return r.removeSite(ctx, s, one, kinds(sites))
}

// objectChange is a change of an object as the engine of objects takes it.
func objectChange(c plan.Change[Part]) plan.Change[kubeapi.Object] {
	change := plan.Change[kubeapi.Object]{Head: c.Head}
	if c.Desired != nil {
		change.Desired = c.Desired.Object
	}
	if c.Current != nil {
		change.Current = c.Current.Object
	}
	return change
}

// Skip implements reconcile.LongRunning. What a network lacks is wanted again at the next run, so nothing can be skipped.
func (r *reconciler) Skip(_ context.Context, _ reconcile.Scope, c plan.Change[Part]) error {
	part := c.Desired
	if part == nil {
		part = c.Current
	}
	return apierr.Errorf(apierr.Invalid, "%s cannot be skipped: take the site %s out of the network in app-interface", part.Title(), part.Site)
}
