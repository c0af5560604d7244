// Package clusterdeploymentmapper tells by which cluster's Hive each cluster was made.
//
// What it keeps true: a secret in Vault has a map from the IDs of clusters to the clusters whose Hive made them.
// Desired: the IDs in the ClusterDeployments of all clusters that serve the kind.
// Current: the map in Vault.
// Writes: the secret <vault-output-path>/cluster-deployment-mapper.
// Reference module: reconcile/cluster_deployment_mapper.py.
package clusterdeploymentmapper

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

// Name is the integration's name, and that of the secret.
const Name = "cluster-deployment-mapper"

// Definition describes the integration.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Maps ClusterDeployment resources to Cluster IDs.",
		Params:  []reconcile.Param{reconcile.VaultOutputPath()},
		Reads:   []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes, reconcile.Vault},
		Writes:  []reconcile.System{reconcile.Vault},
		Every:   10 * time.Minute,
		Guard:   plan.NeverDelete{},
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
	Supported(ctx context.Context, kind string) (bool, error)
	List(ctx context.Context, kind, namespace, selector string) ([]map[string]any, error)
}

// secretStore is what the integration needs of Vault.
type secretStore interface {
	Fetch(ctx context.Context, path string, version vaultapi.Version) (vaultapi.Secret, error)
	Write(ctx context.Context, path string, data vaultapi.Data) error
}

var _ reconcile.Sourced = (*reconciler)(nil)

type reconciler struct {
	at      func(reconcile.Scope) graphql.Client
	connect func(context.Context, reconcile.Scope, appinterface.Cluster) (cluster, error)
	vault   secretStore
}
