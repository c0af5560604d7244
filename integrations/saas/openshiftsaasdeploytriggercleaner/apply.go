package openshiftsaasdeploytriggercleaner

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Apply deletes a run. One that has gone is fine, and another one that has taken its name since stays.
func (r *reconciler) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[Run]) error {
	if c.Action != plan.Delete {
		return nil
	}
	client, err := r.client(ctx, s)
	if err != nil {
		return err
	}
	live, err := client.Get(ctx, kind, c.Current.Namespace, c.Current.Name)
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	if err != nil || read(s.Name, live).UID != c.Current.UID {
		return err
	}
	return client.Remove(ctx, live)
}
