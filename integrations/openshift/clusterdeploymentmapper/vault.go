package clusterdeploymentmapper

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// field is that of the secret.
const field = "map"

// Current returns the map that Vault has.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, _ []Map) ([]Map, error) {
	path, err := pathOf(s)
	if err != nil {
		return nil, err
	}
	found, ok, err := r.fetch(ctx, path)
	if err != nil || !ok {
		return nil, err
	}
	return []Map{found}, nil
}

// fetch reads the map; ok is false where there is none.
func (r *reconciler) fetch(ctx context.Context, path string) (_ Map, ok bool, err error) {
	found, err := r.vault.Fetch(ctx, path, vaultapi.Latest)
	if apierr.Is(err, apierr.Missing) {
		return Map{}, false, nil
	}
	if err != nil {
		return Map{}, false, err
	}
	text, _ := found.Data.Field(field)
	return Map{Path: path, Entries: parse(text.Reveal())}, true, nil
}

// Apply writes the map.
func (r *reconciler) Apply(ctx context.Context, _ reconcile.Scope, c plan.Change[Map]) error {
	if c.Desired == nil {
		return nil
	}
	return r.vault.Write(ctx, c.Desired.Path, vaultapi.Text(map[string]secret.Value{field: secret.New(c.Desired.text())}))
}
