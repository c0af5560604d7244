package groups

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Apply creates a group, or adds or removes a member.
func (r *reconciler) Apply(ctx context.Context, s reconcile.Scope, change plan.Change[Member]) error {
	c, err := r.cluster(ctx, s)
	if err != nil {
		return err
	}
	client, err := r.connect(ctx, s, c)
	if err != nil {
		return err
	}
	switch change.Action {
	case plan.Create:
		if change.Desired.User == "" {
			return client.CreateGroup(ctx, change.Desired.Group)
		}
		return client.AddGroupMember(ctx, change.Desired.Group, change.Desired.User)
	case plan.Delete:
		return client.RemoveGroupMember(ctx, change.Current.Group, change.Current.User)
	case plan.Update:
	}
	return nil
}
