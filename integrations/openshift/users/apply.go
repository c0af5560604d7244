package users

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Apply deletes a user, unless that has become an admin or somebody of another identity provider.
func (r *reconciler) Apply(ctx context.Context, s reconcile.Scope, change plan.Change[User]) error {
	if change.Action != plan.Delete {
		return nil
	}
	c, client, err := r.client(ctx, s)
	if err != nil {
		return err
	}
	return client.DeleteUser(ctx, change.Current.Name, func(u kubeapi.User) bool { return isManaged(c, u) })
}
