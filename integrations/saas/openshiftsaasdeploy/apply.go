package openshiftsaasdeploy

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Vet refuses an object that another saas file keeps.
func (r *reconciler) Vet(_ context.Context, _ reconcile.Scope, c plan.Change[Item]) error {
	if c.Current != nil && c.Current.Object != nil && c.Current.Object.Conflict != "" {
		return apierr.Errorf(apierr.Guard, "%s", c.Current.Object.Conflict)
	}
	return nil
}

// Follows implements reconcile.Follower: rollouts take their time, and so does the notice of how they end.
func (r *reconciler) Follows(c plan.Change[Item]) bool {
	return c.Desired != nil && (c.Desired.Rollout != nil || c.Desired.Notice != nil && !c.Desired.Notice.Begin)
}

// Apply applies or deletes an object, or tells that the deployment begins. Why an object cannot be applied is noted for its
// rollout.
func (r *reconciler) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[Item]) error {
	if c.Desired != nil && c.Desired.Notice != nil {
		return r.announce(ctx, s, c)
	}
	item := c.Desired
	if c.Action == plan.Delete {
		item = c.Current
	}
	if item.Object == nil {
		return nil
	}
	err := r.applyObject(ctx, s, c, *item)
	if err == nil || passing(err) || item.Of == nil {
		return err
	}
	if noteErr := r.note(ctx, s, *item.Of, item.Object, err.Error()); noteErr != nil {
		return noteErr
	}
	return err
}

func (r *reconciler) applyObject(ctx context.Context, s reconcile.Scope, c plan.Change[Item], item Item) error {
	st, err := r.load(ctx, s)
	if err != nil {
		return err
	}
	commits := map[string]string{}
	if item.Of != nil {
		commits[item.Of.Target] = item.Of.Commit
	}
	change := plan.Change[kubeapi.Object]{Head: c.Head, Desired: objectOf(c.Desired), Current: objectOf(c.Current)}
	return r.objects(st, r.again(s, st, commits)).Apply(ctx, within(s, item.Object.Cluster), change)
}

func objectOf(item *Item) *kubeapi.Object {
	if item == nil {
		return nil
	}
	return item.Object
}
