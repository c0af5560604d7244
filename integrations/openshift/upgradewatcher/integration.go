// Package upgradewatcher tells Slack of the upgrades of clusters.
//
// What it keeps true: the owners of a cluster have been told once of each upgrade that has begun, and of each version that
// app-interface says the cluster runs.
// Desired: the upgrades of a cluster that have begun, by its UpgradeConfig, or for a hosted control plane by its upgrade
// policies in OCM; and in a scope of their own the versions of all clusters.
// Current: those of them that the state says were told of.
// Writes: messages in Slack, and their keys in the state.
// Reference module: reconcile/openshift_upgrade_watcher.py.
package upgradewatcher

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// Name is the integration's name.
const Name = "openshift-upgrade-watcher"

// Definition describes the integration. Its scopes are the clusters, which are asked for their upgrades, and the versions
// of all of them.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Watches for OpenShift upgrades and sends notifications.",
		Params:  []reconcile.Param{reconcile.ThreadPoolSize(), reconcile.Internal(), reconcile.UseJumpHost()},
		Reads:   []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes, reconcile.OCM, reconcile.Slack},
		Writes:  []reconcile.System{reconcile.Slack},
		Every:   5 * time.Minute,
		Guard:   plan.NeverDelete{},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app, clusters, managers, workspaces := set.AppInterface(), set.Clusters(), set.OCM(), set.Slack()
			return reconcile.Reconcile(&reconciler{
				at: func(s reconcile.Scope) graphql.Client { return app.At(s) },
				connect: func(ctx context.Context, s reconcile.Scope, c appinterface.Cluster) (cluster, error) {
					return clusters.Connect(ctx, s, c, false)
				},
				manager: func(ctx context.Context, access ocmapi.Access) (manager, error) { return managers.Connect(ctx, access) },
				slack: func(ctx context.Context, w slackapi.Workspace, i slackapi.Integration) (poster, error) {
					return workspaces.Connect(ctx, w, i.Token)
				},
				told: set.State(Name),
				now:  time.Now,
			}), nil
		},
	}
}

// cluster is what the integration needs of one.
type cluster interface {
	Supported(ctx context.Context, kind string) (bool, error)
	List(ctx context.Context, kind, namespace, selector string) ([]map[string]any, error)
}

// manager is what it needs of an OCM.
type manager interface {
	ListControlPlaneUpgradePolicies(ctx context.Context, cluster string) ([]ocmapi.UpgradePolicy, error)
}

// poster is what it needs of a workspace.
type poster interface {
	UsergroupID(ctx context.Context, handle string) (string, error)
	PostOnce(ctx context.Context, m slackapi.Message, since time.Time) error
}

// memory is what has been told.
type memory interface {
	Get(ctx context.Context, key string) (state.Entry, error)
	Set(ctx context.Context, key string, value any, metadata map[string]string) error
}

var (
	_ reconcile.Sharded = (*reconciler)(nil)
	_ reconcile.Sourced = (*reconciler)(nil)
)

type reconciler struct {
	at      func(reconcile.Scope) graphql.Client
	connect func(context.Context, reconcile.Scope, appinterface.Cluster) (cluster, error)
	manager func(context.Context, ocmapi.Access) (manager, error)
	slack   func(context.Context, slackapi.Workspace, slackapi.Integration) (poster, error)
	told    memory
	now     func() time.Time
}
