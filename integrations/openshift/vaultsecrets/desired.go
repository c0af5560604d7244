package vaultsecrets

import (
	"context"

	"github.com/app-sre/qontract-temporal/integrations/internal/resources"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// reader reads the secrets that namespaces ask for from app-interface.
func reader(app clients.AppInterface) func(context.Context, reconcile.Scope) (resources.Estate, error) {
	return func(ctx context.Context, s reconcile.Scope) (resources.Estate, error) {
		answer, err := SecretNamespaces(ctx, app.At(s))
		if err != nil {
			return resources.Estate{}, err
		}
		return resources.Estate{Namespaces: answer.Namespaces}, nil
	}
}
