package namespacelabels

import (
	"context"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// Vet refuses to label a namespace with conflicts.
func (r *reconciler) Vet(_ context.Context, _ reconcile.Scope, c plan.Change[Labels]) error {
	if c.Current != nil && c.Current.Conflict != "" {
		return apierr.Errorf(apierr.Guard, "%s", c.Current.Conflict)
	}
	return nil
}

// Apply sets and removes labels. The keys are in the state before the labels are on the namespace, so that a label whose
// setting was interrupted is known to be ours, and leave it when the labels are gone.
//
// Differs from the reference: the keys of removed labels leave the state at once. There they do in the run after.
func (r *reconciler) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[Labels]) error {
	namespaces, err := r.namespaces(ctx, s)
	if err != nil {
		return err
	}
	client, err := r.client(ctx, s, namespaces)
	if err != nil {
		return err
	}
	d := c.Desired.differences(*c.Current)
	key := s.Name + "/" + c.Desired.Namespace + suffix
	if err := r.manage(ctx, key, func(managed []string) []string { return append(managed, c.Desired.Managed...) }); err != nil {
		return err
	}
	if len(d.set) > 0 || len(d.remove) > 0 {
		if err := client.LabelNamespace(ctx, c.Desired.Namespace, d.set, d.remove); err != nil {
			return err
		}
	}
	return r.manage(ctx, key, func(managed []string) []string {
		return slices.DeleteFunc(managed, func(key string) bool { return slices.Contains(d.forget, key) })
	})
}

// manage changes the keys that the state has.
func (r *reconciler) manage(ctx context.Context, key string, change func([]string) []string) error {
	return r.store.Update(ctx, key, func(old state.Entry) (state.Entry, error) {
		managed, err := keys(old)
		if err != nil {
			return old, err
		}
		changed := change(slices.Clone(managed))
		slices.Sort(changed)
		if changed = slices.Compact(changed); slices.Equal(changed, managed) {
			return old, nil
		}
		return old.With(changed)
	})
}
