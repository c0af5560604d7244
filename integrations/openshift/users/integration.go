// Package users deletes users from OpenShift clusters.
//
// What it keeps true: no cluster has a user, of an identity provider that app-interface manages, to whom no role gives
// anything there.
// Desired: of the users that a cluster has those to whom roles that have not expired give a ClusterRole in a namespace or
// the membership of a group.
// Current: the users of the cluster, without those that carry the label admin and those of other identity providers.
// Writes: users and their identities, which it only deletes.
// Reference module: reconcile/openshift_users.py.
package users

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/access"
	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name.
const Name = "openshift-users"

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:      Name,
		Summary:   "Deletion of users from OpenShift clusters.",
		Params:    []reconcile.Param{reconcile.ThreadPoolSize(), reconcile.Internal(), reconcile.UseJumpHost()},
		Reads:     []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes},
		Writes:    []reconcile.System{reconcile.Kubernetes},
		Every:     10 * time.Minute,
		Partition: namespaced.ByItself(),
		Guard:     plan.MaxDeletes{Fraction: 0.1, AtLeast: 10},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app, clusters := set.AppInterface(), set.Clusters()
			return reconcile.Reconcile(&reconciler{
				at:  func(s reconcile.Scope) graphql.Client { return app.At(s) },
				now: time.Now,
				connect: func(ctx context.Context, s reconcile.Scope, c access.ManagedCluster) (cluster, error) {
					return clusters.Connect(ctx, s, c.Cluster, false)
				},
			}), nil
		},
	}
}

// cluster is what the integration needs of one.
type cluster interface {
	ListUsers(ctx context.Context) ([]kubeapi.User, error)
	DeleteUser(ctx context.Context, name string, may func(kubeapi.User) bool) error
}

var _ cluster = (*kubeapi.Client)(nil)

type reconciler struct {
	at      func(reconcile.Scope) graphql.Client
	now     func() time.Time
	connect func(context.Context, reconcile.Scope, access.ManagedCluster) (cluster, error)
}
