// Package clusters makes clusters, and keeps them as their datafiles want them, as far as they can be changed.
//
// What it keeps true: a cluster of app-interface that never was there is made by its OCM, or by the ROSA command line where
// it is one of ROSA's; of one that is there the fields are as the datafile says that can be changed; its datafile says what
// only OCM knows: IDs, version, addresses. Nothing is ever deleted.
// Desired: the cluster of the scope, and the merge request with what its datafile lacks.
// Current: the cluster as OCM has it, and the request where it is open or in. One that is not ready is as it is wanted.
// Writes: clusters in OCM, Jobs of the ROSA command line, merge requests in app-interface's repository.
// Reference module: reconcile/ocm_clusters.py, with utils/ocm/products.py and utils/rosa.
package clusters

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/rosa"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Name is the integration's name, and the one in the annotation of Jobs.
const Name = "ocm-clusters"

const version = "0.1.0"

// Definition describes the integration. Its scopes are clusters. Each has a workflow that waits until the cluster is made:
// a datafile that is corrected meanwhile reaches it with the next run, which the workflow of a single change would not learn.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:        Name,
		Summary:     "Manages clusters via OCM.",
		Params:      append([]reconcile.Param{reconcile.GitLabProjectID(), reconcile.ThreadPoolSize()}, rosa.Params()...),
		Reads:       []reconcile.System{reconcile.AppInterface, reconcile.OCM, reconcile.Kubernetes, reconcile.GitLab},
		Writes:      []reconcile.System{reconcile.OCM, reconcile.Kubernetes, reconcile.GitLab},
		Every:       10 * time.Minute,
		LongRunning: true,
		Guard:       plan.NeverDelete{},
		Build:       build,
	}
}

func build(set *clients.Set) (reconcile.Steps, error) {
	app, pool, clusters := set.AppInterface(), set.OCM(), set.Clusters()
	return reconcile.LongRun(&reconciler{
		at:      func(s reconcile.Scope) graphql.Client { return app.At(s) },
		connect: func(ctx context.Context, access ocmapi.Access) (ocm, error) { return pool.Connect(ctx, access) },
		kubernetes: func(ctx context.Context, s reconcile.Scope, cluster appinterface.Cluster) (jobs.Kubernetes, error) {
			return clusters.Connect(ctx, s, cluster, false)
		},
		requests: func(s reconcile.Scope) requests { return set.MergeRequests(s) },
		now:      time.Now,
	}), nil
}

// ocm is what the integration needs of an OCM.
type ocm interface {
	ListClusters(ctx context.Context, condition ocmapi.Search) ([]ocmapi.Cluster, error)
	ProvisionShard(ctx context.Context, cluster string) (string, error)
	CreateCluster(ctx context.Context, cluster ocmapi.NewCluster) error
	CheckNewCluster(ctx context.Context, cluster ocmapi.NewCluster) error
	UpdateCluster(ctx context.Context, cluster string, update ocmapi.ClusterUpdate) error
	CheckClusterUpdate(ctx context.Context, cluster string, update ocmapi.ClusterUpdate) error
	AccessToken(ctx context.Context) (secret.Value, error)
}

// requests is where merge requests go.
type requests interface {
	Inputs(ctx context.Context) error
	Choose(ctx context.Context, projectID string) (mergerequest.Gateway, error)
}

var (
	_ ocm      = (*ocmapi.Client)(nil)
	_ requests = mergerequest.Source{}

	_ reconcile.LongRunning[Item] = (*reconciler)(nil)
	_ reconcile.Sharded           = (*reconciler)(nil)
	_ reconcile.Selective         = (*reconciler)(nil)
	_ reconcile.Sourced           = (*reconciler)(nil)
	_ reconcile.Vetter[Item]      = (*reconciler)(nil)
)

type reconciler struct {
	at         func(reconcile.Scope) graphql.Client
	connect    func(context.Context, ocmapi.Access) (ocm, error)
	kubernetes func(context.Context, reconcile.Scope, appinterface.Cluster) (jobs.Kubernetes, error)
	requests   func(reconcile.Scope) requests
	now        func() time.Time
}
