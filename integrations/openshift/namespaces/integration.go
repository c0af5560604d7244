// Package namespaces creates and deletes namespaces.
//
// What it keeps true: each namespace of app-interface exists in its cluster, or is gone where it is flagged delete.
// Desired: the namespaces that are not flagged.
// Current: of the namespaces that app-interface names those that exist; all others are none of its business.
// Writes: projects on OpenShift, namespaces elsewhere.
// Reference module: reconcile/openshift_namespaces.py.
package namespaces

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name.
const Name = "openshift-namespaces"

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Manages OpenShift Namespaces.",
		Params: append([]reconcile.Param{
			reconcile.ThreadPoolSize(), reconcile.Internal(), reconcile.UseJumpHost(), reconcile.ClusterName(), reconcile.NamespaceName(),
		}, reconcile.Shards()...),
		Reads:     []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes},
		Writes:    []reconcile.System{reconcile.Kubernetes},
		Every:     10 * time.Minute,
		Sharding:  reconcile.Static,
		Partition: namespaced.ByCluster("cluster-name"),
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app, clusters := set.AppInterface(), set.Clusters()
			return reconcile.Reconcile(&reconciler{
				at: func(s reconcile.Scope) graphql.Client { return app.At(s) },
				connect: func(ctx context.Context, s reconcile.Scope, c appinterface.Cluster) (cluster, error) {
					return clusters.Connect(ctx, s, c, false)
				},
			}), nil
		},
	}
}

// cluster is what the integration needs of one.
type cluster interface {
	ListNamespaces(ctx context.Context) ([]kubeapi.Namespace, error)
	CreateNamespace(ctx context.Context, name string) error
	DeleteNamespace(ctx context.Context, name string) error
}

type reconciler struct {
	at      func(reconcile.Scope) graphql.Client
	connect func(context.Context, reconcile.Scope, appinterface.Cluster) (cluster, error)
}
