package integrationsmanager

import (
	"context"
	"maps"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Current returns the schedules that are ours, or of a cluster the objects that are desired and those that may go.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, desired []Item) ([]Item, error) {
	if s.Name == schedules {
		return r.currentSchedules(ctx, desired)
	}
	e, err := r.read(ctx, s)
	if err != nil {
		return nil, err
	}
	client, err := r.client(ctx, s, e)
	if err != nil {
		return nil, err
	}
	var wanted []kubeapi.Object
	for _, item := range desired {
		wanted = append(wanted, *item.Object)
	}
	var targets []kubeapi.Target
	for _, namespace := range e.in(s.Name) {
		targets = append(targets, kubeapi.Target{Namespace: namespace.Name, Kind: deploymentKind}, kubeapi.Target{Namespace: namespace.Name, Kind: serviceKind})
	}
	live, err := kubeapi.Current(ctx, client, owner(s.Args), wanted, targets, e.policy())
	if err != nil {
		return nil, err
	}
	temporal, err := r.temporal()
	if err != nil {
		return nil, err
	}
	return (&retirement{client: client, versions: temporal, wanted: wanted}).items(ctx, live)
}

// policy adopts what an upstream left behind that no datafile names any more.
func (e *estate) policy() kubeapi.Policy { return kubeapi.Policy{AllCallers: e.upstreams} }

// currentSchedules looks up one by one those that are wanted and not listed: a list may lack what was just made, and one of
// somebody else that is in the way of ours leaves the others alone.
func (r *reconciler) currentSchedules(ctx context.Context, desired []Item) ([]Item, error) {
	temporal, err := r.temporal()
	if err != nil {
		return nil, err
	}
	listed, err := temporal.ListSchedules(ctx)
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, item := range desired {
		wanted[item.Key()] = true
	}
	var items []Item
	for _, live := range listed {
		schedule := fleet.FromTemporal(live)
		item := Item{Schedule: &schedule}
		if schedule.Integration == Name && !wanted[schedule.ID] {
			item.Refusal = ownSchedule
		}
		delete(wanted, schedule.ID)
		items = append(items, item)
	}
	for _, id := range slices.Sorted(maps.Keys(wanted)) {
		live, err := temporal.GetSchedule(ctx, id)
		switch {
		case apierr.Is(err, apierr.Missing):
		case apierr.Is(err, apierr.Conflict):
			items = append(items, Item{Schedule: &fleet.Schedule{ID: id}, Refusal: err.Error()})
		case err != nil:
			return nil, err
		default:
			schedule := fleet.FromTemporal(*live)
			items = append(items, Item{Schedule: &schedule})
		}
	}
	return items, nil
}
