// Package resourcescraper copies what clusters have in a namespace to Vault.
//
// What it keeps true: Vault has the data of each object of one kind in one namespace, of every cluster.
// Desired: the objects of the kind in the namespace, with a digest of their data.
// Current: the secrets in Vault of these objects. What else Vault has is left alone, and nothing is ever deleted.
// Writes: the secrets <vault-output-path>/resource-scraper/<cluster>/<namespace>/<object>.
// Reference module: reconcile/resource_scraper.py.
package resourcescraper

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/openshift/internal/survey"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name, and that of a folder in Vault.
const Name = "resource-scraper"

// Names of flags.
const (
	namespaceName = "namespace-name"
	resourceKind  = "resource-kind"
	outputPath    = "vault-output-path"
)

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Get resources from clusters and store in Vault.",
		Params: []reconcile.Param{
			{Name: namespaceName, Type: reconcile.String, Help: "the namespace that is copied from"},
			{Name: resourceKind, Type: reconcile.String, Help: "the kind of objects that are copied: Kind or Kind.group"},
			reconcile.VaultOutputPath(),
		},
		Reads:     []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes, reconcile.Vault},
		Writes:    []reconcile.System{reconcile.Vault},
		Every:     10 * time.Minute,
		Guard:     plan.NeverDelete{},
		Partition: &reconcile.Partition{Roots: map[string]string{"clusters": "name"}, Most: 10},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app, clusters := set.AppInterface(), set.Clusters()
			return reconcile.Reconcile(&reconciler{
				at: func(s reconcile.Scope) graphql.Client { return app.At(s) },
				connect: func(ctx context.Context, s reconcile.Scope, c appinterface.Cluster) (cluster, error) {
					return clusters.Connect(ctx, survey.ByJumpHosts(s), c, false)
				},
				vault: set.SecretStore(),
			}), nil
		},
	}
}

// cluster is what the integration needs of one.
type cluster interface {
	Get(ctx context.Context, kind, namespace, name string) (map[string]any, error)
	ListKind(ctx context.Context, kind string, namespaces []string) ([]map[string]any, error)
}

// secretStore is what the integration needs of Vault.
type secretStore interface {
	Fetch(ctx context.Context, path string, version vaultapi.Version) (vaultapi.Secret, error)
	Write(ctx context.Context, path string, data vaultapi.Data) error
}

var (
	_ reconcile.Sharded = (*reconciler)(nil)
	_ reconcile.Sourced = (*reconciler)(nil)
)

type reconciler struct {
	at      func(reconcile.Scope) graphql.Client
	connect func(context.Context, reconcile.Scope, appinterface.Cluster) (cluster, error)
	vault   secretStore
}
