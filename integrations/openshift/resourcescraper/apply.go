package resourcescraper

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Vet refuses a copy that Vault does not let be compared.
func (r *reconciler) Vet(_ context.Context, _ reconcile.Scope, c plan.Change[Copy]) error {
	if c.Current != nil && c.Current.Unreadable != "" {
		return apierr.Errorf(apierr.Denied, "%s", c.Current.Unreadable)
	}
	return nil
}

// Apply copies an object as it is by now. One that has gone meanwhile leaves Vault as it is.
func (r *reconciler) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[Copy]) error {
	if c.Desired == nil {
		return nil
	}
	client, err := r.client(ctx, s)
	if err != nil {
		return err
	}
	live, err := client.Get(ctx, s.Args.String(resourceKind), s.Args.String(namespaceName), c.Desired.Name)
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	if err != nil {
		return err
	}
	o, err := read(live)
	if err != nil {
		return err
	}
	return r.vault.Write(ctx, c.Desired.Path, o.data)
}
