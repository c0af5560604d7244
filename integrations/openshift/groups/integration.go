// Package groups keeps the members of groups in OpenShift clusters.
//
// What it keeps true: each group that a role of app-interface names exists, and each managed group has exactly the members
// that roles give it.
// Desired: the users, by the names that the cluster knows, of roles that have not expired.
// Current: the members of the managedGroups of clusters. Where OpenShift Cluster Manager has a cluster, its groups
// dedicated-admins and cluster-admins are left to ocm-groups.
// Writes: groups and their members. A group is never deleted.
// Reference module: reconcile/openshift_groups.py.
package groups

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/access"
	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name.
const Name = "openshift-groups"

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Manages OpenShift Groups.",
		Params: append([]reconcile.Param{
			reconcile.ThreadPoolSize(), reconcile.Internal(), reconcile.UseJumpHost(),
		}, reconcile.Shards()...),
		Reads:     []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes},
		Writes:    []reconcile.System{reconcile.Kubernetes},
		Every:     10 * time.Minute,
		Sharding:  reconcile.Static,
		Partition: namespaced.ByItself(),
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
	ListGroups(ctx context.Context) ([]kubeapi.Group, error)
	CreateGroup(ctx context.Context, name string) error
	AddGroupMember(ctx context.Context, group, user string) error
	RemoveGroupMember(ctx context.Context, group, user string) error
}

var _ cluster = (*kubeapi.Client)(nil)

type reconciler struct {
	at      func(reconcile.Scope) graphql.Client
	now     func() time.Time
	connect func(context.Context, reconcile.Scope, access.ManagedCluster) (cluster, error)
}
