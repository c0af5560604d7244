// Package namespacelabels keeps the labels of namespaces.
//
// What it keeps true: each namespace has the labels of its datafile. Labels that came from there and are in it no more go;
// all others stay.
// Desired: the labels of the namespaces that exist and are not to be deleted.
// Current: of these labels, and of those that were set earlier, the ones that the namespaces have.
// Writes: labels of namespaces, and in the state the keys of those that are managed.
// Reference module: reconcile/openshift_namespace_labels.py.
package namespacelabels

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// Name is the integration's name.
const Name = "openshift-namespace-labels"

// Definition describes the integration. Its scopes are clusters. The state has the keys of the labels that were set, as a
// list under <cluster>/<namespace>-managed-labels.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Manages labels on OpenShift namespaces.",
		Params: append([]reconcile.Param{
			reconcile.ThreadPoolSize(), reconcile.Internal(), reconcile.UseJumpHost(),
		}, reconcile.Shards()...),
		Reads:     []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes},
		Writes:    []reconcile.System{reconcile.Kubernetes},
		Every:     10 * time.Minute,
		Sharding:  reconcile.Static,
		Partition: namespaced.ByCluster(""),
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app, clusters := set.AppInterface(), set.Clusters()
			return reconcile.Reconcile(&reconciler{
				at: func(s reconcile.Scope) graphql.Client { return app.At(s) },
				connect: func(ctx context.Context, s reconcile.Scope, c appinterface.Cluster) (cluster, error) {
					return clusters.Connect(ctx, s, c, false)
				},
				store: set.State(Name),
			}), nil
		},
	}
}

// cluster is what the integration needs of one.
type cluster interface {
	ListNamespaceLabels(ctx context.Context) (map[string]map[string]string, error)
	LabelNamespace(ctx context.Context, name string, set map[string]string, remove []string) error
}

// store is what the integration needs of the state.
type store interface {
	GetAll(ctx context.Context, prefix string) (map[string]state.Entry, error)
	Update(ctx context.Context, key string, change func(old state.Entry) (state.Entry, error)) error
}

var (
	_ cluster           = (*kubeapi.Client)(nil)
	_ store             = (*state.Store)(nil)
	_ reconcile.Sourced = (*reconciler)(nil)
)

type reconciler struct {
	at      func(reconcile.Scope) graphql.Client
	connect func(context.Context, reconcile.Scope, appinterface.Cluster) (cluster, error)
	store   store
}
