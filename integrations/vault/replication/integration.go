// Package replication copies secrets from one Vault to another.
//
// What it keeps true: each secret that a replication names is in the other Vault, in versions with the same numbers, so
// that references with a version mean the same in both.
// Desired: the secrets below the paths of a Vault policy, or those that the configurations of a Jenkins instance read,
// with the number of their latest version.
// Current: the same secrets in the other Vault. What else it has is left alone, and nothing is ever deleted.
// Writes: secrets. Versions that the source no longer has are filled with a placeholder.
// Reference module: reconcile/vault_replication.py.
package replication

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Name is the integration's name.
const Name = "vault-replication"

// Definition describes the integration. Its scopes are replications, named <source instance>/<destination instance>.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Replicates secrets from one Vault to another.",
		Reads:   []reconcile.System{reconcile.AppInterface, reconcile.Vault},
		Writes:  []reconcile.System{reconcile.Vault},
		Every:   10 * time.Minute,
		// A secret that is far behind takes one write for each version.
		Profile: workflows.Slow,
		Guard:   plan.NeverDelete{},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app, pool := set.AppInterface(), set.Vault()
			return reconcile.Reconcile(&reconciler{
				at: func(s reconcile.Scope) graphql.Client { return app.At(s) },
				connect: func(ctx context.Context, address string, roleID, secretID secret.Ref) (vault, error) {
					return pool.Connect(ctx, address, roleID, secretID)
				},
			}), nil
		},
	}
}

// vault is what the integration needs of an instance.
type vault interface {
	KV(ctx context.Context, path string) (int, error)
	ListAll(ctx context.Context, folder string) ([]string, error)
	Fetch(ctx context.Context, path string, version vaultapi.Version) (vaultapi.Secret, error)
	Write(ctx context.Context, path string, data vaultapi.Data) error
	WriteVersion(ctx context.Context, path string, data vaultapi.Data, after int) error
}

var _ vault = (*vaultapi.Client)(nil)

var _ reconcile.Sourced = (*reconciler)(nil)

type reconciler struct {
	at      func(reconcile.Scope) graphql.Client
	connect func(ctx context.Context, address string, roleID, secretID secret.Ref) (vault, error)
}
