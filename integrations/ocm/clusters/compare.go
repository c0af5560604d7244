package clusters

import (
	"context"
	"maps"
	"slices"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/rosa"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Shards are the clusters with an OCM.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	found, err := r.files(ctx, s)
	return slices.Sorted(maps.Keys(found)), err
}

// Source implements reconcile.Sourced: Desired asks OCM as well.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	if _, err := r.files(ctx, s); err != nil {
		return err
	}
	if err := rosa.Inputs(ctx, r.at(s), s.Args); err != nil {
		return err
	}
	return r.requests(s).Inputs(ctx)
}

// Desired returns the cluster, and once that is ready the request for what its datafile lacks.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Item, error) {
	f, err := r.file(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := f.fault(); err != nil {
		return nil, reconcile.Problems{err}
	}
	_, _, live, err := r.read(ctx, s)
	if err != nil {
		return nil, err
	}
	items := []Item{f.item()}
	if live == nil || !live.Ready() {
		return items, nil
	}
	get, err := f.lacks(*live)
	if !get.empty() {
		items = append(items, Item{Cluster: f.Name, What: request, Fill: &get})
	}
	if err != nil {
		return items, reconcile.Problems{err}
	}
	return items, nil
}

// Current returns the cluster where OCM has it, and the request where it is open or its changes are in.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, desired []Item) ([]Item, error) {
	if len(desired) == 0 {
		return nil, nil
	}
	f, _, live, err := r.read(ctx, s)
	if err != nil || live == nil {
		return nil, err
	}
	items := []Item{live.item(f.Name)}
	for _, item := range desired {
		if item.What != request {
			continue
		}
		gateway, err := r.gateway(ctx, s)
		if err != nil {
			return nil, err
		}
		found, err := gateway.Look(ctx, f.request(*item.Fill))
		// One that cannot be made is none; Vet says why.
		if err != nil && !apierr.Is(err, apierr.Invalid) && !apierr.Is(err, apierr.Missing) {
			return nil, err
		}
		if err == nil && found.Outcome != mergerequest.Missing {
			items = append(items, item)
		}
	}
	return items, nil
}

func (r *reconciler) gateway(ctx context.Context, s reconcile.Scope) (mergerequest.Gateway, error) {
	return r.requests(s).Choose(ctx, s.Args.String("gitlab-project-id"))
}
