// Package serviceaccounttokens gives namespaces the tokens of service accounts of other namespaces and clusters.
//
// What it keeps true: each namespace has a Secret with the token of each service account that its datafile, or one of its
// shared resources, names. With --vault-output-path Vault has the same tokens.
// Desired: the Secrets, with the first token of each account by name of the Secret that the cluster keeps it in.
// Current: the Secrets in these namespaces and in those of the accounts, and the copies in Vault.
// Writes: Secrets; a token for an account that has none, which is never deleted; secrets in Vault.
// Reference module: reconcile/openshift_serviceaccount_tokens.py.
package serviceaccounttokens

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name, and the one in the objects' annotation.
const Name = "openshift-serviceaccount-tokens"

const (
	kind    = "Secret"
	version = "0.1.0"
	// outputPath is a flag.
	outputPath = "vault-output-path"
)

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Use OpenShift ServiceAccount tokens across namespaces/clusters.",
		Params: []reconcile.Param{
			reconcile.ThreadPoolSize(), reconcile.Internal(), reconcile.UseJumpHost(), reconcile.VaultOutputPath(),
		},
		Reads:  []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes, reconcile.Vault},
		Writes: []reconcile.System{reconcile.Kubernetes, reconcile.Vault},
		Every:  10 * time.Minute,
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app := set.AppInterface()
			r := &reconciler{
				at:      func(s reconcile.Scope) graphql.Client { return app.At(s) },
				connect: set.Clusters().Connect,
				vault:   set.SecretStore(),
			}
			r.objects = &namespaced.Objects{
				Owner:      kubeapi.Owner{Integration: Name, Version: version},
				Policy:     func(plan.Args) kubeapi.Policy { return kubeapi.Policy{} },
				Namespaces: r.namespaces,
				Connect:    set.Clusters().Connect,
			}
			return reconcile.Reconcile(r), nil
		},
	}
}

// secretStore is what the integration needs of Vault.
type secretStore interface {
	Fetch(ctx context.Context, path string, version vaultapi.Version) (vaultapi.Secret, error)
	Write(ctx context.Context, path string, data vaultapi.Data) error
}

var _ secretStore = clients.SecretStore{}

var (
	_ reconcile.Sharded = (*reconciler)(nil)
	_ reconcile.Sourced = (*reconciler)(nil)
)

type reconciler struct {
	objects *namespaced.Objects
	at      func(reconcile.Scope) graphql.Client
	connect connect
	vault   secretStore
}

// Shards are the clusters with a namespace that gets tokens, or that has an account whose token is taken.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	return r.objects.Shards(ctx, s)
}

// Source implements reconcile.Sourced: the tokens come from the clusters.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	return r.objects.Source(ctx, s)
}
